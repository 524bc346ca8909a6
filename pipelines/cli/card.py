"""`astrocorpus card`: the data card of a run's release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError
from pipelines.cards import draw_card, redraw_card
from pipelines.engine.progress import Reporter
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import show
from schemas.manifest import MANIFEST_NAME


def card(
    run: Annotated[str, typer.Argument(help="Run folder, or a release made from one.", metavar="RUN")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="tokenizer.json that counts tokens; without one: as the card before has them.")
    ] = None,
) -> None:
    """Draw the data card anew: card.html for people, README.md for the Hub, card.json for programs.

    A run draws its card at the end, with tokens counted when its config names a tokenizer (`card: {tokenizer: FILE}`);
    this counts them afterwards.

    Examples:

      astrocorpus card runs/demo

      astrocorpus card runs/demo --tokenizer llama3/tokenizer.json

      astrocorpus card releases/2026-11 --tokenizer llama3/tokenizer.json
    """
    store = open_store(run)
    if not store.exists("run.json") and store.exists(MANIFEST_NAME):
        redraw_card(store.place, tokenizer)
        show(f"{store.where('card.html')}")
        return
    report = store.read_json("report.json")
    if report is None:
        RunTables(store)
        raise UserError(f"the last run in {run} did not finish; run it to the end first")
    draw_card(store.below(report["release"]), report, Reporter(), tokenizer)
    show(f"{store.where(report['release'])}/card.html")
