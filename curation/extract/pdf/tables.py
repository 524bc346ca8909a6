"""Tables of a page: where they lie, by rules, captions and aligned cells."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from curation.extract.pdf.boxes import around, is_inside
from curation.extract.pdf.captions import label_of
from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.heading import REFERENCES
from curation.extract.pdf.mathematics import EQUATION_NUMBER
from curation.extract.pdf.page import Box, Line, Page
from curation.extract.pdf.style import Row, Style

THIN = 2.0
"""Points: rules of tables are 0.4 to 1.2 thick; a double one is two."""
MIN_WIDTH = 40.0
"""Points: of a table's rule from side to side."""
SAME_X = 5.0
"""Points by which the ends of rules of one table differ."""
EDGE = 3.0
"""Points by which a rule juts out of the figure or table that it belongs to."""
MAX_RUNNING = 0.15
"""Share of a table's rows that may be running text from side to side: heads and remarks across all columns."""
MAX_GAP_ROWS = 3.2
"""Leadings between two rows of a table without rules, or from its caption to it."""
MIN_STEPS = 0.6
"""Share of rows of two cells that begin with the number of a step."""
MIN_FULL = 0.6
"""Share of the rows of a table that have every cell: labels of a drawing have few, and fractions none."""
_STEP = re.compile(r"\s*\d{1,3}\s*[:.]\s*")


@dataclass(slots=True)
class Table:
    """A table of a page: its box and the lines inside, the heights of rules inside, how many are as wide as it is, and the heights
    of the shorter ones; `goes_on` when it is the rest of one on the page or in the column before.
    """

    box: Box
    lines: list[Line]
    rules: list[float] = field(default_factory=list)
    n_rules: int = 0
    goes_on: bool = False
    short: list[float] = field(default_factory=list)


def table_of(lines: list[Line], rules: Sequence[Box], *, goes_on: bool) -> Table:
    """A table by its cells, with the rules that lie among them."""
    box = around(line.box for line in lines)
    inside = [r[1] for r in rules if box[1] < r[1] < box[3] and r[0] < box[2] and box[0] < r[2]]
    return Table(box, lines, inside, goes_on=goes_on)


def rules_of(page: Page) -> list[Box]:
    """Horizontal rules of a page, pieces of one row put together, from top to bottom."""
    thin = sorted((b for b in page.paths if b[3] - b[1] < THIN and b[2] - b[0] > 3), key=lambda b: (round(b[1]), b[0]))
    made: list[Box] = []
    for box in thin:
        last = made[-1] if made else None
        if last is not None and abs(last[1] - box[1]) < 1.0 and box[0] - last[2] < 1.5:
            made[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            made.append(box)
    return [box for box in made if box[2] - box[0] > MIN_WIDTH]


def ruled_tables(page: Page, figures: Sequence[Box], style: Style, captions: Sequence[Line] = ()) -> list[Table]:
    """Tables between rules of equal width: two of them at least, cells between them, no running text.

    Args:
        captions: their lines: none stands inside of a table.
    """
    ends = {id(line) for line in captions}
    rules = [rule for rule in rules_of(page) if not any(is_inside(rule, figure, EDGE) for figure in figures)]
    groups: list[list[Box]] = []
    for rule in rules:
        for group in groups:
            if abs(group[0][0] - rule[0]) < SAME_X and abs(group[0][2] - rule[2]) < SAME_X:
                group.append(rule)
                break
        else:
            groups.append([rule])
    made: list[Table] = []
    for group in groups:
        made += _tables_between(group, rules, page, style, ends)
    return [t for t in made if not any(other is not t and is_inside(t.box, other.box, EDGE) for other in made)]


def _tables_between(
    group: Sequence[Box], rules: Sequence[Box], page: Page, style: Style, ends: Container[int]
) -> list[Table]:
    """Rules of one width may belong to several tables below each other: one ends where text follows it, or a caption."""
    made: list[Table] = []
    start = 0
    for n in range(1, len(group)):
        between = _lines_in(page.lines, (group[0][0], group[n - 1][3], group[0][2], group[n][1]))
        if between and (not _are_cells(between, group[0]) or any(_is_label(s) or id(s) in ends for s in between)):
            made += _table(group[start:n], rules, page, style)
            start = n
    return made + _table(group[start:], rules, page, style)


def _is_label(line: Line) -> bool:
    """Whether a line begins the caption of a table."""
    found = label_of(line.text)
    return found is not None and found[0] == "Table" and found[3]


def _table(group: Sequence[Box], rules: Sequence[Box], page: Page, style: Style) -> list[Table]:
    if len(group) < 2 or group[-1][1] - group[0][1] < style.size:
        return []
    box = (group[0][0], group[0][1], group[0][2], group[-1][3])
    lines = _lines_in(page.lines, box)
    if len(lines) < 2 or not _are_cells(lines, group[0], MAX_RUNNING):
        return []
    inner = sorted(
        (r[1], r[2] - r[0])
        for r in rules
        if box[1] + 1 < r[1] < box[3] - 1 and r[0] >= box[0] - SAME_X and r[2] <= box[2] + SAME_X
    )
    short = [y for y, width in inner if width < box[2] - box[0] - 2 * SAME_X]
    return [Table(box, lines, [y for y, _ in inner], len(group), short=short)]


def _lines_in(lines: Sequence[Line], box: Box) -> list[Line]:
    return [
        line
        for line in lines
        if line.angle == 0
        and box[1] < (line.y0 + line.y1) / 2 < box[3]
        and box[0] - SAME_X < (line.x0 + line.x1) / 2 < box[2] + SAME_X
    ]


def _are_cells(lines: Sequence[Line], rule: Box, share: float = 0.34) -> bool:
    """Whether lines between two rules are cells: most do not fill the width as running text does."""
    width = rule[2] - rule[0]
    running = [line for line in lines if line.x1 - line.x0 > 0.85 * width and len(line.text.split()) > 7]
    return len(running) <= max(1, share * len({round(line.y1) for line in lines}))


def table_beside(rows: Sequence[Row], start: float, style: Style, *, above: bool = False) -> list[Row]:
    """Rows with aligned cells that follow the height `start`, or stand above it; none when they are running text."""
    made: list[Row] = []
    steps: list[float] = []
    for row in sorted(rows, key=lambda row: row.baseline, reverse=above):
        step = (start if not made else made[-1].baseline) - row.baseline
        step = step if above else -step
        if step <= 0:
            continue
        limit = MAX_GAP_ROWS * style.leading if len(steps) < 2 else 2.2 * max(min(steps), 0.8 * style.leading)
        alone = len(row.lines) < 2 and row.words > 5 and not _is_next_line(row, rows)
        if step > limit or alone or REFERENCES.fullmatch(row.text) or _is_numbered(row):
            break
        if made:
            steps.append(step)
        made.append(row)
    while made and len(made[-1].lines) < 2:
        made.pop()
    found = made if sum(len(row.lines) > 1 for row in made) >= 2 else []
    return found[::-1] if above else found


def _is_numbered(row: Row) -> bool:
    """Whether a row ends at the right edge with the number of an equation."""
    last = row.lines[-1]
    return bool(EQUATION_NUMBER.fullmatch(last.text)) and last.x1 > row.frame.x1 - SAME_X


def _is_next_line(row: Row, rows: Sequence[Row]) -> bool:
    """Whether a row of one line is the next line of a cell that does not stand first in the row above."""
    before = [other for other in rows if other.baseline < row.baseline and len(other.lines) > 1]
    above = max(before, key=lambda other: other.baseline, default=None)
    return above is not None and any(abs(line.x0 - row.x0) < SAME_X / 2 for line in above.lines[1:])


def has_columns(table: Table) -> bool:
    """Whether what lies between rules is cut into columns: steps of an algorithm, with their numbers or without, are not."""
    rows = [
        [" ".join(line.text for line in cell) for cell in row if cell]
        for row in cells_of(table.lines, table.rules, table.short)
    ]
    cut = [row for row in rows if len(row) > 1]
    steps = [row for row in cut if len(row) == 2 and _STEP.fullmatch(row[0])]
    return bool(cut) and len(steps) < MIN_STEPS * len(cut)


def is_regular(table: Table) -> bool:
    """Whether most rows of what lies between rules have every cell."""
    rows = cells_of(table.lines, table.rules, table.short)
    full = [row for row in rows if len(row) > 1 and all(row)]
    return len(full) >= MIN_FULL * len(rows)


def has_names(table: Table) -> bool:
    """Whether half of the cells that head the rows or columns of a table have letters: numbers along the axes of a plot have none."""
    rows = [
        ["".join(line.text for line in cell) for cell in row] for row in cells_of(table.lines, table.rules, table.short)
    ]
    heads = [[text for text in texts if text] for texts in (rows[0], [row[0] for row in rows])] if rows else []
    return any(sum(any(map(str.isalpha, text)) for text in texts) >= max(1, len(texts) / 2) for texts in heads)


def pipe_rows(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as a pipe table; the first is its head. Empty rows and columns are left out."""
    width = max((len(row) for row in rows), default=0)
    full = [[*row, *[""] * (width - len(row))] for row in rows if any(cell.strip() for cell in row)]
    kept = [n for n in range(width) if any(row[n].strip() for row in full)]
    lines = ["| " + " | ".join(_escaped(row[n]) for n in kept) + " |" for row in full]
    return "\n".join([lines[0], "| " + " | ".join("---" for _ in kept) + " |", *lines[1:]]) if lines and kept else ""


def _escaped(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")
