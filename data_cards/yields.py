"""The yield of pairs that models write: of every stage from passages to pairs how many rows go on, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

TOLD = ("kept", "left")
"""What a stage with a yield tells: rows that go on, and by reason those that do not."""


class Yield(NamedTuple):
    """One row of the table: a stage, the rows that go on, and (reason, rows) of those that do not, the most first."""

    stage: str
    kept: int
    left: tuple[tuple[str, int], ...]


def yields(stages: Iterable[str], summaries: Mapping[str, Mapping[str, Any]]) -> list[Yield]:
    """The stages that tell what they kept, in the order of the data; none where a run made no pairs by a model.

    A stage that only tells what it leaves out (`pair_decisions`) keeps the rest of what the stage before it kept.

    Args:
        stages: of the run, in its order.
        summaries: of report.json.
    """
    rows: list[Yield] = []
    for stage in stages:
        told = summaries.get(stage, {})
        left, kept = told.get("left", {}), told.get("kept")
        if kept is None and rows and left:
            kept = rows[-1].kept - sum(left.values())
        if isinstance(kept, int):
            rows.append(Yield(stage, kept, tuple(sorted(left.items(), key=lambda item: (-item[1], item[0])))))
    return rows
