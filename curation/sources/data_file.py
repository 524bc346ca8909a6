"""JSONL and Parquet files whose rows are documents: `id`, `text`, and metadata columns where there are any.

A row's place is `file.jsonl#<id>`. Where an id repeats, `~` and 8 hex digits of the text's sha256 follow, and a count for
exact repeats: shuffling the rows of a file changes no place. A line that is no JSON object is `#~<8 hex of its sha256>`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import BrokenFileError
from curation.sources.outage import is_io_error
from curation.sources.place import utf8
from curation.sources.text_file import MAX_LINE_BYTES, open_text_file
from curation.sources.unit import Entry
from schemas import Reason

SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".ndjson.gz", ".ndjson.zst", ".parquet")
MAX_RATIO = 100
"""Bytes that a byte of a packed file may give: JSON lines pack 3 to 20 times, gzip at most 1,032 times."""
BATCH_ROWS = 1024


@dataclass(frozen=True)
class DataRow:
    """One row of a data file, or what could not be read of it.

    Args:
        id: as the file spells it; None where there is none.
        text: None where there is none.
        record: all columns but text.
        sha256: of the text, else of the raw line.
        size: bytes of the text or the line.
        reason, detail: why the row cannot be read; None when it can.
        where: as `Entry.where`.
    """

    id: str | None
    text: str | None
    sha256: str
    size: int
    record: Mapping[str, Any] = field(default_factory=dict)
    reason: Reason | None = None
    detail: str | None = None
    occurrence: int = 1
    where: tuple[int, int] | None = None


def is_data_file(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def holds_documents(path: Path) -> bool:
    """Whether the first row of a file has an id and a text."""
    first = next(iter_rows(path), None)
    return first is not None and first.id is not None and first.text is not None


def list_rows(path: Path, relative: str) -> list[Entry]:
    """One entry for every row of the file; reads texts only where they are needed to tell rows apart.

    A file that cannot be read gives one entry with the file's own place, which becomes a failed row.
    """
    stat = path.stat()
    if path.name.lower().endswith(".parquet"):
        return _list_parquet(path, relative, f"{stat.st_mtime_ns:x}-{stat.st_size:x}")
    return _entries_of(path, relative) or [Entry(relative, stat.st_size, str(stat.st_mtime_ns))]


def _entries_of(path: Path, relative: str) -> list[Entry]:
    rows = [replace(row, text=None, record={}) for row in iter_rows(path)]
    repeated = _repeated(row.id for row in rows)
    seen: Counter[str] = Counter()
    return [
        Entry(
            f"{relative}#{_fragment(row, repeated, seen)}",
            row.size,
            row.sha256[:16],
            where=None if row.id in repeated else row.where,
        )
        for row in rows
    ]


def _list_parquet(path: Path, relative: str, stamp: str) -> list[Entry]:
    try:
        with pq.ParquetFile(path) as parquet:
            names = parquet.schema_arrow.names
            rows = parquet.metadata.num_rows
            if not _has_documents(names) or not rows:
                return [Entry(relative, path.stat().st_size, stamp)]
            ids = [_id(value) for value in _plain(parquet.read(columns=["id"])["id"]).to_pylist()]
            counts = [parquet.metadata.row_group(i).num_rows for i in range(parquet.num_row_groups)]
    except (OSError, pa.ArrowException) as error:
        if is_io_error(error):
            raise
        return [Entry(relative, path.stat().st_size, f"{stamp}-{type(error).__name__}")]
    size = path.stat().st_size // rows
    if _repeated(ids):
        return _entries_of(path, relative)
    groups = (group for group, count in enumerate(counts) for _ in range(count))
    return [
        Entry(f"{relative}#{_escape(id_)}", size, stamp, where=(group, group + 1))
        for id_, group in zip(ids, groups, strict=True)
        if id_ is not None
    ]


def read_rows(path: Path, fragments: Mapping[str, tuple[int, int] | None]) -> dict[str, DataRow]:
    """The rows of the named places. A place that is gone is missing from the result.

    Args:
        fragments: name of each row -> where it was seen (`Entry.where`). The file is read there, and whole, once, when
            a row has no such hint or is not where it was.
    """
    spans = sorted({where for where in fragments.values() if where is not None})
    if spans and None not in fragments.values():
        rows = _caught(path, _rows_at(path, spans))
        found = {name: row for row in rows if row.id is not None and (name := _escape(row.id)) in fragments}
        if len(found) == len(fragments):
            return found
    return _read_whole(path, fragments)


def _rows_at(path: Path, spans: list[tuple[int, int]]) -> Iterator[DataRow]:
    if path.name.lower().endswith(".parquet"):
        with pq.ParquetFile(path) as parquet:
            groups = [group for group, _ in spans if group < parquet.num_row_groups]
            yield from _iter_parquet(parquet, path.name, groups)
        return
    with open_text_file(path) as stream:
        at = 0
        for start, end in spans:
            if stream.seekable():
                at = stream.seek(start)
            while at < start and (skipped := stream.read(min(start - at, 1 << 20))):
                at += len(skipped)
            line = stream.read(end - start)
            at += len(line)
            yield _line(line, path.name, start)


def _read_whole(path: Path, fragments: Container[str]) -> dict[str, DataRow]:
    found: dict[str, DataRow] = {}
    seen: Counter[str] = Counter()
    for row in iter_rows(path):
        for name in _names(row, seen):
            if name in fragments:
                occurrence = seen[_with_hash(row)]
                found[name] = replace(row, occurrence=occurrence)
                break
    return found


def _repeated(ids: Iterable[str | None]) -> frozenset[str | None]:
    """Ids that are no name of one row: those that occur twice, and the missing one."""
    return frozenset(id_ for id_, count in Counter(ids).items() if count > 1 or id_ is None)


def _names(row: DataRow, seen: Counter[str]) -> list[str]:
    """The places that a row may have, depending on what else is in the file."""
    key = _with_hash(row)
    seen[key] += 1
    full = key if seen[key] == 1 else f"{key}~{seen[key]}"
    return [full] if row.id is None else [_escape(row.id), full]


def _fragment(row: DataRow, repeated: frozenset[str | None], seen: Counter[str]) -> str:
    names = _names(row, seen)
    return names[-1] if row.id in repeated else names[0]


def _with_hash(row: DataRow) -> str:
    return f"{'' if row.id is None else _escape(row.id)}~{row.sha256[:8]}"


def _escape(id_: str) -> str:
    return id_.replace("%", "%25").replace("~", "%7E")


def _id(value: object) -> str | None:
    if value is None or isinstance(value, bool | dict | list) or value == "":
        return None
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else utf8(str(value))


def iter_rows(path: Path) -> Iterator[DataRow]:
    """All rows, in file order; where the file breaks off, a last row with the reason.

    Raises:
        OSError: the file cannot be read; that says nothing of what it holds.
    """
    return _caught(path, _all_rows(path))


def _all_rows(path: Path) -> Iterator[DataRow]:
    if path.name.lower().endswith(".parquet"):
        with pq.ParquetFile(path) as parquet:
            yield from _iter_parquet(parquet, path.name, list(range(parquet.num_row_groups)))
    else:
        yield from _iter_jsonl(path)


def _caught(path: Path, rows: Iterator[DataRow]) -> Iterator[DataRow]:
    try:
        yield from rows
    except BrokenFileError as error:
        yield _broken(b"", Reason.BAD_ARCHIVE, f"{path.name} {error.words}")
    except (OSError, pa.ArrowException) as error:
        if is_io_error(error):
            raise
        words = " ".join(str(error).split())[:200]
        yield _broken(b"", Reason.BAD_ARCHIVE, f"{path.name} breaks off: {words or type(error).__name__}")


def _iter_parquet(parquet: pq.ParquetFile, name: str, groups: list[int]) -> Iterator[DataRow]:
    if not _has_documents(parquet.schema_arrow.names):
        yield _broken(b"", Reason.UNREADABLE, f"{name} needs one column id and one column text")
        return
    for batch in parquet.iter_batches(batch_size=BATCH_ROWS, row_groups=groups):
        try:
            yield from [_row(record, b"") for record in batch.to_pylist()]
        except UnicodeDecodeError:
            yield from (_row_of(batch.slice(i, 1), name) for i in range(batch.num_rows))


def _row_of(batch: pa.RecordBatch, name: str) -> DataRow:
    """The only row of a batch; a failed one when a text of it is no UTF-8, which Parquet writers do not check."""
    try:
        return _row(batch.to_pylist()[0], b"")
    except UnicodeDecodeError:
        id_, text = (_plain(batch.column(column))[0].as_py() for column in ("id", "text"))
        raw = text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogatepass")
        detail = f"a row of {name} has text that is no UTF-8"
        return replace(_broken(raw, Reason.UNREADABLE, detail), id=_id(id_))


def _has_documents(names: list[str]) -> bool:
    return names.count("id") == 1 and names.count("text") == 1


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Strings as the bytes that they are: to_pylist raises for what is no UTF-8."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column.cast(pa.large_binary()) if pa.types.is_string(kind) or pa.types.is_large_string(kind) else column


def _iter_jsonl(path: Path) -> Iterator[DataRow]:
    bound = path.stat().st_size * MAX_RATIO + MAX_LINE_BYTES
    end = 0
    with open_text_file(path) as stream:
        while line := stream.readline(MAX_LINE_BYTES):
            start, end = end, end + len(line)
            if end > bound:
                detail = f"{path.name} unpacks to more than {MAX_RATIO} times its size; the rest is not read"
                yield _broken(b"", Reason.TOO_LARGE, detail)
                return
            if not line.strip():
                continue
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                yield _broken(
                    b"",
                    Reason.TOO_LARGE,
                    f"{path.name} has a line over {MAX_LINE_BYTES >> 20} MiB; the rest is not read",
                )
                return
            yield _line(line, path.name, start)


def _line(line: bytes, name: str, start: int) -> DataRow:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON: {str(error)[:120]}")
    if not isinstance(record, dict):
        return _broken(line, Reason.UNREADABLE, f"a line of {name} is no JSON object")
    return replace(_row(record, line), where=(start, start + len(line)))


def _row(record: dict[str, Any], line: bytes) -> DataRow:
    text = record.pop("text", None)
    id_ = _id(record.get("id"))
    if isinstance(text, str):
        data = text.encode("utf-8", "surrogatepass")
        sha256 = hashlib.sha256(data).hexdigest()
        if text.strip():
            return DataRow(id_, text, sha256, len(data), record)
        return DataRow(id_, text, sha256, len(data), record, Reason.EMPTY_FILE, "the row's text is empty")
    raw = line or json.dumps(record, sort_keys=True, default=str).encode()
    detail = "the row has no text" if text is None else f"the row's text is no string but {type(text).__name__}"
    return DataRow(id_, None, hashlib.sha256(raw).hexdigest(), len(raw), record, Reason.UNREADABLE, detail)


def _broken(line: bytes, reason: Reason, detail: str) -> DataRow:
    return DataRow(None, None, hashlib.sha256(line).hexdigest(), len(line), {}, reason, detail)
