"""Files of a place that is asked by ranges, as Python's files: one to read once, one to read anywhere in it, one to read in a row
more than once."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from curation.errors import PlaceError

BLOCK = 1 << 20
"""Bytes of a block that is fetched and kept for small reads (footers, pages); what is longer is fetched as it is asked."""
KEPT_BLOCKS = 16


class Body(Protocol):
    """The bytes of an answer, read in pieces."""

    def read(self, amount: int) -> bytes: ...
    def close(self) -> None: ...


class Streamed(io.RawIOBase):
    """A file read once, from a place to its end.

    Args:
        pieces: gives at most so many bytes, the next each time, none at the end; it resumes by itself.
    """

    def __init__(self, pieces: Callable[[int], bytes], close: Callable[[], None]) -> None:
        self._pieces, self._close = pieces, close

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._pieces(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._close()
        super().close()


class _Sought(io.RawIOBase):
    """A file of so many bytes in which one seeks; the next byte is the one at `_at`."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a place before the file's beginning")
        self._at = base + offset
        return self._at


class InARow(_Sought):
    """A file read in a row from wherever one seeks to: a request a row, sent at the first read and over at the end of the file.

    Args:
        size: its bytes.
        begin: opens it at a byte.
    """

    def __init__(self, size: int, begin: Callable[[int], BinaryIO]) -> None:
        super().__init__(size)
        self._begin = begin
        self._row: BinaryIO | None = None
        self._next = 0

    def readinto(self, buffer: Any) -> int:
        if self._next != self._at:
            self._end()
        if self._at >= self._size:
            return 0
        if self._row is None:
            self._row, self._next = self._begin(self._at), self._at
        piece = self._row.read(len(buffer))
        if not piece and len(buffer):
            raise PlaceError(
                f"a file of {self._size:,} bytes ended at byte {self._at:,}: it was replaced while it was read; run again"
            )
        buffer[: len(piece)] = piece
        self._at = self._next = self._at + len(piece)
        if self._at >= self._size:
            self._end()
        return len(piece)

    def close(self) -> None:
        self._end()
        super().close()

    def _end(self) -> None:
        if self._row is not None:
            self._row.close()
        self._row = None


class Ranged(_Sought):
    """A file read anywhere in it.

    Args:
        size: its bytes.
        fetch: gives the bytes from one up to and without another.
    """

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__(size)
        self._fetch = fetch
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readall(self) -> bytes:
        return self.read(-1)

    def read(self, amount: int | None = -1) -> bytes:
        after = self._size if amount is None or amount < 0 else min(self._size, self._at + amount)
        if after <= self._at:
            return b""
        first, self._at = self._at, after
        if after - first >= BLOCK:
            return self._fetch(first, after)
        blocks = [self._block(number) for number in range(first // BLOCK, (after - 1) // BLOCK + 1)]
        start = first // BLOCK * BLOCK
        return b"".join(blocks)[first - start : after - start]

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            self._blocks[number] = self._fetch(number * BLOCK, min(self._size, (number + 1) * BLOCK))
            while len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
