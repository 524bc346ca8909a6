"""The options of a reader, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from curation.errors import UserError
from curation.streaming.state import MAX_SEED

COLUMNS = {"documents": ("id", "text"), "pairs": ("pair_id", "messages")}
"""The columns of a sample by kind, where none are named."""
Verify = Literal["size", "sha256"]


def checked_columns(columns: Sequence[str] | None, kind: str) -> tuple[str, ...]:
    """The columns that are asked for, by default COLUMNS of the kind.

    Raises:
        UserError: there are none, or one stands twice.
    """
    if columns is None:
        columns = COLUMNS.get(kind, ())
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not names:
        raise UserError(f'no columns are asked for: name at least one, as columns=["text"] (kind {kind})')
    if doubled := {c for c in names if names.count(c) > 1}:
        raise UserError(f"column {', '.join(sorted(doubled))} is asked for twice; name it once")
    return names


def check_options(
    rank: int, size: int, seed: int | None, lanes: int | None, verify: str, prefetch: int, max_bytes: int
) -> None:
    """
    Raises:
        UserError: one of them cannot be meant.
    """
    if not 0 <= rank < size:
        raise UserError(f"dp_rank {rank} of {size}: ranks count from 0 to dp_size - 1")
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise UserError(f"seed {seed}: 0 to {MAX_SEED}")
    if lanes is not None and lanes < 1:
        raise UserError(f"lanes {lanes}: 1 at least")
    if verify not in get_args(Verify):
        raise UserError(f"verify {verify!r}: one of {', '.join(get_args(Verify))}")
    if prefetch < 0 or max_bytes < 1:
        raise UserError(f"prefetch {prefetch}, max_bytes {max_bytes}: not below 0, and 1 byte at least")
