"""A paper's rows by any of its names."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import names
from curation.identity import ids_of
from curation.streaming.order import RowGroup
from curation.streaming.row_groups import RowGroups

_NAMES = ("id", "pair_id", "doc_id", "paper_id", "source_id", "doi", "bibcode", "links")
"""Columns by which a row is found, those of them that a file has."""


def name_columns(files: RowGroups, file: int) -> list[str]:
    there = files.footer(file).schema.to_arrow_schema().names
    return [name for name in _NAMES if name in there]


def spellings(name: str) -> pa.Array:
    """A name as it is written, and each id that it is a spelling of, with and without its prefix (`arXiv:2301.00001`)."""
    ids = sorted(ids_of(name))
    return names(tuple(dict.fromkeys((name, *ids, *(id.partition(":")[2] for id in ids)))))[:-1]


def rows_named(files: RowGroups, group: RowGroup, wanted: pa.Array) -> list[int]:
    """The rows of a row group with one of the `spellings` of a name in a column of names, by a scan of those columns."""
    table = files.read(group.file, group.number, name_columns(files, group.file))
    return sorted({row for column in table.columns for row in _hits(column, wanted)})


def _hits(column: pa.ChunkedArray, wanted: pa.Array) -> list[int]:
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return list(pc.indices_nonzero(pc.is_in(column, value_set=wanted)).to_pylist())
    chunk = column.combine_chunks()
    values, parents = pc.list_flatten(chunk), pc.list_parent_indices(chunk)
    return list(parents.filter(pc.is_in(values, value_set=wanted)).to_pylist())
