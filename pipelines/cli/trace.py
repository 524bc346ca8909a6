"""`astrocorpus trace`: one paper's way through a run, or one pair's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from curation.errors import one_line
from curation.sources.members import row_of
from pipelines.engine.ledger import find, masks, verdict, way
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import plain_console, show_json
from pipelines.pair_ledger import PairAt, fates, find_pair, pair_way
from schemas import Reason

LONG = 160
"""Characters of a value that are shown; the whole value is in the table (or --json)."""


def trace(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    id: Annotated[
        str,
        typer.Argument(
            help="doc_id (or its beginning), paper id, arXiv id, or the source's own id; of a pair its pair_id, of a question or an answer to "
            "it DOC_ID/ROW_ID, as `astrocorpus ledger --pairs` has it.",
            metavar="ID",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, values whole.")] = False,
) -> None:
    """Tell one paper's way: where it came from, what each stage measured, each tier's verdict, its shard. Or one pair's: its passage, what
    each stage asked and what came, by which model, what verifiers say, each tier's verdict.

    Examples:

      astrocorpus trace runs/demo 2301.00001

      astrocorpus trace runs/demo arXiv:2301.00001 --json

      astrocorpus trace runs/demo 0123456789abcdef
    """
    tables = RunTables(open_store(run))
    console = plain_console(soft_wrap=True)
    if pairs := find_pair(tables, id):
        for pair in pairs:
            _trace_pair(console, tables, pair, as_json=as_json)
        return
    for part, paper in find(tables, id):
        rows = way(tables, part, paper)
        if as_json:
            for table, row in rows:
                show_json({"table": table, **row})
            continue
        console.print(Text(f"\n{paper['doc_id']}", style="bold"))
        _verdicts(console, tables, part, paper)
        show_rows(console, rows)


def _trace_pair(console: Console, tables: RunTables, at: PairAt, *, as_json: bool) -> None:
    rows = pair_way(tables, at)
    if as_json:
        for table, row in rows:
            show_json({"table": table, **row})
        return
    console.print(Text(f"\n{at.name}", style="bold"))
    console.print(Text(f"  of {at.doc_id}"))
    if not tables.finished:
        console.print(Text("  the last run did not finish: no verdict yet"))
    for tier in tables.tiers() if tables.finished else ():
        for row in fates(tables, at, tier):
            why = (
                ""
                if row["verdict"] == "keep"
                else f": {row['reason']} ({one_line(row['evidence'] or 'no further evidence')})"
            )
            console.print(Text(f"  {tier}: {row['verdict']}{why}"))
    show_rows(console, rows)


def show_rows(console: Console, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Print rows of one paper under the names of their tables, values cut."""
    last = ""
    for table, row in rows:
        if table != last:
            console.print(Text(f"  {table}", style="cyan"))
        last = table
        hidden = ("doc_id",) if table == "metadata" else ("doc_id", "paper_id")
        for key, value in row.items():
            if value not in (None, [], "") and key not in hidden:
                console.print(Text(f"    {key}: {_short(value)}"))


def _verdicts(console: Console, tables: RunTables, part: int, paper: Mapping[str, Any]) -> None:
    if not tables.finished:
        console.print(Text("  the last run did not finish: no verdict yet"))
        return
    for tier in tables.tiers():
        row = verdict(tables, part, paper["doc_id"], tier)
        if row is None:
            masked = masks(tables, part).get(paper["doc_id"])
            console.print(Text(f"  {tier}: keep{f' ({masked})' if masked else ''}"))
            continue
        evidence = row["evidence"] or "no further evidence"
        if row["reason"] == Reason.LICENCE_UNKNOWN and row["evidence"] is None:
            evidence = _why_licence_is_unknown(tables, part, paper)
        console.print(Text(f"  {tier}: {row['verdict']}: {row['reason']} ({one_line(evidence)})"))


def _why_licence_is_unknown(tables: RunTables, part: int, paper: Mapping[str, Any]) -> str:
    """Why a paper has no licence, in words: no metadata record, one that is not understood, or one that names none."""
    mine = pl.col("doc_id") == paper["doc_id"]
    found = tables.scan_part("metadata", part).filter(mine).collect().row(0, named=True)
    if said := next((text for text in found["unsure"] or () if text.startswith("license: ")), None):
        return f"not understood, or records disagree: {said}"
    if (version := found["record_version"]) is not None:
        return f"the metadata record speaks of version {version}, this is version {found['version'] or 'unknown'}"
    if not found["n_records"]:
        return "no metadata record" + (", and the row names no licence" if row_of(paper["member"]) is not None else "")
    return "the metadata record names no licence of this version"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONG else f"{text[:LONG]}... ({len(str(value)):,} characters)"
