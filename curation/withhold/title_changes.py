"""What makes one title of another: letters replaced, inserted, deleted, and swapped with the next one, as few as there can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Change = tuple[str, int, int]
"""What is done with a letter (replace, insert, delete, swap), and where in the one and the other title."""


def changes_with_swaps(one: str, other: str, most: int) -> list[Change]:
    """The fewest changes by which `one` becomes `other`, in order (optimal string alignment).

    Args:
        most: no fewer than there are.
    """
    far = len(one) + len(other)
    rows: list[dict[int, int]] = []
    for i in range(len(one) + 1):
        row: dict[int, int] = {}
        above, twice = (rows[i - 1] if i else {}), (rows[i - 2] if i > 1 else {})
        for j in range(max(0, i - most), min(len(other), i + most) + 1):
            cost = 0 if i == j == 0 else far
            if i and j:
                cost = above.get(j - 1, far) + (one[i - 1] != other[j - 1])
                if i > 1 and j > 1 and _are_swapped(one, other, i, j):
                    cost = min(cost, twice.get(j - 2, far) + 1)
            row[j] = min(cost, above.get(j, far) + 1, row.get(j - 1, far) + 1)
        rows.append(row)
    return list(_traced(one, other, rows))[::-1]


def _traced(one: str, other: str, rows: Sequence[dict[int, int]]) -> Iterator[Change]:
    """The changes of the shortest way through the table of costs, the last first."""
    i, j = len(one), len(other)
    while i or j:
        cost = rows[i][j]
        if i and j and one[i - 1] == other[j - 1] and rows[i - 1].get(j - 1) == cost:
            i, j = i - 1, j - 1
        elif i > 1 and j > 1 and _are_swapped(one, other, i, j) and rows[i - 2].get(j - 2) == cost - 1:
            i, j = i - 2, j - 2
            yield "swap", i, j
        elif i and j and rows[i - 1].get(j - 1) == cost - 1:
            i, j = i - 1, j - 1
            yield "replace", i, j
        elif i and rows[i - 1].get(j) == cost - 1:
            i -= 1
            yield "delete", i, j
        else:
            j -= 1
            yield "insert", i, j


def _are_swapped(one: str, other: str, i: int, j: int) -> bool:
    return one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]


def as_replaced(changes: Sequence[Change]) -> Iterator[Change]:
    """Changes, of a swap both letters as replaced ones."""
    for tag, i, j in changes:
        if tag == "swap":
            yield "replace", i, j
            yield "replace", i + 1, j + 1
        else:
            yield tag, i, j
