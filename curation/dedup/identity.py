"""Versions of one work: the same arXiv id, DOI, bibcode or work_id, however much the text changed between them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import Field

from curation.dedup.scope import Scopes
from curation.step import ExchangeStep, Inputs, Requires
from schemas import EDGES, Table

IDENTITY_EDGES = Table(
    name="identity_edges",
    version=1,
    doc="One row a pair of documents of one work, by arXiv id, DOI, bibcode or work_id, doc_id < mate.",
    fields=EDGES.fields,
    sort_by=EDGES.sort_by,
)
_PREFIXES = ("arXiv:", "doi:", "bibcode:")
_GIVEN = "work:"


def work_keys(paper_id: str, doi: str | None, bibcode: str | None, work_id: str | None) -> list[str]:
    """What names the work of a paper: its arXiv id, DOI, bibcode and the source's work_id, each with its prefix."""
    keys = {paper_id} if paper_id.startswith(_PREFIXES) else set()
    if doi:
        keys.add(f"doi:{doi.lower()}")
    if bibcode:
        keys.add(f"bibcode:{bibcode}")
    if work_id:
        keys.add(f"{_GIVEN}{work_id}")
    return sorted(keys)


class IdentityEdges(ExchangeStep):
    """Star edges between documents that name the same work.

    A DOI or bibcode of more than `max_papers` different paper ids names no work but a volume or a mistake, and makes no edges;
    a work_id that the source gives is believed.
    """

    name: ClassVar[str] = "identity_edges"
    version: ClassVar[int] = 2
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id")
    requires: ClassVar[Requires] = {"papers": ("doc_id", "paper_id", "source", "doi", "bibcode", "work_id")}
    provides: ClassVar[Table] = IDENTITY_EDGES

    max_papers: int = Field(default=3, ge=1)
    scope: Scopes = Scopes({})

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key, doc_id, paper_id; a row for each document and name of its work."""
        papers = inputs["papers"].select(["doc_id", "paper_id", "source", "doi", "bibcode", "work_id"])
        rows = [
            (f"{key}\0{source}" if self.scope.of(source) == "within" else key, doc_id, paper_id)
            for doc_id, paper_id, source, doi, bibcode, work_id in zip(
                *(c.to_pylist() for c in papers.columns), strict=True
            )
            for key in work_keys(paper_id, doi, bibcode, work_id)
            if self.scope.of(source) in ("across", "within")
        ]
        keys, ids, paper_ids = (pa.array([r[i] for r in rows], pa.string()) for i in range(3))
        codes = np.array([xxhash.xxh32_intdigest(r[0].encode()) for r in rows], np.int64) % self.partitions
        return pa.table(
            {"partition": pa.array(codes.astype(np.int32)), "key": keys, "doc_id": ids, "paper_id": paper_ids}
        )

    def merge(self, rows: pa.Table) -> pa.Table:
        works = rows.group_by("key", use_threads=False).aggregate(
            [("doc_id", "min"), ("doc_id", "count"), ("paper_id", "count_distinct")]
        )
        few = pc.less_equal(works["paper_id_count_distinct"], self.max_papers)
        real = pc.and_(pc.greater(works["doc_id_count"], 1), pc.or_(few, pc.starts_with(works["key"], _GIVEN)))
        first = dict(zip(*(works.filter(real)[c].to_pylist() for c in ("key", "doc_id_min")), strict=True))
        pairs = {
            (first[key], doc_id)
            for key, doc_id in zip(rows["key"].to_pylist(), rows["doc_id"].to_pylist(), strict=True)
            if key in first and first[key] != doc_id
        }
        return IDENTITY_EDGES.rows({"doc_id": a, "mate": b, "kind": "identity"} for a, b in sorted(pairs))
