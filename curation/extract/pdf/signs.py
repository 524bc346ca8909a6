"""Signs of a table that stand apart from their numbers: in columns that are aligned at signs a minus may stand closer to the number of
the column before than to its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from curation.extract.pdf.page import Line, Span

SAME_X = 2.0
"""Points between the left edges of signs of one column."""
MIN_SIGNS = 3
"""Rows of one column in which a sign stands before a number."""
MAX_SCRIPT = 0.85
"""Of the largest characters of a row: those of exponents are smaller."""
MIN_APART, MAX_FAR = 0.55, 1.5
"""Sizes from a sign to its number: those of a range ("1 - 2") and of its own cell stand closer, those of the next column farther."""
MAX_TIGHT = 0.2
"""Sizes from the number before to signs that show where a column has them: a blank stands before those of a range."""
MAX_GLUED = 0.5
"""Sizes from word to word of one cell."""
SIGN_WIDTH = 0.35
"""Sizes of a sign that ends a word: of a hyphen."""
_GLUED = re.compile(r"(\s*[\d.()]*\d[\d.()]*)([-\u2212])\s*")
_SIGN = re.compile(r"\s*[-\u2212]\s*")
_NUMBER = re.compile(r"\s*\d[\d.,()]*\s*")

Word = tuple[Line, Span]
"""A word, with the line that it belongs to."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign by its place in the words of a row."""

    row: int
    n: int
    x0: float
    is_sure: bool
    """No blank stands between the number before and it."""


def with_signs(rows: Sequence[Sequence[Word]]) -> list[Line] | None:
    """The lines of a table, whose signs begin the words of their numbers. None where all of them do.

    Args:
        rows: their words, from left to right.
    """
    cut = [[part for word in row for part in _parted(*word)] for row in rows]
    found = list(_before_numbers(cut))
    moved: dict[int, set[int]] = {}
    for sign in found:
        column = [other for other in found if abs(other.x0 - sign.x0) < SAME_X]
        sure = {other.row for other in column if other.is_sure}
        if len(sure) >= MIN_SIGNS and not _is_column(cut, column):
            moved.setdefault(sign.row, set()).add(sign.n)
    if not moved:
        return None
    return [line for n, row in enumerate(rows) for line in _lines(_moved(cut[n], moved[n]) if n in moved else row)]


def _parted(line: Line, word: Span) -> Iterator[Word]:
    """A word, and the sign that ends it."""
    found = _GLUED.fullmatch(word.text)
    if found is None:
        yield line, word
        return
    edge = word.x1 - SIGN_WIDTH * word.size
    yield line, replace(word, text=found[1], x1=edge, words=())
    yield line, replace(word, text=found[2], x0=edge, words=())


def _before_numbers(rows: Sequence[Sequence[Word]]) -> Iterator[_Sign]:
    for r, row in enumerate(rows):
        least = MAX_SCRIPT * max(span.size for _, span in row)
        for n in range(1, len(row) - 1):
            before, sign, after = (word for _, word in row[n - 1 : n + 2])
            gap = (after.x0 - sign.x1) / sign.size
            if (
                sign.size > least
                and _SIGN.fullmatch(sign.text)
                and _NUMBER.fullmatch(after.text)
                and MIN_APART < gap < MAX_FAR
            ):
                is_tight = _NUMBER.fullmatch(before.text) and sign.x0 - before.x1 < MAX_TIGHT * sign.size
                yield _Sign(r, n, sign.x0, is_sure=bool(is_tight))


def _is_column(rows: Sequence[Sequence[Word]], signs: Sequence[_Sign]) -> bool:
    """Whether numbers begin where signs stand, in a column of their own: there a sign means that there is none."""
    own = {sign.row for sign in signs}
    x0 = min(sign.x0 for sign in signs)
    return any(
        x0 - span.size < span.x0 < x0 + SAME_X
        and x0 < span.x1
        and _NUMBER.fullmatch(span.text)
        and (m == 0 or span.x0 - row[m - 1][1].x1 > MAX_GLUED * span.size)
        for n, row in enumerate(rows)
        if n not in own
        for m, (_, span) in enumerate(row)
    )


def _moved(row: Sequence[Word], signs: set[int]) -> list[Word]:
    made: list[Word] = []
    for n, (line, span) in enumerate(row):
        if n - 1 in signs:
            made.append((line, replace(span, text=row[n - 1][1].text.strip() + span.text.lstrip(), words=())))
        elif n not in signs:
            made.append((line, span))
    return made


def _lines(row: Sequence[Word]) -> list[Line]:
    made: dict[int, tuple[Line, list[Span]]] = {}
    for line, span in row:
        made.setdefault(id(line), (line, []))[1].append(span)
    return [Line(spans, line.angle) for line, spans in made.values()]
