"""One unit of work: read files, call one method of a step, check the contract, write one file and its receipt.

A task is a small picklable value; executors carry tasks and receipts, never tables. `execute` is the only
function that an executor runs.
"""

from __future__ import annotations

import json
import pickle
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, TypeVar

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError, LimitError, RunError
from curation.parquet import as_table, conform, row_groups, sort_rows, write
from curation.release.shards import ShardStep
from curation.sources.unit import Unit
from curation.step import ExchangeStep, Inputs, MapStep, Step, WholeStep
from pipelines.engine.blame import blame
from pipelines.engine.outage import stop_at_outage
from pipelines.engine.receipt import Cost, Fault, Receipt
from pipelines.engine.store import Store, put
from schemas import MACHINE_REASONS, Status

S = TypeVar("S", bound=Step)

GROUPS = "astrocorpus.groups"
"""Footer key of an exchange file: the partition (or part) of each row group, as a JSON list."""


@dataclass(frozen=True)
class Task:
    """What to do for one part.

    Args:
        step: the step, pickled with its config.
        root: the run folder.
        target: file to write, below the run folder, without suffix.
        part: number of the part or partition.
        inputs: table -> files below the run folder; one file for a map, all parts for merge and whole.
        parts: numbers of the parts behind the files of an exchange.
        digests: what the receipt records as its inputs.
        whole: tables given whole to a map or split step, as side inputs.
        side: small values given to the step.
        unit: listing of the part, below the run folder.
        previous, doc_ids: an earlier file of this part, of which these failed rows are done again.
    """

    step: Step
    root: str
    target: str
    part: int
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    side: Mapping[str, Any] = field(default_factory=dict)
    unit: str | None = None
    previous: str | None = None
    doc_ids: frozenset[str] = frozenset()

    def store(self) -> Store:
        return Store(self.root)

    def run(self) -> Receipt:
        raise ContractError(f"{type(self).__name__} does nothing")

    def read(self, files: Sequence[str], columns: Sequence[str]) -> pa.Table:
        store = self.store()
        tables = [store.read_table(file, columns) for file in files]
        return pa.concat_tables(tables) if len(tables) > 1 else tables[0]

    def step_inputs(self) -> Inputs:
        """Part k of every required table; whole tables and the unit as side inputs."""
        reads = self.step.reads()
        side: dict[str, Any] = dict(self.side)
        for name, files in self.whole.items():
            side[name] = self.read(files, reads[name])
        if self.unit is not None:
            side["unit"] = self.store().read_as(self.unit, Unit.from_json)
        return Inputs({name: self.read(files, reads[name]) for name, files in self.inputs.items()}, side)

    def write(
        self,
        table: pa.Table,
        *,
        groups: list[tuple[int, int]] | None = None,
        metadata: dict[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Receipt:
        file = f"{self.target}.parquet"

        def fill(sink: IO[bytes]) -> None:
            write(table, sink, groups=groups, metadata=metadata)

        written = self.store().write(file, fill)
        failed = int(pc.sum(pc.equal(table["status"], "failed")).as_py() or 0) if "status" in table.column_names else 0
        return Receipt(
            part=self.part,
            file=file,
            rows=table.num_rows,
            bytes=written.bytes,
            sha256=written.sha256,
            failed=failed,
            inputs=dict(self.digests),
            unit=self.unit,
            extra=extra or {},
        )


class MapTask(Task):
    """Part k of a map step."""

    def run(self) -> Receipt:
        step = _typed(self.step, MapStep)
        inputs = self.step_inputs()
        before = self.read((self.previous,), step.provides.columns) if self.previous is not None else None
        made = step.run(inputs) if before is None else step.reopen(before, inputs, self.doc_ids)
        table = conform(made, step.provides.arrow, f"step {step.name}, part {self.part}")
        if inputs.tables:
            check_ids(step.name, _ids(inputs), table["doc_id"], ordered=True)
        else:
            expected = len(inputs.side["unit"].entries)
            if table.num_rows != expected or pc.count_distinct(table["doc_id"]).as_py() != expected:
                raise ContractError(
                    f"step {step.name}, part {self.part}: {expected} entries gave {table.num_rows} rows with "
                    f"{pc.count_distinct(table['doc_id']).as_py()} ids; each entry needs one row with an id of its own"
                )
        there = self._receipt_of_previous()
        faults = self._faults(table, inputs, there.faults if there is not None else {})
        stop_at_outage(self.step.name, self.part, faults, table.num_rows, self._roots())
        if there is not None and table.equals(before):
            return replace(there, faults=faults)
        return replace(self.write(table), faults=faults)

    def _receipt_of_previous(self) -> Receipt | None:
        if self.previous is None:
            return None
        return self.store().read_as(f"{self.previous.removesuffix('.parquet')}.json", Receipt.from_json)

    def _faults(self, table: pa.Table, inputs: Inputs, earlier: Mapping[str, Fault]) -> dict[str, Fault]:
        """The machine's failures among the rows, less those that failed before this step; rows that were not asked again
        keep what was known of them."""
        if not {"doc_id", "status", "reason"}.issubset(table.column_names):
            return {}
        known = {d for t in inputs.values() if {"doc_id", "status"}.issubset(t.column_names) for d in _failed(t)}
        reasons = dict(zip(*(table[name].to_pylist() for name in ("doc_id", "reason")), strict=True))
        found = {d: Fault(reasons[d]) for d in _failed(table) if reasons[d] in MACHINE_REASONS and d not in known}
        asked = self.doc_ids if self.previous is not None else found.keys()
        return {
            d: fault.after(earlier.get(d)) if d in asked else earlier.get(d, fault)
            for d, fault in sorted(found.items())
        }

    def _roots(self) -> list[str]:
        """Where the sources lie that the step reads."""
        root = self.side.get("root", {})
        return [root] if isinstance(root, str) else sorted(root.values())


class SplitTask(Task):
    """The map side of an exchange: one file a part, a row group for each partition."""

    def run(self) -> Receipt:
        step = _typed(self.step, ExchangeStep)
        inputs = self.step_inputs()
        rows = as_table(step.split(inputs), f"step {step.name}, split of part {self.part}").combine_chunks()
        if "partition" not in rows.column_names:
            raise ContractError(f"step {step.name}: split returned no column 'partition'")
        if step.home:
            check_ids(step.name, _ids(inputs), rows["doc_id"], ordered=False)
        return self.write_grouped(rows, rows["partition"])

    def write_grouped(self, rows: pa.Table, by: pa.ChunkedArray) -> Receipt:
        """Write rows grouped by an integer column that is not written itself."""
        keys = by.to_numpy().astype(np.int64, copy=False)
        order = np.argsort(keys, kind="stable")
        values, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
        table = rows.take(pa.array(order)) if rows.num_rows else rows
        if "partition" in table.column_names:
            table = table.drop_columns(["partition"])
        groups = [(int(s), int(c)) for s, c in zip(starts, counts, strict=True)]
        return self.write(table, groups=groups, metadata={GROUPS: json.dumps([int(v) for v in values])})


class MergeTask(SplitTask):
    """One partition of an exchange: its rows from every part, totally ordered."""

    def run(self) -> Receipt:
        step = _typed(self.step, ExchangeStep)
        rows, origin = self.gather()
        what = f"step {step.name}, partition {self.part}"
        merged = as_table(step.merge(rows), what)
        if not step.home:
            return self.write(sort_rows(conform(merged, step.provides.arrow, what), step.provides.sort_by))
        check_ids(step.name, rows["doc_id"], merged["doc_id"], ordered=False)
        table = conform(merged, step.provides.arrow, what)
        positions = pc.index_in(table["doc_id"], value_set=rows["doc_id"].combine_chunks())
        return self.write_grouped(table, pa.chunked_array([origin.take(positions.combine_chunks())]))

    def gather(self) -> tuple[pa.Table, pa.Array]:
        """The rows of this partition in total order, and the part that each came from."""
        tables, origins = [], []
        for file, part in zip(self.inputs["split"], self.parts, strict=True):
            table = read_group(self.store(), file, self.part)
            tables.append(table)
            origins.append(np.full(table.num_rows, part, dtype=np.int64))
        rows = pa.concat_tables(tables).append_column("_origin", pa.array(np.concatenate(origins)))
        order_by = _typed(self.step, ExchangeStep).order_by
        rows = sort_rows(rows, order_by).combine_chunks()
        origin = rows["_origin"].combine_chunks()
        return rows.drop_columns(["_origin"]), origin


class ShardTask(MergeTask):
    """One shard of one tier: the rows of a partition that the tier releases, row groups cut by bytes."""

    def run(self) -> Receipt:
        step = _typed(self.step, ShardStep)
        merged = step.merge(self.gather()[0])
        tier = str(self.side["tier"])
        keep = pa.array([tier in tiers for tiers in merged["tiers"].to_pylist()], pa.bool_())
        what = f"step {step.name}, tier {tier}"
        table = conform(merged.filter(keep).drop_columns(["tiers"]), step.released.arrow, what)
        groups = row_groups(table)
        extra: dict[str, Any] = {"tier": tier, "kind": step.kind, "row_groups": [rows for _, rows in groups]}
        if "n_words" in table.column_names:
            extra["words"] = int(pc.sum(table["n_words"]).as_py() or 0)
        return self.write(table, groups=groups, extra=extra)


class HomeTask(Task):
    """Rows of an exchange sent home: part k again, in the order of its inputs."""

    def run(self) -> Receipt:
        tables = [read_group(self.store(), file, self.part) for file in self.inputs["merged"]]
        rows = pa.concat_tables(tables).combine_chunks()
        expected = self.read(self.inputs["base"], ("doc_id",))["doc_id"]
        check_ids(self.step.name, expected, rows["doc_id"], ordered=False)
        order = pc.index_in(expected, value_set=rows["doc_id"].combine_chunks())
        return self.write(conform(rows.take(order), self.step.provides.arrow, f"step {self.step.name}"))


class WholeTask(Task):
    """A whole step: all rows of the required columns, sorted by doc_id."""

    def run(self) -> Receipt:
        step = _typed(self.step, WholeStep)
        reads = step.reads()
        tables = {}
        for name, files in self.inputs.items():
            table = self.read(files, reads[name])
            if table.num_rows > step.max_rows:
                raise LimitError(
                    f"step {step.name}: {name} has {table.num_rows:,} rows, the limit is {step.max_rows:,}"
                )
            keys = [c for c in ("doc_id", *sorted(reads[name])) if c in table.column_names and _sortable(table, c)]
            tables[name] = sort_rows(table, list(dict.fromkeys(keys))).combine_chunks()
        inputs = Inputs(tables, self.side)
        made = sort_rows(conform(step.run(inputs), step.provides.arrow, f"step {step.name}"), step.provides.sort_by)
        summary = step.summary(inputs, made)
        return self.write(made, extra={"summary": summary} if summary else None)


def execute(task: Task) -> Receipt:
    """Run a task and write its receipt. The receipt appears after the file, so it vouches for it.

    Papers asked again that came out as before write no file: the receipt is that of the earlier one, with the failures of
    the machine counted on.
    """
    started = time.monotonic()
    try:
        with blame(f"step {task.step.name}, part {task.part}"):
            warm = _with_warm_step(task)
            cpu = _cpu_seconds(warm.step)
            receipt = warm.run()
    except RunError as error:
        if error.__cause__ is not None:
            raise _with_trace(error, task) from None
        raise
    if receipt.file == task.previous:
        task.store().update_json(f"{receipt.file.removesuffix('.parquet')}.json", receipt.to_json())
        return receipt
    cost = Cost(round(time.monotonic() - started, 3), round(max(_cpu_seconds(warm.step) - cpu, 0.0), 3))
    receipt = replace(receipt, cost=cost)
    task.store().write_json(f"{task.target}.json", receipt.to_json())
    return receipt


def _with_trace(error: RunError, task: Task) -> RunError:
    """The error, which also says where its trace lies: beside the part, since a worker's stack ends with it."""
    name = f"traces/{task.target.replace('/', '-')}.txt"
    trace = "".join(traceback.format_exception(error.__cause__)).encode("utf-8", "backslashreplace")
    try:
        task.store().write(name, lambda sink: put(sink, trace))
    except RunError:  # a full disk is the error then, and has been said
        return error
    return type(error)(f"{error}; trace: {task.store().path(name)}")


def read_group(store: Store, file: str, group: int) -> pa.Table:
    """The rows of one partition of an exchange file; an empty table with its schema when it has none."""
    with store.parquet(file) as parquet:
        groups = json.loads(parquet.schema_arrow.metadata[GROUPS.encode()])
        wanted = [i for i, value in enumerate(groups) if value == group]
        table = parquet.read_row_groups(wanted) if wanted else parquet.schema_arrow.empty_table()
    return table.replace_schema_metadata(None)


def check_ids(step: str, expected: pa.ChunkedArray, found: pa.ChunkedArray, *, ordered: bool) -> None:
    """Raise ContractError, naming ids, unless a step returned exactly the rows that it was given."""
    if ordered and expected.equals(found):
        return
    before, after = expected.to_pylist(), found.to_pylist()
    if not ordered and sorted(before) == sorted(after):
        return
    counts: dict[str, int] = {}
    for doc_id in before:
        counts[doc_id] = counts.get(doc_id, 0) - 1
    for doc_id in after:
        counts[doc_id] = counts.get(doc_id, 0) + 1
    wrong = {
        "lost": [d for d, n in counts.items() if n < 0],
        "doubled or invented": [d for d, n in counts.items() if n > 0],
    }
    named = "; ".join(f"{what} {_some(ids)}" for what, ids in wrong.items() if ids)
    raise ContractError(f"step {step}: {named or 'rows came back in another order'}")


def _failed(table: pa.Table) -> list[str]:
    ids: list[str] = table.filter(pc.equal(table["status"], Status.FAILED.value))["doc_id"].to_pylist()
    return ids


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def _ids(inputs: Inputs) -> pa.ChunkedArray:
    """doc_ids of the first table; all others must agree."""
    columns = [t["doc_id"] for t in inputs.values() if "doc_id" in t.column_names]
    if not columns:
        raise ContractError("a map or exchange step needs doc_id in its required columns")
    for other in columns[1:]:
        check_ids("input alignment", columns[0], other, ordered=True)
    return columns[0]


def _sortable(table: pa.Table, column: str) -> bool:
    kind = table.schema.field(column).type
    return not (pa.types.is_nested(kind) or pa.types.is_large_string(kind))


def _typed(step: Step, shape: type[S]) -> S:
    if not isinstance(step, shape):
        raise ContractError(f"step {step.name} is no {shape.__name__}")
    return step


_warm: dict[bytes, Step] = {}
"""Steps of this process, by their pickle: child processes and models that they hold stay warm between parts."""


def _with_warm_step(task: Task) -> Task:
    key = pickle.dumps(task.step)
    step = _warm.setdefault(key, task.step)
    return replace(task, step=step)


def close_steps() -> None:
    """Free what the steps of this process hold."""
    while _warm:
        _warm.popitem()[1].close()


def _cpu_seconds(step: Step) -> float:
    """CPU of this process and of the children that the step keeps, seconds; theirs and those that ended are counted."""
    total = sum(psutil.Process().cpu_times()[:4])
    for pid in step.child_pids():
        try:
            total += sum(psutil.Process(pid).cpu_times()[:4])
        except psutil.Error:
            continue
    return float(total)
