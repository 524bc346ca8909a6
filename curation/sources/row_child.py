"""What the sandbox's child does for a data file: its rows from an open file, a stretch at a time.

`read_on` reads from one position and says where the next stretch starts, so that a stretch which kills its child can be read
again up to the row that did it: `at` tells the parent which row the child is at (of 0 items), or which row it decodes a batch
from (of so many).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from curation.errors import BrokenFileError
from curation.faults import cannot_be_read, is_io_error
from curation.sources.json_rows import json_row, json_rows, read_line, skip
from curation.sources.parquet_rows import parquet_rows
from curation.sources.row_values import MAX_ROW_BYTES, broken, size_of
from curation.sources.rows import DataRow, Item, Position, Wanted, is_parquet, names_of, plain_row
from curation.sources.text_file import open_text_file
from curation.text.clean import clean_text
from schemas import Reason

STRETCH_BYTES = 8 << 20

_Key: TypeAlias = tuple[str, Wanted, Position | None, int]
"""File name, what is wanted, where to stop, inode."""
_END: Position = (1 << 62, 0)


class _Scan:
    """Rows of one open file, which goes on where it stopped as long as nobody asks for another place."""

    def __init__(self, file: int, key: _Key, start: Position) -> None:
        self.key = key
        self.position: Position | None = start
        self._file = os.fdopen(os.dup(file), "rb")
        self._file.seek(0)
        name, wanted, stop, _ = key
        rows = parquet_rows if is_parquet(name) else json_rows
        read = rows(self._file, name, wanted, start, stop or _END)
        self._rows: Generator[Item, None, None] = _caught(name, read)

    def stretch(self) -> list[DataRow]:
        """As many rows as a stretch has; `position` is behind the last one then, None at the end."""
        found: list[DataRow] = []
        names, size = self.key[1].names, 0
        while len(found) < self.key[1].max_rows and size < STRETCH_BYTES and self.position is not None:
            self.position, row = next(self._rows, (None, None))
            if row is None:
                break
            if names is None or row.reason is not None or not names.isdisjoint(names_of(row)):
                found.append(row if row.text is None else replace(row, text=clean_text(row.text, keep_unseen=True)))
            size += row.size + len(row.id or "") + size_of(row.record) + 64  # of rows that nobody wants, too
        return found

    def close(self) -> None:
        self._rows.close()
        self._file.close()


_open: _Scan | None = None


def read_on(file: int, name: str, wanted: Mapping[str, Any], start: Position, stop: Position | None) -> dict[str, Any]:
    """A stretch of rows, in the sandbox.

    Args:
        wanted: a `Wanted`, plain.
        start: position of the first row; (0, 0) for the beginning.
        stop: position of the row before which to end.

    Returns:
        `rows`, each the fields of a `DataRow`; `next`, the position to go on from, None at the end.

    Raises:
        PaperError: IO_ERROR.
    """
    global _open
    asked = Wanted.from_plain(wanted)
    key = (name, asked, None if stop is None else (stop[0], stop[1]), os.fstat(file).st_ino)
    if _open is None or _open.key != key or _open.position != (start[0], start[1]):
        if _open is not None:
            _open.close()
        _open = _Scan(file, key, (start[0], start[1]))
    scan, _open = _open, None  # one that fails is not gone on with
    try:
        rows = scan.stretch()
    except OSError as error:
        raise cannot_be_read(error, name) from error
    _open = scan
    return {"rows": [plain_row(row) for row in rows], "next": scan.position}


def name_line(file: int, name: str, wanted: Mapping[str, Any], place: Position, parse: bool) -> dict[str, Any]:
    """What can be told of a line that is not to be read: its digest, its id if it is to be parsed, and the next position."""
    global _open
    if _open is not None:  # it shares its place in the file with whoever reads here
        _open.close()
        _open = None
    spans = Wanted.from_plain(wanted).spans
    i, j = place
    os.lseek(file, 0, os.SEEK_SET)
    with open_text_file(Path(name), os.fdopen(os.dup(file), "rb")) as stream:
        skip(stream, 0, j)
        line, sha256, size = read_line(stream, spans[i][1] - j if spans else None)
        while size and size <= MAX_ROW_BYTES and not line.strip() and not spans:  # the row stands behind blank lines
            j += size
            line, sha256, size = read_line(stream)
    row = DataRow(None, sha256 or hashlib.sha256(line).hexdigest(), size)
    if parse and size <= MAX_ROW_BYTES:
        row = json_row(line, name, j, "record" if wanted["fields"] == "record" else "id")
    after: Position | None = (0, j + size)
    if spans is not None:
        after = (i + 1, spans[i + 1][0]) if i + 1 < len(spans) else None
    return {"row": plain_row(replace(row, where=(j, j + size))), "next": after}


def _caught(name: str, rows: Iterator[Item]) -> Generator[Item, None, None]:
    """The rows; where the file breaks off, a last one with the reason."""
    try:
        yield from rows
    except BrokenFileError as error:
        yield None, broken(b"", Reason.BAD_ARCHIVE, f"{name} {error.words}")
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        if is_io_error(error) or isinstance(error, MemoryError):  # of Arrow's own errors one is both
            raise
        words = " ".join(str(error).split())[:200]
        yield None, broken(b"", Reason.BAD_ARCHIVE, f"{name} breaks off: {words or type(error).__name__}")
