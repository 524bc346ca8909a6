"""Values: the numbers of an answer, with their units, beside those that the passage states with their uncertainty.

Numbers and units are read by `curation.withhold.numbers`, whose units are astropy's; here they get their sign, the uncertainty that
stands behind them, and what their last digit leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed, shown
from curation.withhold.numbers import Quantity, quantities
from curation.withhold.units import NONE, Unit, unit_behind

_SMALL = 12
"""Whole numbers up to it count things; in words, papers and answers are free with them."""
MAX_ROUNDING = 0.05
"""What rounding may change, of a value: an answer `3` for 3.14 is rounded, one of `1` for 1.4 is wrong."""
_FLOAT = 1e-6
_PRINTED = re.compile(r"[0-9][0-9,\u2009\u202f]*(?:\.([0-9]+))?")
_PLUS_MINUS = re.compile(r"(?:\\pm|±|\+/-)\s*\$?\s*([0-9]*\.?[0-9]+)")
_UP_DOWN = re.compile(
    r"\^\{?\s*\+\s*([0-9]*\.?[0-9]+)\s*\}?\s*_\{?\s*[-\u2212]\s*([0-9]*\.?[0-9]+)|_\{?\s*[-\u2212]\s*([0-9]*\.?[0-9]+)\s*\}?\s*\^\{?\s*\+\s*([0-9]*\.?[0-9]+)"
)
_LAST_DIGITS = re.compile(r"\(([0-9]+)\)")
_MINUS = re.compile(
    r"\$[-−–]\$\Z|(?:^|[\s$({\[=~<>≈,|:])[-\u2212\u2013]\s?\Z|(?:\bminus|\\(?:approx|sim|simeq|leq?|geq?)\s*-)\s\Z"
)
_RELATION = re.compile(r"(\\(?:sim|approx|simeq|leq?|geq?|lesssim|gtrsim|pm|mp))(?=[-−][0-9.])")
_WORDS_OF_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_COUNT = re.compile(
    rf"\b(?:{'|'.join(_WORDS_OF_NUMBERS)}|(?<![0-9.,])(?:[0-9]|1[0-2])(?![0-9.,]*[0-9]))\b", re.IGNORECASE
)
_EQUALS = re.compile(r"(?:[=≈≃∼]|\\(?:approx|simeq|sim)(?![A-Za-z]))\s*\$?\s*[-−]?\s*\Z")
_IN = re.compile(r"\b(?:in|in units of|expressed in|unit:)\s+(?:the )?(?=\S)", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]([^\[\]()\n]{1,40})[\])]")


@dataclass(frozen=True, slots=True)
class Stated:
    """A number that a text states.

    Args:
        value: with its sign, as written, without its unit.
        unit: `NONE` where it has none.
        uncertainty: the larger one that stands behind it, in its own unit; 0: none does.
        rounding: half of its last digit, in its own unit.
        start, end: characters of the text.
    """

    value: float
    unit: Unit
    uncertainty: float
    rounding: float
    start: int
    end: int

    @property
    def is_counted(self) -> bool:
        """Whether it is a small whole number without a unit."""
        return self.unit == NONE and self.value == int(self.value) and abs(self.value) <= _SMALL

    def si(self) -> float:
        return self.value * self.unit.factor + self.unit.shift


def stated(text: str) -> list[Stated]:
    """The numbers of a text, in their order; zeros are none, nor what is spelled out up to twelve (`counts`)."""
    text = prepared(text)
    return [_stated(text, quantity) for quantity in quantities(text)]


def prepared(text: str) -> str:
    """A text in which a sign behind a relation of TeX begins a number: `\\sim-0.5` is `\\sim -0.5`."""
    return _RELATION.sub(r"\1 ", text)


def counts(text: str) -> set[int]:
    """Small whole numbers of a text, in digits or in words, zero among them."""
    words = (found.group().lower() for found in _COUNT.finditer(text))
    return {_WORDS_OF_NUMBERS.index(word) if word in _WORDS_OF_NUMBERS else int(word) for word in words}


def _stated(text: str, quantity: Quantity) -> Stated:
    sign = -1.0 if _MINUS.search(text, max(0, quantity.start - 12), quantity.start) else 1.0
    own = text[quantity.start : quantity.end]
    printed = _PRINTED.match(own)
    plain = float(re.sub(r"[^0-9.]", "", printed.group())) if printed else 0.0
    scale = quantity.number / plain if plain else 1.0
    decimals = len(printed[1]) if printed and printed[1] else 0
    last = 10.0**-decimals * abs(scale)
    return Stated(
        sign * quantity.number, quantity.unit, _uncertainty(own, scale, last), last / 2, quantity.start, quantity.end
    )


def _uncertainty(own: str, scale: float, last: float) -> float:
    """What stands behind a number as its uncertainty, in its own unit."""
    if found := _PLUS_MINUS.search(own):
        return float(found[1]) * abs(scale)
    if found := _UP_DOWN.search(own):
        return max(float(part) for part in found.groups() if part) * abs(scale)
    found = _LAST_DIGITS.search(own)
    return float(found[1]) * last if found else 0.0


def agree(said: Stated, known: Stated) -> bool:
    """Whether a number says what a known one does: in the same dimensions, and within the known one's uncertainty or rounding."""
    if said.unit.dimensions != known.unit.dimensions:
        return False
    apart = abs(said.si() - known.si())
    size = max(abs(said.si()), abs(known.si()))
    rounding = min(max(said.rounding * said.unit.factor, known.rounding * known.unit.factor), MAX_ROUNDING * size)
    return apart <= max(known.uncertainty * known.unit.factor, rounding, _FLOAT * size) * (1 + _FLOAT)


def asked_unit(question: str) -> Unit | None:
    """The unit that a question asks for (`..., in km/s?`)."""
    for found in _IN.finditer(question):
        unit = unit_behind(question, found.end() - 1)
        if unit != NONE:
            return unit
    return None


def named_units(passage: str) -> set[str]:
    """Dimensions of the units that stand in brackets, as in heads of tables: `mass [M_sun]`."""
    found = (unit_behind(f" {inside[1]}", 0) for inside in _BRACKETS.finditer(passage))
    return {unit.dimensions for unit in found if unit != NONE}


def numbers(candidate: Candidate) -> Verdict:
    """Every number of the answer is the passage's or the question's, or its chain computes it from them.

    What a chain computes counts for derivations and numbers only, and only where the chain writes the sum (`recompute` checks it).
    Small whole numbers without a unit are not asked for, but where a number is all that was asked for.
    """
    asked_for_number = candidate.kind is QuestionKind.NUMERIC
    said = stated(candidate.answer)
    counted = [number for number in said if asked_for_number or not number.is_counted]
    if candidate.kind is QuestionKind.CHOICE and candidate.right is not None and candidate.options:
        counted = stated(candidate.options[candidate.right])
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
        if not (_is_known(told, known, heads) or _is_known(number, known, heads)):
            if asked_for_number and number.is_counted and int(number.value) in counts(candidate.passage):
                continue
            return failed(_why(told, known, prepared(candidate.answer)), score=number.value)
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
    return [n for n in stated(text) if _EQUALS.search(text, max(0, n.start - 14), n.start)]


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
    if any(abs(abs(other.value) - abs(number.value)) <= _FLOAT * abs(number.value) for other in known):
        if any(agree(replace(number, value=-number.value), other) for other in known):
            return f"the other sign: {told!r}"
        return f"another unit: {told!r}"
    return f"not in the passage: {told!r}"


def value_of(text: str | None) -> Stated | None:
    """The first number of a text."""
    return next(iter(stated(text)), None) if text else None


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
