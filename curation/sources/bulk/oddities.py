"""What is odd in a manifest: it is read all the same, and told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from curation.errors import first_names
from curation.sources.bulk.manifest import Chunk, Manifest, month_number
from curation.sources.tar_headers import BLOCK


def oddities(manifest: Manifest) -> list[str]:
    """What no reader of a manifest should overlook, a line each; empty when all is as arXiv describes it.

    In the manifests of 2018 and 2020 nearly no `size` of a source tar is a multiple of 512 (`Chunk.max_bytes`); 8 tars list fewer
    papers than their first and last ids span.
    """
    chunks = manifest.chunks
    found = [
        (
            "have a size that is none of a tar (no multiple of 512): the papers' alone, or it is packed",
            (c for c in chunks if c.size % BLOCK),
        ),
        (
            "hold another number of papers than from their first to their last id",
            (c for c in chunks if _spans_other(c)),
        ),
        ("are empty", (c for c in chunks if c.size == 0 or c.num_items == 0)),
        ("begin or end with a paper of another month", (c for c in chunks if not _is_of_month(c))),
        ("begin with a later paper than they end with", (c for c in chunks if c.first_item > c.last_item)),
        ("were made before their month", (c for c in chunks if _is_early(c))),
    ]
    told = [_told(words, which) for words, which in found]
    told += [_told("have the digest of another tar", _same_digest(chunks)), *_of_months(chunks)]
    if manifest.timestamp is None:
        told.append("the list has no time at its end: it may be an excerpt")
    told += [f"unknown field {name}, {count:,} times: passed over" for name, count in manifest.unknown.items()]
    return [line for line in told if line]


def _told(words: str, chunks: Iterable[Chunk]) -> str:
    names = [chunk.filename for chunk in chunks]
    return f"{len(names):,} tars {words}: {first_names(names)}" if names else ""


def _spans_other(chunk: Chunk) -> bool:
    """Of ids of since April 2007 only: before, a number counts within an archive."""
    (first, dot, number), last = chunk.first_item.partition("."), chunk.last_item.partition(".")
    return bool(dot) and first == last[0] and chunk.num_items != int(last[2]) - int(number) + 1


def _is_of_month(chunk: Chunk) -> bool:
    return all(_month_of(item) == chunk.yymm for item in (chunk.first_item, chunk.last_item))


def _month_of(item: str) -> str:
    return item[:4] if "." in item else item[-7:-3]


def _is_early(chunk: Chunk) -> bool:
    return int(chunk.timestamp[:4] + chunk.timestamp[5:7]) < month_number(chunk.yymm)


def _same_digest(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    by_digest: dict[str, Chunk] = {}
    for chunk in chunks:
        if by_digest.setdefault(chunk.md5sum, chunk) is not chunk:
            yield chunk


def _of_months(chunks: Iterable[Chunk]) -> Iterator[str]:
    """Numbers that are missing in a month, papers that lie in two tars of it, months that have none."""
    missing, overlapping, months = [], [], []
    for yymm, group in groupby(chunks, key=lambda chunk: chunk.yymm):
        of_month = list(group)
        months.append(yymm)
        numbers = {chunk.seq_num for chunk in of_month}
        missing += [f"{yymm}_{n:03d}" for n in range(1, max(numbers) + 1) if n not in numbers]
        overlapping += [after for before, after in pairwise(of_month) if after.first_item <= before.last_item]
    if missing:
        yield f"{len(missing):,} tars are missing in their month's numbers: {first_names(missing)}"
    yield _told("begin before the one before them ends", overlapping)
    gaps = [f"{before} to {after}" for before, after in pairwise(months) if _next_month(before) != month_number(after)]
    if gaps:
        yield f"{len(gaps):,} times months are missing between: {first_names(gaps)}"


def _next_month(yymm: str) -> int:
    number = month_number(yymm)
    return number + 89 if number % 100 == 12 else number + 1
