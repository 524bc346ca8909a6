"""Files that appear whole: temp name, fsync, rename. All that the engine writes into a run folder goes through here, but for
the lock; what children of a step and the data card write does not."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import RunError, UserError
from curation.faults import NO_SPACE

T = TypeVar("T")

TEMP_PREFIX = ".tmp-"


@dataclass(frozen=True)
class Written:
    """What was written: size and digest of the file."""

    bytes: int
    sha256: str


class _Digest:
    """A binary sink that counts and hashes what passes through it."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
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


class NoSpaceError(RunError):
    """A disk or quota is full."""


class Store:
    """A folder of a run on a local or mounted file system.

    Args:
        root: the folder. Names given to the methods are relative to it.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    def path(self, name: str) -> Path:
        return self.root / name

    def exists(self, name: str) -> bool:
        return self.path(name).exists()

    def size(self, name: str) -> int | None:
        """Bytes of a file, None when there is none."""
        try:
            return self.path(name).stat().st_size
        except FileNotFoundError:
            return None

    def write(self, name: str, fill: Callable[[IO[bytes]], None]) -> Written:
        """Write a file whole: `fill` writes into a temp file, which is synced and renamed.

        Raises:
            NoSpaceError: the disk is full.
            RunError: the folder cannot be written; nothing is left behind.
        """
        with self.writing(name) as digest:
            fill(cast(IO[bytes], digest))
        return digest.written

    @contextmanager
    def writing(self, name: str) -> Iterator[_Digest]:
        """A sink for a file that appears whole at the end of the block, and not at all when the block raises.

        Raises:
            RunError: as `write`.
        """
        target = self.path(name)
        temp = target.with_name(f"{TEMP_PREFIX}{os.getpid()}-{secrets.token_hex(4)}-{target.name}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temp.open("w+b") as raw:
                digest = _Digest(raw)
                yield digest
                raw.flush()
                os.fsync(raw.fileno())
            os.replace(temp, target)  # noqa: PTH105 - one name for the crash tests to hook
            _sync_folder(target.parent)
        except OSError as error:
            with suppress(OSError):
                temp.unlink(missing_ok=True)
            raise _explain(error, target) from error
        except BaseException:
            with suppress(OSError):
                temp.unlink(missing_ok=True)
            raise

    def write_json(self, name: str, value: Any) -> Written:
        """Write canonical JSON: sorted keys, two spaces, a newline at the end."""
        body = _json_body(value)
        return self.write(name, lambda sink: put(sink, body))

    def update_json(self, name: str, value: Any) -> bool:
        """Write canonical JSON, unless the file holds it already; returns whether it was written."""
        if self.holds_json(name, value):
            return False
        self.write_json(name, value)
        return True

    def holds_json(self, name: str, value: Any) -> bool:
        """Whether a file is the canonical JSON of a value."""
        body = _json_body(value)
        return self.size(name) == len(body) and self.path(name).read_bytes() == body

    def read_json(self, name: str) -> Any:
        """Parsed JSON, None when the file does not exist.

        Raises:
            RunError: the file is not JSON (only a foreign program can cause that).
        """
        try:
            return json.loads(self.path(name).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, RecursionError) as error:
            raise RunError(f"{self.path(name)} is not JSON ({error}); delete it and run again") from error

    def read_as(self, name: str, make: Callable[[Any], T]) -> T | None:
        """What `make` makes of a JSON file, None when the file does not exist.

        Raises:
            RunError: the file is not JSON, or holds something else than `make` expects.
        """
        value = self.read_json(name)
        if value is None and not self.exists(name):
            return None
        try:
            return make(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunError(
                f"{self.path(name)} does not hold what a run writes there ({type(error).__name__}: {error}); "
                "delete it and run again"
            ) from error

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A Parquet file, open; its pages are compared with their checksums as they are read.

        Raises:
            RunError: it is missing or broken; it is made anew when it is deleted.
        """
        with self.reading(name), pq.ParquetFile(self.path(name), page_checksum_verification=True) as file:
            yield file

    @contextmanager
    def arrow(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.ipc.RecordBatchFileReader]:
        """An Arrow IPC file, open for some columns, default all; raises as `parquet` does."""
        with self.reading(name), pa.OSFile(str(self.path(name))) as file:
            reader = pa.ipc.open_file(file)
            if columns is not None:
                fields = [reader.schema.get_field_index(column) for column in columns]
                reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=fields))
            yield reader

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Tell of a file that a run made and that proves missing or broken in the block; raises RunError."""
        try:
            yield
        except (OSError, ValueError, pa.ArrowException) as error:  # damage of names and numbers, too
            words = "is gone" if isinstance(error, FileNotFoundError) else f"cannot be read ({_first_line(error)})"
            raise RunError(
                f"{self.path(name)} {words}; delete it if it is there, and run again: it is made anew"
            ) from error

    def read_table(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Columns of a Parquet file; raises as `parquet` does."""
        with self.parquet(name) as file:
            return file.read(columns=list(columns))

    def names(self, folder: str, suffix: str = "") -> list[str]:
        """Sorted file names in a folder (not below it), without temp files; empty when there is none."""
        try:
            found = [p.name for p in self.path(folder).iterdir() if p.is_file()]
        except FileNotFoundError:
            return []
        return sorted(n for n in found if n.endswith(suffix) and not n.startswith(TEMP_PREFIX))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def folders(self) -> list[str]:
        """Sorted names of the folders directly below the root."""
        try:
            return sorted(p.name for p in self.root.iterdir() if p.is_dir())
        except FileNotFoundError:
            return []

    def sweep(self) -> int:
        """Remove temp files that a killed run left; returns how many."""
        stray = [p for p in self.root.rglob(f"{TEMP_PREFIX}*") if p.is_file()]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one process; the kernel frees it when the process dies.

        Raises:
            UserError: the folder cannot be made or written, or another run holds it.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = (self.root / ".lock").open("a")
        except OSError as error:
            raise UserError(f"the folder {self.root} cannot be written: {error.strerror}") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(
                    f"another run is writing to {self.root}; wait for it or choose another folder"
                ) from error
            yield


def open_store(uri: str | os.PathLike[str]) -> Store:
    """The store behind a run URI. Give it as the user wrote it: a `Path` makes `s3:/bucket` of `s3://bucket`.

    Raises:
        UserError: a scheme that is not a local path.
    """
    text = os.fspath(uri)
    if "://" in text and not text.startswith("file://"):
        raise UserError(f"{text} is no local path; mount it as a file system and give the folder where it is mounted")
    return Store(Path(text.removeprefix("file://")).absolute())


def _json_body(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()


def put(sink: IO[bytes], body: bytes) -> None:
    """Fill a sink with bytes."""
    sink.write(body)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain(error: OSError, target: Path) -> RunError:
    if error.errno in NO_SPACE:
        return NoSpaceError(f"no space left while writing {target}; free some and run again")
    return RunError(f"cannot write {target}: {error.strerror or error}")
