"""One unit of work: read files, call one method of a step, check the contract, write its files.

A task is a small picklable value; executors carry tasks and receipts, never tables. `execute` is the only
function that an executor runs. The kinds of tasks lie in modules of their own.
"""

from __future__ import annotations

import pickle
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import IO, Any, TypeVar, cast

import psutil
import pyarrow as pa
import pyarrow.compute as pc

from curation.artefact import check_artefacts
from curation.errors import ContractError, RunError
from curation.parquet import write
from curation.resources import DEFAULT, Resources
from curation.sources.source import Source
from curation.sources.unit import Unit
from curation.step import Inputs, Step
from pipelines.engine.blame import blame
from pipelines.engine.fingerprint import stage_of
from pipelines.engine.groups import Groups, RowDigests, grouped, read_group, shelves, told
from pipelines.engine.peak import begin_peak, peak_mb
from pipelines.engine.receipt import Cost, Receipt, SideFile, revision, slot
from pipelines.engine.rows import check_ids, check_words, in_order
from pipelines.engine.set_up import set_up_once
from pipelines.engine.store import Store, put
from schemas import Status
from schemas.files import Written

S = TypeVar("S", bound=Step)


@dataclass(frozen=True)
class Rows:
    """What a Parquet file is made of: a table, and (offset, rows) of its row groups where they mean something."""

    table: pa.Table
    groups: Sequence[tuple[int, int]] | None = None

    def write(self, sink: IO[bytes]) -> None:
        write(self.table, sink, groups=self.groups)


_Made = tuple[str, pa.Table, Written]
"""A file, its rows, and what was written."""


@dataclass(frozen=True)
class Task:
    """What to do for one part.

    Args:
        step: the step, pickled with its config.
        root: the run folder.
        target: file to write, below the run folder, without suffix.
        part: number of the part or partition.
        inputs: table -> files below the run folder; those of the part for a map or split, of all parts for merge and whole.
        base: file of papers with the part's documents, of a map or split of co-partitioned tables.
        one: tables of `inputs` with a row a document.
        cut: table that is not co-partitioned -> its file of groups, of which the part's number is read.
        parts: numbers of the parts behind the files of an exchange.
        digests: what the receipt records as its inputs.
        whole: tables given whole to a map or split step.
        side: small values given to the step.
        unit: listing of the part, below the run folder.
        previous, doc_ids: an earlier file of this part, of which these failed rows are done again.
        artefacts: sha256 of the artefacts with which the run began: of no other may anything be made.
        input_bytes: of the files that are read at once, or its share of them.
        needs: what it takes of a machine.
        run_id: of this run, for what is done once in it.
    """

    step: Step
    root: str
    target: str
    part: int
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: str | None = None
    one: tuple[str, ...] = ()
    cut: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    side: Mapping[str, Any] = field(default_factory=dict)
    unit: str | None = None
    previous: str | None = None
    doc_ids: frozenset[str] = frozenset()
    artefacts: frozenset[str] = frozenset()
    input_bytes: int = 0
    needs: Resources = DEFAULT
    run_id: str = ""

    def store(self) -> Store:
        return Store(self.root)

    def run(self) -> Receipt:
        raise ContractError(f"{type(self).__name__} does nothing")

    def sources(self) -> list[Source]:
        """The sources that the step reads."""
        return [self.step] if isinstance(self.step, Source) else list(self.side.get("sources", {}).values())

    def read(self, files: Sequence[str], columns: Sequence[str]) -> pa.Table:
        store = self.store()
        tables = [store.read_table(file, columns) for file in files]
        return pa.concat_tables(tables) if len(tables) > 1 else tables[0]

    def read_input(self, name: str, files: Sequence[str], further: Sequence[str] = ()) -> pa.Table:
        """The columns of a table that the step reads, after `further` ones.

        Raises:
            ContractError: it holds a word that is none of `Step.allowed`; the text names who wrote it.
        """
        columns = list(dict.fromkeys((*further, *self.step.reads()[name])))
        allowed = self.step.allowed().get(name, {})
        if not allowed:
            return self.read(files, columns)
        tables = [self.read((file,), columns) for file in files]
        for file, table in zip(files, tables, strict=True):
            check_words(f"step {stage_of(file)}, its table {name}", table, allowed)
        return pa.concat_tables(tables)

    @cached_property
    def documents(self) -> pa.ChunkedArray:
        """doc_ids of the part's documents, in their order."""
        if self.base is None:
            raise ContractError(f"step {self.step.name}: its part has no documents")
        return self.read((self.base,), ("doc_id",))["doc_id"]

    def step_inputs(self) -> Inputs:
        """Part k of every co-partitioned table, the rows of the others that concern it, and the unit as a side input."""
        side: dict[str, Any] = dict(self.side)
        if self.unit is not None:
            side["unit"] = self.store().read_as(self.unit, Unit.from_json)
        tables = {name: self._table(name, files) for name, files in self.inputs.items()}
        tables |= {name: read_group(self.store(), file, self.part) for name, file in self.cut.items()}
        tables |= {name: self.read_input(name, files) for name, files in self.whole.items()}
        return Inputs({name: tables[name] for name in self.step.reads() if name in tables}, side)

    def _table(self, name: str, files: tuple[str, ...]) -> pa.Table:
        """Part k of a table; of a union the rows of all files in the order of the documents."""
        columns = self.step.reads()[name]
        if self.base is None:
            return self.read_input(name, files)
        if name in self.one:
            table = self.read_input(name, files)
            if "doc_id" in columns:
                check_ids(f"{self.step.name}, its input {name}", self.documents, table["doc_id"], ordered=True)
            return table
        if len(files) == 1:
            return self.read_input(name, files)
        rows = self.read_input(name, files, ("doc_id", "row_id"))
        return in_order(f"{self.step.name}, its input {name}", self.documents, rows, many=True).select(columns)

    def write(
        self,
        main: pa.Table | Rows | Groups,
        *,
        beside: Mapping[str, pa.Table | Rows | Groups] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Receipt:
        """Write the part: side tables first, in folders of their names.

        No file is written over another (`pipelines.engine.seal` says why): where one lies under a name of the part that holds
        something else, the part is the next revision.
        """
        target, made = self.target, None
        while made is None:
            made = self._add_files(target, main, beside or {})
            if made is None:
                target = f"{slot(target)}.r{revision(target) + 1}"
        (file, rows, written), others = made
        side = {name: SideFile(f, r.num_rows, w.bytes, w.sha256) for name, (f, r, w) in others.items()}
        failed = pc.sum(pc.equal(rows["status"], Status.FAILED.value)) if "status" in rows.column_names else None
        return Receipt(
            part=self.part,
            file=file,
            rows=rows.num_rows,
            bytes=written.bytes,
            sha256=written.sha256,
            beside=side,
            failed=int(failed.as_py() or 0) if failed is not None else 0,
            inputs=dict(self.digests),
            unit=self.unit,
            extra=extra or {},
        )

    def _add_files(
        self, target: str, main: pa.Table | Rows | Groups, beside: Mapping[str, pa.Table | Rows | Groups]
    ) -> tuple[_Made, dict[str, _Made]] | None:
        """The files of the part, None when something else lies in the place of one."""
        folder, _, base = target.rpartition("/")
        side = {}
        for name, table in beside.items():
            if (made := self._add_file(f"{folder}/{name}/{base}", table)) is None:
                return None
            side[name] = made
        made = self._add_file(target, main)
        return None if made is None else (made, side)

    def _add_file(self, target: str, rows: pa.Table | Rows | Groups) -> _Made | None:
        given = Rows(rows) if isinstance(rows, pa.Table) else rows
        file = f"{target}.{'arrow' if isinstance(given, Groups) else 'parquet'}"
        written = self.store().add(file, given.write)
        return None if written is None else (file, given.table, written)

    def summed(self, tables: Mapping[str, pa.Table], inputs: Inputs | None = None) -> dict[str, Any]:
        """What the receipt holds of the step's summary of a part."""
        summary = self.step.summary(inputs if inputs is not None else Inputs({}), tables)
        return {"summary": dict(summary)} if summary else {}

    def write_grouped(self, rows: pa.Table, by: pa.ChunkedArray, *, shelved: bool = False) -> Receipt:
        """Write rows in a group for each number of an integer column, which is not written itself.

        Args:
            shelved: the numbers are those of parts (`pipelines.engine.groups.shelves`).
        """
        table, numbers, groups = grouped(rows, by)
        if "partition" in table.column_names:
            table = table.drop_columns(["partition"])
        rows_told = RowDigests(table)
        digests = [rows_told.of(slice(start, start + count)) for start, count in groups]
        made, extra = Groups(table, groups, numbers, digests), told(numbers, digests)
        return self.write_shelved(made, extra) if shelved else self.write(made, extra=extra)

    def write_shelved(self, made: Groups, extra: Mapping[str, Any]) -> Receipt:
        """Write groups whose numbers are those of parts, each shelf in a file of its own, the first as the main one."""
        files = {name: made.slice(first, last) for name, (first, last) in shelves(made.numbers).items()}
        return self.write(files.pop(""), beside=files, extra=extra)


def execute(task: Task) -> Receipt:
    """Run a task: its files lie there, and what it gives is their receipt, which the driver writes (`pipelines.engine.seal`).

    Papers asked again that came out as before write no file: the receipt is that of the earlier one, with the failures of
    the machine counted on.
    """
    started = time.monotonic()
    with blamed(task):
        warm = _with_warm_step(task)
        cpu = cpu_seconds(warm)
        begin_peak()
        receipt = warm.run()
        check_same_artefacts(warm)
    return with_cost(task, receipt, time.monotonic() - started, cpu_seconds(warm) - cpu, peak_mb())


@contextmanager
def blamed(task: Task) -> Iterator[None]:
    """Errors of the block name the step and part, and where their trace lies."""
    try:
        with blame(f"step {task.step.name}, part {task.part}"):
            yield
    except RunError as error:
        if error.__cause__ is not None:
            raise _with_trace(error, task) from None
        raise


def check_same_artefacts(task: Task) -> None:
    """Raises UserError unless the artefacts are those with which the run began, after the part was made."""
    for step in (task.step, *task.sources()) if task.artefacts else ():
        check_artefacts(f"step {step.name}", step.artefacts(), task.artefacts)


def with_cost(task: Task, receipt: Receipt, wall_s: float, cpu_s: float, peak_mb: int = 0) -> Receipt:
    """The receipt with what the part cost, which of a part that came out as before is that of the earlier one."""
    if receipt.file == task.previous:
        return receipt
    return replace(receipt, cost=Cost(round(wall_s, 3), round(max(cpu_s, 0.0), 3), peak_mb, task.input_bytes))


def _with_trace(error: RunError, task: Task) -> RunError:
    """The error, which also says where its trace lies: beside the part, since a worker's stack ends with it."""
    name = f"traces/{task.target.replace('/', '-')}.txt"
    trace = "".join(traceback.format_exception(error.__cause__)).encode("utf-8", "backslashreplace")
    try:
        task.store().write(name, lambda sink: put(sink, trace))
    except RunError:  # a full disk is the error then, and has been said
        return error
    return type(error)(f"{error}; trace: {task.store().where(name)}")


def typed(step: Step, shape: type[S]) -> S:
    """The step, which is of a shape."""
    if not isinstance(step, shape):
        raise ContractError(f"step {step.name} is no {shape.__name__}")
    return step


_warm: dict[bytes, Step] = {}
"""Steps of this process, by their pickle: child processes and models that they hold stay warm between parts."""


def _with_warm_step(task: Task) -> Task:
    side = dict(task.side)
    for step in (task.step, *task.sources()):
        set_up_once(step, task.run_id)
    if "sources" in side:
        side["sources"] = {name: _warmed(source) for name, source in side["sources"].items()}
    return replace(task, step=_warmed(task.step), side=side)


def _warmed(step: S) -> S:
    return cast(S, _warm.setdefault(pickle.dumps(step), step))


def close_steps() -> None:
    """Free what the steps of this process hold."""
    while _warm:
        _warm.popitem()[1].close()


def cpu_seconds(task: Task) -> float:
    """CPU of this process and of the children that the step and its sources keep, seconds; theirs and those that ended are counted."""
    total = sum(psutil.Process().cpu_times()[:4])
    for pid in {pid for step in (task.step, *task.sources()) for pid in step.child_pids()}:
        try:
            total += sum(psutil.Process(pid).cpu_times()[:4])
        except psutil.Error:
            continue
    return float(total)
