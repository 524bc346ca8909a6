"""The inline executor: tasks in the driver, one after the other. For debugging and one-worker measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, close_steps, execute


class InlineExecutor:
    """Runs tasks in this process."""

    name = "inline"

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        for task in tasks:
            yield execute(task)

    def close(self) -> None:
        close_steps()
