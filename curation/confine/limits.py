"""What one call of a child may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one call may use.

    Args:
        max_wall_s: seconds by the clock.
        max_cpu_s: CPU seconds of the child and the programs that it starts, whole seconds, all threads together.
        max_memory_mb: resident MiB above what the child holds after its start.
        max_result_mb: MiB of the result as it is sent.
    """

    max_wall_s: float = 60.0
    max_cpu_s: int = 60
    max_memory_mb: int = 2048
    max_result_mb: int = 128
    limit_address_space: bool = True
