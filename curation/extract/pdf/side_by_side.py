"""Tables that stand side by side below one caption, with no rule across both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.page import Box, Line
from curation.extract.pdf.tables import Table, table_of

MIN_WIDER = 1.6
"""How much wider the blank between two tables is than any between the columns of them, at its narrowest: TeX sets the columns of one
table equally far apart."""
MIN_COLUMNS = 2
"""Of each of the two."""
MIN_NAMES = 0.6
"""Share of rows in which the first cell is no number, from which a column may name the rows of its table."""
SAME_EDGE = 1.0
"""Points by which cells or a rule may miss the edge of their table."""
_NUMBER = re.compile(r"[^\w]*\d[^A-Za-z]*")
Cells = Sequence[Sequence[Sequence[Line]]]


def parted(table: Table, rules: Sequence[Box]) -> list[Table]:
    """A table found by its cells as the two that stand side by side, or as it is.

    Two have a blank between them that is wider than any between their columns, in all rows and across no rule. The second begins
    anew: its rows have names as those of the first have, or the heads are the same, or each has its own rules.

    Args:
        rules: of the page.
    """
    cells = cells_of(table.lines, table.rules, table.short)
    extents = _extents(cells)
    gaps = sorted(((right[0] - left[1], n) for n, (left, right) in enumerate(pairwise(extents), 1)), reverse=True)
    if len(gaps) < 2 * MIN_COLUMNS - 1 or gaps[0][0] < MIN_WIDER * gaps[1][0]:
        return [table]
    n = gaps[0][1]
    if not MIN_COLUMNS <= n <= len(extents) - MIN_COLUMNS:
        return [table]
    left, right = extents[n - 1][1], extents[n][0]
    if any(line.x0 < right - SAME_EDGE and line.x1 > left + SAME_EDGE for line in table.lines):
        return [table]
    own = [rule for rule in rules if table.box[1] < rule[1] < table.box[3] and _meets(rule, table.box)]
    if any(rule[0] < left and rule[2] > right for rule in own):
        return [table]
    sides = ((extents[0][0], left), (right, extents[-1][1]))
    if own:
        begins = all(any(_spans(rule, side) for rule in own) for side in sides)
    else:
        begins = _have_names(cells, n) or _text(cells[0][:n]) == _text(cells[0][n:])
    if not begins:
        return [table]
    return [
        table_of([line for line in table.lines if (line.x0 < right) == is_first], own, goes_on=table.goes_on)
        for is_first in (True, False)
    ]


def _extents(cells: Cells) -> list[tuple[float, float]]:
    """From where to where each column reaches; none where one is empty."""
    columns = [[line for cell in column for line in cell] for column in zip(*cells, strict=True)]
    return [(min(line.x0 for line in c), max(line.x1 for line in c)) for c in columns] if all(columns) else []


def _meets(rule: Box, box: Box) -> bool:
    return rule[0] < box[2] and box[0] < rule[2]


def _spans(rule: Box, side: tuple[float, float]) -> bool:
    return rule[0] < side[0] + SAME_EDGE and rule[2] > side[1] - SAME_EDGE


def _have_names(cells: Cells, n: int) -> bool:
    """Whether both tables begin with a column of names."""
    body = cells[1:]
    return all(sum(not _NUMBER.fullmatch(_text([row[k]])) for row in body) >= MIN_NAMES * len(body) for k in (0, n))


def _text(cells: Sequence[Sequence[Line]]) -> str:
    return " ".join(line.text.strip() for cell in cells for line in cell)
