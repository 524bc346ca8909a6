"""Question-answer pairs of released documents, shard by shard beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curation.release.shards import SHARD_PLAN, planned, tiered
from curation.sft.pairs import MADE_PAIRS
from curation.sft.rendering import prompt_and_completion
from curation.step import Inputs, Requires, ShardStep
from schemas import PAIR_DECISIONS, PAIRS, Table


class PairShards(ShardStep):
    """The pairs of every released document, in each tier less those that are left out of it."""

    name: ClassVar[str] = "pairs"
    version: ClassVar[int] = 11
    kind: ClassVar[str] = "pairs"
    order_by: ClassVar[tuple[str, ...]] = ("doc_id", "span_start", "span_end", "pair_id")
    requires: ClassVar[Requires] = {MADE_PAIRS.name: MADE_PAIRS.columns, SHARD_PLAN.name: SHARD_PLAN.columns}
    provides: ClassVar[Table] = tiered(PAIRS)
    released: ClassVar[Table] = PAIRS

    decided: bool = False
    """Whether there are decisions about pairs."""

    def reads(self) -> Requires:
        return {**self.requires, PAIR_DECISIONS.name: ("doc_id", "row_id", "tiers")} if self.decided else self.requires

    def split(self, inputs: Inputs) -> pa.Table:
        pairs, plan = planned(inputs, MADE_PAIRS.name)
        for name in ("tiers", "partition"):
            pairs = pairs.append_column(name, plan[name])
        if self.decided:
            pairs = _less(pairs, inputs[PAIR_DECISIONS.name])
        names = ["pair_id" if name == "row_id" else name for name in pairs.column_names]
        return pairs.rename_columns(names)

    def merge(self, rows: pa.Table) -> pa.Table:
        prompt, completion = prompt_and_completion(rows["messages"])
        return rows.append_column("prompt", prompt).append_column("completion", completion)


def _less(pairs: pa.Table, decisions: pa.Table) -> pa.Table:
    """Pairs with the tiers that release them, less the tiers, or all of them, that decisions name; without any a pair is no row."""
    out = dict(zip(decisions["row_id"].to_pylist(), decisions["tiers"].to_pylist(), strict=True))
    told = zip(pairs["row_id"].to_pylist(), pairs["tiers"].to_pylist(), strict=True)
    left = [[tier for tier in tiers if tier not in _out_of(out, name, tiers)] for name, tiers in told]
    column = pairs.column_names.index("tiers")
    pairs = pairs.set_column(column, pairs.schema.field(column), pa.array(left, pairs.schema.field(column).type))
    return pairs.filter(pc.greater(pc.list_value_length(pairs["tiers"]), 0))


def _out_of(out: Mapping[str, Sequence[str] | None], name: str, tiers: Sequence[str]) -> Sequence[str]:
    named = out.get(name, ())
    return tiers if named is None else named
