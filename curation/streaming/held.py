"""The decoded row groups that a reader holds: each is decoded once while a lane is in it, ahead of need where there is room."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias
from weakref import finalize

from curation.streaming.decoded import Decoded

_log = logging.getLogger("astrocorpus.streaming")
Key: TypeAlias = tuple[int, int, int]
"""A row group in an epoch: source, epoch, number of the row group."""


class _Entry:
    __slots__ = ("ahead", "future", "size", "users", "value")

    def __init__(self, size: int) -> None:
        self.size, self.users, self.ahead = size, 0, 0
        self.value: Decoded | None = None
        self.future: Future[Decoded] | None = None


class Held:
    """Row groups by key. Whoever needs one holds it until it has passed it; what nobody holds goes at the next `sweep`.

    Sizes are estimates (curation.streaming.memory) until a row group is decoded.

    Args:
        decode: makes a row group; called in the threads too.
        size: estimate of a row group's bytes.
        max_bytes: bytes that may be held. Where row groups take more than was estimated, those ahead go first; what lanes need now stays, with
            a warning.
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
        # At exit before Python takes its modules apart, whoever still holds an iterator.
        self._end = finalize(self, self._pool.shutdown, cancel_futures=True) if self._pool else None
        self._told = False
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
        if cost > min(self._ahead_bytes, self._max_bytes - self.bytes) or self._pool is None:
            return None
        self._ahead_bytes -= cost
        self.hold(key)
        self._entries[key].ahead += 1
        self.begin(key)
        return cost

    def arrived(self, key: Key, cost: int) -> None:
        """A lane has come to a row group that was held ahead, or past it."""
        self._ahead_bytes += cost
        self._entries[key].ahead -= 1

    def begin(self, key: Key) -> None:
        """Decode a row group that is held in a thread."""
        entry = self._entries[key]
        if self._pool is not None and entry.value is None and entry.future is None:
            entry.future = self._pool.submit(self._decode, key)

    def get(self, key: Key) -> Decoded:
        """A row group that is held, decoded here if no thread has begun to.

        Raises:
            UserError: what decoding raises.
        """
        entry = self._entries[key]
        if entry.value is None:
            future, entry.future = entry.future, None
            started = future is not None and not future.cancel()
            entry.value = future.result() if future is not None and started else self._decode(key)
            self._count(entry, entry.value.nbytes)
            if self.bytes > self._max_bytes:
                self._make_room()
        return entry.value

    def _count(self, entry: _Entry, size: int) -> None:
        self.bytes += size - entry.size
        entry.size = size

    def _make_room(self) -> None:
        self.sweep()
        for entry in self._entries.values():
            if self.bytes > self._max_bytes and entry.ahead == entry.users:
                if entry.future is not None:
                    entry.future.cancel()
                entry.future = entry.value = None
                self._count(entry, 0)
        if self.bytes > self._max_bytes and not self._told:
            self._told = True
            _log.warning(
                "the lanes hold %s bytes of row groups, more than the files' footers say, and may hold %s: raise max_bytes, or "
                "begin the next run with fewer lanes",
                f"{self.bytes:,}",
                f"{self._max_bytes:,}",
            )

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
        if self._end is not None:
            self._end()
        self._entries.clear()
