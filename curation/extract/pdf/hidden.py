"""Text that no reader of a page sees, and text that is there twice: out, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

from curation.extract.pdf.page import Box, Line, Page, Span, covered
from curation.extract.pdf.scans import is_covered
from curation.extract.pdf.turn import turn

MIN_SIZE = 2.0
"""Points: smaller letters are read by nobody; the smallest of figures and second indices have 3."""
WHITE = 0xE8
"""Of 255 in each colour, from which letters on a white page are not seen."""
MAX_SHADOW = 0.2
"""Sizes by which text that is drawn once more, as a shadow or to make it bold, stands beside itself."""
BACKGROUND = 0.9
"""Share of a page from which what is painted over it is its paper."""
ASIDE_LINES = 5
"""Lines that stand on end and are a table or text: labels of axes and stamps have fewer."""
ASIDE_CHARS = 80


def upright(page: Page) -> None:
    """Turn a page, most characters of which are written in another direction, so that they can be read."""
    chars: Counter[int] = Counter()
    for line in page.lines:
        chars[line.angle] += len(line.text)
    if chars and (angle := chars.most_common(1)[0][0]):
        turn(page, angle)


def take_aside(page: Page) -> list[Page]:
    """Take the lines that stand on end out of a page: those that are a table or running text as pages of their own, turned."""
    found = []
    for angle in (90, 180, 270):
        lines = [line for line in page.lines if line.angle == angle]
        if (
            len(lines) >= ASIDE_LINES
            and sum(len(line.text) for line in lines) >= ASIDE_CHARS
            and _stand_together(lines)
        ):
            aside = Page(page.width, page.height, lines)
            turn(aside, angle)
            found.append(aside)
    page.lines = [line for line in page.lines if line.angle == 0]
    return found


def _stand_together(lines: list[Line]) -> bool:
    """Whether lines on end follow each other closely: labels of several axes stand far apart."""
    places = sorted(line.baseline for line in lines)
    steps = [b - a for a, b in pairwise(places)]
    return median(steps) < 3 * median(line.size for line in lines)


def remove_hidden(page: Page) -> int:
    """Remove from a page what no reader sees: outside of the page, smaller than 2 points, not painted where no scan shows it,
    white on white. Returns the number of characters."""
    is_scan = is_covered(page) or covered(page.area, page.images) >= 0.5
    shown = [*page.images, *(box for box in page.paths if covered(page.area, [box]) < BACKGROUND)]
    is_dark = _is_dark(page)
    before = page.chars
    kept = []
    for line in page.lines:
        line.spans = [
            span
            for span in line.spans
            if not span.text.strip()
            or not (
                _is_outside(span, page)
                or 0 < span.size < MIN_SIZE
                or (not span.painted and not is_scan)
                or (_is_white(span) and not is_dark and not _lies_in(span, shown))
            )
        ]
        if any(span.text.strip() for span in line.spans):
            kept.append(line)
    page.lines = kept
    return before - page.chars


def remove_doubles(page: Page) -> int:
    """Remove lines that are drawn again where they stand. Returns the number of characters."""
    seen: dict[str, list[Line]] = {}
    kept = []
    for line in page.lines:
        text = line.text.strip()
        near = MAX_SHADOW * line.size
        others = seen.setdefault(text, [])
        if len(text) > 1 and any(abs(o.x0 - line.x0) <= near and abs(o.y0 - line.y0) <= near for o in others[-4:]):
            continue
        others.append(line)
        kept.append(line)
    before, page.lines = page.chars, kept
    return before - page.chars


def _is_outside(span: Span, page: Page) -> bool:
    x, y = (span.x0 + span.x1) / 2, (span.y0 + span.y1) / 2
    return not (0 <= x <= page.width and 0 <= y <= page.height)


def _is_white(span: Span) -> bool:
    return all(span.colour >> shift & 0xFF >= WHITE for shift in (0, 8, 16))


def _is_dark(page: Page) -> bool:
    """Whether a page's paper is painted, and its text is mostly white: a slide."""
    painted = any(covered(page.area, [box]) >= BACKGROUND for box in (*page.paths, *page.images))
    white = sum(len(s.text) for line in page.lines for s in line.spans if _is_white(s))
    return painted and 2 * white > page.chars


def _lies_in(span: Span, boxes: Iterable[Box]) -> bool:
    """Whether the middle of a span lies in a box that is as high as its letters."""
    x, y = (span.x0 + span.x1) / 2, (span.y0 + span.y1) / 2
    return any(a <= x <= c and b <= y <= d and d - b > span.size / 2 for a, b, c, d in boxes)
