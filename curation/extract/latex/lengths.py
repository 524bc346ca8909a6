"""Lengths as TeX keeps them: scaled points, units, and how `\\the` prints them (The TeXbook, chapters 10, 12; tex.web 103, 457)."""

from __future__ import annotations

from dataclasses import dataclass

POINT = 65_536
"""Scaled points in a point."""
# a unit as a fraction of a point (tex.web 458); em and ex are those of Computer Modern at 10 pt
UNITS: dict[str, tuple[int, int]] = {
    "pt": (1, 1), "in": (7227, 100), "pc": (12, 1), "cm": (7227, 254), "mm": (7227, 2540), "bp": (7227, 7200),
    "px": (7227, 7200), "dd": (1238, 1157), "cc": (14856, 1157), "nd": (685, 642), "nc": (1370, 107), "sp": (1, POINT),
    "em": (655_361, POINT), "ex": (282_168, POINT), "mu": (1, 1),
}  # fmt: skip
FIL = {"fil": 1, "fill": 2, "filll": 3}
_FIL_NAMES = ("pt", "fil", "fill", "filll")


@dataclass(frozen=True, slots=True)
class Glue:
    """A length in sp with what it may stretch and shrink by: an amount and its order of infinity (0 for points)."""

    size: int = 0
    plus: tuple[int, int] = (0, 0)
    minus: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        text = f"{scaled(self.size)}pt"
        for word, (amount, order) in (("plus", self.plus), ("minus", self.minus)):
            if amount:
                text += f" {word} {scaled(amount)}{_FIL_NAMES[order]}"
        return text

    def __add__(self, other: Glue) -> Glue:
        return Glue(self.size + other.size, _sum(self.plus, other.plus), _sum(self.minus, other.minus))

    def times(self, factor: int) -> Glue:
        """The length `factor` times."""
        return Glue(self.size * factor, (self.plus[0] * factor, self.plus[1]), (self.minus[0] * factor, self.minus[1]))


def _sum(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The higher infinity wins (tex.web 1239)."""
    if a[1] == b[1]:
        return a[0] + b[0], a[1]
    return max(a, b, key=lambda part: (part[0] != 0, part[1]))


def scaled(value: int) -> str:
    """Scaled points as points with as few decimals as give them back (tex.web 103)."""
    sign, rest = ("-", -value) if value < 0 else ("", value)
    out = f"{sign}{rest // POINT}."
    rest = 10 * (rest % POINT) + 5
    delta = 10
    while True:
        if delta > POINT:
            rest += 0o100000 - 50000
        out += str(rest // POINT)
        rest = 10 * (rest % POINT)
        delta *= 10
        if rest <= delta:
            return out


def fraction_of(decimals: str) -> int:
    """Decimals as 65536ths (tex.web 102)."""
    digits = decimals[:17]
    value = 0
    for digit in reversed(digits):
        value = (value + int(digit) * 2 * POINT) // 10
    return (value + 1) // 2


def in_unit(whole: int, fraction: int, unit: str) -> int:
    """`whole` and so many 65536ths of a unit, in sp (tex.web 458)."""
    if unit == "sp":
        return whole
    num, denom = UNITS[unit]
    whole, rest = divmod(whole * num, denom)
    fraction = (num * fraction + POINT * rest) // denom
    return whole * POINT + fraction


def fits(value: int | Glue, kind: str) -> bool:
    """Whether TeX can hold a number or length (tex.web 110, 421, 1236)."""
    if isinstance(value, Glue):
        return max(abs(value.size), abs(value.plus[0]), abs(value.minus[0])) < 2**30
    return abs(value) < (2**31 if kind == "count" else 2**30)


def divide(a: int, b: int) -> int:
    """`\\divide`: towards zero; by zero nothing changes."""
    if not b:
        return a
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def divide_rounded(a: int, b: int) -> int:
    """The `/` of `\\numexpr`: rounded, halves away from zero (e-TeX manual, 3.5)."""
    if not b:
        return 0
    return (2 * abs(a) + abs(b)) // (2 * abs(b)) * (1 if (a < 0) == (b < 0) else -1)
