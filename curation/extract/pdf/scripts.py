"""Raised and lowered characters: exponents, indices and errors as math, marks of notes as marks, never glued to a word.

What the LaTeX route writes is the form: `$10^{14}$`, `$2.5_{-0.3}^{+0.4}$`, `km s$^{-1}$`, `H$_{2}$O`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curation.extract.pdf.glued_marks import GluedMarks
from curation.extract.pdf.note_marks import Notes, notes_of
from curation.extract.pdf.page import WORD_GAP, Box, Line, Page, Span

MAX_SIZE = 0.9
"""Of a script, in sizes of its line: TeX sets 7 pt beside 10, and 8 beside 9 in footnotes; word processors 0.58-0.67."""
MIN_RAISED, MIN_LOWERED = 0.15, 0.07
"""In sizes of the line: TeX raises by 0.29 to 0.45, lowers by 0.15 to 0.25; rounding in the file is below 0.05."""
FULL_RAISED = (0.25, 0.55)
"""The same of digits as large as the text: a slanted scan is below, the numerators of displays (0.68) are above."""
TOUCH = 0.25
"""Between a script and what it belongs to, in sizes of the line: italic corrections and thin spaces are smaller."""
TIGHT = 0.18
"""The same where a library puts a blank between them: TeX's own blanks shrink to 0.22."""
_OVER_TILDE = {"<": "\u2272", ">": "\u2273"}
"""Signs that a class draws as one above the other."""
POWER = 0.35
"""How far the middle of a fraction stands above the baseline when it is a power: others have it at the height of a minus, 0.25."""
MAX_RULE = 1.5
"""Points: how thick the line of a fraction is at most."""
MATH = r"\$[^$\n]+\$"
"""What is written as math: dollars of the paper are escaped."""
_DOLLAR = re.compile(r"(\\*)\$")
_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?\Z|\d[\d,]*(?:\.\d+)?\Z")
_SYMBOL = re.compile(
    r"(?<![A-Za-z\u00c0-\u024f])[A-Za-z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1eff\u2102-\u2149][\u0300-\u036f\u20d7]*\Z"
)
_POWER = re.compile(r"[-+\u2212\u2013]?\d{1,3}")
_PRIMES = re.compile("[\u2032\u2033']+")
_DEGREES = re.compile("[\u25e6\u2218\u00b0o]")
_DIGITS, _POINT_DIGITS = re.compile(r"\d+"), re.compile(r"\.\d+")
_POINTED = re.compile(r"\d\.\Z")
_ORDINAL = re.compile("st|nd|rd|th")
_WORD = re.compile(r"[^\W\d_]{4}")
_PLAIN = str.maketrans({"\u2212": "-", "\u2217": "*", "\u2013": "-", "$": "", "{": "", "}": ""})
_MATH_FONTS = ("CMMI", "CMSY", "MSAM", "MSBM", "LMMath", "txmi", "rtxmi", "MathTime", "MTMI", "STIXMath")


@dataclass(slots=True)
class _Stack:
    """Scripts that belong to one base: raised ones, lowered ones."""

    raised: list[Span]
    lowered: list[Span]

    @property
    def spans(self) -> list[Span]:
        return self.raised + self.lowered


class Scripts:
    """Writes raised and lowered characters of lines, in place.

    Args:
        labels: marks of the notes at the foot of each page.
    """

    def __init__(self, pages: Sequence[Page], labels: Mapping[int, Iterable[str]]) -> None:
        self._notes = notes_of(pages, labels)
        self._paths = [page.paths for page in pages]
        self._page_of = {id(line): n for n, page in enumerate(pages) for line in page.lines}
        self._done: dict[int, Line] = {}
        self._glued = [GluedMarks(notes.labels) for notes in self._notes]

    def write(self, lines: Iterable[Line], page: int, *, cells: bool = False) -> None:
        """Write those of lines, each once, and what is no math as none; `page` is that of lines that are parts of others, and
        `cells` says that they are those of a table, whose own notes follow it: their marks stay.
        """
        for line in lines:
            if id(line) in self._done:
                continue
            self._done[id(line)] = line
            for span in line.spans:
                if "$" in span.text:
                    span.text = _DOLLAR.sub(lambda found: f"{2 * found[1]}\\$", span.text)
            if len(line.spans) > 1 and line.angle == 0:
                number = self._page_of.get(id(line), page)
                _write(line, None if cells else self._notes[number], self._paths[number], self._glued[number])
            line.changed()

    def part_marks(self) -> None:
        """Take marks of notes out of the exponents to which they are glued, when all lines are written."""
        for glued in self._glued:
            glued.part()


def kind_of_span(span: Span, size: float, baseline: float) -> int:
    """1 of a raised span, -1 of a lowered one, 0 of one that stands on its line."""
    shift = baseline - span.baseline
    if span.size > MAX_SIZE * size:
        is_power = FULL_RAISED[0] * size < shift < FULL_RAISED[1] * size and span.size < 1.05 * size
        return int(is_power and bool(_POWER.fullmatch(span.text.strip())))
    return 1 if shift > MIN_RAISED * size else -1 if shift < -MIN_LOWERED * size else 0


def base_of(line: Line) -> tuple[float, float]:
    """Size and baseline of the text of a line: of its largest spans those with most characters.

    The point of a list, which fonts of signs draw larger than its text and lower, is none of them.
    """
    first, *others = (s for s in line.spans if s.text.strip())
    largest = max(s.size for s in (first, *others))
    if others and len(first.text.strip()) == 1 and others[0].x0 - first.x1 > WORD_GAP * others[0].size:
        behind = max(s.size for s in others)
        if any(s.size > MAX_SIZE * behind and _WORD.search(s.text) for s in others):
            largest = behind
    weights: dict[tuple[float, float], int] = {}
    for span in line.spans:
        if span.size > MAX_SIZE * largest:
            key = (span.size, span.baseline)
            weights[key] = weights.get(key, 0) + len(span.text.strip())
    return max(weights, key=lambda key: weights[key])


def _write(line: Line, notes: Notes | None, paths: list[Box], glued: GluedMarks) -> None:
    size, baseline = base_of(line)
    if all(kind_of_span(span, size, baseline) == 0 for span in line.spans):
        return
    made: list[Span] = []
    items = list(_items(line.spans, size, baseline))
    for n, item in enumerate(items):
        following = items[n + 1] if n + 1 < len(items) else None
        if isinstance(item, Span):
            if made and made[-1].script and not _is_apart(made[-1], item):
                made[-1].text = made[-1].text.rstrip()  # a blank that the line does not say
            made.append(item)
        else:
            after = following.text if isinstance(following, Span) else ""
            sign = None if item.lowered else _OVER_TILDE.get(_inner(item.raised))
            if isinstance(following, Span) and sign and after.startswith("\u223c"):
                following.text = sign + after[1:]
                continue
            if _moved_behind(made, item, items[n + 1 : n + 3], size):
                continue
            raised = _inner(item.raised)
            if _write_stack(made, item, after, size, notes, paths):
                if notes is not None:
                    glued.doubt(line, made[-1], raised)
            elif notes is not None and line.y0 >= notes.front_ends:
                glued.found(raised)
    line.spans = [span for span in made if span.text] or line.spans[:1]


def _moved_behind(made: list[Span], stack: _Stack, following: Sequence[Span | _Stack], size: float) -> bool:
    """Whether it was the unit of a decimal, drawn over its point as astronomers do (`23.^{°}5`, `15.^{s}2`): then it is
    written behind the digits, as LaTeX has it, so that the number stays one."""
    behind = [span for span in following if isinstance(span, Span)]
    mark = _unit_over_point(stack)
    if not mark or not behind or stack.lowered or not made:
        return False
    first, last = stack.raised[0], stack.raised[-1]
    before = _text_before(made) if first.x0 - made[-1].x1 < TOUCH * size else ""
    is_before_point = behind[0].text.startswith(".") and behind[0].x0 < last.x1 and before[-1:].isdigit()
    if is_before_point and behind[0].text == "." and len(behind) == len(following) == 2:
        span, digits = behind[1], _DIGITS.match(behind[1].text)
    else:
        span, digits = behind[0], (_POINT_DIGITS if is_before_point else _DIGITS).match(behind[0].text)
    if digits is None or behind[0].x0 - last.x1 > WORD_GAP * size or not (is_before_point or _POINTED.search(before)):
        return False
    span.text = f"{digits[0]}{mark}{span.text[digits.end() :]}"
    for left, right in itertools.pairwise([made[-1], *behind[: behind.index(span) + 1]]):
        left.x1 = max(left.x1, right.x0)  # no blank where the unit was
    return True


def _unit_over_point(stack: _Stack) -> str:
    """How a raised mark is written behind a decimal: degrees, minutes and seconds of arc, or hours, minutes, seconds and days."""
    raised = _inner(stack.raised)
    if _DEGREES.fullmatch(raised):
        return "\u00b0"
    if _PRIMES.fullmatch(raised):
        return "\u2032" if len(raised) == 1 else "\u2033" if len(raised) == 2 else ""
    return f"$^{{{raised}}}$" if raised in ("h", "m", "s", "d") else ""


def _items(spans: Sequence[Span], size: float, baseline: float) -> Iterator[Span | _Stack]:
    """Spans of the text, and the scripts between them as stacks."""
    stack: _Stack | None = None
    for span in spans:
        kind = kind_of_span(span, size, baseline)
        if kind == 0 and stack is not None and stack.raised and span.size < MAX_SIZE * size:
            kind = -1 if span.x0 < stack.raised[-1].x1 - 0.1 else 0  # the lower half of a raised fraction
        if kind == 0 or not span.text.strip():
            if stack is not None:
                yield stack
                stack = None
            yield span
            continue
        if stack is not None and _begins_anew(stack, span, kind, size):
            yield stack
            stack = None
        stack = stack or _Stack([], [])
        (stack.raised if kind > 0 else stack.lowered).append(span)
    if stack is not None:
        yield stack


def _begins_anew(stack: _Stack, span: Span, kind: int, size: float) -> bool:
    """True where a blank parts two scripts of one height: the second one stands before what it belongs to. In errors that stand
    above each other thin blanks are no end.
    """
    same = stack.raised if kind > 0 else stack.lowered
    if not same:
        return False
    ends_in_blank = same[-1].text.endswith(" ") and not (stack.raised and stack.lowered)
    return ends_in_blank or span.x0 - same[-1].x1 > TOUCH * size


def _write_stack(
    made: list[Span], stack: _Stack, after: str, size: float, notes: Notes | None, paths: list[Box]
) -> bool:
    """Write a stack behind what stands before it, or alone. False of the mark of a note, which is not written."""
    if stack.raised and stack.lowered and _is_fraction(stack, paths):
        above, below = _inner(stack.raised), _inner(stack.lowered)
        is_power = (
            made and (stack.raised[0].baseline + stack.lowered[0].baseline) / 2 < made[-1].baseline - POWER * size
        )
        _put(made, stack, f"$^{{{above}/{below}}}$" if is_power else f"$\\frac{{{above}}}{{{below}}}$")
        return True
    first = min(stack.spans, key=lambda s: s.x0)
    touching = bool(made) and first.x0 - made[-1].x1 < (TIGHT if made[-1].text.endswith(" ") else TOUCH) * size
    if touching:
        made[-1].text = made[-1].text.rstrip()
    before = _text_before(made) if touching else ""
    raised = _inner(stack.raised)
    if not stack.lowered:
        if notes is not None and notes.is_mark(raised, before, after, first.y0):
            _put(made, stack, "")
            return False
        if _PRIMES.fullmatch(raised) or (_ORDINAL.fullmatch(raised) and before[-1:].isdigit()):
            _put(made, stack, raised)
            return True
        if _DEGREES.fullmatch(raised) and before.removesuffix(".")[-1:].isdigit():
            _put(made, stack, "\u00b0")
            return True
        if raised == "A" and before.endswith("L"):  # the name of LaTeX
            _put(made, stack, raised)
            return True
    lowered = _inner(stack.lowered)
    script = (f"_{{{lowered}}}" if lowered else "") + (f"^{{{raised}}}" if raised else "")
    _put(made, stack, script + "$" if _open_math(made, before) else f"${script}$")
    return True


def _is_fraction(stack: _Stack, paths: list[Box]) -> bool:
    """True where a thin line lies between what is raised and what is lowered."""
    above, below = max(s.baseline for s in stack.raised), min(s.baseline for s in stack.lowered)
    x0, x1 = min(s.x0 for s in stack.spans), max(s.x1 for s in stack.spans)
    return any(
        b - a < MAX_RULE
        and above - MAX_RULE <= a
        and b < below
        and left < x1
        and right > x0
        and right - left < 2 * (x1 - x0)
        for left, a, right, b in paths
    )


def _text_before(made: list[Span]) -> str:
    """The text at the end of what is written, of runs that touch."""
    text = ""
    for at in range(len(made) - 1, -1, -1):
        text = made[at].text + text
        apart = at > 0 and _is_apart(made[at - 1], made[at])
        if apart or len(text) > 40 or " " in made[at].text:
            break
    return text


def _is_apart(before: Span, span: Span) -> bool:
    """Whether the line that they stand on has a blank between them."""
    return span.x0 - before.x1 > WORD_GAP * max(before.size, span.size)


def _open_math(made: list[Span], before: str) -> bool:
    """Begin math before the number or the symbol that a script belongs to; False where it belongs to a word or to nothing."""
    if not before:
        return False
    if before.endswith("$"):
        return _reopen(made, 0)
    if match := _NUMBER.search(before):
        length = len(match.group())
    elif (symbol := _SYMBOL.search(before)) and (
        made[-1].italic or made[-1].font.startswith(_MATH_FONTS) or not before[-1].isascii()
    ):
        length = len(symbol.group())
    else:
        return False
    if before[: len(before) - length].endswith("$"):
        return _reopen(made, length)
    for span in reversed(made):
        if len(span.text) >= length:
            at = len(span.text) - length
            span.text = f"{span.text[:at]}${span.text[at:]}"
            return True
        length -= len(span.text)
    return False


def _reopen(made: list[Span], length: int) -> bool:
    """Go on with the math that ended `length` characters ago: `$12^{h}30^{m}$`."""
    for span in reversed(made):
        if len(span.text) > length:
            at = len(span.text) - length
            span.text = span.text[: at - 1] + span.text[at:]
            return True
        length -= len(span.text)
    return False


def _put(made: list[Span], stack: _Stack, text: str) -> None:
    """The stack as one span with this text; a blank at its end stays."""
    spans = stack.spans
    first, last = min(spans, key=lambda s: s.x0), max(spans, key=lambda s: s.x1)
    blank = " " if any(span.text.endswith(" ") for span in spans if span.x1 > last.x1 - 1) else ""
    if not text:
        if made:  # what is behind the mark follows what is before it
            made[-1].text, made[-1].x1 = made[-1].text + blank, last.x1
        return
    first.text, first.x1, first.script = text + blank, last.x1, True
    made.append(first)


def _inner(spans: list[Span]) -> str:
    """The text of a script, with scripts of its own."""
    if not spans:
        return ""
    size, baseline = max((s.size, s.baseline) for s in spans)
    text = ""
    at = 0
    while at < len(spans):
        kind = kind_of_span(spans[at], size, baseline)
        end = at + 1
        while end < len(spans) and kind_of_span(spans[end], size, baseline) == kind:
            end += 1
        inner = _joined(spans[at:end]).translate(_PLAIN).strip()
        apart = at > 0 and spans[at].x0 - spans[at - 1].x1 > WORD_GAP * size
        text += inner if kind == 0 else f"{'^' if kind > 0 else '_'}{{{inner}}}"
        text += " " if apart and kind == 0 else ""
        at = end
    return text.strip()


def _joined(spans: list[Span]) -> str:
    return Line(spans).text
