"""The decoded row groups that a reader holds: each is decoded once while a lane is in it, ahead of need where there is room."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

from curation.errors import UserError
from curation.streaming.decoded import Decoded

Key: TypeAlias = tuple[int, int, int]
"""A row group in an epoch: source, epoch, number of the row group."""


class _Entry:
    __slots__ = ("future", "size", "users", "value")

    def __init__(self, size: int) -> None:
        self.size, self.users = size, 0
        self.value: Decoded | None = None
        self.future: Future[Decoded] | None = None


class Held:
    """Row groups by key. Whoever needs one holds it until it has passed it; what nobody holds goes at the next `sweep`.

    Sizes are estimates (curation.streaming.memory) until a row group is decoded.

    Args:
        decode: makes a row group; called in the threads too.
        size: estimate of a row group's bytes.
        max_bytes: bytes that may be held. What a lane needs now and does not fit is an error.
        ahead_bytes: how many of them may be row groups that no lane is in yet.
        threads: that decode ahead; 0 for none.
    """

    def __init__(
        self,
        decode: Callable[[Key], Decoded],
        size: Callable[[Key], int],
        *,
        max_bytes: int,
        ahead_bytes: int,
        threads: int,
    ) -> None:
        self._decode, self._size, self._max_bytes, self._ahead_bytes = decode, size, max_bytes, ahead_bytes
        self._entries: dict[Key, _Entry] = {}
        self._unused: list[Key] = []
        self._pool = ThreadPoolExecutor(threads, "astrocorpus-stream") if threads else None
        self.bytes = 0

    def hold(self, key: Key) -> None:
        """Keep a row group until it is let go."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(self._size(key))
            self.bytes += entry.size
        entry.users += 1

    def hold_ahead(self, key: Key) -> int | None:
        """Keep and begin to decode a row group that will be needed: the bytes that this costs, None where there is no room."""
        cost = 0 if key in self._entries else self._size(key)
        if cost > self._ahead_bytes or self._pool is None:
            return None
        self._ahead_bytes -= cost
        self.hold(key)
        self.begin(key)
        return cost

    def arrived(self, cost: int) -> None:
        """A lane has come to a row group that was held ahead, or past it."""
        self._ahead_bytes += cost

    def begin(self, key: Key) -> None:
        """Decode a row group that is held in a thread."""
        entry = self._entries[key]
        if self._pool is not None and entry.value is None and entry.future is None:
            entry.future = self._pool.submit(self._decode, key)

    def get(self, key: Key) -> Decoded:
        """A row group that is held, decoded here if no thread has begun to.

        Raises:
            UserError: more bytes are held than may be; what decoding raises.
        """
        entry = self._entries[key]
        if entry.value is None:
            future, entry.future = entry.future, None
            started = future is not None and not future.cancel()
            entry.value = future.result() if future is not None and started else self._decode(key)
            self.bytes += entry.value.nbytes - entry.size
            entry.size = entry.value.nbytes
            if self.bytes > self._max_bytes:
                self.sweep()
            if self.bytes > self._max_bytes:
                raise UserError(
                    f"the reader's lanes hold {self.bytes:,} bytes and may hold {self._max_bytes:,}: raise max_bytes, or "
                    "begin with fewer lanes"
                )
        return entry.value

    def let_go(self, key: Key) -> None:
        entry = self._entries[key]
        entry.users -= 1
        if not entry.users:
            self._unused.append(key)

    def sweep(self) -> None:
        """Free what nobody holds any more."""
        for key in self._unused:
            entry = self._entries.get(key)
            if entry is not None and not entry.users:
                del self._entries[key]
                self.bytes -= entry.size
        self._unused.clear()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._entries.clear()
