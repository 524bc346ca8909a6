"""Rows of JSONL and Parquet files, read from an open file a stretch at a time: what the sandbox's child does for a data file.

A position is a pair of numbers: of JSON lines the span (0 where there are none) and the byte where the line starts, of
Parquet the place in the list of row groups and the row in the group. `read_on` reads from one position and says where
the next stretch starts, so that a stretch which kills its child can be read again up to the row that did it: `at` tells
the parent which row the child is at (of 0 items), or which row it decodes a batch from (of so many).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.confine.progress import at
from curation.errors import BrokenFileError, PaperError
from curation.faults import cannot_be_read, is_io_error
from curation.sources.metadata import KEPT_KEYS
from curation.sources.place import row_place, utf8
from curation.sources.text_file import open_text_file
from curation.text.clean import clean_text
from schemas import Reason

Fields: TypeAlias = Literal["id", "digest", "record", "text"]
"""What is wanted of a row: its id and place; its digest with them; its metadata with these; or its text, cleaned."""
Position: TypeAlias = tuple[int, int]

MAX_ROW_BYTES = 64 << 20
"""A longer line or text is a failed row. The longest papers of arXiv have some MB of text."""
MAX_RATIO = 100
"""Bytes that a byte of a packed file may give: JSON lines pack 3 to 20 times, gzip at most 1,032 times."""
RATIO_FREE_BYTES = 256 << 20
FREE_ROWS, MIN_ROW_BYTES = 10_000, 4
"""A packed row takes more bytes than that, and a source's listing holds about 1 kB for each."""
MAX_ID_CHARS = 1000
MAX_VALUE_CHARS = 1 << 20
MAX_ITEMS = 100_000
"""Bounds of one value on its way: far above those of any field (`curation.sources.metadata`), which then refuses it."""
STRETCH_ROWS = 1024
STRETCH_BYTES = 8 << 20
BATCH_ROWS = 1024


@dataclass(frozen=True)
class DataRow:
    """One row of a data file, or what could not be read of it.

    Args:
        id: as the file spells it; None where there is none.
        sha256: of the text as it stands in the file, else of the raw line.
        size: bytes of the text or the line.
        text: cleaned where a stretch gives it; None where there is none, or it was not asked for.
        record: the columns that metadata is made of, where they were asked for.
        reason, detail: why the row cannot be read; None when it can.
        where: as `Entry.where`.
    """

    id: str | None
    sha256: str
    size: int
    text: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    detail: str | None = None
    where: tuple[int, int] | None = None


@dataclass(frozen=True)
class Wanted:
    """Which rows of a file, and what of them.

    Args:
        fields: see `Fields`.
        spans: where to read: bytes of JSON lines, numbers of row groups (first, one after the last); None for the file.
        names: rows to give, by `names_of`; None for all.
        batch_rows: rows of Parquet that are decoded together.
        max_rows: rows of a stretch.
    """

    fields: Fields = "id"
    spans: tuple[tuple[int, int], ...] | None = None
    names: frozenset[str] | None = None
    batch_rows: int = BATCH_ROWS
    max_rows: int = STRETCH_ROWS

    def to_plain(self) -> dict[str, Any]:
        return asdict(self) | {"names": None if self.names is None else sorted(self.names)}

    @classmethod
    def from_plain(cls, value: Mapping[str, Any]) -> Wanted:
        names, spans = value["names"], value["spans"]
        return cls(**{
            **value,
            "names": None if names is None else frozenset(names),
            "spans": None if spans is None else tuple((a, b) for a, b in spans),
        })  # fmt: skip


def is_parquet(name: str) -> bool:
    return name.lower().endswith(".parquet")


def with_hash(row: DataRow) -> str:
    """The name of a row whose id does not tell it from others."""
    return f"{'' if row.id is None else row_place(row.id)}~{row.sha256[:16]}"


def names_of(row: DataRow) -> tuple[str, ...]:
    """The names that a row may have in its file, but for the count behind exact repeats."""
    return (with_hash(row),) if row.id is None else (row_place(row.id), with_hash(row))


_Item: TypeAlias = tuple[Position | None, DataRow]
"""A row, and where the next one is; None behind the last."""


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
        rows = _parquet_rows if is_parquet(name) else _json_rows
        read = rows(self._file, name, wanted, start, stop or _END)
        self._rows: Generator[_Item, None, None] = _caught(name, read)

    def stretch(self) -> list[DataRow]:
        """As many rows as a stretch has; `position` is behind the last one then, None at the end."""
        found: list[DataRow] = []
        names, size = self.key[1].names, 0
        while len(found) < self.key[1].max_rows and size < STRETCH_BYTES and self.position is not None:
            self.position, row = next(self._rows, (None, None))
            if row is None:
                break
            if names is None or row.reason is not None or not names.isdisjoint(names_of(row)):
                found.append(row if row.text is None else replace(row, text=clean_text(row.text)))
            size += row.size + len(row.id or "") + _size_of(row.record) + 64  # of rows that nobody wants, too
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
    return {"rows": [_plain_row(row) for row in rows], "next": scan.position}


def row_of_plain(value: Any) -> DataRow:
    """A row as `read_on` and `name_line` give it.

    Raises:
        PaperError: CRASHED for anything else: a child that a file took over may send what it likes.
    """
    try:
        row = DataRow(**value)
        where = None if row.where is None else _pair(row.where)
        words = (row.id, row.sha256, row.text, row.detail)
        is_known = (
            all(word is None or (isinstance(word, str) and utf8(word) == word) for word in words)
            and isinstance(row.sha256, str)
            and isinstance(row.record, dict)
            and type(row.size) is int
            and 0 <= row.size < 1 << 63
            and (row.reason is None or row.reason in {reason.value for reason in Reason})
        )
    except (TypeError, ValueError) as error:
        raise PaperError(Reason.CRASHED, f"the child answered in no known form: {error}") from error
    if not is_known:
        raise PaperError(Reason.CRASHED, "the child answered with a row of no known form")
    return replace(row, where=where)


def position_of_plain(value: Any, place: Position) -> Position | None:
    """Where to go on from, as an answer says it: behind `place`, or None.

    Raises:
        PaperError: CRASHED for anything else.
    """
    if value is None:
        return None
    try:
        after = _pair(value)
    except (TypeError, ValueError) as error:
        raise PaperError(Reason.CRASHED, f"the child answered with no position: {error}") from error
    if after <= place:
        raise PaperError(Reason.CRASHED, f"the child makes no way: {after} after {place}")
    return after


def _pair(value: Any) -> tuple[int, int]:
    first, second = value
    if type(first) is not int or type(second) is not int or not (0 <= first < 1 << 62 and 0 <= second < 1 << 62):
        raise ValueError("no pair of numbers")
    return first, second


def _plain_row(row: DataRow) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name == "id" or (value is not None and value != {})}


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
        _skip(stream, 0, j)
        line, sha256, size = _read_line(stream, spans[i][1] - j if spans else None)
        while size and size <= MAX_ROW_BYTES and not line.strip() and not spans:  # the row stands behind blank lines
            j += size
            line, sha256, size = _read_line(stream)
    row = DataRow(None, sha256, size)
    if parse and size <= MAX_ROW_BYTES:
        row = _line(line, name, j, "id")
    after: Position | None = (0, j + size)
    if spans is not None:
        after = (i + 1, spans[i + 1][0]) if i + 1 < len(spans) else None
    return {"row": _plain_row(replace(row, where=(j, j + size))), "next": after}


def _caught(name: str, rows: Iterator[_Item]) -> Generator[_Item, None, None]:
    """The rows; where the file breaks off, a last one with the reason."""
    try:
        yield from rows
    except BrokenFileError as error:
        yield None, _broken(b"", Reason.BAD_ARCHIVE, f"{name} {error.words}")
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        if is_io_error(error) or isinstance(error, MemoryError):  # of Arrow's own errors one is both
            raise
        words = " ".join(str(error).split())[:200]
        yield None, _broken(b"", Reason.BAD_ARCHIVE, f"{name} breaks off: {words or type(error).__name__}")


# ---- JSON lines


def _json_rows(file: io.BufferedReader, name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[_Item]:
    packed_bytes = os.fstat(file.fileno()).st_size
    bound = packed_bytes * MAX_RATIO + RATIO_FREE_BYTES
    with open_text_file(Path(name), file) as stream:
        if wanted.spans is not None:
            yield from _span_rows(stream, name, wanted, start, stop)
            return
        end = _skip(stream, 0, start[1])
        at(0, end, 0)
        count = 0
        while True:
            line, sha256, size = _read_line(stream)
            begin, end = end, end + size
            if not size or (0, begin) >= stop:
                return
            if end > bound:
                detail = f"{name} unpacks to more than {MAX_RATIO} times its size; the rest is not read"
                yield None, _broken(b"", Reason.TOO_LARGE, detail)
                return
            if size <= MAX_ROW_BYTES and not line.strip():
                continue  # says no step: a file of nothing else has the time of one row
            at(0, begin, 0)
            if (count := count + 1) > max_rows(packed_bytes):
                yield None, _too_many(name, count)
                return
            row = _line(line, name, begin, wanted.fields)
            if size > MAX_ROW_BYTES:
                row = _too_large(sha256, size, f"a line of {name}", (begin, end))
            yield (0, end), row
            at(0, end, 0)


def _span_rows(stream: IO[bytes], name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[_Item]:
    spans = wanted.spans or ()
    here = 0
    for i in range(start[0], len(spans)):
        begin, end = spans[i]
        if (i, begin) >= stop:
            return
        at(i, begin, 0)
        here = _skip(stream, here, begin)
        line, sha256, size = _read_line(stream, end - begin)
        here += size
        after = (i + 1, spans[i + 1][0]) if i + 1 < len(spans) else None
        row = _line(line, name, begin, wanted.fields)
        if size > MAX_ROW_BYTES:
            row = _too_large(sha256, size, f"a line of {name}", (begin, end))
        yield after, row


def _skip(stream: IO[bytes], here: int, to: int) -> int:
    if stream.seekable():
        return stream.seek(to)
    while here < to and (skipped := stream.read(min(to - here, 1 << 20))):
        here += len(skipped)
        at(0, here, 0)
    return here


def _read_line(stream: IO[bytes], length: int | None = None) -> tuple[bytes, str, int]:
    """A line (or `length` bytes), its sha256 and its length. Of one over MAX_ROW_BYTES only these two are kept."""
    want = MAX_ROW_BYTES + 1 if length is None else min(length, MAX_ROW_BYTES + 1)
    line = stream.readline(want) if length is None else stream.read(want)
    digest, size = hashlib.sha256(line), len(line)
    ends = line.endswith(b"\n") if length is None else size == length
    while size > MAX_ROW_BYTES and not ends:
        more = stream.readline(1 << 20) if length is None else stream.read(min(1 << 20, length - size))
        digest.update(more)
        size += len(more)
        ends = not more or (more.endswith(b"\n") if length is None else size == length)
        line = b""
    return line, digest.hexdigest(), size


def _line(line: bytes, name: str, start: int, fields: Fields) -> DataRow:
    try:
        record = json.loads(line, object_pairs_hook=_with_doubles)
    except (ValueError, RecursionError) as error:
        return _broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON: {str(error)[:120]}")
    if not isinstance(record, dict):
        return _broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON object")
    text = record.pop("text", None)
    row = _row(record.get("id"), text, line, fields)
    row = replace(row, where=(start, start + len(line)))
    return replace(row, record=_plain_record(record)) if fields == "record" else row


def _with_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a key of metadata that stands twice has both values, which is no value of its kind."""
    made = dict(pairs)
    if len(made) < len(pairs):
        for key in {key for key, _ in pairs} & {*KEPT_KEYS} - {"id"}:
            values = [value for name, value in pairs if name == key]
            made[key] = values if len(values) > 1 else values[0]
    return made


# ---- Parquet


def _parquet_rows(file: IO[bytes], name: str, wanted: Wanted, start: Position, stop: Position) -> Iterator[_Item]:
    with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as parquet:
        names = parquet.schema_arrow.names
        if not has_documents(names):
            yield None, _broken(b"", Reason.UNREADABLE, f"{name} needs one column id and one column text")
            return
        if (count := parquet.metadata.num_rows) > max_rows(os.fstat(file.fileno()).st_size):
            yield None, _too_many(name, count)
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
) -> Iterator[_Item]:
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
                made = replace(made, where=(number, number + 1), record=records[row] if records else {})
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
        return replace(_too_large(sha256, size, f"a text of {name}", None), id=id_of(id_))
    value = scalar.as_py()
    if is_text:
        try:
            value = value.decode()
        except UnicodeDecodeError:
            detail = f"a row of {name} has text that is no UTF-8"
            return replace(_broken(value, Reason.UNREADABLE, detail), id=id_of(id_))
    return _row(id_, value, b"", fields)


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
    return [_plain_record({**both, **{name: values[row] for name, values in columns}}) for row in range(batch.num_rows)]


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


# ---- both


def _plain_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """The values that metadata is made of, as plain data; what a value is not of the right kind for is decided there."""
    return {key: _plain_value(record[key]) for key in KEPT_KEYS if record.get(key) is not None}


def _size_of(record: Mapping[str, Any]) -> int:
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
    """Rows that a file of so many bytes may have: each is held in memory by who lists it."""
    return FREE_ROWS + file_bytes // MIN_ROW_BYTES


def _too_many(name: str, count: int) -> DataRow:
    return _broken(b"", Reason.TOO_LARGE, f"{name} has {count:,} rows, too many for its size; the rest is not read")


def _row(id_: object, text: object, line: bytes, fields: Fields) -> DataRow:
    found = id_of(id_)
    if isinstance(text, str):
        data = text.encode("utf-8", "surrogatepass")
        row = DataRow(found, hashlib.sha256(data).hexdigest(), len(data))
        if not text.strip():
            return replace(row, reason=Reason.EMPTY_FILE.value, detail="the row's text is empty")
        return replace(row, text=text) if fields == "text" else row
    raw = line or json.dumps([found, str(type(text))]).encode()
    detail = "the row has no text" if text is None else f"the row's text is no string but {type(text).__name__}"
    return replace(_broken(raw, Reason.UNREADABLE, detail), id=found)


def _too_large(sha256: str, size: int, what: str, where: tuple[int, int] | None) -> DataRow:
    detail = f"{what} has {size:,} bytes; {MAX_ROW_BYTES >> 20} MiB are read"
    return DataRow(None, sha256, size, reason=Reason.TOO_LARGE.value, detail=detail, where=where)


def _broken(line: bytes, reason: Reason | None = None, detail: str | None = None) -> DataRow:
    return DataRow(None, hashlib.sha256(line).hexdigest(), len(line), reason=reason, detail=detail)
