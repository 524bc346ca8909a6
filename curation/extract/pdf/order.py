"""In what order the lines of a page are read, and which of them stand together."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from curation.extract.pdf.page import Line, Page

MAX_LEADING = 1.5
"""Between baselines of lines that stand together, in sizes: text is set at 1.1 to 1.4. Double spacing is told by the page."""
MORE_LEADING = 1.15
"""Times the page's own leading: space between paragraphs, around headings and displays is larger."""

OTHER_SIZE = 0.6
"""Points between the sizes of a heading, a note or a caption and of the text beside it."""


def set_blocks(page: Page) -> None:
    """Number the stretches of lines that stand close below each other, or on one row, and overlap in width."""
    steps = [b.baseline - a.baseline for a, b in pairwise(page.lines) if _overlap(a, b) and b.baseline > a.baseline]
    leading = median(steps) if steps else 0.0
    block = 0
    for before, line in pairwise(page.lines):
        block += not _stands_below(before, line, leading)
        line.block = block


def _stands_below(before: Line, line: Line, leading: float) -> bool:
    size = max(before.size, line.size)
    step = line.baseline - before.baseline
    if abs(step) < 0.7 * size:
        return True
    if abs(before.size - line.size) > OTHER_SIZE or before.bold != line.bold:
        return False
    return 0 < step <= max(MAX_LEADING * size, MORE_LEADING * min(leading, 3 * size)) and _overlap(before, line)


def _overlap(a: Line, b: Line) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0)
