"""Elementary functions of decimals, to more digits than TeX's packages print: sine and kin, their inverses, roots, powers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

WORKING_DIGITS = 40
PI = Decimal("3.1415926535897932384626433832795028841971693993751")
DEGREE = PI / 180
_LARGEST_ANGLE = Decimal(10) ** 8


def precise() -> Context:
    """Digits for what lies between input and result."""
    return Context(prec=WORKING_DIGITS, rounding=ROUND_HALF_EVEN, Emax=99_999, Emin=-99_999)


def sine(x: Decimal) -> Decimal:
    """The sine of an angle in radians, by its series.

    Raises:
        ArithmeticError: the angle is larger than 10^8.
    """
    if abs(x) > _LARGEST_ANGLE:
        raise ArithmeticError("an angle too large")
    x = x - 2 * PI * (x / (2 * PI)).to_integral_value()
    term = total = x
    n = 1
    while term and abs(term) > Decimal(10) ** -WORKING_DIGITS:
        term = -term * x * x / ((n + 1) * (n + 2))
        total += term
        n += 2
    return total


def cosine(x: Decimal) -> Decimal:
    """The cosine."""
    return sine(x + PI / 2)


def arctangent(x: Decimal) -> Decimal:
    """The angle of a tangent, in radians: its argument is halved three times before the series."""
    if x < 0:
        return -arctangent(-x)
    if x > 1:
        return PI / 2 - arctangent(1 / x)
    for _ in range(3):
        x = x / (1 + (1 + x * x).sqrt())
    power = total = x
    n = 1
    while power and abs(power) > Decimal(10) ** -WORKING_DIGITS:
        power = -power * x * x
        n += 2
        total += power / n
    return 8 * total


def angle_of(y: Decimal, x: Decimal) -> Decimal:
    """The angle of the point (x, y)."""
    if x > 0:
        return arctangent(y / x)
    if x < 0:
        return arctangent(y / x) + (PI if y >= 0 else -PI)
    return PI / 2 if y > 0 else -PI / 2 if y < 0 else Decimal(0)


def arcsine(x: Decimal) -> Decimal:
    """The angle of a sine.

    Raises:
        ArithmeticError: there is none.
    """
    if abs(x) > 1:
        raise ArithmeticError("no angle has this sine")
    return angle_of(x, ((1 - x) * (1 + x)).sqrt())


def power_of(base: Decimal, exponent: Decimal) -> Decimal:
    """`base ^ exponent`; of a negative base only whole exponents.

    Raises:
        ArithmeticError: there is none, or it has more than 300 digits.
    """
    if exponent == exponent.to_integral_value():
        if base and abs(exponent) * abs(base.adjusted() + 1) > _LARGEST_POWER:
            raise ArithmeticError("a power too large")
        return base ** int(exponent)
    if base < 0:
        raise ArithmeticError("a root of a negative number")
    return base**exponent if base else Decimal(0)


_LARGEST_POWER = 300


def exponential(x: Decimal) -> Decimal:
    """`e^x`.

    Raises:
        ArithmeticError: it has more than 300 digits.
    """
    if abs(x) > 2 * _LARGEST_POWER:
        raise ArithmeticError("an exponential too large")
    return x.exp()


def factorial(x: Decimal) -> Decimal:
    """`n!` to 100!.

    Raises:
        ArithmeticError: of what is no such number.
    """
    if x != x.to_integral_value() or not 0 <= x <= 100:
        raise ArithmeticError("a factorial of no small whole number")
    out = Decimal(1)
    for n in range(2, int(x) + 1):
        out *= n
    return out


def to_places(x: Decimal, places: Decimal | int, rounding: str) -> Decimal:
    """A number with so many decimals, negative ones counting tens.

    Raises:
        ArithmeticError: more than 100.
    """
    n = int(places)
    if abs(n) > 100:
        raise ArithmeticError("too many places")
    with localcontext(Context(prec=200)):
        return x.quantize(Decimal(1).scaleb(-n), rounding=rounding)


def _of_angle(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    return lambda x: function(x * DEGREE)


def tangent(x: Decimal) -> Decimal:
    """The tangent."""
    return sine(x) / cosine(x)


TRIGONOMETRIC: dict[str, Callable[[Decimal], Decimal]] = {
    "sin": sine,
    "cos": cosine,
    "tan": tangent,
    "cot": lambda x: cosine(x) / sine(x),
    "sec": lambda x: 1 / cosine(x),
    "csc": lambda x: 1 / sine(x),
}
INVERSE: dict[str, Callable[[Decimal], Decimal]] = {
    "asin": arcsine,
    "acos": lambda x: PI / 2 - arcsine(x),
    "atan": arctangent,
    "acot": lambda x: angle_of(Decimal(1), x),
    "asec": lambda x: PI / 2 - arcsine(1 / x),
    "acsc": lambda x: arcsine(1 / x),
}
IN_DEGREES: dict[str, Callable[[Decimal], Decimal]] = {name: _of_angle(f) for name, f in TRIGONOMETRIC.items()}
