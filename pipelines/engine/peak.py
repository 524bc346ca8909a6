"""The most memory that this process held during a task."""

from __future__ import annotations

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def begin_peak() -> None:
    """Count from now on. Where the kernel does not let a process do so (proc(5): `5` to clear_refs), the peak is that of its life."""
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_mb() -> int:
    """MB of resident memory at its peak, of this process alone."""
    try:
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return int(line.split()[1]) >> 10
