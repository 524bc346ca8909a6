"""A part made stretch by stretch, so that one that takes long loses minutes when its worker is killed, not all.

What is made is sealed beside the part, in `sealed/`, under the digest of what it is made of; the next run reads it there and makes
the rest. Nothing reads it but the part, and it is removed when the part is whole, or the stage.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from curation.parquet import conform
from curation.step import Inputs, Made, MapStep
from pipelines.engine.fingerprint import digest
from pipelines.engine.receipt import slot
from pipelines.engine.task import Rows, Task
from schemas import MACHINE_REASONS, Status

SEALED = "sealed"
"""Folder of a stage with what is sealed of its unfinished parts."""
_NAME = re.compile(r"(\d+)-(\d+)")
Tables = Mapping[str, pa.Table]


def sealed_folder(target: str, inputs: Mapping[str, str]) -> str:
    """Where stretches of a part are sealed: of its inputs, since what was made of others counts nothing."""
    folder, _, part = slot(target).rpartition("/")
    return f"{folder}/{SEALED}/{part}-{digest(dict(inputs))[:16]}"


def in_stretches(task: Task, step: MapStep, inputs: Inputs) -> Made:
    """The tables of a part, made of some documents at a time, and sealed when `step.seal_s` seconds have passed."""
    made = [*_Stretches(task, step, inputs).tables()]
    return {t.name: pa.concat_tables([m[t.name] for m in made]) for t in step.tables()} if made else step.run(inputs)


class _Stretches:
    def __init__(self, task: Task, step: MapStep, inputs: Inputs) -> None:
        self._task, self._step, self._inputs = task, step, inputs
        self._documents = task.documents
        self._folder = sealed_folder(task.target, task.digests)
        self._pending: list[Tables] = []
        self._begin = 0  # the first document of what is pending
        self._sealed_at = time.monotonic()
        self._rows = step.seal_rows

    def tables(self) -> Iterator[Tables]:
        """The tables of each stretch, in order: found, or made now."""
        there, at = self._there() if len(self._documents) > self._step.seal_rows else {}, 0
        while at < len(self._documents):
            if (after := there.get(at)) is not None:
                self._seal(at)
                yield self._read(at, after)
                self._begin = at = after
                continue
            until = min((first for first in there if first > at), default=len(self._documents))
            after, began = min(at + self._rows, until), time.monotonic()
            made = self._make(at, after)
            self._fit(time.monotonic() - began)
            yield made
            if _is_final(made[self._step.provides.name]):
                self._pending.append(made)
                if time.monotonic() - self._sealed_at >= self._step.seal_s and after < len(self._documents):
                    self._seal(after)
            else:  # what the machine failed at is done again
                self._seal(at)
                self._begin = after
            at = after

    def _fit(self, took_s: float) -> None:
        """The next stretch is shorter or longer: what is begun anew costs a little (a packed file is read from its start)."""
        if took_s > self._step.seal_s:
            self._rows = max(self._rows // 2, 1)
        elif took_s < self._step.seal_s / 4:
            self._rows *= 2

    def _make(self, at: int, after: int) -> Tables:
        documents = self._documents.slice(at, after - at)
        what = f"step {self._step.name}, part {self._task.part}"
        tables = {name: self._cut(name, table, at, documents) for name, table in self._inputs.tables.items()}
        made = self._step.by_name(self._step.run(replace(self._inputs, tables=tables)), what)
        return {t.name: conform(made[t.name], t.arrow, what) for t in self._step.tables()}

    def _cut(self, name: str, table: pa.Table, at: int, documents: pa.ChunkedArray) -> pa.Table:
        """The rows of some documents; a table that lies in no parts is given as it is."""
        if name in self._task.one:
            return table.slice(at, len(documents))
        if name not in self._task.inputs:
            return table
        return table.filter(pc.is_in(table["doc_id"], value_set=documents.combine_chunks()))

    # -- what is sealed ------------------------------------------------------------------------------------

    def _there(self) -> dict[int, int]:
        """First document -> the one after the last, of what an earlier try sealed."""
        main = f".{self._step.provides.name}.parquet"
        found = (_NAME.fullmatch(name.removesuffix(main)) for name in self._task.store().names(self._folder, main))
        return {int(name[1]): int(name[2]) for name in found if name}

    def _read(self, at: int, after: int) -> Tables:
        tables = self._step.tables()
        return {t.name: self._task.read((self._file(at, after, t.name),), t.columns).cast(t.arrow) for t in tables}

    def _seal(self, after: int) -> None:
        """Write what is pending, up to a document; the main table last, which says that all are there."""
        for table in reversed(self._step.tables()) if self._pending else ():
            rows = pa.concat_tables([made[table.name] for made in self._pending])
            self._task.store().add(self._file(self._begin, after, table.name), Rows(rows).write)
        self._pending, self._begin, self._sealed_at = [], after, time.monotonic()

    def _file(self, at: int, after: int, table: str) -> str:
        return f"{self._folder}/{at:08d}-{after:08d}.{table}.parquet"


def _is_final(table: pa.Table) -> bool:
    """Whether no row is a failure of the machine, which another try may not have."""
    if not {"status", "reason"}.issubset(table.column_names):
        return True
    failed = pc.equal(table["status"], Status.FAILED.value)
    machines = pc.is_in(table["reason"], value_set=pa.array(sorted(MACHINE_REASONS), table.schema.field("reason").type))
    return not pc.any(pc.and_(failed, machines)).as_py()
