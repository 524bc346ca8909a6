"""How a document is set: the size of its text, the distance of its lines, its columns, and which fonts set mathematics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from curation.extract.pdf.page import Line, Page, Span

_MATH_FONT = re.compile(
    r"CMMI|CMSY|CMEX|CMBSY|CMMIB|MSAM|MSBM|EUFM|EUSM|EURM|RSFS|LMMath|txsy|txex|txmi|txm?[ab]\d*$|pxsy|pxex|pxmi|rtxmi|rpxmi|MTMI|MTSY|MTEX"
    r"|Math|Symbol|MdSym|wasy|esint|stmary|BBOLD|dsrom|bbm|NewTXMI|ntxmi|stix.*(?:math|sf|bb)|fourier.*m|zmi|ztm|psyr",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_FUNCTIONS = frozenset({
    "sin", "cos", "tan", "exp", "log", "max", "min", "lim", "sup", "inf", "det", "erf", "sinh", "cosh",
    "tanh", "arctan", "otherwise", "for", "and", "with", "where", "arg", "argmax", "argmin", "var", "cov", "const", "mod",
    "diag", "sgn",
})  # fmt: skip
"""Words that stand in displayed equations."""
_RELATION = re.compile(r"[=≡≈≃∼<>≤≥≲≳∝→←⇒+−±×∑∏∫√∂∇∈∥|/⟨⟩{}]")
_FUNCTION = re.compile(
    r"(?<![^\W_])(?:a?(?:sin|cos|tan|rc(?:sin|cos|tan))h?|cot|sec|csc|exp|log|ln|lim|max|min|sup|inf|det|erfc?|Tr|Re|Im)(?![^\W\d_])"
)
MIN_FRAME_LINES = 4
"""Lines with the same left and right edge on a page that make a column; a float's caption may have as many."""
SAME_EDGE = 3.0
"""Points between edges that are the same: margins kern hyphens and quotes out by up to 2."""

MIN_SHARE = 0.4
"""Of a document's commonest frame: appendices and references of some papers are set in two columns, their text in one."""
MAX_SHIFT = 30.0
"""Points between the margins of odd and even pages; a list is set in as far."""
MAX_OVER = 14.0
"""Points by which a line may stand out of its column: of footnotes, of words that TeX could not break."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A column of text, or the width of the page: its left and right edge in points."""

    x0: float
    x1: float

    def holds(self, line: Line, slack: float) -> bool:
        return line.x0 >= self.x0 - slack and line.x1 <= self.x1 + slack


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
    stretches: Mapping[int, tuple[float, float, tuple[Frame, ...]]] = field(default_factory=dict)

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


def is_math_font(span: Span) -> bool:
    return _is_math_name(span.font)


@lru_cache(maxsize=1024)
def _is_math_name(font: str) -> bool:
    """A document has some ten fonts and 10^5 questions."""
    return bool(_MATH_FONT.search(font))


def words_of_text(line: Line) -> list[str]:
    """Words of three letters or more that are set as text, without indices and names of functions."""
    found: list[str] = []
    size = max(span.size for span in line.spans)
    for span in line.spans:
        if span.size > 0.85 * size and not is_math_font(span):
            found += [word for word in _WORD.findall(span.text) if word.lower() not in _FUNCTIONS]
    return found


def math_share(spans: Iterable[Span], *, functions: bool = False) -> float:
    """Share of characters that are set as mathematics or mean a relation or operation.

    Args:
        functions: names of functions are mathematics, too.
    """
    total = math = 0
    for span in spans:
        text = "".join(span.text.split())
        total += len(text)
        math += len(text) if is_math_font(span) else len(_RELATION.findall(text))
        if functions and not is_math_font(span):
            math += sum(len(name) for name in _FUNCTION.findall(span.text))
    return math / max(1, total)


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
    wide = [[line for line in page.lines if _is_wide(line, size)] for page in pages]
    document = _columns(
        [line for lines in wide for line in lines], max(MIN_FRAME_LINES, sum(map(len, wide)) // 20), MIN_SHARE
    )
    columns = []
    stretches = {}
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
    return Style(
        size,
        fonts.most_common(1)[0][0] if fonts else "",
        _leading(pages, size),
        tuple(columns),
        frozenset(tails),
        stretches,
    )


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
    return (
        line.angle == 0 and abs(line.size - size) < 2.1 and len(line.text) > 24 and len(_WORD.findall(line.text)) >= 2
    )


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
