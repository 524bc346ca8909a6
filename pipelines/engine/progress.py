"""Progress for people: bars with papers a second on a terminal, log lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from pipelines.engine.terminal import plain_console

LOG_EVERY_S = 10.0


class Reporter:
    """Shows what a run does. Writes to standard error, so that standard output stays for results."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self.console = console or plain_console(stderr=True, quiet=quiet)
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self.console.is_terminal and sys.stderr.isatty():
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description:<14}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=self.console,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True, markup=False)

    def stage(self, name: str, total: int, cached: int) -> StageProgress:
        """Start a stage, or the next phase of it, of `total` rows (or parts), of which `cached` are done."""
        if self._bars is None:
            return StageProgress(self, None, None, name, total, cached)
        if name in self._tasks:
            self._bars.reset(self._tasks[name], total=total, completed=cached)
        else:
            self._tasks[name] = self._bars.add_task(name, total=total, completed=cached, rate="")
        return StageProgress(self, self._bars, self._tasks[name], name, total, cached)

    def finished(self, text: str) -> None:
        """A stage is done: a log line where there are no bars."""
        if self._bars is None:
            self.say(text)


class StageProgress:
    """Progress of one stage."""

    def __init__(
        self, reporter: Reporter, bars: Progress | None, bar: TaskID | None, name: str, total: int, done: int
    ) -> None:
        self._reporter, self._bars, self._bar = reporter, bars, bar
        self._name, self._total, self._done, self._cached = name, total, done, done
        self._started = self._logged = self._viewed = time.monotonic()
        self._view = ""

    def advance(self, rows: int) -> None:
        self._done += rows
        now = time.monotonic()
        rate = (self._done - self._cached) / max(now - self._started, 1e-6)
        if self._bars is not None and self._bar is not None:
            self._bars.update(self._bar, completed=self._done, rate=f"{rate:,.1f}/s{self._view}")
        elif now - self._logged >= LOG_EVERY_S:
            self._logged = now
            left = (self._total - self._done) / rate if rate else 0.0
            self._reporter.say(
                f"{self._name}: {self._done:,} of {self._total:,}, {rate:,.1f}/s, about {left:,.0f} s left"
            )

    def view(self, text: str) -> None:
        """How the engine of the stage stands: beside its bar, or every few seconds in a line."""
        self._view = f"; {text}"
        now = time.monotonic()
        if self._bars is not None and self._bar is not None:
            self.advance(0)
        elif now - self._viewed >= LOG_EVERY_S:
            self._viewed = now
            self._reporter.say(f"{self._name}: {text}")
