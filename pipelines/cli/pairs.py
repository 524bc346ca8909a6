"""`astrocorpus pairs`: a run that makes pairs by a model, and what became of them at every stage."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli import run_options as given
from pipelines.config import load_config
from pipelines.config_errors import of_config
from pipelines.corpus import pipeline
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.forecast import forecast
from pipelines.launch import Options
from pipelines.pairs import with_pairs
from pipelines.show_pairs import show_forecast, show_yield
from pipelines.show_run import show_funnel, show_plan


def pairs(
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be asked, and about what it costs; nothing is sent.")
    ] = False,
) -> None:
    """Run a corpus with pairs beside its texts; a config without a section `pairs` asks the small model that comes with us, offline.

    Examples:

      astrocorpus pairs corpus.yaml --limit 3

      astrocorpus pairs corpus.yaml --set pairs.chains.samples=4

      astrocorpus pairs corpus.yaml --retry-failed timeout

      astrocorpus pairs corpus.yaml --dry-run
    """
    loaded = with_pairs(load_config(config, set_ or []))
    folder = given.folder_of(loaded, run)
    selection = Selection(limit=limit, sample=sample)
    options = Options(
        executor=executor,
        workers=workers,
        selection=selection,
        retry_failed=retry_failed,
        retry_reasons=frozenset(reason or ()),
        accept_removed=accept_removed,
        dry_run=dry_run,
    )
    outcome = given.start(loaded, config, folder, options)
    console = plain_console()
    if dry_run:
        show_plan(console, outcome)
        with of_config(str(config)):
            show_forecast(console, forecast(pipeline(loaded), folder, selection, outcome.reports))
        return
    show_funnel(console, outcome.report, folder)
    show_yield(console, outcome.report)
