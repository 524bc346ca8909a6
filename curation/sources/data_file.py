"""JSONL and Parquet files whose rows are documents: `id`, `text`, and metadata columns where there are any.

The file is opened here and read in the sandbox (curation.sources.row_child), as a paper is: a row that its child does not survive
is a row with that reason, and the others are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from curation.confine.sandbox import RESOURCE_REASONS, Sandbox
from curation.errors import PaperError
from curation.sources.rows import (
    BATCH_ROWS,
    DataRow,
    Fields,
    Position,
    Wanted,
    full_names,
    is_parquet,
    names_of,
    position_of_plain,
    row_of_plain,
)
from schemas import MACHINE_REASONS, Reason

SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".ndjson.gz", ".ndjson.zst", ".parquet")
READ_ON = "curation.sources.row_child:read_on"
NAME_LINE = "curation.sources.row_child:name_line"
FATAL = RESOURCE_REASONS | MACHINE_REASONS - {Reason.IO_ERROR} | {Reason.EXTRACT_ERROR, Reason.TOO_LARGE}
"""How the reading of a row may end that is its own failure, not that of its file."""


def is_data_file(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def holds_documents(path: Path, sandbox: Sandbox) -> bool:
    """Whether the first row of a file has an id and a text.

    Raises:
        OSError, PaperError: as `scan`.
    """
    first = next(scan(path, Wanted("digest", max_rows=1), sandbox), None)
    return first is not None and first.id is not None and first.reason in (None, Reason.EMPTY_FILE)


def scan(path: Path, wanted: Wanted, sandbox: Sandbox) -> Iterator[DataRow]:
    """Rows of a file, in its order; where it breaks off, a last one with the reason.

    Raises:
        OSError: the file cannot be opened.
        PaperError: IO_ERROR, it cannot be read: that says nothing of what it holds.
    """
    with path.open("rb") as file:
        yield from _Scan(file.fileno(), path.name, sandbox).rows(wanted)


class _Scan:
    def __init__(self, file: int, name: str, sandbox: Sandbox) -> None:
        self.file, self.name, self.sandbox = file, name, sandbox

    def rows(self, wanted: Wanted, start: Position = (0, 0), stop: Position | None = None) -> Iterator[DataRow]:
        """The rows from one place to another, by stretches; where one is lost on the way, what lies before it is read again."""
        after: Position | None = start
        while (place := after) is not None and (stop is None or place < stop):
            try:
                rows, after = self._stretch(wanted, place, stop)
                yield from rows
            except PaperError as error:
                if error.reason not in FATAL:
                    raise
                if error.reason is Reason.TOO_LARGE and wanted.max_rows > 1:  # all answers together, of no one row
                    wanted = replace(wanted, max_rows=wanted.max_rows // 32 or 1)
                    continue
                here, together = self._reached(place)
                if stop is not None and here >= stop:  # nobody asked for what lies there
                    here, together = place, 1
                yield from self.rows(wanted, place, here)
                end = stop or (here[0] + 1, 0)
                if together > 1 and stop is None:  # they were decoded together: which one it was is seen one by one
                    yield from self.rows(replace(wanted, batch_rows=1), here, end)
                    after = end
                elif together:  # no way leads past it in its row group
                    yield from self._rest_of_group(wanted, here, end, error)
                    after = end
                else:
                    row, after = self._lost(wanted, here, error)
                    yield row

    def _reached(self, place: Position) -> tuple[Position, int]:
        """Where the child was, not before `place`; how many rows it decoded together, of Parquet."""
        i, j, together = self.sandbox.reached
        return max(place, (min(i, 1 << 61), min(j, 1 << 61))), together if is_parquet(self.name) else 0

    def _stretch(self, wanted: Wanted, start: Position, stop: Position | None) -> tuple[list[DataRow], Position | None]:
        found = self.sandbox.call(READ_ON, self.name, wanted.to_plain(), start, stop, file=self.file)
        with self._believed():
            if not isinstance(found, dict) or not isinstance(found.get("rows"), list):
                raise PaperError(Reason.CRASHED, "the child answered in no known form")
            return [row_of_plain(row) for row in found["rows"]], position_of_plain(found.get("next"), start)

    @contextmanager
    def _believed(self) -> Iterator[None]:
        """A child whose answer is none is not asked again."""
        try:
            yield
        except PaperError:
            self.sandbox.close()
            raise

    def _rest_of_group(self, wanted: Wanted, start: Position, stop: Position, error: PaperError) -> Iterator[DataRow]:
        """The rows of a row group from the one that cannot be decoded on: Parquet has no way past it."""
        detail = f"the row, or one before it in its row group, cannot be decoded: {error.detail}"
        named = replace(wanted, fields="id", batch_rows=BATCH_ROWS)
        after: Position | None = start
        try:
            while (place := after) is not None and place < stop:
                rows, after = self._stretch(named, place, stop)
                yield from (replace(row, reason=error.reason.value, detail=detail) for row in rows)
        except PaperError as second:
            if second.reason not in FATAL:
                raise
            yield DataRow(None, "", 0, reason=error.reason.value, detail=f"{self.name}: {detail}")

    def _lost(self, wanted: Wanted, place: Position, error: PaperError) -> tuple[DataRow, Position | None]:
        """The row at a place, with how its reading ended, and the place of the next one."""
        detail = f"the row cannot be read: {error.detail}"
        if is_parquet(self.name):
            alone = replace(wanted, fields="id", names=None, max_rows=1)
            rows, after = self._stretch(alone, place, None)
            lost = rows[0] if rows else DataRow(None, "", 0)
            return replace(lost, text=None, reason=error.reason.value, detail=detail), after
        for parse in (True, False):
            try:
                found = self.sandbox.call(NAME_LINE, self.name, wanted.to_plain(), place, parse, file=self.file)
            except PaperError as second:
                if second.reason not in FATAL:
                    raise
                continue
            with self._believed():
                if not isinstance(found, dict):
                    raise PaperError(Reason.CRASHED, "the child answered in no known form")
                row = replace(row_of_plain(found.get("row")), text=None, reason=error.reason.value, detail=detail)
                return row, position_of_plain(found.get("next"), place)
        words = (
            f"{self.name}: the line at byte {place[1]} cannot even be skipped ({error.detail}); the rest is not read"
        )
        return DataRow(None, "", 0, reason=error.reason.value, detail=words), None


def read_rows(
    path: Path, fragments: Mapping[str, tuple[int, int] | None], fields: Fields, sandbox: Sandbox
) -> dict[str, DataRow]:
    """The rows of the named places. A place that is gone is missing from the result.

    Args:
        fragments: name of each row -> where it was seen (`Entry.where`). The file is read there, and whole, once, when
            a row has no such hint or is not where it was.

    Raises:
        OSError, PaperError: as `scan`.
    """
    names = frozenset(_without_count(name) for name in fragments)
    at = {where: name for name, where in fragments.items() if where is not None}
    if at and len(at) == len(fragments):
        spans = sorted({(group, group + 1) for group, _ in at} if is_parquet(path.name) else at)
        found = _read_at(path, at, Wanted(fields, tuple(spans), names), sandbox)
        if len(found) == len(fragments):
            return found
    found = {}
    seen: Counter[str] = Counter()
    wanted = Wanted(fields, names=names)
    for row in scan(path, wanted, sandbox):
        for name in full_names(row, seen):
            if name in fragments:
                found[name] = row
                break
    return found


def _read_at(path: Path, at: Mapping[tuple[int, int], str], wanted: Wanted, sandbox: Sandbox) -> dict[str, DataRow]:
    """The rows that are still at their places; of one that cannot be read this time its id is not known."""
    found = {}
    for row in scan(path, wanted, sandbox):
        name = at.get(row.where) if row.where else None
        if name is not None and (row.reason in FATAL or _without_count(name) in names_of(row)):
            found[name] = row
    return found


def _without_count(name: str) -> str:
    """The name of a row without the count behind exact repeats."""
    head, _, tail = name.rpartition("~")
    return head if "~" in head and tail.isdigit() else name
