"""Question-answer pairs of released documents, shard by shard beside them."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curation.release.shards import SHARD_PLAN, planned, tiered
from curation.sft.pairs import MADE_PAIRS
from curation.sft.rendering import prompt_and_completion
from curation.step import Inputs, Requires, ShardStep
from schemas import PAIR_DECISIONS, PAIRS, Table


class PairShards(ShardStep):
    """The pairs of every released document, less those that are left out."""

    name: ClassVar[str] = "pairs"
    version: ClassVar[int] = 9
    kind: ClassVar[str] = "pairs"
    order_by: ClassVar[tuple[str, ...]] = ("doc_id", "span_start", "span_end", "pair_id")
    requires: ClassVar[Requires] = {MADE_PAIRS.name: MADE_PAIRS.columns, SHARD_PLAN.name: SHARD_PLAN.columns}
    provides: ClassVar[Table] = tiered(PAIRS)
    released: ClassVar[Table] = PAIRS

    decided: bool = False
    """Whether there are decisions about pairs."""

    def reads(self) -> Requires:
        return {**self.requires, PAIR_DECISIONS.name: ("doc_id", "row_id")} if self.decided else self.requires

    def split(self, inputs: Inputs) -> pa.Table:
        pairs, plan = planned(inputs, MADE_PAIRS.name)
        for name in ("tiers", "partition"):
            pairs = pairs.append_column(name, plan[name])
        if self.decided:
            out = inputs[PAIR_DECISIONS.name]["row_id"].combine_chunks()
            pairs = pairs.filter(pc.invert(pc.is_in(pairs["row_id"], value_set=out)))
        names = ["pair_id" if name == "row_id" else name for name in pairs.column_names]
        return pairs.rename_columns(names)

    def merge(self, rows: pa.Table) -> pa.Table:
        prompt, completion = prompt_and_completion(rows["messages"])
        return rows.append_column("prompt", prompt).append_column("completion", completion)
