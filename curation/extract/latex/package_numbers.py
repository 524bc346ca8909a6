"""How the packages of TeX keep their numbers: the kernel's `\\fpeval` (l3fp), fp, whole numbers of intcalc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    localcontext,
)

from curation.extract.latex.elementary import (
    DEGREE,
    INVERSE,
    PI,
    TRIGONOMETRIC,
    angle_of,
    exponential,
    factorial,
    power_of,
    precise,
    to_places,
)
from curation.extract.latex.formulas import Arithmetic, NotComputableError

_DIGITS = 16  # of l3fp (interface3, part "l3fp")
_UNITS = {"pt": "1", "in": "72.27", "pc": "12", "cm": "28.45275590551181", "mm": "2.845275590551181", "bp": "1.00375",
          "dd": "1.070008573388203", "cc": "12.84010288065844", "sp": "0.0000152587890625"}  # fmt: skip


def compared(sign: str, left: Decimal, right: Decimal) -> Decimal | None:
    """1 or 0 for a comparison; None where the sign is none."""
    outcomes = {"<": left < right, ">": left > right, "=": left == right, "<=": left <= right, ">=": left >= right,
                "!=": left != right}  # fmt: skip
    return Decimal(outcomes[sign]) if sign in outcomes else None


class FloatingPoint(Arithmetic[Decimal]):
    """l3fp: decimals of 16 significant digits, ties to even."""

    juxtaposed = True

    def _kept(self, value: Decimal) -> Decimal:
        return Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN).plus(value)

    def number(self, text: str) -> Decimal:
        """A literal, to 16 digits."""
        return self._kept(Decimal(text))

    def truth(self, value: Decimal) -> bool:
        """All but 0 is true."""
        return value != 0

    def negative(self, value: Decimal) -> Decimal:
        """`-x`, of zero too."""
        return value.copy_negate()

    def binary(self, sign: str, left: Decimal, right: Decimal) -> Decimal:
        """An operation, rounded to 16 digits.

        Raises:
            NotComputableError: a division by zero.
        """
        found = compared(sign, left, right)
        if found is not None:
            return found
        if sign == "//" or (sign == "/" and not right):
            raise NotComputableError("a division by zero")
        with localcontext(precise()):
            if sign == "^":
                return self._kept(power_of(left, right))
            return self._kept(
                left + right if sign == "+" else left - right if sign == "-" else left * right if sign == "*" else left / right
            )  # fmt: skip

    def call(self, name: str, args: Sequence[Decimal]) -> Decimal:
        """A function of l3fp, a constant, or a unit in pt."""
        if not args and name in _UNITS:
            return Decimal(_UNITS[name])
        if not args and name in _CONSTANTS:
            return self._kept(_CONSTANTS[name])
        with localcontext(precise()):
            if name in _ROUNDINGS and args:
                places = args[1] if len(args) > 1 else 0
                return self._kept(to_places(args[0], places, _ROUNDINGS[name]))
            return self._kept(_function(name, args))


_CONSTANTS = {"pi": PI, "deg": DEGREE, "true": Decimal(1), "false": Decimal(0)}
_ROUNDINGS = {"round": ROUND_HALF_EVEN, "trunc": ROUND_DOWN, "floor": ROUND_FLOOR, "ceil": ROUND_CEILING}
_PLAIN: dict[str, Callable[[Decimal], Decimal]] = {
    "abs": abs,
    "sqrt": lambda x: x.sqrt(),
    "exp": exponential,
    "ln": lambda x: x.ln(),
    "fact": factorial,
    "logb": lambda x: Decimal(x.adjusted()),
    "sign": lambda x: Decimal(x > 0) - Decimal(x < 0),
}


def _function(name: str, args: Sequence[Decimal]) -> Decimal:
    if name in ("max", "min") and args:
        return max(args) if name == "max" else min(args)
    if name.startswith("atan") and len(args) == 2:
        angle = angle_of(*args)
        return angle / DEGREE if name == "atand" else angle
    if len(args) != 1:
        raise NotComputableError(name)
    (x,) = args
    if name in _PLAIN:
        return _PLAIN[name](x)
    if name in TRIGONOMETRIC:
        return TRIGONOMETRIC[name](x)
    if name in INVERSE:
        return INVERSE[name](x)
    if name[-1:] == "d" and name[:-1] in TRIGONOMETRIC:
        return TRIGONOMETRIC[name[:-1]](x * DEGREE)
    if name[-1:] == "d" and name[:-1] in INVERSE:
        return INVERSE[name[:-1]](x) / DEGREE
    raise NotComputableError(name)


class FixedPoint(Arithmetic[Decimal]):
    """fp: 18 decimals, cut off; a number keeps as many as the last function gave it (`round(x:2)`)."""

    colon_separates = True

    def number(self, text: str) -> Decimal:
        """A literal, as written."""
        return Decimal(text)

    def truth(self, value: Decimal) -> bool:
        """fp has no conditions within formulas."""
        return value != 0

    def negative(self, value: Decimal) -> Decimal:
        """`-x`."""
        return fixed(-value)

    def binary(self, sign: str, left: Decimal, right: Decimal) -> Decimal:
        """An operation, to 18 decimals.

        Raises:
            NotComputableError: a division by zero, or what is no operation of fp.
        """
        with localcontext(precise()):
            if sign == "^":
                return fixed(power_of(left, right))
            if sign in ("//", "<", ">", "=", "<=", ">=", "!=") or (sign == "/" and not right):
                raise NotComputableError(sign)
            return fixed(
                left + right if sign == "+" else left - right if sign == "-" else left * right if sign == "*" else left / right
            )  # fmt: skip

    def call(self, name: str, args: Sequence[Decimal]) -> Decimal:
        """A function or constant of fp."""
        with localcontext(precise()):
            if name == "round" and len(args) == 2:
                return to_places(args[0], args[1], ROUND_HALF_UP)
            if name == "trunc" and len(args) == 2:
                return to_places(args[0], args[1], ROUND_DOWN)
            if name == "clip" and len(args) == 1:
                return clipped(args[0])
            if name in ("pow", "root") and len(args) == 2:  # of the second, to the first
                exponent = args[0] if name == "pow" else 1 / args[0]
                return fixed(power_of(args[1], exponent))
            if not args and name in ("pi", "e"):
                return fixed(PI if name == "pi" else Decimal(1).exp())
            if name == "neg" and len(args) == 1:
                return fixed(-args[0])
            if name in ("min", "max"):
                return _function(name, args)
            return fixed(_function(_OF_FP.get(name, name), args))


_OF_FP = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arccot": "acot", "sgn": "sign"}


def fixed(value: Decimal, places: int = 18) -> Decimal:
    """A number with so many decimals, the others cut off."""
    return to_places(value, places, ROUND_DOWN)


def clipped(value: Decimal) -> Decimal:
    """A number without the zeros behind its last digit."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


MAX_PRINTED_DIGITS = 200


def written(value: Decimal) -> str:
    """A number as digits: no exponent, no zeros at the end.

    Raises:
        NotComputableError: it would have more than 200 of them.
    """
    if not value.is_finite() or abs(value.adjusted()) > MAX_PRINTED_DIGITS:
        raise NotComputableError("a number too large")
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_it_stands(value: Decimal) -> str:
    """A number with all the decimals it has.

    Raises:
        NotComputableError: it would have more than 200 digits.
    """
    if not value.is_finite() or abs(value.adjusted()) > MAX_PRINTED_DIGITS:
        raise NotComputableError("a number too large")
    text = f"{value:f}"
    return text if value else text.removeprefix("-")
