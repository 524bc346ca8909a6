"""Starts a run and shows how it ended: what the command line, the demo and `ray job submit` share."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from curation.errors import RunError, UserError
from curation.joins import Join
from pipelines.engine.account import close_run
from pipelines.engine.executor import make_executor
from pipelines.engine.parts import StageReport
from pipelines.engine.progress import Reporter
from pipelines.engine.retry import Retry
from pipelines.engine.run_folder import check_run_folder
from pipelines.engine.runner import Runner
from pipelines.engine.stage import Pipeline
from pipelines.engine.store import NoSpaceError, open_store
from pipelines.engine.units import Selection
from pipelines.show_joins import show_families, show_joins, show_warnings
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
    """How a run ended: its report (empty after a dry run), what each stage did, and what joins and rules matched, as far as
    that is known."""

    report: Mapping[str, Any]
    reports: Sequence[StageReport]
    joins: Sequence[Join] = ()


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
    check_run_folder(store.root)
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
    if options.dry_run:
        runner.run()
        return Outcome({}, runner.reports, runner.joins)
    try:
        with store.lock(), reporter:
            swept = store.sweep()
            if swept:
                reporter.say(f"removed {swept} unfinished files of a run that was killed")
            try:
                runner.run()
                if retry is not None and not any(stage.asked_again for stage in runner.reports):
                    reporter.say(
                        f"--retry-failed: no paper failed{_as(options.retry_reasons)}, so none was opened again"
                    )
                report = close_run(store, runner.reports, runner.left_out, runner.joins, runner.summaries, runner.lost)
                draw_card(store.path(report["release"]), report, reporter, options.tokenizer)
                return Outcome(report, runner.reports, runner.joins)
            finally:
                executor.close()
                store.sweep()  # what workers were writing when they were stopped
    except KeyboardInterrupt as error:
        raise RunError(f"stopped; {_what_stays(runner.reports)}") from error
    except NoSpaceError as error:
        raise NoSpaceError(f"{error}; {_what_stays(runner.reports)}") from error


def _as(reasons: frozenset[str]) -> str:
    return f" as {' or '.join(sorted(reasons))}" if reasons else ""


def _what_stays(reports: Sequence[StageReport]) -> str:
    if any(report.computed or report.cached for report in reports):
        return "finished parts are kept, the same command goes on from there"
    return "no part was finished, the same command begins anew"


def draw_card(
    release: Path,
    report: Mapping[str, Any],
    reporter: Reporter,
    tokenizer: Path | None = None,
    tiers: Sequence[str] | None = None,
    counted_in: Path | None = None,
) -> None:
    """Write the data card of a release beside its manifest, of all tiers of the report or some.

    Tokens that an earlier card counted in these shards stay counted: counting a corpus takes long.

    Args:
        counted_in: the release folder of that card; default `release` itself.

    Raises:
        UserError: the tokenizer cannot be used.
        RunError: the report and the release do not agree, or the card cannot be written.
    """
    try:
        from data_cards import CardError, TokenizerError, read_card, write_card
        from schemas.manifest import ManifestError
    except ImportError:
        reporter.say("no data card: pip install 'astrocorpus[cards]', then `astrocorpus card`")
        return
    try:
        counted = read_card(counted_in or release)
        write_card(release, tiers, report, tokenizer_json=tokenizer, counted=counted)
    except TokenizerError as error:
        raise UserError(str(error)) from error
    except (CardError, ManifestError) as error:
        raise RunError(f"the data card cannot be drawn: {error}") from error


def redraw_card(release: Path, tokenizer: Path | None = None) -> None:
    """Draw the card of a release folder anew, from what its card says of the run.

    Raises:
        UserError: the folder is no release, has no card of its own, or the tokenizer cannot be used.
    """
    from data_cards import read_card, report_of
    from schemas.manifest import ManifestError

    try:
        card = read_card(release)
    except ManifestError as error:
        raise UserError(str(error)) from error
    if card is None:
        raise UserError(f"{release} has no card of its own; make the release from its run again")
    draw_card(release, report_of(card), Reporter(), tokenizer)


def check_tokenizer(path: Path) -> None:
    """Raises UserError when tokens cannot be counted with it: told before a run, not at its end."""
    from data_cards import TokenizerError, load_tokenizer

    try:
        load_tokenizer(path)
    except TokenizerError as error:
        raise UserError(str(error)) from error


def show_plan(console: Console, outcome: Outcome) -> None:
    """Print what a dry run found: stages, and the joins that are known before the work is done."""
    table = Table("stage", "parts", "cached", "to run", "because", box=None)
    for r in outcome.reports:
        unknown = not r.fingerprint
        why = r.why or ("" if r.computed == 0 and not unknown else "new parts" if r.cached else "not there yet")
        table.add_row(
            r.stage,
            *(["?"] * 3 if unknown else [str(r.computed + r.cached), str(r.cached), str(r.computed)]),
            escape(why),
        )
    console.print(table)
    show_joins(console, [join.to_json() for join in outcome.joins])
    show_warnings(console, [warning for join in outcome.joins if (warning := join.warning())])


def show_funnel(console: Console, report: Mapping[str, Any], folder: Path) -> None:
    """Print the funnel of every tier: papers in, what left and why, what is released; what joins and rules matched; and at
    the end what nobody should overlook."""
    table = Table("", *report["tiers"], box=None)
    tiers = list(report["tiers"].values())
    table.add_row("papers in", *(f"{t['documents_in']:,}" for t in tiers))
    counts: list[Counter[tuple[str, str]]] = [Counter() for _ in tiers]
    for count, tier in zip(counts, tiers, strict=True):
        for r in tier["reasons"]:  # one a stage
            count[r["verdict"], r["reason"]] += r["count"]
    for verdict, reason in sorted({key for c in counts for key in c}):
        table.add_row(f"  {verdict}: {reason}", *(f"{-c.get((verdict, reason), 0):,}" for c in counts))
    table.add_row("released", *(f"{t['released']:,}" for t in tiers), style="bold")
    table.add_row("pairs", *(f"{t['pairs']:,}" for t in tiers))
    table.add_row("words", *(f"{t['words']:,}" for t in tiers))
    console.print(table)
    if unsure := ", ".join(f"{key} of {n:,}" for key, n in report["unsure"].items()):
        console.print(
            f"metadata not understood, or records that disagree: {unsure} papers (`trace` shows it)", soft_wrap=True
        )
    for source, left in report["left_out"].items():
        names = ", ".join(left["first"][:5]) + (" ..." if left["count"] > 5 else "")
        console.print(f"no papers in {source}: {left['count']:,} left out ({names})", soft_wrap=True, markup=False)
    show_joins(console, report["joins"])
    show_families(console, report["near_families"])
    console.print(f"release: {folder / report['release']}", soft_wrap=True, markup=False)
    console.print(f"data card: {folder / report['release'] / 'card.html'}", soft_wrap=True, markup=False)
    show_warnings(console, report["warnings"])
