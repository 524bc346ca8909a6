"""A paper's rows by any of its names."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import names
from curation.streaming.order import RowGroup
from curation.streaming.row_groups import RowGroups

_NAMES = ("id", "pair_id", "doc_id", "paper_id", "links")
"""Columns by which a row is found, those of them that a file has."""


def name_columns(files: RowGroups, file: int) -> list[str]:
    there = files.footer(file).schema.to_arrow_schema().names
    return [name for name in _NAMES if name in there]


def rows_named(files: RowGroups, group: RowGroup, name: str) -> list[int]:
    """The rows of a row group with a doc_id, paper_id, pair_id or link of this name, by a scan of those columns.

    A link counts with and without its prefix (`arXiv:2301.00001`).
    """
    table = files.read(group.file, group.number, name_columns(files, group.file))
    return sorted({row for column in table.columns for row in _hits(column, name)})


def _hits(column: pa.ChunkedArray, name: str) -> list[int]:
    wanted = names((name,))[0]  # pa.scalar imports pandas
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return list(pc.indices_nonzero(pc.equal(column, wanted)).to_pylist())
    chunk = column.combine_chunks()
    values, parents = pc.list_flatten(chunk), pc.list_parent_indices(chunk)
    same = pc.or_(pc.equal(values, wanted), pc.ends_with(values, f":{name}"))
    return list(parents.filter(same).to_pylist())
