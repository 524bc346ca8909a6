"""What stands on a page but belongs to no sentence: line numbers, running heads, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from curation.extract.pdf.page import Line, Page, Span

BAND = 0.13
"""Share of the page's height, top and bottom, where running heads and page numbers stand."""
MIN_NUMBERED_LINES = 8
"""Numbers that make a column of line numbers on a page; a table's column of counters is shorter or not in the margin."""
COLUMN_GAP = 2.5
"""Points between the edges of two columns; digits of one column differ by less than 2 in their glyph boxes."""
_NUMBER = re.compile(r"\s*(\d{1,4})\s*")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_CLASS_MARK = re.compile(
    r"draft version \w+ \d|(?:preprint )?typeset using|(?:\w+ style in )?aastex\s?\d|submitted to (?:the )?[A-Z]\w+$|style in aastex"
    r"|modern style in|twocolumn style in|(?:manuscript )?compiled using \S+ \S+ style",
    re.IGNORECASE,
)


def remove_furniture(pages: list[Page]) -> None:
    """Remove line numbers, then running heads and page numbers, in place."""
    for page in pages:
        remove_line_numbers(page)
    for page in pages[:1]:
        remove_class_marks(page)
    remove_running_lines(pages)


def remove_class_marks(page: Page) -> None:
    """Remove what AASTeX and emulateapj write above the title of a draft."""
    page.lines = [line for line in page.lines if not _CLASS_MARK.match(line.text.strip())]


def remove_line_numbers(page: Page) -> None:
    """Remove spans that are nothing but a number, stand in one column and count downwards with one step."""
    found: list[tuple[Span, int]] = []
    for line in page.lines:
        for span in (line.spans[0], line.spans[-1]):
            if match := _NUMBER.fullmatch(span.text):
                found.append((span, int(match[1])))
                break
    numbers: set[int] = set()
    for edge in (_right_edge, _left_edge):
        for column in _columns(found, edge):
            if len(column) >= MIN_NUMBERED_LINES and _counts(column):
                numbers.update(id(span) for span, _ in column)
    if not numbers:
        return
    kept = []
    for line in page.lines:
        line.spans = [s for s in line.spans if id(s) not in numbers]
        while line.spans and not line.spans[0].text.strip():
            line.spans.pop(0)
        if line.spans:
            kept.append(line)
    page.lines = kept


def _columns(found: list[tuple[Span, int]], edge: Callable[[Span], float]) -> list[list[tuple[Span, int]]]:
    """Numbers that stand below each other, by one of their edges; each column from top to bottom."""
    columns: list[list[tuple[Span, int]]] = []
    last = float("-inf")
    for item in sorted(found, key=lambda item: edge(item[0])):
        if edge(item[0]) - last > COLUMN_GAP:
            columns.append([])
        columns[-1].append(item)
        last = edge(item[0])
    for column in columns:
        column.sort(key=lambda item: item[0].y0)
    return columns


def _left_edge(span: Span) -> float:
    """x of the first digit's left side: blanks belong to the span but not to the number."""
    blanks = len(span.text) - len(span.text.lstrip())
    return span.x0 + blanks * (span.x1 - span.x0) / max(1, len(span.text))


def _right_edge(span: Span) -> float:
    """x of the last digit's right side."""
    blanks = len(span.text) - len(span.text.rstrip())
    return span.x1 - blanks * (span.x1 - span.x0) / max(1, len(span.text))


def _counts(column: list[tuple[Span, int]]) -> bool:
    """True when four in five numbers follow the one above by the commonest step (5 where every fifth line is numbered)."""
    steps = Counter(b - a for (_, a), (_, b) in pairwise(column))
    step, count = steps.most_common(1)[0]
    return step in (1, 2, 5, 10) and count >= 0.8 * (len(column) - 1)


def remove_running_lines(pages: list[Page]) -> None:
    """Remove lines in the top and bottom bands that are page numbers, or that come again at the same height."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        seen.update({key for line in _band_lines(page) for key in _keys(page, line)})
    needed = max(3, min(len(pages) // 4, 8))  # heads of odd and even pages alternate; the first page has none
    for page in pages:
        gone = set()
        for line in _band_lines(page):
            repeated = any(seen[key] >= needed for key in _keys(page, line))
            if repeated or (_PAGE_NUMBER.fullmatch(line.text) and _is_outermost(page, line)):
                gone.add(id(line))
        page.lines = [line for line in page.lines if id(line) not in gone]


def _band_lines(page: Page) -> list[Line]:
    top, bottom = page.height * BAND, page.height * (1 - BAND)
    return [line for line in page.lines if line.y1 < top or line.y0 > bottom]


def _keys(page: Page, line: Line) -> list[tuple[str, int]]:
    """The line with its digits blotted out, and its height on the page to 1 in 100 (two keys: rounding has edges)."""
    text = re.sub(r"[\d\s]+", "#", line.text).strip("#").casefold()
    if not text:
        return []
    place = 100 * line.y0 / max(1.0, page.height)
    return [(text, int(place)), (text, -int(place + 0.5) - 1)]


def _is_outermost(page: Page, line: Line) -> bool:
    """True when no other line stands farther out, towards the page's upper or lower edge."""
    if line.y1 < page.height / 2:
        return all(
            other.y1 >= line.y0 + 1 or other is line or _PAGE_NUMBER.fullmatch(other.text) for other in page.lines
        )
    return all(other.y0 <= line.y1 - 1 or other is line or _PAGE_NUMBER.fullmatch(other.text) for other in page.lines)
