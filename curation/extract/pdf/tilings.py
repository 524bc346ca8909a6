"""What filling a page with the tiles of a pattern costs, told before they are drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

_STEPS = tuple(re.compile(rf"/{name} ?([-+.\d]+)( 0 R)?") for name in ("XStep", "YStep"))
_BOX = re.compile(r"/BBox ?\[([^\]]*)\]")
_MATRIX = re.compile(r"/Matrix ?\[([^\]]*)\]")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
PAGE = 500_000.0
"""Square points that are filled: a page of paper."""
PIXELS = 16.0
"""Of tiles that are as dear to draw as a byte of operators, 30 ns: MuPDF and PDFium take 2 ns for one, and 20 for each tile."""
FREE = 1 << 20
"""Bytes up to which tiles cost nothing: those of hatchings and of grey dots, half a point wide and more, that do not overlap."""
SMALLEST = 1e-6
"""Points of a step: it may be zero."""


def tiles_bytes(pattern: str, text_of: Callable[[int], str]) -> int:
    """What filling a page with a pattern is worth in bytes of operators.

    Args:
        pattern: its object, as it is written; `text_of`: gives that of another object.
    """
    steps = [_number(step, pattern, text_of) for step in _STEPS]
    if None in steps:
        return 0
    a, b, c, d = (_numbers(_MATRIX, pattern) or [1.0, 0.0, 0.0, 1.0])[:4]
    scale = abs(a * d - b * c)
    tile = scale
    for step in steps:
        tile *= max(abs(step or 0.0), SMALLEST)
    x0, y0, x1, y1 = (_numbers(_BOX, pattern) or [0.0] * 4)[:4]
    drawn = min(abs(x1 - x0) * abs(y1 - y0) * scale, PAGE)
    cost = PAGE / max(tile, SMALLEST**2) * (1 + drawn / PIXELS)
    return round(cost) if cost > FREE else 0


def _number(said: re.Pattern[str], pattern: str, text_of: Callable[[int], str]) -> float | None:
    found = said.search(pattern)
    if found is None:
        return None
    number = _NUMBER.match(text_of(int(found[1])) if found[2] and found[1].isdigit() else found[1])
    return float(number[0]) if number else 0.0


def _numbers(said: re.Pattern[str], pattern: str) -> list[float] | None:
    """Numbers of a list; None where there are not enough for a box."""
    found = said.search(pattern)
    numbers = [float(number) for number in _NUMBER.findall(found[1])] if found else []
    return numbers if len(numbers) >= 4 else None
