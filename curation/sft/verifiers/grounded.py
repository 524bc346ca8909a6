"""Grounding of numbers: those of an answer, with their units, are the passage's or the question's, or its chain computes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed, shown
from curation.sft.verifiers.values import (
    FLOAT,
    Stated,
    agree,
    asked_unit,
    counts,
    named_units,
    prepared,
    stated,
    value_of,
)
from curation.sft.verifiers.wordings import means
from curation.withhold.units import NONE

_EQUALS = re.compile(r"(?:[=≈≃∼]|\\(?:approx|simeq|sim)(?![A-Za-z]))\s*\$?\s*[-−]?\s*\Z")
_SUBSCRIPT = re.compile(r"_\s*(?:\{[^{}]*\}|\w)|(?<=[A-Za-z])[0-9₀-₉]+")
_LEFT = re.compile(
    r"[=≈≃∼:;\n$]|\\(?:approx|simeq|sim)(?![A-Za-z])|[.,]\s|\b(?:is|are|gives?|yields?|gets?|finds?|have|obtain|that|then|so|therefore|thus|hence)\b"
)
"""What ends the expression before an equals sign, read from its end."""
_OPERATES = re.compile(
    r"[*/×·÷+^²³⁴√]|\\(?:times|frac|cdot|sqrt|log|ln|exp|sin|cos|tan|left)|\S [-−] \S|\b(?:log|ln|exp|sqrt|sin|cos|tan)|\d\s*[A-Za-zα-ω(]|\b[A-Za-z](?: |\\,)[A-Za-z]\b"
)
"""What a computation has, and a name has not: `H_0 =` and `[Fe/H] =` only name their numbers."""


def numbers(candidate: Candidate) -> Verdict:
    """Every number of the answer is the passage's or the question's, or its chain computes it from them.

    What a chain computes counts for derivations and numbers only, and only where the chain writes the sum (`recompute` checks it).
    Small whole numbers without a unit are not asked for, but where a number is all that was asked for.
    """
    asked_for_number = candidate.kind is QuestionKind.NUMERIC
    said = stated(candidate.answer)
    counted, said_in = [number for number in said if asked_for_number or not number.is_counted], candidate.answer
    if candidate.kind is QuestionKind.CHOICE and candidate.right is not None and candidate.options:
        said_in = candidate.options[candidate.right]
        counted = stated(said_in)
    if not counted:
        return _counted(candidate) if asked_for_number else NOT_CONCERNED
    unit = asked_unit(candidate.question)
    known = [
        *(n for quote in candidate.quotes for n in stated(quote)),
        *stated(candidate.passage),
        *stated(candidate.question),
    ]
    known += _computed(candidate)
    heads = named_units(candidate.passage)
    for number in counted:
        told = replace(number, unit=unit) if unit and number.unit == NONE else number
        if not (
            _is_known(told, known, heads)
            or _is_known(number, known, heads)
            or means(number, known, prepared(said_in), candidate.passage, signed=asked_for_number)
        ):
            if asked_for_number and number.is_counted and int(number.value) in counts(candidate.passage):
                continue
            return failed(_why(told, known, prepared(said_in)), score=number.value)
    return PASSED


def _computed(candidate: Candidate) -> list[Stated]:
    """What the chain computes: numbers right behind an equals sign that has an expression before it."""
    if candidate.reasoning is None or candidate.kind not in (
        QuestionKind.NUMERIC,
        QuestionKind.DERIVATION,
        QuestionKind.CHOICE,
    ):
        return []
    text = prepared(candidate.reasoning)
    return [n for n in stated(text) if _is_worked_out(text, n.start)]


def _is_worked_out(text: str, start: int) -> bool:
    """Whether the number that begins there stands behind an equals sign with a computation before it."""
    sign = _EQUALS.search(text, max(0, start - 14), start)
    if sign is None:
        return False
    before = _SUBSCRIPT.sub("", text[max(0, sign.start() - 200) : sign.start()])
    ends = list(_LEFT.finditer(before.rstrip(" $")))
    left = before[ends[-1].end() if ends else 0 :]
    is_told = (
        bool(ends) and _EQUALS.search(before, 0, ends[-1].end()) is not None
    )  # `v = d/t = 39 km/s`: of symbols, too
    return bool(_OPERATES.search(left)) and (is_told or any(map(str.isdigit, left)))


def _counted(candidate: Candidate) -> Verdict:
    """Of an answer that only counts (`three planets`): the evidence counts so, too."""
    said = counts(candidate.answer)
    if not said:
        return failed("a number was asked for, and the answer has none")
    known = counts(" ".join(candidate.quotes) or candidate.passage) | counts(candidate.reasoning or "")
    return PASSED if said & known else failed(f"not in the evidence: {shown(candidate.answer)!r}")


def _is_known(number: Stated, known: Iterable[Stated], heads: set[str]) -> bool:
    for other in known:
        if agree(number, other):
            return True
        bare_in_table = other.unit == NONE and number.unit.dimensions in heads
        if bare_in_table and agree(replace(number, unit=NONE), other):
            return True
    return False


def _why(number: Stated, known: list[Stated], answer: str) -> str:
    told = shown(answer[max(0, number.start - 1) : number.end + 16], 40)
    if any(abs(abs(other.value) - abs(number.value)) <= FLOAT * abs(number.value) for other in known):
        if any(agree(replace(number, value=-number.value), other) for other in known):
            return f"the other sign: {told!r}"
        return f"another unit: {told!r}"
    return f"not in the passage: {told!r}"


def extracted(candidate: Candidate) -> Verdict:
    """What extraction calls the value is a number of the answer."""
    value = value_of(candidate.value)
    if candidate.kind is not QuestionKind.NUMERIC or candidate.value is None:
        return NOT_CONCERNED
    if value is None:
        return failed(f"the value is no number: {shown(candidate.value)!r}")
    unit = asked_unit(candidate.question)
    said = stated(candidate.answer)
    for number in said:
        both = [replace(number, unit=unit) if unit and number.unit == NONE else number, number]
        if any(agree(value, one) or agree(one, value) for one in both):
            return PASSED
    return failed(f"{shown(candidate.value)!r} is not what the answer says: {shown(candidate.answer)!r}")
