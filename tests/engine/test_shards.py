"""A shard: the rows of a partition that a tier releases, in one order, and what the receipt says of them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from curation.step import Inputs, Requires, ShardStep
from pipelines.engine.exchange_task import ShardTask
from pipelines.engine.store import Store
from pipelines.engine.task import execute
from schemas import Table, field
from tests.engine.tasks import put_groups


class Shards(ShardStep):
    """Sorts what each tier releases."""

    name: ClassVar[str] = "shards"
    version: ClassVar[int] = 1
    kind: ClassVar[str] = "documents"
    requires: ClassVar[Requires] = {"letters": ("doc_id",)}
    order_by: ClassVar[tuple[str, ...]] = ("id",)
    fields: ClassVar = (field("id", pa.string(), "Id."), field("n_words", pa.int64(), "Words."))
    released: ClassVar[Table] = Table("released", 1, "Rows.", fields)
    provides: ClassVar[Table] = Table("sent", 1, "Rows.", (*fields, field("tiers", pa.list_(pa.string()), "Tiers.")))

    def split(self, inputs: Inputs) -> pa.Table:
        return inputs["letters"]

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows


class Wordless(Shards):
    released: ClassVar[Table] = Table("released", 1, "Rows.", Shards.fields[:1])

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows.drop_columns(["n_words"])


def shard(root: Path, tier: str, step: ShardStep) -> ShardTask:
    columns = {
        "id": ["c", "a", "b", "d"],
        "n_words": [3, None, 2, 9],
        "tiers": [["public", "research"], ["research"], ["public"], []],
    }
    store = Store(root)
    for i, numbers in enumerate(([0, 0, 1, 0], [1, 1, 0, 1])):
        table = pa.table({**columns, "id": [f"{i}{name}" for name in columns["id"]]}, schema=step.provides.arrow)
        put_groups(store, f"sent/{i}.arrow", i, table.replace_schema_metadata(None), numbers)
    files = ("sent/1.arrow", "sent/0.arrow")
    target = f"release-1/{tier}/shard-00000"
    return ShardTask(
        step=step, root=str(root), target=target, part=0, inputs={"split": files}, parts=(1, 0), side={"tier": tier}
    )


def test_a_shard_holds_what_its_tier_releases_of_its_partition_and_says_so(tmp_path):
    step = Shards(tiers=("public", "research"))
    made = {tier: execute(shard(tmp_path, tier, step)) for tier in step.tiers}
    rows = {tier: Store(tmp_path).read_table(r.file, ["id"])["id"].to_pylist() for tier, r in made.items()}
    assert rows == {"public": ["0c", "1b"], "research": ["0a", "0c"]}
    assert made["public"].extra == {"tier": "public", "kind": "documents", "row_groups": [2], "words": 5}
    assert made["research"].extra["words"] == 3, "an unknown number counts for none"
    with Store(tmp_path).parquet(made["public"].file) as file:
        assert file.schema_arrow.names == ["id", "n_words"], "and not who releases it"
    assert step.count({"shard_plan": {"shards": "4"}}) == 4


def test_a_shard_without_rows_or_word_counts_is_one(tmp_path):
    step = Shards(tiers=("none",))
    assert execute(shard(tmp_path, "none", step)).extra == {
        "tier": "none",
        "kind": "documents",
        "row_groups": [],
        "words": 0,
    }
    wordless = execute(shard(tmp_path, "public", Wordless(tiers=("public",))))
    assert "words" not in wordless.extra and wordless.rows == 2
