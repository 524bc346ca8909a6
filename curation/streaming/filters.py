"""Which rows of a release a stream reads, by the values of columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.arrays import names, to_arrow
from curation.errors import UserError

Filter: TypeAlias = tuple[str, str, Any]
"""(column, operator, value), as pyarrow's and datasets' `filters`. A null is in no filter."""
Operator: TypeAlias = Callable[[pa.ChunkedArray, pa.Array], pa.ChunkedArray]
Chosen: TypeAlias = tuple[NDArray[np.int32], ...]
"""Of each row group, the rows that are read."""


def _first(compare: Callable[[pa.ChunkedArray, pa.Scalar], pa.ChunkedArray]) -> Operator:
    return lambda column, values: compare(column, values[0])


def _is_in(column: pa.ChunkedArray, values: pa.Array) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=values)


def _is_not_in(column: pa.ChunkedArray, values: pa.Array) -> pa.ChunkedArray:
    return pc.and_(pc.invert(_is_in(column, values)), pc.is_valid(column))


_COMPARE: Mapping[str, Operator] = {
    "==": _first(pc.equal),
    "!=": _first(pc.not_equal),
    "<": _first(pc.less),
    "<=": _first(pc.less_equal),
    ">": _first(pc.greater),
    ">=": _first(pc.greater_equal),
}
_SETS: Mapping[str, Operator] = {"in": _is_in, "not in": _is_not_in}
_FLOATS = (float, np.floating)
OPERATORS: Mapping[str, Operator] = {**_COMPARE, **_SETS}


def checked_filters(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """
    Raises:
        UserError: one is not (column, operator, value), its operator is unknown, or it is a set's and the value no list.
    """
    for entry in filters:
        if not isinstance(entry, (tuple, list)) or len(entry) != 3 or entry[1] not in OPERATORS:
            raise UserError(
                f'filter {entry!r}: (column, operator, value), as ("source", "==", "arxiv"); operators: {", ".join(OPERATORS)}'
            )
        if entry[1] in _SETS and not isinstance(entry[2], (list, tuple, set, frozenset)):
            raise UserError(f"filter {entry!r}: {entry[1]} takes a list of values")
    return tuple((column, operator, value) for column, operator, value in filters)


def passing(table: pa.Table, filters: Sequence[Filter]) -> NDArray[np.int32]:
    """The numbers of the rows that pass all filters.

    Raises:
        UserError: a column cannot be compared with a value.
    """
    rows = to_arrow(np.arange(table.num_rows, dtype=np.int32))
    for column, operator, value in filters:
        kind = table.schema.field(column).type
        values = _values(list(value) if operator in _SETS else [value], kind)
        if values is None:
            raise UserError(
                f"filter {(column, operator, value)!r}: column {column} is {kind}; text is compared with text, numbers with numbers"
            )
        mask = OPERATORS[operator](table[column], values)
        table, rows = table.filter(mask), rows.filter(mask.combine_chunks())
    return np.frombuffer(rows.buffers()[1], np.int32)[rows.offset : rows.offset + len(rows)]


def _values(given: Sequence[Any], kind: pa.DataType) -> pa.Array | None:
    """Values to compare a column of a type with; None where they cannot be. Not by pa.array or pa.scalar, which import pandas."""
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if is_text and all(isinstance(value, str) for value in given):
        return names(tuple(given))[:-1].cast(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if is_number and all(isinstance(value, (int, np.integer, *_FLOATS)) for value in given):
        return to_arrow(np.array(given, np.float64 if any(isinstance(value, _FLOATS) for value in given) else np.int64))
    return None


def digest_of(release: str, chosen: Chosen) -> str:
    """What names a release of which some rows are read: their numbers, however the filters are spelled."""
    digest = hashlib.sha256(release.encode())
    for rows in chosen:
        digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i4").tobytes())
    return digest.hexdigest()
