"""Which characters of a line are raised or lowered, gathered into the stacks that belong to one base."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.extract.pdf.page import WORD_GAP, Box, Line, Span

MAX_SIZE = 0.9
"""Of a script, in sizes of its line: TeX sets 7 pt beside 10, and 8 beside 9 in footnotes; word processors 0.58-0.67."""
MIN_RAISED, MIN_LOWERED = 0.15, 0.07
"""In sizes of the line: TeX raises by 0.29 to 0.45, lowers by 0.15 to 0.25; rounding in the file is below 0.05."""
FULL_RAISED, FULL_LOWERED = (0.25, 0.62), (0.2, 0.45)
"""The same of numbers as large as the text: a slanted scan is below, the numerators and denominators of displays (0.68) are above."""
MAX_FULL = 1.05
"""Sizes of the text that are its own."""
TOUCH = 0.25
"""Between a script and what it belongs to, in sizes of the line: italic corrections and thin spaces are smaller."""
MAX_RULE = 1.5
"""Points: how thick the line of a fraction is at most."""
_POWER = re.compile(r"[-+\u2212\u2013]?\d{1,3}(?:\.\d{1,2})?")
_INDEX = re.compile(r"\d{1,2}|[-+\u2212\u2013]\d{1,3}(?:\.\d{1,3})?")
_WORD = re.compile(r"[^\W\d_]{4}")
_PLAIN = str.maketrans({"\u2212": "-", "\u2217": "*", "\u2013": "-", "$": "", "{": "", "}": ""})


@dataclass(slots=True)
class Stack:
    """Scripts that belong to one base: raised ones, lowered ones."""

    raised: list[Span]
    lowered: list[Span]

    @property
    def spans(self) -> list[Span]:
        return self.raised + self.lowered


def kind_of_span(span: Span, size: float, baseline: float) -> int:
    """1 of a raised span, -1 of a lowered one, 0 of one that stands on its line."""
    shift = baseline - span.baseline
    if span.size > MAX_SIZE * size:
        text = span.text.strip()
        if span.size > MAX_FULL * size:
            return 0
        if FULL_RAISED[0] * size < shift < FULL_RAISED[1] * size:
            return int(bool(_POWER.fullmatch(text)))
        return -int(FULL_LOWERED[0] * size < -shift < FULL_LOWERED[1] * size and bool(_INDEX.fullmatch(text)))
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


def items_of(spans: Sequence[Span], size: float, baseline: float) -> Iterator[Span | Stack]:
    """Spans of the text, and the scripts between them as stacks."""
    stack: Stack | None = None
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
        stack = stack or Stack([], [])
        (stack.raised if kind > 0 else stack.lowered).append(span)
    if stack is not None:
        yield stack


def _begins_anew(stack: Stack, span: Span, kind: int, size: float) -> bool:
    """True where a blank parts two scripts of one height: the second one stands before what it belongs to. In errors that stand
    above each other thin blanks are no end.
    """
    same = stack.raised if kind > 0 else stack.lowered
    if not same:
        return False
    ends_in_blank = same[-1].text.endswith(" ") and not (stack.raised and stack.lowered)
    return ends_in_blank or span.x0 - same[-1].x1 > TOUCH * size


def is_fraction(stack: Stack, paths: list[Box]) -> bool:
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


def is_apart(before: Span, span: Span) -> bool:
    """Whether the line that they stand on has a blank between them."""
    return span.x0 - before.x1 > WORD_GAP * max(before.size, span.size)


def inner_text(spans: list[Span]) -> str:
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
