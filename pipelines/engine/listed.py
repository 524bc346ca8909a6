"""What a source lists beside what the units of a run folder hold of it, in a database on disk that nobody else sees.

Nothing an entry stays in memory, however many there are: sorting and comparing them is SQLite's. The database takes about 150
bytes an entry, and what the listing saw of it, in the folder for temporary files (SQLITE_TMPDIR or TMPDIR, else /var/tmp), and
goes with the process.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from curation.errors import NAMED, ContractError, RunError, first_names
from curation.sources.members import utf8
from curation.sources.unit import Entry, Unit

CACHE_KIB = 2048
"""Memory of a source's database, and of each sort in it."""
_ENTRY = "member BLOB, size INTEGER, stamp BLOB, pdf BLOB"
_SAME = "l.member = k.member AND l.size = k.size AND l.stamp = k.stamp AND l.pdf IS k.pdf"
_LAST = "k.is_last AND NOT EXISTS (SELECT 1 FROM known n WHERE n.member = k.member AND n.is_last AND n.part > k.part)"
"""The rows of `known k` that the last run had, each member once."""
_GONE = f"SELECT member FROM known k WHERE {_LAST} AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.member = k.member)"
_LEFT = "NOT EXISTS (SELECT 1 FROM known k JOIN held h ON h.part = k.part WHERE k.member = l.member)"
_IN_ORDER = (
    "ORDER BY CASE instr(member, x'23') WHEN 0 THEN member ELSE substr(member, 1, instr(member, x'23') - 1) END, "
    "ifnull(first, -1), member"
)
"""As `Entry.order`: bytes of UTF-8 sort as the text does."""


@dataclass(frozen=True)
class Members:
    """Some members of a source: how many, and the first of them."""

    count: int
    first: tuple[str, ...]

    @classmethod
    def all(cls, groups: Iterable[Members]) -> Members:
        """Those of several sources, in the order of the sources."""
        groups = list(groups)
        return cls(sum(them.count for them in groups), tuple(name for them in groups for name in them.first))

    @property
    def words(self) -> str:
        """Their names, for a message."""
        return first_names([utf8(member) for member in self.first], self.count)


class Listed:
    """The entries of one source.

    Call `add` and `know` for all that there is, `compare` once, then the others.

    Args:
        source: its name, for errors.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.count = 0
        """Entries that it lists."""
        self.last_count = 0
        """Papers of the last run."""
        self._db = sqlite3.connect("", isolation_level=None)
        settings = {"journal_mode": "OFF", "synchronous": "OFF", "temp_store": "FILE", "cache_size": -CACHE_KIB}
        for name, value in settings.items():
            self._db.execute(f"PRAGMA {name} = {value}")
        self._db.execute(f"CREATE TABLE listed ({_ENTRY}, first INTEGER, after INTEGER, seen BLOB)")
        self._db.execute(f"CREATE TABLE known ({_ENTRY}, part INTEGER, is_last INTEGER)")
        self._db.execute("CREATE TABLE held (part INTEGER PRIMARY KEY)")

    def close(self) -> None:
        """Free the disk that it takes."""
        self._db.close()

    # -- filling --------------------------------------------------------------------------------------------

    def add(self, entries: Iterable[Entry]) -> None:
        """Entries that the source lists, in any order."""
        rows = [(*_row(entry), *(entry.where or (None, None)), _packed(entry.seen)) for entry in entries]
        self.count += len(rows)
        self._fill("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def know(self, part: int, unit: Unit, *, is_last: bool) -> None:
        """A unit of the run folder.

        Args:
            is_last: whether the last run had it.
        """
        self.last_count += len(unit.entries) * is_last
        rows = [(*_row(entry), part, is_last) for entry in unit.entries]
        self._fill("INSERT INTO known VALUES (?, ?, ?, ?, ?, ?)", rows)

    def compare(self) -> None:
        """All is listed and known.

        Raises:
            ContractError: an entry is listed twice.
        """
        with _explained():
            self._db.execute("CREATE INDEX known_members ON known (member, part)")
            try:
                self._db.execute("CREATE UNIQUE INDEX listed_members ON listed (member)")
            except sqlite3.IntegrityError:
                twice = self._names("SELECT member FROM listed GROUP BY member HAVING count(*) > 1")
                raise ContractError(
                    f"source {self.source!r} lists {twice.words} twice; every paper needs a member of its own"
                ) from None

    def limit(self, count: int) -> None:
        """Keep so many of the listed entries, the first by member."""
        with _explained():
            self._db.execute(
                "DELETE FROM listed WHERE member > (SELECT member FROM listed ORDER BY member LIMIT 1 OFFSET ?)",
                (count - 1,),
            )
            self.count = self._number("SELECT count(*) FROM listed")

    # -- questions ------------------------------------------------------------------------------------------

    def gone(self) -> Members:
        """Papers of the last run that are listed no more."""
        return self._names(_GONE)

    def each_gone(self) -> Iterator[str]:
        """As `gone`, all of them, sorted."""
        return (_text(member) for (member,) in self._rows(f"{_GONE} ORDER BY member"))

    def added(self) -> Members:
        """Papers that the last run did not have."""
        return self._names(
            "SELECT member FROM listed l WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.member = l.member AND k.is_last)"
        )

    def changed(self) -> Members:
        """Papers that the last run had otherwise."""
        return self._names(f"SELECT member FROM known k JOIN listed l USING (member) WHERE {_LAST} AND NOT ({_SAME})")

    def hold(self, sizes: dict[int, int]) -> list[int]:
        """The units that still hold: all their entries are listed as they were, and in no unit of a smaller number that holds.

        Args:
            sizes: entries of every known unit.
        """
        with _explained():
            same = f"SELECT k.part, count(*) FROM known k JOIN listed l ON {_SAME} GROUP BY k.part ORDER BY k.part"
            whole = [part for part, count in self._db.execute(same) if count == sizes[part]]
            self._db.execute("DELETE FROM held")
            self._fill("INSERT INTO held VALUES (?)", [(part,) for part in whole])
            double = (
                "SELECT DISTINCT a.part, b.part FROM known a CROSS JOIN known b ON b.member = a.member AND b.part > a.part "
                "WHERE a.part IN (SELECT part FROM held) AND b.part IN (SELECT part FROM held) ORDER BY a.part, b.part"
            )
            for first, second in self._db.execute(double).fetchall():
                if self._number("SELECT count(*) FROM held WHERE part = ?", first):
                    self._db.execute("DELETE FROM held WHERE part = ?", (second,))
            return [part for (part,) in self._db.execute("SELECT part FROM held ORDER BY part")]

    def count_left(self) -> int:
        """How many entries `left` gives."""
        return self._number(f"SELECT count(*) FROM listed l WHERE {_LEFT}")

    def left(self) -> Iterator[Entry]:
        """Listed entries that are in no unit which holds, by `Entry.order`."""
        return map(_entry, self._rows(f"SELECT * FROM listed l WHERE {_LEFT} {_IN_ORDER}"))

    def entries(self) -> Iterator[Entry]:
        """All listed entries, by member."""
        return map(_entry, self._rows("SELECT * FROM listed ORDER BY member"))

    # -- shared ---------------------------------------------------------------------------------------------

    def _fill(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with _explained():
            self._db.execute("BEGIN")
            self._db.executemany(statement, rows)
            self._db.execute("COMMIT")

    def _number(self, query: str, *values: int) -> int:
        with _explained():
            [(number,)] = self._db.execute(query, values)
        return int(number)

    def _rows(self, query: str) -> Iterator[Any]:
        with _explained():
            yield from self._db.execute(query)

    def _names(self, query: str) -> Members:
        count = self._number(f"SELECT count(*) FROM ({query})")
        with _explained():
            found = self._db.execute(f"{query} ORDER BY member LIMIT {NAMED}") if count else ()
            return Members(count, tuple(_text(member) for (member,) in found))


def _row(entry: Entry) -> tuple[bytes, int, bytes, bytes | None]:
    pdf = None if entry.pdf_member is None else _bytes(entry.pdf_member)
    return _bytes(entry.member), entry.size, _bytes(entry.stamp), pdf


def _packed(seen: Mapping[str, Any] | None) -> bytes | None:
    return None if seen is None else json.dumps(seen).encode()


def _entry(row: tuple[bytes, int, bytes, bytes | None, int | None, int | None, bytes | None]) -> Entry:
    member, size, stamp, pdf, first, after, seen = row
    where = None if first is None or after is None else (first, after)
    known = None if seen is None else json.loads(seen)
    return Entry(_text(member), size, _text(stamp), None if pdf is None else _text(pdf), where, known)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


@contextmanager
def _explained() -> Iterator[None]:
    """Say what a user can do when the disk is full."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise RunError(
            f"the listing of a source cannot be kept on disk ({error}); set TMPDIR to a folder with space for about "
            "150 bytes an entry"
        ) from error
