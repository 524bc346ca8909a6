"""The yield of pairs: of every stage that leads to them how many rows go on, why the others do not, and what was asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

TOLD = ("kept", "left", "tiers")
"""What a stage with a yield tells: rows that go on, by reason those that do not, and the same of tiers that leave out more."""


class Asked(NamedTuple):
    """What the replies of a stage took, whichever run paid for them: their model, their number, and their tokens."""

    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int


class Yield(NamedTuple):
    """One row of the table: a stage, the rows that go on, (reason, rows) of those that do not, the most first, and what was asked."""

    stage: str
    kept: int
    left: tuple[tuple[str, int], ...]
    asked: Asked | None = None


def yields(
    stages: Iterable[str], summaries: Mapping[str, Mapping[str, Any]], engines: Mapping[str, Mapping[str, Any]]
) -> list[Yield]:
    """The stages that tell what they kept, in the order of the data; none where a run made no pairs. By rule there is one stage.

    A stage that only tells what it leaves out (`pair_decisions`) keeps the rest of what the stage before it kept. What a tier leaves out
    beside that is a row of its own.

    Args:
        stages: of the run, in its order.
        summaries: of report.json.
        engines: stage -> what report.json says of its engine.
    """
    rows: list[Yield] = []
    before: int | None = None
    for stage in stages:
        told = summaries.get(stage, {})
        left, kept = told.get("left", {}), told.get("kept")
        if kept is None and before is not None and "left" in told:
            kept = before - sum(left.values())
        if isinstance(kept, int):
            rows.append(Yield(stage, kept, _most_first(left), _asked(engines.get(stage))))
            before = kept
            rows += [
                Yield(f"{stage}, tier {tier}", mine["kept"], _most_first(mine["left"]))
                for tier, mine in told.get("tiers", {}).items()
            ]
    return rows


def _most_first(left: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(left.items(), key=lambda item: (-item[1], item[0])))


def _asked(engine: Mapping[str, Any] | None) -> Asked | None:
    if engine is None:
        return None
    licences = engine.get("other_licences", {})
    others = "".join(
        f"; answered by {name} ({licences.get(name) or 'licence not named'}): {count:,}"
        for name, count in _most_first(engine.get("others", {}))
    )
    return Asked(engine["model"] + others, *(engine["in_all"][name] for name in Asked._fields[1:]))
