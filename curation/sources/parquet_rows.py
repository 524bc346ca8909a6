"""Rows of Parquet files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.confine.progress import at
from curation.sources.metadata import KEPT_KEYS
from curation.sources.row_values import (
    MAX_ROW_BYTES,
    broken,
    id_of,
    max_rows,
    plain_record,
    row_of_values,
    too_large,
    too_many,
)
from curation.sources.rows import DataRow, Fields, Item, Position, Wanted
from schemas import Reason


def parquet_rows(file: IO[bytes], name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[Item]:
    """The rows of an open file from one position to another; a last one says why it is not read on."""
    with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as parquet:
        names = parquet.schema_arrow.names
        if not has_documents(names):
            yield None, broken(b"", Reason.UNREADABLE, f"{name} needs one column id and one column text")
            return
        if (count := parquet.metadata.num_rows) > max_rows(os.fstat(file.fileno()).st_size):
            yield None, too_many(name, count)
            return
        more = {"id": [], "digest": ["text"], "record": ["text", *KEPT_KEYS], "text": ["text"]}[wanted.fields]
        columns = ["id", *(column for column in more if column != "id" and names.count(column) == 1)]
        groups = (
            list(range(parquet.num_row_groups))
            if wanted.spans is None
            else [group for a, b in wanted.spans for group in range(a, min(b, parquet.num_row_groups))]
        )
        for i in range(start[0], len(groups)):
            if (i, 0) >= stop:
                return
            first = start[1] if i == start[0] else 0
            last = stop[1] if i == stop[0] else None
            yield from _group_rows(parquet, name, wanted, columns, (i, groups[i], first, last))


def _group_rows(
    parquet: pq.ParquetFile,
    name: str,
    wanted: Wanted,
    columns: list[str],
    group: tuple[int, int, int, int | None],
) -> Iterator[Item]:
    """The rows of a group. `group`: place in the list, number, first row, the one before which to stop."""
    i, number, first, last = group
    count = parquet.metadata.row_group(number).num_rows
    names = parquet.schema_arrow.names
    doubled = [key for key in KEPT_KEYS if names.count(key) > 1]
    stop = count if last is None else min(last, count)
    begin = 0
    if begin < stop:
        at(i, begin, wanted.batch_rows)
    for batch in parquet.iter_batches(batch_size=wanted.batch_rows, row_groups=[number], columns=columns):
        if begin + batch.num_rows > first:
            records = _records(batch, doubled) if wanted.fields == "record" else None
            ids = _values(plain_strings(batch.column("id")))
            texts = plain_strings(batch.column("text")) if wanted.fields != "id" else None
            for row in range(max(first - begin, 0), min(batch.num_rows, stop - begin)):
                at(i, begin + row, 0)
                made = _cell(ids[row], texts, row, name, wanted.fields)
                made = replace(made, where=(number, begin + row), record=records[row] if records else {})
                yield ((i, begin + row + 1) if begin + row + 1 < count else (i + 1, 0)), made
        begin += batch.num_rows
        if begin >= stop:  # what lies behind is not decoded
            return
        at(i, begin, wanted.batch_rows)


def _cell(id_: object, texts: pa.Array | None, row: int, name: str, fields: Fields) -> DataRow:
    if texts is None:
        return DataRow(id_of(id_), "", 0)
    scalar = texts[row]
    is_text = pa.types.is_large_binary(texts.type) and scalar.is_valid
    if is_text and (size := len(buffer := scalar.as_buffer())) > MAX_ROW_BYTES:
        sha256 = hashlib.sha256(buffer).hexdigest()
        return replace(too_large(sha256, size, f"a text of {name}", None), id=id_of(id_))
    value = scalar.as_py()
    if is_text:
        try:
            value = value.decode()
        except UnicodeDecodeError:
            detail = f"a row of {name} has text that is no UTF-8"
            return replace(broken(value, Reason.UNREADABLE, detail), id=id_of(id_))
    return row_of_values(id_, value, b"", fields)


def has_documents(names: list[str]) -> bool:
    """Whether a file with these columns holds documents."""
    return names.count("id") == 1 and names.count("text") == 1


def plain_strings(column: pa.Array) -> pa.Array:
    """Strings as the bytes that they are: to_pylist raises for what is no UTF-8."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_string = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return column.cast(pa.large_binary()) if is_string else column


def _records(batch: pa.RecordBatch, doubled: list[str]) -> list[dict[str, Any]]:
    columns = [(name, _values(batch.column(name))) for name in batch.schema.names if name != "text"]
    both = {key: ["two columns"] for key in doubled}  # no value of its kind
    return [plain_record({**both, **{name: values[row] for name, values in columns}}) for row in range(batch.num_rows)]


def _values(column: pa.Array) -> list[Any]:
    """The values of a column; null for one that Python cannot hold (a date past the year 9999, bytes that are no UTF-8)."""
    try:
        return cast(list[Any], column.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        return None
