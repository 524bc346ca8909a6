"""What tasks take, and how many run at once on one machine: their step says it, or an earlier run of the stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import ceil

from curation.errors import RunError, counted
from curation.resources import Resources
from pipelines.engine import machine
from pipelines.engine.receipt import Cost
from pipelines.engine.task import Task

MARGIN = 1.25
"""Memory that is asked for, of what an earlier run took: allocators are not the same twice."""
IDLE_MB = 400
"""Memory of a worker that holds no rows, which does not grow with them."""


def say_nothing(text: str) -> None:
    """Nobody listens."""


@contextmanager
def held_here(needs: Resources, what: str, free: int, say: Callable[[str], None]) -> Iterator[None]:
    """What a process beside the driver takes of this machine, where a stage of the driver has no tasks in workers beside it: told, where
    there is less.

    Args:
        what: takes it.
        free: bytes of memory for it.
        say: told what is missing.
    """
    cpus = len(os.sched_getaffinity(0))
    if needs.cpus > cpus:
        say(f"{what} takes {needs.cpus:g} CPUs, and this machine gives {cpus}: it will be slow; ask for fewer threads")
    if needs.memory_mb * 2**20 > free:
        say(
            f"{what} may take {needs.memory_mb:,} MB of memory, and {free >> 20:,} MB are free: it may be killed for memory"
        )
    yield


def with_needs(tasks: Iterable[Task], earlier: Sequence[Cost]) -> list[Task]:
    """Tasks that know what they take.

    Args:
        earlier: costs of finished tasks of the same kind and stage.
    """
    found = []
    for task in tasks:
        needs, told = task.step.resources(task.input_bytes), memory_of(task.input_bytes, earlier)
        found.append(replace(task, needs=needs if told is None else replace(needs, memory_mb=told)))
    return found


def memory_of(input_bytes: int, earlier: Sequence[Cost]) -> int | None:
    """Memory of a task by what others of its kind took, MB; None where none says it.

    A task whose inputs are larger than those of any before takes as much more, but for what an idle worker takes.
    """
    told = [cost for cost in earlier if cost.peak_mb]
    if not told:
        return None
    peak, largest = max(cost.peak_mb for cost in told), max(cost.input_bytes for cost in told)
    grown = max(input_bytes / largest - 1, 0.0) if largest else 0.0
    return ceil(MARGIN * (peak + grown * max(peak - IDLE_MB, 0)))


def at_once(tasks: Sequence[Task], workers: int, free: int, say: Callable[[str], None]) -> int:
    """How many of some tasks of one step may run at once on this machine.

    Args:
        workers: processes, a CPU each.
        free: bytes of memory for them.
        say: told when they are fewer than the processes, and why.

    Raises:
        RunError: they need a GPU that the machine has not.
    """
    if not tasks:
        return workers
    name = tasks[0].step.name
    most = workers
    cpus, wanted = max(task.needs.cpus for task in tasks), max(task.needs.gpus for task in tasks)
    if wanted and (there := machine.gpus()) < wanted:
        raise RunError(f"step {name} needs {wanted:g} GPUs a task, and this machine shows {there}")
    if wanted:
        most = min(most, int(there / wanted))
    most = min(most, max(int(workers / max(cpus, 1.0)), 1))
    largest = sorted((task.needs.memory_mb for task in tasks), reverse=True)[:most]
    while len(largest) > 1 and sum(largest) * 2**20 > free:
        largest.pop()
    if sum(largest) * 2**20 > free:
        say(
            f"step {name}: a task may take {largest[0]:,} MB of memory, and {free >> 20:,} MB are free; it runs alone, and may be "
            "killed for memory"
        )
    elif len(largest) < min(workers, len(tasks)):
        why = f"one may take {largest[0]:,} MB of memory, and {free >> 20:,} MB are free" if len(largest) < most else ""
        why = why or f"one takes {cpus:g} CPUs" + (f" and {wanted:g} GPUs" if wanted else "")
        say(f"step {name}: {counted(len(largest), 'tasks')} at once instead of {min(workers, len(tasks))}: {why}")
    return len(largest)
