"""Boilerplate that a pinned artefact names: a Parquet file of `curation.dedup.paragraphs.ParagraphCounts`."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.artefact import stamp_of
from curation.errors import ConfigError
from curation.text.kernel import U64
from curation.text.paragraphs import Paragraphs, paragraphs
from curation.text.sections import cut_out

MIN_WORDS = 12
"""Shorter paragraphs (headings, captions, single lines) repeat by chance."""


def check_artefact(artefact: Path) -> None:
    """Raises ConfigError when an artefact cannot be read or is another table: told before a text is read."""
    _known(artefact, _stamp(artefact))


def find_boilerplate(texts: pa.ChunkedArray, artefact: Path) -> Paragraphs:
    """The paragraphs of some texts that the artefact (a Parquet file of `ParagraphCounts`) names.

    Raises:
        ConfigError: the artefact cannot be read or is another table.
    """
    hashes, least = _known(artefact, _stamp(artefact))
    found = paragraphs(texts, least)
    marked = np.isin(found.hash, hashes)
    return Paragraphs(*(getattr(found, f.name)[marked] for f in fields(Paragraphs)))


def without_boilerplate(texts: list[str | None], artefact: Path) -> list[str | None]:
    """Texts without the paragraphs that the artefact names; a text of nothing else stays as it is."""
    made = list(texts)
    for i, spans in enumerate(boilerplate_spans(texts, artefact)):
        if spans:
            rest, _ = cut_out(texts[i] or "", [], spans)
            made[i] = rest if rest.strip() else texts[i]
    return made


def boilerplate_spans(texts: list[str | None], artefact: Path) -> list[list[tuple[int, int]]]:
    """The paragraphs of each text that the artefact names, as spans of UTF-8 bytes."""
    found = find_boilerplate(pa.chunked_array([pa.array(texts, pa.large_string())]), artefact)
    spans: list[list[tuple[int, int]]] = [[] for _ in texts]
    for document, start, end in zip(found.document.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        spans[document].append((start, end))
    return spans


def _stamp(artefact: Path) -> tuple[int, ...]:
    try:
        return stamp_of(artefact)
    except OSError as error:
        raise ConfigError(f"boilerplate artefact {artefact} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=2)
def _known(artefact: Path, stamp: tuple[int, ...]) -> tuple[U64, int]:
    """Hashes of the paragraphs of an artefact, and the words of the shortest."""
    try:
        with pq.ParquetFile(artefact) as file:
            if missing := {"hash", "n_words"} - set(file.schema_arrow.names):
                raise ConfigError(
                    f"boilerplate artefact {artefact} is no table of paragraph counts: it has no {', '.join(sorted(missing))}"
                )
            known = file.read(columns=["hash", "n_words"])
    except (OSError, pa.ArrowException) as error:
        raise ConfigError(f"boilerplate artefact {artefact} cannot be read: {error}") from error
    return known["hash"].to_numpy(), min(known["n_words"].to_pylist(), default=MIN_WORDS)
