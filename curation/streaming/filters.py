"""Which rows of a release a stream reads, by the values of columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.arrays import to_arrow
from curation.errors import UserError

Filter: TypeAlias = tuple[str, str, Any]
"""(column, operator, value), as pyarrow's and datasets' `filters`. A null is in no filter."""
Chosen: TypeAlias = tuple[NDArray[np.int32], ...]
"""Of each row group, the rows that are read."""


def _is_in(column: pa.ChunkedArray, values: Sequence[Any]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(list(values), column.type), skip_nulls=True)


def _is_not_in(column: pa.ChunkedArray, values: Sequence[Any]) -> pa.ChunkedArray:
    return pc.and_(pc.invert(_is_in(column, values)), pc.is_valid(column))


OPERATORS: Mapping[str, Callable[[pa.ChunkedArray, Any], pa.ChunkedArray]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "in": _is_in,
    "not in": _is_not_in,
}


def checked_filters(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """
    Raises:
        UserError: one is not (column, operator, value), or its operator is unknown.
    """
    for entry in filters:
        if not isinstance(entry, (tuple, list)) or len(entry) != 3 or entry[1] not in OPERATORS:
            raise UserError(
                f'filter {entry!r}: (column, operator, value), as ("source", "==", "arxiv"); operators: {", ".join(OPERATORS)}'
            )
    return tuple((column, operator, value) for column, operator, value in filters)


def passing(table: pa.Table, filters: Sequence[Filter]) -> NDArray[np.int32]:
    """The numbers of the rows that pass all filters.

    Raises:
        UserError: a column cannot be compared with a value.
    """
    rows = to_arrow(np.arange(table.num_rows, dtype=np.int32))
    for column, operator, value in filters:
        kind = table.schema.field(column).type
        try:
            mask = OPERATORS[operator](table[column], value)
            table, rows = table.filter(mask), rows.filter(mask.combine_chunks())
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise UserError(
                f"filter {(column, operator, value)!r}: column {column} is {kind} ({str(error)[:200]})"
            ) from error
    return np.frombuffer(rows.buffers()[1], np.int32)[rows.offset : rows.offset + len(rows)]


def digest_of(release: str, chosen: Chosen) -> str:
    """What names a release of which some rows are read: their numbers, however the filters are spelled."""
    digest = hashlib.sha256(release.encode())
    for rows in chosen:
        digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i4").tobytes())
    return digest.hexdigest()
