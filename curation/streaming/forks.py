"""Locks in a process that forks, as DataLoaders do while threads of it read."""

from __future__ import annotations

import os
from threading import Lock
from weakref import WeakSet


class ForkLock:
    """A lock that a forked child finds open: the thread that held it in the parent is not there to let go."""

    def __init__(self) -> None:
        self._lock = Lock()
        _LOCKS.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


_LOCKS: WeakSet[ForkLock] = WeakSet()


def _open_all() -> None:
    for lock in list(_LOCKS):
        lock._lock = Lock()


os.register_at_fork(after_in_child=_open_all)
