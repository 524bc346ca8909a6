"""Which licences let a full text be passed on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.identity import LICENCES, normalise_licence
from schemas.manifest import DataFile, Manifest

OPEN = ("CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY-SA-3.0", "CC0-1.0", "CC-PDM-1.0")
"""Licences under which full text may be passed on without further conditions on its use: what a public tier releases
unless its config names others."""


def is_redistributable(licence: str | None) -> bool:
    """Whether full text under a normalised licence may be passed on at all: a known one, and none of arXiv's own, which
    grant distribution to arXiv alone (https://info.arxiv.org/help/license/). NC and ND licences may, to whom they suit.
    """
    return licence is not None and normalise_licence(licence) == licence and not licence.startswith("arXiv-")


def check_licence(word: str) -> str:
    """The word itself when papers can have it as licence.

    Raises:
        ValueError: they cannot, so that it would match nothing; names what may be meant.
    """
    meant = normalise_licence(word)
    if meant == word:
        return word
    close = [meant] if meant else difflib.get_close_matches(word, LICENCES, n=3) or LICENCES
    raise ValueError(f"{word!r} is no licence as papers name it; known: {', '.join(close)}")


def closed_rows(manifest: Manifest) -> dict[str, str]:
    """Tier -> why it may not be passed on, for every tier of a release with a row that may not.

    Pairs go with the document that they were made from, which the same tier must hold.
    """
    closed: dict[str, str] = {}
    for tier in manifest.tiers:
        documents, pairs = (
            [f for f in manifest.files if (f.tier, f.kind) == (tier, k)] for k in ("documents", "pairs")
        )
        shut = {v for v in _values(manifest, documents, "licence") if not is_redistributable(v)}
        if shut:
            closed[tier] = f"licence {', '.join(sorted(v or 'unknown' for v in shut))}"
        elif strange := _values(manifest, pairs, "doc_id") - _values(manifest, documents, "id"):
            closed[tier] = f"pairs of {min(map(str, strange))}, which it does not hold"
    return closed


def _values(manifest: Manifest, files: Iterable[DataFile], column: str) -> set[str | None]:
    """The distinct values of a column; null for a file without it."""
    found: set[str | None] = set()
    for file in files:
        shard = pq.ParquetFile(manifest.path(file))
        known = column in shard.schema_arrow.names
        found.update(pc.unique(shard.read([column])[column]).to_pylist() if known else [None])
    return found
