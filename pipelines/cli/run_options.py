"""What `run` and `pairs` share: their options, and how they start a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from curation.errors import UserError
from pipelines.config import CorpusConfig
from pipelines.config_errors import of_config
from pipelines.corpus import pipeline
from pipelines.engine.executor import NAMES
from pipelines.launch import Options, Outcome, launch
from schemas import FAILURES

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
Sample: TypeAlias = Annotated[float | None, typer.Option(help="A fixed share of the papers only, 0 to 1.")]
RETRY = "--retry-failed"
RetryFailed: TypeAlias = Annotated[
    bool,
    typer.Option(RETRY, help="Open failed papers again; followed by a reason, only those: --retry-failed timeout."),
]
RetryReasons: TypeAlias = Annotated[list[str] | None, typer.Option("--reason", hidden=True)]
AcceptRemoved: TypeAlias = Annotated[
    bool,
    typer.Option("--accept-removed", help="Most papers of a source are gone on purpose; without it that is an outage."),
]


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
