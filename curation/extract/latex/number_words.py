"""Numbers as words and ordinals (fmtcount, engord): `\\numberstringnum{23}` is twenty-three, `\\ordinal{section}` 4th."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.registers import own_counter

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def in_words(n: int) -> str:
    """A number below 100,000, as fmtcount writes it: `one hundred and five`."""
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_ONES[n % 10]}" if n % 10 else "")
    if n < 1_000:
        return f"{_ONES[n // 100]} hundred" + (f" and {in_words(n % 100)}" if n % 100 else "")
    rest = n % 1_000
    return f"{in_words(n // 1_000)} thousand" + (f"{' ' if rest >= 100 else ' and '}{in_words(rest)}" if rest else "")


def ordinal_in_words(n: int) -> str:
    """`twenty-third`."""
    words = in_words(n)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    return words[:cut] + (_IRREGULAR.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def _titled(words: str) -> str:
    return words.title().replace(" And ", " and ")


def ordinal(n: int) -> str:
    """`23rd`."""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


_FORMS: dict[str, Callable[[int], str]] = {
    "numberstring": in_words, "Numberstring": lambda n: _titled(in_words(n)), "NUMBERstring": lambda n: in_words(n).upper(),
    "ordinalstring": ordinal_in_words, "Ordinalstring": lambda n: _titled(ordinal_in_words(n)),
    "ORDINALstring": lambda n: ordinal_in_words(n).upper(), "ordinal": ordinal, "binary": lambda n: f"{n:b}",
    "octal": lambda n: f"{n:o}", "hexadecimal": lambda n: f"{n:x}", "Hexadecimal": lambda n: f"{n:X}", "decimal": str,
}  # fmt: skip
_LARGEST = 99_999


def _print(tex: Stomach, form: str, n: int) -> None:
    tex.parts.append(_FORMS[form](n) if 0 <= n <= _LARGEST else str(n))


def of_number(tex: Stomach, name: str) -> None:
    """`\\numberstringnum{23}`, `\\ordinalnum{4}`, `\\engordnumber{4}`."""
    tokens = tex.read_arg()
    tex.read_optional_here()  # the gender
    form = "ordinal" if name.startswith("\\engord") else name[1:].removesuffix("num")
    _print(tex, form, int(tex.evaluate(tokens, "count")))


def of_counter(tex: Stomach, name: str) -> None:
    """`\\numberstring{section}`, `\\ordinal{page}`, `\\engord{section}`."""
    counter = own_counter(tex.read_name())
    tex.read_optional_here()
    _print(tex, "ordinal" if name == "\\engord" else name[1:], tex.counters[counter])


NUMBER_WORDS: dict[str, Handler] = {
    **{f"\\{form}num": of_number for form in _FORMS},
    "\\engordnumber": of_number,
}
OF_FMTCOUNT: dict[str, Handler] = {f"\\{form}": of_counter for form in _FORMS}
OF_ENGORD: dict[str, Handler] = {"\\engord": of_counter}
