"""Question-answer pairs of released documents, shard by shard beside them."""

from __future__ import annotations

from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curation.release.shards import SHARD_PLAN, planned, tiered, title_of
from curation.release.texts import reads_edits, with_edits
from curation.sft.extractive import Extractive, pairs_table
from curation.step import Inputs, Requires, ShardStep
from curation.withhold.benchmark import Benchmark
from curation.withhold.text_hits import hit_rows, index_of, items_identity
from schemas import PAIRS, Table


class PairShards(ShardStep):
    """Extractive pairs of every released document. Nothing is asked about what a tier leaves out.

    A pair that holds an item of `benchmarks`, question and answer together, is released to no tier.
    """

    name: ClassVar[str] = "pairs"
    version: ClassVar[int] = 7
    kind: ClassVar[str] = "pairs"
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id")
    requires: ClassVar[Requires] = {
        "metadata": ("doc_id", "paper_id", "title"),
        "documents": ("doc_id", "status", "title", "text", "text_sha256", "sections"),
        "shard_plan": SHARD_PLAN.columns,
    }
    provides: ClassVar[Table] = tiered(PAIRS)
    released: ClassVar[Table] = PAIRS

    extractive: Extractive = Extractive()
    edited: bool = False
    """Whether there are `texts`."""
    benchmarks: tuple[Benchmark, ...] = ()
    """Those whose items are looked for in pairs."""

    def identity(self) -> dict[str, Any]:
        """As of every step; of benchmarks only their items count."""
        identity = super().identity()
        identity["config"]["benchmarks"] = items_identity(self.benchmarks)
        return identity

    def reads(self) -> Requires:
        return reads_edits(self.requires, self.edited)

    def split(self, inputs: Inputs) -> pa.Table:
        documents, metadata, plan = planned(inputs, "documents", "metadata")
        documents = with_edits(documents, inputs)
        title = title_of(metadata, documents)
        documents = documents.drop_columns(["title"]).append_column("title", title)
        documents = documents.append_column("paper_id", metadata["paper_id"])
        for name in ("tiers", "key", "partition"):
            documents = documents.append_column(name, plan[name])
        return documents

    def merge(self, rows: pa.Table) -> pa.Table:
        made = pairs_table(rows.drop_columns(["tiers", "key"]), self.extractive)
        position = pc.index_in(made["doc_id"], value_set=rows["doc_id"].combine_chunks())
        tiers = rows["tiers"].take(position.combine_chunks())
        return made.append_column("tiers", self._withheld(made, tiers) if self.benchmarks else tiers)

    def _withheld(self, pairs: pa.Table, tiers: pa.ChunkedArray) -> pa.ChunkedArray:
        """The tiers of pairs, none of those that hold an item."""
        texts = pc.binary_join_element_wise(pairs["question"], pairs["answer"], pa.scalar("\n", pa.large_string()))
        held = {row["doc_id"] for row in hit_rows(index_of(self.benchmarks), pairs["pair_id"], texts)}
        names = pairs["pair_id"].to_pylist()
        kept = [[] if name in held else own for name, own in zip(names, tiers.to_pylist(), strict=True)]
        return pa.chunked_array([pa.array(kept, tiers.type)])
