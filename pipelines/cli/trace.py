"""`astrocorpus trace`: one paper's way through a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pipelines.engine.account import RunTables, ledger
from pipelines.engine.account import trace as trace_rows
from pipelines.engine.joined import why_licence_is_unknown
from pipelines.engine.store import open_store
from pipelines.engine.terminal import plain_console, show_json
from schemas import Reason

LONG = 160
"""Characters of a value that are shown; the whole value is in the table (or --json)."""


def trace(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    id: Annotated[
        str, typer.Argument(help="doc_id (or its beginning), paper id, arXiv id, or the source's own id.", metavar="ID")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, values whole.")] = False,
) -> None:
    """Tell one paper's way: where it came from, what each stage measured, each tier's verdict, its shard.

    Examples:

      astrocorpus trace runs/demo 2301.00001

      astrocorpus trace runs/demo arXiv:2301.00001 --json
    """
    tables = RunTables(open_store(run))
    console = plain_console(soft_wrap=True)
    last = ""
    for stage, row in trace_rows(tables, id):
        if as_json:
            show_json({"table": stage, **row})
            continue
        if stage == "papers":
            console.print(Text(f"\n{row['doc_id']}", style="bold"))
            _verdicts(console, tables, row)
        if stage != last or stage == "papers":
            console.print(Text(f"  {stage}", style="cyan"))
        last = stage
        for key, value in row.items():
            if value not in (None, [], "") and key not in ("doc_id", "paper_id"):
                console.print(Text(f"    {key}: {_short(value)}"))


def _verdicts(console: Console, tables: RunTables, paper: Mapping[str, Any]) -> None:
    if not tables.finished:
        console.print(Text("  the last run did not finish: no verdict yet"))
        return
    for tier in tables.tiers():
        row = next(r for r in ledger(tables, tier).iter_rows(named=True) if r["doc_id"] == paper["doc_id"])
        evidence = row["evidence"] or "no further evidence"
        if row["reason"] == Reason.LICENCE_UNKNOWN and row["evidence"] is None:
            evidence = why_licence_is_unknown(tables, paper)
        why = f": {row['reason']} ({evidence})" if row["verdict"] != "keep" else ""
        console.print(Text(f"  {tier}: {row['verdict']}{why}"))


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONG else f"{text[:LONG]}... ({len(str(value)):,} characters)"
