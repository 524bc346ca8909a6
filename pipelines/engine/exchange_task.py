"""The tasks of an exchange: split a part, merge a partition, send rows home; and the shards of a release."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError
from curation.parquet import as_table, conform, row_groups, sort_rows
from curation.step import ExchangeStep, Inputs, ShardStep
from pipelines.engine.groups import gather_group
from pipelines.engine.receipt import Receipt
from pipelines.engine.rows import check_ids, in_order, places
from pipelines.engine.task import Rows, Task, typed

NOWHERE = -1
"""The part of rows that came from a table that is not co-partitioned (`ExchangeStep.also`)."""


class SplitTask(Task):
    """The map side of an exchange: one file a part, a group for each partition."""

    def run(self) -> Receipt:
        step = typed(self.step, ExchangeStep)
        rows = as_table(step.split(self.step_inputs()), f"step {step.name}, split of part {self.part}").combine_chunks()
        if "partition" not in rows.column_names:
            raise ContractError(f"step {step.name}: split returned no column 'partition'")
        partition = rows["partition"]
        if partition.null_count or not pa.types.is_integer(partition.type):
            what = f"{partition.null_count} nulls" if partition.null_count else f"values of type {partition.type}"
            raise ContractError(f"step {step.name}, split of part {self.part}: the column 'partition' has {what}")
        if step.home and self.base is not None:
            if "doc_id" not in rows.column_names:
                raise ContractError(f"step {step.name}: split returned no column 'doc_id', so that no row can go home")
            if step.rows == "one":
                check_ids(step.name, self.documents, rows["doc_id"], ordered=False)
            else:
                places(step.name, self.documents, rows["doc_id"])
        return self.write_grouped(rows, partition)


class FileSplitTask(SplitTask):
    """The split of one file of a table that is not co-partitioned: the step sees that table alone."""

    def step_inputs(self) -> Inputs:
        return Inputs({name: self.read(files, self.step.reads()[name]) for name, files in self.inputs.items()})


class MergeTask(Task):
    """One partition of an exchange: its rows from every part, totally ordered."""

    def run(self) -> Receipt:
        step = typed(self.step, ExchangeStep)
        rows, origin = self.gather()
        what = f"step {step.name}, partition {self.part}"
        table = conform(as_table(step.merge(rows), what), step.provides.arrow, what)
        if not step.home:
            table = sort_rows(table, step.provides.sort_by)
            return self.write(table, extra=self.summed({step.provides.name: table}))
        from_parts = origin != NOWHERE
        documents = rows["doc_id"].filter(pa.array(from_parts))
        if step.rows == "one":
            check_ids(step.name, documents, table["doc_id"], ordered=False)
        at = places(step.name, documents, table["doc_id"])
        return self.write_grouped(table, pa.chunked_array([pa.array(origin[from_parts][at])]), shelved=True)

    def gather(self) -> tuple[pa.Table, np.ndarray]:
        """The rows of this partition in total order, and the part that each came from."""
        tables = gather_group(self.store(), self.inputs["split"], self.part)
        rows = pa.concat_tables(tables, promote_options="default")
        origins = np.repeat(np.array(self.parts, np.int64), [table.num_rows for table in tables])
        rows = rows.append_column("_origin", pa.array(origins))
        rows = sort_rows(rows, typed(self.step, ExchangeStep).order_by).combine_chunks()
        return rows.drop_columns(["_origin"]), rows["_origin"].to_numpy()


class ShardTask(MergeTask):
    """One shard of one tier: the rows of a partition that the tier releases, row groups cut by bytes."""

    def run(self) -> Receipt:
        step = typed(self.step, ShardStep)
        merged = step.merge(self.gather()[0])
        tier = str(self.side["tier"])
        keep = pa.array([tier in tiers for tiers in merged["tiers"].to_pylist()], pa.bool_())
        what = f"step {step.name}, tier {tier}"
        table = conform(merged.filter(keep).drop_columns(["tiers"]), step.released.arrow, what)
        groups = row_groups(table)
        extra: dict[str, Any] = {"tier": tier, "kind": step.kind, "row_groups": [rows for _, rows in groups]}
        if "n_words" in table.column_names:
            extra["words"] = int(pc.sum(table["n_words"]).as_py() or 0)
        return self.write(Rows(table, groups), extra=extra)


class HomeTask(Task):
    """Rows of an exchange sent home: part k again, in the order of its documents."""

    def run(self) -> Receipt:
        step = typed(self.step, ExchangeStep)
        tables = gather_group(self.store(), self.inputs["merged"], self.part)
        rows = pa.concat_tables(tables) if tables else step.provides.empty()
        documents = self.documents
        if step.rows == "one":
            check_ids(step.name, documents, rows["doc_id"], ordered=False)
        table = conform(
            in_order(step.name, documents, rows, many=step.rows == "many"), step.provides.arrow, f"step {step.name}"
        )
        return self.write(table, extra=self.summed({step.provides.name: table}))
