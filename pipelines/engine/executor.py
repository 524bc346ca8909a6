"""Executors run tasks somewhere: in the driver, in a pool of processes, on a cluster.

They carry tasks and receipts, never tables, and know nothing of stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from curation.errors import UserError
from curation.resources import Resources
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task


class Executor(Protocol):
    """What the runner needs of an executor."""

    name: str
    say: Callable[[str], None]
    """Told what people should know of how tasks run."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Run tasks in any order, yielding receipts as they come; the first failure is raised."""

    def beside(self, needs: Resources, what: str) -> AbstractContextManager[None]:
        """Hold what processes beside the driver take of its machine while they run.

        Args:
            what: takes it, for people.

        Raises:
            RunError: from its context, where the machine cannot give it.
        """

    def close(self) -> None:
        """Stop at once: in-flight tasks leave whole files or none."""


NAMES = ("inline", "local", "ray")


def make_executor(name: str, workers: int | None = None) -> Executor:
    """An executor by name.

    Args:
        workers: processes of `local`; default: the CPUs that this process may use.

    Raises:
        UserError: no such executor.
    """
    if name == "inline":
        from pipelines.engine.inline import InlineExecutor

        return InlineExecutor()
    if name == "local":
        from pipelines.engine.local import LocalExecutor

        return LocalExecutor(workers)
    if name == "ray":
        try:
            from pipelines.engine.ray import RayExecutor
        except ImportError as error:
            raise UserError("Ray is not installed: pip install 'astrocorpus[ray]'") from error

        return RayExecutor(workers)
    raise UserError(f"no executor {name!r}; there are: {', '.join(NAMES)}")
