"""Shards cut by content: one changed paper rewrites one shard.

Rows are sorted by the high 64 bits of xxh3-128 of the id; a shard ends at the first row whose low 64 bits lie below
2^64 / `shard_rows`, so shards hold `shard_rows` rows on average and a boundary depends on one row only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import Field

from curation.release.attribution import attribution, url_of
from curation.release.texts import reads_edits, with_edits
from curation.step import Inputs, Requires, ShardStep, WholeStep
from curation.text.unseen import DIRECTION
from schemas import DOC_ID, RELEASE, Table, field

MAX_SHARD_ROWS = 1_000_000_000

SHARD_PLAN = Table(
    name="shard_plan",
    version=1,
    working=True,
    doc="One row a document that some tier releases: its shard.",
    fields=(
        DOC_ID,
        field("key", pa.uint64(), "High 64 bits of xxh3-128 of doc_id: the order of the release.", nullable=False),
        field("partition", pa.int32(), "Number of the shard.", nullable=False),
        field("tiers", pa.list_(pa.string()), "Tiers that release it.", nullable=False),
    ),
    sort_by=("key", "doc_id"),
)


class ShardPlan(WholeStep):
    """Which document goes to which shard, for all tiers at once."""

    name: ClassVar[str] = "shard_plan"
    version: ClassVar[int] = 2
    requires: ClassVar[Requires] = {"documents": ("doc_id",), "decisions": ("doc_id", "tier")}
    provides: ClassVar[Table] = SHARD_PLAN

    tiers: tuple[str, ...]
    shard_rows: int = Field(default=4096, ge=1, le=MAX_SHARD_ROWS)

    def run(self, inputs: Inputs) -> pa.Table:
        ids: list[str] = inputs["documents"]["doc_id"].to_pylist()
        out: dict[str, set[str]] = {tier: set() for tier in self.tiers}
        decisions = inputs["decisions"]
        for doc_id, tier in zip(decisions["doc_id"].to_pylist(), decisions["tier"].to_pylist(), strict=True):
            out[tier].add(doc_id)
        kept = [(d, tiers) for d in ids if (tiers := [t for t in self.tiers if d not in out[t]])]
        digests = [xxhash.xxh3_128_intdigest(d.encode()) for d, _ in kept]
        order = sorted(range(len(kept)), key=lambda i: (digests[i] >> 64, kept[i][0]))
        threshold = 2**64 // self.shard_rows
        partition = 0
        partitions: list[object] = []
        for i in order:
            partitions.append(partition)
            if digests[i] & (2**64 - 1) < threshold:
                partition += 1
        return SHARD_PLAN.table(
            {
                "doc_id": [kept[i][0] for i in order],
                "key": [digests[i] >> 64 for i in order],
                "partition": partitions,
                "tiers": [kept[i][1] for i in order],
            }
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """How many shards there are, and which of them each tier has rows in."""
        plan = made[SHARD_PLAN.name]
        last = pc.max(plan["partition"]).as_py()
        of_tier = {}
        for tier in self.tiers:
            has = pc.list_parent_indices(plan["tiers"]).filter(pc.equal(pc.list_flatten(plan["tiers"]), tier))
            of_tier[tier] = sorted(plan["partition"].take(has).unique().to_pylist())
        return {"shards": 0 if last is None else last + 1, "of_tier": of_tier}


def planned(inputs: Inputs, *names: str) -> tuple[pa.Table, ...]:
    """Rows of the named tables whose documents are released, and last the rows of the plan beside them."""
    plan = inputs["shard_plan"]
    position = pc.index_in(inputs[names[0]]["doc_id"], value_set=plan["doc_id"].combine_chunks()).combine_chunks()
    rows = pa.array(np.flatnonzero(position.is_valid().to_numpy(zero_copy_only=False)))
    return (*(inputs[name].take(rows) for name in names), plan.take(position.take(rows)))


def tiered(table: Table) -> Table:
    """A released table with the tiers of each row: what a `ShardStep` provides."""
    return Table(table.name, table.version, table.doc, (*table.fields, SHARD_PLAN.fields[-1]))


def _shown(names: pa.ChunkedArray) -> pa.ChunkedArray:
    """Titles and authors in the order in which they are written: without marks that make a reader see another."""
    return pc.replace_substring_regex(names, f"[{DIRECTION}]", "")


def title_of(metadata: pa.Table, documents: pa.Table) -> pa.ChunkedArray:
    """The title under which rows are released, and of which questions speak: that of the metadata, else the text's own."""
    return _shown(pc.coalesce(metadata["title"], documents["title"]))


def _credits(rows: pa.Table) -> dict[str, pa.Array]:
    """Columns url and attribution of rows of a release."""
    urls, lines = [], []
    names = ("paper_id", "version", "doi", "bibcode", "title", "authors", "licence")
    for row in rows.select(names).to_pylist():
        urls.append(url_of(row["paper_id"], row["version"], row["doi"], row["bibcode"]))
        lines.append(attribution(row["title"], row["authors"], row["licence"], urls[-1]))
    return {"url": pa.array(urls, pa.string()), "attribution": pa.array(lines, pa.large_string())}


class Shards(ShardStep):
    """Documents and their metadata, brought together shard by shard."""

    name: ClassVar[str] = "release"
    version: ClassVar[int] = 4
    kind: ClassVar[str] = "documents"
    order_by: ClassVar[tuple[str, ...]] = ("key", "id")
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source_id"),
        "metadata": (
            *("doc_id", "paper_id", "version", "title", "authors", "categories", "licence", "doi", "bibcode"),
            *("date", "source"),
        ),
        "documents": ("doc_id", "title", "authors", "text", "text_sha256", "sections", "route", "n_words"),
        "shard_plan": SHARD_PLAN.columns,
    }
    provides: ClassVar[Table] = tiered(RELEASE)
    released: ClassVar[Table] = RELEASE

    edited: bool = False
    """Whether there are `texts`."""

    def reads(self) -> Requires:
        return reads_edits(self.requires, self.edited)

    def split(self, inputs: Inputs) -> pa.Table:
        metadata, papers, documents, plan = planned(inputs, "metadata", "papers", "documents")
        documents = with_edits(documents, inputs)
        columns = {
            "id": documents["doc_id"],
            "paper_id": metadata["paper_id"],
            "version": metadata["version"],
            "title": title_of(metadata, documents),
            "authors": _shown(pc.coalesce(metadata["authors"].cast(pa.large_string()), documents["authors"])),
            **{name: metadata[name] for name in ("categories", "licence", "doi", "bibcode", "date", "source")},
            "source_id": papers["source_id"],
            **{name: documents[name] for name in ("text", "text_sha256", "sections", "route", "n_words")},
            **{name: plan[name] for name in ("tiers", "key", "partition")},
        }
        return pa.table(columns | _credits(pa.table(columns)))

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows.drop_columns(["key"])
