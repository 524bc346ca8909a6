"""What stands beside a column of numbers: text that runs on from line to line, code, or items that the numbers count."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from curation.extract.pdf.listings import is_mono
from curation.extract.pdf.page import Page, Span

MIN_RUNNING = 0.2
"""Share of the numbered lines that go on with a sentence: they follow a full line and do not begin with a capital. Of line-numbered
papers .33 to .74, those with the most tables and references lowest; of lists 0."""
MIN_FULL = 0.6
"""Share of full lines above those that begin without a capital: .72 to 1 in running text; lines of items end anywhere."""
MIN_CODE = 0.5
"""Share of the numbered lines that are set in a font of one width."""
RAGGED = 0.15
"""Share of a column's width by which lines that are not justified end before its edge."""
SAME_COLUMN = 20.0
"""Points between the left edges of lines of one column."""
LONG_PIECE, MAX_BLANK = 25, 3.0
"""Characters of a line of a column, and sizes between the words of a line that is set wide."""
MAX_LEADING = 4.0
"""Sizes between a line and the one above it, double spacing and a small display between them."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What of a line is no number of it."""

    baseline: float
    x0: float
    x1: float
    size: float
    text: str
    is_code: bool

    def distance(self, span: Span) -> float:
        return max(self.x0 - span.x1, span.x0 - self.x1)


def _whole(found: Sequence[_Text]) -> Iterator[_Text]:
    """Lines, those whole that stand in pieces of a few words, as widely justified ones do."""
    last: _Text | None = None
    for line in sorted(found, key=lambda line: (round(line.baseline), line.x0)):
        if last is not None:
            is_piece = min(len(last.text), len(line.text)) < LONG_PIECE and abs(line.baseline - last.baseline) < 1
            if is_piece and 0 <= line.x0 - last.x1 < MAX_BLANK * line.size:
                last = replace(last, x1=line.x1, text=f"{last.text} {line.text}")
                continue
            yield last
        last = line
    if last is not None:
        yield last


class NumberedText:
    """The upright text of a page without its bare numbers."""

    def __init__(self, page: Page, numbers: Collection[int]) -> None:
        found = []
        for line in page.lines:
            spans = [span for span in line.spans if id(span) not in numbers and span.text.strip()]
            if spans and line.angle == 0:
                text = "".join(span.text for span in spans).strip()
                is_code = all(map(is_mono, spans))
                found.append(_Text(line.baseline, spans[0].x0, spans[-1].x1, line.size, text, is_code))
        self._lines = sorted(_whole(found), key=lambda line: line.baseline)
        self._baselines = [line.baseline for line in self._lines]
        self._edges: dict[float, float] = {}

    def _between(self, low: float, high: float) -> Sequence[_Text]:
        return self._lines[bisect_left(self._baselines, low) : bisect_right(self._baselines, high)]

    def beside(self, number: Span) -> _Text | None:
        """The line that a number stands beside."""
        near = self._between(number.baseline - number.size, number.baseline + number.size)
        near = [line for line in near if abs(line.baseline - number.baseline) < 0.5 * max(line.size, number.size)]
        return min(near, key=lambda line: line.distance(number), default=None)

    def follows_full_line(self, line: _Text) -> bool | None:
        """Whether the line above reaches as far right as lines of this column do; None where there is none."""
        above = self._between(line.baseline - MAX_LEADING * line.size, line.baseline - 0.5 * line.size)
        above = [other for other in above if other.x0 < line.x1 and other.x1 > line.x0]
        if not above:
            return None
        edge = self._right_edge(line.x0)
        last = max(other.x1 for other in above if other.baseline > above[-1].baseline - 2)
        return last >= edge - RAGGED * (edge - line.x0)

    def _right_edge(self, left: float) -> float:
        """Where three in four lines of the column that begins here have ended."""
        if left not in self._edges:
            ends = sorted(line.x1 for line in self._lines if abs(line.x0 - left) < SAME_COLUMN)
            self._edges[left] = ends[3 * len(ends) // 4]
        return self._edges[left]


def runs_on(numbers: Iterable[tuple[NumberedText, Span]]) -> bool:
    """Whether numbers stand beside running text or code, and not at the beginnings of items."""
    lines = code = full = short = 0
    for page, number in numbers:
        line = page.beside(number)
        after_full = page.follows_full_line(line) if line is not None else None
        if line is None or after_full is None:
            continue
        lines += 1
        code += line.is_code
        if line.text[0].isalpha() and not line.text[0].isupper():
            full, short = full + after_full, short + (not after_full)
    if code and code >= MIN_CODE * lines:
        return True
    return full > 0 and full >= MIN_RUNNING * lines and full >= MIN_FULL * (full + short)
