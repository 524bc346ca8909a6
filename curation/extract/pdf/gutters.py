"""The gutters between the columns of a table, and the cells that lie across them though a blank parts their words there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from curation.extract.pdf.page import WORD_GAP, Line, Span

MAX_CROSSING = 0.1
"""Share of rows that may cross a gutter: heads and remarks that span columns."""
MIN_GUTTER = 1.5
"""Points of a gutter's narrowest part."""
SMALL_PRINT = 8.0
"""Points: below it gutters are narrower with the size."""
MIN_ROWS = 3
"""Rows with words on both sides of a gutter that is seen between words only."""
MIN_SHARE = 0.5
"""Share of rows that have words on both sides of a gutter, where these stand no farther apart than words of a cell do: blanks of
running text lie above each other in fewer."""
MIN_SURE_GAP = 1.0
"""Between two cells, in sizes: blanks of a justified line are narrower."""
MIN_APART = 0.3
"""Share of them in which the two stand as far apart as cells do."""
MIN_NUMBERS = 0.6
"""Share of them in which both are numbers, one each, decimal fractions or of more than one length: the parts of an angle or of a
date are of one length, and other numbers of one cell do not follow each other."""
MAX_WORDS = 1.5
"""Words of a head for each of the columns that it is cut into: one above several columns has more."""
MIN_WIDER = 1.3
"""How much wider a gap between cells is than the narrowest blank beside it: those of a justified line are of one width."""
_NUMBER = re.compile(r"[<>~≈≲≳±+\-−–]?\d")
_NUMERAL = re.compile(r"[<>~≈≲≳±+\-−–]?(\d+)(?:\.\d+)?[%*a-z†‡]?")
_DECIMAL = re.compile(r"[<>~≈≲≳±+\-−–]?\d+\.\d+(?:\(\d+\))?[%*a-z†‡]?")


@dataclass(slots=True)
class Cell:
    """A stretch of one row without a wide gap."""

    x0: float
    x1: float
    lines: list[Line]
    baseline: float

    @property
    def size(self) -> float:
        """Of its largest characters."""
        return max(span.size for line in self.lines for span in line.spans)


@dataclass(frozen=True, slots=True)
class Gutter:
    """A blank stretch between columns."""

    x0: float
    x1: float

    @property
    def x(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class _Word:
    """Spans of a cell without a blank between them."""

    x0: float
    x1: float
    spans: list[tuple[Line, Span]]

    @property
    def text(self) -> str:
        return "".join(span.text.strip() for _, span in self.spans)


def gutters_of(body: Sequence[Sequence[Cell]], head: Sequence[Sequence[Cell]] = ()) -> list[Gutter]:
    """The blank stretches that nearly no row crosses, between cells of some row."""
    rows = [row for row in (*head, *body) if len(row) > 1] or [*filter(None, head), *body]
    found = _stretches([[(cell.x0, cell.x1) for cell in row] for row in rows], MAX_CROSSING, _width(rows))
    cells = [cell for row in body if len(row) > 1 for cell in row]
    made: list[Gutter] = []
    for gutter in found:
        inside = [cell for cell in cells if gutter.x0 < cell.x0 and cell.x1 < gutter.x1]
        if inside:  # a column with few cells
            made.append(Gutter(gutter.x0, min(cell.x0 for cell in inside)))
            made.append(Gutter(max(cell.x1 for cell in inside), gutter.x1))
        else:
            made.append(gutter)
    return [gutter for gutter in made if _separates(gutter.x, rows)]


def _width(rows: Sequence[Sequence[Cell]]) -> float:
    """Points of the narrowest part of a gutter, by the size of what is written."""
    return MIN_GUTTER * min(1.0, _size(rows) / SMALL_PRINT)


def _size(rows: Sequence[Sequence[Cell]]) -> float:
    return median(cell.size for row in rows for cell in row) if rows else SMALL_PRINT


def _stretches(rows: Sequence[Sequence[tuple[float, float]]], crossing: float, width: float) -> list[Gutter]:
    """What at most a share of the rows crosses, of some width, with what lies before and behind all rows."""
    allowed = int(crossing * len(rows))
    edges = [(x0 - width / 2, 1) for row in rows for x0, _ in row]
    edges += [(x1 + width / 2, -1) for row in rows for _, x1 in row]
    edges.sort()
    found: list[Gutter] = []
    depth = 0
    opened = float("-inf")
    for x, change in edges:
        before = depth
        depth += change
        if before > allowed >= depth:
            opened = x
        elif before <= allowed < depth:
            found.append(Gutter(opened, x))
    return [*found, Gutter(opened, float("inf"))]


def _separates(x: float, rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a gutter parts cells of half of the rows, or some that stand farther apart than words of a justified line do."""
    gaps = []
    for row in rows:
        before, after = [cell for cell in row if cell.x1 < x], [cell for cell in row if cell.x0 > x]
        if before and after:
            gaps.append((after[0].x0 - before[-1].x1) / before[-1].size)
    return max(gaps, default=0.0) > MIN_SURE_GAP or len(gaps) >= max(1, MIN_SHARE * len(rows))


def cut_at_gutters(head: Sequence[list[Cell]], body: Sequence[list[Cell]]) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """Cut cells that lie across gutters of the body: narrow columns stand no farther apart than words do.

    A gutter lies where cells of other rows are parted, or between decimal fractions. What spans columns is not cut: a row of one
    cell, and a head of many words without a wider gap above the gutter.
    """
    rows = [row for row in body if len(row) > 1] or list(body)
    known = gutters_of(rows)
    if not rows:
        return list(head), list(body)
    words = [[word for cell in row for word in _words(cell)] for row in rows]
    width = _width(rows)
    found = [
        gutter
        for gutter in _stretches([[(word.x0, word.x1) for word in row] for row in words], MAX_CROSSING, width)
        if any(gutter.x0 <= other.x <= gutter.x1 for other in known) or _is_gutter(gutter, rows, known, head)
    ]

    return (
        [_cut(row, found) for row in head],
        [
            row
            if (n or head) and row not in rows and _is_remark(row[0], found)
            else _cut(row, found, is_body=len(row) > 1)
            for n, row in enumerate(body)
        ],
    )


def _crossed(cell: Cell, gutters: Sequence[Gutter]) -> list[Gutter]:
    """Those from side to side of which a cell reaches."""
    return [gutter for gutter in gutters if cell.x0 < gutter.x0 and gutter.x1 < cell.x1]


def _is_remark(cell: Cell, gutters: Sequence[Gutter]) -> bool:
    """Whether the one cell of a row spans columns: behind some gutter that it crosses stands no number."""
    words = _words(cell)
    across = [_blanks_at(words, gutter) for gutter in _crossed(cell, gutters)]
    return not all(blanks and _NUMBER.match(words[blanks[0][1]].text) for blanks in across)


def _is_gutter(
    gutter: Gutter, rows: Sequence[Sequence[Cell]], known: Sequence[Gutter], head: Sequence[Sequence[Cell]]
) -> bool:
    """Whether rows show that a stretch between words is one between cells."""
    left = max((other.x for other in known if other.x < gutter.x), default=float("-inf"))
    right = min((other.x for other in known if other.x > gutter.x), default=float("inf"))

    def between(row: Sequence[Cell]) -> list[Cell]:
        return [cell for cell in row if left < (cell.x0 + cell.x1) / 2 < right]

    apart = decimal = total = 0
    lengths: list[tuple[int, int]] = []
    for row in rows:
        words = [word for cell in between(row) for word in _words(cell)]
        before = [word for word in words if word.x1 < gutter.x]
        after = [word for word in words if word.x0 > gutter.x]
        if not before or not after:
            continue
        total += 1
        if (one := _NUMERAL.fullmatch(before[-1].text)) and (other := _NUMERAL.fullmatch(after[0].text)):
            lengths.append((len(one[1]), len(other[1])))
        if any(cell.x0 < gutter.x < cell.x1 for cell in between(row)):
            decimal += bool(_DECIMAL.fullmatch(before[-1].text) and _DECIMAL.fullmatch(after[0].text))
        else:
            gaps = [b.x0 - a.x1 for a, b in pairwise(words)]
            apart += len(gaps) == 1 or after[0].x0 - before[-1].x1 > MIN_WIDER * min(gaps)
    if total < max(MIN_ROWS, MIN_SHARE * len(rows)):
        return False
    is_below_gap = any(_separates(gutter.x, [between(row)]) for row in head)
    varied = bool(lengths) and all(len(set(each)) > 1 for each in zip(*lengths, strict=True))
    numbers = max(decimal, varied * len(lengths))
    return is_below_gap or apart >= MIN_APART * total or numbers >= MIN_NUMBERS * total


def _cut(row: Sequence[Cell], gutters: Sequence[Gutter], *, is_body: bool = False) -> list[Cell]:
    made: list[Cell] = []
    for cell in row:
        across = _crossed(cell, gutters)
        words = _words(cell) if across else []
        blanks = {n: aligned for gutter in across for aligned, n in _blanks_at(words, gutter)}
        at = sorted(blanks)
        pieces = [words[start:end] for start, end in pairwise([0, *at, len(words)])] if at else []
        is_head = (
            len(at) == len(across)
            and len(words) <= MAX_WORDS * len(pieces)
            and (any(blanks.values()) or any(_is_centred(piece, gutters) for piece in pieces))
        )
        if not at or not (is_body or is_head):
            made.append(cell)
            continue
        made += [_cell(piece, cell) for piece in pieces]
    return made


def _is_centred(words: Sequence[_Word], gutters: Sequence[Gutter]) -> bool:
    """Whether words stand in the middle of the column between two gutters."""
    middle = (words[0].x0 + words[-1].x1) / 2
    return any(abs(middle - (a.x1 + b.x0) / 2) < MIN_GUTTER for a, b in pairwise(gutters))


def _blanks_at(words: Sequence[_Word], gutter: Gutter) -> list[tuple[bool, int]]:
    """The word before which a blank lies above a gutter, if any, and whether it begins, or the one before it ends, where cells do
    at the gutter; of several such blanks that one, or the widest.
    """
    blanks = [
        (abs(after.x0 - gutter.x1) < MIN_GUTTER or abs(before.x1 - gutter.x0) < MIN_GUTTER, after.x0 - before.x1, n + 1)
        for n, (before, after) in enumerate(pairwise(words))
        if before.x1 < gutter.x1 and gutter.x0 < after.x0
    ]
    return [(aligned, n) for aligned, _, n in [max(blanks)]] if blanks else []


def _words(cell: Cell) -> list[_Word]:
    made: list[_Word] = []
    spans = sorted(((line, span) for line in cell.lines for span in line.spans), key=lambda pair: pair[1].x0)
    for line, span in spans:
        if made and span.x0 - made[-1].x1 < WORD_GAP * span.size:
            made[-1].x1 = max(made[-1].x1, span.x1)
            made[-1].spans.append((line, span))
        else:
            made.append(_Word(span.x0, span.x1, [(line, span)]))
    return made


def _cell(words: Sequence[_Word], cell: Cell) -> Cell:
    chosen = {id(span) for word in words for _, span in word.spans}
    parts = [(line, [span for span in line.spans if id(span) in chosen]) for line in cell.lines]
    lines = [Line(spans, line.angle) for line, spans in parts if spans]
    return Cell(words[0].x0, max(word.x1 for word in words), lines, cell.baseline)
