"""Numbers of lines in the margins of a manuscript, told from items of lists, counters, years and axis labels."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, pairwise
from statistics import median

from curation.extract.pdf.numbered_text import NumberedText, runs_on
from curation.extract.pdf.page import Line, Page, Span

MIN_NUMBERED_LINES = 8
"""Numbers that make a column of line numbers by themselves."""
MIN_EVERY_FIFTH = 4
"""Numbers that do so where two pages have such columns at one place: every fifth line of 25, or the lines beside a figure."""
COLUMN_GAP = 2.5
"""Points between the edges of two columns; digits of one column differ by less than 2 in their glyph boxes."""
LONG_LINE = 25
"""Characters of a line that shows where text stands."""
MAX_INSIDE = 0.2
"""Share of long lines in whose width a number may stand: abstracts and captions cross the gutter of two columns, a table's
counter stands where text does."""
MAX_INSIDE_ELSEWHERE, MANY_LINES = 0.4, 20
"""The same on other pages, where a page of two columns shows the gutter by this many long lines of its own."""
OTHER_SIZE = 0.3
_NUMBER = re.compile(r"\s*(\d{1,4})\s*")
_STEPS = (1, 2, 5, 10)
LARGE_STEP, MIN_PITCH = 5, 3.0
"""Of a step of so many lines and more, the sizes of a number from one to the next at least: five lines of text are five of them high.
A column of data has 5, 10, 15 on each line.
"""
MAX_LINES = 130
"""Of a page: two columns of 65; a page's first line number is no higher than the lines of it and of the pages before."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A span that is nothing but a number, at an end of its line."""

    span: Span
    value: int
    page: int


def remove_line_numbers(pages: Sequence[Page]) -> None:
    """Remove spans that are nothing but a number, stand in a margin in one column beside text that runs on from line to line or
    beside code, and count downwards with one step; those of the same font at the same place, however few there are on a page;
    and columns in that font that go on counting elsewhere.
    """
    found = [list(_numbers(page, n)) for n, page in enumerate(pages)]
    if sum(map(len, found)) < 2 * MIN_EVERY_FIFTH:
        return
    bare = {id(number.span) for numbers in found for number in numbers}
    text = _Text(pages, bare)
    outside = [[number for number in numbers if text.is_outside(number)] for numbers in found]
    places = _places(outside)
    if places:
        beside = [NumberedText(page, bare) for page in pages]
        places = _beside_running_text(places, [(beside[n.page], n.span) for numbers in outside for n in numbers])
    if not places:
        return
    gone = {id(number.span) for numbers in outside for number in numbers if any(p.has(number.span) for p in places)}
    gone |= _continued(found, gone, places)
    for page in pages:
        _remove(page, gone)


def _beside_running_text(places: Sequence[_Place], numbers: Sequence[tuple[NumberedText, Span]]) -> list[_Place]:
    """Places in whose font numbers stand beside running text or code: beside a list of references or a table they do not."""
    kept: list[_Place] = []
    for font in dict.fromkeys((place.font, round(place.size, 1)) for place in places):
        own = [place for place in places if (place.font, round(place.size, 1)) == font]
        if runs_on((page, span) for page, span in numbers if any(place.has(span) for place in own)):
            kept += own
    return kept


@dataclass(frozen=True, slots=True)
class _Place:
    """Where line numbers stand, and in what font."""

    edge: Callable[[Span], float]
    x: float
    font: str
    size: float

    def has(self, span: Span) -> bool:
        same_font = span.font == self.font and abs(span.size - self.size) < OTHER_SIZE
        return same_font and abs(self.edge(span) - self.x) < COLUMN_GAP


class _Text:
    """Where the text of a document stands."""

    def __init__(self, pages: Sequence[Page], numbers: set[int]) -> None:
        self._own = [list(_widths(page, numbers)) for page in pages]
        self._edges = [_edges(widths) for widths in self._own]
        self._all = _edges([width for widths in self._own for width in widths])

    def is_outside(self, number: _Number) -> bool:
        """Whether a number stands beside the text of all pages; or of its own, and of most."""
        x = (number.span.x0 + number.span.x1) / 2
        inside, own = _share(x, self._all), self._edges[number.page]
        if inside <= MAX_INSIDE:
            return True
        return inside <= MAX_INSIDE_ELSEWHERE and len(own[0]) >= MANY_LINES and _share(x, own) <= MAX_INSIDE / 4


_Edges = tuple[list[float], list[float]]


def _edges(widths: Sequence[tuple[float, float]]) -> _Edges:
    return sorted(x0 for x0, _ in widths), sorted(x1 for _, x1 in widths)


def _share(x: float, edges: _Edges) -> float:
    """Share of lines that begin left of x and end right of it."""
    begun, ended = bisect_left(edges[0], x), bisect_right(edges[1], x)
    return (begun - ended) / max(1, len(edges[0]))


def _widths(page: Page, numbers: set[int]) -> Iterator[tuple[float, float]]:
    for line in page.lines:
        spans = [span for span in line.spans if id(span) not in numbers and span.text.strip()]
        if line.angle == 0 and sum(len(span.text) for span in spans) >= LONG_LINE:
            yield spans[0].x0, spans[-1].x1


def _numbers(page: Page, number: int) -> Iterator[_Number]:
    for line in page.lines:
        if line.angle:
            continue
        ends = (line.spans[0], line.spans[-1]) if len(line.spans) > 1 else line.spans
        for span in ends:
            if match := _NUMBER.fullmatch(span.text):
                yield _Number(span, int(match[1]), number)


def _places(pages: Sequence[Sequence[_Number]]) -> list[_Place]:
    """Places of columns that count: of long ones, and of short ones that two pages have."""
    long: list[_Place] = []
    short: list[tuple[int, _Place]] = []
    for n, numbers in enumerate(pages):
        for edge in (_right_edge, _left_edge):
            for column in _columns(numbers, edge):
                if len(column) < MIN_EVERY_FIFTH or not _counts(column) or column[0].value > MAX_LINES * (n + 1):
                    continue
                fonts = Counter((number.span.font, round(number.span.size, 1)) for number in column)
                font, size = fonts.most_common(1)[0][0]
                place = _Place(edge, sum(edge(number.span) for number in column) / len(column), font, size)
                if len(column) >= MIN_NUMBERED_LINES:
                    long.append(place)
                else:
                    short.append((n, place))
    repeated = [
        place
        for n, place in short
        if any(
            n != other and place.font == same.font and place.edge is same.edge and abs(place.x - same.x) < COLUMN_GAP
            for other, same in short
        )
    ]
    return [*long, *repeated]


def _continued(pages: Sequence[Sequence[_Number]], gone: set[int], places: Sequence[_Place]) -> set[int]:
    """Columns that count on from line numbers of their page, in their font: beside the columns of a list of references whose
    text is set in one.
    """
    more: set[int] = set()
    fonts = {(place.font, round(place.size, 1)) for place in places}
    for numbers in pages:
        known = {number.value for number in numbers if id(number.span) in gone}
        rest = [n for n in numbers if id(n.span) not in gone and (n.span.font, round(n.span.size, 1)) in fonts]
        for column in _columns(rest, _right_edge) if known and rest else ():
            step = column[1].value - column[0].value if len(column) > 1 else 1
            follows = column[0].value - step in known or column[-1].value + step in known
            if len(column) > 1 and follows and _counts(column):
                more.update(id(number.span) for number in column)
    return more


def _columns(found: Sequence[_Number], edge: Callable[[Span], float]) -> list[list[_Number]]:
    """Numbers that stand below each other, by one of their edges; each column from top to bottom."""
    columns: list[list[_Number]] = []
    last = float("-inf")
    for item in sorted(found, key=lambda item: edge(item.span)):
        if edge(item.span) - last > COLUMN_GAP:
            columns.append([])
        columns[-1].append(item)
        last = edge(item.span)
    for column in columns:
        column.sort(key=lambda item: item.span.baseline)
    return columns


def _left_edge(span: Span) -> float:
    return span.x0


def _right_edge(span: Span) -> float:
    return span.x1


def _counts(column: Sequence[_Number]) -> bool:
    """True when four in five numbers follow the one above by the commonest step (5 where every fifth line is numbered)."""
    steps = Counter(b.value - a.value for a, b in pairwise(column))
    step, count = steps.most_common(1)[0]
    if step not in _STEPS or count < 0.8 * (len(column) - 1):
        return False
    pitch = median(b.span.baseline - a.span.baseline for a, b in pairwise(column))
    return step < LARGE_STEP or pitch > MIN_PITCH * column[0].span.size


def _remove(page: Page, gone: set[int]) -> None:
    kept: list[Line] = []
    for line in page.lines:
        if any(id(span) in gone for span in line.spans):
            left = [span for span in line.spans if id(span) not in gone]
            line.spans = list(dropwhile(lambda span: not span.text.strip(), left))
        if line.spans:
            kept.append(line)
    page.lines = kept
