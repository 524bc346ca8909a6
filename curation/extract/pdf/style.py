"""How a document is set: the size of its text, the distance of its lines, its columns, and which fonts set mathematics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from curation.extract.pdf.page import Line, Page, Span

_MATH_FONT = re.compile(
    r"CMMI|CMSY|CMEX|CMBSY|CMMIB|MSAM|MSBM|EUFM|EUSM|EURM|RSFS|LMMath|txsy|txex|txmi|txm?[ab]\d*$|pxsy|pxex|pxmi|rtxmi|rpxmi|MTMI|MTSY|MTEX|MTEX"
    r"|Math|Symbol|MdSym|wasy|esint|stmary|BBOLD|dsrom|bbm|NewTXMI|newtxmi|ntxmi|stix.*(?:math|sf|bb)|fourier.*m|zmi|ztm|psyr|psyro|Wasy",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_FUNCTIONS = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "exp",
        "log",
        "max",
        "min",
        "lim",
        "sup",
        "inf",
        "det",
        "erf",
        "sinh",
        "cosh",
        "tanh",
        "arctan",
        "otherwise",
        "for",
        "and",
        "with",
        "where",
        "arg",
        "argmax",
        "argmin",
        "var",
        "cov",
        "const",
        "mod",
        "diag",
        "sgn",
    ]
)
"""Words that stand in displayed equations."""
_RELATION = re.compile(r"[=≡≈≃∼<>≤≥≲≳∝→←⇒+−±×∑∏∫√∂∇∈∥|/⟨⟩{}]")
MIN_FRAME_LINES = 4
"""Lines with the same left and right edge on a page that make a column; a float's caption may have as many."""
SAME_EDGE = 3.0
"""Points between edges that are the same: margins kern hyphens and quotes out by up to 2."""

MAX_OVER = 14.0
"""Points by which a line may stand out of its column: of footnotes, of words that TeX could not break."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A column of text, or the width of the page: its left and right edge in points."""

    x0: float
    x1: float

    def holds(self, line: Line, slack: float) -> bool:
        return line.x0 >= self.x0 - slack and line.x1 <= self.x1 + slack


@dataclass(slots=True)
class Row:
    """Lines of one frame that stand on one baseline, from left to right; what is set above and below it beside them."""

    lines: list[Line]
    baseline: float
    frame: Frame
    attached: list[Line] = field(default_factory=list)

    @property
    def x0(self) -> float:
        return min(line.x0 for line in self.lines)

    @property
    def x1(self) -> float:
        return max(line.x1 for line in self.lines)

    @property
    def y0(self) -> float:
        return min(line.y0 for line in self.lines)

    @property
    def y1(self) -> float:
        return max(line.y1 for line in self.lines)

    @property
    def size(self) -> float:
        return max(self.lines, key=lambda line: line.x1 - line.x0).size

    @property
    def text(self) -> str:
        return " ".join(line.text.strip() for line in self.lines)

    @property
    def spans(self) -> list[Span]:
        return [span for line in self.lines for span in line.spans]

    @property
    def words(self) -> int:
        """Words of running text."""
        return sum(len(words_of_text(line)) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Style:
    """What most of a document has.

    Args:
        size: of most characters, points.
        leading: from baseline to baseline inside paragraphs, points.
        columns: of each page, its columns from left to right, at least one.
    """

    size: float
    leading: float
    columns: tuple[tuple[Frame, ...], ...]

    def frame(self, page: int, line: Line) -> Frame:
        """The column that a line stands in, or the width of all columns."""
        columns = self.columns[page]
        gap = min((b.x0 - a.x1 for a, b in pairwise(columns)), default=2 * MAX_OVER)
        slack = max(6.0, min(MAX_OVER, 0.45 * gap))
        for column in columns:
            if column.holds(line, slack):
                return column
        return Frame(columns[0].x0, columns[-1].x1)


def is_math_font(span: Span) -> bool:
    return bool(_MATH_FONT.search(span.font))


def words_of_text(line: Line) -> list[str]:
    """Words of three letters or more that are set as text, without names of functions."""
    found: list[str] = []
    for span in line.spans:
        if not is_math_font(span):
            found += [word for word in _WORD.findall(span.text) if word.lower() not in _FUNCTIONS]
    return found


def math_share(spans: Iterable[Span]) -> float:
    """Share of characters that are set as mathematics or mean a relation or operation."""
    total = math = 0
    for span in spans:
        text = "".join(span.text.split())
        total += len(text)
        math += len(text) if is_math_font(span) else len(_RELATION.findall(text))
    return math / max(1, total)


def style_of(pages: Sequence[Page]) -> Style:
    """The style of a document. Without text it is that of an empty page."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    wide = [[line for line in page.lines if _is_wide(line, size)] for page in pages]
    document = _columns([line for lines in wide for line in lines], max(MIN_FRAME_LINES, sum(map(len, wide)) // 20))
    columns = []
    for page, lines in zip(pages, wide, strict=True):
        own = _columns(lines, MIN_FRAME_LINES)
        columns.append(_fitted(own, document, page))
    return Style(size, _leading(pages, size), tuple(columns))


def _is_wide(line: Line, size: float) -> bool:
    return line.angle == 0 and abs(line.size - size) < 1.6 and len(_WORD.findall(line.text)) >= 4


def _columns(lines: Sequence[Line], needed: int) -> tuple[Frame, ...]:
    """Frames of justified lines, the narrowest that do not overlap, from left to right."""
    edges: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.x0, line.x1)):
        for group in reversed(edges[-12:]):
            if abs(group[0].x0 - line.x0) <= SAME_EDGE and abs(group[0].x1 - line.x1) <= SAME_EDGE:
                group.append(line)
                break
        else:
            edges.append([line])
    groups = [group for group in edges if len(group) >= needed]
    if not groups:
        return ()
    most = max(len(group) for group in groups)
    made: list[Frame] = []
    for group in sorted((g for g in groups if len(g) >= most / 4), key=lambda g: g[0].x1 - g[0].x0):
        frame = Frame(min(line.x0 for line in group), max(line.x1 for line in group))
        rivals = [other for other in made if other.x0 < frame.x1 - SAME_EDGE and frame.x0 < other.x1 - SAME_EDGE]
        if not rivals:
            made.append(frame)
        elif (
            len(rivals) == 1 and len(made) == 1
        ):  # one narrower stretch, of a list or an abstract: the wider one is the column
            made = [frame]
    return tuple(sorted(made, key=lambda frame: frame.x0))


def _fitted(own: tuple[Frame, ...], document: tuple[Frame, ...], page: Page) -> tuple[Frame, ...]:
    """The columns of a page: its own, with the document's beside them where it fills only one of them."""
    if not own:
        return document or (Frame(0.12 * page.width, 0.88 * page.width),)
    if len(own) == 1 and len(document) > 1:
        near = [other for other in document if abs((other.x1 - other.x0) - (own[0].x1 - own[0].x0)) < 4 * SAME_EDGE]
        if near:
            place = min(range(len(document)), key=lambda n: abs(document[n].x0 - own[0].x0))
            shift = own[0].x0 - document[place].x0
            return tuple(Frame(other.x0 + shift, other.x1 + shift) for other in document)
    return own


def _leading(pages: Sequence[Page], size: float) -> float:
    steps: Counter[float] = Counter()
    for page in pages:
        for last, line in pairwise(page.lines):
            step = line.baseline - last.baseline
            if abs(line.size - size) < 0.3 and abs(last.size - size) < 0.3 and 0.8 * size < step < 3 * size:
                steps[round(2 * step) / 2] += 1
    return steps.most_common(1)[0][0] if steps else 1.2 * size


def rows_of(page: Page, number: int, style: Style) -> list[Row]:
    """The upright lines of a page as rows of its frames, each frame from top to bottom."""
    by_frame: dict[Frame, list[Line]] = {}
    for line in page.lines:
        if line.angle == 0:
            by_frame.setdefault(style.frame(number, line), []).append(line)
    made: list[Row] = []
    for frame, lines in sorted(by_frame.items(), key=lambda item: (item[0].x0, item[0].x1)):
        rows: list[Row] = []
        for line in sorted(lines, key=lambda line: line.baseline):
            baseline = line.baseline
            if rows and baseline - rows[-1].baseline < 0.25 * min(line.size, rows[-1].size) + 0.4:
                rows[-1].lines.append(line)
            else:
                rows.append(Row([line], baseline, frame))
        for row in rows:
            row.lines.sort(key=lambda line: line.x0)
        made += rows
    return made
