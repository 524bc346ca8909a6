"""Quantities in texts: numbers with their units, however they are written, as values in SI.

Read are `1,200`, `1 200` (thin space), `.5`, `3e4`, `3 x 10^4`, `$3\\times10^{4}$`, `10^{-3}`, `4.6 billion`, `twenty-five`; an
uncertainty behind a number (`\\pm 0.2`, `(2)`, `^{+0.1}_{-0.2}`) is none of its own. Of `3-5 km` and `500, 550 and 600 nm` each has the
unit. `\\qty{3e4}{\\km\\per\\s}` is read as it stands. What is an index, an exponent, or part of a name (`M_{200}`, `H2`) is no number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from curation.withhold.units import NONE, Unit, unit_behind

_TIMES = r"(?:\\times|\\cdot|[×·⋅x*])"
_POWER = r"(?:\^|\*\*)\s?\{?\s?([-+\u2212\u2013]?)\s?([0-9]{1,3})\s?\}?"
_NUMBER = re.compile(
    r"((?:[0-9]{1,3}(?:(?:,|\{,\}|\\,|[\u2009\u202f])[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?)"
    r"(?:[eE]([-+\u2212]?)([0-9]{1,3})(?![0-9A-Za-z]))?"
    r"(?:\([0-9]+\))?"
    r"(?:\s?\$?\^\{?\s{0,3}\+[^{}^_$ ]{1,12}\}?\s{0,3}_\{?\s{0,3}[-\u2212][^{}^_$ ]{1,12}\}?|\s?\$?_\{?\s{0,3}[-\u2212][^{}^_$ ]{1,12}\}?\s{0,3}\^\{?\s{0,3}\+[^{}^_$ ]{1,12}\}?)?"
    r"(?:\s{0,3}\$?\s{0,3}(?:\\pm|±|\+/-)\s{0,3}\$?\s{0,3}[0-9.]+)?"
    rf"(?:\s{{0,3}}\)?\s{{0,3}}\$?\s{{0,3}}{_TIMES}\s{{0,3}}\$?\s{{0,3}}\{{?\s{{0,3}}10\s{{0,3}}\}}?\$?\s{{0,3}}(?:{_POWER}|([⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+))|(?<=10)\s?\$?(?:{_POWER}|([⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?"
)
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NO_DIGIT = re.compile(r"[^0-9.]")
_MINUS = "-\u2212\u2013⁻"
_COMMAND_BEFORE = re.compile(r"\\[A-Za-z,;: ]+$")
_SCALE = re.compile(r"[\s~-]{1,3}(hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_TAILS = "|".join(sorted({word[1:] for word in (*_ONES, *_TENS)}, key=lambda tail: (-len(tail), tail)))
_ONE = "|".join(list(_ONES)[:9])
_IN_WORDS = re.compile(
    rf"([EFNOSTefnost](?:{_TAILS}))(?![A-Za-z])(?:[- ]({_ONE})(?![A-Za-z]))?(?:[ ]point((?:[ ](?:zero|{_ONE})(?![A-Za-z]))+))?"
)
"""The first word by its first letter and its other letters apart, which `re` looks for many times faster than for whole words."""
_PARTS = {
    "half": 0.5,
    "quarter": 0.25,
    "tenth": 0.1,
    "hundredth": 0.01,
    "thousandth": 1e-3,
    "millionth": 1e-6,
    "dozen": 12.0,
}
_OF_ONE = re.compile(
    rf"\b(?:([Hh]alf)[ ]an?|([Oo]ne|[Aa])[ -](quarter|tenth|hundredth|thousandth|millionth)[ ]of[ ](?:an?|one)|[Aa][ ](dozen|{'|'.join(_SCALES)}))\b"
)
"""`half a metre`, `a thousandth of a second`, `a hundred volts`."""
_AND_A_HALF = re.compile(r"[ ]and a half\b")
_HUNDRED = re.compile(
    rf"[ ~-]hundred(?![A-Za-z])(?:[ ](?:and[ ])?({'|'.join((*_TENS, *_ONES))})(?:[- ]({_ONE}))?(?![A-Za-z])(?![ ]and a half\b))?",
    re.IGNORECASE,
)
"""Behind the hundreds of `one hundred and fifty`."""
_NEXT = re.compile(
    r"[\s$}]*(?:[-\u2212\u2013\u2014/]|--|,|to|and|or|,?\s*(?:and|or)|\\(?:times|text\{[-\u2013 ]+\})|[x×:])[\s$~{]*$"
)
"""What stands between two numbers of which the second has the unit of both."""
_MAX_GAP = 16


@dataclass(frozen=True)
class Quantity:
    """A number of a text.

    Args:
        number: as it is written, without its unit and sign.
        digits: its digits that tell, without zeros at either end.
        unit: `NONE` where it has none.
        start, end: characters of the text, the unit not among them.
    """

    number: float
    digits: int
    unit: Unit
    start: int
    end: int

    @property
    def value(self) -> float:
        """In SI."""
        return self.number * self.unit.factor + self.unit.shift

    @property
    def is_bare(self) -> bool:
        """Whether it has neither unit nor factor."""
        return self.unit == NONE


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in their order; zeros are none."""
    found = sorted((*_in_digits(text), *_in_words(text)), key=lambda q: (q.start, -q.end))
    made: list[Quantity] = []
    for quantity in reversed(found):
        following = made[-1] if made else None
        if following is not None and quantity.end > following.start:
            continue
        if following is not None and quantity.is_bare and not following.is_bare:
            between = text[quantity.end : following.start]
            if len(between) <= _MAX_GAP and _NEXT.match(between):
                shared = replace(quantity, unit=following.unit)
                quantity = shared if math.isfinite(shared.value) else quantity
        made.append(quantity)
    return made[::-1]


def _in_digits(text: str) -> Iterator[Quantity]:
    at = 0
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if start < at or not _may_begin(text, start):
            continue
        plain = _NO_DIGIT.sub("", match[1])
        if start and text[start - 1] == ".":
            plain = "0." + plain.partition(".")[0]
        if (
            end < len(text)
            and text[end].isalpha()
            and text[end - 1].isdigit()
            and text[end : end + 2] in ("st", "nd", "rd", "th", "D ")
        ):
            continue
        signs = [(match[k], match[k + 1]) for k in (2, 4, 6, 8, 10) if match[k + 1]]
        number = float(plain)
        for sign, power in signs[:1] if match[3] else ():
            number *= _ten(sign, power)
        of_ten = next(((match[k], match[k + 1]) for k in (8, 10) if match[k + 1]), None)
        if of_ten:
            if plain != "10":
                continue
            number = _ten(*of_ten)
            plain = "1"
        for k in (4, 6):
            if match[k + 1]:
                number *= _ten(match[k], match[k + 1])
        made = _made(text, number, plain, start, end)
        if made is not None:
            at = made.end
            yield made


def _ten(sign: str, power: str) -> float:
    exponent = int(power.translate(_DIGITS))
    return float(10.0 ** min(300, exponent)) if not sign or sign not in _MINUS else float(10.0 ** -min(300, exponent))


def _may_begin(text: str, start: int) -> bool:
    """Whether a number may begin there: it is none where it is an index, an exponent, or part of a word."""
    before = text[start - 1 : start] or " "
    if before in "-\u2212+":
        further = text[max(0, start - 3) : start - 1]
        return not (further[-1:] in ("_", "^") or further in ("_{", "^{") or further[-1:].isalpha())
    if before == "{":
        return text[max(0, start - 2) : start - 1] not in ("_", "^")
    if before == ".":
        return not text[max(0, start - 2) : start - 1].isalnum()
    if before.isalpha():
        return _COMMAND_BEFORE.search(text, max(0, start - 12), start) is not None
    return before not in "_^" and not before.isdigit()


def _made(text: str, number: float, plain: str, start: int, end: int) -> Quantity | None:
    scale = _SCALE.match(text, end)
    if scale:
        number *= _SCALES[scale[1].lower()]
        end = scale.end()
    if not number or not math.isfinite(number):
        return None
    digits = len(plain.replace(".", "").strip("0"))
    made = Quantity(number, digits, unit_behind(text, end), start, end)
    return made if math.isfinite(made.value) else None


def _in_words(text: str) -> Iterator[Quantity]:
    """Numbers that are spelled out: below a hundred, `two point five`, `two and a half` and what is scaled among them, parts of one."""
    for match in _OF_ONE.finditer(text):
        word = match[1] or match[3] or match[4]
        number = _PARTS.get(word.lower()) or _SCALES[word]
        made = _made(text, number, f"{number:.6f}", *match.span())
        if made is not None and not made.is_bare:
            yield made
    at = 0
    for match in _IN_WORDS.finditer(text):
        word, ones, behind = match[1].lower(), match[2], match[3]
        start, end = match.span()
        if start < at or (start and text[start - 1].isalpha()) or (word not in _ONES and word not in _TENS):
            continue
        number = float(_ONES.get(word) or _TENS[word])
        if ones and word in _TENS:
            number += _ONES[ones]
        elif ones:
            end, behind = match.end(1), None
        plain = f"{number:g}"
        if behind:
            plain += "." + "".join(str(_ONES.get(digit, 0)) for digit in behind.split())
            number = float(plain)
        elif halved := _AND_A_HALF.match(text, end):
            number, end = number + 0.5, halved.end()
            plain = f"{number:g}"
        if hundred := _HUNDRED.match(text, end):
            below, ones = (hundred[1] or "").lower(), (hundred[2] or "").lower()
            number = 100 * number + (_TENS.get(below) or _ONES.get(below, 0)) + _ONES.get(ones, 0)
            end, plain = hundred.end(), f"{number:g}"
        made = _made(text, number, plain, start, end)
        at = made.end if made is not None else at
        if made is not None and (not made.is_bare or number > 12):
            yield made
