"""Versions of one work: an arXiv id, DOI, bibcode or work_id in common, however much the text changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import Field

from curation.dedup.scope import Scopes
from curation.step import ExchangeStep, Inputs, Requires
from schemas import IDENTITY_EDGES, Table

PAPERS_BOUND = 1_000_000
_PREFIXES = ("arXiv:", "doi:", "bibcode:")
_GIVEN = "work:"


def work_keys(links: Sequence[str], work_id: str | None) -> list[str]:
    """What names the work of a paper: all its ids but that of its content, and the source's work_id, each with its prefix."""
    keys = [link for link in links if link.startswith(_PREFIXES)]
    return [*keys, f"{_GIVEN}{work_id}"] if work_id else keys


class IdentityEdges(ExchangeStep):
    """Star edges between documents that name the same work.

    An id of more than `max_papers` different paper ids names no work but a volume or a mistake, and makes no edges;
    a work_id that the source gives is believed, and joins in every scope but off: with scope papers too it ties a row to the
    papers that bear it, and where none does, to rows of its own source.
    """

    name: ClassVar[str] = "identity_edges"
    version: ClassVar[int] = 4
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "alone", "doc_id")
    requires: ClassVar[Requires] = {"metadata": ("doc_id", "paper_id", "source", "links", "work_id")}
    provides: ClassVar[Table] = IDENTITY_EDGES

    max_papers: int = Field(default=3, ge=1, le=PAPERS_BOUND)
    scope: Scopes = Scopes({})

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key, alone (makes no pair with another such row), doc_id, paper_id; a row for each document and
        name of its work."""
        papers = inputs["metadata"].select(["doc_id", "paper_id", "source", "links", "work_id"])
        rows = [
            (key, doc_id, paper_id, alone)
            for doc_id, paper_id, source, links, work_id in zip(*(c.to_pylist() for c in papers.columns), strict=True)
            for key, alone in self._keys(source, work_keys(links, work_id))
        ]
        keys, ids, paper_ids = (pa.array([r[i] for r in rows], pa.string()) for i in range(3))
        alone = pa.array([r[3] for r in rows], pa.bool_())
        codes = np.array([xxhash.xxh32_intdigest(r[0].encode()) for r in rows], np.int64) % self.partitions
        return pa.table(
            {
                "partition": pa.array(codes.astype(np.int32)),
                "key": keys,
                "alone": alone,
                "doc_id": ids,
                "paper_id": paper_ids,
            }
        )

    def _keys(self, source: str, keys: list[str]) -> Iterator[tuple[str, bool]]:
        scope = self.scope.of(source)
        for key in keys:
            if scope == "across":
                yield key, False
            if scope == "within" or (scope == "papers" and key.startswith(_GIVEN)):
                yield f"{key}\0{source}", False
            if scope == "papers" and key.startswith(_GIVEN):
                yield key, True

    def merge(self, rows: pa.Table) -> pa.Table:
        works = rows.group_by("key", use_threads=False).aggregate(
            [("doc_id", "first"), ("alone", "first"), ("doc_id", "count"), ("paper_id", "count_distinct")]
        )
        few = pc.less_equal(works["paper_id_count_distinct"], self.max_papers)
        real = pc.and_(pc.greater(works["doc_id_count"], 1), pc.or_(few, pc.starts_with(works["key"], _GIVEN)))
        real = pc.and_(real, pc.invert(works["alone_first"]))  # rows that are alone come last
        first = dict(zip(*(works.filter(real)[c].to_pylist() for c in ("key", "doc_id_first")), strict=True))
        pairs = {
            (min(first[key], doc_id), max(first[key], doc_id))
            for key, doc_id in zip(rows["key"].to_pylist(), rows["doc_id"].to_pylist(), strict=True)
            if key in first and first[key] != doc_id
        }
        return IDENTITY_EDGES.rows({"doc_id": a, "mate": b, "kind": "identity"} for a, b in sorted(pairs))
