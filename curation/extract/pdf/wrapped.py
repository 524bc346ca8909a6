"""Captions of figures that text flows around: they stand in rows of that text."""

from __future__ import annotations

from collections.abc import Sequence

from curation.extract.pdf.captions import label_of
from curation.extract.pdf.columns import SAME_EDGE, Frame
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.page import Box, Line
from curation.extract.pdf.style import Row, Style

MAX_BELOW = 3.0
"""Leadings from a figure to its caption."""
MAX_STEP = 1.3
"""Leadings from one row of a caption to the next."""


def unwrapped(rows: Sequence[Row], figures: Sequence[Box], style: Style) -> list[Row]:
    """The rows of a page, those of a caption beside text parted from that: a figure stands above the caption and beside the text.

    Args:
        figures: boxes of figures, their labels inside.
    """
    made = list(rows)
    for row in rows:
        for line in row.lines if len(row.lines) > 1 else ():
            found = label_of(line.text)
            if found is None or not found[3] or not _is_below(line, row, figures, style):
                continue
            right = [other.x0 for other in row.lines if other.x0 > line.x1]
            frame = Frame(line.x0, row.frame.x1) if not right else Frame(row.frame.x0, min(right) - 1)
            made = _parted(made, row, frame, style)
            break
    return made


def _is_below(line: Line, row: Row, figures: Sequence[Box], style: Style) -> bool:
    """Whether a figure stands close above a line, and beside all other text of its row."""
    others = [other for other in row.lines if other is not line and words_of_text(other)]
    return bool(others) and any(
        -style.size < line.y0 - y1 < MAX_BELOW * style.leading
        and x0 < line.x1
        and line.x0 < x1
        and all(other.x1 < x0 + SAME_EDGE or other.x0 > x1 - SAME_EDGE for other in others)
        for x0, _, x1, y1 in figures
    )


def _parted(rows: Sequence[Row], first: Row, frame: Frame, style: Style) -> list[Row]:
    """Rows without what stands in a frame from the row `first` on, line by line, and that as rows of its own."""
    made: list[Row] = []
    caption: list[Row] = []
    for row in rows:
        own: list[Line] = []
        last = caption[-1].baseline if caption else first.baseline
        if row.frame == first.frame and 0 <= row.baseline - last < MAX_STEP * style.leading:
            own = [line for line in row.lines if frame.holds(line, SAME_EDGE)]
        if not own:
            made.append(row)
            continue
        caption.append(Row(own, row.baseline, frame))
        if rest := [line for line in row.lines if not any(line is one for one in own)]:
            made.append(Row(rest, row.baseline, row.frame))
    return made + caption
