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
MAX_CROSSING_WORDS = 0.2
"""The same where a gutter is looked for between words: cells of a second row of heads are wider than those below."""
SMALL_PRINT = 8.0
"""Points: below it gutters are narrower with the size."""
MIN_ROWS = 3
"""Rows with words on both sides of a gutter that is seen between words only."""
MIN_SHARE = 0.5
"""The same as a share of all rows: blanks of running text in a column lie above each other in few."""
MIN_APART = 0.3
"""Share of them in which the two stand as far apart as cells do."""
MIN_DECIMALS = 0.6
"""Share of them in which both are decimal fractions, one each: numbers of one cell do not follow each other."""
MAX_WORDS = 1.5
"""Words of a head for each of the columns that it is cut into: one above several columns has more."""
MIN_WIDER = 1.3
"""How much wider than between its words a head's gap above a gutter is."""
_DECIMAL = re.compile(r"[<>~≈≲≳±+\-−–]?\d+\.\d+[%*a-z†‡]?")


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


def gutters_of(rows: Sequence[Sequence[Cell]]) -> list[Gutter]:
    """The blank stretches that nearly no row crosses, between cells of some row."""
    body = [row for row in rows if len(row) > 1] or list(rows)
    found = _stretches([[(cell.x0, cell.x1) for cell in row] for row in body], MAX_CROSSING, _width(body))
    return [gutter for gutter in found if _separates(gutter.x, body)]


def _width(rows: Sequence[Sequence[Cell]]) -> float:
    """Points of the narrowest part of a gutter, by the size of what is written."""
    size = median(cell.size for row in rows for cell in row) if rows else SMALL_PRINT
    return MIN_GUTTER * min(1.0, size / SMALL_PRINT)


def _stretches(rows: Sequence[Sequence[tuple[float, float]]], crossing: float, width: float) -> list[Gutter]:
    """What at most a share of the rows crosses, of some width."""
    allowed = int(crossing * len(rows))
    edges = [(x0 - width / 2, 1) for row in rows for x0, _ in row]
    edges += [(x1 + width / 2, -1) for row in rows for _, x1 in row]
    edges.sort()
    found: list[Gutter] = []
    depth = 0
    opened: float | None = None
    started = False
    for x, change in edges:
        before = depth
        depth += change
        if started and before > allowed >= depth:
            opened = x
        elif opened is not None and before <= allowed < depth:
            found.append(Gutter(opened, x))
            opened = None
        started = started or depth > allowed
    return found


def _separates(x: float, rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a gutter has cells on both sides in some row."""
    return any(any(c.x1 < x for c in row) and any(c.x0 > x for c in row) for row in rows)


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
        for gutter in _stretches([[(word.x0, word.x1) for word in row] for row in words], MAX_CROSSING_WORDS, width)
        if any(gutter.x0 <= other.x <= gutter.x1 for other in known) or _is_gutter(gutter, rows, known)
    ]

    return (
        [_cut(row, found) for row in head],
        [
            row if n and len(row) == 1 and row not in rows else _cut(row, found, is_body=len(row) > 1)
            for n, row in enumerate(body)
        ],
    )


def _is_gutter(gutter: Gutter, rows: Sequence[Sequence[Cell]], known: Sequence[Gutter]) -> bool:
    """Whether rows show that a stretch between words is one between cells."""
    left = max((other.x for other in known if other.x < gutter.x), default=float("-inf"))
    right = min((other.x for other in known if other.x > gutter.x), default=float("inf"))
    apart = decimal = total = 0
    for row in rows:
        column = [cell for cell in row if left < (cell.x0 + cell.x1) / 2 < right]
        across = next((cell for cell in column if cell.x0 < gutter.x < cell.x1), None)
        if across is None:
            parted = any(cell.x1 < gutter.x for cell in column) and any(cell.x0 > gutter.x for cell in column)
            apart += parted
            total += parted
            continue
        words = _words(across)
        before = [word for word in words if word.x1 < gutter.x]
        after = [word for word in words if word.x0 > gutter.x]
        if before and after:
            total += 1
            decimal += bool(_DECIMAL.fullmatch(before[-1].text) and _DECIMAL.fullmatch(after[0].text))
    return total >= max(MIN_ROWS, MIN_SHARE * len(rows)) and (
        apart >= MIN_APART * total or decimal >= MIN_DECIMALS * total
    )


def _cut(row: Sequence[Cell], gutters: Sequence[Gutter], *, is_body: bool = False) -> list[Cell]:
    made: list[Cell] = []
    closed = [gutter for gutter in gutters if not any(a.x1 < gutter.x1 and gutter.x0 < b.x0 for a, b in pairwise(row))]
    for cell in row:
        across = [gutter for gutter in closed if cell.x0 < gutter.x < cell.x1]
        words = _words(cell) if across else []
        blanks = {n: aligned for gutter in across for aligned, n in _blanks_at(words, gutter)}
        at = sorted(blanks)
        is_head = len(words) <= MAX_WORDS * (len(at) + 1) and (len(at) > 1 or any(blanks.values()))
        if not at or not (is_body or is_head or _is_wider(words, at)):
            made.append(cell)
            continue
        for start, end in pairwise([0, *at, len(words)]):
            made.append(_cell(words[start:end], cell))
    return made


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


def _is_wider(words: Sequence[_Word], at: Sequence[int]) -> bool:
    gaps = [after.x0 - before.x1 for before, after in pairwise(words)]
    others = [gap for n, gap in enumerate(gaps) if n + 1 not in at]
    return bool(others) and min(gaps[n - 1] for n in at) > MIN_WIDER * median(others)


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
