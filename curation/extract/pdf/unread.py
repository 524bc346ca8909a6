"""Print on a scan that its text layer leaves out: rows of ink where no word of the layer lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from curation.extract.pdf.page import Line, Page
from curation.extract.pdf.scans import is_covered
from curation.extract.pdf.visible import Drawing

STRIP = 36
"""Points of a strip of the page: in one so narrow a scan that hangs by two degrees still has its rows apart."""
INNER = 0.12
"""Share of a page at each edge that may be margin."""
MIN_OPEN = 50.0
"""Points without a word of the layer, one below the other, from which a strip is looked at: more than space around a heading."""
MIN_OPEN_STRIPS = 2
ROW_PT = (3, 16)
"""Height of the ink of a row of print, from 6 to 14 points."""
PITCH = (7.0, 32.0)
"""Points from row to row."""
MAX_PITCH_CHANGE = 0.3
MIN_ROWS = 4
"""At an even pitch, from which they are print: a figure has a tick or two below another, a halftone no blanks."""
MIN_UNREAD = 30
"""Rows in strips that are left out, some four lines over a page or eight in a column."""
MIN_SHARE = 0.12
"""Of all rows in strips. Less is the caption of a plate, a table's cells or the label of a figure."""
INK = 32
"""Of 255, darker than the paper around it."""
FADED = 0.3
"""Of the ink of full rows in a strip: between two rows only descenders stand."""
SLACK = 3.0
"""Points by which an earlier OCR sets its words too high or too low."""
WIDER = 0.08
"""Of the length of a line of the layer, by which what it stands for may be longer: the font is another one."""


def leaves_rows_unread(page: Page, draw: Callable[[], Drawing | None]) -> bool:
    """Whether a scan shows rows of print, even ones below each other, where its text layer has nothing.

    Args:
        page: as the file says it, not turned; a page that is no scan or has no upright layer is not drawn.
        draw: draws all of it.
    """
    if not is_covered(page) or not page.lines or any(line.angle for line in page.lines):
        return False
    strips = [(x, [line for line in page.lines if _is_over(line, x)]) for x in range(0, int(page.width), STRIP)]
    inner = [
        _open_run(lines, page) >= MIN_OPEN
        for x, lines in strips
        if INNER * page.width <= x and x + STRIP <= (1 - INNER) * page.width
    ]
    if sum(inner) < MIN_OPEN_STRIPS or (drawing := draw()) is None:
        return False
    n_read = n_unread = 0
    for x, lines in strips:
        for top, end in _rows(drawing.strip(x, x + STRIP)):
            middle = (top + end) / 2
            if any(line.y0 - SLACK <= middle <= line.y1 + SLACK for line in lines):
                n_read += 1
            else:
                n_unread += 1
    return n_unread >= MIN_UNREAD and n_unread >= MIN_SHARE * (n_read + n_unread)


def _is_over(line: Line, x: float) -> bool:
    slack = WIDER * (line.x1 - line.x0)
    return line.x0 - slack < x + STRIP and x < line.x1 + slack


def _open_run(lines: Sequence[Line], page: Page) -> float:
    """The longest way down a strip without a line, margins left aside."""
    places = sorted((line.y0, line.y1) for line in lines)
    end, longest = INNER * page.height, 0.0
    for y0, y1 in [*places, ((1 - INNER) * page.height, page.height)]:
        longest, end = max(longest, min(y0, (1 - INNER) * page.height) - end), max(end, y1)
    return longest


def _rows(strip: Sequence[bytes]) -> list[tuple[int, int]]:
    """First and last pixel row of each row of print in a strip."""
    counts = _ink(strip)
    full = sorted(count for count in counts if count)
    if not full:
        return []
    least = max(2.0, FADED * full[int(0.8 * len(full))])
    bands: list[tuple[int, int]] = []
    start = None
    for y, count in enumerate([*counts, 0]):
        if count >= least:
            start = y if start is None else start
        elif start is not None:
            bands.append((start, y))
            start = None
    return [band for run in _even(bands) if len(run) >= MIN_ROWS for band in run]


def _ink(strip: Sequence[bytes]) -> list[int]:
    """Dark pixels of each pixel row, darker than the most frequent grey of the strip."""
    if not strip:
        return []
    [(paper, _)] = Counter(b"".join(strip)[::5]).most_common(1)
    dark = bytes(grey < paper - INK for grey in range(256))
    return [row.translate(dark).count(1) for row in strip]


def _even(bands: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Bands as high as print that follow each other at an even pitch."""
    runs: list[list[tuple[int, int]]] = []
    last = 0.0
    rows = [(top, end) for top, end in bands if ROW_PT[0] <= end - top <= ROW_PT[1]]
    for before, band in pairwise(rows):
        pitch = (band[0] + band[1] - before[0] - before[1]) / 2
        is_next = PITCH[0] <= pitch <= PITCH[1] and (not last or abs(pitch - last) <= MAX_PITCH_CHANGE * last)
        if is_next and last:
            runs[-1].append(band)
        elif PITCH[0] <= pitch <= PITCH[1]:
            runs.append([before, band])
        last = pitch if PITCH[0] <= pitch <= PITCH[1] else 0.0
    return runs
