"""Marks between the pieces of a formula, and the environments that may stand inside one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

MathHandler = Callable[["Stomach", str, list[str]], None]
BLANKS = re.compile(r"\s+")
MARKED = "\x02"  # begins the pieces that say something of a formula and are no part of it
LABEL, NONUMBER, TAG, SPLIT, PICTURE = "\x02L", "\x02N", "\x02T", "\x02S", "\x02P"


# environments that may stand inside math
MATH_INNER: dict[str, str] = {
    "array": "array", "split": "aligned", "aligned": "aligned", "gathered": "gathered", "cases": "cases",
    "alignedat": "alignedat", "matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix",
    "vmatrix": "vmatrix", "Vmatrix": "Vmatrix", "smallmatrix": "smallmatrix", "subarray": "subarray",
    "dcases": "cases", "rcases": "rcases", "multlined": "gathered", "eqnarray": "aligned", "eqnarray*": "aligned",
    "align": "aligned", "align*": "aligned", "tabular": "array", "gather": "gathered", "gather*": "gathered",
    "IEEEeqnarraybox": "array", "IEEEeqnarray": "aligned", "equation": "", "equation*": "", "displaymath": "",
    "minipage": "", "center": "", "small": "", "footnotesize": "", "scriptsize": "", "tiny": "", "math": "",
    "autobreak": "", "bmatrix*": "bmatrix", "pmatrix*": "pmatrix", "matrix*": "matrix", "empheq": "",
    "subequations": "", "multline": "gathered", "multline*": "gathered", "flalign": "aligned", "flalign*": "aligned",
}  # fmt: skip


MATH_OPEN = MATH
