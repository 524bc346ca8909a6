"""What a card measures in the shards of one tier."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from schemas.manifest import DataFile, Manifest

Source = Path | BinaryIO
"""What pyarrow opens: `Manifest.source`."""
UNKNOWN = "unknown"
PAPER_IDS = ("arXiv:", "doi:", "bibcode:")
"""Kinds of id that papers have; encyclopedia articles, chapters and replay text have a sha256 of their own."""
_TEXTS_AT_ONCE = 256


class Encoding(Protocol):
    """What a tokenizer gives for one text."""

    ids: list[int]


class Tokenizer(Protocol):
    """The one method needed of `tokenizers.Tokenizer`."""

    def encode_batch(self, texts: list[str], /, *, add_special_tokens: bool) -> list[Encoding]: ...


@dataclass(frozen=True, order=True)
class SampleAt:
    """Where a sample row lies; ordered by the seeded hash that chose it."""

    key: str
    file: int
    row_group: int
    row: int


@dataclass
class TierFigures:
    """Counts over the released rows of a tier: `papers` are works, `engines` those of its pairs."""

    rows: int = 0
    words: int = 0
    papers: int = 0
    years: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    licence_words: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    source_words: Counter[str] = field(default_factory=Counter)
    engines: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)
    cpt_tokens: int | None = None
    sft_pairs: int = 0
    sft_tokens: int | None = None
    files: list[DataFile] = field(default_factory=list)
    pair_files: list[DataFile] = field(default_factory=list)


def measure(manifest: Manifest, tier: str, *, tokenizer: Tokenizer | None, samples: int, seed: int) -> TierFigures:
    """Read the shards of a tier: text shards (column `text`) and pair shards (column `messages`).

    Sample rows are those with the smallest sha256 of seed and id: the same however the shards are cut.

    Raises:
        schemas.manifest.ManifestError: a file is missing or has another size.
    """
    figures = TierFigures()
    if tokenizer is not None:
        figures.cpt_tokens = figures.sft_tokens = 0
    for entry in (f for f in manifest.files if f.tier == tier):
        manifest.check(entry, digest=False)
        names = pq.read_schema(manifest.source(entry)).names
        if "messages" in names:
            figures.pair_files.append(entry)
            figures.sft_pairs += entry.rows
            for engines in _column(manifest.source(entry), "engine"):
                figures.engines.update(engines)
            if figures.sft_tokens is not None and tokenizer is not None:
                figures.sft_tokens += _tokens(tokenizer, _message_texts(manifest.source(entry)))
        else:
            figures.files.append(entry)
            if figures.cpt_tokens is not None and tokenizer is not None:
                figures.cpt_tokens += _tokens(tokenizer, _column(manifest.source(entry), "text"))
    chosen: list[SampleAt] = []
    works, n = np.zeros(sum(entry.rows for entry in figures.files), np.uint64), 0
    for number, entry in enumerate(figures.files):
        for group, rows in _groups(manifest.source(entry)):
            places = (SampleAt(_sample_key(seed, row["id"]), number, group, at) for at, row in enumerate(rows))
            chosen = heapq.nsmallest(samples, chain(chosen, places))
            mine = _count(figures, rows)
            works[n : n + len(mine)], n = mine, n + len(mine)
    figures.papers = _distinct(works[:n])
    figures.samples = [_row(manifest.source(figures.files[at.file]), at) for at in chosen]
    return figures


def _distinct(hashes: np.ndarray) -> int:
    """How many are different; they are sorted where they lie, since there is one for each paper."""
    hashes.sort()
    return int(len(hashes) > 0) + int(np.count_nonzero(hashes[1:] != hashes[:-1]))


def _groups(source: Source) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Number and rows of each row group, of the columns that are counted."""
    wanted = ("id", "paper_id", "date", "licence", "route", "source", "n_words")
    with pq.ParquetFile(source) as parquet:
        columns = [c for c in wanted if c in parquet.schema_arrow.names]
        for group in range(parquet.num_row_groups):
            yield group, parquet.read_row_group(group, columns=columns).to_pylist()


def _count(figures: TierFigures, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Count some rows; returns 64-bit hashes of their works: a card holds 8 bytes a work, not its name."""
    works = []
    for row in rows:
        words = row.get("n_words") or 0
        licence = row.get("licence") or UNKNOWN
        figures.rows += 1
        figures.words += words
        if (paper_id := row.get("paper_id") or row["id"]).startswith(PAPER_IDS):
            works.append(xxhash.xxh3_64_intdigest(paper_id.encode()))
        figures.years[year_of(row.get("date"))] += 1
        figures.licences[licence] += 1
        figures.licence_words[licence] += words
        figures.routes[row.get("route") or UNKNOWN] += 1
        figures.sources[row.get("source") or UNKNOWN] += 1
        figures.source_words[row.get("source") or UNKNOWN] += words
    return np.array(works, np.uint64)


def year_of(date: str | None) -> str:
    """The year of an ISO date, `unknown` when there is none."""
    year = (date or "")[:4]
    return year if len(year) == 4 and year.isascii() and year.isdigit() else UNKNOWN


def _sample_key(seed: int, row_id: str) -> str:
    return hashlib.sha256(f"{seed}\n{row_id}".encode()).hexdigest()


def _row(source: Source, at: SampleAt) -> dict[str, Any]:
    with pq.ParquetFile(source) as parquet:
        row: dict[str, Any] = parquet.read_row_group(at.row_group).slice(at.row, 1).to_pylist()[0]
    return row


def _column(source: Source, name: str) -> Iterator[list[Any]]:
    with pq.ParquetFile(source) as parquet:
        batch: pa.RecordBatch
        for batch in parquet.iter_batches(_TEXTS_AT_ONCE, columns=[name]):
            yield batch.column(0).to_pylist()


def _message_texts(source: Source) -> Iterator[list[str]]:
    for rows in _column(source, "messages"):
        yield [message["content"] for messages in rows for message in messages]


def _tokens(tokenizer: Tokenizer, batches: Iterator[list[str]]) -> int:
    return sum(len(e.ids) for texts in batches for e in tokenizer.encode_batch(texts, add_special_tokens=False))
