"""What `run` and `pairs` share: their options, and how they start a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from pipelines.config import CorpusConfig
from pipelines.config_errors import of_config
from pipelines.corpus import pipeline
from pipelines.engine.executor import NAMES
from pipelines.launch import Options, Outcome, launch

ConfigFile: TypeAlias = Annotated[Path, typer.Argument(help="YAML config of the corpus.", metavar="CONFIG.yaml")]
RunFolder: TypeAlias = Annotated[
    str | None, typer.Option("--run", help="Run folder. Default: runs/<name of the corpus>.")
]
Executor: TypeAlias = Annotated[str, typer.Option(help=f"Where tasks run: {', '.join(NAMES)}.")]
Workers: TypeAlias = Annotated[
    int | None, typer.Option(min=1, max=1024, help="Processes of the local executor. Default: all CPUs.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a config value: --set decide.tiers.public.licences='[CC0-1.0]'."),
]
Limit: TypeAlias = Annotated[int | None, typer.Option(help="First N papers of each source only (a run of its own).")]


def folder_of(corpus: CorpusConfig, run: str | None) -> str:
    """The run folder: as it was given, or named by the corpus."""
    return run or f"runs/{corpus.name}"


def start(corpus: CorpusConfig, config: Path, folder: str, options: Options) -> Outcome:
    """Run a corpus; errors name its config.

    Raises:
        UserError, RunError: as of `pipelines.launch.launch`.
    """
    with of_config(str(config)):
        return launch(pipeline(corpus), folder, replace(options, tokenizer=corpus.card.tokenizer))
