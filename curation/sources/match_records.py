"""Which records of a snapshot speak of which paper: both sides meet by name, and the records go home to the paper's part."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any, ClassVar, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from curation.identity import parse_arxiv_id
from curation.sources.bounds import MAX_WHOLE
from curation.sources.members import name_in_tar, path_of, row_of
from curation.sources.merge_records import Names, Record, are_of_another, from_spelled, names_of, spelled
from curation.sources.metadata import shared
from curation.sources.paper_names import GENERIC_STEMS, stem_of
from curation.step import ExchangeStep, Inputs, Requires
from schemas import RECORDS, Table

_COLUMNS = ("source", "record_id", "names", "ids", "time", "record")
_SPLIT = pa.schema(
    {
        "partition": pa.int32(),
        "key": pa.string(),
        "doc_id": pa.string(),
        "ids": pa.list_(pa.string()),
        "tie": pa.string(),
        "rank": pa.int32(),
        "record_id": pa.string(),
        "time": pa.string(),
        "record": pa.large_string(),
    }
)
_NEWEST = "newest"
"""In the place of a tie: the row tells one of the two newest times of a stretch of a source's snapshot, to every partition, and as its
rank how many records of the stretch it stands for."""
_MANY = 100
"""Of so many records one alone does not make a snapshot new: its date may be of a year that is to come, as no clock may tell here. Of
fewer it may well be the only one of its month."""
_Paper = TypeVar("_Paper")


class Tie(StrEnum):
    """How a name is a paper's."""

    OWN = "own"
    """Its place, or the id that its name is."""
    STATED = "stated"
    """An arXiv id that it states of itself, where its name is none."""
    PART = "part"
    """A part of its path, which other papers may have too."""


class Records(ExchangeStep):
    """Every record under every name that led to it, the surest name of the paper first (rank 0).

    A record that names another paper than the member's own name does is no record of it (`is_of`), and a part of a path that
    several papers of the source have is no name (`bearers`). A record that goes to very many papers is cut (`shared`). Whether the
    snapshot is older than a member of a tar is told here, where both are: the other papers' rows do not change with its age.
    """

    name: ClassVar[str] = "records"
    version: ClassVar[int] = 8
    rows: ClassVar = "many"
    also: ClassVar[tuple[str, ...]] = ("snapshot",)
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id", "rank", "record_id", "time")
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "source_id", "member", "pdf_member", "said", "as_of"),
        "snapshot": _COLUMNS,
    }
    provides: ClassVar[Table] = RECORDS

    sources: tuple[str, ...]
    """Those with a snapshot."""

    def split(self, inputs: Inputs) -> pa.Table:
        rows = list(
            _of_papers(inputs["papers"], self.sources) if "papers" in inputs else _of_snapshot(inputs["snapshot"])
        )
        cut = [(xxhash.xxh32_intdigest(row[0].encode()) % self.partitions, *row) for row in rows]
        if "snapshot" in inputs:
            newest = list(_newest(inputs["snapshot"]))
            cut += [(partition, *row) for partition in range(self.partitions) for row in newest]
        columns = list(zip(*cut, strict=True)) or [()] * len(_SPLIT)
        return pa.table([pa.array(c, field.type) for c, field in zip(columns, _SPLIT, strict=True)], schema=_SPLIT)

    def merge(self, rows: pa.Table) -> pa.Table:
        made: list[dict[str, object]] = []
        told, rows = _told_and_others(rows)
        columns = ("key", "doc_id", "ids", "tie", "rank", "record_id", "time", "record")
        for key, group in groupby(zip(*(rows[c].to_pylist() for c in columns), strict=True), key=lambda row: row[0]):
            named = list(group)
            newest = told.get(key.partition("\0")[0], "")
            papers = bearers([((row[1], row[2], row[4], row[6]), row[3]) for row in named if row[1] is not None])
            records = {row[5]: row[7] for row in named if row[1] is None} if papers else {}
            ids_of = {row[5]: from_spelled(row[2]) for row in named if row[5] in records}
            if len(papers) > MAX_WHOLE:
                records = {
                    record_id: json.dumps(shared(json.loads(record)), sort_keys=True)
                    for record_id, record in records.items()
                }
            for (doc_id, ids, rank, as_of), tie in papers if records else ():  # most names of a paper are no record's
                own, is_older = from_spelled(ids), as_of is not None and as_of > newest
                for record_id, record in records.items():
                    if is_of(ids_of[record_id], own, tie):
                        row_id = f"{rank:02d}~{record_id}"
                        row = {"doc_id": doc_id, "row_id": row_id, "rank": rank, "tie": tie, "is_older": is_older}
                        made.append({**row, "record_id": record_id, "record": record})
        return RECORDS.rows(made)


_Row = tuple[str, str | None, list[str], str | None, int | None, str | None, str | None, str | None]
"""key, doc_id, ids, tie, rank, record_id, time, record."""


def _of_papers(papers: pa.Table, sources: tuple[str, ...]) -> Iterator[_Row]:
    for paper in papers.to_pylist():
        if paper["source"] in sources:
            said = json.loads(paper["said"]) if paper["said"] else {}
            own = names_of({"id": paper["source_id"]})
            for rank, (name, tie) in enumerate(names_of_paper(paper, own, said).items()):
                key = f"{paper['source']}\0{name}"
                yield key, paper["doc_id"], spelled(own), tie, rank, None, paper["as_of"], None


def _of_snapshot(snapshot: pa.Table) -> Iterator[_Row]:
    for source, record_id, names, ids, _, record in zip(*(snapshot[c].to_pylist() for c in _COLUMNS), strict=True):
        for name in names:
            yield f"{source}\0{name}", None, ids, None, None, record_id, None, record


def _newest(snapshot: pa.Table) -> Iterator[_Row]:
    """Two rows a source, with the newest times of its records: the second stands for all but one."""
    dated = snapshot.select(["source", "time"]).filter(pc.is_valid(snapshot["time"]))
    for source in pc.unique(dated["source"]).to_pylist():
        times = dated.filter(pc.equal(dated["source"], source))["time"]
        newest = times.take(pc.select_k_unstable(times, 2, [("time", "descending")])).to_pylist()
        for time, n in zip(newest, (1, len(times) - 1), strict=False):
            yield f"{source}\0", None, [], _NEWEST, n, None, time, None


def _told_and_others(rows: pa.Table) -> tuple[Mapping[str, str], pa.Table]:
    """Source -> the newest time that its snapshot tells, of many records by two of them; and the rows of papers and records."""
    tells = pc.fill_null(pc.equal(rows["tie"], _NEWEST), False)
    told = rows.filter(tells)
    times: dict[str, list[str]] = {}
    count = Counter[str]()
    for key, time, n in zip(*(told[c].to_pylist() for c in ("key", "time", "rank")), strict=True):
        source = key.partition("\0")[0]
        times[source] = sorted([*times.get(source, ()), time], reverse=True)[:2]
        count[source] += n
    newest = {source: latest[-1 if count[source] >= _MANY else 0] for source, latest in times.items()}
    return newest, rows.filter(pc.invert(tells))


def names_of_paper(paper: Mapping[str, Any], own: Names, said: Record) -> dict[str, Tie]:
    """What a record may call a paper, the surest first: its place, its arXiv id, its id, the arXiv ids that it states, and of a
    file or folder its last part and its PDF.

    Args:
        paper: member, pdf_member, source_id.
        own: the ids that its source_id is.
        said: what its row states of it; empty of a file.
    """
    member, source_id = paper["member"], paper["source_id"]
    in_tar, pdf = name_in_tar(member), path_of(paper["pdf_member"] or "")
    path = path_of(member) if in_tar is None else in_tar
    is_row = row_of(member) is not None
    names = {member if is_row or in_tar is not None else path: Tie.OWN}
    names |= {name: names.get(name, Tie.OWN) for name in sorted(own["arXiv"])}
    names.setdefault(source_id, Tie.OWN if is_row or any(own.values()) else Tie.PART)
    for name in sorted(names_of(said)["arXiv"] if not own["arXiv"] else ()):
        names.setdefault(name, Tie.STATED)
    if not is_row:
        names.setdefault(pdf, Tie.OWN)
        for part in (PurePosixPath(path).name, PurePosixPath(pdf).name):
            if stem_of(part).lower() not in GENERIC_STEMS:
                names.setdefault(part, Tie.OWN if parse_arxiv_id(stem_of(part)) else Tie.PART)
    names.pop("", None)
    return names


def bearers(papers: Sequence[tuple[_Paper, Tie]]) -> Sequence[tuple[_Paper, Tie]]:
    """Those of the papers of one source under one name whose name it is: a part of a path is nobody's when another has it."""
    return papers if len(papers) < 2 else [(paper, tie) for paper, tie in papers if tie != Tie.PART]


def is_of(called: Names, own: Names, tie: Tie) -> bool:
    """Whether a record that a name led to, and that calls its paper so, speaks of the paper.

    Under an arXiv id that a row states, the row's own DOI or bibcode does not keep away the record of that id: the row will
    be that arXiv paper, and must be closed with it.
    """
    return tie == Tie.STATED or not are_of_another(called, own)
