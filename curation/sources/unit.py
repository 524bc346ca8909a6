"""The listing of a source: entries, and the unit that becomes one part of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SPREAD = 16
MIN_PAPERS = 8


@dataclass(frozen=True)
class Entry:
    """One paper of a source, as the listing sees it, before anything is opened.

    Args:
        member: place of the main content, relative to the source's root; unique in the source.
        size: bytes of the main content (of a folder: of all its files).
        stamp: changes when the content does (mtime in ns, an ETag); an entry with another stamp is read again.
        pdf_member: a PDF of the same paper beside the main content.
        metadata: the record of the metadata snapshot that belongs to the paper, raw.
    """

    member: str
    size: int
    stamp: str
    pdf_member: str | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Unit:
    """The entries of one part. Written once to the run folder, never changed."""

    source: str
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "entries": [dict(vars(e)) for e in self.entries]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Unit:
        return cls(source=value["source"], entries=tuple(Entry(**e) for e in value["entries"]))


def cut_units(source: str, entries: Iterable[Entry], part_bytes: int, part_papers: int) -> list[Unit]:
    """Cut a listing into units of at most `part_bytes` and `part_papers` (a larger single entry stands alone).

    A small listing is cut finer, into about `SPREAD` units of `MIN_PAPERS` and more, so that it has work for several
    workers and its progress shows. Units are cut once and nothing in a release depends on where.
    """
    entries = list(entries)
    part_papers = min(part_papers, max(MIN_PAPERS, -(-len(entries) // SPREAD)))
    units: list[Unit] = []
    batch: list[Entry] = []
    size = 0
    for entry in sorted(entries, key=lambda e: e.member):
        if batch and (size + entry.size > part_bytes or len(batch) >= part_papers):
            units.append(Unit(source, tuple(batch)))
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        units.append(Unit(source, tuple(batch)))
    return units
