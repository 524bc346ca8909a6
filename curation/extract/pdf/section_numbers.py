"""Which numbers of headings are those of sections: they count on from the first one; `47 Tucanae` does not."""

from __future__ import annotations

from collections.abc import Sequence

MAX_FIRST, MAX_STEP = 3, 2
"""Of section numbers: the first that is found, and the step to the next one; headings between them may be missed."""


def counts_on(key: tuple[int, ...], others: Sequence[tuple[int, ...]]) -> bool:
    """Whether a number without a point is the first of a paper's sections, or others lead to it from there by one or two."""
    at = key[0]
    if len(key) > 1:
        return any(other[0] in (at, at - 1, at + 1) for other in others)
    if at <= 1 or any(other[0] == at and len(other) > 1 for other in others):
        return True
    firsts = {other[0] for other in others}
    if at <= MAX_FIRST:
        return any(abs(first - at) <= MAX_STEP for first in firsts)
    while at > MAX_FIRST:
        below = [first for first in firsts if 0 < at - first <= MAX_STEP]
        if not below:
            return False
        at = min(below)
    return True
