"""What this machine has for tasks: memory within the limits of its control groups, and GPUs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

SELF = Path("/proc/self")
CGROUPS = Path("/sys/fs/cgroup")
GPUS = Path("/proc/driver/nvidia/gpus")
_V2 = ("memory.max", "memory.current", "inactive_file")
_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def free_bytes(mine: tuple[int, ...] = ()) -> int:
    """Memory that tasks may take now: what is available, in the machine and in every control group around this process.

    Args:
        mine: processes whose memory is theirs already.
    """
    held = 0
    for pid in mine:
        with suppress(psutil.Error):
            held += psutil.Process(pid).memory_info().rss
    return min([psutil.virtual_memory().available, *_free_of_groups()]) + held


def _free_of_groups() -> Iterator[int]:
    """What each control group around this process leaves, bytes; page cache that can be dropped counts as free."""
    with suppress(OSError):
        lines = (SELF / "cgroup").read_text().splitlines()
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if controllers == "":
                yield from _around(CGROUPS, path, _V2)
            elif "memory" in controllers.split(","):
                yield from _around(CGROUPS / "memory", path, _V1)


def _around(root: Path, path: str, files: tuple[str, str, str]) -> Iterator[int]:
    """The groups from one up to the root; inside a container its own group is the root, whatever its path says."""
    group = root / path.strip("/")
    for folder in {root, group, *group.parents}:
        if folder.is_relative_to(root):
            with suppress(OSError, ValueError, KeyError):  # no such group here, or one without a limit (`max`)
                limit, used = (int((folder / name).read_text()) for name in files[:2])
                stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                yield max(limit - used + int(stat[files[2]]), 0)


def gpus() -> int:
    """NVIDIA's GPUs that this process may use: those of `CUDA_VISIBLE_DEVICES`, else those that the driver lists."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    try:
        return len([*GPUS.iterdir()])
    except OSError:
        return 0
