"""Files that appear whole, and the digest of a file. The one writer of files and the one digest, for every room."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

TEMP_PREFIX = ".tmp-"
"""What the name of a file begins with that is not whole yet."""


@dataclass(frozen=True)
class Written:
    """What was written: size and digest of the file."""

    bytes: int
    sha256: str


class Sink:
    """A binary sink that counts and hashes what passes through it; `written` after the last byte."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._sink.write(view)
        self._hash.update(view)
        self.bytes += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self.bytes

    def flush(self) -> None:
        self._sink.flush()

    def fileno(self) -> int:
        return self._sink.fileno()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    @property
    def written(self) -> Written:
        return Written(self.bytes, self._hash.hexdigest())


@contextmanager
def writing(path: Path) -> Iterator[Sink]:
    """A sink for a file that appears whole at the end of the block, and not at all when the block raises: a temp name in the
    same folder (made when it is not there), synced, renamed, and the folder synced. Raises OSError."""
    temp = path.with_name(f"{TEMP_PREFIX}{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temp.open("w+b") as raw:
            sink = Sink(raw)
            yield sink
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temp, path)  # noqa: PTH105 - one name for the crash tests to hook
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            temp.unlink(missing_ok=True)
        raise


def sha256_of(path: Path) -> str:
    """sha256 of a file, hex, read in pieces. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
