"""Raised and lowered characters: exponents, indices and errors as math, marks of notes as marks, never glued to a word.

What the LaTeX route writes is the form: `$10^{14}$`, `$2.5_{-0.3}^{+0.4}$`, `km s$^{-1}$`, `H$_{2}$O`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from curation.extract.pdf.glued_marks import GluedMarks
from curation.extract.pdf.mathematics import is_math_font
from curation.extract.pdf.note_marks import Notes, notes_of
from curation.extract.pdf.page import WORD_GAP, Box, Line, Page, Span
from curation.extract.pdf.stacks import TOUCH, Stack, base_of, inner_text, is_apart, is_fraction, items_of, kind_of_span

TIGHT = 0.18
"""The same where a library puts a blank between them: TeX's own blanks shrink to 0.22."""
MAX_LEAN = 1.0
"""Sizes by which a script may begin before the end of what it belongs to: under slanted letters; one that stands over other words is
none of the line's last one.
"""
_OVER_TILDE = {"<": "\u2272", ">": "\u2273"}
"""Signs that a class draws as one above the other."""
POWER = 0.35
"""How far the middle of a fraction stands above the baseline when it is a power: others have it at the height of a minus, 0.25."""
MATH = r"\$[^$\n]+\$"
"""What is written as math: dollars of the paper are escaped."""
_DOLLAR = re.compile(r"(\\*)\$")
_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?\Z|\d[\d,]*(?:\.\d+)?\Z")
_SYMBOL = re.compile(
    r"(?<![A-Za-z\u00c0-\u024f])[A-Za-z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1eff\u2102-\u2149][\u0300-\u036f\u20d7]*\Z"
)
_PRIMES = re.compile("[\u2032\u2033']+")
_DEGREES = re.compile("[\u25e6\u2218\u00b0o]")
_DIGITS, _POINT_DIGITS = re.compile(r"\d+"), re.compile(r"\.\d+")
_POINTED = re.compile(r"\d\.\Z")
_ORDINAL = re.compile("st|nd|rd|th")


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


def _write(line: Line, notes: Notes | None, paths: list[Box], glued: GluedMarks) -> None:
    size, baseline = base_of(line)
    if all(kind_of_span(span, size, baseline) == 0 for span in line.spans):
        return
    made: list[Span] = []
    items = list(items_of(line.spans, size, baseline))
    for n, item in enumerate(items):
        following = items[n + 1] if n + 1 < len(items) else None
        if isinstance(item, Span):
            if made and made[-1].script and not is_apart(made[-1], item):
                made[-1].text = made[-1].text.rstrip()  # a blank that the line does not say
            made.append(item)
        else:
            after = following.text if isinstance(following, Span) else ""
            sign = None if item.lowered else _OVER_TILDE.get(inner_text(item.raised))
            if isinstance(following, Span) and sign and after.startswith("\u223c"):
                following.text = sign + after[1:]
                continue
            if _moved_behind(made, item, items[n + 1 : n + 3], size):
                continue
            raised = inner_text(item.raised)
            if _write_stack(made, item, after, size, notes, paths):
                if notes is not None and item.raised:
                    glued.doubt(line, made[-1], raised, item.raised)
            elif notes is not None and line.y0 >= notes.front_ends:
                glued.found(raised)
    line.spans = [span for span in made if span.text] or line.spans[:1]


def _moved_behind(made: list[Span], stack: Stack, following: Sequence[Span | Stack], size: float) -> bool:
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


def _unit_over_point(stack: Stack) -> str:
    """How a raised mark is written behind a decimal: degrees, minutes and seconds of arc, or hours, minutes, seconds and days."""
    raised = inner_text(stack.raised)
    if _DEGREES.fullmatch(raised):
        return "\u00b0"
    if _PRIMES.fullmatch(raised):
        return "\u2032" if len(raised) == 1 else "\u2033" if len(raised) == 2 else ""
    return f"$^{{{raised}}}$" if raised in ("h", "m", "s", "d") else ""


def _write_stack(
    made: list[Span], stack: Stack, after: str, size: float, notes: Notes | None, paths: list[Box]
) -> bool:
    """Write a stack behind what stands before it, or alone. False of the mark of a note, which is not written."""
    if stack.raised and stack.lowered and is_fraction(stack, paths):
        above, below = inner_text(stack.raised), inner_text(stack.lowered)
        is_power = (
            made and (stack.raised[0].baseline + stack.lowered[0].baseline) / 2 < made[-1].baseline - POWER * size
        )
        _put(made, stack, f"$^{{{above}/{below}}}$" if is_power else f"$\\frac{{{above}}}{{{below}}}$")
        return True
    first = min(stack.spans, key=lambda s: s.x0)
    tight = TIGHT if made and made[-1].text.endswith(" ") else TOUCH
    touching = bool(made) and -MAX_LEAN * size < first.x0 - made[-1].x1 < tight * size
    if touching:
        made[-1].text = made[-1].text.rstrip()
    before = _text_before(made) if touching else ""
    raised = inner_text(stack.raised)
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
    lowered = inner_text(stack.lowered)
    script = (f"_{{{lowered}}}" if lowered else "") + (f"^{{{raised}}}" if raised else "")
    _put(made, stack, script + "$" if _open_math(made, before) else f"${script}$")
    return True


def _text_before(made: list[Span]) -> str:
    """The text at the end of what is written, of runs that touch."""
    text = ""
    for at in range(len(made) - 1, -1, -1):
        text = made[at].text + text
        apart = at > 0 and is_apart(made[at - 1], made[at])
        if apart or len(text) > 40 or " " in made[at].text:
            break
    return text


def _open_math(made: list[Span], before: str) -> bool:
    """Begin math before the number or the symbol that a script belongs to; False where it belongs to a word or to nothing."""
    if not before:
        return False
    if before.endswith("$"):
        return _reopen(made, 0)
    if match := _NUMBER.search(before):
        length = len(match.group())
    elif (symbol := _SYMBOL.search(before)) and (made[-1].italic or is_math_font(made[-1]) or not before[-1].isascii()):
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


def _put(made: list[Span], stack: Stack, text: str) -> None:
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
