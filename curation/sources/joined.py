"""What the snapshots matched: records that found a paper, papers that found a record. None at all stops the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

import pyarrow as pa

from curation.errors import UserError
from curation.hashes import Hashes, distinct, hashes_of, is_among
from curation.joins import Join, Kind, Side, some, words_of
from curation.sources.match_records import Tie, bearers, is_of, names_of_paper
from curation.sources.members import row_of, utf8
from curation.sources.merge_records import Names, called, names_of
from curation.sources.metadata import kept
from curation.sources.snapshot import records_of
from curation.sources.source import Source
from curation.sources.unit import Entry
from curation.step import Execution, Inputs, Requires, WholeStep
from schemas import Table, field

NAMELESS = "a record without an id"
JOINED = Table(
    name="joined",
    version=1,
    working=True,
    doc="One row a source with a snapshot: what matched.",
    fields=(
        field("source", pa.string(), "Name of the source.", nullable=False),
        field("records", pa.int64(), "Records of its snapshot."),
        field("records_matched", pa.int64(), "Those that speak of a paper."),
        field("records_without", pa.list_(pa.string()), "Names of some others."),
        field("papers", pa.int64(), "Papers of the source."),
        field("papers_matched", pa.int64(), "Those that have a record."),
        field("papers_without", pa.list_(pa.string()), "Places of some others."),
    ),
    sort_by=("source",),
)


class Joined(WholeStep):
    """Counts both sides of every snapshot; it holds 8 bytes a matched paper and 8 a matched record."""

    name: ClassVar[str] = "joined"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "member"),
        "records": ("doc_id", "record_id"),
        "snapshot": ("source", "record_id", "names"),
    }
    streams: ClassVar[tuple[str, ...]] = ("papers", "records", "snapshot")
    provides: ClassVar[Table] = JOINED

    sources: tuple[str, ...]
    """Those with a snapshot."""
    may_be_unmatched: Annotated[tuple[str, ...], Execution()] = ()

    def run(self, inputs: Inputs) -> pa.Table:
        hashes = [(hashes_of(part["doc_id"]), hashes_of(part["record_id"])) for part in inputs.stream("records")]
        papers, records = (distinct([pair[side] for pair in hashes]) for side in (0, 1))
        given = _sides(_marked(inputs.stream("snapshot"), "record_id", records, "names"))
        found = _sides(_marked(inputs.stream("papers"), "doc_id", papers, "member"))
        nothing = (0, 0, ())
        return JOINED.rows(
            dict(zip(JOINED.columns, (source, *given.get(source, nothing), *found.get(source, nothing)), strict=True))
            for source in self.sources
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        return {"joins": [join_of(row).to_json() for row in made["joined"].to_pylist()]}

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Stop at a snapshot that is empty or matches nothing, where the config does not allow it."""
        for value in summary.get("joins", ()):
            join = Join.from_json(value)
            check(join, may_be_unmatched=join.name in self.may_be_unmatched)


def check(join: Join, *, may_be_unmatched: bool) -> None:
    """Raise UserError for a snapshot that is empty, or matches nothing where the config does not allow it."""
    if not join.given.count:
        raise UserError(f"source {join.name!r}: its metadata holds no record")
    if not join.papers.matched and not may_be_unmatched:
        raise UserError(
            f"source {join.name!r}: none of the {join.given.count:,} records of its metadata names one of "
            f"the {join.papers.count:,} papers, whose licences and dates would be unknown. Records are called "
            f"{words_of(join.given)}; papers {words_of(join.papers)}. Give the snapshot of these papers, name them in "
            "its records by a key file, member or slug, or set `allow_unmatched: true` at the source"
        )


def preview(source: Source, entries: Iterable[Entry]) -> Iterator[Join]:
    """What a source's snapshot would match, told by the listing alone: for a dry run. What rows state that the listing did not
    read (Parquet, long records) is not known: fewer may match than in a run then.

    Raises:
        UserError: as `check`, where all rows were read.
    """
    if source.metadata is None:
        return
    members: list[str] = []
    own: list[Names] = []
    named: dict[str, list[tuple[int, Tie]]] = {}
    is_all_seen = True
    for number, entry in enumerate(entries):
        member, source_id = utf8(entry.member), source.source_id(entry.member)
        members.append(member)
        own.append(names_of({"id": source_id}))
        paper = {"member": member, "pdf_member": entry.pdf_member, "source_id": source_id}
        is_all_seen &= entry.seen is not None or row_of(member) is None
        for name, tie in names_of_paper(paper, own[-1], kept((entry.seen or {}).get("record", {}))).items():
            named.setdefault(name, []).append((number, tie))
    found, given = set[int](), list[tuple[str, bool, str]]()
    for names, record in records_of(source.metadata):
        ids = called(record)
        mine = {n for name in names for n, tie in bearers(named.get(name, ())) if is_of(ids, own[n], tie)}
        found |= mine
        given.append((source.source, bool(mine), names[-1] if names else NAMELESS))
    papers = ((source.source, number in found, member) for number, member in enumerate(members))
    sides = [_sides(rows).get(source.source, (0, 0, ())) for rows in (given, papers)]
    join = join_of(dict(zip(JOINED.columns, (source.source, *sides[0], *sides[1]), strict=True)))
    check(join, may_be_unmatched=source.allow_unmatched or not is_all_seen)
    yield join


def join_of(row: Mapping[str, Any]) -> Join:
    given = Side("records", row["records"], row["records_matched"], tuple(row["records_without"]))
    papers = Side("papers", row["papers"], row["papers_matched"], tuple(row["papers_without"]))
    return Join(Kind.METADATA, row["source"], given, papers)


def _marked(parts: Iterable[pa.Table], column: str, matched: Hashes, names: str) -> Iterator[tuple[str, bool, str]]:
    """Source of each row, whether the hash of a column is one of those that matched (ascending), and the last of its names."""
    for part in parts:
        rows = zip(part["source"].to_pylist(), part[names].to_pylist(), strict=True)
        marks = is_among(hashes_of(part[column]), matched)
        for (source, name), mark in zip(rows, marks.tolist(), strict=True):
            yield source, mark, name if isinstance(name, str) else name[-1] if name else NAMELESS


def _sides(rows: Iterable[tuple[str, bool, str]]) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """Source -> rows, those that matched, names of some that did not. Rows: source, whether it matched, name."""
    count, matched = Counter[str](), Counter[str]()
    without: dict[str, tuple[str, ...]] = {}
    for source, is_matched, name in rows:
        count[source] += 1
        matched[source] += is_matched
        if not is_matched:
            without[source] = some((*without.get(source, ()), name))
    return {source: (count[source], matched[source], without.get(source, ())) for source in count}
