"""`astrocorpus pairs`: a run that makes pairs by a model, and what became of them at every stage."""

from __future__ import annotations

from pipelines.cli.run_options import ConfigFile, Executor, Limit, Overrides, RunFolder, Workers, folder_of, start
from pipelines.config import load_config
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.launch import Options
from pipelines.pairs import with_pairs
from pipelines.show_pairs import show_yield
from pipelines.show_run import show_funnel


def pairs(
    config: ConfigFile,
    run: RunFolder = None,
    executor: Executor = "local",
    workers: Workers = None,
    set_: Overrides = None,
    limit: Limit = None,
) -> None:
    """Run a corpus with pairs beside its texts; a config without a section `pairs` asks the small model that comes with us, offline.

    Examples:

      astrocorpus pairs corpus.yaml --limit 3

      astrocorpus pairs corpus.yaml --set pairs.chains.samples=4
    """
    loaded = with_pairs(load_config(config, set_ or []))
    folder = folder_of(loaded, run)
    options = Options(executor=executor, workers=workers, selection=Selection(limit=limit))
    outcome = start(loaded, config, folder, options)
    console = plain_console()
    show_funnel(console, outcome.report, folder)
    show_yield(console, outcome.report)
