"""Versions of one work: an arXiv id, DOI, bibcode or work_id in common, however much the text changed between them.

Whose an id is: of the documents that bear it, those are named so by their place or by a record that is joined to them; the others
only say so themselves (`metadata.claims`). What a document says of itself may take that document out, and no other: so a claim
is an edge of its own kind, from the bearer to the one that is named so. Where nobody is named so, all say so equally, and are one
work, as a preprint and an article that both state the article's DOI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import Field

from curation.dedup.edges import CLAIM, CROWD, CROWD_CLAIM, IDENTITY, TIES
from curation.dedup.scope import Scopes
from curation.step import ExchangeStep, Inputs, Requires
from schemas import IDENTITY_EDGES, Table

PAPERS_BOUND = 1_000_000
_PREFIXES = ("arXiv:", "doi:", "bibcode:")
_GIVEN = "work:"
CROWDS = (TIES[CROWD], TIES[CROWD_CLAIM])
"""Kinds of edges by an id that so many bear that it names no work."""
_READ = ("doc_id", "paper_id", "source", "links", "claims", "work_id")
_Bearer = tuple[str, str, bool]
"""doc_id and paper_id of a document that bears an id, and whether only it says so."""


def work_keys(links: Sequence[str], work_id: str | None) -> list[str]:
    """What names the work of a paper: all its ids but that of its content, and the source's work_id, each with its prefix."""
    keys = [link for link in links if link.startswith(_PREFIXES)]
    return [*keys, f"{_GIVEN}{work_id}"] if work_id else keys


class IdentityEdges(ExchangeStep):
    """Edges between documents that bear one id.

    An id of more than `max_papers` different paper ids names no work but a volume or a mistake, and makes no duplicates; but
    marks go over it, so that no row can keep a mark from another by bearing an id beside it. Those that are named so stay one
    work while they alone are not too many. A work_id that the source gives is believed, and joins in every scope but off: with
    scope papers too it ties a row to the papers that bear it, and where none does, to rows of its own source.
    """

    name: ClassVar[str] = "identity_edges"
    version: ClassVar[int] = 5
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "alone", "claimed", "doc_id")
    requires: ClassVar[Requires] = {"metadata": _READ}
    provides: ClassVar[Table] = IDENTITY_EDGES

    max_papers: int = Field(default=3, ge=1, le=PAPERS_BOUND)
    scope: Scopes = Scopes({})

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key, alone (makes no pair with another such row), claimed (only the document says so), doc_id,
        paper_id; a row for each document and name of its work."""
        papers = inputs["metadata"].select(list(_READ))
        rows = [
            (key, doc_id, paper_id, alone, name in (claims or ()))
            for doc_id, paper_id, source, links, claims, work_id in zip(
                *(c.to_pylist() for c in papers.columns), strict=True
            )
            for name in work_keys(links, work_id)
            for key, alone in self._keys(source, name)
        ]
        keys, ids, paper_ids = (pa.array([r[i] for r in rows], pa.string()) for i in range(3))
        alone, claimed = (pa.array([r[i] for r in rows], pa.bool_()) for i in (3, 4))
        codes = np.array([xxhash.xxh32_intdigest(r[0].encode()) for r in rows], np.int64) % self.partitions
        return pa.table(
            {
                "partition": pa.array(codes.astype(np.int32)),
                "key": keys,
                "alone": alone,
                "claimed": claimed,
                "doc_id": ids,
                "paper_id": paper_ids,
            }
        )

    def _keys(self, source: str, name: str) -> Iterator[tuple[str, bool]]:
        scope = self.scope.of(source)
        if scope == "across":
            yield name, False
        if scope == "within" or (scope == "papers" and name.startswith(_GIVEN)):
            yield f"{name}\0{source}", False
        if scope == "papers" and name.startswith(_GIVEN):
            yield name, True

    def merge(self, rows: pa.Table) -> pa.Table:
        works = rows.group_by("key", use_threads=False).aggregate([("doc_id", "count"), ("alone", "first")])
        real = pc.and_(pc.greater(works["doc_id_count"], 1), pc.invert(works["alone_first"]))  # those come last
        shared = rows.filter(pc.is_in(rows["key"], value_set=works["key"].filter(real).combine_chunks()))
        columns = (shared[c].to_pylist() for c in ("key", "doc_id", "paper_id", "claimed"))
        return IDENTITY_EDGES.rows(
            {"doc_id": a, "mate": b, "kind": TIES[kind], "key": key.partition("\0")[0]}
            for key, bearers in groupby(zip(*columns, strict=True), key=itemgetter(0))
            for a, b, kind in self._edges(key, [bearer[1:] for bearer in bearers])
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Ids that more than `max_papers` papers bear."""
        edges = made[IDENTITY_EDGES.name]
        crowds = edges["key"].filter(pc.is_in(edges["kind"], value_set=pa.array(CROWDS)))
        return {"crowded_ids": pc.count_distinct(crowds).as_py()}

    def _edges(self, key: str, bearers: Sequence[_Bearer]) -> Iterator[tuple[str, str, int]]:
        """Stars of the bearers of one id: of those that are named so, of those that say so, and from these to the first of those."""
        named, said = ([b for b in bearers if b[2] is claimed] for claimed in (False, True))
        for group in (named, said):
            kind = CROWD if self._is_crowd(key, group if group is named else bearers) else IDENTITY
            ends = ((group[0][0], doc_id) for doc_id, _, _ in group[1:])
            yield from ((min(pair), max(pair), kind) for pair in ends)
        if named:
            kind = CROWD_CLAIM if self._is_crowd(key, bearers) else CLAIM
            yield from ((doc_id, named[0][0], kind) for doc_id, _, _ in said)

    def _is_crowd(self, key: str, bearers: Sequence[_Bearer]) -> bool:
        return not key.startswith(_GIVEN) and len({paper_id for _, paper_id, _ in bearers}) > self.max_papers
