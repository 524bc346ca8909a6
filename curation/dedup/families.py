"""Large families of near duplicates: template texts (circulars, notices, logs) that differ in numbers only go as near
duplicates of one of them, and nobody hears of it unless they are named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

LARGE_FAMILY = 20
"""Families of more documents are named: versions and reprints of one paper are fewer."""
NAMED = 20
"""Families that a report names."""


@dataclass(frozen=True)
class NearFamily:
    """Near duplicates and the copies that stay for them.

    Args:
        documents: how many, the kept ones among them.
        kept: the kept copy that most of them follow.
        samples: two that were removed for it.
    """

    documents: int
    kept: str
    samples: tuple[str, ...]


def near_families(ids: pa.ChunkedArray, mates: pa.ChunkedArray, families: pa.ChunkedArray) -> list[NearFamily]:
    """Families of more than `LARGE_FAMILY` documents, the largest first.

    Args:
        ids, mates, families: near duplicates, the kept copy of each, and the component of both.
    """
    followers: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for family, mate, doc in zip(*(c.to_pylist() for c in (families, mates, ids)), strict=True):
        followers[family].append((mate, doc))
    found = []
    for pairs in followers.values():
        counts = Counter(mate for mate, _ in pairs)
        if (documents := len(pairs) + len(counts)) > LARGE_FAMILY:
            kept = min(counts, key=lambda mate: (-counts[mate], mate))
            found.append(NearFamily(documents, kept, tuple(sorted(doc for mate, doc in pairs if mate == kept)[:2])))
    return sorted(found, key=lambda f: (-f.documents, f.kept))


def families_report(found: Sequence[NearFamily]) -> dict[str, Any]:
    """For report.json: how many families and documents, and the largest by name."""
    largest = [{**asdict(f), "samples": list(f.samples)} for f in found[:NAMED]]
    return {"count": len(found), "documents": sum(f.documents for f in found), "largest": largest}


def families_text(report: Mapping[str, Any], shown: int = 5) -> list[str]:
    """The same for people, a line a family; nothing when there is none."""
    if not report["count"]:
        return []
    families = "family" if report["count"] == 1 else "families"
    lines = [
        f"near duplicates: {report['count']:,} {families} of more than {LARGE_FAMILY} documents, {report['documents']:,} "
        "documents in all; look whether they are texts of one template that differ in numbers only:"
    ]
    for family in report["largest"][:shown]:
        lines.append(
            f"  {family['documents']:,} documents: {family['kept']} stays, removed as near it are "
            f"{' and '.join(family['samples'])}{' ...' if family['documents'] > 3 else ''}"
        )
    if report["count"] > shown:
        lines.append(f"  and {report['count'] - shown:,} more")
    return lines
