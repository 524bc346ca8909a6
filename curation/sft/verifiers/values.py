"""Values: the numbers of an answer, with their units, beside those that the passage states with their uncertainty.

Numbers and units are read by `curation.withhold.numbers`, whose units are astropy's; here they get their sign, the uncertainty that
stands behind them, and what their last digit leaves open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from curation.withhold.numbers import Quantity, quantities
from curation.withhold.units import NONE, Unit, unit_behind

_SMALL = 12
"""Whole numbers up to it count things; in words, papers and answers are free with them."""
MAX_ROUNDING = 0.05
"""What rounding may change, of a value: an answer `3` for 3.14 is rounded, one of `1` for 1.4 is wrong."""
FLOAT = 1e-6
_PRINTED = re.compile(r"[0-9][0-9,\u2009\u202f]*(?:\.([0-9]+))?")
PLUS_MINUS = re.compile(r"(?:\\pm|±|\+/-)\s*\$?\s*([0-9]*\.?[0-9]+)")
UP_DOWN = re.compile(
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
    if found := PLUS_MINUS.search(own):
        return float(found[1]) * abs(scale)
    if found := UP_DOWN.search(own):
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
    return apart <= max(known.uncertainty * known.unit.factor, rounding, FLOAT * size) * (1 + FLOAT)


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


def value_of(text: str | None) -> Stated | None:
    """The first number of a text."""
    return next(iter(stated(text)), None) if text else None
