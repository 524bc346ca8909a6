"""Where a sample of the order comes from, where a paper stands in it, and a paper's rows by any of its names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.streaming.order import RowGroup, row_order
from curation.streaming.row_groups import RowGroups

if TYPE_CHECKING:
    from curation.streaming.reader import Reader

_NAMES = ("id", "pair_id", "doc_id", "paper_id", "links")
"""Columns by which a row is found, those of them that a file has."""


@dataclass(frozen=True)
class Origin:
    """One sample of an epoch and the row that it is.

    Attributes:
        sample: its number in the epoch's global order.
        lane: the place in a round, sample mod lanes.
        file, row_group, row: where the row lies.
        names: its ids.
    """

    epoch: int
    sample: int
    lane: int
    file: str
    row_group: int
    row: int
    names: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For JSON, ids beside the rest."""
        fields = asdict(self)
        names: dict[str, Any] = fields.pop("names")
        return fields | names


def origin(reader: Reader, sample: int) -> Origin:
    """The row that a sample of the reader's current epoch is."""
    state = reader.state()
    line = reader.line(state, state.epoch)
    number, start, _ = line.group_at(line.lane(sample % state.lanes).at(sample // state.lanes))
    group = reader.groups[number]
    order = row_order(group.rows, number, seed=state.seed, epoch=state.epoch, shuffle=state.shuffle)
    row = int(order[line.lane(sample % state.lanes).at(sample // state.lanes) - start])
    return _origin(reader, group, row, sample)


def origins_of(reader: Reader, name: str) -> Iterator[Origin]:
    """The samples of the reader's current epoch that a paper's rows are; `name` as in `rows_named`."""
    state = reader.state()
    line = reader.line(state, state.epoch)
    for number, row in rows_named(reader.files, reader.groups, name):
        group = reader.groups[number]
        order = row_order(group.rows, number, seed=state.seed, epoch=state.epoch, shuffle=state.shuffle)
        offset = int(np.flatnonzero(order == row)[0])
        yield _origin(reader, group, row, line.sample_at(line.start_of(number) + offset))


def _origin(reader: Reader, group: RowGroup, row: int, sample: int) -> Origin:
    table = reader.files.read(group.file, group.number, _names(reader.files, group.file))
    state = reader.state()
    names = {name: table[name][row].as_py() for name in table.column_names if name != "links"}
    lane = sample % state.lanes
    return Origin(state.epoch, sample, lane, reader.files.files[group.file].file, group.number, row, names)


def rows_named(files: RowGroups, groups: Sequence[RowGroup], name: str) -> Iterator[tuple[int, int]]:
    """(number of the row group, row) of the rows with a doc_id, paper_id, pair_id or link of this name, by a scan of those columns.

    A link counts with and without its prefix (`arxiv:2301.00001`).
    """
    for number, group in enumerate(groups):
        table = files.read(group.file, group.number, _names(files, group.file))
        rows: set[int] = set()
        for column in table.column_names:
            rows |= set(_hits(table[column], name))
        yield from ((number, row) for row in sorted(rows))


def _names(files: RowGroups, file: int) -> list[str]:
    there = files.footer(file).schema.to_arrow_schema().names
    return [name for name in _NAMES if name in there]


def _hits(column: pa.ChunkedArray, name: str) -> list[int]:
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return list(pc.indices_nonzero(pc.equal(column, pa.scalar(name, column.type))).to_pylist())
    chunk = column.combine_chunks()
    values, parents = pc.list_flatten(chunk), pc.list_parent_indices(chunk)
    same = pc.or_(pc.equal(values, pa.scalar(name, values.type)), pc.ends_with(values, f":{name}"))
    return list(parents.filter(same).to_pylist())
