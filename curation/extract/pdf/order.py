"""In what order the lines of a page are read.

A file of TeX draws its text in reading order, and nothing tells columns, notes and floats as well as it. Other programs draw
row by row across columns, the right column first, or boxes in the order in which somebody made them: there the boxes decide.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from curation.extract.pdf.page import Line, Page, rows_of_lines

TEXT_LINE = 20
"""Characters of a line of running text; labels of figures and cells of tables, drawn in any order, are shorter."""
MIN_COLUMN = 6
"""Lines of running text that make a column."""
MAX_CROSSING = 0.45
"""Share of the lines of running text that may cross the gutter: a title page has its abstract above two columns."""
EDGE = 0.15
"""Share of the width of all text that a column has at least."""
MAX_RETURNS = 0.1
"""From the right column to the left one, a line: where figures and headings cross the page there are a few."""
MIN_GUTTER = 6.0
"""Points."""
OTHER_SIZE = 0.06
"""Between the sizes of running text and of captions, notes and labels, in sizes of the text."""
MAX_BESIDE = 0.08
"""Share of the lines that stand beside the one before when the boxes' order is right: pieces of a line."""
MAX_INVERTED = 0.05
"""Share of all pairs of lines that the file may have the other way round than their boxes."""


def set_order(page: Page) -> None:
    """Put the lines of a page in reading order where the file's is none."""
    text = _running_text(page)
    if len(text) < 2 or _runs_down(text) or not _goes_back(text):
        return
    read = _read(text, 0)
    beside = sum(b.x0 >= a.x1 and abs(a.baseline - b.baseline) < 0.4 * a.size for a, b in pairwise(read))
    if beside > MAX_BESIDE * len(read):  # columns that no gutter parts
        return
    rank = {id(line): n for n, line in enumerate(read)}
    if _inversions([rank[id(line)] for line in text]) > MAX_INVERTED * len(text) * (len(text) - 1) / 2:
        page.lines = _read(page.lines, 0)


def _running_text(page: Page) -> list[Line]:
    """Long lines in the size of most of them."""
    long = [line for line in page.lines if len(line.text) >= TEXT_LINE]
    sizes: Counter[float] = Counter()
    for line in long:
        sizes[round(line.size, 1)] += len(line.text)
    main = sizes.most_common(1)[0][0] if sizes else 0.0
    return [line for line in long if abs(line.size - main) < OTHER_SIZE * main]


def _runs_down(lines: Sequence[Line]) -> bool:
    """True when every line stands below the one before it, or begins the next column to the right."""
    for before, line in pairwise(lines):
        step = line.baseline - before.baseline
        if step < 0.5 * line.size and (line.x0 < before.x1 or step > -0.5 * line.size):
            return False
    return True


def _goes_back(lines: Sequence[Line]) -> bool:
    """Whether the file goes upwards inside of a column, to the left above what it has drawn, or to and fro between columns."""
    gutter = _gutter(lines)
    low = float("-inf")  # of the right column
    returns = 0
    for before, line in pairwise(lines):
        if gutter is None:
            if line.baseline < before.baseline - line.size:
                return True
            continue
        was, now = _side(before, gutter), _side(line, gutter)
        low = max(low, before.baseline) if was > 0 else low
        if now <= 0 and line.baseline < low - 0.5 * line.size:
            return True
        if was == now and line.baseline < before.baseline - line.size:
            return True
        returns += was > 0 and now < 0
    return returns > MAX_RETURNS * len(lines)


def _side(line: Line, gutter: float) -> int:
    return -1 if line.x1 <= gutter else 1 if line.x0 >= gutter else 0


def _inversions(ranks: Sequence[int]) -> int:
    seen: list[int] = []
    count = 0
    for rank in ranks:
        count += len(seen) - bisect_left(seen, rank)
        insort(seen, rank)
    return count


def _read(lines: Sequence[Line], depth: int) -> list[Line]:
    """Lines from top to bottom; between two that cross a gutter, the left column before the right one."""
    gutter = _gutter(lines) if depth < 3 else None
    if gutter is None:
        return _rows(lines)
    wide = [line for line in lines if line.x0 < gutter < line.x1]
    heights = sorted(line.baseline for line in wide)
    bands: list[tuple[list[Line], list[Line], list[Line]]] = [([], [], []) for _ in range(len(heights) + 1)]
    for line in lines:
        band = bisect_left(heights, line.baseline)
        if line.x0 < gutter < line.x1:
            bands[band][2].append(line)
        else:
            bands[band][0 if line.x1 <= gutter else 1].append(line)
    made: list[Line] = []
    for left, right, crossing in bands:
        made += _read(left, depth + 1) + _read(right, depth + 1) + _rows(crossing)
    return made


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Lines from top to bottom, those of one row from left to right."""
    return [line for row in rows_of_lines(lines, 0.4) for line in sorted(row, key=lambda line: line.x0)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """x of a blank strip between two columns of running text, the widest of those that fewest lines cross."""
    text = [line for line in lines if len(line.text) >= TEXT_LINE]
    if len(text) < 2 * MIN_COLUMN:
        return None
    left, right = min(line.x0 for line in text), max(line.x1 for line in text)
    edges = sorted([(line.x0, 1) for line in text] + [(line.x1, -1) for line in text])
    best: tuple[float, float, float] | None = None
    depth = 0
    for (x, change), (following, _) in pairwise(edges):
        depth += change
        if following - x < MIN_GUTTER or depth > MAX_CROSSING * len(text):
            continue
        middle = (x + following) / 2
        if not left + EDGE * (right - left) < middle < right - EDGE * (right - left):
            continue
        if best is None or (depth, x - following) < (best[0], -best[1]):
            best = (depth, following - x, middle)
    if best is None:
        return None
    x = best[2]
    columns = [line for line in text if line.x1 <= x], [line for line in text if line.x0 >= x]
    if min(map(len, columns)) < MIN_COLUMN:
        return None
    tops = [min(line.y0 for line in column) for column in columns]
    ends = [max(line.y1 for line in column) for column in columns]
    return x if min(ends) > max(tops) else None
