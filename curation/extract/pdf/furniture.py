"""What stands on a page but belongs to no sentence: line numbers, running heads, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median

from curation.extract.pdf.contents import remove_contents
from curation.extract.pdf.line_numbers import remove_line_numbers
from curation.extract.pdf.mathematics import EQUATION_NUMBER, math_share
from curation.extract.pdf.page import Line, Page, rows_of_lines
from curation.extract.pdf.sheet_numbers import sheet_numbers

BAND = 0.13
"""Share of the page's height, top and bottom, where running heads and page numbers stand."""
OUTER_ROWS = 2
"""Rows at the top and the bottom of a page that may be heads and feet wherever they stand: a page may be cut small or large."""
MIN_GAP = 1.35
"""Between a head and the text below, in leadings of the page."""
MIN_HEADS = 0.4
"""Share of pages whose uppermost rows stand at one height in one font, when they are heads of changing text."""
MAX_ON_PAGE = 3
"""Lines of one page with one text, their numbers left aside, from which they are data: a head stands on it once, or left and right."""
MAX_SHARE = 0.75
"""Share of a document's letters and digits that are heads and feet at most; papers have 0.02. Past it they are all that it says."""
MAX_HEAD = 110
"""Characters of a head: a full line of text has more, or no gap below it."""
MIN_MATH = 0.15
"""Share of the characters beside the number of an equation that are set as mathematics or mean a relation; titles have .02."""
MIN_CAPITALS = 0.7
"""Share of a head's letters: of titles that are set in capitals beside the page's number."""
MIN_HEAD_LETTERS = 5
MIN_PAGE_DIGITS = 3
ITEM_ROW, ITEM_GAP, ITEM_LEADING = 0.5, 5.0, 2.2
"""Sizes between baselines of one row, between the number of an item and its text, and between rows of one text."""
HEADING_GAP = 3.0
"""Sizes between the number of a section and its title: classes set one."""
MAX_CELL, MAX_STEP = 10.0, 1.6
"""Sizes: the width of a cell above or below a number in a table, where a line of text is wider, and the step between such rows, where
heads and feet stand farther from the text.
"""
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?(?:(\d{1,4})|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_NUMBERS = re.compile(r"[\d\s]+")
_ICONS = re.compile(r"awesome|academicons|glyphicon|fontello|material-?icons|icomoon", re.IGNORECASE)
_CLASS_MARK = re.compile(
    r"draft version \w+ \d|(?:preprint )?typeset using|(?:\w+ style in )?aastex\s?\d|submitted to (?:the )?[A-Z]\w+$|style in aastex"
    r"|modern style in|twocolumn style in|(?:manuscript )?compiled using \S+ \S+ style|\u00a9 ?\d{4}\b.{0,60}$",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:fig(?:ure)?|tab(?:le)?|algorithm|listing)\.?#[.:]?")
"""Floats stand at the same height on many pages."""


def remove_furniture(pages: Sequence[Page]) -> None:
    """Remove icons and line numbers, then running heads, page numbers and lists of contents, in place."""
    for page in pages:
        remove_icons(page)
    remove_line_numbers(pages)
    for page in pages[:1]:
        remove_class_marks(page)
    remove_running_lines(pages)
    remove_contents(pages)


def remove_icons(page: Page) -> None:
    """Remove what fonts of icons draw: their letters are numbers of pictures."""
    if any(_ICONS.search(span.font) for line in page.lines for span in line.spans):
        for line in page.lines:
            line.spans = [span for span in line.spans if not _ICONS.search(span.font)]
        page.lines = [line for line in page.lines if line.spans]


def remove_class_marks(page: Page) -> None:
    """Remove what AASTeX and emulateapj write above the title of a draft, and whose rights a journal reserves at its foot."""
    page.lines = [line for line in page.lines if not _CLASS_MARK.match(line.text.strip())]


@dataclass(slots=True)
class _Edge:
    """The rows at the upper or lower end of a page, from the outside in."""

    rows: list[list[Line]]
    leading: float

    @property
    def outer(self) -> list[Line]:
        return [line for row in self.rows[:OUTER_ROWS] for line in row]

    def stands_apart(self) -> bool:
        """Whether the outermost row has a gap to the next one."""
        if len(self.rows) < 2:
            return True
        return abs(self.rows[0][0].baseline - self.rows[1][0].baseline) > MIN_GAP * self.leading


def remove_running_lines(pages: Sequence[Page]) -> None:
    """Remove lines at the upper and lower ends of pages that are page numbers, that come again at the same height, or that stand
    apart at one height in one font.
    """
    edges = [_edges(page) for page in pages]
    seen: Counter[tuple[str, int]] = Counter()
    for page, own in zip(pages, edges, strict=True):
        seen.update({key for line in _outer_lines(page, own) for key in _keys(page, line)})
    needed = max(3, min(len(pages) // 4, 8))  # heads of odd and even pages alternate; the first page has none
    gone = {
        id(line)
        for page, own in zip(pages, edges, strict=True)
        for line in _outer_lines(page, own)
        if any(seen[key] >= needed for key in _keys(page, line))
    }
    gone |= _changing_heads(edges)
    gone -= {id(line) for page in pages for line in _rows_of_data(page)}
    if _letters(pages, gone) > MAX_SHARE * _letters(pages):
        gone = set()
    numbers = _page_numbers(pages, edges) | sheet_numbers(pages)
    items = {id(line) for page in pages for line in page.lines if id(line) in numbers and _is_data(page, line)}
    gone |= numbers - items
    for page in pages:
        kept = {id(line) for line in _band_lines(page) if _numbers_equation(page, line)}
        page.lines = [line for line in page.lines if id(line) not in gone or id(line) in kept]
        last = {id(line) for line in _outermost_numbers(page)} - kept
        page.lines = [line for line in page.lines if id(line) not in last]


def _is_data(page: Page, line: Line) -> bool:
    """Whether a number at an end of a page is no number of a page: it counts items, or is a cell of a table."""
    return _numbers_item(page, line) or _is_cell(page, line)


def _is_cell(page: Page, line: Line) -> bool:
    """Whether a number stands beside others of its row, and close to a row of several cells one of which is above or below it."""
    upright = [other for other in page.lines if other.angle == 0 and other is not line]
    if not any(abs(other.baseline - line.baseline) < ITEM_ROW * line.size for other in upright):
        return False
    near = [
        other for other in upright if ITEM_ROW * line.size < abs(other.baseline - line.baseline) < MAX_STEP * line.size
    ]
    return any(
        other.x0 < line.x1
        and line.x0 < other.x1 < other.x0 + MAX_CELL * line.size
        and any(abs(o.baseline - other.baseline) < ITEM_ROW * line.size for o in near if o is not other)
        for other in near
    )


def _numbers_item(page: Page, line: Line) -> bool:
    """Whether a number stands at the left of a row of text, with more rows of it above or below: of an item that begins or ends a
    page.
    """
    upright = [other for other in page.lines if other.angle == 0 and other is not line]
    row = [other for other in upright if abs(other.baseline - line.baseline) < ITEM_ROW * line.size]
    text = min(row, key=lambda other: other.x0, default=None)
    if text is None or not -1 < text.x0 - line.x1 < ITEM_GAP * line.size or not any(map(str.isalpha, text.text)):
        return False
    return any(
        ITEM_ROW * text.size < abs(other.baseline - text.baseline) < ITEM_LEADING * text.size
        and abs(other.x0 - text.x0) < 2
        and abs(other.size - text.size) < 0.5
        for other in upright
    )


def _numbers_heading(page: Page, line: Line) -> bool:
    """Whether a number that does not count with the pages stands before a title in its own bold font: of a section that begins a
    page.
    """
    look = {(span.font, round(span.size, 1)) for span in line.spans}
    return all(span.bold for span in line.spans) and any(
        0 < other.x0 - line.x1 < HEADING_GAP * line.size
        and abs(other.baseline - line.baseline) < ITEM_ROW * line.size
        and any(map(str.isalpha, other.text))
        and {(span.font, round(span.size, 1)) for span in other.spans} == look
        for other in page.lines
        if other.angle == 0
    )


def _has_page_digits(line: Line) -> bool:
    """Whether a number in front of capitals has the digits of a page: sections have one or two."""
    return sum(map(str.isdigit, line.text)) >= MIN_PAGE_DIGITS


def _letters(pages: Sequence[Page], of: Collection[int] | None = None) -> int:
    """Letters and digits of pages, or of those lines of theirs whose ids are given."""
    lines = (line for page in pages for line in page.lines if of is None or id(line) in of)
    return sum(map(str.isalnum, "".join(line.text for line in lines)))


def _rows_of_data(page: Page) -> list[Line]:
    """Lines of a page whose text comes again and again on it, with other numbers."""
    texts = [_NUMBERS.sub("#", line.text).strip("#").casefold() for line in page.lines]
    seen = Counter(texts)
    return [line for line, text in zip(page.lines, texts, strict=True) if text and seen[text] >= MAX_ON_PAGE]


def _edges(page: Page) -> tuple[_Edge, _Edge]:
    rows = rows_of_lines((line for line in page.lines if line.angle == 0), 0.5)
    steps = [b[0].baseline - a[0].baseline for a, b in pairwise(rows)]
    leading = median(steps) if steps else 0.0
    return _Edge(rows[: OUTER_ROWS + 1], leading), _Edge(rows[::-1][: OUTER_ROWS + 1], leading)


def _outer_lines(page: Page, edges: tuple[_Edge, _Edge]) -> Iterator[Line]:
    seen: set[int] = set()
    for line in (*_band_lines(page), *edges[0].outer, *edges[1].outer):
        if id(line) not in seen:
            seen.add(id(line))
            yield line


def _band_lines(page: Page) -> list[Line]:
    top, bottom = page.height * BAND, page.height * (1 - BAND)
    return [line for line in page.lines if line.y1 < top or line.y0 > bottom]


def _keys(page: Page, line: Line) -> list[tuple[str, int]]:
    """The line with its digits blotted out, and its height on the page to 1 in 100 (two keys: rounding has edges)."""
    text = _NUMBERS.sub("#", line.text).strip("#").casefold()
    if not text or _CAPTION.match(text):
        return []
    place = 100 * line.y0 / max(1.0, page.height)
    return [(text, int(place)), (text, -int(place + 0.5) - 1)]


def _page_numbers(pages: Sequence[Page], edges: Sequence[tuple[_Edge, _Edge]]) -> set[int]:
    """Bare numbers in the outer rows that count with the pages, wherever these rows stand, and what stands in a row with one:
    the journal, the authors. Of a single page a number at its foot is one that stands apart, and one in a head.
    """
    if len(pages) == 1:
        return {id(line) for edge in edges[0] for line in _numbered_row(edge, upper=edge is edges[0][0])}
    found: list[tuple[int, Line, list[Line]]] = []
    for n, own in enumerate(edges):
        for edge in own:
            row = _numbered_row(edge, upper=edge is own[0])
            for line in edge.outer:
                match = _PAGE_NUMBER.fullmatch(line.text)
                if match and match[1]:
                    found.append((int(match[1]) - n, line, row if any(line is o for o in row) else [line]))
    if not found:
        return set()
    first, count = Counter(first for first, _, _ in found).most_common(1)[0]
    if count < max(2, len(pages) / 2):
        return set()
    return {id(line) for own, _, row in found if own == first for line in row}


def _numbered_row(edge: _Edge, *, upper: bool) -> list[Line]:
    """The outermost row of a page when it is a head or foot with the page's number: it stands apart, or is a head in capitals
    with the number at one end.
    """
    row = sorted(edge.rows[0], key=lambda line: line.x0) if edge.rows else []
    numbers = [n for n, line in enumerate(row) if (found := _PAGE_NUMBER.fullmatch(line.text)) and found[1]]
    letters = [c for line in row for c in line.text if c.isalpha()]
    is_equation = any(EQUATION_NUMBER.fullmatch(row[n].text) for n in numbers) and len(row) > 1
    if not numbers or is_equation or sum(len(line.text) for line in row) > MAX_HEAD:
        return []
    if not upper:
        return row if edge.stands_apart() else []
    at_end = (numbers[0] == 0 and _has_page_digits(row[0])) or (numbers[-1] == len(row) - 1 and len(row) > 1)
    in_capitals = sum(map(str.isupper, letters)) > MIN_CAPITALS * len(letters)
    return row if at_end and len(letters) > MIN_HEAD_LETTERS and (in_capitals or edge.stands_apart()) else []


def _changing_heads(edges: Sequence[tuple[_Edge, _Edge]]) -> set[int]:
    """Uppermost and lowest rows that stand apart, at one height and in one font on many pages: heads that name the section."""
    gone: set[int] = set()
    for upper in (True, False):
        places: dict[tuple[int, str, float], list[list[Line]]] = {}
        for own in edges:
            edge = own[0] if upper else own[1]
            if edge.rows and edge.stands_apart() and sum(len(line.text) for line in edge.rows[0]) < MAX_HEAD:
                line = edge.rows[0][0]
                key = (round(line.baseline), line.spans[0].font, round(line.size, 1))
                places.setdefault(key, []).append(edge.rows[0])
        for rows in places.values():
            if len(rows) >= max(3.0, MIN_HEADS * len(edges)):
                gone.update(id(line) for row in rows for line in row)
    return gone


def _numbers_equation(page: Page, line: Line) -> bool:
    """Whether a number in parentheses stands beside mathematics: no page number, though it begins or ends a page."""
    if not EQUATION_NUMBER.fullmatch(line.text):
        return False
    middle = (line.y0 + line.y1) / 2
    beside = [other for other in page.lines if other is not line and other.y0 < middle < other.y1]
    return (
        any("=" in other.text for other in beside) or math_share(s for other in beside for s in other.spans) > MIN_MATH
    )


def _outermost_numbers(page: Page) -> list[Line]:
    """Page numbers in the bands, farther out than which nothing else stands, towards the page's upper or lower edge."""
    numbers = [line for line in _band_lines(page) if _PAGE_NUMBER.fullmatch(line.text)]
    others = [line for line in page.lines if not _PAGE_NUMBER.fullmatch(line.text)] if numbers else []
    top, bottom = min((line.y1 for line in others), default=inf), max((line.y0 for line in others), default=-inf)
    numbers = [line for line in numbers if not _is_data(page, line) and not _numbers_heading(page, line)]
    return [line for line in numbers if (line.y0 + 1 <= top if line.y1 < page.height / 2 else line.y1 - 1 >= bottom)]
