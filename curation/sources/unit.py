"""What a source lists: entries, in stretches, and the unit of them that becomes one part of a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

FIRST_UNITS = 16
MIN_PAPERS = 8
STRETCH_ENTRIES = 1024


@dataclass(frozen=True)
class Entry:
    """One paper of a source, as the listing sees it, before anything is opened.

    Args:
        member: place of the main content, relative to the source's root; unique in the source.
        size: bytes of the main content (of a folder: of all its files).
        stamp: changes when the content does (mtime in ns, an ETag); an entry with another stamp is read again.
        pdf_member: a PDF of the same paper beside the main content.
        where: of a row of a data file, where the listing saw it, so that a part need not read the whole file: first byte
            and the one after the last in (unpacked) JSONL; row group and row in it in Parquet. A hint only: the row
            is looked for elsewhere when it is not there, and an entry with another hint is the same entry.
        seen: of a row of JSON lines, what the listing read of it but its text, as fields of a `DataRow`, so that it is not read
            again for the papers table. The stamp is of this, too.
    """

    member: str
    size: int
    stamp: str
    pdf_member: str | None = None
    where: tuple[int, int] | None = field(default=None, compare=False)
    seen: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def order(self) -> tuple[str, int, str]:
        """Rows of a file as they lie in it, so that parts are stretches of it; everything else by member."""
        return self.member.partition("#")[0], self.where[0] if self.where else -1, self.member


@dataclass
class Listing:
    """A stretch of what a source lists, or all of it: papers, the files that were left out by rule (relative paths), and what
    could not be looked into: member -> the error in words. Papers that lay there may be there still."""

    entries: list[Entry] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)

    @classmethod
    def whole(cls, stretches: Iterable[Listing]) -> Listing:
        """All stretches as one, sorted by member; for what is small."""
        made = cls()
        for stretch in stretches:
            made.entries += stretch.entries
            made.left_out += stretch.left_out
            made.unreadable |= stretch.unreadable
        made.entries.sort(key=lambda entry: entry.member)
        return made


def stretches_of(entries: Iterable[Entry]) -> Iterator[Listing]:
    """The entries, so many at a time."""
    left = iter(entries)
    while stretch := list(islice(left, STRETCH_ENTRIES)):
        yield Listing(stretch)


@dataclass(frozen=True)
class Unit:
    """The entries of one part. Written once to the run folder, never changed."""

    source: str
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "entries": [_plain(entry) for entry in self.entries]}

    def to_bytes(self) -> bytes:
        """JSON, a line an entry: indenting it takes more time than listing it."""
        entries = ",\n".join(json.dumps(_plain(entry), sort_keys=True) for entry in self.entries)
        return f'{{"entries": [\n{entries}\n], "source": {json.dumps(self.source)}}}\n'.encode()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Unit:
        return cls(source=value["source"], entries=tuple(_entry(e) for e in value["entries"]))


def _plain(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in vars(entry).items() if name != "seen" or value is not None}


def _entry(value: Mapping[str, Any]) -> Entry:
    where = value.get("where")
    return Entry(**{**value, "where": None if where is None else tuple(where)})


def papers_of_part(count: int, part_papers: int) -> int:
    """How many papers a part gets where a source has no parts yet: a small listing is cut finer, into about `FIRST_UNITS`
    units of `MIN_PAPERS` and more, so that it has work for several workers and its progress shows. What is added later is as
    few units as may be, or a corpus that grows by little each day would be all small files."""
    return min(part_papers, max(MIN_PAPERS, -(-count // FIRST_UNITS)))


def cut_units(source: str, entries: Iterable[Entry], part_bytes: int, part_papers: int) -> Iterator[Unit]:
    """Cut entries, sorted by `Entry.order`, into units of at most `part_bytes` and `part_papers` (a larger single entry stands
    alone), one unit at a time.

    Units are cut once and nothing in a release depends on where.
    """
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size > part_bytes or len(batch) >= part_papers):
            yield Unit(source, tuple(batch))
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield Unit(source, tuple(batch))
