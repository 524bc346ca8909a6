"""Page numbers of sheets that hold two pages or more, beside or below each other: each stands at the end of its own page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from curation.extract.pdf.page import Line, Page

_NUMBER = re.compile(r"\W*(\d{1,4})\W*")
SAME_PLACE = 0.02
"""Share of the sheet by which the places of two numbers on their pages differ."""


def sheet_numbers(pages: Sequence[Page]) -> set[int]:
    """Ids of the lines: numbers that count on from one half of a sheet to the other, where they stand alike, and those that stand
    in their places on other sheets.
    """
    found = [(page, pair) for page in pages for pair in _pairs(page)]
    places = [(_middle(line), line.baseline, page.width, page.height) for page, pair in found for line in pair]
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
    numbers = _numbers(page)
    for line in numbers:
        for other in numbers:
            if _value(other) == _value(line) + 1 and _stand_alike(page, line, other):
                yield line, other


def _stand_alike(page: Page, line: Line, other: Line) -> bool:
    """Whether two numbers stand at one place of the two halves, or at mirrored ones, and each is the first or last of its half."""
    x, y, across, down = _middle(line), line.baseline, SAME_PLACE * page.width, SAME_PLACE * page.height
    if abs(other.baseline - y) < down:
        alike = abs(_middle(other) - x - page.width / 2) < across or (
            x < page.width / 2 and abs(_middle(other) + x - page.width) < across
        )
        return alike and all(_is_outermost(page, one, lambda o: _middle(o) < page.width / 2) for one in (line, other))
    if abs(other.baseline - y - page.height / 2) < down:
        alike = abs(_middle(other) - x) < across or abs(_middle(other) + x - page.width) < across
        return alike and all(_is_outermost(page, one, lambda o: o.baseline < page.height / 2) for one in (line, other))
    return False


def _is_outermost(page: Page, line: Line, half: Callable[[Line], bool]) -> bool:
    """Whether no line of its half of the sheet stands above a line, or none below it, and some do stand there."""
    mine = [o.baseline for o in page.lines if o is not line and o.angle == 0 and half(o) == half(line)]
    size = 0.5 * line.size
    return bool(mine) and (line.baseline > max(mine) + size or line.baseline < min(mine) - size)


def _value(line: Line) -> int:
    found = _NUMBER.fullmatch(line.text)
    return int(found[1]) if found else -2


def _middle(line: Line) -> float:
    return (line.x0 + line.x1) / 2
