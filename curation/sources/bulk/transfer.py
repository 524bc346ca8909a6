"""One tar out of the bucket: ranged requests in parallel, and a journal of the parts that lie safely on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event, Lock

from curation.errors import AstrocorpusError, NoSpaceError, RunError
from curation.faults import NO_SPACE
from curation.place import Place
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.prices import PART_BYTES


class TarRefused(AstrocorpusError):
    """One tar cannot be fetched; the others can."""


class Transfer:
    """A tar under way: `<name>.part` holds its bytes, `<name>.done` the numbers of the parts that were synced before they were
    noted, under a first line that says of which tar.

    Args:
        bucket: where it lies, under the name that the manifest gives it.
        chunk: the tar.
        folder: of the files that are under way.
        part_bytes: of a request; another one than before begins anew.
    """

    def __init__(self, bucket: Place, chunk: Chunk, folder: Path, part_bytes: int = PART_BYTES) -> None:
        self._bucket, self.chunk, self._part_bytes = bucket, chunk, part_bytes
        name = Path(chunk.filename).name
        self.file, self._journal = folder / f"{name}.part", folder / f"{name}.done"
        self._lock = Lock()
        self._head = f"{chunk.md5sum} {chunk.size} {part_bytes}"
        self.done = self._noted()

    @property
    def left(self) -> list[int]:
        """Numbers of the parts that are still to come."""
        return [n for n in range(max(1, -(-self.chunk.size // self._part_bytes))) if n not in self.done]

    def bytes_of(self, number: int) -> int:
        return min(self._part_bytes, self.chunk.size - number * self._part_bytes)

    @property
    def bytes_left(self) -> int:
        return sum(map(self.bytes_of, self.left))

    def run(self, streams: int, charge: Callable[[int], None], came: Callable[[int], None]) -> None:
        """Fetch what is left; afterwards `file` holds all.

        Args:
            streams: requests at a time; each holds a part in memory.
            charge: is told of the bytes of a request before it is sent.
            came: is told of the bytes of a part that lies on disk.

        Raises:
            TarRefused: the bucket has no such tar, or one of another size.
            NoSpaceError: the disk is full; what came stays.
            PlaceError: the bucket cannot be read.
        """
        if not self.left:
            return
        self._look(charge)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if not self.done:
            self.discard()
            self._append(self._head)
        stop = Event()
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            with ThreadPoolExecutor(streams, thread_name_prefix="fetch") as pool:
                tasks = [pool.submit(self._part, number, handle, stop, charge, came) for number in self.left]
                try:
                    wait(tasks, return_when="FIRST_EXCEPTION")
                finally:
                    stop.set() if any(task.done() and task.exception() for task in tasks) else None
                    for task in tasks:
                        task.cancel() if stop.is_set() else None
            for task in tasks:
                if not task.cancelled():
                    task.result()
        finally:
            os.close(handle)

    def discard(self) -> None:
        """Forget what came."""
        self._journal.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)
        self.done = set()

    def _look(self, charge: Callable[[int], None]) -> None:
        charge(0)
        size = self._bucket.size(self.chunk.filename)
        where = self._bucket.where(self.chunk.filename)
        if size is None:
            raise TarRefused(f"{where} is not there; the manifest is of another time than the bucket: get it anew")
        if size != self.chunk.size:
            raise TarRefused(
                f"{where} has {size:,} bytes and the manifest says {self.chunk.size:,}: it was rewritten since; get the manifest anew"
            )

    def _part(
        self, number: int, handle: int, stop: Event, charge: Callable[[int], None], came: Callable[[int], None]
    ) -> None:
        if stop.is_set():
            return
        first, size = number * self._part_bytes, self.bytes_of(number)
        charge(size)
        try:
            data = self._bucket.range(self.chunk.filename, first, first + size)
        except FileNotFoundError as error:
            raise TarRefused(f"{self._bucket.where(self.chunk.filename)} is gone; get the manifest anew") from error
        if len(data) != size:
            raise TarRefused(
                f"{self._bucket.where(self.chunk.filename)} ends before byte {first + size:,}; get the manifest anew"
            )
        try:
            view = memoryview(data)
            while view:
                first += (written := os.pwrite(handle, view, first))
                view = view[written:]
            os.fdatasync(handle)
            self._append(str(number))
        except OSError as error:
            raise told_of_disk(error, self.file) from error
        self.done.add(number)
        came(size)

    def _append(self, line: str) -> None:
        with self._lock:
            handle = os.open(self._journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, f"{line}\n".encode())
                os.fdatasync(handle)
            finally:
                os.close(handle)

    def _noted(self) -> set[int]:
        """The parts that lie on disk; a line that a kill cut has no end."""
        if not (self._journal.exists() and self.file.exists()):
            return set()
        head, *lines = self._journal.read_text().split("\n")
        return {int(line) for line in lines[:-1] if line.isdigit()} if head == self._head and lines else set()


def told_of_disk(error: OSError, file: Path) -> RunError:
    """A fault of the disk in words."""
    if error.errno in NO_SPACE:
        return NoSpaceError(
            f"no space left while writing {file}; free some and fetch again: it goes on at the last whole part"
        )
    return RunError(f"cannot write {file}: {error.strerror or error}")
