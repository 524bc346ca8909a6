"""Batches of samples as Arrow tables, and as numpy arrays with the rows end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.arrays import numbers
from curation.errors import UserError


@dataclass(frozen=True)
class Packed:
    """A column of a batch: row i is `values[offsets[i]:offsets[i + 1]]`.

    Attributes:
        values: UTF-8 bytes of text (uint8), numbers of lists of numbers, or the numbers themselves.
        offsets: one more than rows, int64; what variable-length attention takes as cumulative lengths.
    """

    values: NDArray[Any]
    offsets: NDArray[np.int64]


def cut(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Tables of `rows` rows from tables of any; the last may be shorter."""
    waiting: list[pa.Table] = []
    n = 0
    for table in tables:
        waiting.append(table)
        n += table.num_rows
        if n < rows:
            continue
        whole = pa.concat_tables(waiting)
        at = 0
        while n - at >= rows:
            yield whole.slice(at, rows).combine_chunks()
            at += rows
        waiting, n = [whole.slice(at)], n - at
    if n:
        yield pa.concat_tables(waiting).combine_chunks()


def packed(table: pa.Table) -> dict[str, Packed]:
    """The columns of a table as numpy; nulls are empty rows.

    Raises:
        UserError: a column is neither text, nor numbers, nor lists of numbers, or a number is null.
    """
    return {name: _packed(name, column) for name, column in zip(table.column_names, table.columns, strict=True)}


def _packed(name: str, column: pa.ChunkedArray) -> Packed:
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    kind = chunk.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if chunk.null_count:
            raise UserError(f"column {name} has nulls: it cannot be packed as numbers")
        return Packed(numbers(chunk), np.arange(len(chunk) + 1))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        width = np.int32 if pa.types.is_string(kind) else np.int64
        _, ends, data = chunk.buffers()
        values = np.frombuffer(data if data is not None else b"", np.uint8)
        return _between(values, np.frombuffer(ends, width)[chunk.offset :][: len(chunk) + 1])
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if is_list and (pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type)):
        if chunk.values.null_count:
            raise UserError(f"column {name} has nulls in its lists: it cannot be packed as numbers")
        return _between(numbers(chunk.values), numbers(chunk.offsets))
    raise UserError(f"column {name} is {kind}: only text, numbers and lists of numbers can be packed")


def _between(values: NDArray[Any], offsets: NDArray[Any]) -> Packed:
    offsets = offsets.astype(np.int64)
    return Packed(values[offsets[0] : offsets[-1]], offsets - offsets[0])
