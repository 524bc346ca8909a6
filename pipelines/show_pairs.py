"""The yield of pairs on a terminal, and what was asked of models for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from data_cards.yields import yields
from pipelines.show_bulk import usd


def show_yield(console: Console, report: Mapping[str, Any]) -> None:
    """Print what report.json tells of the stages; nothing where a run made no pairs by a model."""
    engines = {stage["stage"]: stage["engine"] for stage in report["stages"] if "engine" in stage}
    rows = yields((stage["stage"] for stage in report["stages"]), report["summaries"], engines)
    if not rows:
        return
    table = Table("stage", "kept", "left out, because", box=None)
    for row in rows:
        table.add_row(row.stage, f"{row.kept:,}", ", ".join(f"{reason} {count:,}" for reason, count in row.left))
    console.print(table)
    for line in asked(engines):
        console.print(line, soft_wrap=True, markup=False)


def asked(engines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What each stage asked in all runs, and of that now, in words; and all of them for each model.

    Args:
        engines: stage -> what report.json says of its engine.
    """
    of_model: dict[str, list[Mapping[str, Any]]] = {}
    for engine in engines.values():
        of_model.setdefault(engine["model"], []).append(engine)
    stages = [f"{stage} asked {engine['model']}: {_sums([engine])}" for stage, engine in engines.items()]
    return stages + [f"all stages asked {model}: {_sums(some)}" for model, some in of_model.items()]


def _sums(engines: list[Mapping[str, Any]]) -> str:
    def total(when: str, what: str) -> int:
        return sum(engine[when][what] for engine in engines)

    said = [
        f"{total('in_all', 'requests'):,} requests ({total('this_run', 'requests'):,} now, {total('this_run', 'retries'):,} tries more)",
        f"{total('in_all', 'prompt_tokens'):,} tokens and {total('in_all', 'completion_tokens'):,} of answers",
    ]
    if failed := total("this_run", "failed"):
        said.append(f"{failed:,} without an answer")
    priced = all(engine["in_all"]["usd"] is not None for engine in engines)
    cost = (
        f"{usd(total('in_all', 'usd'))} ({usd(total('this_run', 'usd'))} now)" if priced else "no price in the config"
    )
    return ", ".join([*said, cost])
