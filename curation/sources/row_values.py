"""A row made of the values of a data file: its id, its text, the columns that metadata is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from curation.sources.members import utf8
from curation.sources.metadata import KEPT_KEYS
from curation.sources.rows import DataRow, Fields
from schemas import Reason

MAX_ROW_BYTES = 64 << 20
"""A longer line or text is a failed row. The longest papers of arXiv have some MB of text."""
FREE_ROWS, MIN_ROW_BYTES = 10_000, 4
"""A packed row takes more bytes than that."""
MAX_ID_CHARS = 1000
MAX_VALUE_CHARS = 1 << 20
MAX_ITEMS = 100_000
"""Bounds of one value on its way: far above those of any field (`curation.sources.metadata`), which then refuses it."""


def plain_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """The values that metadata is made of, as plain data; what a value is not of the right kind for is decided there."""
    return {key: _plain_value(record[key]) for key in KEPT_KEYS if record.get(key) is not None}


def size_of(record: Mapping[str, Any]) -> int:
    """About how many characters a record has."""
    return sum(len(value) for value in record.values() if isinstance(value, str | list | dict))


def _plain_value(value: object, depth: int = 6) -> Any:
    if isinstance(value, str):
        return value[:MAX_VALUE_CHARS]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k)[:100]: _plain_value(v, depth - 1) for k, v in list(value.items())[:MAX_ITEMS]} if depth else {}
    if isinstance(value, list | tuple):
        return [_plain_value(v, depth - 1) for v in value[:MAX_ITEMS]] if depth else []
    return str(value)[:MAX_VALUE_CHARS]


def id_of(value: object) -> str | None:
    """An id as a string; None for what is none. Of one over MAX_ID_CHARS the beginning and a digest."""
    if value is None or isinstance(value, bool | dict | list) or value in ("", b""):
        return None
    id_ = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else utf8(str(value))
    if len(id_) <= MAX_ID_CHARS:
        return id_
    return f"{id_[:100]}...{hashlib.sha256(id_.encode()).hexdigest()[:32]}"


def max_rows(file_bytes: int) -> int:
    """Rows that a file of so many bytes may have: each takes disk and 8 bytes of memory of who lists it."""
    return FREE_ROWS + file_bytes // MIN_ROW_BYTES


def too_many(name: str, count: int) -> DataRow:
    """What stands for the rows of a file that has more than `max_rows`."""
    return broken(b"", Reason.TOO_LARGE, f"{name} has {count:,} rows, too many for its size; the rest is not read")


def row_of_values(id_: object, text: object, line: bytes, fields: Fields) -> DataRow:
    """A row of an id and a text; one that cannot be read where they are none.

    Args:
        line: of JSON lines, the raw line.
    """
    found = id_of(id_)
    if isinstance(text, str):
        data = text.encode("utf-8", "surrogatepass")
        row = DataRow(found, hashlib.sha256(data).hexdigest(), len(data))
        if not text.strip():
            return replace(row, reason=Reason.EMPTY_FILE.value, detail="the row's text is empty")
        return replace(row, text=text) if fields == "text" else row
    raw = line or json.dumps([found, str(type(text))]).encode()
    detail = "the row has no text" if text is None else f"the row's text is no string but {type(text).__name__}"
    return replace(broken(raw, Reason.UNREADABLE, detail), id=found)


def too_large(sha256: str, size: int, what: str, where: tuple[int, int] | None) -> DataRow:
    """A row over MAX_ROW_BYTES."""
    detail = f"{what} has {size:,} bytes; {MAX_ROW_BYTES >> 20} MiB are read"
    return DataRow(None, sha256, size, reason=Reason.TOO_LARGE.value, detail=detail, where=where)


def broken(line: bytes, reason: Reason | None = None, detail: str | None = None) -> DataRow:
    """A row without an id and a text, known by its bytes."""
    return DataRow(None, hashlib.sha256(line).hexdigest(), len(line), reason=reason, detail=detail)
