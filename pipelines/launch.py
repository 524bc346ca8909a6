"""Starts a run: what the command line, the demo and `ray job submit` share."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.errors import NoSpaceError, RunError, UserError
from curation.joins import Join
from curation.sources.source import Reading
from pipelines.cards import check_tokenizer, draw_card
from pipelines.engine.account import close_run
from pipelines.engine.executor import make_executor
from pipelines.engine.parts import StageReport
from pipelines.engine.progress import Reporter
from pipelines.engine.retry import Retry
from pipelines.engine.run_folder import check_run_folder
from pipelines.engine.runner import Runner
from pipelines.engine.stage import Pipeline
from pipelines.engine.store import open_store
from pipelines.engine.units import Selection
from pipelines.ray_vllm import answer_with
from schemas import FAILURES


@dataclass(frozen=True)
class Options:
    """How to run, not what. `tokenizer` is the tokenizer.json that counts tokens for the card."""

    executor: str = "local"
    workers: int | None = None
    selection: Selection = field(default_factory=Selection)
    retry_failed: bool = False
    retry_reasons: frozenset[str] = frozenset()
    accept_removed: bool = False
    dry_run: bool = False
    tokenizer: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its report (empty after a dry run), what each stage did, what joins and rules matched, what steps warn
    of, as far as that is known, and of a dry run what reading sources asks of servers."""

    report: Mapping[str, Any]
    reports: Sequence[StageReport]
    joins: Sequence[Join] = ()
    warnings: Sequence[str] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)


def launch(pipeline: Pipeline, folder: str | os.PathLike[str], options: Options) -> Outcome:
    """Run a pipeline in a run folder, under its lock, and draw its account.

    Raises:
        UserError: wrong options, a missing source or tokenizer, a folder that cannot be written.
        RunError: the run stopped; what it says of finished parts is true.
    """
    if unknown := options.retry_reasons.difference(FAILURES):
        raise UserError(f"no failure reason {sorted(unknown)}; there are: {', '.join(FAILURES)}")
    if options.tokenizer is not None:
        check_tokenizer(options.tokenizer)
    retry = Retry(options.retry_reasons or None) if options.retry_failed else None
    store, reporter = open_store(folder), Reporter()
    check_run_folder(store)
    executor = make_executor(options.executor, options.workers)
    runner = Runner(
        pipeline,
        store,
        executor,
        reporter,
        options.selection,
        retry,
        accept_removed=options.accept_removed,
        dry=options.dry_run,
    )
    runner.parts.batches = answer_with
    if options.dry_run:
        runner.run()
        return Outcome({}, runner.reports, runner.joins, runner.warnings, runner.readings)
    try:
        with _sigterm_as_ctrl_c(), store.lock(), reporter:
            swept = store.sweep()
            if swept:
                reporter.say(f"removed {swept} unfinished files of a run that was killed")
            try:
                runner.run()
                if retry is not None and not any(stage.asked_again for stage in runner.reports):
                    reporter.say(
                        f"--retry-failed: no paper failed{_as(options.retry_reasons)}, so none was opened again"
                    )
                told = (*runner.lost, *runner.warnings)
                report = close_run(store, runner.reports, runner.left_out, runner.joins, runner.summaries, told)
                draw_card(store.below(report["release"]), report, reporter, options.tokenizer)
                return Outcome(report, runner.reports, runner.joins, runner.warnings)
            finally:
                executor.close()
                with suppress(RunError):  # the folder was lost: what lies there is another run's
                    store.sweep()  # what workers were writing when they were stopped
    except KeyboardInterrupt as error:
        raise RunError(f"stopped; {_what_stays(runner.reports)}") from error
    except NoSpaceError as error:
        raise NoSpaceError(f"{error}; {_what_stays(runner.reports)}") from error


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """`ray job stop`, a batch system and a shutdown end a run as Ctrl-C does: engines write what they hold, the lease is given back."""
    if threading.current_thread() is not threading.main_thread():  # only there signals are heard
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _as(reasons: frozenset[str]) -> str:
    return f" as {' or '.join(sorted(reasons))}" if reasons else ""


def _what_stays(reports: Sequence[StageReport]) -> str:
    if any(report.computed or report.cached for report in reports):
        return "finished parts are kept, the same command goes on from there"
    return "no part was finished, the same command begins anew"
