"""Tables that go on: below their last rule, and on the next page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from curation.extract.pdf.captions import label_of
from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.heading import SECTION_NAMES
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.page import Line, rows_of_lines
from curation.extract.pdf.style import Style
from curation.extract.pdf.tables import MAX_GAP_ROWS, SAME_X, Table

ONE_ROW = 0.5
"""Sizes between baselines of one row."""
MAX_STEP = 1.8
"""Leadings from a rule to the row below it, and usual steps from row to row."""
MAX_HEAD = 4
"""Rows between two rules that may be the head of a table that has no rule at its foot."""
MAX_HEADINGS = 2
"""Rows of one cell that follow each other inside of a table: its parts have headings."""
MIN_ROWS = 2
"""Rows without a rule at the top of a page that go on with a table."""
MAX_WORDS = 5
"""Words of a row of one cell; past it it is running text."""
MIN_OVERLAP = 2.0
"""Points by which a cell lies in a column."""
MAX_MIRRORED = 30.0
"""Points between the margins of odd and even pages."""
NEXT_PAGE = re.compile(
    r"\W*(?:(?:this )?table(?: [\w.]+)?\W*)?(?:to be )?continue[sd]?\W*(?:on|to)(?: the)? (?:next|following) page\W*",
    re.IGNORECASE,
)
"""What stands below the first part of a table and in it nowhere else."""
Extent = tuple[float, float]


def reach_down(table: Table, lines: Sequence[Line], style: Style) -> None:
    """Take the rows below the last rule of a table whose head alone stands between rules, or that the end of the page cuts off.

    Args:
        lines: of the page, those that belong to no caption and no other table.
    """
    heights = [y for y in table.rules if table.box[1] + 3 < y < table.box[3] - 3]
    is_head = not heights and len(rows_of_lines(table.lines, ONE_ROW)) <= MAX_HEAD
    found = _rows_below(table, lines, table.box[3], style, [] if is_head else columns_of(table))
    if not found or not (is_head or _ends_page(lines, table, found)):
        return
    table.rules = sorted([*table.rules, table.box[3]])
    table.lines = [*table.lines, *found]
    table.box = (*table.box[:3], max(line.y1 for line in found))


def rows_on_top(before: Table, lines: Sequence[Line], captions: Sequence[Line], style: Style) -> list[Line]:
    """The lines at the top of a page that go on with the table that the page before it ends with.

    Args:
        lines: of the page, those that belong to no region yet.
        captions: the lines of its captions: what stands below or above one belongs to another table.
    """
    top = min((line.baseline for line in _beside(before, [*lines, *captions])), default=0.0)
    if any(line.baseline <= top for line in captions):
        return []
    found = _rows_below(before, lines, top - style.leading, style, columns_of(before))
    end = max((line.baseline for line in found), default=0.0)
    if any(0 < line.baseline - end < MAX_GAP_ROWS * style.leading for line in captions):
        return []
    return found if len(rows_of_lines(found, ONE_ROW)) >= MIN_ROWS else []


def is_open(table: Table, lines: Sequence[Line]) -> bool:
    """Whether nothing stands below a table: it may go on."""
    return not any(line.baseline > table.box[3] for line in _beside(table, lines))


def goes_on_with(table: Table, before: Table, lines: Sequence[Line], *, same_page: bool) -> bool:
    """Whether a table is the rest of the one that the page before ends with: as wide, with nothing above it, or with its head; or
    that of the one at the end of the column before, with its head.
    """
    if same_page and (table.box[0] < before.box[2] or table.box[1] > before.box[1] or not is_open(before, lines)):
        return False
    if _head(table) == _head(before) and _is_row(rows_of_lines(table.lines, ONE_ROW)[0], []):
        return True
    if same_page:
        return False
    wide = abs((table.box[2] - table.box[0]) - (before.box[2] - before.box[0]))
    inside = {id(line) for line in table.lines}
    above = (line for line in _beside(table, lines) if id(line) not in inside and line.baseline < table.box[3])
    return wide < SAME_X and abs(table.box[0] - before.box[0]) < MAX_MIRRORED and not any(above)


def join(table: Table, more: Table, shift: float) -> bool:
    """Put the rows of a table's next part below its own, without the head that they repeat. False when the columns of both are
    not the same, and they have no head in common.

    Args:
        shift: points by which the columns of the page stand farther right than those of the page of the first part.
    """
    width = _n_columns(table.lines, table.rules, table.short)
    whole = rows_of_lines(more.lines, ONE_ROW)
    rows = _without_head(whole, rows_of_lines(table.lines, ONE_ROW))
    if not rows:
        return True
    top = min(line.baseline for line in rows[0])
    down = table.box[3] + (rows[0][0].y1 - rows[0][0].y0) - top
    rules = [*table.rules, *(y + down for y in more.rules if y > top)]
    short = [*table.short, *(y + down for y in more.short if y > top)]
    for dx in dict.fromkeys((0.0, shift, more.box[0] - table.box[0])):
        lines = [*table.lines, *(_moved(line, -dx, down) for row in rows for line in row)]
        if _n_columns(lines, rules, short) == width:
            break
    else:
        if len(rows) == len(whole):
            return False
    table.lines, table.rules, table.short = lines, rules, short
    table.box = (*table.box[:3], max(line.y1 for line in lines))
    return True


def columns_of(table: Table) -> list[Extent]:
    """From where to where the columns of a table reach, by its rows with most cells."""
    rows = cells_of(table.lines, table.rules, table.short)
    most = max((sum(map(bool, row)) for row in rows), default=0)
    full = [row for row in rows if sum(map(bool, row)) == most]
    columns = zip(*full, strict=True) if full else ()
    cells = [[line for cell in column for line in cell] for column in columns]
    return [(min(line.x0 for line in lines), max(line.x1 for line in lines)) for lines in cells if lines]


def _n_columns(lines: Sequence[Line], rules: Sequence[float], short: Sequence[float]) -> int:
    rows = cells_of(lines, rules, short)
    return sum(any(row[n] for row in rows) for n in range(len(rows[0]))) if rows else 0


def _head(table: Table) -> list[str]:
    """The words of a table's first row."""
    rows = rows_of_lines(table.lines, ONE_ROW)
    return [word for line in sorted(rows[0], key=lambda line: line.x0) for word in line.text.split()] if rows else []


def _beside(table: Table, lines: Sequence[Line]) -> list[Line]:
    """Lines whose middle stands above or below a table."""
    x0, _, x1, _ = table.box
    return [line for line in lines if line.angle == 0 and x0 - SAME_X < (line.x0 + line.x1) / 2 < x1 + SAME_X]


def _rows_below(
    table: Table, lines: Sequence[Line], start: float, style: Style, columns: Sequence[Extent]
) -> list[Line]:
    """Lines of the rows that follow a height: of two cells at least, each in one of the columns, where these are known, and down to
    the next caption or the name of a section.
    """
    made: list[Line] = []
    waiting: list[list[Line]] = []
    steps: list[float] = []
    last = start
    for row in rows_of_lines([line for line in _beside(table, lines) if line.baseline > start], ONE_ROW):
        step = row[0].baseline - last
        usual = median(steps) if len(steps) > 1 else style.leading
        if step > MAX_STEP * usual or any(_is_label(line) or _is_heading(line) for line in row):
            break
        if _is_row(row, columns):
            made += [line for other in (*waiting, row) for line in other]
            waiting = []
        elif len(waiting) == MAX_HEADINGS or sum(len(words_of_text(line)) for line in row) > MAX_WORDS:
            break
        else:
            waiting.append(row)
        if last != start:
            steps.append(step)
        last = row[0].baseline
    return made


def _is_label(line: Line) -> bool:
    found = label_of(line.text)
    return found is not None and found[3]


def _is_heading(line: Line) -> bool:
    """Whether a line is what a section of a paper is called: no table goes on across it."""
    return SECTION_NAMES.fullmatch(line.text.strip(" .:")) is not None


def _is_row(row: Sequence[Line], columns: Sequence[Extent]) -> bool:
    cells = [cell for found in cells_of(row, []) for cell in found if cell]
    if len(cells) < 2 or not columns:
        return len(cells) > 1
    inside = [_overlapped(min(s.x0 for s in cell), max(s.x1 for s in cell), columns) for cell in cells]
    return max(inside) < 2 and sum(inside) > 1


def _overlapped(x0: float, x1: float, columns: Sequence[Extent]) -> int:
    return sum(min(x1, right) - max(x0, left) > min(MIN_OVERLAP, x1 - x0 - 0.1) for left, right in columns)


def _ends_page(lines: Sequence[Line], table: Table, found: Sequence[Line]) -> bool:
    last = max(line.baseline for line in found)
    return not any(line.baseline > last + ONE_ROW * line.size for line in _beside(table, lines))


def _without_head(rows: list[list[Line]], before: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Rows from the first one on that says anything that the same row of the part before does not say."""
    n = 0
    while n < min(len(rows), len(before), MAX_HEAD):
        said = {line.text.strip() for row in before[:MAX_HEAD] for line in row}
        if any(line.text.strip() not in said for line in rows[n]):
            break
        n += 1
    return rows[n:]


def _moved(line: Line, dx: float, dy: float) -> Line:
    return Line(
        [
            replace(s, x0=s.x0 + dx, x1=s.x1 + dx, y0=s.y0 + dy, y1=s.y1 + dy, baseline=s.baseline + dy)
            for s in line.spans
        ],
        line.angle,
    )
