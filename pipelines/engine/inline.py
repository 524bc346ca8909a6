"""The inline executor: tasks in the driver, one after the other. For debugging and one-worker measurements."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from curation.resources import Resources
from pipelines.engine.machine import free_bytes
from pipelines.engine.needs import at_once, held_here, say_nothing
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, close_steps, execute


class InlineExecutor:
    """Runs tasks in this process."""

    name = "inline"

    def __init__(self) -> None:
        self.say: Callable[[str], None] = say_nothing

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        at_once(tasks, 1, free_bytes((os.getpid(),)), self.say)
        for task in tasks:
            yield execute(task)

    def beside(self, needs: Resources, what: str) -> AbstractContextManager[None]:
        return held_here(needs, what, free_bytes(), self.say)

    def close(self) -> None:
        close_steps()
