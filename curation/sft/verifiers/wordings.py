"""Numbers that an answer writes otherwise than its passage does, and means the same: in prose a sign is a word (`falls by 0.2`), an
uncertainty stands alone, an exponent is an index, and a logarithm needs no unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from curation.sft.verifiers.values import FLOAT, PLUS_MINUS, UP_DOWN, Stated, agree
from curation.withhold.units import NONE

_LOGARITHMS = ("dex1", "mag1")
"""Dimensions that a number may have without saying so: [Fe/H] = -1.8."""
_DOWN = re.compile(
    r"\b(?:decreas|declin|fall|fell|drop|lower|less|reduc|dim|bright|faint|below|negative|minus|blue-?shift|approach|inward|south|los[est]|shrink|shrank"
    r"|shorten|cool|deplet|deficien|poor|under|steep|anti-?correl|weak|retrograd|backward|behind|before|deficit|sink|sank)",
    re.IGNORECASE,
)
"""Words that say what a minus says."""
_BEFORE, _BEHIND = 90, 50
"""Characters around a number in which such a word stands."""
_UNSURE = re.compile(
    r"uncertain|error|±|\+/-|\\pm|give or take|\bwithin\b|sigma|σ|scatter|precision|accura|\beither (?:side|way|direction)\b|confiden|plus or minus",
    re.IGNORECASE,
)
_OPERATOR = r"\s*(?:[-+×*/÷−–]|\\(?:times|cdot)(?![A-Za-z])|\bto\b|\band\b)\s*"
_IN_SUM = re.compile(rf"\d\S{{0,3}}{_OPERATOR}\Z"), re.compile(rf"{_OPERATOR}[-−]?\d")
"""What stands before or behind a number of a sum, or of a range: there units may be left out."""
_EXPONENT = re.compile(r"\^\s*\{?\s*[-−]?\s*(\d+\.\d+)")


def means(number: Stated, known: Iterable[Stated], answer: str, passage: str, *, signed: bool) -> bool:
    """Whether a number of an answer means one that is known, or an uncertainty or exponent of the passage.

    Args:
        number: of the answer.
        known: numbers of passage, question and quotes.
        signed: its sign must stand, as where a number is all that was asked for.
    """
    around = answer[max(0, number.start - _BEFORE) : number.end + _BEHIND]
    turned = None if signed or number.value <= 0 or not _DOWN.search(around) else replace(number, value=-number.value)
    is_in_sum = number.unit == NONE and any(
        (_IN_SUM[0].search(answer, max(0, number.start - 16), number.start), _IN_SUM[1].match(answer, number.end))
    )
    for other in known:
        if is_in_sum and agree(number, replace(other, unit=NONE)):
            return True
        if turned is not None and agree(turned, other):
            return True
        if (
            number.unit == NONE
            and other.unit.dimensions in _LOGARITHMS
            and agree(replace(number, unit=other.unit), other)
        ):
            return True
    if number.unit == NONE and _holds(_exponents(passage), abs(number.value)):
        return True
    return bool(_UNSURE.search(around)) and _holds(_uncertainties(passage), abs(number.value))


def _holds(numbers: frozenset[float], number: float) -> bool:
    return any(abs(number - one) <= FLOAT * one for one in numbers)


@lru_cache(maxsize=64)
def _exponents(passage: str) -> frozenset[float]:
    """Exponents with decimals: whole ones are those of units, and of powers of ten."""
    return frozenset(float(found[1]) for found in _EXPONENT.finditer(passage))


@lru_cache(maxsize=64)
def _uncertainties(passage: str) -> frozenset[float]:
    found = [part for match in (*PLUS_MINUS.finditer(passage), *UP_DOWN.finditer(passage)) for part in match.groups()]
    return frozenset(float(part) for part in found if part)
