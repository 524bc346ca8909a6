"""Formulas are read as the packages read them, within bounds, and what has no sure value prints no wrong one."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.extract.latex import extract_latex
from curation.extract.latex.formulas import MAX_FORMULA_CHARS, NotComputableError, compute
from curation.extract.latex.package_numbers import FixedPoint, FloatingPoint, as_it_stands, written
from curation.extract.latex.pgf_commands import number_printed
from curation.extract.latex.pgf_numbers import Pgf

Body = Callable[..., str]
_OPENING = b"These opening words make the paper long enough to count as running text for whoever reads it from end to end today. "


def decimals(text: str) -> Decimal:
    return compute(text, FloatingPoint())


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, int]:
    """A sum of products, and its value."""
    if not depth or draw(st.booleans()):
        n = draw(st.integers(0, 40))
        return str(n), n
    (left, a), (right, b) = draw(sums(depth=depth - 1)), draw(sums(depth=depth - 1))
    sign = draw(st.sampled_from("+-*"))
    return f"({left}{sign}{right})", {"+": a + b, "-": a - b, "*": a * b}[sign]


@given(sums())
def test_sums_and_products_are_those_of_whole_numbers(case: tuple[str, int]) -> None:
    text, value = case
    assert decimals(text) == value


@pytest.mark.parametrize(
    ("name", "twin"),
    [("sin", math.sin), ("cos", math.cos), ("tan", math.tan), ("atan", math.atan), ("exp", math.exp)],
)
@given(x=st.floats(-20, 20))
def test_functions_agree_with_floats(name: str, twin: Callable[[float], float], x: float) -> None:
    argument = Decimal(x).quantize(Decimal("0.000001"))
    assert math.isclose(decimals(f"{name}({argument})"), twin(float(argument)), rel_tol=1e-11, abs_tol=1e-11)


@pytest.mark.parametrize(
    "text", ["", "1+", "(1", "1)", "2*/3", "f(2)", "x", "1/0", "sqrt(-1)", "ln(0)", "__import__", "1;2", "9^9^9^9"]
)
def test_what_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(NotComputableError):
        written(decimals(text))


@pytest.mark.parametrize(
    "text",
    ["(" * 3_000, "-" * 1_500 + "1", "2^" * 900 + "2", "1+" * MAX_FORMULA_CHARS + "1", "((" * 50 + "1" + "))" * 50],
)
@pytest.mark.parametrize("how", [FloatingPoint(), FixedPoint(), Pgf()])
def test_formulas_are_bounded(text: str, how: FloatingPoint) -> None:
    with pytest.raises(NotComputableError):
        compute(text, how)


def test_signs_bind_as_in_the_manuals() -> None:
    assert decimals("-2^2") == -4
    assert decimals("2^3^2") == 512
    assert decimals("1/2pi") == decimals("1/(2*pi)")
    assert decimals("!0 && 1 ? 3 : 4") == 3
    assert decimals("1 < 2 ? 0 ? 5 : 6 : 7") == 6


def test_fixed_point_cuts_off_and_keeps_places() -> None:
    assert as_it_stands(compute("2/3", FixedPoint())) == "0.666666666666666666"
    assert as_it_stands(compute("round(2/3:4)", FixedPoint())) == "0.6667"
    assert as_it_stands(compute("width*2", FixedPoint({"width": "1.5"}.get))) == "3.000000000000000000"


@pytest.mark.parametrize(
    ("number", "options", "wanted"),
    [("1234.567", "", "1{,}234{.}57"), ("123456", "", "1{.}23 \\cdot 10^{5}"), ("0.001", "", "1 \\cdot 10^{-3}"),
     ("9.999", "sci,precision=1", "1 \\cdot 10^{1}"), ("-2.5", "fixed,precision=0", "-3"), ("7", "fixed zerofill,fixed", "7{.}00")],
)  # fmt: skip
def test_numbers_are_printed_in_their_format(number: str, options: str, wanted: str) -> None:
    assert number_printed(number, options) == wanted


@pytest.mark.parametrize(
    "source",
    ["\\fpeval{\\undefinedthing+1}", "\\pgfmathparse{rnd}\\pgfmathresult", "\\FPeval\\x{1/0}\\x", "\\DTLadd{\\x}{one}{2}\\x",
     "$\\fpeval{1/0}$", "\\xinteval{1/3}", "\\pgfmathrandominteger{\\x}{1}{6}\\x", "\\intcalcDiv{1}{0}"],
)  # fmt: skip
def test_what_is_not_computed_is_marked_and_warned_of(source: str) -> None:
    paper = b"\\documentclass{article}\\usepackage{fp,pgf,datatool,xfp}\\begin{document}" + _OPENING * 2
    found = extract_latex({"a.tex": paper + b"Value " + source.encode() + b"{} ends.\\end{document}"})
    assert found.text.rstrip().endswith(("Value ?? ends.", "Value $??$ ends."))
    assert any("cannot be computed" in warning for warning in found.warnings)


def test_a_formula_that_never_ends_costs_little(body: Body) -> None:
    assert "after" in body("\\def\\more{1+\\more}\\fpeval{\\more} after")


def test_calculator_names_belong_to_its_package(body: Body) -> None:
    assert body("\\newcommand\\ADD[1]{added #1}\\ADD{word}") == "added word"
    assert body("\\ADD{2}{3}{\\x}\\x", preamble="\\usepackage{calculator}") == "5"
