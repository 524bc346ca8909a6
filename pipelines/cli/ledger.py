"""`astrocorpus ledger`: which papers were left out, by what, and how their texts begin."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table
from rich.text import Text

from curation.errors import UserError
from pipelines.engine.ledger import ledger_parts
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import plain_console, show_json

ORDER = "_order"
"""Column with the hash of doc_id, by which a sample is taken."""
EXCERPT = 240
"""Characters of a text that are shown."""


def ledger(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    tier: Annotated[
        str | None, typer.Option(help="One tier. Default: the first, or all when reasons are counted.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            help="Papers left out for this reason, or by the rule or benchmark of this name; keep: those released."
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="That many of them only, the same ones every time. Default: all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Count why papers were left out, or list the papers of one reason, each with the beginning of its text.

    Examples:

      astrocorpus ledger runs/demo

      astrocorpus ledger runs/demo --reason low_quality --sample 20

      astrocorpus ledger runs/demo --tier public --reason licence_unknown --json
    """
    tables = RunTables(open_store(run))
    if not tables.finished:
        raise UserError(
            f"the last run in {tables.store.root} did not finish, so it has no verdicts yet; run it to the end"
        )
    if tier is not None and tier not in tables.tiers():
        raise UserError(f"no tier {tier!r} in this run; it has {', '.join(tables.tiers())}")
    if reason is None:
        _count(tables, [tier] if tier is not None else list(tables.tiers()), as_json=as_json)
        return
    chosen = tier or tables.tiers()[0]
    found = _of(tables, chosen, reason)
    count = 0
    for row in _sampled(found, sample) if sample is not None else found:
        count += 1
        told = {key: value for key, value in row.items() if key not in (ORDER, "part")}
        _show({**told, "excerpt": _excerpt(tables, row)}, as_json=as_json)
    if not count:
        known = _reasons(tables, chosen)
        raise UserError(f"no paper is left out as {reason!r} in tier {chosen}; reasons: {known or 'none'}")


def _reasons(tables: RunTables, tier: str) -> str:
    return ", ".join(sorted({why for _, rows in ledger_parts(tables, tier) for why in rows["reason"].drop_nulls()}))


def _count(tables: RunTables, tiers: list[str], *, as_json: bool) -> None:
    counts: dict[str, Counter[tuple[str, str, str]]] = {}
    for tier in tiers:
        counts[tier] = Counter()
        for _, rows in ledger_parts(tables, tier):
            groups = rows.group_by("verdict", "reason", "stage").len()
            for verdict, why, stage, count in groups.iter_rows():
                counts[tier][verdict, why or "", stage or ""] += count
    keys = sorted({key for count in counts.values() for key in count}, key=lambda k: (k[0] != "keep", k))
    if as_json:
        for verdict, why, stage in keys:
            told = {tier: counts[tier][verdict, why, stage] for tier in tiers}
            show_json({"verdict": verdict, "reason": why or None, "stage": stage or None, "papers": told})
        return
    table = Table("verdict", "reason", "by", *tiers, box=None)
    for key in keys:
        table.add_row(*key, *(f"{counts[tier][key]:,}" for tier in tiers))
    plain_console().print(table)


def _of(tables: RunTables, tier: str, reason: str) -> Iterator[dict[str, Any]]:
    """Papers of one reason (or rule: the evidence begins with its name), with their part."""
    c = pl.col
    by_name = c("evidence").str.starts_with(f"{reason}: ").fill_null(value=False)
    mine = (c("verdict") == "keep") if reason == "keep" else (c("reason") == reason) | by_name
    for part, rows in ledger_parts(tables, tier):
        keyed = rows.filter(mine).sort("doc_id").with_columns(c("doc_id").hash(0).alias(ORDER))
        for row in keyed.iter_rows(named=True):
            yield {"part": part, **row}


def _sampled(rows: Iterator[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The rows whose ids have the smallest hashes: a sample that does not depend on parts or their order."""
    return heapq.nsmallest(count, rows, key=lambda row: (row[ORDER], row["doc_id"]))


def _excerpt(tables: RunTables, row: dict[str, Any]) -> str:
    mine = tables.scan_part("documents", row["part"]).filter(pl.col("doc_id") == row["doc_id"])
    text = mine.select(pl.col("text").str.slice(0, 4 * EXCERPT)).collect()["text"][0]
    folded = " ".join((text or "").split())
    return folded if len(folded) <= EXCERPT else f"{folded[:EXCERPT]}..."


def _show(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(row)
        return
    console = plain_console(soft_wrap=True)
    console.print(Text(row["doc_id"], style="bold"))
    if row["verdict"] != "keep":
        console.print(Text(f"  {row['verdict']}: {row['reason']} ({row['evidence'] or 'no further evidence'})"))
    console.print(Text(f"  {row['excerpt'] or '(no text)'}"))
