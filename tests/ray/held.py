"""What Ray has left while a process beside the driver holds its share: python -m tests.ray.held. One line of JSON."""

from __future__ import annotations

import json
import sys

import ray

from curation.errors import RunError
from curation.resources import NOTHING, Resources
from curation.sft.engines.configs import Gguf
from pipelines.engine.ray import RayExecutor


def free() -> tuple[float, float]:
    """CPUs and MB that no task and no actor holds."""
    left: dict[str, float] = ray.available_resources()
    return left.get("CPU", 0.0), left["memory"] / 2**20


def refused(executor: RayExecutor, needs: Resources) -> str:
    """Why a process cannot be held beside the driver."""
    try:
        with executor.beside(needs, "the model"):
            return ""
    except RunError as error:
        return str(error)


if __name__ == "__main__":
    executor = RayExecutor()
    hasty = RayExecutor(max_hold_s=1.0)
    said: list[str] = []
    hasty.say = said.append
    with executor.beside(Resources(0.0, 0.0, 1), "joins"):
        before = free()
    needs = Gguf().resources()
    with executor.beside(needs, "the model"):
        during = free()
        with executor.beside(NOTHING, "an endpoint"):
            none = free()
        waits = refused(hasty, Resources(before[0], 0.0, 1))
    told = {
        "before": before,
        "during": during,
        "none": none,
        "waits": waits,
        "said": said,
        "memory_mb": needs.memory_mb,
    }
    told["never"] = refused(hasty, Resources(1000.0, 0.0, 1))
    json.dump(told, sys.stdout)
    executor.close()
