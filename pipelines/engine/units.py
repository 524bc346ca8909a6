"""Which entries of a source are already in a part, and which make new parts.

Units are written once (`unit-00000.json` beside the parts) and never cut anew: new papers make new units. A unit whose
entries changed or vanished is retired and its remaining entries go to new units.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from curation.errors import NoPapersError, RunError, UserError
from curation.joins import Join
from curation.sources.source import Source
from curation.sources.unit import Entry, Unit, checked, cut_units, papers_of_part
from pipelines.engine.blame import blame
from pipelines.engine.fingerprint import digest
from pipelines.engine.listed import Listed, Members
from pipelines.engine.outage import AGAIN, lost_entries, stop_at_lost_entries
from pipelines.engine.receipt import MANIFEST, Manifest
from pipelines.engine.store import Store, put

_UNIT = re.compile(r"unit-(\d+)\.json")
_BORDER = re.compile(r"[/#]|\Z")
"""Where the name of something that a member lies in may end, and where its own does."""


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

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is in the sample."""
        return self.sample is None or _share(entry.member) < self.sample

    def to_json(self) -> dict[str, float | int | None]:
        return {"limit": self.limit, "sample": self.sample}


def unit_file(part: int) -> str:
    """The file that holds the entries of a part, in the folder of papers."""
    return f"unit-{part:05d}.json"


@dataclass(frozen=True)
class PlannedUnit:
    """A unit with its number, the source that reads it, how many entries it has and the digest of them: they lie in a file."""

    part: int
    source: Source
    count: int
    digest: str

    @property
    def file(self) -> str:
        return unit_file(self.part)


@dataclass(frozen=True)
class UnitPlan:
    """Units of the run, the numbers of those that no longer hold, source -> paths that its listing left out, and warnings about papers that are gone."""

    units: tuple[PlannedUnit, ...]
    retired: tuple[int, ...]
    left_out: Mapping[str, tuple[str, ...]]
    lost: tuple[str, ...]
    news: str
    """What came, changed and went since the last run in this folder, in words; empty when nothing did."""
    joins: tuple[Join, ...]
    """What selections of the sources took of what they list."""
    listed: Mapping[str, Listed]
    """Source -> what it lists; to be closed."""

    def close(self) -> None:
        """Let go of the entries."""
        for listed in self.listed.values():
            listed.close()


def plan_units(
    store: Store,
    folder: str,
    sources: Sequence[Source],
    selection: Selection,
    *,
    accept_removed: bool = False,
    dry: bool = False,
) -> UnitPlan:
    """Match the listings of all sources with the units that the run folder knows, and write down the new ones.

    Args:
        accept_removed: papers that are no longer listed were removed, however many: nothing warns of them.
        dry: write nothing.

    Raises:
        UserError: a source is missing or empty.
        RunError: so is one that had papers in the last run, or it lacks most of them, or what they lie in cannot be
            listed: an outage must not take papers for removed.
    """
    known, listed = _known(store, folder)
    left_out: dict[str, tuple[str, ...]] = {}
    lost: list[str] = []
    joins: list[Join] = []
    for source in sources:
        if source.source not in listed:
            listed[source.source] = Listed(source.source)
        there = listed[source.source]
        left_out[source.source], chosen = _list(source, there, selection)
        joins += chosen
        if not accept_removed:
            gone = there.gone()
            stop_at_lost_entries(source.source, source.path, gone, there.last_count)
            lost += filter(None, [lost_entries(source.source, gone, there.last_count)])
    for name in listed.keys() - left_out.keys():  # of sources that the config no longer has
        listed[name].compare()
    news = _news(listed)
    units: list[PlannedUnit] = []
    fresh: list[PlannedUnit] = []
    for source in sources:  # when all are listed: a run that stops at an outage leaves no unit behind
        there = listed[source.source]
        of_source = {part: unit for part, unit in known.items() if unit.source == source.source}
        for part in there.hold({part: unit.count for part, unit in of_source.items()}):
            units.append(PlannedUnit(part, source, known[part].count, known[part].digest))
        papers = source.part_papers if of_source else papers_of_part(there.count_left(), source.part_papers)
        for unit in cut_units(source.source, there.left(), source.part_bytes, papers):
            number = max(known, default=-1) + 1 + len(fresh)
            fresh.append(PlannedUnit(number, source, len(unit.entries), digest(unit.to_json())))
            if not dry and store.add(file := f"{folder}/{fresh[-1].file}", partial(put, body=unit.to_bytes())) is None:
                raise store.foreign(file)
    retired = tuple(sorted(known.keys() - {unit.part for unit in units}))
    return UnitPlan((*units, *fresh), retired, left_out, tuple(lost), news, tuple(joins), listed)


@dataclass(frozen=True)
class _Known:
    source: str
    count: int
    digest: str


def _known(store: Store, folder: str) -> tuple[dict[int, _Known], dict[str, Listed]]:
    """The units that the run folder has, and their entries by source.

    Those of the last run are the ones that the manifest names, or all when it ended before there was one.
    """
    manifest = store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json)
    last = None if manifest is None else {part.part for part in manifest.parts}
    known: dict[int, _Known] = {}
    listed: dict[str, Listed] = {}
    for name in store.names(folder, ".json"):
        if (match := _UNIT.fullmatch(name)) and (unit := store.read_as(f"{folder}/{name}", Unit.from_json)):
            part = int(match[1])
            known[part] = _Known(unit.source, len(unit.entries), digest(unit.to_json()))
            if unit.source not in listed:
                listed[unit.source] = Listed(unit.source)
            listed[unit.source].know(part, unit, is_last=last is None or part in last)
    return known, listed


def _list(source: Source, there: Listed, selection: Selection) -> tuple[tuple[str, ...], tuple[Join, ...]]:
    """Take in what a source lists, where all is there that it listed in the last run, or can be told to be gone.

    Returns:
        What its listing left out, and what its own selection took.
    """
    where = f"source {source.source!r}, {source.path}"
    count, left_out, unreadable = 0, list[str](), dict[str, str]()
    try:
        with blame(f"source {source.source!r}, listing {source.path}"):
            choice = source.choice()
            for stretch in source.listing():
                entries = checked(stretch.entries, there.source)
                there.add(entry for entry in (choice.of(entries) if choice else entries) if selection.takes(entry))
                count += len(stretch.entries)
                left_out += stretch.left_out
                unreadable |= stretch.unreadable
        if not count:
            raise NoPapersError(f"nothing to read in {source.path}")
        joins = choice.joins() if choice else ()
    except NoPapersError as error:
        if there.last_count:
            raise RunError(
                f"source {source.source!r}: {error}. {there.last_count:,} papers of the last run lay there; {AGAIN}"
            ) from error
        raise NoPapersError(f"source {source.source!r}: {error}") from error
    there.compare()
    if unreadable and (found := _first_within(there.each_gone(), unreadable)):
        place, member = found
        raise RunError(
            f"{where}: {place} cannot be listed ({unreadable[place]}), where {member} of the last run lay; {AGAIN}"
        )
    if selection.limit is not None:
        there.limit(selection.limit)
    return tuple(left_out), joins


def _first_within(members: Iterable[str], places: Collection[str]) -> tuple[str, str] | None:
    """The first place that some of the members (sorted) lie in or are, and the first of these."""
    found: dict[str, str] = {}
    for member in members:
        for place in (".", *(member[: match.start()] for match in _BORDER.finditer(member))):
            if place in places:
                found.setdefault(place, member)
    return min(found.items(), default=None)


def _news(listed: Mapping[str, Listed]) -> str:
    if not any(there.last_count for there in listed.values()):
        return ""
    in_order = [listed[name] for name in sorted(listed)]
    found = {
        "added": [there.added() for there in in_order],
        "changed": [there.changed() for there in in_order],
        "gone": [there.gone() for there in in_order],
    }
    told = {what: Members.all(members) for what, members in found.items()}
    return "; ".join(f"{them.count:,} {what} ({them.words})" for what, them in told.items() if them.count)


def _share(member: str) -> float:
    return int.from_bytes(hashlib.sha256(member.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64
