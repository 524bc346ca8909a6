"""The papers of a source that its `select:` takes, chosen while it is listed: by what the records of its metadata say of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt
import xxhash

from curation.errors import UserError
from curation.hashes import Hashes, is_among
from curation.joins import SAMPLES, Join, Kind, Side, some, words_of
from curation.sources.match_records import names_of_paper
from curation.sources.members import utf8
from curation.sources.merge_records import names_of
from curation.sources.metadata import kept
from curation.sources.select import Select
from curation.sources.snapshot import names_of_record, raw_records
from curation.sources.unit import UNSEEN, Entry

NAMELESS = "a record without an id"


class Named(Protocol):
    """A source, as far as a choice asks it."""

    source: str

    def source_id(self, member: str) -> str:
        """The id that the name of a member carries."""


class Choice:
    """Which members a selection takes. Call `of` for all that is listed, then `joins`.

    A member is chosen when a wanted record has one of its names (`match_records.names_of_paper`): of arXiv's tars, its id. One that
    no record names is of no known category, so it is left out. What could not be listed as a member, such as a damaged stretch of a
    tar, stays: nobody knows what it was.

    It holds 8 bytes a name of a record, and 13 more where the record is wanted; names are compared by 64 bits of a hash.

    Args:
        source: whose members they are.
        select: what is wanted.
        metadata: the records, JSON lines.

    Raises:
        UserError: the records cannot be read.
    """

    def __init__(self, source: Named, select: Select, metadata: str) -> None:
        self._source, self._select, self._metadata = source, select, metadata
        self._members = self._known = self._taken = 0
        self._left_out: tuple[str, ...] = ()
        self._unnamed: tuple[str, ...] = ()
        known, wanted, owners = array("Q"), array("Q"), array("I")
        self._records = self._wanted_records = 0
        for record in raw_records(metadata):
            self._records += 1
            hashes = [_hash(name) for name in names_of_record(record)]
            known.extend(hashes)
            if select.takes(record):
                wanted.extend(hashes)
                owners.extend([self._wanted_records] * len(hashes))
                self._wanted_records += 1
        self._known_names: Hashes = np.unique(np.frombuffer(known, np.uint64))
        hashes_of_wanted = np.frombuffer(wanted, np.uint64)
        order = np.argsort(hashes_of_wanted, kind="stable")
        self._wanted_names: Hashes = hashes_of_wanted[order]
        self._owners: npt.NDArray[np.uint32] = np.frombuffer(owners, np.uint32)[order]
        self._is_met = np.zeros(self._wanted_records, bool)

    def of(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Those of some entries that are chosen."""
        for entry in entries:
            if _is_unknown(entry):
                yield entry
                continue
            names = np.array([_hash(name) for name in self._names(entry)], np.uint64)
            self._members += 1
            is_known = bool(is_among(names, self._known_names).any())
            self._known += is_known
            first, after = (np.searchsorted(self._wanted_names, names, side=side) for side in ("left", "right"))
            met = [self._owners[a:b] for a, b in zip(first.tolist(), after.tolist(), strict=True) if b > a]
            for owners in met:
                self._is_met[owners] = True
            if met:
                self._taken += 1
                yield entry
            elif is_known:
                self._left_out = some((*self._left_out, utf8(entry.member)))
            else:
                self._unnamed = some((*self._unnamed, utf8(entry.member)))

    def joins(self) -> tuple[Join, Join]:
        """What was chosen of what is wanted and of what is there; and what no record names.

        Raises:
            UserError: nothing was chosen.
        """
        name = f"{self._source.source}: {self._select.told()}"
        wanted = Side("wanted records", self._wanted_records, int(self._is_met.sum()), self._not_met())
        chosen = Join(Kind.SELECTION, name, wanted, Side("members", self._members, self._taken, self._left_out))
        if not self._taken:
            raise UserError(
                f"source {self._source.source!r}: `select:` ({self._select.told()}) takes none of {self._members:,} members: of "
                f"{self._records:,} records {self._wanted_records:,} are wanted, and {self._known:,} members have a record. Wanted "
                f"are {words_of(wanted)}; members without a record {words_of(Side('', 0, 0, self._unnamed))}. "
                "Mend the selection, or give the metadata of these papers"
            )
        with_record = Side("members", self._members, self._known, self._unnamed)
        records = Side("records", self._records, self._wanted_records)
        return chosen, Join(
            Kind.SELECTION, f"{self._source.source}: wanted records, members with a record", records, with_record
        )

    def _names(self, entry: Entry) -> Iterable[str]:
        member, source_id = utf8(entry.member), self._source.source_id(entry.member)
        paper = {"member": member, "pdf_member": entry.pdf_member, "source_id": source_id}
        return names_of_paper(paper, names_of({"id": source_id}), kept((entry.seen or {}).get("record", {})))

    def _not_met(self) -> tuple[str, ...]:
        """Some wanted records that no member has, in the order of the file."""
        found: list[str] = []
        if self._is_met.all():
            return ()
        number = 0
        for record in raw_records(self._metadata):
            if self._select.takes(record):
                if not self._is_met[number]:
                    found.append((names_of_record(record) or [NAMELESS])[-1])
                    if len(found) == SAMPLES:
                        break
                number += 1
        return tuple(found)


def _is_unknown(entry: Entry) -> bool:
    """Whether an entry is something that could not be looked at, or that has no name and cannot be read."""
    is_nameless = entry.member.partition("#")[2].startswith("~")
    return entry.stamp.startswith(UNSEEN) or (is_nameless and "reason" in (entry.seen or {}))


def _hash(name: str) -> int:
    return xxhash.xxh64_intdigest(name.encode("utf-8", "surrogatepass"))
