"""`astrocorpus card`: the data card of a run's release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError
from pipelines.engine.account import RunTables
from pipelines.engine.progress import Reporter
from pipelines.engine.store import open_store
from pipelines.launch import draw_card


def card(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="tokenizer.json that counts tokens; without one: not counted.")
    ] = None,
) -> None:
    """Draw the data card anew: card.html for people, README.md for the Hub, card.json for programs.

    A run draws its card at the end; this counts tokens too, with a tokenizer that you name.

    Examples:

      astrocorpus card runs/demo

      astrocorpus card runs/demo --tokenizer llama3/tokenizer.json
    """
    store = open_store(run)
    report = store.read_json("report.json")
    if report is None:
        RunTables(store)
        raise UserError(f"the last run in {run} did not finish; run it to the end first")
    if tokenizer is not None and not tokenizer.is_file():
        raise UserError(f"tokenizer {tokenizer} is not there")
    draw_card(store.path(report["release"]), report, Reporter(), tokenizer)
    print(store.path(report["release"]) / "card.html")
