"""One tar out of the bucket: ranged requests in parallel, and a journal of the parts that lie safely on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event, Lock

from curation.errors import AstrocorpusError, NoSpaceError, RunError
from curation.faults import NO_SPACE
from curation.place import Place
from curation.sources.bulk.journal import append_line
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.prices import PART_BYTES

MAX_TIMES = 2
"""A tar that is larger than its manifest allows by so much is not paid for."""


class TarRefusedError(AstrocorpusError):
    """One tar cannot be fetched; the others can."""


class Transfer:
    """A tar under way: `<name>.part` holds its bytes, `<name>.done` the numbers of the parts that were synced before they were
    noted, under a first line that says of which tar.

    How many bytes it has is asked of the bucket: a manifest's `size` is not that of the tar, and only md5sum tells whether it is right.

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
        self._head = f"{chunk.md5sum} in parts of {part_bytes} "
        self._size, self._done = self._noted()

    @property
    def is_whole(self) -> bool:
        """Whether all of it lies on disk."""
        return self._size is not None and not self._left()

    @property
    def bytes_left(self) -> int:
        """Bytes that are still to come; at most, before the bucket was asked."""
        return self.chunk.max_bytes if self._size is None else sum(map(self._bytes_of, self._left()))

    def _left(self) -> list[int]:
        """Numbers of the parts that are still to come."""
        return [n for n in range(max(1, -(-(self._size or 0) // self._part_bytes))) if n not in self._done]

    def _bytes_of(self, number: int) -> int:
        return min(self._part_bytes, (self._size or 0) - number * self._part_bytes)

    def look(self, charge: Callable[[int], None]) -> int:
        """Bytes of the tar in the bucket, which is asked for them; then `bytes_left` is what is to come. What lies here of another one
        is removed.

        Args:
            charge: is told of a request before it is sent.

        Raises:
            TarRefusedError: the bucket has no such tar, or one that is much larger.
            PlaceError: the bucket cannot be read.
        """
        if self._size is not None and self.is_whole:
            return self._size
        size = self._asked(charge)
        if size != self._size or not self._done:
            self.discard()
            self._size = size
        return size

    def run(self, streams: int, charge: Callable[[int], None], came: Callable[[int], None]) -> None:
        """Fetch what is left, after `look`; afterwards `file` holds all.

        Args:
            streams: requests at a time; each holds a part in memory.
            charge: is told of the bytes of a request before it is sent.
            came: is told of the bytes of a part that lies on disk.

        Raises:
            TarRefusedError: the bucket has it no more, or it became shorter.
            NoSpaceError: the disk is full; what came stays.
            PlaceError: the bucket cannot be read.
        """
        if self.is_whole:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self._done:
                self._append(f"{self._head}{self._size}")
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise told_of_disk(error, self.file) from error
        try:
            self._fetch(handle, streams, charge, came)
        finally:
            os.close(handle)

    def _fetch(self, handle: int, streams: int, charge: Callable[[int], None], came: Callable[[int], None]) -> None:
        """The parts that are left. The first that fails, or a stop of the whole, keeps the others from being begun."""
        stop = Event()
        with ThreadPoolExecutor(streams, thread_name_prefix="fetch") as pool:
            tasks = [pool.submit(self._part, number, handle, stop, charge, came) for number in self._left()]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:  # a stop of the whole, too: the pool waits for all that was begun
                stop.set()
                raise

    def discard(self) -> None:
        """Forget what came."""
        self._journal.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)
        self._size, self._done = None, set()

    def _asked(self, charge: Callable[[int], None]) -> int:
        charge(0)
        size = self._bucket.size(self.chunk.filename)
        where = self._bucket.where(self.chunk.filename)
        if size is None:
            raise TarRefusedError(f"{where} is not there; the manifest is of another time than the bucket: get it anew")
        if size > MAX_TIMES * self.chunk.max_bytes:
            raise TarRefusedError(
                f"{where} has {size:,} bytes and the manifest says {self.chunk.size:,}: it is another tar; get the manifest anew"
            )
        return size

    def _part(
        self, number: int, handle: int, stop: Event, charge: Callable[[int], None], came: Callable[[int], None]
    ) -> None:
        if stop.is_set():
            return
        first, size = number * self._part_bytes, self._bytes_of(number)
        charge(size)
        try:
            data = self._bucket.range(self.chunk.filename, first, first + size)
        except FileNotFoundError as error:
            raise TarRefusedError(
                f"{self._bucket.where(self.chunk.filename)} is gone; get the manifest anew"
            ) from error
        if len(data) != size:
            raise TarRefusedError(
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
        self._done.add(number)
        came(size)

    def _append(self, line: str) -> None:
        with self._lock:
            append_line(self._journal, line)

    def _noted(self) -> tuple[int | None, set[int]]:
        """Bytes of the tar, and the parts that lie on disk; a line that a kill cut has no end, and does not count."""
        if not (self._journal.exists() and self.file.exists()):
            return None, set()
        head, *lines = self._journal.read_text().split("\n")
        size = head.removeprefix(self._head)
        if not lines or not size.isdigit():  # another tar, or other parts
            return None, set()
        return int(size), {int(line) for line in lines[:-1] if line.isdigit()}


def told_of_disk(error: OSError, file: Path) -> RunError:
    """A fault of the disk in words."""
    if error.errno in NO_SPACE:
        return NoSpaceError(
            f"no space left while writing {file}; free some and fetch again: it goes on at the last whole part"
        )
    return RunError(f"cannot write {file}: {error.strerror or error}")
