"""Commands that expand to a number: the kernel's `\\fpeval`, `\\inteval`, `\\dimeval`, and the packages intcalc and xint.

What cannot be computed prints `??`, and a warning says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.formulas import NotComputableError, compute
from curation.extract.latex.lengths import Glue, scaled
from curation.extract.latex.lexer import END, FROZEN, PAR
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.package_numbers import FloatingPoint, written

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Gullet
    from curation.extract.latex.token_stack import Entry

UNKNOWN = "??"


def formula_text(tex: Gullet, tokens: list[str]) -> str:
    """A formula with its macros expanded, and each register and counter as a number, lengths in pt.

    Raises:
        NotComputableError: a command in it is no number.
    """
    if all(t[0] not in "\\{}" for t in tokens):
        return "".join(tokens)
    out: list[str] = []
    tex.pb.append(END)
    tex.push(tokens)
    wrong = ""
    for _ in range(4_000):
        tok = tex.next()
        if tok == END:
            break
        if tok in "{}":
            out.append("()"[tok == "}"])
        elif tok[0] != "\\":
            out.append(tok)
        elif not tex.expand_once(tok):
            tex.pb.append(tok)
            found = tex.quantity(tok)  # type: ignore[attr-defined]
            if found is None:
                tex.pb.pop()
                wrong = wrong or ("" if tok.removesuffix(FROZEN) in ("\\relax", "\\protect") else tok)
            elif isinstance(found.value, Glue) or found.kind == "dimen":
                size = found.value.size if isinstance(found.value, Glue) else found.value
                out.append(f"({scaled(size)})")
            else:
                out.append(f"({found.value})")
    else:
        while tex.next() != END:
            pass
        raise NotComputableError("a formula too long")
    if wrong:
        raise NotComputableError(wrong)
    return "".join(out)


def not_computable(tex: Gullet, name: str, error: NotComputableError) -> None:
    """Say in a warning that a command's value is not known."""
    tex.warn(f"{name} cannot be computed: {str(error)[:60]}")


def fpeval(tex: Gullet, name: str) -> None:
    """`\\fpeval{round(2/3, 2)}`."""
    tokens = tex.read_arg()
    try:
        text = written(compute(formula_text(tex, tokens), FloatingPoint()))
    except NotComputableError as error:
        not_computable(tex, name, error)
        text = UNKNOWN
    tex.push([text])


def xint(tex: Gullet, name: str) -> None:
    """`\\xinteval{2+3}`, `\\xinttheexpr 2+3\\relax` (xintexpr): whole numbers; fractions and their notation are not read."""
    tokens: list[str] = []
    if name.endswith("expr"):
        while (tok := tex.next()) not in ("\\relax", END, PAR):
            tokens.append(tok)
        if tok != "\\relax":
            tex.pb.append(tok)
    else:
        tokens = tex.read_arg()
    try:
        value = compute(formula_text(tex, tokens), FloatingPoint())
        if "float" not in name and value != value.to_integral_value():
            raise NotComputableError("a fraction")
        text = written(value)
    except NotComputableError as error:
        not_computable(tex, name, error)
        text = UNKNOWN
    tex.push([text])


# ---------------------------------------------------------------- whole numbers
def _whole_argument(tex: Gullet) -> int:
    value = compute(formula_text(tex, tex.read_arg()), FloatingPoint())
    if value != value.to_integral_value() or abs(value.adjusted()) > 15:
        raise NotComputableError("no whole number")
    return int(value)


_INTCALC: dict[str, tuple[int, Callable[..., int]]] = {
    "Num": (1, lambda a: a),
    "Inv": (1, lambda a: -a),
    "Abs": (1, abs),
    "Sgn": (1, lambda a: (a > 0) - (a < 0)),
    "Inc": (1, lambda a: a + 1),
    "Dec": (1, lambda a: a - 1),
    "Add": (2, lambda a, b: a + b),
    "Sub": (2, lambda a, b: a - b),
    "Mul": (2, lambda a, b: a * b),
    "Shl": (1, lambda a: 2 * a),
    "Shr": (1, lambda a: math.trunc(a / 2)),
    "Sqr": (1, lambda a: a * a),
    "Min": (2, min),
    "Max": (2, max),
    "Cmp": (2, lambda a, b: (a > b) - (a < b)),
    "Div": (2, lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)),
    "Mod": (2, lambda a, b: a % abs(b)),
    "Pow": (2, lambda a, b: a**b if 0 <= b <= 60 else 1 // 0),
    "Fac": (1, lambda a: math.factorial(a) if 0 <= a <= 30 else 1 // 0),
}


def intcalc(tex: Gullet, name: str) -> None:
    """`\\intcalcAdd{2}{3}` (intcalc), `\\bigintcalcMul`."""
    n, function = _INTCALC[name.removeprefix("\\big").removeprefix("\\").removeprefix("intcalc")]
    try:
        text = str(function(*[_whole_argument(tex) for _ in range(n)]))
    except (NotComputableError, ZeroDivisionError) as error:
        not_computable(tex, name, NotComputableError(str(error)))
        text = UNKNOWN
    tex.push([text])


def _kernel(body: str) -> Macro:
    macro = builtin("m", body)
    macro.builtin = False  # it expands everywhere
    return macro


EVALUATIONS: dict[str, Entry] = {
    "\\fpeval": fpeval,
    **dict.fromkeys(
        (f"\\xint{kind}" for kind in ("eval", "iieval", "floateval", "theexpr", "thefloatexpr", "theiiexpr")), xint
    ),
    "\\inteval": _kernel("\\the\\numexpr #1\\relax"),
    "\\dimeval": _kernel("\\the\\dimexpr #1\\relax"),
    "\\skipeval": _kernel("\\the\\glueexpr #1\\relax"),
    **{f"\\{big}intcalc{what}": intcalc for what in _INTCALC for big in ("", "big")},
}
"""What expands to a number."""
