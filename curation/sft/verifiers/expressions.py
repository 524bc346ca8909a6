"""Formulas with numbers put in, as chains write them: read by rule, computed by sympy, in SI by the units that stand in them.

Nothing is evaluated that this parser did not build: a text becomes numbers, units, operators and a few functions, or it is no
expression. Length, depth and powers have bounds, so no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log10
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy

from curation.withhold.units import NONE, Unit, unit_behind

MAX_CHARS = 400
MAX_DEPTH = 40
MAX_POWER = 400
"""Of a power, and of e in `exp`."""
MAX_MAGNITUDE = 300
"""Decimal digits of the largest number and of the smallest."""
_PRECISION = 30
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,40})(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3}(?![0-9A-Za-z]))?|\.\d{1,40})"
    r"|(?P<command>\\[A-Za-z]+)|(?P<name>log_?\{?10\}?|[A-Za-zμÅΩ☉⊕°%″′]+)|(?P<power>\*\*|\^)|(?P<mark>[-+*/(){}\[\]]))"
)
_PLAIN = (
    (re.compile(r"\$|\\left|\\right|\\[,;:!]|~|\\big[lr]?|\\displaystyle|\\limits"), " "),
    (re.compile(r"\\(?:mathrm|text|rm|mathit|mathbf|operatorname)(?![A-Za-z])\s*\{\s*([^{}]{0,40})\}"), r" \1 "),
    (re.compile(r"\b([MRL])_?\{?\s*\\(?:odot|sun)\}?|\b([MRL])_?\{?☉\}?"), lambda m: f" {m[1] or m[2]}☉ "),
    (re.compile(r"\\(?:times|cdot|ast)(?![A-Za-z])|[×·⋅∗]"), " * "),
    (re.compile(r"\\div(?![A-Za-z])|÷"), " / "),
    (re.compile(r"[\u2212\u2013]"), "-"),
    (re.compile(r"√"), " sqrt "),
    (re.compile(r"π"), " pi "),
    (re.compile(r"\\(sqrt|exp|ln|log|sin|cos|tan|arcsin|arccos|arctan|pi)(?![A-Za-z])"), r" \1 "),
    (re.compile(r"²"), "^2"),
    (re.compile(r"³"), "^3"),
)  # fmt: skip
_LOGARITHMS = ("log", "log10", "log_10", "log_{10}")
_FUNCTIONS = {
    **{name: name for name in ("sqrt", "exp", "sin", "cos", "tan")},
    **{"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"},
    **dict.fromkeys(_LOGARITHMS, "log"),
}
"""What texts call a function -> what sympy calls it."""
_CLOSES = {"(": ")", "{": "}", "[": "]"}


class ExpressionError(ValueError):
    """A text that is no expression, or one past the bounds."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number with dimensions.

    Args:
        number: in SI.
        dimensions: base -> power.
        operators: operators and functions that were used; 0: a number as it stands.
    """

    number: float
    dimensions: Mapping[str, float]
    operators: int = 0


def evaluate(text: str, *, units: bool = True) -> Value:
    """The value of an expression: `2*pi*sqrt(1.5^3/4)`, `\\frac{3 km}{2 s}`, `1.2 \\times 10^{-3} M_\\odot`.

    Args:
        text: the expression, and nothing else.
        units: whether names of units count; else each is 1.

    Raises:
        ExpressionError: it is none, its units do not fit, or it is longer, deeper or larger than the bounds.
    """
    if len(text) > MAX_CHARS:
        raise ExpressionError(f"an expression of {len(text)} characters")
    parser = _Parser(_tokens(text), units)
    made = parser.sum(0)
    if parser.peek() is not None:
        raise ExpressionError(f"{parser.peek()!r} is not expected")
    return Value(float(made.number), {k: v for k, v in made.dimensions.items() if v}, made.operators)


def plain(text: str) -> str:
    """An expression without what TeX writes around it."""
    for pattern, becomes in _PLAIN:
        text = pattern.sub(becomes, text)
    return text


def _tokens(text: str) -> list[tuple[str, str]]:
    text = plain(text)
    found: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"{text[at : at + 12]!r} is no part of an expression")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    if not found:
        raise ExpressionError("nothing to compute")
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    number: sympy.Expr
    dimensions: dict[str, float]
    operators: int


def _sympy() -> Any:
    """Imported when there is something to compute: it takes longer than most commands."""
    import sympy

    return sympy


class _Parser:
    """Sums of products of implied products of powers, by recursive descent; every step computes a number."""

    def __init__(self, tokens: list[tuple[str, str]], units: bool) -> None:
        self.tokens, self.units, self.at = tokens, units, 0

    def peek(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def _kind(self) -> str | None:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else None

    def sum(self, depth: int) -> _Made:
        if depth > MAX_DEPTH:
            raise ExpressionError("brackets too deep")
        sign = 1
        while self.peek() in ("+", "-"):
            sign = -sign if self.peek() == "-" else sign
            self.at += 1
        made = self.product(depth)
        made = _Made(sign * made.number, made.dimensions, made.operators)
        while self.peek() in ("+", "-"):
            sign = 1 if self.peek() == "+" else -1
            self.at += 1
            other = self.product(depth)
            if made.dimensions != other.dimensions:
                raise ExpressionError("a sum of different units")
            made = _checked(made.number + sign * other.number, made.dimensions, made.operators + other.operators + 1)
        return made

    def product(self, depth: int) -> _Made:
        made = self.implied(depth)
        while self.peek() in ("*", "/"):
            times = self.peek() == "*"
            self.at += 1
            sign = 1
            while self.peek() == "-":
                sign, self.at = -sign, self.at + 1
            other = self.implied(depth)
            made = _times(made, _Made(sign * other.number, other.dimensions, other.operators), times=times)
        return made

    def implied(self, depth: int) -> _Made:
        """What stands side by side: `3 km`, `2(4+1)`."""
        made = self.power(depth)
        while self._kind() in ("name", "command") or self.peek() in ("(", "{", "["):
            counts = self._kind() != "name"
            made = _times(made, self.power(depth), times=True, counts=counts)
        return made

    def power(self, depth: int) -> _Made:
        made = self.atom(depth)
        if self._kind() == "power":
            self.at += 1
            sign = 1
            if self.peek() in ("-", "+"):
                sign = -1 if self.peek() == "-" else 1
                self.at += 1
            exponent = self.power(depth + 1) if depth < MAX_DEPTH else self._too_deep()
            made = _raised(made, _Made(sign * exponent.number, exponent.dimensions, exponent.operators))
        return made

    def atom(self, depth: int) -> _Made:
        kind, token = self._kind(), self.peek()
        if token is None:
            raise ExpressionError("an expression that breaks off")
        self.at += 1
        if kind == "number":
            return _checked(_sympy().Float(token.replace(",", ""), _PRECISION), {}, 0)
        if token in _CLOSES:
            return self._until(_CLOSES[token], depth)
        if token == "\\frac":
            above, below = self._group(depth), self._group(depth)
            return _times(above, below, times=False)
        if token in _FUNCTIONS:
            return self._called(token, depth)
        if kind == "name":
            return self._named(token)
        raise ExpressionError(f"{token!r} is not expected")

    def _named(self, token: str) -> _Made:
        if token == "pi":
            return _Made(_sympy().pi.evalf(_PRECISION), {}, 0)
        unit = unit_of(token)
        if unit == NONE or unit.shift:
            raise ExpressionError(f"{token!r} is no unit")
        if not self.units:
            return _Made(_sympy().Integer(1), {}, 0)
        return _checked(
            _sympy().Float(unit.factor, _PRECISION), {base: float(power) for base, power in unit.powers()}, 0
        )

    def _called(self, name: str, depth: int) -> _Made:
        if self._kind() == "power":  # sin^2 x
            raise ExpressionError("a power of a function")
        inner = self._group(depth) if self.peek() in _CLOSES else self.power(depth + 1)
        if name == "sqrt":
            return _raised(inner, _Made(_sympy().Rational(1, 2), {}, 0))
        angle = inner.dimensions == {"rad": 1.0} and name in ("sin", "cos", "tan")
        if inner.dimensions and not angle:
            raise ExpressionError(f"{name} of a value with a unit")
        if name == "exp" and abs(inner.number) > MAX_POWER:
            raise ExpressionError("a power too large")
        if name in ("ln", *_LOGARITHMS) and not inner.number > 0:
            raise ExpressionError("a logarithm of no positive number")
        base = (10,) if name in _LOGARITHMS else ()
        made = getattr(_sympy(), _FUNCTIONS[name])(inner.number, *base)
        return _checked(made.evalf(_PRECISION), {}, inner.operators + 1)

    def _group(self, depth: int) -> _Made:
        token = self.peek()
        if token not in _CLOSES:
            raise ExpressionError("a bracket is missing")
        self.at += 1
        return self._until(_CLOSES[token], depth)

    def _until(self, closing: str, depth: int) -> _Made:
        made = self.sum(depth + 1)
        if self.peek() != closing:
            raise ExpressionError("a bracket is not closed")
        self.at += 1
        return made

    def _too_deep(self) -> _Made:
        raise ExpressionError("powers too deep")


def _checked(number: sympy.Expr, dimensions: dict[str, float], operators: int) -> _Made:
    if not number.is_real or not number.is_finite:
        raise ExpressionError("no real number")
    if not number.is_zero and not 10.0**-MAX_MAGNITUDE < abs(number) < 10.0**MAX_MAGNITUDE:
        raise ExpressionError("a number too large or too small")
    return _Made(number, dimensions, operators)


def _times(one: _Made, other: _Made, *, times: bool, counts: bool = True) -> _Made:
    if not times and other.number.is_zero:
        raise ExpressionError("a division by zero")
    sign = 1 if times else -1
    dimensions = dict(one.dimensions)
    for base, power in other.dimensions.items():
        dimensions[base] = dimensions.get(base, 0.0) + sign * power
    number = one.number * other.number if times else one.number / other.number
    kept = {base: power for base, power in dimensions.items() if power}
    return _checked(number, kept, one.operators + other.operators + (1 if counts else 0))


def _raised(base: _Made, exponent: _Made) -> _Made:
    if exponent.dimensions or abs(exponent.number) > MAX_POWER:
        raise ExpressionError("a power that is no number, or too large")
    if base.number.is_zero and exponent.number <= 0:
        raise ExpressionError("zero to no positive power")
    if not base.number.is_zero and abs(log10(float(abs(base.number))) * float(exponent.number)) > MAX_MAGNITUDE:
        raise ExpressionError("a number too large or too small")
    if base.number < 0 and exponent.number != int(exponent.number):
        raise ExpressionError("a root of a negative number")
    power = float(exponent.number)
    number = (
        _sympy()
        .Pow(base.number, _sympy().Integer(int(power)) if power == int(power) else exponent.number)
        .evalf(_PRECISION)
    )
    is_ten = float(base.number) == 10 and base.operators == 0
    operators = base.operators + exponent.operators + (0 if is_ten else 1)
    return _checked(number, {b: p * power for b, p in base.dimensions.items()}, operators)


@lru_cache(maxsize=4096)
def unit_of(name: str) -> Unit:
    """The unit of a word; `NONE` where it is none."""
    return unit_behind(f" {name}", 0)
