"""One verdict a document and tier: of all that speaks against a document, what counts first."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.arrays import numbers, to_arrow
from curation.errors import ContractError
from curation.release.findings import METADATA
from curation.step import Inputs, MapStep, Requires
from schemas import COPIES, DECISIONS, FAILURES, FINDINGS, Reason, Table

ORDER: tuple[tuple[Reason, ...], ...] = (
    FAILURES,
    (Reason.REMOVED,),
    (Reason.WITHDRAWN,),
    (Reason.BENCHMARK_SOURCE, Reason.BENCHMARK_OVERLAP),
    (Reason.LICENCE, Reason.LICENCE_UNKNOWN),
    (Reason.LANGUAGE,),
    (Reason.LOW_QUALITY,),
    (Reason.RULE,),
    (Reason.DUPLICATE, Reason.SUPERSEDED, Reason.NEAR_DUPLICATE),
)
"""Reasons in the order in which they count. Duplicates come last, since only what nothing else took out was compared."""
_READ = tuple(name for name in FINDINGS.columns if name != "mark")


class Decisions(MapStep):
    """Verdicts for every tier; a document without one is kept. They are what `findings` and `copies` say, whoever wrote it."""

    name: ClassVar[str] = "decisions"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {METADATA: ("doc_id",), "findings": _READ, "copies": _READ}
    provides: ClassVar[Table] = DECISIONS

    tiers: tuple[str, ...] = Field(min_length=1)

    def run(self, inputs: Inputs) -> pa.Table:
        ids = inputs[METADATA]["doc_id"].combine_chunks()
        said = pa.concat_tables([inputs[name].select(list(_READ)) for name in (FINDINGS.name, COPIES.name)])
        reasons = pa.array([reason.value for group in ORDER for reason in group], pa.string())
        weights = to_arrow(np.array([weight for weight, group in enumerate(ORDER) for _ in group]))
        weight = weights.take(pc.index_in(said["reason"].combine_chunks(), value_set=reasons))
        place = pc.index_in(said["doc_id"].combine_chunks(), value_set=ids)
        if weight.null_count or place.null_count:
            raise ContractError(f"step {self.name}: a finding has an unknown reason or document")
        # of equal weight the first by row_id counts, and what a document's own rows say before what is said for another one
        said = said.append_column("weight", weight).append_column("place", place)
        said = said.append_column("number", to_arrow(np.arange(said.num_rows)))
        made = pa.concat_tables([_first(said, tier) for tier in self.tiers])
        made = made.sort_by([("place", "ascending"), ("tier", "ascending")])
        return made.set_column(1, "row_id", made["tier"]).select(list(DECISIONS.columns))


def _first(said: pa.Table, tier: str) -> pa.Table:
    """Of all that holds in a tier the row that counts for each document."""
    mine = said.filter(pc.fill_null(pc.equal(said["tier"], tier), True))
    mine = mine.sort_by([("place", "ascending"), ("weight", "ascending"), ("number", "ascending")])
    place = numbers(mine["place"])
    mine = mine.filter(to_arrow(np.r_[True, place[1:] != place[:-1]][: len(place)]))
    return mine.set_column(mine.column_names.index("tier"), "tier", pa.repeat(pa.scalar(tier), mine.num_rows))
