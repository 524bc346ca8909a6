"""Where files lie, files that appear whole, and the digest of a file. The one writer and the one digest, for every room."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

TEMP_PREFIX = ".tmp-"
"""What the name of a file begins with that is not whole yet."""
AUDIT_FILES = ("audit.json", "benchmark-hashes.parquet", "matrix.parquet")
"""What an audit writes beside a release's data files, outside of their digest (`schemas.audit`)."""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@dataclass(frozen=True)
class Written:
    """What was written: size and digest of the file."""

    bytes: int
    sha256: str


class UnwrittenError(OSError):
    """A file cannot be written: it is this file that fails, and none of what it is made of."""


class Sink:
    """A binary sink that counts and hashes what passes through it; `written` after the last byte.

    Args:
        path: the file, where it is one of this machine: what fails of it is then an UnwrittenError.
    """

    def __init__(self, sink: IO[bytes], path: Path | None = None) -> None:
        self._sink, self._path = sink, path
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        with _its_own(self._path) if self._path else nullcontext():
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


class Files(Protocol):
    """Where a release lies: a folder of this machine (`LocalFiles`) or any place (`curation.place`)."""

    @property
    def uri(self) -> str:
        """Its path or address."""

    def read(self, name: str) -> bytes:
        """A whole file. Raises FileNotFoundError when it is not there."""

    def open(self, name: str) -> BinaryIO:
        """A file to read anywhere in it. Raises FileNotFoundError."""

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        """A file to read once from `first` to its end. Raises FileNotFoundError."""

    def in_a_row(self, name: str) -> BinaryIO:
        """A file to read in a row from wherever one seeks to. Raises FileNotFoundError."""

    def size(self, name: str) -> int | None:
        """Bytes of a file, None when there is none."""

    def local(self, name: str) -> Path | None:
        """The path of a file where it lies in a folder of this machine."""

    def where(self, name: str) -> str:
        """The address of a file, for people."""

    def writing(self, name: str) -> AbstractContextManager[Sink]:
        """A sink for a file that appears whole at the end of the block, and not at all when it raises."""


@dataclass(frozen=True)
class LocalFiles:
    """A folder of this machine. Its methods raise OSError."""

    root: Path

    @property
    def uri(self) -> str:
        return str(self.root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        file = self.open(name)
        file.seek(first)
        return file

    def in_a_row(self, name: str) -> BinaryIO:
        return self.open(name)

    def size(self, name: str) -> int | None:
        path = self.root / name
        return path.stat().st_size if path.is_file() else None

    def local(self, name: str) -> Path:
        return self.root / name

    def where(self, name: str) -> str:
        return str(self.root / name)

    def writing(self, name: str) -> AbstractContextManager[Sink]:
        return writing(self.root / name)


def files_at(folder: Path | Files) -> Files:
    """A folder, or a place as it is."""
    return LocalFiles(folder) if isinstance(folder, Path) else folder


@contextmanager
def writing(path: Path, *, anew: bool = False) -> Iterator[Sink]:
    """A sink for a file that appears whole at the end of the block, and not at all when the block raises: a temp name in the
    same folder (made when it is not there), then `put_in_place`. Raises UnwrittenError; `anew` FileExistsError where there is a file."""
    temp = path.with_name(f"{TEMP_PREFIX}{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
    try:
        with _its_own(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = temp.open("w+b")
        try:
            yield Sink(raw, path)
        except BaseException:
            with suppress(OSError):
                raw.close()
            raise
        with _its_own(path, anew=anew):
            raw.close()
            put_in_place(temp, path, anew=anew)
    except BaseException:
        with suppress(OSError):
            temp.unlink(missing_ok=True)
        raise


@contextmanager
def _its_own(path: Path, *, anew: bool = False) -> Iterator[None]:
    """An OSError of the block is one of the file that is written, unless it is to be `anew` and is there."""
    try:
        yield
    except OSError as error:
        if anew and isinstance(error, FileExistsError):
            raise
        raise UnwrittenError(error.errno, error.strerror or str(error), str(path)) from error


def put_in_place(file: Path, path: Path, *, anew: bool = False) -> None:
    """A file that is all there takes its name: synced, renamed, and the folder synced. Raises OSError.

    Args:
        path: its name, on the same file system; what was there is replaced.
        anew: nothing is: FileExistsError where there is a file. Of many who try at once one succeeds; where the file system has
            hard links none waits for one that was stopped on the way.
    """
    with file.open("rb") as raw:
        os.fsync(raw.fileno())
    if not anew:
        os.replace(file, path)  # noqa: PTH105 - one name for the crash tests to hook
    elif _linked(file, path):
        file.unlink()
    else:
        with alone(path.parent):
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            os.replace(file, path)  # noqa: PTH105
    _sync_folder(path.parent)


def _linked(file: Path, path: Path) -> bool:
    """Give a file a second name that nothing has; False where the file system has no hard links."""
    try:
        os.link(file, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return False
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder, so that of those who hold it one looks and writes at a time. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """sha256 of a file, hex, read in pieces. Raises OSError."""
    with path.open("rb") as stream:
        return digest_of(stream)


def digest_of(stream: BinaryIO) -> str:
    """sha256 of what is left in a stream, hex."""
    digest = hashlib.sha256()
    while piece := stream.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
