"""What a source lists: entries, in stretches, and the unit of them that becomes one part of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from curation.errors import ContractError, PaperError
from schemas import Reason

FIRST_UNITS = 16
MIN_PAPERS = 8
STRETCH_ENTRIES = 1024
UNSEEN = "unreadable-"
"""Stamps of what could not be looked at begin so."""


@dataclass(frozen=True)
class Entry:
    """One paper of a source, as the listing sees it, before anything is opened.

    Args:
        member: place of the main content, relative to the source's root; unique in the source.
        size: bytes of the main content (of a folder: of all its files), and of a PDF beside it.
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

    @classmethod
    def failed(
        cls,
        member: str,
        failure: PaperError,
        stamp: str | None = None,
        size: int = 0,
        where: tuple[int, int] | None = None,
    ) -> Entry:
        """An entry that fails, for what cannot be read.

        Args:
            stamp: of what is known for good; without one it could not be looked into, and is again at the next run.
        """
        reason = failure.reason.value
        seen = {"reason": reason, "detail": failure.detail}
        return cls(member, size, f"{UNSEEN}{reason}" if stamp is None else stamp, where=where, seen=seen)

    def check(self) -> None:
        """Raises PaperError: it is one that fails, of a file or a member of a tar."""
        if self.seen is not None:
            raise PaperError(Reason(self.seen["reason"]), self.seen["detail"])

    @property
    def order(self) -> tuple[str, int, str]:
        """Rows of a file as they lie in it, so that parts are stretches of it; everything else by member."""
        return self.member.partition("#")[0], self.where[0] if self.where else -1, self.member


def checked(entries: Iterable[Entry], source: str) -> Iterator[Entry]:
    """Entries, which may be of anybody's source, as they come in.

    Raises:
        ContractError: one is no `Entry`, or a field of it holds what no paper has.
    """
    for entry in entries:
        if not isinstance(entry, Entry):
            raise ContractError(f"source {source!r} lists {entry!r:.200}, which is no Entry of curation.sources.unit")
        for name, (is_it, what) in _FIELDS.items():
            if not is_it(value := getattr(entry, name)):
                raise ContractError(
                    f"source {source!r} lists {entry.member!r:.200} with {name} {value!r:.200}; it is {what}"
                )
        yield entry


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_place(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_number, value))


_FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "member": (lambda value: isinstance(value, str) and value != "", "a text that is not empty"),
    "size": (_is_number, "a count of bytes below 2^63"),
    "stamp": (lambda value: isinstance(value, str), "a text"),
    "pdf_member": (lambda value: value is None or isinstance(value, str), "a text or None"),
    "where": (lambda value: value is None or _is_place(value), "a pair of counts below 2^63 or None"),
    "seen": (lambda value: value is None or isinstance(value, Mapping), "a mapping or None"),
}


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
