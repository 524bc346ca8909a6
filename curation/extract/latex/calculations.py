"""Packages that compute into macros: fp, datatool, calculator.

What cannot be computed prints `??`, and a warning says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from curation.extract.latex.choices import choose
from curation.extract.latex.conditions import take
from curation.extract.latex.counters import read_cs
from curation.extract.latex.elementary import to_places
from curation.extract.latex.evaluations import UNKNOWN, formula_text, not_computable
from curation.extract.latex.formulas import Arithmetic, NotComputableError, compute
from curation.extract.latex.lexer import untokenize
from curation.extract.latex.loops import split_list
from curation.extract.latex.macros import Macro
from curation.extract.latex.package_numbers import FixedPoint, as_it_stands, clipped, fixed

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry


# ---------------------------------------------------------------- fp
def _fp(tex: Stomach) -> FixedPoint:
    def value_of(name: str) -> str | None:
        entry = tex.defs.get("\\" + name)
        if not isinstance(entry, Macro) or entry.params or entry.builtin:
            return None
        return tex.plain_text(["\\" + name])

    return FixedPoint(value_of)


def _argument(tex: Stomach, how: Arithmetic[Decimal]) -> Decimal:
    return compute(formula_text(tex, tex.read_arg()), how)


def _set(tex: Stomach, cs: str, name: str, value: Callable[[], str]) -> None:
    """Define a macro as the text of a value."""
    try:
        text = value()
    except (NotComputableError, ArithmeticError) as error:
        not_computable(tex, name, NotComputableError(str(error)))
        text = UNKNOWN
    if cs:
        tex.define(cs, Macro((), [text]), everywhere=name.startswith(("\\DTLg", "\\FPset")))


def fp_eval(tex: Stomach, name: str) -> None:
    """`\\FPeval\\x{round(1/3:4)}`, `\\FPset\\x{2.5}`."""
    cs = read_cs(tex)
    how = _fp(tex)
    tokens = tex.read_arg()
    _set(tex, cs, name, lambda: as_it_stands(compute(formula_text(tex, tokens), how)))


_FP_FUNCTIONS = {
    "add": (2, "+"), "sub": (2, "-"), "mul": (2, "*"), "div": (2, "/"), "neg": (1, "neg"), "abs": (1, "abs"), "min": (2, "min"),
    "max": (2, "max"), "round": (2, "round"), "trunc": (2, "trunc"), "clip": (1, "clip"), "exp": (1, "exp"), "ln": (1, "ln"),
    "pow": (2, "^"), "root": (2, "root"), "sin": (1, "sin"), "cos": (1, "cos"), "tan": (1, "tan"), "cot": (1, "cot"),
    "arcsin": (1, "arcsin"), "arccos": (1, "arccos"), "arctan": (1, "arctan"), "arccot": (1, "arccot"), "sgn": (1, "sgn"),
}  # fmt: skip


def _apply(how: FixedPoint, function: str, args: list[Decimal]) -> Decimal:
    if not function.isalpha():
        return how.binary(function, *args)
    return how.call(function, args[::-1] if function == "root" else args)


def fp_function(tex: Stomach, name: str) -> None:
    """`\\FPadd\\x{1}{2}`, `\\FPround\\x{3.14159}{2}`; datatool's `\\dtladd` and kin are the same."""
    n, function = _FP_FUNCTIONS[name.removeprefix("\\FP").removeprefix("\\dtl")]
    cs = read_cs(tex)
    how = _fp(tex)
    texts = [tex.read_arg() for _ in range(n)]
    _set(
        tex, cs, name, lambda: as_it_stands(_apply(how, function, [compute(formula_text(tex, t), how) for t in texts]))
    )


def fp_unknown(tex: Stomach, name: str) -> None:
    """`\\FPrandom\\x`, `\\FPupn\\x{2 3 +}`, `\\FPlsolve\\x{2}{3}`: not computed."""
    cs = read_cs(tex)
    for _ in range(_FP_UNKNOWN[name]):
        tex.read_arg()

    def value() -> str:
        raise NotComputableError("not known here")

    _set(tex, cs, name, value)


_FP_UNKNOWN = {"\\FPrandom": 0, "\\FPupn": 1, "\\FPlsolve": 2}


def fp_print(tex: Stomach, name: str) -> None:
    """`\\FPprint{x}`, `\\FPprint\\x`: a number, or the macro of that name."""
    tokens = tex.read_arg()
    text = untokenize(tokens).strip()
    tex.push(["\\" + text] if text.isalpha() and "\\" + text in tex.defs else tokens)


def fp_condition(tex: Stomach, name: str) -> None:
    """`\\FPiflt{1}{2} .. \\else .. \\fi`."""
    what = name.removeprefix("\\FPif")
    how = _fp(tex)
    try:
        left = _argument(tex, how)
        right = _argument(tex, how) if what in ("lt", "gt", "eq") else Decimal(0)
    except NotComputableError as error:
        not_computable(tex, name, error)
        left = right = Decimal(0)
    take(tex, {"lt": left < right, "neg": left < 0, "gt": left > right, "pos": left >= 0, "eq": left == right,
               "zero": left == 0, "int": left == left.to_integral_value()}[what])  # fmt: skip


# ---------------------------------------------------------------- datatool
def _datum(tex: Stomach, tokens: list[str]) -> Decimal:
    """A number as datatool reads it: commas group its digits."""
    text = tex.plain_text(tokens).strip().replace(",", "")
    if not re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)", text):
        raise NotComputableError(text)
    return Decimal(text)


def _in_locale(value: Decimal) -> str:
    """A result of datatool: digits in groups; nine decimals, or none."""
    value = fixed(value, 9)
    return f"{int(value):,}" if value == value.to_integral_value() else f"{value:,f}"


def _deviations(values: list[Decimal]) -> Decimal:
    mean = sum(values, Decimal(0)) / len(values)
    return sum(((v - mean) ** 2 for v in values), Decimal(0)) / len(values)


_OF_LISTS: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "addall": lambda values: sum(values, Decimal(0)),
    "maxall": max,
    "minall": min,
    "meanforall": lambda values: sum(values, Decimal(0)) / len(values),
    "varianceforall": _deviations,
    "sdforall": lambda values: _deviations(values).sqrt(),
}
_DTL_FUNCTIONS = ("add", "sub", "mul", "div", "max", "min", "abs", "neg", "round", "trunc", "sqrt", "clip")


def datatool(tex: Stomach, name: str) -> None:
    """`\\DTLadd{\\x}{1.5}{2}`, `\\DTLround{\\x}{3.14159}{2}`, `\\DTLaddall{\\x}{1,2,3}`."""
    what = name.removeprefix("\\DTL")
    what = what[1:] if what[0] == "g" and what[1:] in (*_DTL_FUNCTIONS, *_OF_LISTS) else what
    cs = read_cs(tex)
    if what in _OF_LISTS:
        tokens = tex.read_arg()
        items = [item for item in split_list(tokens) if item]
        _set(tex, cs, name, lambda: _in_locale(_OF_LISTS[what]([_datum(tex, item) for item in items])))
        return
    n, function = _FP_FUNCTIONS.get(what, (1, what))
    texts = [tex.read_arg() for _ in range(n)]

    def value() -> str:
        args = [_datum(tex, t) for t in texts]
        if function == "sqrt":
            return _in_locale(args[0].sqrt())
        found = _apply(FixedPoint(), function, args)
        if function in ("round", "trunc") and found != found.to_integral_value():
            return f"{found:,f}"
        return _in_locale(found)

    _set(tex, cs, name, value)


def datatool_test(tex: Stomach, name: str) -> None:
    """`\\DTLifnumgt{3}{2}{yes}{no}`, `\\DTLifint{3}{yes}{no}`, `\\DTLifstringeq*{a}{A}{yes}{no}`."""
    what = name.removeprefix("\\DTLif")
    fold = tex.read_star()
    texts = [tex.read_arg() for _ in range(1 if what in ("int", "real", "numerical", "string") else 2)]
    words = [tex.plain_text(t).strip() for t in texts]
    numbers: list[Decimal] = []
    for t in texts:
        try:
            numbers.append(_datum(tex, t))
        except NotComputableError:
            break
    if len(texts) == 1:
        whole = bool(numbers) and "." not in words[0]
        truth = {"int": whole, "real": bool(numbers) and not whole, "numerical": bool(numbers), "string": not numbers}[
            what
        ]
    elif what.startswith("string") or len(numbers) < 2:
        left, right = (w.lower() if fold else w for w in words)
        truth = left == right if what.endswith("eq") else left < right if what.endswith("lt") else left > right
    else:
        truth = {"eq": numbers[0] == numbers[1], "lt": numbers[0] < numbers[1], "gt": numbers[0] > numbers[1]}[
            what[-2:]
        ]
    choose(tex, truth)


# ---------------------------------------------------------------- calculator
_CALCULATOR: dict[str, tuple[int, Callable[..., Decimal]]] = {
    "ADD": (2, lambda a, b: a + b),
    "SUBTRACT": (2, lambda a, b: a - b),
    "MULTIPLY": (2, lambda a, b: a * b),
    "DIVIDE": (2, lambda a, b: a / b),
    "POWER": (2, lambda a, b: FixedPoint().binary("^", a, b)),
    "SQUARE": (1, lambda a: a * a),
    "CUBE": (1, lambda a: a * a * a),
    "SQRT": (1, lambda a: a.sqrt()),
    "SQUAREROOT": (1, lambda a: a.sqrt()),
    "MAX": (2, max),
    "MIN": (2, min),
    "ABSVALUE": (1, abs),
    "COPY": (1, lambda a: a),
    "INTEGERPART": (1, lambda a: to_places(a, 0, ROUND_DOWN)),
    "MODULO": (2, lambda a, b: a % b),
    **{name.upper(): (1, lambda a, name=name: FixedPoint().call(name, [a])) for name in ("sin", "cos", "tan", "exp")},
    "LOG": (1, lambda a: FixedPoint().call("ln", [a])),
}


def calculator(tex: Stomach, name: str) -> None:
    """`\\MULTIPLY{3}{4}{\\x}`: five decimals."""
    n, function = _CALCULATOR[name[1:]]
    texts = [tex.read_arg() for _ in range(n)]
    cs = read_cs(tex)

    def value() -> str:
        args = [compute(formula_text(tex, t), FixedPoint()) for t in texts]
        return as_it_stands(clipped(to_places(function(*args), 5, ROUND_HALF_UP)))

    _set(tex, cs, name, value)


def calculator_rounding(tex: Stomach, name: str) -> None:
    """`\\ROUND[2]{3.14159}{\\x}`, `\\TRUNCATE`: two places where none are given."""
    given = "".join(tex.read_optional() or []).strip()
    places = int(given) if given.isdigit() and len(given) < 3 else 2
    tokens = tex.read_arg()
    cs = read_cs(tex)
    rounding = ROUND_HALF_UP if name == "\\ROUND" else ROUND_DOWN
    _set(
        tex,
        cs,
        name,
        lambda: as_it_stands(to_places(compute(formula_text(tex, tokens), FixedPoint()), places, rounding)),
    )


CALCULATIONS: dict[str, Entry] = {
    **dict.fromkeys(("\\FPeval", "\\FPset"), fp_eval),
    **{f"\\{pre}{what}": fp_function for what in _FP_FUNCTIONS for pre in ("FP", "dtl")},
    "\\FPprint": fp_print,
    **dict.fromkeys(_FP_UNKNOWN, fp_unknown),
    "\\FPpi": Macro((), ["3.141592653589793238"]),
    "\\FPe": Macro((), ["2.718281828459045235"]),
    **dict.fromkeys((f"\\FPif{what}" for what in ("lt", "gt", "eq", "neg", "pos", "zero", "int")), fp_condition),
    **{f"\\DTL{g}{what}": datatool for what in (*_DTL_FUNCTIONS, *_OF_LISTS) for g in ("", "g")},
    **{
        f"\\DTLif{what}": datatool_test
        for what in (
            "int",
            "real",
            "numerical",
            "string",
            *(k + s for k in ("num", "string", "") for s in ("eq", "lt", "gt")),
        )
    },
}
CALCULATOR: dict[str, Entry] = {
    **{f"\\{name}": calculator for name in _CALCULATOR},
    "\\ROUND": calculator_rounding,
    "\\TRUNCATE": calculator_rounding,
}
"""Of the package calculator only: its names are everyday words."""
