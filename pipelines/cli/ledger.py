"""`astrocorpus ledger`: which papers, or pairs, were left out, by what, and how their texts begin."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import polars as pl
import typer
from rich.table import Table
from rich.text import Text

from curation.errors import UserError
from pipelines.engine.ledger import MASKED, ledger_parts
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import plain_console, show_json
from pipelines.pair_ledger import pair_ledger_parts
from schemas import PAIR_HITS

ORDER = "_order"
"""Column with the hash of the name, by which a sample is taken."""
NAMED = pl.coalesce(
    pl.when(pl.col("verdict") == "drop").then(
        pl.col("evidence").str.extract(pl.concat_str(pl.lit("(?s)^(.+?): "), "stage", pl.lit(r"\.")))
    ),
    pl.when((pl.col("verdict") == "withhold") | (pl.col("reason") == MASKED)).then(
        pl.col("evidence").str.extract("(?s)^(.+?): ")
    ),
)
"""Name of the rule or benchmark that left a paper out, where one did: its evidence begins with it (`curation.release.findings`)."""
EXCERPT = 240
"""Characters of a text that are shown."""


def ledger(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    tier: Annotated[str | None, typer.Option(help="One tier only. Default: all.")] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            help="Papers left out for this reason, or by the rule or benchmark of this name; keep: those released; masked: those of "
            "them in whose text a passage is. Of pairs a stage, too."
        ),
    ] = None,
    pairs: Annotated[
        bool,
        typer.Option(
            "--pairs",
            help="Questions and answers in the place of papers: what became of all that models, or rules, made.",
        ),
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="That many of them only, the same ones every time. Default: all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Count why papers were left out, or list the papers of one reason, each with the beginning of its text; with --pairs the same of
    questions and answers.

    Examples:

      astrocorpus ledger runs/demo

      astrocorpus ledger runs/demo --reason low_quality --sample 20

      astrocorpus ledger runs/demo --tier public --reason licence_unknown --json

      astrocorpus ledger runs/demo --pairs --reason verbatim --sample 20
    """
    tables = RunTables(open_store(run))
    if not tables.finished:
        raise UserError(
            f"the last run in {tables.store.uri} did not finish, so it has no verdicts yet; run it to the end"
        )
    if tier is not None and tier not in tables.tiers():
        raise UserError(f"no tier {tier!r} in this run; it has {', '.join(tables.tiers())}")
    tiers = [tier] if tier is not None else list(tables.tiers())
    what = _PAIRS if pairs else _PAPERS
    if reason is None:
        _count(tables, tiers, what, as_json=as_json)
        return
    found = _of(tables, tiers, what, reason)
    count = 0
    for row in _sampled(found, sample, what) if sample is not None else found:
        count += 1
        told = {key: value for key, value in row.items() if key not in (ORDER, "part")}
        excerpt = _folded(told.pop("question")) if pairs else _excerpt(tables, row)
        _show({**told, "excerpt": excerpt}, told[what.id], as_json=as_json)
    if not count:
        known = ", ".join(sorted(_reasons(tables, tiers, what))) or "none"
        where = f"tier {tier}" if tier is not None else "any tier"
        raise UserError(f"no {what.one} is left out as {reason!r} in {where}; {what.reasons}: {known}")


class _What(NamedTuple):
    """What is told of: its rows in a tier, part by part; the column that names one; the key of their counts; in words one of them, and what may
    be asked for; and a name beside the reason by which rows are asked for."""

    parts: Callable[[RunTables, str], Iterator[tuple[int, pl.DataFrame]]]
    id: str
    key: str
    one: str
    reasons: str
    named: pl.Expr


_PAPERS = _What(ledger_parts, "doc_id", "papers", "paper", "reasons, rules and benchmarks", NAMED)
_PAIRS = _What(
    pair_ledger_parts,
    "name",
    "pairs",
    "question or answer",
    "reasons, stages and benchmarks",
    pl.when(pl.col("stage") == PAIR_HITS.name).then(pl.col("evidence").str.extract("(?s)^(.+?): ")).otherwise("stage"),
)


def _reasons(tables: RunTables, tiers: Sequence[str], what: _What) -> set[str]:
    """What may be asked for: every reason of these tiers, `masked` where texts are, and every rule and benchmark that left a paper out."""
    found: set[str] = set()
    for tier in tiers:
        for _, rows in what.parts(tables, tier):
            told = rows.filter(pl.col("reason").is_not_null()).with_columns(what.named.alias("named"))
            found |= {*told["reason"], *told["named"].drop_nulls()}
    return found


def _count(tables: RunTables, tiers: list[str], what: _What, *, as_json: bool) -> None:
    counts: dict[str, Counter[tuple[str, str, str]]] = {}
    for tier in tiers:
        counts[tier] = Counter()
        for _, rows in what.parts(tables, tier):
            groups = rows.group_by("verdict", "reason", pl.coalesce(what.named, "stage").alias("by")).len()
            for verdict, why, by, count in groups.iter_rows():
                counts[tier][verdict, why or "", by or ""] += count
    keys = sorted({key for count in counts.values() for key in count}, key=lambda k: (k[0] != "keep", k))
    if as_json:
        for verdict, why, by in keys:
            told = {tier: counts[tier][verdict, why, by] for tier in tiers}
            show_json({"verdict": verdict, "reason": why or None, "by": by or None, what.key: told})
        return
    table = Table("verdict", "reason", "by", *tiers, box=None)
    for key in keys:
        table.add_row(*key, *(f"{counts[tier][key]:,}" for tier in tiers))
    plain_console().print(table)


def _of(tables: RunTables, tiers: Sequence[str], what: _What, reason: str) -> Iterator[dict[str, Any]]:
    """Papers, or pairs, of one reason, rule or benchmark, with their part, and the tiers in which that is said of them."""
    c = pl.col
    mine = (c("verdict") == "keep") if reason == "keep" else (c("reason") == reason) | (reason == what.named)
    for found in zip(*(what.parts(tables, tier) for tier in tiers), strict=True):
        told = pl.concat(
            [
                rows.filter(mine).with_columns(pl.lit(t).alias("tiers"))
                for t, (_, rows) in zip(tiers, found, strict=True)
            ]
        )
        same = [column for column in told.columns if column != "tiers"]
        papers = told.group_by(same, maintain_order=True).agg("tiers").sort(what.id, maintain_order=True)
        for row in papers.with_columns(c(what.id).hash(0).alias(ORDER)).iter_rows(named=True):
            yield {"part": found[0][0], **row}


def _sampled(rows: Iterator[dict[str, Any]], count: int, what: _What) -> list[dict[str, Any]]:
    """The rows whose ids have the smallest hashes: a sample that does not depend on parts or their order."""
    return heapq.nsmallest(count, rows, key=lambda row: (row[ORDER], row[what.id], row["tiers"]))


def _excerpt(tables: RunTables, row: dict[str, Any]) -> str:
    mine = tables.scan_part("documents", row["part"]).filter(pl.col("doc_id") == row["doc_id"])
    text = mine.select(pl.col("text").str.slice(0, 4 * EXCERPT)).collect()["text"][0]
    return _folded(text)


def _folded(text: str | None) -> str:
    folded = " ".join((text or "").split())
    return folded if len(folded) <= EXCERPT else f"{folded[:EXCERPT]}..."


def _show(row: dict[str, Any], name: str, *, as_json: bool) -> None:
    if as_json:
        show_json(row)
        return
    console = plain_console(soft_wrap=True)
    console.print(Text(name, style="bold"))
    if row["reason"] is not None:
        why = row["evidence"] or "no further evidence"
        console.print(Text(f"  {row['verdict']}: {row['reason']} ({why}) in {', '.join(row['tiers'])}"))
    console.print(Text(f"  {row['excerpt'] or '(no text)'}"))
