"""The rows of a data file as entries of a listing.

A row's place is `file.jsonl#<id>`. Where an id repeats, `~` and 16 hex digits of the text's sha256 follow, and a count for
exact repeats: shuffling the rows of a file changes no place. A line that is no JSON object is `#~<16 hex of its sha256>`.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from curation.confine.sandbox import Sandbox
from curation.errors import RunError
from curation.sources.data_file import FATAL, scan
from curation.sources.members import row_name
from curation.sources.rows import DataRow, Wanted, full_names, is_parquet
from curation.sources.unit import Entry
from schemas import Reason

SPOOLED_BYTES = 4 << 20
"""More of a file's rows than this lies on disk until all are known."""
MAX_SEEN_CHARS = 16 << 10
"""A longer record is read again for the papers table: a part of 1,000 has 16 MB of them at most."""
_BATCH = 1024


def list_rows(path: Path, relative: str, sandbox: Sandbox) -> Iterator[Entry]:
    """One entry for every row of the file. JSON lines are parsed for it, and what a row says beside its text is kept (`seen`); of
    Parquet texts are read only where they are needed to tell rows apart.

    A file that holds no documents, or no row that can be read, gives one entry with the file's own place, which becomes a
    failed row. All of the file is read before the first entry comes, since a name depends on whether an id repeats; rows lie
    in a temporary file meanwhile, and 8 bytes each in memory.

    Raises:
        OSError, PaperError: as `scan`, before any entry.
    """
    stat = path.stat()
    stamp = f"{stat.st_mtime_ns:x}-{stat.st_size:x}"
    own = Entry(relative, stat.st_size, stamp)
    if is_parquet(path.name):
        with _kept(scan(path, Wanted("id"), sandbox)) as rows:
            if not rows.count or rows.last == Reason.BAD_ARCHIVE or rows.first == Reason.UNREADABLE:
                yield own
                return
            if not rows.repeated:
                size = stat.st_size // rows.count
                for row in rows:
                    yield Entry(f"{relative}#{row_name(row.id or '')}", size, stamp, where=row.where)
                return
    with _kept(scan(path, Wanted("digest" if is_parquet(path.name) else "record"), sandbox)) as rows:
        if not rows.count:
            yield own
        seen: Counter[str] = Counter()
        for row in rows:
            is_repeated = row.id is None or row.id in rows.repeated
            name = full_names(row, seen)[-1] if is_repeated else row_name(row.id or "")
            stamp, known = (row.sha256[:16], None) if is_parquet(path.name) else _stamp_and_seen(row)
            yield Entry(f"{relative}#{name}", row.size, stamp, where=row.where, seen=known)


def _stamp_and_seen(row: DataRow) -> tuple[str, dict[str, Any] | None]:
    """What changes when the row's text or record does, and what was seen of it: nothing, where it was not read to its end."""
    said = json.dumps(row.record, sort_keys=True) if row.record else ""
    stamp = hashlib.sha256(f"{row.sha256}\0{said}".encode()).hexdigest() if said else row.sha256
    if row.reason in FATAL or len(said) > MAX_SEEN_CHARS:
        return stamp[:16], None
    fields = {"sha256": row.sha256, "size": row.size, "record": row.record, "reason": row.reason, "detail": row.detail}
    return stamp[:16], {name: value for name, value in fields.items() if value not in (None, {})}


@contextmanager
def _kept(rows: Iterator[DataRow]) -> Iterator[_Rows]:
    with SpooledTemporaryFile(SPOOLED_BYTES) as spool:
        yield _Rows(spool, rows)


class _Rows:
    """The rows of a file, kept on disk until it is known which ids repeat.

    Args:
        spool: where.
        rows: read to the end at once.

    Fields:
        count: of rows.
        first, last: reasons of the first and last row.
        repeated: ids that are no name of one row: those that occur twice, and the missing one.
    """

    def __init__(self, spool: IO[bytes], rows: Iterator[DataRow]) -> None:
        self.count = 0
        self.first: str | None = None
        self.last: str | None = None
        self._spool = spool
        hashes = array("Q")
        while batch := list(islice(rows, _BATCH)):
            self.first = self.first if self.count else batch[0].reason
            self.last = batch[-1].reason
            self.count += len(batch)
            hashes.extend(_hash(row.id) for row in batch)
            self._keep(batch)
        self.repeated = self._repeated(np.frombuffer(hashes, np.uint64))

    def __iter__(self) -> Iterator[DataRow]:
        self._spool.seek(0)
        left = self.count
        while left:
            batch = json.loads(self._spool.readline())
            left -= len(batch)
            for row in batch:
                yield DataRow(**{**row, "where": None if row["where"] is None else tuple(row["where"])})

    def _keep(self, batch: list[DataRow]) -> None:
        try:
            self._spool.write(json.dumps([vars(row) for row in batch]).encode() + b"\n")
        except OSError as error:
            raise RunError(
                f"no rows can be kept in {gettempdir()}: {error.strerror}; set TMPDIR to a folder with space"
            ) from error

    def _repeated(self, hashes: NDArray[np.uint64]) -> frozenset[str | None]:
        values, counts = np.unique(hashes, return_counts=True)
        met = frozenset(values[(counts > 1) | (values == 0)].tolist())  # by chance, too: the ids themselves say it
        found = Counter(row.id for row in self if _hash(row.id) in met) if met else Counter[str | None]()
        return frozenset(id_ for id_, count in found.items() if count > 1 or id_ is None)


def _hash(id_: str | None) -> int:
    """64 bits of an id; 0 of none."""
    return 0 if id_ is None else int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=8).digest(), "big")
