"""`astrocorpus run`: papers to a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError
from pipelines.cli.run_options import ConfigFile, Executor, Limit, Overrides, RunFolder, Workers, folder_of, start
from pipelines.config import load_config
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.launch import Options
from pipelines.show_run import show_funnel, show_plan
from schemas import FAILURES

RETRY = "--retry-failed"


def spread(arguments: list[str]) -> list[str]:
    """`--retry-failed timeout` as a flag and a value: an option cannot have a value that may be left out.

    Raises:
        UserError: what follows the flag is neither a reason nor a config.
    """
    made: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        flag, equals, value = argument.partition("=")
        if flag == RETRY and equals:
            made += [RETRY, "--reason", value]
        elif before == RETRY and argument in FAILURES:
            made += ["--reason", argument]
        elif before == RETRY and not _may_be_config(argument):
            raise UserError(
                f"{RETRY}: no failure reason {argument!r}, nor a config file; reasons: {', '.join(FAILURES)}"
            )
        else:
            made.append(argument)
    return made


def _may_be_config(argument: str) -> bool:
    return argument.startswith("-") or argument.endswith((".yaml", ".yml")) or Path(argument).is_file()


def run(
    config: ConfigFile,
    run: RunFolder = None,
    executor: Executor = "local",
    workers: Workers = None,
    set_: Overrides = None,
    limit: Limit = None,
    sample: Annotated[float | None, typer.Option(help="A fixed share of the papers only, 0 to 1.")] = None,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed", help="Open failed papers again; followed by a reason, only those: --retry-failed timeout."
        ),
    ] = False,
    reason: Annotated[list[str] | None, typer.Option("--reason", hidden=True)] = None,
    accept_removed: Annotated[
        bool,
        typer.Option(
            "--accept-removed", help="Most papers of a source are gone on purpose; without it that is an outage."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is cached, what would run and why.")] = False,
) -> None:
    """Run a corpus from its sources to a release; goes on where an earlier run stopped.

    Examples:

      astrocorpus run corpus.yaml

      astrocorpus run corpus.yaml --run /data/runs/astro --workers 16

      astrocorpus run corpus.yaml --limit 20 --run /tmp/trial

      astrocorpus run corpus.yaml --retry-failed timeout --set extract.max_wall_s=300
    """
    loaded = load_config(config, set_ or [])
    folder = folder_of(loaded, run)
    options = Options(
        executor=executor,
        workers=workers,
        selection=Selection(limit=limit, sample=sample),
        retry_failed=retry_failed,
        retry_reasons=frozenset(reason or ()),
        accept_removed=accept_removed,
        dry_run=dry_run,
    )
    outcome = start(loaded, config, folder, options)
    console = plain_console()
    if dry_run:
        show_plan(console, outcome)
    else:
        show_funnel(console, outcome.report, folder)
