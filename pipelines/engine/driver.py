"""Driver stages: their parts are coroutines of one loop over one engine, in a thread of the driver.

The loop has a thread of its own, so that it never waits for what the driver does beside it (receipts, progress): connections
are kept, clocks go on. What reads, checks and writes a part goes to further threads, so that the loop never waits for that.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, cast

from curation.driver_step import DriverStep, State
from curation.errors import AstrocorpusError, ContractError, RunError
from pipelines.engine.blame import blame
from pipelines.engine.map_task import MapTask
from pipelines.engine.receipt import Receipt
from pipelines.engine.set_up import set_up_once
from pipelines.engine.task import Task, blamed, check_same_artefacts, cpu_seconds, typed, with_cost

TAKEN = "taken"
"""What the receipt of a part calls what it took of the engine (`DriverStep.taken`)."""
VIEW_S = 1.0
"""Seconds between two looks at the engine, for people."""
STOP_S = 60.0
"""Seconds that an engine has to end when a run stops: what it writes then are seconds of answers."""


class DriverTask(MapTask):
    """Part k of a driver stage."""

    async def run_over(self, engine: Any) -> Receipt:
        """The part, made over an engine; its cost is told by who runs it."""
        step = typed(self.step, DriverStep)
        begun = await asyncio.to_thread(self.begin)
        previous = begun.previous(step)
        if previous is None:
            made = await step.ask(begun.inputs, engine)
        else:
            made = await step.ask_again(previous, begun.inputs, self.doc_ids, engine)
        tables = step.by_name(made, f"step {step.name}, part {self.part}")
        taken = await asyncio.to_thread(step.taken, tables, engine)
        return await asyncio.to_thread(self.end, begun, made, {TAKEN: dict(taken)} if taken else {})


def run_here(
    tasks: Sequence[Task],
    state: Callable[[], State],
    view: Callable[[str], None],
    say: Callable[[str], None],
    paid: Callable[[Mapping[str, int | float]], None],
) -> Iterator[Receipt]:
    """Run the tasks of a driver stage, yielding receipts as they come. The engine is closed when this ends, however it does.

    Args:
        tasks: of one step.
        state: gives the state of engines; asked when there is something to do.
        view: told how the engine stands, about once a second.
        say: told what went wrong while the run stopped.
        paid: told what was asked of the engine (`DriverStep.paid`), once it is closed.

    Raises:
        UserError, RunError: the first failure, of a part or of the engine; parts in flight are cancelled.
    """
    if tasks:
        parts, is_whole = _Parts([_typed(task) for task in tasks], state(), view, say), False
        try:
            yield from parts.receipts()
            is_whole = True
        finally:
            paid(parts.paid)
            if parts.at_end and not is_whole:  # no report tells it
                say(f"the engine of step {tasks[0].step.name} at the end: {parts.at_end}")


def _typed(task: Task) -> DriverTask:
    if not isinstance(task, DriverTask):
        raise ContractError(f"{task.target} is no part of a driver stage")
    return task


class _Parts:
    """The loop of one stage and its thread."""

    _loop: asyncio.AbstractEventLoop
    _main: asyncio.Task[None]

    def __init__(
        self, tasks: Sequence[DriverTask], state: State, view: Callable[[str], None], say: Callable[[str], None]
    ) -> None:
        self._step, self._state = typed(tasks[0].step, DriverStep), state
        self._waiting, self._width = iter(tasks), min(self._step.parts_in_flight, len(tasks))
        self._view, self._say, self._run_id = view, say, tasks[0].run_id
        self._told: SimpleQueue[Receipt | str | AstrocorpusError | None] = SimpleQueue()
        """Receipts, views of the engine, failures; None at the end."""
        self._begun, self._stopped, self._ending = threading.Event(), False, False
        self._cpu_s = cpu_seconds(tasks[0])
        self.paid: Mapping[str, int | float] = {}
        self.at_end = ""
        """What was asked of the engine, once it is closed, and how it stood then, in words."""

    def receipts(self) -> Iterator[Receipt]:
        thread = threading.Thread(target=self._run, name=f"step {self._step.name}", daemon=True)
        thread.start()
        try:
            while (told := self._told.get()) is not None:
                if isinstance(told, AstrocorpusError):
                    raise told
                if isinstance(told, Receipt):
                    yield told
                else:
                    self._view(told)
        finally:
            self._stop(thread)

    def _stop(self, thread: threading.Thread) -> None:
        """Cancel what is in flight, and wait until the engine is closed."""
        self._stopped = True
        self._begun.wait(STOP_S)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._cancel)
        thread.join(STOP_S)
        if thread.is_alive():
            self._say(f"the engine of step {self._step.name} did not end within {STOP_S:.0f} s and is left as it is")
        with suppress(Empty):
            while True:
                if isinstance(told := self._told.get_nowait(), AstrocorpusError):
                    self._say(f"while the run stopped: {told}")

    def _cancel(self) -> None:
        if not self._ending:  # an engine that closes already is left to it
            self._main.cancel()

    # -- in the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        ended: AstrocorpusError | None = RunError(f"step {self._step.name}: its loop broke off")
        try:
            with blame(f"step {self._step.name}, its engine"):
                asyncio.run(self._drive())
            ended = None
        except asyncio.CancelledError:
            ended = None if self._stopped else RunError(f"step {self._step.name}: its engine was cancelled")
        except _ToldError:
            ended = None
        except AstrocorpusError as error:
            ended = error
        finally:
            self._begun.set()
            self._told.put(ended)

    async def _drive(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())
        self._begun.set()
        await asyncio.to_thread(set_up_once, self._step, self._run_id)
        opened: list[Any] = []
        try:
            async with self._step.open(self._state) as engine:
                opened.append(engine)
                try:
                    await self._all(engine)
                except AstrocorpusError as error:
                    self._told.put(error)  # now: closing the engine takes its time, and may fail too
                    raise _ToldError(str(error)) from error
        finally:
            for engine in opened:
                self.paid, self.at_end = self._step.paid(engine), self._step.view(engine)

    async def _all(self, engine: Any) -> None:
        """Make all parts, and look at the engine meanwhile; the first failure cancels the others."""
        parts = [asyncio.create_task(self._next_parts(engine)) for _ in range(self._width)]
        looking = asyncio.create_task(self._look(engine))
        waiting = {looking, *parts}
        try:
            while waiting != {looking}:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            self._ending = True
            for task in (looking, *parts):
                task.cancel()
            await asyncio.gather(looking, *parts, return_exceptions=True)

    async def _next_parts(self, engine: Any) -> None:
        """Make one part after the other, as long as there are any that no other coroutine makes."""
        for task in self._waiting:
            started = time.monotonic()
            with blamed(task):
                receipt = await self._part(task, engine)
            self._told.put(with_cost(task, receipt, time.monotonic() - started, self._spent(task)))

    async def _part(self, task: DriverTask, engine: Any) -> Receipt:
        try:
            receipt = await task.run_over(engine)
        except asyncio.CancelledError:
            if self._ending:
                raise
            raise RunError(f"step {self._step.name}, part {task.part}: its engine cancelled it") from None
        check_same_artefacts(task)
        return receipt

    def _spent(self, task: Task) -> float:
        """CPU seconds since the last part ended: of parts side by side none has its own."""
        before, self._cpu_s = self._cpu_s, cpu_seconds(task)
        return self._cpu_s - before

    async def _look(self, engine: Any) -> None:
        while True:
            await asyncio.sleep(VIEW_S)
            with blame(f"step {self._step.name}, its view"):
                if text := self._step.view(engine):
                    self._told.put(text)


class _ToldError(RunError):
    """The driver was told of this failure when it came."""
