"""Sums of what the parts of a table tell of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.errors import ContractError


def added(total: Mapping[str, Any], more: Mapping[str, Any], step: str) -> dict[str, Any]:
    """Two summaries of a step as one: numbers are added, mappings by key, equal values stay.

    Raises:
        ContractError: other values differ.
    """
    made = dict(total)
    for key, value in more.items():
        if key not in made:
            made[key] = value
        elif isinstance(value, Mapping) and isinstance(made[key], Mapping):
            made[key] = added(made[key], value, step)
        elif _is_number(value) and _is_number(made[key]):
            made[key] += value
        elif made[key] != value:
            raise ContractError(
                f"step {step}: the summaries of its parts differ in {key!r}, which is no number; give the step a fold"
            )
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
