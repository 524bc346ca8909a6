"""How a run ended, or what a dry run found, for people: the funnel of every tier, and what nobody should overlook."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from curation.errors import counted, first_names
from curation.sources.bulk.prices import Prices
from curation.sources.source import Reading
from pipelines.launch import Outcome
from pipelines.show_bulk import gigabytes, usd
from pipelines.show_joins import show_agreement, show_families, show_joins, show_warnings


def show_plan(console: Console, outcome: Outcome) -> None:
    """Print what a dry run found: stages, and the joins that are known before the work is done."""
    table = Table("stage", "parts", "cached", "to run", "because", box=None)
    for r in outcome.reports:
        unknown = not r.fingerprint
        sure = r.computed - r.maybe
        to_run = (
            f"{sure} to {r.computed}" if sure and r.maybe else f"at most {r.computed}" if r.maybe else str(r.computed)
        )
        why = r.why or ("" if r.computed == 0 and not unknown else "new parts" if r.cached else "not there yet")
        table.add_row(
            r.stage,
            *(["?"] * 3 if unknown else [str(r.computed + r.cached), str(r.cached), to_run]),
            escape(why),
        )
    console.print(table)
    for source, reading in outcome.readings.items():
        console.print(_cost(source, reading), soft_wrap=True, markup=False)
    show_joins(console, [join.to_json() for join in outcome.joins])
    show_warnings(console, [*outcome.warnings, *(w for join in outcome.joins if (w := join.warning()))])


def _cost(source: str, reading: Reading) -> str:
    """What a source at an address costs, at the prices of Amazon S3 outside the region of the bucket."""
    prices = Prices()
    listing = f"{counted(reading.listing, 'requests')}, {gigabytes(reading.listing_bytes)}"
    read = f"{counted(reading.requests, 'requests')}, {gigabytes(reading.size)}"
    return (
        f"source {source}, at an address: its listing took {listing} ({usd(prices.usd(reading.listing, reading.listing_bytes))}), at "
        f"each start again; reading {counted(reading.papers, 'papers')} that are new or changed takes at most {read} "
        f"({usd(prices.usd(reading.requests, reading.size))}), where nothing is tried twice, at USD {prices.usd_per_1000_requests}/1,000 requests and USD "
        f"{prices.usd_per_gb} a GiB, Amazon's to readers outside the bucket's region; inside it transfer is free"
    )


def show_funnel(console: Console, report: Mapping[str, Any], folder: str | os.PathLike[str]) -> None:
    """Print the funnel of every tier: papers in, what left and why, what is released; what joins and rules matched; and at
    the end what nobody should overlook."""
    table = Table("", *report["tiers"], box=None)
    tiers = list(report["tiers"].values())
    table.add_row("papers in", *(f"{t['documents_in']:,}" for t in tiers))
    counts: list[Counter[tuple[str, str]]] = [Counter() for _ in tiers]
    for count, tier in zip(counts, tiers, strict=True):
        for r in tier["reasons"]:  # one a stage
            count[r["verdict"], r["reason"]] += r["count"]
    for verdict, reason in sorted({key for c in counts for key in c}):
        table.add_row(f"  {verdict}: {reason}", *(f"{-c.get((verdict, reason), 0):,}" for c in counts))
    table.add_row("released", *(f"{t['released']:,}" for t in tiers), style="bold")
    if any(t["masked"] for t in tiers):
        table.add_row("  with passages masked", *(f"{t['masked']:,}" for t in tiers))
    table.add_row("pairs", *(f"{t['pairs']:,}" for t in tiers))
    for word in ("withheld", "dropped"):
        if any(t[f"pairs_{word}"] for t in tiers):
            table.add_row(f"  {word}: pairs", *(f"{-t[f'pairs_{word}']:,}" for t in tiers))
    table.add_row("words", *(f"{t['words']:,}" for t in tiers))
    console.print(table)
    if unsure := ", ".join(f"{key} of {n:,}" for key, n in report["unsure"].items()):
        console.print(
            f"metadata not understood, or records that disagree: {unsure} papers (`trace` shows it)", soft_wrap=True
        )
    for source, left in report["left_out"].items():
        names = first_names(left["first"], left["count"])
        console.print(
            f"left out of source {source}, as no papers: {left['count']:,} ({names})", soft_wrap=True, markup=False
        )
    show_joins(console, report["joins"])
    show_families(console, report["near_families"])
    show_agreement(console, report["route_agreement"])
    release = f"{os.fspath(folder).rstrip('/')}/{report['release']}"
    console.print(f"release: {release}", soft_wrap=True, markup=False)
    console.print(f"data card: {release}/card.html", soft_wrap=True, markup=False)
    show_warnings(console, report["warnings"])
