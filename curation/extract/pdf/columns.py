"""The columns that the lines of a page stand in: by their edges, and by what the document has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from curation.extract.pdf.mathematics import WORD
from curation.extract.pdf.page import Line, Page

MIN_FRAME_LINES = 4
"""Lines with the same left and right edge on a page that make a column; a float's caption may have as many."""
SAME_EDGE = 3.0
"""Points between edges that are the same: margins kern hyphens and quotes out by up to 2."""
MIN_SHARE = 0.4
"""Of a document's commonest frame: appendices and references of some papers are set in two columns, their text in one."""
MIN_FILLED = 0.85
"""Of a column's width, which a line of another one has at least."""
MAX_SHIFT = 30.0
"""Points between the margins of odd and even pages; a list is set in as far."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A column of text, or the width of the page: its left and right edge in points."""

    x0: float
    x1: float

    def holds(self, line: Line, slack: float) -> bool:
        return line.x0 >= self.x0 - slack and line.x1 <= self.x1 + slack


Stretch: TypeAlias = tuple[float, float, tuple[Frame, ...]]
"""Two heights of a page, and the columns between them."""


def columns_of(
    pages: Sequence[Page], size: float
) -> tuple[tuple[tuple[Frame, ...], ...], frozenset[int], dict[int, Stretch]]:
    """The columns of each page; ids of the short lines that end a paragraph across all of them; and the stretches of pages
    that are set in columns only between two heights.

    Args:
        size: of most characters of the document, points.
    """
    wide = [[line for line in page.lines if _is_wide(line, size)] for page in pages]
    document = _columns(
        [line for lines in wide for line in lines], max(MIN_FRAME_LINES, sum(map(len, wide)) // 20), MIN_SHARE
    )
    if len(document) == 1:
        document = (document[0], *_short_column(document[0], wide))
    columns = []
    stretches: dict[int, Stretch] = {}
    for number, (page, lines) in enumerate(zip(pages, wide, strict=True)):
        own = _columns(lines, MIN_FRAME_LINES)
        if len(own) == 1 and (ragged := _ragged_columns(page, own[0])):
            own = ragged
        if len(own) > 1 and len(document) == 1:
            stretches[number] = (*_stretch(page, own), own)
            own = document
        is_mixed = number == 0 or any(_fills(line, column) for line in lines for column in document)
        columns.append(document if len(document) > 1 and len(own) == 1 and is_mixed else _fitted(own, document, page))
    if len(document) == 1:
        columns = [
            _mirrored(page, own, columns, size) if not wide[number] or own == document else own
            for number, (page, own) in enumerate(zip(pages, columns, strict=True))
        ]
    tails = {id(line) for page, own in zip(pages, columns, strict=True) if len(own) > 1 for line in _tails(page, own)}
    return tuple(columns), frozenset(tails), stretches


def _mirrored(
    page: Page, own: tuple[Frame, ...], columns: Sequence[tuple[Frame, ...]], size: float
) -> tuple[Frame, ...]:
    """The column of a page among those of all pages, in which most of its own text stands: margins of even pages may be those of
    odd ones the other way round.
    """
    lines = [line for line in page.lines if _is_wide(line, size)]
    best, most = own, sum(own[0].holds(line, SAME_EDGE) for line in lines)
    for other in dict.fromkeys(columns):
        held = sum(other[0].holds(line, SAME_EDGE) for line in lines) if len(other) == 1 else 0
        if held > most and abs((other[0].x1 - other[0].x0) - (own[0].x1 - own[0].x0)) < 0.06 * (own[0].x1 - own[0].x0):
            best, most = other, held
    return best


def _stretch(page: Page, columns: Sequence[Frame]) -> tuple[float, float]:
    """Between which heights a page is set in columns: where lines fill more than half of one, down to the last of them."""
    filling = sorted(
        line.baseline
        for line in page.lines
        for column in columns
        if line.angle == 0 and column.holds(line, 6.0) and line.x1 - line.x0 > 0.5 * (column.x1 - column.x0)
    )
    wide = [line.baseline for line in page.lines if line.x0 < columns[0].x1 - 20 and line.x1 > columns[1].x0 + 20]
    top = max((y for y in wide if y < filling[-1]), default=0.0)
    inside = [y for y in filling if y > top]
    return inside[0] - 5, max(inside[-1], filling[-1]) + 40


def _tails(page: Page, columns: Sequence[Frame]) -> list[Line]:
    """Lines in one column that belong to what is set across all of them, a caption or an abstract: pieces of one of its rows,
    its rows between two wide ones, and its short last row.
    """
    lines = sorted((line for line in page.lines if line.angle == 0), key=lambda line: line.baseline)
    wide = [line for line in lines if _is_across(line, columns)]
    made = []
    for line in lines:
        if _is_across(line, columns):
            continue
        near = [o for o in wide if abs(o.baseline - line.baseline) < 1.45 * line.size and abs(o.size - line.size) < 0.6]
        beside = any(abs(o.baseline - line.baseline) < 0.3 * line.size for o in near)
        above = any(o.baseline < line.baseline - 0.5 * line.size for o in near)
        below = any(o.baseline > line.baseline + 0.5 * line.size for o in near)
        if beside or (above and below) or (above and _is_last(line, lines, columns)):
            made.append(line)
    return made


def _is_across(line: Line, columns: Sequence[Frame]) -> bool:
    return line.x0 < columns[0].x1 - 20 and line.x1 > columns[1].x0 + 20


def _is_last(line: Line, lines: Sequence[Line], columns: Sequence[Frame]) -> bool:
    """Whether a line stands alone in its row, at the left."""
    if line.x0 > columns[0].x0 + 60 or line.x1 > columns[1].x0:
        return False
    return not any(o is not line and abs(o.baseline - line.baseline) < 0.5 * line.size for o in lines)


def _is_wide(line: Line, size: float) -> bool:
    return line.angle == 0 and abs(line.size - size) < 2.1 and len(line.text) > 24 and len(WORD.findall(line.text)) >= 2


def _columns(lines: Sequence[Line], needed: int, share: float = 0.0) -> tuple[Frame, ...]:
    """Frames of justified lines from left to right: two that stand beside each other, else the commonest one.

    Args:
        needed: lines that make a frame.
        share: of the lines of the commonest frame, those that one of two must have.
    """
    edges: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.x0, line.x1)):
        for group in reversed(edges[-12:]):
            if abs(group[0].x0 - line.x0) <= SAME_EDGE and abs(group[0].x1 - line.x1) <= SAME_EDGE:
                group.append(line)
                break
        else:
            edges.append([line])
    groups = sorted((group for group in edges if len(group) >= needed), key=len, reverse=True)
    if not groups:
        return ()
    frames = [_frame_of(group) for group in groups]
    for n, frame in enumerate(frames):
        if len(groups[n]) < share * len(groups[0]):
            break
        beside = [m for m in range(len(frames)) if m != n and _stand_beside(groups[n], groups[m], frame, frames[m])]
        if beside:
            other = frames[beside[0]]
            third = [frames[m] for m in beside[1:] if _stand_beside(groups[m], groups[beside[0]], frames[m], other)]
            return tuple(sorted([frame, other, *third[:1]], key=lambda f: f.x0))
    return (frames[0],)


def _short_column(column: Frame, wide: Sequence[Sequence[Line]]) -> tuple[Frame, ...]:
    """The second column of a document whose text ends soon in it: notes in a margin are narrower than the text."""
    width = column.x1 - column.x0
    beside = [
        line for lines in wide for line in lines if line.x0 > column.x1 and line.x1 - line.x0 > MIN_FILLED * width
    ]
    return (Frame(beside[0].x0, beside[0].x0 + width),) if beside else ()


def _ragged_columns(page: Page, whole: Frame) -> tuple[Frame, ...]:
    """Two columns whose lines end anywhere, as lists of references have: by where their lines begin, with nothing across."""
    lines = [line for line in page.lines if line.angle == 0 and len(line.text) > 12 and whole.holds(line, 6.0)]
    middle = (whole.x0 + whole.x1) / 2
    right = [line for line in lines if abs(line.x0 - middle) < 0.1 * (whole.x1 - whole.x0)]
    if len(right) < MIN_FRAME_LINES:
        return ()
    edge = min(line.x0 for line in right)
    beside = [line for line in lines if any(abs(line.baseline - other.baseline) < 2 for other in right)]
    left = [line for line in beside if line.x0 < whole.x0 + 30]
    top, bottom = min(line.y0 for line in right), max(line.y1 for line in right)
    across = [line for line in lines if top < line.baseline < bottom and line.x0 < edge - 4 < line.x1 - 1]
    if len(left) < MIN_FRAME_LINES or across or len(beside) > len(left) + 1.5 * len(right):
        return ()
    return Frame(whole.x0, edge - 6), Frame(edge, whole.x1)


def _frame_of(lines: Sequence[Line]) -> Frame:
    return Frame(min(line.x0 for line in lines), max(line.x1 for line in lines))


def _stand_beside(a: Sequence[Line], b: Sequence[Line], frame: Frame, other: Frame) -> bool:
    """Whether two stretches of lines have nearly one width, no x in common, and heights that overlap."""
    apart = frame.x1 < other.x0 or other.x1 < frame.x0
    if not apart or abs((frame.x1 - frame.x0) - (other.x1 - other.x0)) > 0.2 * (frame.x1 - frame.x0):
        return False
    top, bottom = min(line.y0 for line in a), max(line.y1 for line in a)
    return any(top < line.baseline < bottom for line in b)


def _fills(line: Line, column: Frame) -> bool:
    return abs(line.x0 - column.x0) <= SAME_EDGE and abs(line.x1 - column.x1) <= SAME_EDGE


def _fitted(own: tuple[Frame, ...], document: tuple[Frame, ...], page: Page) -> tuple[Frame, ...]:
    """The columns of a page: its own, or the document's, at its margins, where it fills only one of them or part of their width."""
    if not own:
        return document or (Frame(0.12 * page.width, 0.88 * page.width),)
    if len(own) > 1 or not document:
        return own
    width = own[0].x1 - own[0].x0
    column = document[0].x1 - document[0].x0
    if len(document) > 1 and width > 1.25 * column:
        return own
    if len(document) == 1 and width > 0.8 * column:
        return own
    shift = min((own[0].x0 - other.x0 for other in document), key=abs)
    if abs(shift) > MAX_SHIFT or abs(width - column) > 0.06 * column:
        return document
    return tuple(Frame(other.x0 + shift, other.x1 + shift) for other in document)
