"""The local executor: a pool of spawned processes on this machine, the default.

A worker that dies (killed by the kernel for memory, say) breaks the pool; the pool is made anew and its
unfinished tasks run again, each at most `MAX_ATTEMPTS` times. Workers die with the driver, even when it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from multiprocessing.process import BaseProcess

from curation.errors import RunError
from curation.resources import Resources
from pipelines.engine.machine import free_bytes
from pipelines.engine.needs import at_once, held_here, say_nothing
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, close_steps, execute

MAX_ATTEMPTS = 3
IN_FLIGHT_PER_WORKER = 2
"""One task running, one waiting at the worker's door."""
PARENT_POLL_S = 0.25


class LocalExecutor:
    """Runs tasks in `workers` processes, fewer at once where memory, CPUs or GPUs do not suffice for so many.

    Args:
        workers: processes; default: the CPUs that this process may use.
    """

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None
        self.say: Callable[[str], None] = say_nothing

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        waiting = list(reversed(range(len(tasks))))
        attempts = dict.fromkeys(waiting, 0)
        running: dict[Future[Receipt], int] = {}
        width = at_once(tasks, self.workers, free_bytes(self._pids()), self.say)
        # fewer than there are processes: none waits at a door, for a process that is free would take it at once
        most = IN_FLIGHT_PER_WORKER * width if width == self.workers else width
        while waiting or running:
            pool = self._start()
            try:
                while waiting and len(running) < most:
                    future = pool.submit(execute, tasks[waiting[-1]])
                    running[future] = waiting.pop()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    receipt = future.result()
                    del running[future]
                    yield receipt
            except BrokenProcessPool as error:
                self.close()
                # which task killed its worker is not known: every task in flight is charged
                for i in sorted(running.values(), reverse=True):
                    attempts[i] += 1
                    if attempts[i] >= MAX_ATTEMPTS:
                        raise RunError(
                            f"a worker process died {MAX_ATTEMPTS} times around {tasks[i].target}; "
                            "look for the kernel's out-of-memory messages, or use fewer --workers"
                        ) from error
                    waiting.append(i)
                running.clear()

    def _start(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, context, initializer=_start_worker, initargs=(os.getpid(),))
        return self._pool

    def _processes(self) -> list[BaseProcess]:
        return [] if self._pool is None else list((self._pool._processes or {}).values())

    def _pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes() if process.pid is not None)

    def beside(self, needs: Resources, what: str) -> AbstractContextManager[None]:
        return held_here(needs, what, free_bytes(), self.say)

    def close(self) -> None:
        if self._pool is None:
            return
        processes = self._processes()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(timeout=5)
        self._pool = None


def _start_worker(driver: int) -> None:
    """Leave Ctrl-C to the driver, end children on SIGTERM, and watch for the driver's death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_watch, args=(driver,), daemon=True).start()


def _leave(*_: object) -> None:
    close_steps()
    os._exit(143)


def _watch(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(PARENT_POLL_S)
    _leave()
