"""Tasks over whole tables: a whole step, and a table cut to the parts that its rows name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.hashes import hashes_of
from curation.joins import SAMPLES, some
from curation.parquet import conform, sort_rows
from curation.step import Inputs, WholeStep
from pipelines.engine.groups import Groups, RowDigests, told
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
    """A table that is not co-partitioned, cut for one step: a group for each part that some rows name.

    `inputs` hold the files of the table, and as `by` those of co-partitioned ones that have the column which is named, of which
    `parts` are the numbers: several of a part where several steps fill a table, or several tables have the column.
    `side["keys"]` are the columns of the former that name, `side["by"]` the column of the latter; with `side["tells"]` the receipt
    says what matched.
    """

    def run(self) -> Receipt:
        cut = self.find()
        table = cut.rows.take(pa.array(cut.at))
        return self.write_shelved(Groups(table, cut.groups, cut.numbers, cut.digests), cut.extra)

    def find(self, doc_id: str | None = None) -> Cut:
        """Find each part's rows, or those of one document."""
        [name] = set(self.inputs) - {"by"}
        rows = self.read(self.inputs[name], self.step.reads()[name]).combine_chunks()
        index, row_digests = _Index(rows, self.side["keys"]), RowDigests(rows)
        found, matched = [np.zeros(0, np.int64)], _Matched(rows, self.side["keys"][0])
        numbers, digests, groups, offset = [], [], [], 0
        for part, files in self._files().items():
            named = pa.concat_tables(self._named(file, doc_id) for file in files)
            at = index.rows_of(named["value"])
            if self.side["tells"]:
                matched.add(named, at, index)
            if len(at):
                found.append(at)
                numbers.append(part)
                digests.append(row_digests.of(at))
                groups.append((offset, len(at)))
                offset += len(at)
        at = np.concatenate(found)
        tells = {"matched": matched.told(at)} if self.side["tells"] else {}
        return Cut(rows, at, groups, numbers, digests, {**told(numbers, digests), **tells})

    def _files(self) -> dict[int, list[str]]:
        """The files of each part, by ascending part."""
        found: dict[int, list[str]] = {part: [] for part in sorted(set(self.parts))}
        for file, part in zip(self.inputs["by"], self.parts, strict=True):
            found[part].append(file)
        return found

    def _named(self, file: str, doc_id: str | None) -> pa.Table:
        """doc_id and value of everything that the documents of a file name."""
        by = self.side["by"]
        table = self.read((file,), tuple(dict.fromkeys(("doc_id", by))))
        if doc_id is not None:
            table = table.filter(pc.equal(table["doc_id"], doc_id))
        ids, values = table["doc_id"], table[by]
        if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
            ids, values = ids.take(pc.list_parent_indices(values)), pc.list_flatten(values)
        named = pa.table({"doc_id": ids, "value": values.cast(pa.large_string())})
        return named.filter(pc.is_valid(named["value"]))


@dataclass(frozen=True)
class Cut:
    """A table and, part after part, the numbers of its rows that the parts get: (offset, rows), number and digest of each part that
    gets any, and what the receipt says of it."""

    rows: pa.Table
    at: np.ndarray
    groups: list[tuple[int, int]]
    numbers: list[int]
    digests: list[str]
    extra: dict[str, Any]


class _Matched:
    """What of a table and of the documents matched, so that a list which is spelled otherwise does not match nothing silently."""

    def __init__(self, rows: pa.Table, key: str) -> None:
        self._keys = rows[key]
        self._documents = 0
        self._others: list[str] = []

    def add(self, named: pa.Table, at: np.ndarray, index: _Index) -> None:
        """A part: what its documents name, and the rows that it gets."""
        known = index.known(named["value"], at)
        self._documents += len(named["doc_id"].filter(known).unique())
        self._others = [*some((*self._others, *_first(named["value"].filter(pc.invert(known)))))]

    def told(self, at: np.ndarray) -> dict[str, Any]:
        """Both sides for the receipt: rows and those that name a document, documents that are named, and samples of the others."""
        mine = np.zeros(len(self._keys), bool)
        mine[at] = True
        without = list(some(_first(self._keys.filter(pa.array(~mine)))))
        rows = {"count": len(mine), "matched": int(mine.sum()), "samples": without}
        return {"rows": rows, "documents": {"matched": self._documents, "samples": self._others}}


def _first(values: pa.ChunkedArray) -> list[str]:
    """The first few of some strings, in their order."""
    table = pa.table({"value": values.drop_null().unique()})
    options = pc.SelectKOptions(k=min(SAMPLES, table.num_rows), sort_keys=[("value", "ascending")])
    found: list[str] = table["value"].take(pc.select_k_unstable(table, options=options)).to_pylist()
    return found


class _Index:
    """Finds the rows of a table that have one of some values in one of its key columns."""

    def __init__(self, rows: pa.Table, keys: tuple[str, ...]) -> None:
        self._keys = [rows[key].cast(pa.large_string()) for key in keys]
        hashes = np.concatenate([hashes_of(key) for key in self._keys])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._rows = hashes[order], order % max(rows.num_rows, 1)

    def rows_of(self, values: pa.ChunkedArray) -> np.ndarray:
        """Numbers of the rows, ascending."""
        values = values.unique()
        hashes = hashes_of(pa.chunked_array([values]))
        first = np.searchsorted(self._hashes, hashes, "left")
        counts = np.searchsorted(self._hashes, hashes, "right") - first
        if not counts.sum():
            return np.zeros(0, np.int64)
        places = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        at = np.unique(self._rows[places])
        named = [pc.is_in(key.take(pa.array(at)), value_set=values) for key in self._keys]
        found: np.ndarray = at[np.logical_or.reduce([mask.to_numpy().astype(bool) for mask in named])]
        return found

    def known(self, values: pa.ChunkedArray, at: np.ndarray) -> pa.ChunkedArray:
        """Which of some values some rows have, of which none has others."""
        keys = pa.chunked_array(
            [chunk for key in self._keys for chunk in key.take(pa.array(at)).chunks], pa.large_string()
        )
        return pc.is_in(values, value_set=keys.unique())


def _sortable(table: pa.Table, column: str) -> bool:
    kind = table.schema.field(column).type
    return not (pa.types.is_nested(kind) or pa.types.is_large_string(kind))
