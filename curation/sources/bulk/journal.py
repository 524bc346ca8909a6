"""A journal: a file of lines that are added one by one, each on the disk before what it tells is relied on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_PIECE = 4096
"""Bytes that are looked at together for the end of the last line."""


def append_line(journal: Path, line: str) -> None:
    """Add a line, synced; the file is made where there is none. What a kill or a full disk left of a line is taken away before,
    so that two halves do not make a third line; zeros that a cut of the power left, too. For one process at a time.

    Raises:
        OSError: it cannot be written; nothing of it stays.
    """
    handle = os.open(journal, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        end = _end_of_lines(handle, size)
        if end < size:
            os.ftruncate(handle, end)
        body = f"{line}\n".encode()
        if os.pwrite(handle, body, end) < len(body):
            os.ftruncate(handle, end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(journal))
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _end_of_lines(handle: int, end: int) -> int:
    """Where the last whole line before `end` ends; 0 where there is none."""
    while end > 0:
        start = max(0, end - _PIECE)
        if (found := os.pread(handle, end - start, start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0
