"""Parquet files of a place as one frame of polars, read lazily: what is asked of a scan is all that is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from pipelines.engine.store import Store


def scan(store: Store, files: Sequence[str], path: str | None = None) -> pl.LazyFrame:
    """Rows of some files, at least one.

    Args:
        path: a column to add, with each row's file below the store's place.
    """
    local = [store.place.local(file) for file in files]
    if None in local:
        return _through_arrow(store, files, path)
    # the paths are names, whatever brackets and stars they hold
    found = pl.scan_parquet([file for file in local if file], glob=False, include_file_paths=path)
    root = f"{store.uri}/"
    return found.with_columns(pl.col(path).str.strip_prefix(root)) if path is not None else found


def _through_arrow(store: Store, files: Sequence[str], path: str | None) -> pl.LazyFrame:
    """The same of a place that polars cannot open: row groups come through pyarrow, one after the other."""

    def frames(
        columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        for file in files:
            with store.parquet(file) as parquet:
                for group in range(parquet.num_row_groups):
                    frame = _group(parquet, group, columns, path, file)
                    frame = frame if predicate is None else frame.filter(predicate)
                    frame = frame if left is None else frame.head(left)
                    yield frame
                    left = None if left is None else left - frame.height
                    if left == 0:
                        return

    with store.parquet(files[0]) as parquet:
        schema = pl.DataFrame(pl.from_arrow(parquet.schema_arrow.empty_table())).schema
    return register_io_source(frames, schema={**schema, **({path: pl.String} if path is not None else {})})


def _group(parquet: pq.ParquetFile, group: int, columns: list[str] | None, path: str | None, file: str) -> pl.DataFrame:
    wanted = None if columns is None else [column for column in columns if column != path]
    frame = pl.DataFrame(pl.from_arrow(parquet.read_row_group(group, columns=wanted)))
    if path is None or (columns is not None and path not in columns):
        return frame
    frame = (
        frame.with_columns(pl.lit(file, pl.String).alias(path))
        if wanted != []
        else pl.DataFrame({path: [file] * parquet.metadata.row_group(group).num_rows})
    )
    return frame if columns is None else frame.select(columns)
