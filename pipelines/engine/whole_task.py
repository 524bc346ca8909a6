"""Tasks over whole tables: a whole step, and a table cut to the parts that its rows name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from curation.parquet import conform, sort_rows
from curation.step import Inputs, WholeStep
from pipelines.engine.groups import RowDigests, told
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, typed


class WholeTask(Task):
    """A whole step: all rows of the required columns, sorted by doc_id; streamed tables part by part."""

    def run(self) -> Receipt:
        step = typed(self.step, WholeStep)
        reads = step.reads()
        tables = {}
        for name, files in self.inputs.items():
            if name not in step.streams:
                table = self.read_input(name, files)
                keys = [c for c in ("doc_id", *sorted(reads[name])) if c in table.column_names and _sortable(table, c)]
                tables[name] = sort_rows(table, list(dict.fromkeys(keys))).combine_chunks()
        inputs = Inputs(tables, self.side, {name: self._streamed(name) for name in step.streams})
        what = f"step {step.name}"
        made = step.by_name(step.run(inputs), what)
        tables = {t.name: sort_rows(conform(made[t.name], t.arrow, what), t.sort_by) for t in step.tables()}
        beside = {name: rows for name, rows in tables.items() if name != step.provides.name}
        return self.write(tables[step.provides.name], beside=beside, extra=self.summed(tables, inputs))

    def _streamed(self, name: str) -> Callable[[], Iterator[pa.Table]]:
        return lambda: (self.read_input(name, (file,)) for file in self.inputs[name])


class EmptyTask(Task):
    """The tables of a step whose file holds nothing: they are there, without a row."""

    def run(self) -> Receipt:
        tables = {table.name: table.empty() for table in self.step.tables()}
        main = tables.pop(self.step.provides.name)
        return self.write(main, beside=tables)


class CutTask(Task):
    """A table that is not co-partitioned, cut for one step: a row group for each part that some rows name.

    `inputs` hold the files of the table, and as `by` those of a co-partitioned one, of which `parts` are the numbers;
    `side["keys"]` the columns of the former that name, `side["by"]` the column of the latter that is named.
    """

    def run(self) -> Receipt:
        cut = self.find()
        table = cut.rows.take(pa.array(cut.at))
        return self.write_shelved(table, cut.extra["groups"]["numbers"], cut.groups, cut.extra)

    def find(self) -> Cut:
        """Find each part's rows."""
        [name] = set(self.inputs) - {"by"}
        rows = self.read(self.inputs[name], self.step.reads()[name]).combine_chunks()
        index, row_digests = _Index(rows, self.side["keys"]), RowDigests(rows)
        found = [np.zeros(0, np.int64)]
        numbers, digests, groups, offset = [], [], [], 0
        for file, part in zip(self.inputs["by"], self.parts, strict=True):
            at = index.rows_of(self.read((file,), (self.side["by"],))[self.side["by"]])
            if len(at):
                found.append(at)
                numbers.append(part)
                digests.append(row_digests.of(at))
                groups.append((offset, len(at)))
                offset += len(at)
        return Cut(rows, np.concatenate(found), groups, told(numbers, digests))


@dataclass(frozen=True)
class Cut:
    """A table and, part after part, the numbers of its rows that the parts get: (offset, rows) of each part that gets any, and
    their digests for the receipt."""

    rows: pa.Table
    at: np.ndarray
    groups: list[tuple[int, int]]
    extra: dict[str, Any]


class _Index:
    """Finds the rows of a table that have one of some values in one of its key columns."""

    def __init__(self, rows: pa.Table, keys: tuple[str, ...]) -> None:
        self._keys = [rows[key] for key in keys]
        hashes = np.concatenate([_hashes(key) for key in self._keys])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._rows = hashes[order], order % max(rows.num_rows, 1)

    def rows_of(self, values: pa.ChunkedArray) -> np.ndarray:
        """Numbers of the rows, ascending."""
        if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
            values = pc.list_flatten(values)
        values = values.drop_null().unique()
        hashes = _hashes(pa.chunked_array([values]))
        first = np.searchsorted(self._hashes, hashes, "left")
        counts = np.searchsorted(self._hashes, hashes, "right") - first
        if not counts.sum():
            return np.zeros(0, np.int64)
        places = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        at = np.unique(self._rows[places])
        named = [pc.is_in(key.take(pa.array(at)), value_set=values) for key in self._keys]
        found: np.ndarray = at[np.logical_or.reduce([mask.to_numpy().astype(bool) for mask in named])]
        return found


def _hashes(column: pa.ChunkedArray) -> np.ndarray:
    hashes: np.ndarray = pl.Series(pl.from_arrow(column)).hash(0).to_numpy()
    return hashes


def _sortable(table: pa.Table, column: str) -> bool:
    kind = table.schema.field(column).type
    return not (pa.types.is_nested(kind) or pa.types.is_large_string(kind))
