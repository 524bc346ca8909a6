"""`astrocorpus pairs`: a run that makes pairs by a model, and what became of them at every stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.sft.config import PairsConfig
from curation.sft.engines.configs import Gguf
from pipelines.config import load_config
from pipelines.config_errors import of_config
from pipelines.corpus import pipeline
from pipelines.engine.executor import NAMES
from pipelines.engine.terminal import plain_console
from pipelines.engine.units import Selection
from pipelines.launch import Options, launch
from pipelines.show_pairs import show_yield
from pipelines.show_run import show_funnel


def pairs(
    config: Annotated[Path, typer.Argument(help="YAML config of the corpus.", metavar="CONFIG.yaml")],
    run: Annotated[str | None, typer.Option("--run", help="Run folder. Default: runs/<name of the corpus>.")] = None,
    executor: Annotated[str, typer.Option(help=f"Where tasks run: {', '.join(NAMES)}.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Processes of the local executor. Default: all CPUs.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Override a config value: --set pairs.questions.per_chunk=1.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="First N papers of each source only (a run of its own).")] = None,
) -> None:
    """Run a corpus with pairs beside its texts; a config without a section `pairs` asks the small model that comes with us, offline.

    Examples:

      astrocorpus pairs corpus.yaml --limit 3

      astrocorpus pairs corpus.yaml --set pairs.chains.samples=4
    """
    loaded = load_config(config, set_ or [])
    if loaded.pairs is None:
        loaded = loaded.model_copy(update={"pairs": PairsConfig(engine=Gguf())})
    folder = run or f"runs/{loaded.name}"
    options = Options(
        executor=executor, workers=workers, selection=Selection(limit=limit), tokenizer=loaded.card.tokenizer
    )
    with of_config(str(config)):
        outcome = launch(pipeline(loaded), folder, options)
    console = plain_console()
    show_funnel(console, outcome.report, folder)
    show_yield(console, outcome.report)
