"""Which records of a snapshot speak of which paper: both sides meet by name, and the records go home to the paper's part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import xxhash

from curation.identity import parse_arxiv_id
from curation.sources.place import path_of, row_of
from curation.sources.records import contradicts, names_of
from curation.step import ExchangeStep, Inputs, Requires
from schemas import RECORDS, Table

_COLUMNS = ("source", "record_id", "names", "record")


class Records(ExchangeStep):
    """Every record under every name that led to it, the surest name of the paper first (rank 0).

    A record that names another paper than the member's own name does is no record of it (`contradicts`).
    """

    name: ClassVar[str] = "records"
    version: ClassVar[int] = 1
    rows: ClassVar = "many"
    also: ClassVar[tuple[str, ...]] = ("snapshot",)
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id", "rank", "record_id")
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "source_id", "member", "pdf_member"),
        "snapshot": _COLUMNS,
    }
    provides: ClassVar[Table] = RECORDS

    sources: tuple[str, ...]
    """Those with a snapshot."""

    def split(self, inputs: Inputs) -> pa.Table:
        rows = _of_papers(inputs["papers"], self.sources) if "papers" in inputs else _of_snapshot(inputs["snapshot"])
        columns = list(zip(*rows, strict=True)) or [()] * 6
        partitions = [xxhash.xxh32_intdigest(key.encode()) % self.partitions for key in columns[0]]
        return pa.table(
            {
                "partition": pa.array(np.asarray(partitions, np.int32)),
                "key": pa.array(columns[0], pa.string()),
                "doc_id": pa.array(columns[1], pa.string()),
                "source_id": pa.array(columns[2], pa.string()),
                "rank": pa.array(columns[3], pa.int32()),
                "record_id": pa.array(columns[4], pa.string()),
                "record": pa.array(columns[5], pa.large_string()),
            }
        )

    def merge(self, rows: pa.Table) -> pa.Table:
        made: list[dict[str, object]] = []
        columns = ("key", "doc_id", "source_id", "rank", "record_id", "record")
        for _, group in groupby(zip(*(rows[c].to_pylist() for c in columns), strict=True), key=lambda row: row[0]):
            named = list(group)
            papers = [row for row in named if row[1] is not None]
            records = {row[4]: row[5] for row in named if row[1] is None} if papers else {}
            for _, doc_id, source_id, rank, _, _ in papers:
                own = names_of({"id": source_id})
                for record_id, record in records.items():
                    if not contradicts(json.loads(record), own):
                        row_id = f"{rank:02d}~{record_id}"
                        made.append(
                            {"doc_id": doc_id, "row_id": row_id, "rank": rank, "record_id": record_id, "record": record}
                        )
        return RECORDS.rows(made)


_Row = tuple[str, str | None, str | None, int | None, str | None, str | None]


def _of_papers(papers: pa.Table, sources: tuple[str, ...]) -> Iterator[_Row]:
    for paper in papers.to_pylist():
        if paper["source"] in sources:
            for rank, name in enumerate(names_of_paper(paper)):
                yield f"{paper['source']}\0{name}", paper["doc_id"], paper["source_id"], rank, None, None


def _of_snapshot(snapshot: pa.Table) -> Iterator[_Row]:
    for source, record_id, names, record in zip(*(snapshot[c].to_pylist() for c in _COLUMNS), strict=True):
        for name in names:
            yield f"{source}\0{name}", None, None, None, record_id, record


def names_of_paper(paper: Mapping[str, Any]) -> list[str]:
    """What a record may call a paper, the surest first: its place, its arXiv id, its id, and of a file or folder its last
    part and its PDF."""
    member, source_id = paper["member"], paper["source_id"]
    parsed = parse_arxiv_id(source_id)
    is_row = row_of(member) is not None
    path, pdf = path_of(member), path_of(paper["pdf_member"] or "")
    names = [member if is_row else path, *([parsed.id] if parsed else []), source_id]
    if not is_row:
        names += [PurePosixPath(path).name, *([pdf, PurePosixPath(pdf).name] if pdf else [])]
    return list(dict.fromkeys(names))
