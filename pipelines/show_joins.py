"""What a run prints of its joins and rules, of large families of near duplicates, and of what nobody should overlook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from curation.dedup.families import families_text
from curation.joins import Kind
from data_cards.report import share_shown


def show_joins(console: Console, joins: Sequence[Mapping[str, Any]]) -> None:
    """A line for each join and rule of a report's `joins`: both sides, and what of the config's side found no match."""
    for join in joins:
        sides = (join["given"], join["papers"])
        given, papers = (f"{side['matched']:,} of {side['count']:,} {side['what']}" for side in sides)
        did = f"has {given}, drops {papers}" if join["kind"] == Kind.RULE else f"matched {given}, {papers}"
        others = "; ".join(filter(None, map(_unmatched, sides)))
        line = f"{join['kind']} {join['name']}: {did}{f' (not {others})' if others else ''}"
        console.print(line, soft_wrap=True, markup=False)


def _unmatched(side: Mapping[str, Any]) -> str:
    names = side["samples"][:2]
    return ", ".join(names) + (" ..." if names and side["unmatched"] > len(names) else "")


def show_families(console: Console, families: Mapping[str, Any] | None) -> None:
    """The large families of a report's `near_families`."""
    for line in families_text(families) if families else ():
        console.print(line, soft_wrap=True, markup=False)


def show_agreement(console: Console, agreement: Mapping[str, Any] | None) -> None:
    """How far LaTeX and PDF agree, of a report's `route_agreement`; nothing where no paper has both."""
    if not agreement or not agreement["with_both"]:
        return
    shares = ", ".join(f"{row['what']} {share_shown(row['mean'])}" for row in agreement["measures"] if row["papers"])
    compared = f"{agreement['compared']:,} of {agreement['with_both']:,} papers that have both"
    means = f", mean shares: {shares}" if shares else ""
    console.print(f"LaTeX against PDF, {compared}{means}", soft_wrap=True, markup=False)


def show_warnings(console: Console, warnings: Sequence[str]) -> None:
    """At the end of everything, one a line, so that they are not overlooked."""
    for warning in warnings:
        console.print(f"WARNING: {warning}", soft_wrap=True, markup=False, style="bold yellow")
