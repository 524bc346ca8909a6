"""Displayed equations: rows of mathematics that stand apart from the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from curation.extract.pages import Displayed
from curation.extract.pdf.page import Line
from curation.extract.pdf.style import Row, Style, is_math_font, math_share

_NUMBER = re.compile(
    r"[,.;]?\s*(?:[(\[]\s*(?P<inside>(?:[A-Z]{1,4}[.\-\u2013]?)?\d{1,3}(?:[.\-\u2013]\d{1,3}){0,2}[a-z]{0,2}['\u2032]{0,2}|[A-Z]|[ivx]{1,4}|[*\u2217\u2020\u2021]{1,3})\s*[)\]]"
    r"|(?P<bare>\d{1,3})\.)\s*[.,]?"
)
"""The number of an equation: (3), (2.1a), (S-4), [7], (*), and 3. where it stands far from all else."""
_ITEM = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s|[\u2022\u25e6\u2013-]\s")
MIN_GAP, MIN_WIDE_GAP = 0.8, 2.0
"""In sizes, between an equation and its number; where that may be an item of a list, or is at the left."""
_RELATION = re.compile(r"[=≡≈≃∼<>≤≥≲≳∝→←⇒+×∑∏∫]")
MAX_WORDS = 3
"""Words of text in a row of an equation: `if`, `otherwise`, a condition."""
MAX_SIDE = 1e9
"""Points: no page is larger, whatever a PDF says."""
MIN_MATH = 0.3
"""Share of a row's characters that is mathematics: digits and letters of upright fonts stand beside them."""


@dataclass(slots=True)
class Equation:
    """A displayed equation: its rows and the numbers at its edge."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What stands in its place in a text."""
        return " ".join(f"$$[equation {n}]$$" for n in self.numbers) or "$$[equation]$$"

    def displayed(self, page: int) -> list[Displayed]:
        """One for each of its numbers, or one without; `page` is theirs. Rows between two numbers belong to the nearer one,
        lines that stand as far from either to the lower: continued lines are numbered at their last.
        """
        numbered = [(row.baseline, n) for row in self.rows if (n := number_of(row)) is not None]
        if not numbered:
            return [_displayed(self.rows, None, page)]
        own: list[list[Row]] = [[] for _ in numbered]
        for row in self.rows:
            far = [abs(row.baseline - y) - (0.3 * row.size if y > row.baseline else 0) for y, _ in numbered]
            own[far.index(min(far))].append(row)
        return [_displayed(rows, number, page) for rows, (_, number) in zip(own, numbered, strict=True) if rows]


def _displayed(rows: Sequence[Row], number: str | None, page: int) -> Displayed:
    written = [body_of(row) for row in rows]
    lines = [line for own in written for line in own] or [line for row in rows for line in row.lines]
    raw = "\n".join(" ".join(line.text.strip() for line in own) for own in written if own)
    upper = [floor(_on_page(min(sides))) for sides in ([line.x0 for line in lines], [line.y0 for line in lines])]
    lower = [ceil(_on_page(max(sides))) for sides in ([line.x1 for line in lines], [line.y1 for line in lines])]
    return Displayed(page, number, raw, *upper, *lower)


def _on_page(side: float) -> float:
    return min(max(0.0, side), MAX_SIDE)


def equations_of(rows: Sequence[Row], style: Style) -> list[Equation]:
    """Displayed equations among the rows of a page that belong to no float, each frame from top to bottom."""
    made: list[Equation] = []
    seeds = [_is_seed(rows, n, style) for n in range(len(rows))]
    taken = [False] * len(rows)
    for n, seed in enumerate(seeds):
        if not seed or taken[n]:
            continue
        first = last = n
        while first > 0 and not taken[first - 1] and _belongs(rows, first - 1, first, seeds, style):
            first -= 1
        while last + 1 < len(rows) and _belongs(rows, last + 1, last, seeds, style):
            last += 1
        for place in range(first, last + 1):
            taken[place] = True
        own = list(rows[first : last + 1])
        numbers = [number for row in own if (number := number_of(row)) is not None]
        made.append(Equation(own, numbers))
    return made


def number_of(row: Row) -> str | None:
    """The number of an equation at the right or left edge of its frame, with a gap between them."""
    found = _numbered(row)
    return found[0] if found is not None else None


def body_of(row: Row) -> list[Line]:
    """The lines of a row without its number."""
    found = _numbered(row)
    return row.lines if found is None else found[1]


def _numbered(row: Row) -> tuple[str, list[Line]] | None:
    """The number of a row, and its lines without it."""
    last, first, size = row.lines[-1], row.lines[0], row.size
    if row.frame.x1 - row.x1 <= 2 * size:
        rest = row.lines[:-1]
        if match := _NUMBER.fullmatch(last.text.strip()):
            gap = last.x0 - max((line.x1 for line in rest), default=row.frame.x0)
            if gap > (MIN_WIDE_GAP if match["bare"] else MIN_GAP) * size:
                return match["inside"] or match["bare"], rest
        elif (cut := _last_gap(last)) and (match := _NUMBER.fullmatch(Line(last.spans[cut:]).text.strip())):
            before = Line(last.spans[:cut])
            if match["inside"] and math_share(before.spans) > MIN_MATH:
                return match["inside"], [*rest, before]
    if first.x0 - row.frame.x0 <= size and (match := _NUMBER.fullmatch(first.text.strip())) and match["inside"]:
        gap = min((line.x0 for line in row.lines[1:]), default=row.frame.x0) - first.x1
        if gap > MIN_WIDE_GAP * size:
            return match["inside"], row.lines[1:]
    return None


def _last_gap(line: Line) -> int:
    """The place of the last span of a line with a gap before it; 0 where there is none."""
    spans = line.spans
    return next((n for n in range(len(spans) - 1, 0, -1) if spans[n].x0 - spans[n - 1].x1 > 0.3 * line.size), 0)


def _is_seed(rows: Sequence[Row], n: int, style: Style) -> bool:
    row = rows[n]
    if row.size < 0.6 * style.size:
        return False
    number, body = number_of(row), body_of(row)
    if not body:
        return row.x0 > row.frame.x0 + 0.5 * (row.frame.x1 - row.frame.x0)
    spans = [span for line in body for span in line.spans]
    share = math_share(spans, functions=True)
    text = " ".join(line.text for line in body)
    x0, x1 = body[0].x0, max(line.x1 for line in body)
    centred = abs((x0 + x1) - (row.frame.x0 + row.frame.x1)) / 2 < 3 * row.size and x0 > row.frame.x0 + row.size
    indented = x0 > row.frame.x0 + 2.2 * row.size
    if number is not None:
        apart = centred or indented or row.words == 0
        return share > 0.1 and (
            row.words <= MAX_WORDS or (apart and (share > MIN_MATH or bool(_RELATION.search(text))))
        )
    if row.words > MAX_WORDS or share < MIN_MATH or not _has_math(spans):
        return False
    if _ITEM.match(text) or _stands_in_text(rows, n):
        return False
    apart = _apart(rows, n, style)
    related = bool(_RELATION.search(text)) or len(text) > 8
    if centred or indented:
        return related and (apart or row.words == 0)
    return (
        apart
        and row.words <= 1
        and bool(_RELATION.search(text))
        and row.x1 - row.x0 < 0.9 * (row.frame.x1 - row.frame.x0)
    )


def _has_math(spans: Sequence[object]) -> bool:
    return any(is_math_font(span) for span in spans)  # type: ignore[arg-type]


def _stands_in_text(rows: Sequence[Row], n: int) -> bool:
    """Whether a row is a piece of a line of text that has another baseline, for its scripts are many: text stands beside it."""
    row = rows[n]
    for other in rows[max(0, n - 2) : n + 3]:
        if other is row or other.frame != row.frame or other.words < 2:
            continue
        shared = min(row.y1, other.y1) - max(row.y0, other.y0)
        beside = all(line.x1 <= mine.x0 + 1 or mine.x1 <= line.x0 + 1 for line in other.lines for mine in row.lines)
        if beside and shared > 0.6 * min(row.y1 - row.y0, other.y1 - other.y0):
            return True
    return False


def _apart(rows: Sequence[Row], n: int, style: Style) -> bool:
    """Whether more than a line's distance is above and below a row, or nothing."""
    row = rows[n]
    above = rows[n - 1] if n and rows[n - 1].frame == row.frame else None
    below = rows[n + 1] if n + 1 < len(rows) and rows[n + 1].frame == row.frame else None
    wide = 1.18 * style.leading
    over = above is None or row.baseline - above.baseline > wide or above.words <= 1
    under = below is None or below.baseline - row.baseline > wide or below.words <= 1
    return over and under


def _belongs(rows: Sequence[Row], n: int, beside: int, seeds: Sequence[bool], style: Style) -> bool:
    """Whether row `n` is a part of the equation that row `beside` belongs to: a limit, a numerator, its next line."""
    row, other = rows[n], rows[beside]
    if row.frame != other.frame:
        return False
    gap = max(row.y0, other.y0) - min(row.y1, other.y1)
    if seeds[n]:
        return gap < (1.5 * style.size if number_of(row) is None or number_of(other) is None else 0.9 * style.leading)
    is_limit = (
        row.size < 0.85 * style.size and not row.words and row.x0 > other.x0 - row.size and row.x1 < other.x1 + row.size
    )
    if gap > (1.2 if is_limit else 0.55) * style.size:
        return False
    flush = row.x0 - row.frame.x0 < 0.8 * style.size
    if row.words > MAX_WORDS or (row.words and flush):
        return False
    spans = row.spans
    if flush and not (row.size < 0.85 * style.size or math_share(spans) > 0.6):
        return False
    return (
        math_share(spans) > 0.25
        or row.size < 0.85 * style.size
        or len(row.text.replace(" ", "")) <= 3
        or number_of(row) is not None
        or (not row.words and not flush and bool(_RELATION.search(row.text)))
    )
