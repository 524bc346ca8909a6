"""pgf's numbers: lengths of TeX (65536ths of a point), or the text that a function gave (`int`, comparisons, `pi`)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curation.extract.latex.formulas import Arithmetic, NotComputableError
from curation.extract.latex.lengths import POINT, UNITS, fraction_of, in_unit, scaled

_LARGEST = 2**30
_PARTS = re.compile(r"(-?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?")


@dataclass(frozen=True, slots=True)
class PgfNumber:
    """A value in sp, and how `\\pgfmathresult` writes it."""

    size: int
    text: str

    def __post_init__(self) -> None:
        if abs(self.size) >= _LARGEST:
            raise NotComputableError("a number larger than TeX's lengths")


def sized(size: int) -> PgfNumber:
    """A number as TeX's registers hold it."""
    return PgfNumber(size, scaled(size))


def parsed(text: str) -> PgfNumber:
    """A literal: it is written as it stands.

    Raises:
        NotComputableError: it is no number.
    """
    m = _PARTS.fullmatch(text)
    if m is None or not (m[2] or m[3]):
        raise NotComputableError(text)
    if m[4]:
        return sized(round(float(text) * POINT))
    size = int(m[2] or "0") * POINT + fraction_of(m[3])
    return PgfNumber(-size if m[1] else size, text if m[2] else f"{m[1]}0.{m[3]}")


def _whole(n: int) -> PgfNumber:
    return PgfNumber(n * POINT, str(int(n)))


def _real(value: float) -> PgfNumber:
    return sized(round(value * POINT))


def _towards_zero(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def multiplied(left: PgfNumber, right: PgfNumber) -> PgfNumber:
    """A length times a factor, as TeX multiplies (tex.web 107)."""
    product = abs(left.size) * abs(right.size) // POINT
    return sized(product if (left.size < 0) == (right.size < 0) else -product)


def divided(left: PgfNumber, right: PgfNumber) -> PgfNumber:
    """A quotient as pgf finds it (pgfmathfunctions.basic): TeX's own for whole divisors, a reciprocal below 1, else digits.

    Raises:
        NotComputableError: a division by zero.
    """
    if not right.size:
        raise NotComputableError("a division by zero")
    if right.size % POINT == 0:
        return sized(_towards_zero(left.size, right.size // POINT))
    x, y = abs(left.size), abs(right.size)
    quotient = _times(x, _reciprocal(y)) if y < POINT else _digit_by_digit(x, y)
    return sized(quotient if (left.size < 0) == (right.size < 0) else -quotient)


def _times(x: int, factor: int) -> int:
    return x * factor // POINT


def _reciprocal(y: int) -> int:
    if y % POINT == 0:
        return POINT // (y // POINT)
    whole, _, decimals = scaled(y).partition(".")
    if int(whole) > 100:
        found = 10**9 // int(whole + f"{decimals:0<3.3}")
        return found // 10_000 * POINT + found % 10_000 * POINT // 10**6
    found = 10**9 // int(whole + f"{decimals:0<5.5}")
    rest = found % 10_000 * POINT
    for _ in range(4):
        rest = _times(rest, fraction_of("1"))
    return found // 10_000 * POINT + rest


_SMALLEST = fraction_of("00002")


def _digit_by_digit(x: int, y: int) -> int:
    digits = "0"
    while x > _SMALLEST and y > _SMALLEST:
        if y <= x:
            digit = x // y
            x -= digit * y
            if digit < 10 or "." not in digits:
                digits += str(digit)
                continue
            last = len(digits.partition(".")[2])  # ten of the last place
            digits = scaled(_pt(digits) + _pt("1" if last == 0 else "0." + "1".zfill(last)))
            if digit > 10:
                digits += str(digit - 10)
            continue
        if "." not in digits:
            digits += "."
        whole, _, decimals = scaled(y).partition(".")
        y = _pt(f"{int(whole) // 10}.{int(whole) % 10}{decimals}")
        if y > x:
            digits += "0"
    return _pt(digits)


def _pt(text: str) -> int:
    whole, _, decimals = text.partition(".")
    return int(whole or "0") * POINT + fraction_of(decimals)


def _power(left: PgfNumber, right: PgfNumber) -> PgfNumber:
    if not left.size:
        return sized(0 if right.size else POINT)
    if right.size % POINT == 0 and abs(right.size) <= 1_000 * POINT:
        n = abs(right.size) // POINT
        factor = left if right.size >= 0 else divided(sized(POINT), left)
        out = sized(POINT)
        while n:
            if n % 2:
                out = multiplied(out, factor)
            n //= 2
            if n:
                factor = multiplied(factor, factor)
        return out
    if left.size < 0:
        raise NotComputableError("a root of a negative number")
    return _real((left.size / POINT) ** (right.size / POINT))


def _square_root(x: PgfNumber) -> PgfNumber:
    if x.size < 0:
        raise NotComputableError("a root of a negative number")
    digits = math.isqrt(x.size * 10**10 // POINT)
    text = f"{digits // 10**5}.{digits % 10**5:05d}"
    return PgfNumber(parsed(text).size, text)


def _modulo(x: PgfNumber, y: PgfNumber) -> PgfNumber:
    if not y.size:
        raise NotComputableError("a division by zero")
    return sized(x.size - _towards_zero(x.size, y.size) * y.size)


def _degrees(function: Callable[[float], float]) -> Callable[[PgfNumber], PgfNumber]:
    return lambda x: _real(function(math.radians(x.size / POINT)))


def _angle(function: Callable[[float], float]) -> Callable[[PgfNumber], PgfNumber]:
    return lambda x: _real(math.degrees(function(x.size / POINT)))


def _floats(function: Callable[[float], float]) -> Callable[[PgfNumber], PgfNumber]:
    return lambda x: _real(function(x.size / POINT))


def _integer(x: PgfNumber) -> int:
    return _towards_zero(x.size, POINT)


def _factorial(x: PgfNumber) -> PgfNumber:
    if not 0 <= _integer(x) <= 7:
        raise NotComputableError("a factorial larger than TeX's lengths")
    return sized(math.factorial(_integer(x)) * POINT)


_OF_ONE: dict[str, Callable[[PgfNumber], PgfNumber]] = {
    "neg": lambda x: sized(-x.size),
    "abs": lambda x: sized(abs(x.size)),
    "sign": lambda x: _whole((x.size > 0) - (x.size < 0)),
    "int": lambda x: _whole(_integer(x)),
    "real": lambda x: sized(x.size),
    "round": lambda x: sized((abs(x.size) + POINT // 2) // POINT * POINT * (-1 if x.size < 0 else 1)),
    "floor": lambda x: sized(x.size // POINT * POINT),
    "ceil": lambda x: sized(-(-x.size // POINT) * POINT),
    "frac": lambda x: sized(abs(x.size) % POINT),
    "sqrt": _square_root,
    "exp": _floats(math.exp),
    "ln": _floats(math.log),
    "log10": _floats(math.log10),
    "log2": _floats(math.log2),
    "factorial": _factorial,
    "sin": _degrees(math.sin),
    "cos": _degrees(math.cos),
    "tan": _degrees(math.tan),
    "sec": _degrees(lambda x: 1 / math.cos(x)),
    "cosec": _degrees(lambda x: 1 / math.sin(x)),
    "cot": _degrees(lambda x: 1 / math.tan(x)),
    "asin": _angle(math.asin),
    "acos": _angle(math.acos),
    "atan": _angle(math.atan),
    "sinh": _floats(math.sinh),
    "cosh": _floats(math.cosh),
    "tanh": _floats(math.tanh),
    "deg": _floats(math.degrees),
    "rad": _floats(math.radians),
    "reciprocal": lambda x: divided(sized(POINT), x),
    "not": lambda x: _whole(not x.size),
    "isodd": lambda x: _whole(_integer(x) % 2),
    "iseven": lambda x: _whole(1 - _integer(x) % 2),
    "bin": lambda x: PgfNumber(x.size, f"{_integer(x):b}"),
    "oct": lambda x: PgfNumber(x.size, f"{_integer(x):o}"),
    "hex": lambda x: PgfNumber(x.size, f"{_integer(x):x}"),
    "Hex": lambda x: PgfNumber(x.size, f"{_integer(x):X}"),
}
_OF_TWO: dict[str, Callable[[PgfNumber, PgfNumber], PgfNumber]] = {
    "add": lambda x, y: sized(x.size + y.size),
    "subtract": lambda x, y: sized(x.size - y.size),
    "multiply": multiplied,
    "divide": divided,
    "pow": _power,
    "mod": _modulo,
    "Mod": lambda x, y: sized((m := _modulo(x, y)).size + (y.size if m.size < 0 else 0)),
    "div": lambda x, y: _whole(_integer(divided(x, y))),
    "gcd": lambda x, y: _whole(math.gcd(_integer(x), _integer(y))),
    "veclen": lambda x, y: _real(math.hypot(x.size / POINT, y.size / POINT)),
    "atan2": lambda y, x: _real(math.degrees(math.atan2(y.size, x.size))),
    "greater": lambda x, y: _whole(x.size > y.size),
    "less": lambda x, y: _whole(x.size < y.size),
    "equal": lambda x, y: _whole(x.size == y.size),
    "notequal": lambda x, y: _whole(x.size != y.size),
    "and": lambda x, y: _whole(bool(x.size) and bool(y.size)),
    "or": lambda x, y: _whole(bool(x.size) or bool(y.size)),
}
FUNCTIONS = frozenset({*_OF_ONE, *_OF_TWO, "max", "min"})
"""The functions that have a command of their own: `\\pgfmathadd{1}{2}`."""
_CONSTANTS = {"pi": "3.141592654", "e": "2.718281828", "true": "1", "false": "0"}
_COMPARE = {"<": lambda x, y: x < y, ">": lambda x, y: x > y, "=": lambda x, y: x == y, "<=": lambda x, y: x <= y,
            ">=": lambda x, y: x >= y, "!=": lambda x, y: x != y}  # fmt: skip
_SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "pow"}


class Pgf(Arithmetic[PgfNumber]):
    """pgf's engine without the library fpu."""

    factorials = True
    juxtaposed = True  # a number and its unit
    radians = True

    def number(self, text: str) -> PgfNumber:
        """A literal."""
        return parsed(text)

    def truth(self, value: PgfNumber) -> bool:
        """All but 0 is true."""
        return value.size != 0

    def negative(self, value: PgfNumber) -> PgfNumber:
        """`-x`."""
        return PgfNumber(-value.size, value.text[1:] if value.text[:1] == "-" else f"-{value.text}")

    def binary(self, sign: str, left: PgfNumber, right: PgfNumber) -> PgfNumber:
        """An operation on lengths.

        Raises:
            NotComputableError: pgf has none of this sign.
        """
        if sign in _COMPARE:
            return _whole(_COMPARE[sign](left.size, right.size))
        if sign == "*" and right.text in UNITS:
            size = in_unit(abs(left.size) // POINT, abs(left.size) % POINT, right.text)
            return sized(-size if left.size < 0 else size)
        if sign not in _SIGNS:
            raise NotComputableError(sign)
        return _OF_TWO[_SIGNS[sign]](left, right)

    def call(self, name: str, args: Sequence[PgfNumber]) -> PgfNumber:
        """A function, a constant, a unit.

        Raises:
            NotComputableError: pgf has none of this name, or gives a random number.
        """
        if not args and name in _CONSTANTS:
            return parsed(_CONSTANTS[name])
        if not args and name in UNITS:
            return PgfNumber(in_unit(1, 0, name), name)
        if name == "radians" and len(args) == 1:  # `x r`
            name = "deg"
        try:
            if len(args) == 1 and name in _OF_ONE:
                return _OF_ONE[name](args[0])
            if len(args) == 2 and name in _OF_TWO:
                return _OF_TWO[name](*args)
        except ValueError as error:
            raise NotComputableError(name) from error
        if name in ("max", "min") and args:
            return sized((max if name == "max" else min)(x.size for x in args))
        if name == "ifthenelse" and len(args) == 3:
            return args[1] if args[0].size else args[2]
        raise NotComputableError(name)
