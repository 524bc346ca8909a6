"""Displayed equations: rows of mathematics that stand apart from the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from curation.extract.pages import Displayed
from curation.extract.pdf.columns import SAME_EDGE, Frame
from curation.extract.pdf.lines import MIN_RAISED, hangs
from curation.extract.pdf.mathematics import COUNTED, is_math_font, math_share, words_of_text
from curation.extract.pdf.page import MAX_SIDE, Line, Span
from curation.extract.pdf.style import Row, Style

_NUMBER = re.compile(
    rf"[,.;]?\s*(?:[(\[]\s*(?P<inside>{COUNTED}|[A-Z]|[ivx]{{1,4}}|[*\u2217\u2020\u2021]{{1,3}})\s*[)\]]"
    r"|(?P<bare>\d{1,3})\.)\s*[.,]?"
)
"""The number of an equation: (3), (2.1a), (S-4), [7], (*), and 3. where it stands far from all else."""
_ITEM = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s|[\u2022\u25e6\u2013-]\s")
MIN_GAP, MIN_WIDE_GAP = 0.8, 2.0
"""In sizes, between an equation and its number; where that may be an item of a list, or is at the left."""
_RELATION = re.compile(r"[=≡≈≃∼<>≤≥≲≳∝→←⇒+×∑∏∫]")
_EQUATED = re.compile(r"[=≡≈≃∝→←⇒∑∏∫]")
_CELL = re.compile(r"\W*\d[\W\d]*")
CLOSE, MIN_STEP = 1.18, 0.6
"""Leadings from one line of text to the next at most and at least."""
MAX_INDENT = 5.0
"""Sizes by which a paragraph's first line is set in."""
MAX_WORDS = 3
"""Words of text in a row of an equation: `if`, `otherwise`, a condition."""
MAX_NUMBERED_WORDS = 10
"""The same where a number stands far from it: a probability of words, a ratio of names."""
MIN_MATH = 0.3
"""Share of a row's characters that is mathematics: digits and letters of upright fonts stand beside them."""
MIN_CENTRED_MATH = 0.15
"""The same in the middle of its column where it begins with mathematics: names of quantities and units stand beside it."""


@dataclass(slots=True)
class Part:
    """A row of a displayed equation.

    Args:
        body: its lines without the number that stands at the edge of its frame.
    """

    row: Row
    number: str | None
    body: list[Line]


@dataclass(slots=True)
class Equation:
    """A displayed equation from top to bottom."""

    parts: list[Part]

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.row.lines]

    @property
    def mark(self) -> str:
        """What stands in its place in a text."""
        numbers = [part.number for part in self.parts if part.number is not None]
        return " ".join(f"$$[equation {n}]$$" for n in numbers) or "$$[equation]$$"

    def displayed(self, page: int) -> list[Displayed]:
        """One for each of its numbers, or one without; `page` is theirs. Rows between two numbers belong to the nearer one,
        lines that stand as far from either to the lower: continued lines are numbered at their last.
        """
        numbered = [(part.row.baseline, part.number) for part in self.parts if part.number is not None]
        if not numbered:
            return [_displayed(self.parts, None, page)]
        own: list[list[Part]] = [[] for _ in numbered]
        for part in self.parts:
            y0, size = part.row.baseline, part.row.size
            far = [abs(y0 - y) - (0.3 * size if y > y0 else 0) for y, _ in numbered]
            own[far.index(min(far))].append(part)
        return [_displayed(parts, number, page) for parts, (_, number) in zip(own, numbered, strict=True) if parts]


def _displayed(parts: Sequence[Part], number: str | None, page: int) -> Displayed:
    lines = [line for part in parts for line in part.body] or [line for part in parts for line in part.row.lines]
    raw = "\n".join(" ".join(line.text.strip() for line in part.body) for part in parts if part.body)
    upper = [floor(_on_page(min(sides))) for sides in ([line.x0 for line in lines], [line.y0 for line in lines])]
    lower = [ceil(_on_page(max(sides))) for sides in ([line.x1 for line in lines], [line.y1 for line in lines])]
    return Displayed(page, number, raw, *upper, *lower)


def _on_page(side: float) -> float:
    return min(max(0.0, side), MAX_SIDE)


def equations_of(rows: Sequence[Row], style: Style, columns: Sequence[Frame]) -> list[Equation]:
    """Displayed equations among the rows of a page that belong to no float, each frame from top to bottom.

    Args:
        columns: of the page.
    """
    made: list[Equation] = []
    parts = [_part_of(own) for row in _in_columns(rows, columns) for own in _without_hanging(row)]
    for n in range(len(parts)):
        _number_alone(parts, n)
    seeds = [_is_seed(parts, n, style) for n in range(len(parts))]
    taken = [False] * len(parts)
    for n, seed in enumerate(seeds):
        if not seed or taken[n]:
            continue
        first = last = n
        while first > 0 and not taken[first - 1] and _belongs(parts, first - 1, first, seeds, style):
            first -= 1
        while last + 1 < len(parts) and _belongs(parts, last + 1, last, seeds, style):
            last += 1
        for place in range(first, last + 1):
            taken[place] = True
        made.append(Equation(parts[first : last + 1]))
    return made


def _in_columns(rows: Sequence[Row], columns: Sequence[Frame]) -> list[Row]:
    """The rows, those of mathematics that begin in a column, jut out of it and reach no other one among the rows of that."""
    if len(columns) < 2:
        return list(rows)
    ends = [*(column.x0 for column in columns[1:]), float("inf")]
    by_frame: dict[Frame, list[Row]] = {}
    for row in rows:
        frame = row.frame
        if frame not in columns and row.words <= MAX_WORDS and _has_math(row.spans):
            inside = (c for c, end in zip(columns, ends, strict=True) if c.x0 <= row.x0 < c.x1 and row.x1 < end)
            frame = next(inside, frame)
        moved = row if frame == row.frame else Row(row.lines, row.baseline, frame)
        by_frame.setdefault(frame, []).append(moved)
    return [row for own in by_frame.values() for row in sorted(own, key=lambda row: row.baseline)]


def _without_hanging(row: Row) -> list[Row]:
    """A row of words, and the signs that hang from its baseline into the equation below it, far from the words."""
    words = [line for line in row.lines if words_of_text(line)]
    if not words or len(words) == len(row.lines) or not any(hangs(line.spans[0]) for line in row.lines):
        return [row]
    end, size = max(line.x1 for line in words), row.size
    hanging = [
        line for line in row.lines if line.x0 > end + size and line.baseline > words[-1].baseline - MIN_RAISED * size
    ]
    if not hanging or not hangs(hanging[0].spans[0]):
        return [row]
    own = [line for line in row.lines if not any(line is other for other in hanging)]
    return [Row(own, row.baseline, row.frame), Row(hanging, hanging[0].baseline, row.frame)]


def _part_of(row: Row) -> Part:
    """A row and its number, at the right or left edge of its frame with a gap between them."""
    last, first, size = row.lines[-1], row.lines[0], row.size
    if row.frame.x1 - row.x1 <= 2 * size:
        rest = row.lines[:-1]
        if match := _NUMBER.fullmatch(last.text.strip()):
            gap = last.x0 - max((line.x1 for line in rest), default=row.frame.x0)
            if gap > (MIN_WIDE_GAP if match["bare"] else MIN_GAP) * size:
                return Part(row, match["inside"] or match["bare"], rest)
        elif (cut := _last_gap(last)) and (match := _NUMBER.fullmatch(Line(last.spans[cut:]).text.strip())):
            before = Line(last.spans[:cut])
            if match["inside"] and math_share(before.spans) > MIN_MATH:
                return Part(row, match["inside"], [*rest, before])
    match = _NUMBER.fullmatch(first.text.strip()) if len(row.lines) > 1 and _at_left(row) else None
    if match and match["inside"] and row.lines[1].x0 - first.x1 > MIN_WIDE_GAP * size:
        return Part(row, match["inside"], row.lines[1:])
    return Part(row, None, row.lines)


def _at_left(row: Row) -> bool:
    return row.lines[0].x0 - row.frame.x0 <= row.size


def _number_alone(parts: Sequence[Part], n: int) -> None:
    """Tell a number that is a row of its own at the left edge: it stands beside mathematics, on no baseline of that."""
    row = parts[n].row
    match = _NUMBER.fullmatch(row.text.strip()) if len(row.lines) == 1 and _at_left(row) else None
    if match is None or not match["inside"]:
        return
    for other in (part.row for part in parts[max(0, n - 2) : n + 3] if part.row is not row):
        overlaps = min(row.y1, other.y1) - max(row.y0, other.y0) > 0
        if (
            overlaps
            and other.x0 - row.x1 > MIN_WIDE_GAP * row.size
            and other.words <= MAX_WORDS
            and _has_math(other.spans)
        ):
            parts[n].number, parts[n].body = match["inside"], []


def _last_gap(line: Line) -> int:
    """The place of the last span of a line with a gap before it; 0 where there is none."""
    spans = line.spans
    return next((n for n in range(len(spans) - 1, 0, -1) if spans[n].x0 - spans[n - 1].x1 > 0.3 * line.size), 0)


def _is_seed(parts: Sequence[Part], n: int, style: Style) -> bool:
    row, number, body = parts[n].row, parts[n].number, parts[n].body
    spans = [span for line in body for span in line.spans]
    if max((span.size for span in row.spans), default=0.0) < 0.6 * style.size:
        return False
    if not body:
        return True
    share = math_share(spans, functions=True)
    text = " ".join(line.text for line in body)
    x0, x1 = min(line.x0 for line in body), max(line.x1 for line in body)
    centred = abs((x0 + x1) - (row.frame.x0 + row.frame.x1)) / 2 < 3 * row.size and x0 > row.frame.x0 + row.size
    indented = x0 > row.frame.x0 + 2.2 * row.size
    is_related = bool(_RELATION.search(text))
    if number is not None:
        apart = centred or indented or row.words == 0
        is_far = row.frame.x1 - x1 > 4 * row.size or x0 - row.frame.x0 > 4 * row.size
        return (share > 0.1 and (row.words <= MAX_WORDS or (apart and (share > MIN_MATH or is_related)))) or (
            is_related and row.words <= MAX_NUMBERED_WORDS and (is_far or (share > 0.1 and _apart(parts, n, style)))
        )
    begins = is_math_font(spans[0]) and is_related and centred and not spans[0].bold
    if row.words > MAX_WORDS or share < (MIN_CENTRED_MATH if begins else MIN_MATH) or not _has_math(spans):
        return False
    if _ITEM.match(text) or _stands_in_text(parts, n) or _goes_on(parts, n, style) or _are_cells(body):
        return False
    apart = _apart(parts, n, style)
    if centred or indented:
        return (is_related or len(text) > 8) and (apart or row.words == 0)
    return apart and row.words <= 1 and is_related and row.x1 - row.x0 < 0.9 * (row.frame.x1 - row.frame.x0)


def _goes_on(parts: Sequence[Part], n: int, style: Style) -> bool:
    """Whether a row is the next line of running text: rows of mathematics above it, close together and from one edge, lead up to
    a row of words. A display stands apart from that, begins elsewhere, or has a number on one of its next rows.
    """
    row = parts[n].row
    for part, below in pairwise(parts[n:]):
        if below.row.baseline - part.row.baseline > CLOSE * style.leading or below.row.words > 1:
            break
        if below.number is not None and below.row.frame == row.frame:
            return False
    for above in (part.row for part in reversed(parts[:n])):
        step = row.baseline - above.baseline
        if above.frame != row.frame or step > CLOSE * style.leading:
            return False
        if step < MIN_STEP * style.leading:  # pieces of one line of text that have another baseline
            continue
        is_first = 0 < above.x0 - row.x0 < MAX_INDENT * style.size and above.x1 > above.frame.x1 - style.size
        if not is_first and not any(abs(line.x0 - row.x0) < SAME_EDGE for line in above.lines):
            return False
        if above.words > 1:
            return True
        row = above
    return False


def _are_cells(lines: Sequence[Line]) -> bool:
    """Whether lines beside each other are the numbers of a table's row: most are one, and nothing is set equal."""
    if len(lines) < 2 or any(_EQUATED.search(line.text) for line in lines):
        return False
    return 2 * sum(bool(_CELL.fullmatch(line.text)) for line in lines) >= len(lines)


def _has_math(spans: Sequence[Span]) -> bool:
    return any(map(is_math_font, spans))


def _stands_in_text(parts: Sequence[Part], n: int) -> bool:
    """Whether a row is a piece of a line of text that has another baseline, for its scripts are many: text stands beside it."""
    row = parts[n].row
    for other in (part.row for part in parts[max(0, n - 2) : n + 3]):
        if other is row or other.frame != row.frame or other.words < 2:
            continue
        shared = min(row.y1, other.y1) - max(row.y0, other.y0)
        beside = all(line.x1 <= mine.x0 + 1 or mine.x1 <= line.x0 + 1 for line in other.lines for mine in row.lines)
        if beside and shared > 0.6 * min(row.y1 - row.y0, other.y1 - other.y0):
            return True
    return False


def _apart(parts: Sequence[Part], n: int, style: Style) -> bool:
    """Whether more than a line's distance is above and below a row, or nothing."""
    row = parts[n].row
    above = parts[n - 1].row if n and parts[n - 1].row.frame == row.frame else None
    below = parts[n + 1].row if n + 1 < len(parts) and parts[n + 1].row.frame == row.frame else None
    wide = CLOSE * style.leading
    over = above is None or row.baseline - above.baseline > wide or above.words <= 1
    under = below is None or below.baseline - row.baseline > wide or below.words <= 1
    return over and under


def _belongs(parts: Sequence[Part], n: int, beside: int, seeds: Sequence[bool], style: Style) -> bool:
    """Whether row `n` is a part of the equation that row `beside` belongs to: a limit, a numerator, its next line."""
    row, other, number = parts[n].row, parts[beside].row, parts[n].number
    if row.frame != other.frame:
        return False
    gap = max(row.y0, other.y0) - min(row.y1, other.y1)
    if seeds[n]:
        return gap < (1.5 * style.size if number is None or parts[beside].number is None else 0.9 * style.leading)
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
        or number is not None
        or (not row.words and not flush)
    )
