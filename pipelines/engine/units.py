"""Which entries of a source are already in a part, and which make new parts.

Units are written once (`unit-00000.json` beside the parts) and never cut anew: new papers make new units. A unit whose
entries changed or vanished is retired and its remaining entries go to new units.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from curation.errors import NAMED, NoPapersError, RunError, UserError, first_names
from curation.sources.place import utf8
from curation.sources.source import Source
from curation.sources.unit import Entry, Listing, Unit, cut_units
from pipelines.engine.blame import blame
from pipelines.engine.outage import AGAIN, lost_entries, stop_at_lost_entries
from pipelines.engine.receipt import MANIFEST, Manifest
from pipelines.engine.store import Store

_UNIT = re.compile(r"unit-(\d+)\.json")


@dataclass(frozen=True)
class Selection:
    """Part of the sources only, for a trial: `limit` papers of each source, or a share `sample` of all."""

    limit: int | None = None
    sample: float | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise UserError(f"--limit must be 1 or more, not {self.limit}")
        if self.sample is not None and not 0 < self.sample <= 1:
            raise UserError(f"--sample must be above 0 and at most 1, not {self.sample}")

    def apply(self, entries: list[Entry]) -> list[Entry]:
        if self.sample is not None:
            entries = [e for e in entries if _share(e.member) < self.sample]
        return entries[: self.limit] if self.limit is not None else entries

    def to_json(self) -> dict[str, float | int | None]:
        return {"limit": self.limit, "sample": self.sample}


@dataclass(frozen=True)
class PlannedUnit:
    """A unit with its number and the source that reads it."""

    part: int
    unit: Unit
    source: Source
    is_new: bool

    @property
    def file(self) -> str:
        return f"unit-{self.part:05d}.json"


@dataclass(frozen=True)
class UnitPlan:
    """Units of the run, the numbers of those that no longer hold, source -> paths that its listing left out, and warnings about papers that are gone."""

    units: tuple[PlannedUnit, ...]
    retired: tuple[int, ...]
    left_out: Mapping[str, tuple[str, ...]]
    lost: tuple[str, ...]
    news: str
    """What came, changed and went since the last run in this folder, in words; empty when nothing did."""


def plan_units(
    store: Store, folder: str, sources: Sequence[Source], selection: Selection, *, accept_removed: bool = False
) -> UnitPlan:
    """Match the listings of all sources with the units that the run folder knows.

    Args:
        accept_removed: papers that are no longer listed were removed, however many: nothing warns of them.

    Raises:
        UserError: a source is missing or empty.
        RunError: so is one that had papers in the last run, or it lacks most of them, or what they lie in cannot be
            listed: an outage must not take papers for removed.
    """
    known: dict[int, Unit] = {}
    for name in store.names(folder, ".json"):
        if (match := _UNIT.fullmatch(name)) and (unit := store.read_as(f"{folder}/{name}", Unit.from_json)):
            known[int(match[1])] = unit
    last = _last(store, folder, known)
    units: list[PlannedUnit] = []
    left_out: dict[str, tuple[str, ...]] = {}
    lost: list[str] = []
    fresh: list[tuple[Unit, Source]] = []
    for source in sources:
        before = [e.member for unit in last if unit.source == source.source for e in unit.entries]
        listing = _listed(source, before)
        entries = selection.apply(listing.entries)
        left_out[source.source] = tuple(listing.left_out)
        left = {e.member: e for e in entries}
        if not accept_removed:
            stop_at_lost_entries(source.source, source.path, before, left)
            lost += filter(None, [lost_entries(source.source, before, left)])
        for part, unit in sorted(known.items()):
            if unit.source == source.source and all(left.get(e.member) == e for e in unit.entries):
                units.append(PlannedUnit(part, unit, source, is_new=False))
                for entry in unit.entries:
                    del left[entry.member]
        is_first = all(unit.source != source.source for unit in known.values())
        bounds = (source.part_bytes, source.part_papers)
        cut = cut_units(source.source, left.values(), *bounds, spread=is_first)
        fresh += [(unit, source) for unit in cut]
    active = {u.part for u in units}
    first = max(known, default=-1) + 1
    units += [PlannedUnit(first + i, unit, source, is_new=True) for i, (unit, source) in enumerate(fresh)]
    news = _news(last, [u.unit for u in units])
    return UnitPlan(tuple(units), tuple(sorted(set(known) - active)), left_out, tuple(lost), news)


def _listed(source: Source, before: Sequence[str]) -> Listing:
    """What a source lists, where all is there that it listed in the last run, or can be told to be gone.

    Args:
        before: members that it listed then.
    """
    where = f"source {source.source!r}, {source.path}"
    try:
        with blame(f"source {source.source!r}, listing {source.path}"):
            listing = source.listing()
        listing.entries.sort(key=lambda e: e.member)
        if not listing.entries:
            raise NoPapersError(f"source {source.source!r}: nothing to read in {source.path}")
    except NoPapersError as error:
        if before:
            raise RunError(f"{where}: {error}. {len(before):,} papers of the last run lay there; {AGAIN}") from error
        raise
    gone = set(before).difference(e.member for e in listing.entries)
    for place, words in sorted(listing.unreadable.items()):
        if lost := sorted(member for member in gone if _is_within(member, place)):
            raise RunError(f"{where}: {place} cannot be listed ({words}), where {lost[0]} of the last run lay; {AGAIN}")
    return listing


def _is_within(member: str, place: str) -> bool:
    return place == "." or member == place or member.startswith((f"{place}/", f"{place}#"))


def _last(store: Store, folder: str, known: Mapping[int, Unit]) -> list[Unit]:
    """The units of the last run: those that the manifest names, or all when it ended before there was one."""
    manifest = store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json)
    return [known[p.part] for p in manifest.parts if p.part in known] if manifest is not None else list(known.values())


def _news(last: Sequence[Unit], now: Sequence[Unit]) -> str:
    if not last:
        return ""
    old, new = ({(u.source, e.member): e for u in units for e in u.entries} for units in (last, now))
    found = {
        "added": new.keys() - old.keys(),
        "changed": {key for key in new.keys() & old.keys() if new[key] != old[key]},
        "gone": old.keys() - new.keys(),
    }
    return "; ".join(f"{len(keys):,} {what} ({_called(keys)})" for what, keys in found.items() if keys)


def _called(keys: Collection[tuple[str, str]]) -> str:
    return first_names([utf8(member) for _, member in heapq.nsmallest(NAMED, keys)], len(keys))


def _share(member: str) -> float:
    return int.from_bytes(hashlib.sha256(member.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64
