"""The Ray executor: tasks as plain `ray.remote` calls on a cluster, or on a Ray started here.

Ray retries tasks whose worker or node dies; a task writes whole files and none over another, so a retry does no harm. Paths must mean
the same on every node (a shared mount): a submitted working directory is a copy and holds no run folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, WorkerCrashedError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curation.errors import RunError, UserError
from curation.resources import BASE_MB, NOTHING, Resources
from pipelines.engine.needs import say_nothing
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, execute

MAX_RETRIES = 3
MAX_TASK_S = 24 * 3600.0
"""Longest time without the end of any task in flight, seconds. Papers have limits of their own; this ends a run whose
tasks hang, or wait for a node that does not come."""
MAX_HOLD_S, SAY_AFTER_S = 600.0, 10.0
"""How long a process beside the driver waits for its share of the node, and after how long that is said, seconds."""
IN_FLIGHT_PER_CPU = 4
"""Tasks handed to Ray ahead of time, a CPU: enough to keep workers busy, few enough to stop quickly."""
COPY_MARK = "_ray_pkg_"
"""Part of the path of every working directory that Ray unpacks."""


class RayExecutor:
    """Runs tasks on Ray: the cluster of `RAY_ADDRESS` or of the submitted job, else a Ray on this machine.

    A task asks for the CPUs, GPUs and memory that its step, or an earlier run of the stage, says, and for what the step's children
    may take.

    Args:
        workers: CPUs of a Ray started here; a cluster has its own.
        max_task_s: see MAX_TASK_S.
        max_hold_s: see MAX_HOLD_S.
    """

    name = "ray"

    def __init__(
        self, workers: int | None = None, max_task_s: float = MAX_TASK_S, max_hold_s: float = MAX_HOLD_S
    ) -> None:
        self._workers, self._max_task_s, self._max_hold_s = workers, max_task_s, max_hold_s
        self._started_here = False
        self._in_flight = 0
        self.say: Callable[[str], None] = say_nothing

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        if not tasks:
            return
        self._connect()
        remote = ray.remote(max_retries=MAX_RETRIES)(execute)
        asks = _Asks(self.say)
        waiting = list(reversed(tasks))
        running: dict[ray.ObjectRef[Receipt], Task] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self._in_flight:
                    task = waiting.pop()
                    _check_shared(task)
                    running[remote.options(name=task.target, **asks.of(task)).remote(task)] = task
                done, _ = ray.wait(list(running), num_returns=1, timeout=self._max_task_s)
                if not done:
                    names = ", ".join(sorted(t.target for t in running.values())[:5])
                    raise RunError(
                        f"no task ended in {self._max_task_s:,.0f} s; they hang, or wait for a node: {names}"
                    )
                for reference in done:
                    yield _receipt(reference, running.pop(reference))
        finally:
            for reference in running:
                ray.cancel(reference, force=True)

    @contextmanager
    def beside(self, needs: Resources, what: str) -> Iterator[None]:
        """Hold it by an actor on the driver's node, so that Ray gives it to nobody else meanwhile.

        Raises:
            RunError: the node has not as much, or not free in `max_hold_s`.
        """
        if needs == NOTHING:
            yield
            return
        self._connect()
        node = ray.get_runtime_context().get_node_id()
        _check_node(node, needs, what)
        holds = ray.remote(_Held).options(
            num_cpus=needs.cpus,
            num_gpus=needs.gpus,
            memory=needs.memory_mb * 2**20,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
        )
        actor: Any = holds.remote()
        try:
            self._wait_for(actor.ready.remote(), needs, what)
            yield
        finally:
            ray.kill(actor)

    def _wait_for(self, ready: ray.ObjectRef[None], needs: Resources, what: str) -> None:
        asked = f"{needs.cpus:g} CPUs and {needs.memory_mb:,} MB on the driver's node"
        for limit in (min(SAY_AFTER_S, self._max_hold_s), self._max_hold_s):
            if ray.wait([ready], timeout=limit)[0]:
                ray.get(ready)
                return
            self.say(f"{what} waits for {asked}")
        raise RunError(
            f"{what} asks for {asked}, beside what the driver itself reserved there (--entrypoint-num-cpus, --entrypoint-memory), and "
            f"they were not free in {self._max_hold_s:,.0f} s; wait for other jobs, or start the head with more (`ray start --head --num-cpus`)"
        )

    def _connect(self) -> None:
        if not ray.is_initialized():
            on_cluster = "RAY_ADDRESS" in os.environ or "RAY_JOB_ID" in os.environ
            if on_cluster:
                _connect_to(os.environ.get("RAY_ADDRESS", "auto"))
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


def _connect_to(address: str) -> None:
    """Join a cluster.

    Raises:
        UserError: the address is that of a dashboard, nothing answers there, or it refuses our token.
    """
    if address.startswith(("http://", "https://")):
        raise UserError(
            f"RAY_ADDRESS is {address}, a dashboard, which takes `ray job submit`; to run from here set it to HOST:6379, "
            "the address that `ray start --head` printed, or unset it for a Ray of this machine alone"
        )
    try:
        ray.init(address=address, log_to_driver=False)
    except (ConnectionError, ValueError, RayError) as error:
        raise UserError(f"no Ray cluster can be joined at {address} (RAY_ADDRESS): {error}") from error


class _Held:
    """Holds what a process of the driver takes: it does nothing itself."""

    def ready(self) -> None:
        """There is room for it."""


def _check_node(node: str, needs: Resources, what: str) -> None:
    """Raises RunError where a node has not as much, however long one waits."""
    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    has = next(each["Resources"] for each in nodes if each["NodeID"] == node)
    for name, wanted, unit in (
        ("CPU", needs.cpus, "CPUs"),
        ("GPU", needs.gpus, "GPUs"),
        ("memory", needs.memory_mb * 2**20, "bytes of memory"),
    ):
        if wanted > has.get(name, 0):
            raise RunError(f"{what} takes {wanted:g} {unit}, and the driver's node gives Ray {has.get(name, 0):g}")


class _Asks:
    """What tasks ask Ray for: never more than the largest node has, for which Ray would wait for ever."""

    def __init__(self, say: Callable[[str], None]) -> None:
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        self._nodes = [node["Resources"] for node in nodes if node["Alive"]]
        self._say, self._told = say, False

    def of(self, task: Task) -> dict[str, float]:
        """Options of a remote call.

        Raises:
            RunError: no node has as many CPUs or GPUs, or memory for the children of the step.
        """
        for name, wanted in (("CPU", task.needs.cpus), ("GPU", task.needs.gpus)):
            if wanted > (most := self._most(name)):
                raise RunError(
                    f"step {task.step.name} needs {wanted:g} {name}s a task, and no node has more than {most:g}"
                )
        return {"num_cpus": task.needs.cpus, "num_gpus": task.needs.gpus, "memory": self._memory(task)}

    def _memory(self, task: Task) -> int:
        children = max(step.child_memory_mb() for step in (task.step, *task.sources()))
        wanted, largest = task.needs.memory_mb + children, int(self._most("memory")) >> 20
        if wanted <= largest:
            return wanted * 2**20
        if children + BASE_MB > largest:
            raise RunError(
                f"step {task.step.name} asks for {wanted:,} MB a task, and no node of the cluster gives Ray more than "
                f"{largest:,}; lower the memory limit in its config (extract.max_memory_mb), or add memory to a node"
            )
        if not self._told:
            self._told = True
            self._say(
                f"step {task.step.name}: a task may take {wanted:,} MB, and no node of the cluster gives Ray more than {largest:,}: it "
                "gets all of one, and may be killed for memory"
            )
        return largest * 2**20

    def _most(self, name: str) -> float:
        return max((float(node.get(name, 0)) for node in self._nodes), default=0.0)


def _receipt(reference: ray.ObjectRef[Receipt], task: Task) -> Receipt:
    try:
        receipt: Receipt = ray.get(reference)
        return receipt
    except RayTaskError as error:
        raise error.cause from error
    except (WorkerCrashedError, OutOfMemoryError) as error:
        raise RunError(
            f"a Ray worker died {MAX_RETRIES + 1} times on {task.target}; look at the memory of the cluster's nodes"
        ) from error
    except RayError as error:
        raise RunError(f"Ray lost {task.target} ({type(error).__name__}: {error}); run again") from error


def _check_shared(task: Task) -> None:
    """Refuse a run folder inside Ray's copy of the working directory: each node has a copy of its own.

    Raises:
        UserError: the run folder lies there.
    """
    if any(part.startswith(COPY_MARK) for part in Path(task.root).parts):
        raise UserError(
            "the run folder lies in Ray's copy of the submitted folder; give --run as an absolute path that all nodes share"
        )
