"""The yield of pairs on a terminal, what was asked of models for it, and what will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from curation.errors import counted
from data_cards.yields import yields
from pipelines.forecast import Cost, Forecast
from pipelines.show_bulk import usd
from pipelines.show_joins import show_warnings


def show_yield(console: Console, report: Mapping[str, Any]) -> None:
    """Print what report.json tells of the stages; nothing where a run made no pairs."""
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
    if others := sum(sum(engine.get("others", {}).values()) for engine in engines):
        said.append(f"{others:,} answered by another model")
    priced = all(engine["in_all"]["usd"] is not None for engine in engines)
    lost = ", with what was lost of tries" if total("this_run", "retries") else ""
    cost = (
        f"{usd(total('in_all', 'usd'))} ({usd(total('this_run', 'usd'))} now{lost})"
        if priced
        else "no price in the config"
    )
    return ", ".join([*said, cost])


def show_forecast(console: Console, ahead: Forecast | None) -> None:
    """Print what pairs would ask of models."""
    if ahead is None:
        console.print("no model makes the pairs of this config: nothing is asked")
        return
    for line in forecast_lines(ahead):
        console.print(line, soft_wrap=True, markup=False)
    show_warnings(console, ahead.warnings)


def forecast_lines(ahead: Forecast) -> Iterator[str]:
    """What pairs would ask, in words."""
    if ahead.perhaps:
        yield (
            f"{counted(ahead.perhaps, 'papers')} with answers already are asked about again as far as their texts or verdicts come out otherwise"
        )
    if not any(cost.outlook.requests for cost in ahead.costs):
        yield (
            "beyond these nothing is to be asked"
            if ahead.perhaps
            else "nothing is to be asked: every stage is there, or no paper has a passage"
        )
        return
    by = "all of them" if ahead.looked_at >= ahead.papers else f"{ahead.looked_at:,} of them"
    yield (
        f"{counted(ahead.papers, 'papers')} are to be asked about; told by {by}, of which {ahead.documents:,} are released with "
        f"{counted(ahead.chunks, 'passages')}:"
    )
    for cost in ahead.costs:
        yield f"{cost.outlook.stage} asks {cost.outlook.model}: {_ahead([cost])}"
    yield f"all stages: {_ahead(ahead.costs)}; what the store has answered already costs nothing"


def _ahead(costs: Sequence[Cost]) -> str:
    def total(what: str) -> int:
        return sum(getattr(cost.outlook, what) for cost in costs)

    said = f"at most {total('requests'):,} requests of {total('prompt_tokens'):,} tokens, answers of about {total('about'):,} (at most {total('at_most'):,})"
    about, most = ([cost.usd for cost in costs], [cost.most_usd for cost in costs])
    if None in about or None in most:
        return f"{said}, no price in the config"
    return f"{said}, about {usd(sum(n for n in about if n))} (at most {usd(sum(n for n in most if n))})"
