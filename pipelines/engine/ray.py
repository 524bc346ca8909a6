"""The Ray executor: tasks as plain `ray.remote` calls on a cluster, or on a Ray started here.

Ray retries tasks whose worker or node dies; a task writes one whole file, so a retry does no harm. Paths must mean
the same on every node (a shared mount): a submitted working directory is a copy and holds no run folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import ray
from ray.exceptions import RayTaskError, WorkerCrashedError

from curation.errors import RunError, UserError
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, execute

MAX_RETRIES = 3
IN_FLIGHT_PER_CPU = 4
"""Tasks handed to Ray ahead of time, a CPU: enough to keep workers busy, few enough to stop quickly."""
COPY_MARK = "_ray_pkg_"
"""Part of the path of every working directory that Ray unpacks."""


class RayExecutor:
    """Runs tasks on Ray: the cluster of `RAY_ADDRESS` or of the submitted job, else a Ray on this machine.

    Args:
        workers: CPUs of a Ray started here; a cluster has its own.
    """

    name = "ray"

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers
        self._started_here = False
        self._in_flight = 0

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        if not tasks:
            return
        self._connect()
        remote = ray.remote(num_cpus=1, max_retries=MAX_RETRIES)(execute)
        waiting = list(reversed(tasks))
        running: list[ray.ObjectRef[Receipt]] = []
        try:
            while waiting or running:
                while waiting and len(running) < self._in_flight:
                    task = waiting.pop()
                    _check_shared(task)
                    running.append(remote.options(name=task.target).remote(task))
                done, running = ray.wait(running, num_returns=1)
                for reference in done:
                    yield _receipt(reference)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)

    def _connect(self) -> None:
        if not ray.is_initialized():
            on_cluster = "RAY_ADDRESS" in os.environ or "RAY_JOB_ID" in os.environ
            if on_cluster:
                ray.init(address=os.environ.get("RAY_ADDRESS", "auto"), log_to_driver=False)
            else:
                ray.init(num_cpus=self._workers, include_dashboard=False, log_to_driver=False)
            self._started_here = True
        self._in_flight = IN_FLIGHT_PER_CPU * max(_cluster_cpus(), 1)

    def close(self) -> None:
        if self._started_here:
            ray.shutdown()
            self._started_here = False


def _cluster_cpus() -> int:
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return int(resources.get("CPU", 1))


def _receipt(reference: ray.ObjectRef[Receipt]) -> Receipt:
    try:
        receipt: Receipt = ray.get(reference)
        return receipt
    except RayTaskError as error:
        raise error.cause from error
    except WorkerCrashedError as error:
        raise RunError(
            f"a Ray worker died {MAX_RETRIES + 1} times on one task; look at the cluster's memory"
        ) from error


def _check_shared(task: Task) -> None:
    """Refuse a run folder inside Ray's copy of the working directory: each node has a copy of its own.

    Raises:
        UserError: the run folder lies there.
    """
    if any(part.startswith(COPY_MARK) for part in Path(task.root).parts):
        raise UserError(
            "the run folder lies in Ray's copy of the submitted folder; give --run as an absolute path that all nodes share"
        )
