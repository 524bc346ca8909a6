"""Raised and lowered characters that a file draws apart from their line: they go to where they stand on it."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from curation.extract.pdf.page import Line, Span
from curation.extract.pdf.stacks import FULL_LOWERED, FULL_RAISED, TOUCH, base_of, kind_of_span

SCRIPT = re.compile(r"[-+\u2212\u2013\u00b1]?(?:\d{1,4}(?:[.,]\d{1,3})*|[A-Za-z*\u2217\u2020\u2021\u00a7\u00b6])")
"""Numbers, single letters, signs of notes: longer ones are lines of their own, of whatever kind."""
MAX_SCRIPTS = 300
"""Of a page that are looked for: more are the labels of a plot."""
MAX_BASE = 2.5
"""Sizes of a script that its line's text has at most."""
SLACK = 0.1
"""Sizes of the line by which a script may overlap what it stands beside: slanted letters lean into theirs."""
_WORDS = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a line a script stands: before the span `at`, or inside of it, behind so many words."""

    line: Line
    at: int
    words: int = 0


def set_late_scripts(lines: list[Line]) -> list[Line]:
    """Lines in which each script stands behind what it touches; those that were nothing else are gone."""
    upright = sorted((line for line in lines if line.angle == 0), key=lambda line: line.baseline)
    heights = [line.baseline for line in upright]
    found = [(line, spans) for line in upright for spans in _scripts(line)]
    moved = False
    for line, spans in found if len(found) <= MAX_SCRIPTS else ():
        reach = MAX_BASE * spans[0].size
        near = upright[bisect_left(heights, line.baseline - reach) : bisect_right(heights, line.baseline + reach)]
        place = next((place for other in near if other.spans and (place := _place(other, spans))), None)
        if place is None or (place.line is line and not place.words and _stands(line, spans, place.at)):
            continue
        _move(line, spans, place)
        moved = True
    return [line for line in lines if line.spans] if moved else lines


def may_have_late_scripts(lines: Sequence[Line]) -> bool:
    """Whether a script stands over or under a line's text inside of a run, whose words have to be told to find its place."""
    upright = sorted((line for line in lines if line.angle == 0), key=lambda line: line.baseline)
    heights = [line.baseline for line in upright]
    found = [spans[0] for line in upright for spans in _scripts(line)]
    for span in found if len(found) <= MAX_SCRIPTS else ():
        reach = MAX_BASE * span.size
        for other in upright[
            bisect_left(heights, span.baseline - reach) : bisect_right(heights, span.baseline + reach)
        ]:
            for run in other.spans:
                inside = run.x0 < span.x0 and span.x1 < run.x1
                if inside and not run.words and " " in run.text.strip() and _is_script(span, other):
                    return True
    return False


def _scripts(line: Line) -> Iterator[list[Span]]:
    """Runs of one size and height that may be a script: the whole of a line, or those that its file draws behind what follows them."""
    groups = [list(group) for _, group in itertools.groupby(line.spans, key=lambda span: (span.size, span.baseline))]
    for n, spans in enumerate(groups):
        if n == 0 and any(span.text.strip() for span in line.spans[len(spans) :]):
            continue
        if n and spans[0].x0 > max(span.x1 for span in groups[n - 1]) - TOUCH * spans[0].size:
            continue
        if len(spans) < 3 and SCRIPT.fullmatch("".join(span.text for span in spans).strip()):
            yield spans


def _is_script(span: Span, line: Line) -> bool:
    size, baseline = base_of(line)
    shift = baseline - span.baseline
    return kind_of_span(span, size, baseline) != 0 and -FULL_LOWERED[1] * size < shift < FULL_RAISED[1] * size


def _place(line: Line, script: Sequence[Span]) -> _Place | None:
    """Where on a line a script stands that is none of its text; None where it touches no end of a word or lies over one."""
    if not any(span.text.strip() and span not in script for span in line.spans) or not _is_script(script[0], line):
        return None
    size, baseline = base_of(line)
    x0, x1 = script[0].x0, script[-1].x1
    kind = kind_of_span(script[0], size, baseline)
    touches, place = False, _Place(line, len(line.spans))
    for at, span in enumerate(line.spans):
        if any(span is own for own in script) or not span.text.strip():
            continue
        own_kind = kind_of_span(span, size, baseline)
        if own_kind == -kind:
            continue
        words = _words(span)
        if words is None:
            if span.x0 < x1 and x0 < span.x1:
                return None
            words = [(span.x0, span.x1)]
        for n, (start, end) in enumerate(words):
            if start < x1 - SLACK * size and x0 < end - SLACK * size:
                return None
            touches |= abs(x0 - end) < TOUCH * size
            if start >= x1 - SLACK * size and place.at > at:
                place = _Place(line, at, n)
    return place if touches else None


def _words(span: Span) -> list[tuple[float, float]] | None:
    """Where the words of a run begin and end; None where nobody told."""
    said = len(span.text.split())
    if said == 1:
        return [(span.x0, span.x1)]
    return [(span.x0 + start, span.x0 + end) for start, end in span.words] if len(span.words) == said else None


def _stands(line: Line, script: Sequence[Span], at: int) -> bool:
    """Whether a script of a line stands there already: what it follows in the file, scripts aside, is left of it."""
    own = next(n for n, span in enumerate(line.spans) if span is script[0])
    size, baseline = base_of(line)
    between = line.spans[min(own, at) : max(own, at)]
    return all(any(span is part for part in script) or kind_of_span(span, size, baseline) for span in between)


def _move(line: Line, script: Sequence[Span], place: _Place) -> None:
    to = place.line
    spans = list(to.spans)
    made = spans[: place.at]
    if place.words:
        made += [*(parts := _parted(spans[place.at], place.words))[:1], *script, parts[1], *spans[place.at + 1 :]]
    else:
        made += [*script, *spans[place.at :]]
    if to is line:
        first = next(n for n, span in enumerate(made) if span is script[0])
        made = [
            s for n, s in enumerate(made) if first <= n < first + len(script) or all(s is not own for own in script)
        ]
    else:
        line.spans = [span for span in line.spans if all(span is not own for own in script)]
    to.spans = made


def _parted(span: Span, words: int) -> tuple[Span, Span]:
    """A run cut behind so many of its words."""
    found = list(_WORDS.finditer(span.text))
    shift = span.words[words][0]
    left, right = span.words[:words], tuple((a - shift, b - shift) for a, b in span.words[words:])
    return (
        replace(
            span, text=span.text[: found[words - 1].end()], x1=span.x0 + left[-1][1], words=left if words > 1 else ()
        ),
        replace(
            span, text=span.text[found[words].start() :], x0=span.x0 + shift, words=right if len(right) > 1 else ()
        ),
    )
