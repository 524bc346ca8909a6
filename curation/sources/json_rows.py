"""Rows of JSON lines, plain or packed."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from curation.confine.progress import at
from curation.sources.metadata import KEPT_KEYS
from curation.sources.row_values import (
    MAX_ROW_BYTES,
    broken,
    max_rows,
    plain_record,
    row_of_values,
    too_large,
    too_many,
)
from curation.sources.rows import DataRow, Fields, Item, Position, Wanted
from curation.sources.text_file import open_text_file
from schemas import Reason

MAX_RATIO = 100
"""Bytes that a byte of a packed file may give: JSON lines pack 3 to 20 times, gzip at most 1,032 times."""
RATIO_FREE_BYTES = 256 << 20


def json_rows(file: io.BufferedReader, name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[Item]:
    """The rows of an open file from one position to another; a last one says why it is not read on."""
    packed_bytes = os.fstat(file.fileno()).st_size
    bound = packed_bytes * MAX_RATIO + RATIO_FREE_BYTES
    with open_text_file(Path(name), file) as stream:
        if wanted.spans is not None:
            yield from _span_rows(stream, name, wanted, start, stop)
            return
        end = skip(stream, 0, start[1])
        at(0, end, 0)
        count = 0
        while True:
            line, sha256, size = read_line(stream)
            begin, end = end, end + size
            if not size or (0, begin) >= stop:
                return
            if end > bound:
                detail = f"{name} unpacks to more than {MAX_RATIO} times its size; the rest is not read"
                yield None, broken(b"", Reason.TOO_LARGE, detail)
                return
            if size <= MAX_ROW_BYTES and not line.strip():
                continue  # says no step: a file of nothing else has the time of one row
            at(0, begin, 0)
            if (count := count + 1) > max_rows(packed_bytes):
                yield None, too_many(name, count)
                return
            row = json_row(line, name, begin, wanted.fields)
            if size > MAX_ROW_BYTES:
                row = too_large(sha256, size, f"a line of {name}", (begin, end))
            yield (0, end), row
            at(0, end, 0)


def _span_rows(stream: IO[bytes], name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[Item]:
    spans = wanted.spans or ()
    here = 0
    for i in range(start[0], len(spans)):
        begin, end = spans[i]
        if (i, begin) >= stop:
            return
        at(i, begin, 0)
        here = skip(stream, here, begin)
        line, sha256, size = read_line(stream, end - begin)
        here += size
        after = (i + 1, spans[i + 1][0]) if i + 1 < len(spans) else None
        row = json_row(line, name, begin, wanted.fields)
        if size > MAX_ROW_BYTES:
            row = too_large(sha256, size, f"a line of {name}", (begin, end))
        yield after, row


def skip(stream: IO[bytes], here: int, to: int) -> int:
    """Go on in a stream to a byte; returns where it stands then."""
    if stream.seekable():
        return stream.seek(to)
    while here < to and (skipped := stream.read(min(to - here, 1 << 20))):
        here += len(skipped)
        at(0, here, 0)
    return here


def read_line(stream: IO[bytes], length: int | None = None) -> tuple[bytes, str, int]:
    """A line (or `length` bytes), its sha256 and its length. Of one over MAX_ROW_BYTES only these two are kept, of others the
    sha256 is not taken here."""
    want = MAX_ROW_BYTES + 1 if length is None else min(length, MAX_ROW_BYTES + 1)
    line = stream.readline(want) if length is None else stream.read(want)
    if (size := len(line)) <= MAX_ROW_BYTES:
        return line, "", size
    digest = hashlib.sha256(line)
    ends = line.endswith(b"\n") if length is None else size == length
    while not ends:
        more = stream.readline(1 << 20) if length is None else stream.read(min(1 << 20, length - size))
        digest.update(more)
        size += len(more)
        ends = not more or (more.endswith(b"\n") if length is None else size == length)
    return b"", digest.hexdigest(), size


def json_row(line: bytes, name: str, start: int, fields: Fields) -> DataRow:
    """The row that a line holds.

    Args:
        start: byte of the file at which the line starts.
    """
    where = (start, start + len(line))
    try:
        record = json.loads(line, object_pairs_hook=_with_doubles)
    except (ValueError, RecursionError) as error:
        return replace(broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON: {str(error)[:120]}"), where=where)
    if not isinstance(record, dict):
        return replace(broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON object"), where=where)
    text = record.pop("text", None)
    row = replace(row_of_values(record.get("id"), text, line, fields), where=where)
    return replace(row, record=plain_record(record)) if fields == "record" else row


def _with_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a key of metadata that stands twice has both values, which is no value of its kind."""
    made = dict(pairs)
    if len(made) < len(pairs):
        for key in {key for key, _ in pairs} & {*KEPT_KEYS} - {"id"}:
            values = [value for name, value in pairs if name == key]
            made[key] = values if len(values) > 1 else values[0]
    return made
