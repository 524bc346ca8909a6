"""The yield of pairs on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from data_cards.yields import yields


def show_yield(console: Console, report: Mapping[str, Any]) -> None:
    """Print what report.json tells of the stages; nothing where a run made no pairs by a model."""
    rows = yields((stage["stage"] for stage in report["stages"]), report["summaries"])
    if not rows:
        return
    table = Table("stage", "kept", "left out, because", box=None)
    for row in rows:
        table.add_row(row.stage, f"{row.kept:,}", ", ".join(f"{reason} {count:,}" for reason, count in row.left))
    console.print(table)
