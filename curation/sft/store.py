"""Replies of language models that are never paid twice: a sqlite file of this machine, a row a request and sample.

`put` writes many replies in one transaction that reaches the disk (WAL, synchronous=FULL) before it returns, so what was put
survives a kill and a loss of power. The key is unique: of two replies to one request the first one stands, and `put` returns it.
The file is local (WAL needs memory that processes of one host share) and no part of any identity; what other machines see is sealed
from it (curation.sft.store_sealed). It holds hashes of requests, never their words, an address or a key of an endpoint.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from curation.errors import EngineError, NoSpaceError, UserError
from curation.sft.engines.engine import Reply
from curation.sft.engines.status import Took

SCHEMA_VERSION = 1
KEYS_AT_ONCE = 500
"""Keys of one question to sqlite."""
BUSY_S = 60.0
"""How long one process waits for another one that writes to the same file."""

_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    sample INTEGER NOT NULL,
    text TEXT NOT NULL,
    reasoning TEXT,
    finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    served_model TEXT NOT NULL,
    error TEXT,
    origin TEXT
);
CREATE TABLE IF NOT EXISTS places (place TEXT PRIMARY KEY, sealed_to INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (place TEXT, name TEXT, PRIMARY KEY (place, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    engine TEXT PRIMARY KEY, lost_prompt INTEGER, lost_completion INTEGER, risk_prompt INTEGER, risk_completion INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pauses (endpoint TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
"""
_REPLY = "text, reasoning, finish_reason, prompt_tokens, completion_tokens, served_model, error"
COLUMNS = ("key", "engine", "model", "sample", *_REPLY.split(", "))
"""Columns of a reply that leave this machine, in their order in `Stored`, `reply` unfolded."""
INSERT = f"INSERT INTO replies ({', '.join(COLUMNS)}, origin) VALUES ({', '.join('?' * len(COLUMNS))}, ?)"
"""A statement that wants `Stored.values` and the place that the reply was read from."""


class Stored(NamedTuple):
    """One reply as it is kept.

    Args:
        key: of the request and sample, 64 hex digits (`Request.key`).
        engine: digest of what the engine is, 16 hex digits.
        model: its model, for people.
    """

    key: str
    engine: str
    model: str
    sample: int
    reply: Reply

    def values(self) -> tuple[object, ...]:
        """By the order of `COLUMNS`."""
        r = self.reply
        said = (r.text, r.reasoning, r.finish_reason, r.prompt_tokens, r.completion_tokens, r.served_model, r.error)
        return (bytes.fromhex(self.key), self.engine, self.model, self.sample, *said)


class Tokens(NamedTuple):
    """Tokens of requests and of answers."""

    prompt: int = 0
    completion: int = 0

    def plus(self, prompt: int, completion: int) -> Tokens:
        return Tokens(self.prompt + prompt, self.completion + completion)


class Spent(NamedTuple):
    """What an engine has been asked for, as the store knows.

    Args:
        answered: of all replies.
        lost: of requests that were sent and whose answer did not come whole: the endpoint may have counted them.
        at_risk: of requests that were under way when the replies were last written; 0 after a clean end.
    """

    answered: Tokens = Tokens()
    lost: Tokens = Tokens()
    at_risk: Tokens = Tokens()


class ReplyStore:
    """The sqlite file. One object is for one thread; a second thread or process opens its own.

    Args:
        path: of the file, on a local disk; made with its folder.

    Raises:
        UserError: it cannot be opened, or is no store of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self.db.execute("PRAGMA journal_mode=WAL")
            self.db.execute("PRAGMA synchronous=FULL")
            version = self.db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise UserError(f"{path} is a store of replies of another version ({version}); name another file")
            with self.transaction():
                for statement in _TABLES.split(";"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except (sqlite3.DatabaseError, OSError) as error:
            raise UserError(
                f"{path} cannot be opened as a store of replies: {error}; name a file of a local disk, or move a broken one away: "
                "what was sealed in the run's place is read again"
            ) from error

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; on the disk when the block has ended.

        Raises:
            NoSpaceError: the disk is full.
            EngineError: the file cannot be written.
        """
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            if error.sqlite_errorname == "SQLITE_FULL":
                raise NoSpaceError(f"no space left while writing {self.path}; free some and run again") from error
            raise EngineError(f"the store of replies {self.path} cannot be written: {error}") from error

    def get(self, key: str) -> Reply | None:
        """The reply under a key, None when there is none. Raises EngineError when the file cannot be read any more."""
        found = self.rows(f"SELECT {_REPLY} FROM replies WHERE key = ?", bytes.fromhex(key))
        return Reply(*found[0]) if found else None

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that answer a question in SQL.

        Raises:
            EngineError: the file cannot be read, or is damaged.
        """
        try:
            return self.db.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise EngineError(
                f"the store of replies {self.path} cannot be read: {error}; where it is damaged move it away: what was sealed in the run's "
                "place is read again"
            ) from error

    def put(self, rows: Sequence[Stored], spent: Iterable[tuple[str, Tokens, Tokens]] = ()) -> list[Reply]:
        """Write replies in one transaction; what stands under their keys afterwards, in their order.

        Args:
            spent: (engine, lost, at risk) of engines, to be kept in the same transaction.
        """
        stand: list[Reply] = []
        with self.transaction():
            for row in rows:
                made = self.db.execute(f"{INSERT} ON CONFLICT (key) DO NOTHING", (*row.values(), None))
                before = None if made.rowcount else self.get(row.key)
                stand.append(row.reply if before is None else before)
            for engine, lost, risk in spent:
                self.db.execute("INSERT OR REPLACE INTO spent VALUES (?, ?, ?, ?, ?)", (engine, *lost, *risk))
        return stand

    def spent(self, engine: str) -> Spent:
        """What an engine has been asked for."""
        answered = self.rows(
            "SELECT coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) FROM replies WHERE engine = ?",
            engine,
        )
        kept = self.rows("SELECT * FROM spent WHERE engine = ?", engine)
        _, *lost = kept[0] if kept else ("", 0, 0, 0, 0)
        return Spent(Tokens(*answered[0]), Tokens(*lost[:2]), Tokens(*lost[2:]))

    def pause(self, endpoint: str, until: float) -> None:
        """Keep until when an endpoint wants to be left alone, also by the next process. `endpoint` is a hash of its address, `until` in
        seconds since 1970."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?)", (endpoint, until))

    def paused_until(self, endpoint: str) -> float:
        """Until when an endpoint wanted to be left alone, 0 when it never did."""
        found = self.rows("SELECT until FROM pauses WHERE endpoint = ?", endpoint)
        return float(found[0][0]) if found else 0.0

    def __len__(self) -> int:
        return int(self.rows("SELECT count(*) FROM replies")[0][0])


def served(path: Path, keys: Sequence[str]) -> dict[str, int]:
    """By model that the server said has answered, the replies under some keys; "" where it said nothing. As `took`.

    Raises:
        EngineError: the file cannot be read.
    """
    total = Counter[str]()
    for names in _by_keys(path, "SELECT served_model, count(*) FROM replies WHERE key IN ({}) GROUP BY 1", keys):
        total.update(dict(names))
    return dict(sorted(total.items()))


def took(path: Path, keys: Sequence[str]) -> Took:
    """What the replies under some keys of a store took; those that are not there count nothing. By a connection of its own, in any thread.

    Raises:
        EngineError: the file cannot be read.
    """
    total = Took()
    sums = "SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) FROM replies WHERE key IN ({})"
    for [found] in _by_keys(path, sums, keys):
        total = Took(*(a + b for a, b in zip(total, found, strict=True)))
    return total


def _by_keys(path: Path, question: str, keys: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows that answer a question in SQL about some keys, so many keys at once."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as db:
            for n in range(0, len(keys), KEYS_AT_ONCE):
                some = [bytes.fromhex(key) for key in keys[n : n + KEYS_AT_ONCE]]
                yield db.execute(question.format(", ".join("?" * len(some))), some).fetchall()
    except sqlite3.Error as error:
        raise EngineError(f"the store of replies {path} cannot be read: {error}") from error
