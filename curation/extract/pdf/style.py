"""How a document is set: the size of its text, the distance of its lines, its columns and the rows in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from curation.extract.pdf.columns import Frame, Stretch, columns_of
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.page import Line, Page, Span

MAX_OVER = 14.0
"""Points by which a line may stand out of its column: of footnotes, of words that TeX could not break."""


class Row:
    """Lines of one frame that stand on one baseline, from left to right, and how far they reach.

    Attributes:
        size: of its widest line.
    """

    __slots__ = ("_words", "baseline", "frame", "lines", "size", "x0", "x1", "y0", "y1")

    def __init__(self, lines: list[Line], baseline: float, frame: Frame) -> None:
        self.lines, self.baseline, self.frame = lines, baseline, frame
        self.x0, self.x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
        self.y0, self.y1 = min(line.y0 for line in lines), max(line.y1 for line in lines)
        self.size = max(lines, key=lambda line: line.x1 - line.x0).size
        self._words: int | None = None

    @property
    def text(self) -> str:
        return " ".join(line.text.strip() for line in self.lines)

    @property
    def spans(self) -> list[Span]:
        return [span for line in self.lines for span in line.spans]

    @property
    def words(self) -> int:
        """Words of running text."""
        if self._words is None:
            self._words = sum(len(words_of_text(line)) for line in self.lines)
        return self._words


@dataclass(frozen=True, slots=True)
class Style:
    """What most of a document has.

    Args:
        size: of most characters, points.
        font: of most characters.
        leading: from baseline to baseline inside paragraphs, points.
        columns: of each page, its columns from left to right, at least one.
        tails: ids of short lines that end a paragraph across all columns.
        stretches: of pages that are set in columns only between two heights, these and the columns.
    """

    size: float
    font: str
    leading: float
    columns: tuple[tuple[Frame, ...], ...]
    tails: frozenset[int] = frozenset()
    stretches: Mapping[int, Stretch] = field(default_factory=dict)

    def frame(self, page: int, line: Line) -> Frame:
        """The column that a line stands in, or the width of all columns."""
        columns = self.columns[page]
        if (stretch := self.stretches.get(page)) is not None and stretch[0] <= line.baseline <= stretch[1]:
            columns = stretch[2]
        if id(line) in self.tails:
            return Frame(columns[0].x0, columns[-1].x1)
        gap = min((b.x0 - a.x1 for a, b in pairwise(columns)), default=2 * MAX_OVER)
        slack = max(6.0, min(MAX_OVER, 0.45 * gap))
        for column in columns:
            if column.holds(line, slack):
                return column
        return Frame(columns[0].x0, columns[-1].x1)


def style_of(pages: Sequence[Page]) -> Style:
    """The style of a document. Without text it is that of an empty page."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
            for span in line.spans:
                fonts[span.font] += len(span.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    columns, tails, stretches = columns_of(pages, size)
    return Style(
        size,
        fonts.most_common(1)[0][0] if fonts else "",
        _leading(pages, size),
        columns,
        tails,
        stretches,
    )


def _leading(pages: Sequence[Page], size: float) -> float:
    steps: Counter[float] = Counter()
    for page in pages:
        for last, line in pairwise(page.lines):
            step = line.baseline - last.baseline
            if abs(line.size - size) < 0.3 and abs(last.size - size) < 0.3 and 0.8 * size < step < 3 * size:
                steps[round(2 * step) / 2] += 1
    return steps.most_common(1)[0][0] if steps else 1.2 * size


def rows_of(page: Page, number: int, style: Style, without: Container[int] = frozenset()) -> list[Row]:
    """The upright lines of a page as rows of its frames, each frame from top to bottom.

    Args:
        without: ids of lines that are left out.
    """
    by_frame: dict[Frame, list[Line]] = {}
    for line in page.lines:
        if line.angle == 0 and id(line) not in without:
            by_frame.setdefault(style.frame(number, line), []).append(line)
    made: list[Row] = []
    for frame, lines in sorted(by_frame.items(), key=lambda item: (item[0].x0, item[0].x1)):
        for own in _on_baselines(lines):
            made.append(Row(sorted(own, key=lambda line: line.x0), own[0].baseline, frame))
    return made


def _on_baselines(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand on one baseline with the uppermost of them, from top to bottom."""
    rows: list[list[Line]] = []
    widest = lines[0]
    for line in sorted(lines, key=lambda line: line.baseline):
        if rows and line.baseline - rows[-1][0].baseline < 0.25 * min(line.size, widest.size) + 0.4:
            rows[-1].append(line)
            widest = max(widest, line, key=lambda one: one.x1 - one.x0)
        else:
            rows.append([line])
            widest = line
    return rows
