"""What a store of replies shows to other machines: Parquet files in the run's place, each named by its content.

A sealed file holds replies sorted by key and is never changed. Another machine reads the files that its own store does not know,
and so pays at most for what was answered since the last one. What is sealed stands: a reply that lay on this disk alone gives way to
a sealed one of the same request, which the tables of the run may have been made of.

One machine seals to a place at a time (the run's lease sees to that), and of its engines one (a lock beside the store does).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import RunError
from curation.parquet import sort_rows, write
from curation.place import Listed, Place
from curation.sft.store import COLUMNS, INSERT, ReplyStore
from schemas import Table, field
from schemas.files import alone

FILE_ROWS = 20_000
"""Most replies of a file: at 3 kB each 60 MB before compression."""
SMALL_BYTES = 2**20
MANY_SMALL = 64
"""So many files smaller than that are made one when a store is opened: a minute of a slow engine is a file."""

_str, _text = pa.string(), pa.large_string()
SEALED = Table(
    "replies",
    1,
    "One row a request to a language model and sample: what it answered. Not what it was asked, but for a hash of it.",
    (
        field("key", _str, "sha256 of the whole request, engine and sample, hex.", nullable=False),
        field("engine", _str, "First 16 hex digits of sha256 of what the engine is.", nullable=False),
        field("model", _str, "Its model.", nullable=False),
        field("sample", pa.int32(), "Which of several answers to the same request.", nullable=False),
        field("text", _text, "The answer, without the reasoning.", nullable=False),
        field("reasoning", _text, "What it thought before."),
        field(
            "finish_reason", _str, "stop, length, content_filter, error or another word of the server.", nullable=False
        ),
        field("prompt_tokens", pa.int64(), "Tokens of the request.", nullable=False),
        field("completion_tokens", pa.int64(), "Tokens of answer and reasoning.", nullable=False),
        field("served_model", _str, "The model that the server says has answered.", nullable=False),
        field("error", _str, "Why there is no answer, and will be none."),
    ),
    sort_by=("key",),
    working=True,
)


class Sealer:
    """The files of a store in one place.

    Args:
        store: opened by the thread that will use this.
        place: a folder of the run's place, for these files alone.
    """

    def __init__(self, store: ReplyStore, place: Place) -> None:
        self.store = store
        self.place = place

    def load(self) -> int:
        """Read the sealed files that the store does not know; how many replies were new to it.

        Where a known file is gone (another machine made one of many, or somebody removed it), all are read again, and
        what none of them holds is sealed again.

        Raises:
            RunError: a file is damaged.
        """
        with self._alone():
            return self._load()

    def _load(self) -> int:
        known = {name for (name,) in self.store.rows("SELECT name FROM files WHERE place = ?", self.place.uri)}
        listed = [file for file in self.place.list() if file.name.endswith(".parquet")]
        if known - {file.name for file in listed}:
            known = set()
            with self.store.transaction():
                self._forget()
        before = len(self.store)
        for file in listed:
            if file.name not in known:
                self._take(file.name)
        self._join_small([file for file in listed if file.size < SMALL_BYTES])
        return len(self.store) - before

    def seal(self) -> int:
        """Write what the place does not have yet, in files of at most `FILE_ROWS`; returns how many replies.

        Raises:
            RunError, UserError: the place cannot be written.
        """
        with self._alone():
            return self._seal()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One engine of this machine at a time: two would seal the same replies twice."""
        lock = self.store.path.with_name(f"{self.store.path.name}.sealing")
        lock.touch()
        with alone(lock):
            yield

    def _seal(self) -> int:
        sealed = 0
        while rows := self.store.rows(
            f"SELECT n, {', '.join(COLUMNS)} FROM replies WHERE n > ? AND origin IS NOT ? ORDER BY n LIMIT {FILE_ROWS}",
            self._sealed_to(),
            self.place.uri,
        ):
            name = self._write([row[1:] for row in rows])
            with self.store.transaction():
                self._know(name)
                self._mark(rows[-1][0])
            sealed += len(rows)
        return sealed

    def _take(self, name: str) -> None:
        """The replies of a file, which stand before those that lie on this disk alone."""
        rows = self._read(name)
        given = ", ".join(f"{column} = excluded.{column}" for column in (*COLUMNS[1:], "origin"))
        unless = "WHERE replies.n > ? AND replies.origin IS NOT excluded.origin"
        since = self._sealed_to()
        with self.store.transaction():
            for row in rows:
                values = [bytes.fromhex(row["key"]), *(row[column] for column in COLUMNS[1:])]
                self.store.db.execute(
                    f"{INSERT} ON CONFLICT (key) DO UPDATE SET {given} {unless}", (*values, self.place.uri, since)
                )
            self._know(name)

    def _join_small(self, small: list[Listed]) -> None:
        """Make one file of each `MANY_SMALL` small ones; they go when it is there."""
        for start in range(0, len(small) - MANY_SMALL + 1, MANY_SMALL):
            self._join(small[start : start + MANY_SMALL])

    def _join(self, small: list[Listed]) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for file in small:
            for row in self._read(file.name):
                rows.setdefault(row["key"], row)
        names = {file.name for file in small}
        kept = list(rows.values())
        for start in range(0, len(kept), FILE_ROWS):
            name = self._write([tuple(row[column] for column in COLUMNS) for row in kept[start : start + FILE_ROWS]])
            names.discard(name)
            with self.store.transaction():
                self._know(name)
        for name in sorted(names):
            self.place.remove(name)
            with self.store.transaction():
                self.store.db.execute("DELETE FROM files WHERE place = ? AND name = ?", (self.place.uri, name))

    def _write(self, rows: list[tuple[Any, ...]]) -> str:
        columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        columns["key"] = [key if isinstance(key, str) else key.hex() for key in columns["key"]]
        table = sort_rows(SEALED.table(columns), SEALED.sort_by).combine_chunks()
        sink = io.BytesIO()
        write(table, sink)
        name = f"{hashlib.sha256(sink.getvalue()).hexdigest()}.parquet"
        with suppress(FileExistsError), self.place.writing(name, anew=True) as file:
            file.write(sink.getvalue())
        return name

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        data = self.place.read(name)
        if hashlib.sha256(data).hexdigest() != name.removesuffix(".parquet"):
            raise RunError(
                f"{self.place.where(name)} is damaged: its content is not the one that its name tells. Remove it; what it held is asked "
                "again, unless a store on some machine has it"
            )
        for batch in pq.ParquetFile(io.BytesIO(data)).iter_batches(columns=list(COLUMNS), batch_size=1024):
            yield from batch.to_pylist()

    def _sealed_to(self) -> int:
        found = self.store.rows("SELECT sealed_to FROM places WHERE place = ?", self.place.uri)
        return int(found[0][0]) if found else 0

    def _mark(self, n: int) -> None:
        self.store.db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (self.place.uri, n))

    def _know(self, name: str) -> None:
        self.store.db.execute("INSERT OR IGNORE INTO files VALUES (?, ?)", (self.place.uri, name))

    def _forget(self) -> None:
        self.store.db.execute("DELETE FROM files WHERE place = ?", (self.place.uri,))
        self.store.db.execute("DELETE FROM places WHERE place = ?", (self.place.uri,))
        self.store.db.execute("UPDATE replies SET origin = NULL WHERE origin = ?", (self.place.uri,))
