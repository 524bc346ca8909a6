"""Numbers as siunitx prints them (manual of version 3, section 4.2): rounding, exponents, uncertainties, signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from curation.extract.latex.si_options import Options, is_true, sign

_MAX_DIGITS = 400
_COMPARISONS = {
    "<": "<", ">": ">", "=": "=", "<=": "\\leq", ">=": "\\geq", "\\le": "\\leq", "\\leq": "\\leq", "\\ge": "\\geq", "\\geq": "\\geq",
    "<<": "\\ll", ">>": "\\gg", "\\ll": "\\ll", "\\gg": "\\gg", "\\sim": "\\sim", "\\approx": "\\approx", "~": "\\sim",
    "\\lesssim": "\\lesssim", "\\gtrsim": "\\gtrsim", "\\simeq": "\\simeq", "≤": "\\leq", "≥": "\\geq", "≈": "\\approx",
    "≲": "\\lesssim", "≳": "\\gtrsim", "$<$": "<", "$>$": ">", "\\lt": "<", "\\gt": ">",
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<compare>[<>=]{1,2}|\\(?:leq?|geq?|ll|gg|lt|gt|sim|approx|simeq|lesssim|gtrsim)|[≤≥≈≲≳])?"
    r"(?P<sign>\+-|-\+|[-+−±∓]|\\pm|\\mp)?(?P<whole>\d*)(?:[.,](?P<part>\d*))?"
    r"(?:\((?:(?P<short>\d+)|(?P<real>\d*[.,]\d*))\)|(?:\+-|\\pm|±)(?P<error>\d*(?:[.,]\d*)?))?"
    r"(?:[eEdD](?P<exponent>[-+−]?\d+))?"
)
_SIGNS = {"+-": "\\pm ", "-+": "\\mp ", "±": "\\pm ", "∓": "\\mp ", "−": "-", "\\pm": "\\pm ", "\\mp": "\\mp "}


@dataclass(frozen=True)
class Number:
    """A number in digits.

    Args:
        whole, part: digits before and behind the decimal marker.
        error: those of the uncertainty, as many behind the marker as the number has; None: no uncertainty.
        exponent: of ten.
    """

    compare: str = ""
    sign: str = ""
    whole: str = ""
    part: str = ""
    error: tuple[str, str] | None = None
    exponent: int | None = None

    def value(self) -> Decimal:
        """Without sign and exponent."""
        return Decimal(f"{self.whole or 0}.{self.part or 0}")


def parse_number(text: str) -> Number | None:
    """What `\\num` reads; None where it is no number."""
    text = re.sub(r"\\,|\\ |[\s~{}$]", "", text)
    found = _NUMBER.fullmatch(text)
    if not found or len(text) > _MAX_DIGITS or not (found["whole"] or found["part"] or found["exponent"]):
        return None
    exponent = found["exponent"]
    if exponent is not None and len(exponent) > 6:
        return None
    whole, part = found["whole"], found["part"] or ""
    error: tuple[str, str] | None = None
    if short := found["short"]:
        short = short.rjust(len(part) + 1, "0")
        error = (short[: len(short) - len(part)], short[len(short) - len(part) :])
    elif given := found["real"] or found["error"]:
        before, _, behind = given.replace(",", ".").partition(".")
        places = max(len(part), len(behind))
        part, error = part.ljust(places, "0"), (before, behind.ljust(places, "0"))
    return Number(
        _COMPARISONS.get(found["compare"] or "", ""),
        _SIGNS.get(found["sign"] or "", found["sign"] or ""),
        whole.lstrip("0") or ("0" if whole or part else ""),
        part,
        error,
        None if exponent is None else int(exponent.replace("−", "-")),
    )


def number_math(text: str, options: Options) -> str:
    """`1.2(3)e-4` as `1.2(3) \\times 10^{-4}`; what is no number stays as it is."""
    if options.get("parse-numbers") == "false":
        return text.strip()
    number = parse_number(text)
    if number is not None:
        return print_number(processed(number, options), options)
    return _no_number(text.strip(), options)


_COMPLEX = re.compile(
    r"(?P<real>.*?[\d.)])??\s*(?P<between>\+-|\\pm|[-+])?\s*(?P<imaginary>[\d.,()]*(?:[eE][-+]?\d+)?)\s*(?P<unit>[ij])"
    r"(?:\s*[eEdD]\s*(?P<exponent>[-+]?\d{1,6}))?"
)


def _no_number(text: str, options: Options) -> str:
    """Products and fractions of version 2 (`3 x 4`, `1/2`), complex numbers, and what siunitx refuses: `10^5`, a symbol."""
    if len(text) > _MAX_DIGITS:
        return text
    if found := re.fullmatch(r"(.*\d)\s*[x/]\s*(.*\d)", text):
        join = "/" if "/" in text else f" {options.get('exponent-product', chr(92) + 'times')} "
        return join.join(number_math(piece, options) for piece in found.groups())
    if (found := _COMPLEX.fullmatch(text)) and (found["real"] or found["imaginary"]):
        between = {"+-": "\\pm", "\\pm": "\\pm"}.get(found["between"] or "", found["between"] or "")
        first = (
            number_math(found["real"], options) + f" {between or '+'} " if found["real"] else between.replace("+", "")
        )
        whole = (
            first
            + (number_math(found["imaginary"], options) if found["imaginary"] else "")
            + f"\\mathrm{{{found['unit']}}}"
        )
        if not (power := found["exponent"]):
            return whole
        product = options.get("exponent-product", "\\times")
        return (f"({whole})" if found["real"] else whole) + f" {product} 10^{{{int(power)}}}"
    return re.sub(r"\s*(?:\+-)\s*", r" \\pm ", text)


# ---------------------------------------------------------------- processing
def processed(number: Number, options: Options) -> Number:
    """After `exponent-mode`, `drop-*`, `round-*` and `minimum-*`, in this order."""
    number = _with_exponent(number, options)
    if is_true(options, "drop-uncertainty"):
        number = replace(number, error=None)
    if is_true(options, "drop-exponent"):
        number = replace(number, exponent=None)
    number = _ROUNDINGS.get(options.get("round-mode", ""), _unrounded)(number, options)
    if is_true(options, "drop-zero-decimal") and not number.part.strip("0") and not number.error:
        number = replace(number, part="")
    whole, part = (_count(options, f"minimum-{kind}-digits") for kind in ("integer", "decimal"))
    return replace(number, whole=number.whole.rjust(whole, "0"), part=number.part.ljust(part, "0"))


def _count(options: Options, key: str, default: int = 0) -> int:
    text = options.get(key, "").strip()
    return int(text) if re.fullmatch(r"-?\d{1,2}", text) else default


def _with_exponent(number: Number, options: Options) -> Number:
    mode = options.get("exponent-mode", "input")
    digits = number.whole + number.part
    if mode not in ("scientific", "engineering", "fixed", "threshold") or not digits.strip("0"):
        return number
    given = number.exponent or 0
    first = len(number.whole) - 1 - (len(digits) - len(digits.lstrip("0"))) + given
    if mode == "fixed":
        wanted = _count(options, "fixed-exponent")
    elif mode == "threshold":
        low, _, high = options.get("exponent-thresholds", "-3:3").partition(":")
        inside = re.fullmatch(r"-?\d+:-?\d+", f"{low}:{high}") is not None and int(low) < first < int(high)
        wanted = 0 if inside else first
    else:
        wanted = first if mode == "scientific" else first - first % 3
    if abs(wanted - given) > _MAX_DIGITS:
        return number
    error = number.error and _shifted(*number.error, wanted - given)
    whole, part = _shifted(number.whole, number.part, wanted - given)
    return replace(number, whole=whole, part=part, error=error, exponent=wanted or None)


def _shifted(whole: str, part: str, places: int) -> tuple[str, str]:
    """The decimal marker moved to the left; digits behind it stay as many as were given."""
    if places >= 0:
        whole = whole.rjust(places + 1, "0")
        cut = len(whole) - places
        whole, part = whole[:cut], whole[cut:] + part
    else:
        part = part.ljust(-places, "0")
        whole, part = whole + part[:-places], part[-places:]
    return whole.lstrip("0") or "0", part


def _unrounded(number: Number, options: Options) -> Number:
    return number


def _round_to(number: Number, places: int, options: Options) -> Number:
    if not is_true(options, "round-pad", "true") and places > len(number.part):
        return number
    half = ROUND_HALF_EVEN if options.get("round-half") == "even" else ROUND_HALF_UP
    context = Context(prec=2 * _MAX_DIGITS)

    def rounded(value: Decimal) -> tuple[str, str]:
        text = f"{value.quantize(Decimal(1).scaleb(-places, context), half, context):f}"
        return (text, "") if places <= 0 else (text.partition(".")[0], text.partition(".")[2])

    whole, part = rounded(number.value())
    error = number.error and rounded(Decimal(f"{number.error[0] or 0}.{number.error[1] or 0}"))
    return replace(number, whole=whole, part=part, error=error)


def _places(number: Number, options: Options) -> Number:
    if number.error:
        return number
    least = parse_number(options.get("round-minimum", ""))
    if least and least.value() > 0 and 0 < number.value() < least.value() and number.exponent is None:
        return replace(least, compare="<", sign=number.sign)
    return _round_to(number, _count(options, "round-precision", 2), options)


def _figures(number: Number, options: Options) -> Number:
    digits = (number.whole + number.part).lstrip("0")
    if number.error or not digits:
        return number
    places = len(number.part) - len(digits) + _count(options, "round-precision", 2)
    return _round_to(number, places, options)


def _uncertainty(number: Number, options: Options) -> Number:
    digits = "".join(number.error or ()).lstrip("0")
    if not number.error or not digits:
        return number
    return _round_to(number, len(number.part) - len(digits) + _count(options, "round-precision", 2), options)


_ROUNDINGS: dict[str, Callable[[Number, Options], Number]] = {
    "places": _places,
    "figures": _figures,
    "uncertainty": _uncertainty,
}


# ---------------------------------------------------------------- printing
def print_number(number: Number, options: Options) -> str:
    """A processed number as math."""
    has_sign = number.sign.strip() not in ("", "+")
    text_sign = number.sign if has_sign or is_true(options, "retain-explicit-plus") else ""
    if not number.sign and is_true(options, "print-implicit-plus"):
        text_sign = "+"
    bracketed = text_sign == "-" and is_true(options, "bracket-negative-numbers")
    exponent = number.exponent
    if exponent == 0 and not is_true(options, "print-zero-exponent") and (number.whole or number.part):
        exponent = None
    mantissa = _digits(number.whole, number.part, options)
    is_unity = mantissa == "1" and not number.part and not number.error
    if not (number.whole or number.part) or (
        is_unity and exponent is not None and not is_true(options, "print-unity-mantissa", "true")
    ):
        mantissa = ""
    out = ("" if bracketed else text_sign) + mantissa + _error(number, options)
    if bracketed:
        out = f"({out})"
    if exponent is not None:
        out = _times_power(out, text_sign, mantissa, exponent, number, options)
    gap = " " if number.compare[:1] == "\\" else ""
    return f"{number.compare}{gap}{out}"


def is_separate(number: Number | None, options: Options) -> bool:
    """Whether a number is printed as two, with ± between them."""
    return number is not None and number.error is not None and options.get("uncertainty-mode") == "separate"


def _digits(whole: str, part: str, options: Options) -> str:
    marker = sign(options.get("output-decimal-marker", "."))
    if marker == ",":
        marker = "{,}"
    if not part:
        return _grouped(whole, options)
    if whole == "0" and not is_true(options, "print-zero-integer", "true"):
        whole = ""
    return _grouped(whole, options) + marker + part


def _grouped(whole: str, options: Options) -> str:
    """Thousands set apart where the separator is no space: a space between digits would make two numbers of them."""
    separator = sign(options.get("group-separator", ""))
    if not separator or options.get("group-digits") in ("none", "false", "decimal"):
        return whole
    if len(whole) < _count(options, "group-minimum-digits", 5):
        return whole
    separator = "{,}" if separator == "," else separator
    head = len(whole) % 3 or 3
    return separator.join([whole[:head], *(whole[i : i + 3] for i in range(head, len(whole), 3))])


def _error(number: Number, options: Options) -> str:
    if number.error is None:
        return ""
    mode = options.get("uncertainty-mode", "compact")
    whole, part = number.error
    whole = whole.lstrip("0")
    if mode == "separate":
        return " \\pm " + _digits(whole or "0", part, options)
    if mode == "full" or (mode == "compact-marker" and whole and part):
        return f"({_digits(whole or '0', part, options)})"
    return f"({(whole + part).lstrip('0') or '0'})"


def _times_power(out: str, text_sign: str, mantissa: str, exponent: int, number: Number, options: Options) -> str:
    base = sign(options.get("exponent-base", "10"))
    if marker := sign(options.get("output-exponent-marker", "")):
        return f"{out}{re.sub(chr(92) * 2 + '(?:mathrm|text)', '', marker)}{exponent}"
    power = f"{base}^{{{exponent}}}"
    if not mantissa:
        return text_sign + power
    if is_separate(number, options) and is_true(options, "bracket-ambiguous-numbers", "true"):
        out = f"({out})"
    return f"{out} {sign(options.get('exponent-product', chr(92) + 'times'))} {power}"
