"""The files of a run folder, wherever it lies (`curation.place`): JSON, Parquet, groups. All that the engine writes into a run
folder goes through here; what children of a step write does not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import RunError
from curation.place import Held, Place, open_place
from schemas.files import Sink, Written, digest_of

T = TypeVar("T")

LOCK = ".lock"
"""The file by which one process holds a run folder."""


class Store:
    """The files of a place.

    Args:
        place: a place, or its address. Names given to the methods are relative to it.
    """

    def __init__(self, place: Place | str | os.PathLike[str]) -> None:
        self.place = place if isinstance(place, Place) else open_place(place)
        self._held: Held | None = None
        self._tags: dict[str, str | None] = {}

    @property
    def uri(self) -> str:
        """Its address, or path: what opens it again in another process."""
        return self.place.uri

    def below(self, folder: str) -> Place:
        """A folder of it as a place of its own, whose files appear only while this store is held, if it was."""
        return self.place.below(folder).guarded(self.check_held)

    def where(self, name: str) -> str:
        """The address of a file, for people."""
        return self.place.where(name)

    def exists(self, name: str) -> bool:
        return self.size(name) is not None

    def size(self, name: str) -> int | None:
        """Bytes of a file, None when there is none."""
        return self.place.size(name)

    def sizes(self, folder: str) -> dict[str, int]:
        """Bytes of each file in a folder (not below it), by its name below the place, without temp files."""
        return {file.name: file.size for file in self.place.children(folder).files}

    def write(self, name: str, fill: Callable[[IO[bytes]], None]) -> Written:
        """Write a file whole: `fill` writes what appears under its name when it is all there.

        Raises:
            NoSpaceError: the disk is full.
            RunError: the folder cannot be written, or is no longer held; nothing is left behind.
        """
        with self.writing(name) as sink:
            fill(cast(IO[bytes], sink))
        return sink.written

    @contextmanager
    def writing(self, name: str) -> Iterator[Sink]:
        """A sink for a file that appears whole at the end of the block, and not at all when the block raises.

        Raises:
            RunError: as `write`.
        """
        with self.place.writing(name, check=self.check_held) as sink:
            yield sink

    def add(self, name: str, fill: Callable[[IO[bytes]], None]) -> Written | None:
        """Write a file that nobody wrote before: what is there is never replaced.

        Returns:
            What lies there now; None when it is another file than this one. One of the very same bytes is this one (of a worker
            that was killed, of a second try) and stays.

        Raises:
            RunError: as `write`.
        """
        written = None
        try:
            with self.place.writing(name, anew=True, check=self.check_held) as sink:
                fill(cast(IO[bytes], sink))
                written = sink.written
        except FileExistsError:
            return written if written is not None and self._holds(name, written) else None
        return written

    def write_json(self, name: str, value: Any) -> None:
        """Write canonical JSON. Raises as `write`."""
        self.write(name, lambda sink: put(sink, json_body(value)))

    def update_json(self, name: str, value: Any) -> bool:
        """Write canonical JSON, unless the file holds it already; returns whether it was written.

        Raises:
            RunError: as `write`; or since this process wrote it first it became another one: somebody else writes there.
        """
        body = json_body(value)
        self.note(name)
        if self._read(name) == body:
            return False
        before = self._tags[name]
        self.check_held()
        tag = self.place.put_if_absent(name, body) if before is None else self.place.put_if_match(name, body, before)
        if tag is None:
            raise self.foreign(name)
        self._tags[name] = tag
        return True

    def note(self, name: str) -> None:
        """Take what lies there now for what `update_json` replaces: what another one writes from here on is not put over."""
        if name not in self._tags:
            self._tags[name] = self.place.tag(name)

    def foreign(self, name: str) -> RunError:
        """The error of a file that another process wrote in place of this one."""
        return RunError(f"{self.where(name)} was written by another process meanwhile; this one stops: run again")

    def holds_json(self, name: str, value: Any) -> bool:
        """Whether a file is the canonical JSON of a value."""
        return self._read(name) == json_body(value)

    def read_json(self, name: str) -> Any:
        """Parsed JSON, None when the file does not exist.

        Raises:
            RunError: the file is not JSON (only a foreign program can cause that).
        """
        body = self._read(name)
        try:
            return None if body is None else json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RunError(f"{self.where(name)} is not JSON ({error}); delete it and run again") from error

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
                f"{self.where(name)} does not hold what a run writes there ({type(error).__name__}: {error}); "
                "delete it and run again"
            ) from error

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A Parquet file, open; its pages are compared with their checksums as they are read.

        Raises:
            RunError: it is missing or broken; it is made anew when it is deleted.
        """
        with self.reading(name):
            path = self.place.local(name)
            with pq.ParquetFile(path or self.place.open(name), page_checksum_verification=True) as file:
                yield file

    @contextmanager
    def arrow(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.ipc.RecordBatchFileReader]:
        """An Arrow IPC file, open for some columns, default all; raises as `parquet` does."""
        with self.reading(name):
            path = self.place.local(name)
            with pa.OSFile(str(path)) if path else pa.PythonFile(self.place.open(name), "r") as file:
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
                f"{self.where(name)} {words}; delete it if it is there, and run again: it is made anew"
            ) from error

    def read_table(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Columns of a Parquet file; raises as `parquet` does."""
        with self.parquet(name) as file:
            return file.read(columns=list(columns))

    def names(self, folder: str, suffix: str = "") -> list[str]:
        """Sorted file names in a folder (not below it), without temp files; empty when there is none."""
        names = (name.rpartition("/")[2] for name in self.sizes(folder))
        return sorted(name for name in names if name.endswith(suffix))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Raises RunError when the folder is no longer held."""
        self.check_held()
        self.place.remove(name)
        self._tags.pop(name, None)

    def remove_folder(self, folder: str) -> None:
        """Remove a folder with all that lies below it; raises as `remove`."""
        self.check_held()
        self.place.remove_folder(folder)

    def folders(self, folder: str = "") -> list[str]:
        """Sorted names of the folders directly in one, by default the root."""
        return self.place.children(folder).folders

    def sweep(self) -> int:
        """Remove what a killed run left half written; returns how many files. For who holds the folder: a run that lost it would
        take away what another one writes. Raises RunError then."""
        self.check_held()
        return self.place.sweep()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one process: what this store writes meanwhile stops with a RunError when the lease is lost.

        Raises:
            UserError: the folder cannot be made or written, or another run holds it.
        """
        with self.place.lease(LOCK, "run") as self._held:
            try:
                yield
            finally:
                self._held = None

    def check_held(self) -> None:
        """Raises RunError when the folder was held and is not any more."""
        if self._held is not None:
            self._held.check()

    def _holds(self, name: str, written: Written) -> bool:
        """Whether a file has the bytes of what was written."""
        if self.size(name) != written.bytes:
            return False
        with self.reading(name), self.place.stream(name) as stream:
            return digest_of(stream) == written.sha256

    def _read(self, name: str) -> bytes | None:
        try:
            return self.place.read(name)
        except FileNotFoundError:
            return None


def open_store(uri: str | os.PathLike[str]) -> Store:
    """The store behind a run URI: a folder, or s3://bucket/prefix.

    Raises:
        UserError: another scheme.
    """
    return Store(open_place(uri))


def json_body(value: Any) -> bytes:
    """Canonical JSON: sorted keys, two spaces, a newline at the end."""
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()


def put(sink: IO[bytes], body: bytes) -> None:
    """Fill a sink with bytes."""
    sink.write(body)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
