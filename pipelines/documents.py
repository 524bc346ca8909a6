"""A file of documents, as other tools write them: Parquet, or JSONL plain, .gz or .zst, with `id` and `text`."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.parquet import row_groups
from curation.place import is_address, local_path, open_place
from curation.sources.metadata import KEPT_KEYS
from curation.sources.row_values import plain_record
from curation.sources.text_file import numbered_lines
from schemas.files import Files, LocalFiles

BATCH_ROWS = 500
BATCH_BYTES = 16 * 2**20
"""Text of a batch; some batches are held at a time. Rows of 1 MB came to 500 MB a batch without."""
READ_BUFFER_BYTES = 1 << 20
"""Pages are read as they are needed, not whole row groups: half the CPU and 80 MB less on row groups of 5,000 documents
(measured by polling, 186 MB of text)."""

COLUMNS: Mapping[str, pa.DataType] = {
    "id": pa.string(),
    "text": pa.large_string(),
    "version": pa.int32(),
    "is_journal": pa.bool_(),
    "date": pa.string(),
    "work_id": pa.string(),
    "source": pa.string(),
}
"""Columns that are read; id and text must be there, another one that is not is null."""
RECORD = "record"
"""Asked for as a column: what else a document states of itself (ids, title, authors, journal ...), as JSON by the keys of metadata
records."""
_OF_PAPER_ID = {"arXiv": "arxiv_id", "doi": "doi", "bibcode": "bibcode"}
_STATED = (*KEPT_KEYS, "paper_id")
_TYPES: Mapping[str, pa.DataType] = {**COLUMNS, RECORD: pa.large_string()}
FORMATS = (".parquet", ".jsonl", ".gz", ".zst")


@dataclass(frozen=True)
class DocumentFile:
    """A file of documents.

    Args:
        place, name: where it lies.

    Raises:
        UserError: on reading: no such file, a column is missing or of another kind, a line is no JSON, text is not UTF-8;
            names the file and the line or row.
    """

    place: Files
    name: str

    @property
    def where(self) -> str:
        """Its path or address."""
        return self.place.where(self.name)

    @property
    def path(self) -> Path | None:
        """Its path, where it lies in a folder of this machine."""
        return self.place.local(self.name)

    def batches(self, columns: tuple[str, ...] = tuple(COLUMNS), *, again: bool = False) -> Iterator[pa.Table]:
        """Tables of `columns` in the file's order, of up to `BATCH_ROWS` documents and about `BATCH_BYTES` of text.

        Args:
            again: the file was read to its end before, so its strings are known to be UTF-8.
        """
        if self.place.size(self.name) is None:
            raise UserError(f"{self.where} is no file; give one of {', '.join(FORMATS)}")
        if not self.name.endswith(FORMATS):
            raise UserError(f"{self.where}: its kind is told by its name, which must end in {', '.join(FORMATS)}")
        return self._parquet(columns, again) if self.name.endswith(".parquet") else self._jsonl(columns)

    def _parquet(self, columns: tuple[str, ...], again: bool) -> Iterator[pa.Table]:
        try:
            source = self.path or self.place.open(self.name)
            file = pq.ParquetFile(source, pre_buffer=False, buffer_size=READ_BUFFER_BYTES)
        except (pa.ArrowInvalid, OSError) as error:
            raise UserError(f"{self.where} cannot be read as Parquet: {error}") from error
        with file:
            there = file.schema_arrow.names
            if missing := [c for c in ("id", "text") if c not in there]:
                raise UserError(f"{self.where} has no column {', '.join(missing)}; it has {', '.join(there)}")
            wanted = [c for c in dict.fromkeys((*columns, *(_STATED if RECORD in columns else ()))) if c in there]
            if doubled := [c for c in wanted if there.count(c) > 1]:
                raise UserError(f"{self.where} has two columns {', '.join(doubled)}; rename one")
            row = 0
            try:
                for batch in file.iter_batches(_rows_a_batch(file), columns=wanted, use_threads=False):
                    table = self._cast(pa.Table.from_batches([batch]), columns, None if again else row)
                    row += batch.num_rows
                    small = "text" not in columns or table["text"].nbytes <= BATCH_BYTES
                    for offset, rows in [(0, len(table))] if small else row_groups(table, BATCH_BYTES):
                        yield table.slice(offset, rows)
            except (pa.ArrowException, OSError) as error:
                raise UserError(f"{self.where} cannot be read after row {row}: {error}") from error

    def _cast(self, table: pa.Table, columns: tuple[str, ...], row: int | None) -> pa.Table:
        """Columns of the wanted types; text stays string or large_string, so that it is not copied.

        Args:
            row: documents before the table; None when its strings need no check.
        """
        found = {}
        for name in columns:
            if name == RECORD:
                found[name] = pa.array(map(_record, table.drop_columns(["text"]).to_pylist()), _TYPES[RECORD])
                continue
            if name not in table.column_names:
                found[name] = pa.nulls(len(table), COLUMNS[name])
                continue
            column = table.column(name)
            if row is not None:
                self._check_utf8(column, name, row)
            if name != "text" or column.type != pa.string():
                try:
                    column = column.cast(COLUMNS[name])
                except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                    raise UserError(f"{self.where}: column {name}: {error}") from error
            found[name] = column
        return pa.table(found)

    def _check_utf8(self, column: pa.ChunkedArray, name: str, row: int) -> None:
        """Parquet readers pass strings on as they are, and code over Arrow strings trusts them."""
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            for i in range(len(column)):
                try:
                    column[i].as_py()
                except UnicodeDecodeError as wrong:
                    raise UserError(f"{self.where}, row {row + i}: column {name} is not UTF-8: {wrong}") from error
            raise UserError(f"{self.where}, after row {row}: column {name}: {error}") from error

    def _jsonl(self, columns: tuple[str, ...]) -> Iterator[pa.Table]:
        rows: dict[int, dict[str, Any]] = {}
        size, number = 0, 0
        try:
            for number, line in numbered_lines(self.where, cast(io.BufferedReader, self.place.stream(self.name))):
                if not line.strip():
                    continue
                rows[number] = self._row(line, number)
                size += len(line)
                if len(rows) == BATCH_ROWS or size >= BATCH_BYTES:
                    yield self._table(rows, columns)
                    rows, size = {}, 0
        except OSError as error:
            raise UserError(f"{self.where} cannot be read after line {number}: {error}") from error
        if rows:
            yield self._table(rows, columns)

    def _row(self, line: bytes, number: int) -> dict[str, Any]:
        where = f"{self.where}, line {number}"
        try:
            row = json.loads(line.decode())
        except UnicodeDecodeError as error:
            raise UserError(f"{where} is not UTF-8: {error}") from error
        except (ValueError, RecursionError) as error:
            raise UserError(f"{where} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise UserError(f"{where}: a line holds one document, {{...}}")
        if type(row.get("id")) is int:
            row["id"] = str(row["id"])
        if not isinstance(row.get("id"), str) or not isinstance(row.get("text", 0), str | NoneType):
            raise UserError(f"{where}: needs `id`, a string or an integer, and `text`, a string or null")
        return row

    def _table(self, rows: dict[int, dict[str, Any]], columns: tuple[str, ...]) -> pa.Table:
        try:
            records = {RECORD: [_record(row) for row in rows.values()]} if RECORD in columns else {}
            return pa.table(
                {c: pa.array(records.get(c) or [r.get(c) for r in rows.values()], _TYPES[c]) for c in columns}
            )
        except (pa.ArrowException, UnicodeEncodeError, OverflowError) as error:
            if len(rows) == 1:
                raise UserError(f"{self.where}, line {min(rows)}: {error}") from error
            for number, row in rows.items():
                self._table({number: row}, columns)
            raise


def _record(row: Mapping[str, Any]) -> str | None:
    """A release says in `paper_id` what metadata records say in other keys."""
    kind, _, value = str(row.get("paper_id") or "").partition(":")
    named = {_OF_PAPER_ID[kind]: value} if kind in _OF_PAPER_ID else {}
    record = plain_record(named | {key: value for key, value in row.items() if value is not None})
    return json.dumps(record, sort_keys=True) if record else None


def document_file(file: str | os.PathLike[str]) -> DocumentFile:
    """The file of documents at a path or an address. Raises UserError for an address of an unknown scheme."""
    text = os.fspath(file)
    if not is_address(text):
        path = local_path(text)
        return DocumentFile(LocalFiles(path.parent), path.name)
    folder, _, name = text.rpartition("/")
    return DocumentFile(open_place(folder), name)


def _rows_a_batch(file: pq.ParquetFile) -> int:
    """Rows of about `BATCH_BYTES`, by the largest row group."""
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    width = max((g.total_byte_size / max(g.num_rows, 1) for g in groups), default=0.0)
    return min(BATCH_ROWS, max(1, int(BATCH_BYTES // max(width, 1))))
