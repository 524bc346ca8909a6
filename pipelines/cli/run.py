"""`astrocorpus run`: papers to a release."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.run_options import (
    AcceptRemoved,
    ConfigFile,
    Executor,
    Limit,
    Overrides,
    RetryFailed,
    RetryReasons,
    RunFolder,
    Sample,
    Workers,
    folder_of,
    start,
)
from pipelines.config import load_config
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.launch import Options
from pipelines.show_run import show_funnel, show_plan


def run(
    config: ConfigFile,
    run: RunFolder = None,
    executor: Executor = "local",
    workers: Workers = None,
    set_: Overrides = None,
    limit: Limit = None,
    sample: Sample = None,
    retry_failed: RetryFailed = False,
    reason: RetryReasons = None,
    accept_removed: AcceptRemoved = False,
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
