"""What was asked of a bucket so far: a line a request, written before it is sent, so that a killed fetch forgets none."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock


class Spending:
    """Requests and bytes that a folder has cost, at most: a request that was killed counts whole.

    Args:
        log: its file; made at the first request.
    """

    def __init__(self, log: Path) -> None:
        self._log, self._lock = log, Lock()
        sizes = [int(line) for line in log.read_text().split("\n") if line.isdigit()] if log.exists() else []
        self.requests, self.bytes = len(sizes), sum(sizes)

    def charge(self, size: int) -> None:
        """Note a request before it is sent, and the bytes that it may bring."""
        with self._lock:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, f"{size}\n".encode())
            finally:
                os.close(handle)
            self.requests += 1
            self.bytes += size
