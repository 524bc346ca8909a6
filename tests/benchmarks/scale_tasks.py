"""Tasks of `tests.benchmarks.scale`: each in a process of its own, forked from one with everything imported and compiled."""

from __future__ import annotations

import multiprocessing
import re
import resource
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pyarrow as pa

import tests.benchmarks.scale_corpus  # noqa: F401
from curation.text.shingles import Shingling, sketch
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task, execute

sketch(pa.array(["a star", None], pa.large_string()), Shingling(), with_sets=True)


@dataclass(frozen=True)
class Measure:
    """What one task took: bytes above its start, CPU seconds, rows that it wrote."""

    stage: str
    kind: str
    part: int
    peak: int
    arrow: int
    cpu_s: float
    rows: int
    line: str = ""


def resident() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


class Measured:
    """An executor that gives every task a process of its own and measures it."""

    name = "measured"

    def __init__(self, workers: int, measured: list[Measure], *, trace: bool) -> None:
        self.workers, self.measured, self.trace = workers, measured, trace
        self.phase = "listing"
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        running: dict[Connection, Any] = {}
        for task in tasks:
            self.phase = task.step.name
            if len(running) == self.workers:
                yield self._next(running)
            ours, theirs = self._context.Pipe(duplex=False)
            process = self._context.Process(target=_measure, args=(task, theirs, self.trace))
            process.start()
            theirs.close()
            running[ours] = process
        while running:
            yield self._next(running)

    def _next(self, running: dict[Connection, Any]) -> Receipt:
        line = wait(list(running))[0]
        process = running.pop(line)
        found = line.recv()
        process.join()
        if isinstance(found, BaseException):
            raise found
        receipt, measure = found
        self.measured.append(measure)
        return receipt  # type: ignore[no-any-return]

    def close(self) -> None:
        self.phase = "account and card"


def _measure(task: Task, line: Connection, trace: bool) -> None:
    Path("/proc/self/clear_refs").write_text("5")
    start, cpu = resident(), time.process_time()
    watch = Watch() if trace else None
    try:
        receipt = execute(task)
    except BaseException as error:
        line.send(error)
        return
    where = watch.stop() if watch is not None else ""
    taken = max(peak() - start, 0)
    arrow = pa.default_memory_pool().max_memory() or 0
    cpu = time.process_time() - cpu
    name = task.target.split("/")[0].removeprefix("split-").rpartition("-")[0]
    line.send((receipt, Measure(name, type(task).__name__, task.part, taken, arrow, cpu, receipt.rows, where)))


class Watch:
    """The line of code that holds most where Python's own memory (NumPy's with it) is largest."""

    def __init__(self) -> None:
        tracemalloc.start(1)
        self._line, self._seen, self._ended = "", 4 << 20, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            size, _ = tracemalloc.get_traced_memory()
            if size > 1.5 * self._seen:
                self._seen = size
                most = tracemalloc.take_snapshot().statistics("lineno")[0]
                frame = most.traceback[0]
                place = "/".join(Path(frame.filename).parts[-2:])
                self._line = f"{place}:{frame.lineno} ({most.size / 2**20:.0f} of {size / 2**20:.0f} MiB)"

    def stop(self) -> str:
        self._ended.set()
        self._thread.join()
        return self._line
