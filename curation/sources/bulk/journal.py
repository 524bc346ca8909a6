"""A journal: a file of lines that are added one by one, each on the disk before what it tells is relied on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_LONGEST = 4096
"""Bytes of a line, at most."""


def append_line(journal: Path, line: str) -> None:
    """Add a line, synced; the file is made where there is none. What a kill or a full disk left of a line is taken away before,
    so that two halves do not make a third line. For one process at a time.

    Raises:
        OSError: it cannot be written; nothing of it stays.
    """
    handle = os.open(journal, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        tail = os.pread(handle, _LONGEST, max(0, size - _LONGEST))
        end = size - len(tail) + tail.rfind(b"\n") + 1
        if end < size:
            os.ftruncate(handle, end)
        body = f"{line}\n".encode()
        if os.pwrite(handle, body, end) < len(body):
            os.ftruncate(handle, end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(journal))
        os.fdatasync(handle)
    finally:
        os.close(handle)
