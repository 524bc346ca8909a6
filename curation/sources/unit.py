"""The listing of a source: entries, and the unit that becomes one part of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
        where: of a row of a data file, where the listing saw it, so that a part need not read the whole file: first byte
            and the one after the last in (unpacked) JSONL; row group and the one after it in Parquet. A hint only: the row
            is looked for elsewhere when it is not there, and an entry with another hint is the same entry.
    """

    member: str
    size: int
    stamp: str
    pdf_member: str | None = None
    where: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def order(self) -> tuple[str, int, str]:
        """Rows of a file as they lie in it, so that parts are stretches of it; everything else by member."""
        return self.member.partition("#")[0], self.where[0] if self.where else -1, self.member


@dataclass
class Listing:
    """The papers of a source, the files that were left out by rule (relative paths), and what could
    not be looked into: member -> the error in words. Papers that lay there may be there still."""

    entries: list[Entry] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """The entries of one part. Written once to the run folder, never changed."""

    source: str
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "entries": [dict(vars(e)) for e in self.entries]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Unit:
        return cls(source=value["source"], entries=tuple(_entry(e) for e in value["entries"]))


def _entry(value: Mapping[str, Any]) -> Entry:
    where = value.get("where")
    return Entry(**{**value, "where": None if where is None else tuple(where)})


def cut_units(
    source: str, entries: Iterable[Entry], part_bytes: int, part_papers: int, *, spread: bool = True
) -> list[Unit]:
    """Cut a listing into units of at most `part_bytes` and `part_papers` (a larger single entry stands alone).

    Units are cut once and nothing in a release depends on where.

    Args:
        spread: cut a small listing finer, into about `SPREAD` units of `MIN_PAPERS` and more, so that it has work for several
            workers and its progress shows: for a source that has no units yet. What is added to one is as few units as may
            be, or a corpus that grows by little each day would be all small files.
    """
    entries = list(entries)
    if spread:
        part_papers = min(part_papers, max(MIN_PAPERS, -(-len(entries) // SPREAD)))
    units: list[Unit] = []
    batch: list[Entry] = []
    size = 0
    for entry in sorted(entries, key=lambda e: e.order):
        if batch and (size + entry.size > part_bytes or len(batch) >= part_papers):
            units.append(Unit(source, tuple(batch)))
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        units.append(Unit(source, tuple(batch)))
    return units
