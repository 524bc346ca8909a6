"""Recomputation: every sum that a chain writes out, with numbers in it, is done again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, Verdict, failed, shown
from curation.sft.verifiers.expressions import MAX_CHARS, ExpressionError, Value, evaluate, plain
from curation.sft.verifiers.values import value_of

TOLERANCE = 0.02
"""What a result may be off, of itself: chains round what stands between."""
ABOUT = 0.1
"""The same behind a sign for `about`."""
MAX_SUMS = 60
"""Sums of a chain that are done again; of more the first."""
_MAX_TRIES = 24
_SIGN = re.compile(r"(?P<about>≈|≃|∼|\\approx|\\simeq|\\sim(?![a-z]))|(?<![<>!:=])=(?!=)")
_STOP = re.compile(r"\n|;|(?<=[^\d])[.,](?=\s)|(?<=\d)\.(?=\s|\Z)|[?!]|,(?=\s)")
_HAS_NUMBER = re.compile(r"(?:^|[^\^{_*\d.])\d|\\frac|[^\^]\{\d|\A\d|(?<=\s)\d")
"""That is no exponent: `h^{2}` computes nothing."""
_ATOM = re.compile(
    r"\s*(?:\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|\.\d+|\*\*|[-+*/^(){}\[\]]|log_?\{?10\}?|[A-Za-zμÅΩ☉⊕°%″′]+|\\frac)"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """An equation of a chain with a number on either side.

    Args:
        left: what is computed.
        right: what is said to come out.
        is_about: whether the sign says so.
    """

    left: str
    right: str
    is_about: bool


def sums(text: str) -> Iterator[Sum]:
    """The equations of a text whose left side computes with numbers and whose right side is one."""
    made = plain(text)
    signs = list(_SIGN.finditer(made))
    for n, sign in enumerate(signs):
        before = made[signs[n - 1].end() if n else 0 : sign.start()][-MAX_CHARS:]
        after = made[sign.end() : signs[n + 1].start() if n + 1 < len(signs) else len(made)][:MAX_CHARS]
        stops = [found.end() for found in _STOP.finditer(before)]
        left = _last(before[stops[-1] if stops else 0 :])
        stop = _STOP.search(after)
        right = _first(after[: stop.start() if stop else len(after)])
        if left and right:
            yield Sum(left, right, sign["about"] is not None)


def _atoms(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    while match := _ATOM.match(text, at):
        found.append(match.span())
        at = match.end()
    return found


def _last(text: str) -> str:
    """The longest expression at the end of a text that computes something, or is a value with a unit; empty: none stands there."""
    text = text.rstrip()
    starts = [match.start() for match in re.finditer(r"(?:(?<=\s)|\A)\S", text)][-_MAX_TRIES:]
    for start in starts:
        made = _try(text[start:]) if _HAS_NUMBER.search(text, start) else None
        if made is not None and (made.operators or made.dimensions):
            return text[start:]
    return ""


def _first(text: str) -> str:
    """The longest number, with its unit, at the beginning of a text; empty: none stands there."""
    ends = [end for _, end in _atoms(text)][:_MAX_TRIES]
    for end in reversed(ends):
        if _try(text[:end]) is not None:
            return text[:end].strip()
    return ""


def _try(text: str) -> Value | None:
    try:
        return evaluate(text)
    except ExpressionError:
        return None


def recompute(candidate: Candidate) -> Verdict:
    """The sums of the chain, and the expression that extraction gives, come out as the chain and the answer say.

    Where sides differ in units the numbers alone are compared: chains drop units between the lines.
    """
    done = 0
    for one in list(sums(candidate.reasoning or ""))[:MAX_SUMS]:
        if not _comes_out(one.left, one.right, ABOUT if one.is_about else TOLERANCE):
            return failed(f"{shown(one.left)} is not {shown(one.right)}")
        done += 1
    if candidate.expression and candidate.value and (value := value_of(candidate.value)):
        made, bare = _try(candidate.expression), _bare(candidate.expression)
        if made is not None and bare is not None and (made.operators or done):
            same = _close(made.number, value.si(), ABOUT) or _close(bare.number, value.value, ABOUT)
            if not same:
                return failed(f"{shown(candidate.expression)} is not {shown(candidate.value)}")
            done += 1
    return Verdict(PASSED.passed, score=done) if done else NOT_CONCERNED


def _bare(text: str) -> Value | None:
    try:
        return evaluate(text, units=False)
    except ExpressionError:
        return None


def _comes_out(left: str, right: str, tolerance: float) -> bool:
    one, other = _try(left), _try(right)
    near = max(tolerance, _rounding(right))
    if (
        one is not None
        and other is not None
        and one.dimensions == other.dimensions
        and _close(one.number, other.number, near)
    ):
        return True
    if one is not None and not one.operators and (other is None or one.dimensions != other.dimensions):
        return True  # `2 m = 3 kg`: m is no metre there
    bare, said = _bare(left), _bare(right)
    return bare is None or said is None or _close(bare.number, said.number, near)


def _rounding(text: str) -> float:
    """What the last digit of a number leaves open, of the number; at most a tenth."""
    found = re.match(r"\s*-?\s*(\d[\d,]*)(?:\.(\d+))?", text)
    if not found:
        return 0.0
    number = float(found[1].replace(",", "") + ("." + found[2] if found[2] else ""))
    return min(0.1, 0.5 * 10.0 ** -len(found[2] or "") / number) if number else 0.0


def _close(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(one), abs(other)) + 1e-300
