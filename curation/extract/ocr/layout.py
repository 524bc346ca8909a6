"""Recognised lines to text in reading order: columns, rows, paragraphs.

Engines return lines from the top of the page to its bottom, which interleaves columns: character error rate .715 on a
two-column page where the order below gives about .02 (tests/benchmarks/ocr.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

MIN_COLUMN_LINES = 5
"""Wide lines that each side of a gutter must have."""
MIN_COLUMN_WIDTH = 0.25
"""Width from which a line counts for a column, as a share of the text's width: the cells of a table, the parts of an
equation and the labels of a figure are narrower."""
MIN_ROWS = 8
"""Rows of a page from which the outermost ones may be its head and foot."""
_GUTTERS = [0.30 + 0.01 * i for i in range(41)]
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")


@dataclass(frozen=True)
class Line:
    """One recognised line, its box in pixels, and how sure the engine is of it, 0 to 1."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    sure: float = 1.0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


def page_text(lines: Sequence[Line]) -> str:
    """The text of a page: paragraphs separated by a blank line, words broken at a line end joined."""
    return "\n\n".join(p for block in reading_order(lines) for p in paragraphs(block))


def reading_order(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines as blocks in reading order; inside a block, lines follow one another.

    Where the page has two columns, each line that crosses the gutter (title, abstract, wide figure) ends what is above
    it: left column, right column, then the crossing lines.
    """
    head, lines, foot = _apart(lines)
    return [*([head] if head else []), *_columns(lines), *([foot] if foot else [])]


def _apart(lines: Sequence[Line]) -> tuple[list[Line], Sequence[Line], list[Line]]:
    """The row at the top of a page and that at its bottom where a gap parts them from the others: they name the page, and stand
    over no column; and the lines between.
    """
    rows = _by_rows(lines)
    head: list[Line] = []
    foot: list[Line] = []
    if len(rows) >= MIN_ROWS and _is_apart(rows[0], rows[1]):
        head = rows.pop(0)
    if len(rows) >= MIN_ROWS and _is_apart(rows[-2], rows[-1]):
        foot = rows.pop()
    outer = {id(line) for line in (*head, *foot)}
    return head, [line for line in lines if id(line) not in outer], foot


def _is_apart(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """Whether the gap between two rows is as high as the lower one of them."""
    gap = min(line.y0 for line in below) - max(line.y1 for line in above)
    return gap > min(max(line.height for line in row) for row in (above, below))


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines between head and foot as blocks in reading order."""
    gutter = find_gutter(lines)
    if gutter is None:
        return [_rows(lines)] if lines else []
    crossing = [line for line in lines if line.x0 < gutter < line.x1]
    left = [line for line in lines if line.x1 <= gutter]
    right = [line for line in lines if line.x0 >= gutter]
    blocks: list[list[Line]] = []
    top = float("-inf")
    for wide in [*sorted(crossing, key=lambda line: line.middle), None]:
        bottom = wide.middle if wide else float("inf")
        sides = [[line for line in side if top <= line.middle < bottom] for side in (left, right)]
        blocks += [_rows(side) for side in sides if side]
        if wide:
            if any(sides) or not blocks:
                blocks.append([])
            blocks[-1].append(wide)
        top = bottom
    return blocks


def find_gutter(lines: Sequence[Line]) -> float | None:
    """The x between two columns, None for one column.

    It is the place in the middle 40 % of the text's width that the fewest lines cross (the middle one of equals), if
    on both sides stand at least MIN_COLUMN_LINES lines of MIN_COLUMN_WIDTH. Where the engine read across the gutter
    (line numbers can fill it), the lines are no longer apart and their order stays mixed.
    """
    if not lines:
        return None
    start, end = min(line.x0 for line in lines), max(line.x1 for line in lines)
    places = [start + share * (end - start) for share in _GUTTERS]
    crossings = [sum(line.x0 < x < line.x1 for line in lines) for x in places]
    best = [x for x, n in zip(places, crossings, strict=True) if n == min(crossings)]
    gutter = best[len(best) // 2]
    wide = [line for line in lines if line.x1 - line.x0 >= MIN_COLUMN_WIDTH * (end - start)]
    sides = (sum(line.x1 <= gutter for line in wide), sum(line.x0 >= gutter for line in wide))
    return gutter if min(sides) >= MIN_COLUMN_LINES else None


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Lines of one column from top to bottom; pieces of one row from left to right."""
    return [line for row in _by_rows(lines) for line in row]


def _by_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines by rows, from top to bottom: pieces of one, whose middles differ by less than half a line, from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle, line.x0)):
        if rows and line.middle - rows[-1][0].middle < 0.5 * min(line.height, rows[-1][0].height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def paragraphs(block: Sequence[Line]) -> list[str]:
    """The paragraphs of a block: a new one where the gap above is more than half a line wider than usual, or at an
    indented line after one that is not."""
    if not block:
        return []
    height = median(line.height for line in block)
    pitch = median([b.y0 - a.y0 for a, b in pairwise(block) if b.y0 > a.y0 + height / 2] or [0.0])
    edge = median(line.x0 for line in block)
    found = [block[0].text]
    for above, line in pairwise(block):
        gap = line.y0 - above.y0 > pitch + height / 2
        indented = height / 2 < line.x0 - edge < 4 * height and abs(above.x0 - edge) < height / 2
        if gap or (indented and line.y0 > above.y0 + height / 2):
            found.append(line.text)
        else:
            found[-1] = join(found[-1], line.text)
    return found


def join(text: str, line: str) -> str:
    """A line appended: a hyphen at a line end before a lower-case letter goes."""
    if line[:1].islower() and _HYPHEN.search(text):
        return text[:-1] + line
    return f"{text} {line}"
