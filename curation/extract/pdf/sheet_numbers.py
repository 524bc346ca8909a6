"""Page numbers of sheets that hold two pages or more, beside or below each other: each stands at the end of its own page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from curation.extract.pdf.page import Line, Page

_NUMBER = re.compile(r"\W*(\d{1,4})\W*")
SAME_PLACE = 0.02
"""Share of the sheet by which the places of two numbers on their pages differ."""


def sheet_numbers(pages: Sequence[Page]) -> set[int]:
    """Ids of the lines: numbers that count on from one half of a sheet to the other, where they stand alike, and those that stand
    in their places on other sheets.
    """
    found = [(page, pair) for page in pages for pair in _pairs(page)]
    places = {(_middle(line), line.baseline, page.width, page.height) for page, pair in found for line in pair}
    gone = {id(line) for _, pair in found for line in pair}
    for page in pages if places else ():
        for line in _numbers(page):
            if any(
                (w, h) == (page.width, page.height)
                and abs(_middle(line) - x) < SAME_PLACE * w
                and abs(line.baseline - y) < SAME_PLACE * h
                for x, y, w, h in places
            ):
                gone.add(id(line))
    return gone


def _numbers(page: Page) -> list[Line]:
    return [line for line in page.lines if line.angle == 0 and _NUMBER.fullmatch(line.text)]


def _pairs(page: Page) -> Iterator[tuple[Line, Line]]:
    """Numbers that count on and stand at one place of the two halves, or at mirrored ones, each the first or last of its half."""
    numbers = _numbers(page)
    halves: tuple[tuple[_Half, _Alike], ...] = (
        (lambda line: _middle(line) < page.width / 2, _are_beside),
        (lambda line: line.baseline < page.height / 2, _are_below),
    )
    for half, alike in halves if len(numbers) > 1 else ():
        outer = _outermost(page, numbers, half)
        for line in outer:
            for other in outer:
                if _value(other) == _value(line) + 1 and alike(page, line, other):
                    yield line, other


_Half: TypeAlias = Callable[[Line], bool]
_Alike: TypeAlias = Callable[[Page, Line, Line], bool]


def _are_beside(page: Page, line: Line, other: Line) -> bool:
    x = _middle(line)
    if abs(other.baseline - line.baseline) >= SAME_PLACE * page.height:
        return False
    across = SAME_PLACE * page.width
    return abs(_middle(other) - x - page.width / 2) < across or (
        x < page.width / 2 and abs(_middle(other) + x - page.width) < across
    )


def _are_below(page: Page, line: Line, other: Line) -> bool:
    x, across = _middle(line), SAME_PLACE * page.width
    if abs(other.baseline - line.baseline - page.height / 2) >= SAME_PLACE * page.height:
        return False
    return abs(_middle(other) - x) < across or abs(_middle(other) + x - page.width) < across


def _outermost(page: Page, numbers: Sequence[Line], half: _Half) -> list[Line]:
    """Those numbers above or below which no line of their half of the sheet stands, where others do stand there."""
    heights: dict[bool, list[float]] = {True: [], False: []}
    for line in page.lines:
        if line.angle == 0:
            heights[half(line)].append(line.baseline)
    for own in heights.values():
        own.sort()
    made = []
    for line in numbers:
        own, size = heights[half(line)], 0.5 * line.size
        if len(own) > 1:
            first, last = own[line.baseline == own[0]], own[-2 if line.baseline == own[-1] else -1]
            if line.baseline > last + size or line.baseline < first - size:
                made.append(line)
    return made


def _value(line: Line) -> int:
    found = _NUMBER.fullmatch(line.text)
    return int(found[1]) if found else -2


def _middle(line: Line) -> float:
    return (line.x0 + line.x1) / 2
