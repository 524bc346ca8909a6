"""Where a child is in what it was given: it writes three numbers to memory that its parent shares, which outlives it."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable

SIZE = 32
_FORM = struct.Struct("=4Q")
_shared: mmap.mmap | None = None
_before: Callable[[], None] | None = None
_count = 0


def create() -> tuple[int, mmap.mmap]:
    """Shared memory for one child: a descriptor to hand down, and the parent's view."""
    file = os.memfd_create("astrocorpus-progress")
    os.ftruncate(file, SIZE)
    return file, mmap.mmap(file, SIZE)


def share(file: int, before: Callable[[], None]) -> None:
    """In the child: write there from now on, and call `before` at each step (its limits count anew)."""
    global _shared, _before
    _shared, _before = mmap.mmap(file, SIZE), before
    os.close(file)


def at(i: int, j: int, n: int) -> None:
    """Say that what happens from here on is done for the n items from position (i, j) on. Without a parent it says nothing."""
    global _count
    if _shared is not None and _before is not None:
        _count += 1
        _shared[:] = _FORM.pack(_count, i, j, n)
        _before()


def read(shared: mmap.mmap) -> tuple[int, int, int, int]:
    """How many steps the child has said, and the last one."""
    count, i, j, n = _FORM.unpack(shared[:])
    return count, i, j, n
