"""The one Parquet writer. Nothing else of ours writes Parquet, so equal rows give equal bytes.

Options are fixed: zstd level 3, page index, a checksum a page, dictionary encoding off for long text, format 2.6. Row groups are cut
by bytes of content, about 16 MiB (the reader's unit; DESIGN: streaming) or where the caller says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.errors import ContractError

ROW_GROUP_BYTES = 16 * 2**20
ZSTD_LEVEL = 3
WRITER_VERSION = 2
"""Bumped whenever equal rows give other bytes; part of every step's identity, for all parts change with it.
2: checksums of pages (CRC-32 of the compressed bytes, checked by curation.streaming)."""


def conform(table: pa.Table, schema: pa.Schema, what: str) -> pa.Table:
    """Select and cast the columns of a schema, in its order, as one chunk a column.

    Args:
        what: who made the table, for the error.

    Raises:
        ContractError: columns are missing, doubled, of another type, or null where the schema forbids it.
    """
    as_table(table, what)
    missing = [name for name in schema.names if name not in table.column_names]
    extra = [name for name in table.column_names if name not in schema.names]
    if missing or extra:
        raise ContractError(f"{what}: columns missing {missing}, not in the schema {extra}")
    table = table.select(schema.names)
    if not table.schema.equals(schema, check_metadata=True):
        try:
            table = table.cast(schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise ContractError(f"{what}: {_misfit(table, schema)}{error}") from error
    for name, column in zip(schema.names, table.columns, strict=True):
        if column.null_count and not schema.field(name).nullable:
            raise ContractError(f"{what}: column {name} holds {column.null_count} nulls and may hold none")
    return table.combine_chunks()


def _misfit(table: pa.Table, schema: pa.Schema) -> str:
    """The first column that cannot be cast, for an error that does not name it."""
    for name, column in zip(schema.names, table.columns, strict=True):
        try:
            column.cast(schema.field(name).type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
            return f"column {name} is of type {column.type}, not {schema.field(name).type}: "
    return ""


def as_table(value: object, what: str) -> pa.Table:
    """The value, which is a table.

    Raises:
        ContractError: it is not.
    """
    if not isinstance(value, pa.Table):
        raise ContractError(f"{what}: returned {type(value).__name__}, not a pyarrow Table")
    return value


def sort_rows(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """Sort rows by columns, ascending, nulls last, stable; dictionaries by their values."""
    if not by or table.num_rows < 2:
        return table
    keys = pa.table({name: _sortable(table[name]) for name in by})
    return table.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in by]))


def _sortable(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column by which Arrow sorts as by this one: it knows no order of dictionaries."""
    if not pa.types.is_dictionary(column.type):
        return column
    one = column.unify_dictionaries().combine_chunks()
    return pc.rank(one.dictionary, "ascending", tiebreaker="dense").take(one.indices)


def row_groups(table: pa.Table, target_bytes: int = ROW_GROUP_BYTES) -> list[tuple[int, int]]:
    """Cut a table into row groups of about `target_bytes` of variable-width content: (offset, rows) each."""
    if table.num_rows == 0:
        return []
    sizes = None
    for column in table.columns:
        if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
            lengths = pc.fill_null(pc.binary_length(column), 0).cast(pa.int64())
        elif pa.types.is_dictionary(column.type):
            lengths = pa.repeat(pa.scalar(column.type.index_type.bit_width // 8, pa.int64()), table.num_rows)
        else:
            continue
        sizes = lengths if sizes is None else pc.add(sizes, lengths)
    if sizes is None:
        return [(0, table.num_rows)]
    ends = pc.cumulative_sum(sizes).to_numpy()
    groups: list[tuple[int, int]] = []
    start, base = 0, 0
    while start < table.num_rows:
        stop = max(int(ends.searchsorted(base + target_bytes, side="right")), start + 1)
        groups.append((start, stop - start))
        start, base = stop, int(ends[stop - 1])
    return groups


def write(
    table: pa.Table,
    sink: IO[bytes],
    *,
    groups: Iterable[tuple[int, int]] | None = None,
    metadata: dict[str, str] | None = None,
) -> None:
    """Write a table; `groups` are (offset, rows) of its row groups, by default cut by bytes.

    Args:
        metadata: further key-value pairs for the file footer.
    """
    schema = table.schema
    if metadata:
        schema = schema.with_metadata({**(schema.metadata or {}), **metadata})
        table = table.replace_schema_metadata(schema.metadata)
    plain = [f.name for f in schema if not pa.types.is_large_string(f.type)]
    options: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": ZSTD_LEVEL,
        "version": "2.6",
        "data_page_version": "1.0",
        "write_page_index": True,
        "write_page_checksum": True,
        "use_dictionary": plain,
        "write_statistics": True,
    }
    with pq.ParquetWriter(sink, schema, **options) as writer:
        for offset, rows in row_groups(table) if groups is None else groups:
            writer.write_table(table.slice(offset, rows), row_group_size=max(rows, 1))
