"""What a task of a step takes of a machine."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

BASE_MB = 1024
"""A worker before it reads anything: Python, Arrow, compiled kernels, what its allocator keeps (measured: 160 to 490 MB)."""
UNFOLDED = 16
"""Bytes of memory for a byte of its inputs' files, which are packed text, held as inputs, on the way and as rows that are written.
Measured on 2,500 documents of 15 kB: a shard took 15 over an idle worker, a merge of passages 11, others less."""


@dataclass(frozen=True)
class Resources:
    """What one task takes.

    Args:
        cpus: threads that are busy.
        gpus: of a machine; a fraction shares one.
        memory_mb: of its process, without the children that the step keeps (`Step.child_memory_mb`).
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory_mb: int = BASE_MB


NOTHING = Resources(0.0, 0.0, 0)
"""What takes nothing of this machine: an engine that runs elsewhere."""
DEFAULT = Resources()
"""A task that reads nothing."""


def unfolded(input_bytes: int, times: float = UNFOLDED) -> int:
    """Memory of a task whose inputs take so many bytes in their files, MB."""
    return BASE_MB + ceil(times * input_bytes / 2**20)
