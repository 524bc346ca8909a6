"""The yield of pairs: of every stage from passages to pairs how many rows go on, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

STAGES = (
    "chunks",
    "questions",
    "question_verdicts",
    "evidence",
    "chains",
    "answers",
    "pair_verdicts",
    "pair_judgements",
    "pairs",
)
"""The stages, in the order of the data."""


def show_yield(console: Console, report: Mapping[str, Any]) -> None:
    """Print what report.json tells of the stages; nothing where a run made no pairs by a model."""
    told = {stage: report["summaries"][stage] for stage in STAGES if "kept" in report["summaries"].get(stage, {})}
    if not told:
        return
    table = Table("stage", "kept", "left out, because", box=None)
    for stage, summary in told.items():
        left = sorted(summary.get("left", {}).items(), key=lambda item: (-item[1], item[0]))
        table.add_row(stage, f"{summary['kept']:,}", ", ".join(f"{reason} {count:,}" for reason, count in left))
    console.print(table)
