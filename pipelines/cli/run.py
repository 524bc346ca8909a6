"""`astrocorpus run`: papers to a release."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli import run_options as given
from pipelines.config import load_config
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.launch import Options
from pipelines.show_run import show_funnel, show_plan


def run(
    config: given.ConfigFile,
    run: given.RunFolder = None,
    executor: given.Executor = "local",
    workers: given.Workers = None,
    set_: given.Overrides = None,
    limit: given.Limit = None,
    sample: given.Sample = None,
    retry_failed: given.RetryFailed = False,
    reason: given.RetryReasons = None,
    accept_removed: given.AcceptRemoved = False,
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
    folder = given.folder_of(loaded, run)
    options = Options(
        executor=executor,
        workers=workers,
        selection=Selection(limit=limit, sample=sample),
        retry_failed=retry_failed,
        retry_reasons=frozenset(reason or ()),
        accept_removed=accept_removed,
        dry_run=dry_run,
    )
    outcome = given.start(loaded, config, folder, options)
    console = plain_console()
    if dry_run:
        show_plan(console, outcome)
    else:
        show_funnel(console, outcome.report, folder)
