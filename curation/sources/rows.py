"""Rows of JSONL and Parquet files, as they pass between the sandbox's child, which reads them, and who asks for them.

A position is a pair of numbers: of JSON lines the span (0 where there are none) and the byte where the line starts, of
Parquet the place in the list of row groups and the row in the group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

from curation.errors import PaperError
from curation.sources.members import row_name, utf8
from schemas import Reason

Fields: TypeAlias = Literal["id", "digest", "record", "text"]
"""What is wanted of a row: its id and place; its digest with them; its metadata with these; or its text, cleaned."""
Position: TypeAlias = tuple[int, int]

STRETCH_ROWS = 1024
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
    return f"{'' if row.id is None else row_name(row.id)}~{row.sha256[:16]}"


def names_of(row: DataRow) -> tuple[str, ...]:
    """The names that a row may have in its file, but for the count behind exact repeats."""
    return (with_hash(row),) if row.id is None else (row_name(row.id), with_hash(row))


def full_names(row: DataRow, seen: Counter[str]) -> tuple[str, ...]:
    """The names that a row may have, depending on what else is in its file.

    Args:
        seen: how often `with_hash` of the rows before it, in the order of the file; counted on.
    """
    key = with_hash(row)
    seen[key] += 1
    full = key if seen[key] == 1 else f"{key}~{seen[key]}"
    return (full,) if row.id is None else (row_name(row.id), full)


Item: TypeAlias = tuple[Position | None, DataRow]
"""A row, and where the next one is; None behind the last."""


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


def plain_row(row: DataRow) -> dict[str, Any]:
    """A row as plain data, without what is not there."""
    return {name: value for name, value in vars(row).items() if name == "id" or (value is not None and value != {})}
