from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.expressions import ExpressionError, evaluate
from curation.sft.verifiers.grounded import numbers
from curation.sft.verifiers.recompute import recompute, sums
from curation.sft.verifiers.values import agree, counts, stated


@pytest.mark.parametrize(
    ("text", "number", "dimensions"),
    [
        ("2*pi*sqrt(1.5^3/4)", 5.771474235728388, {}),
        (r"\frac{3 km}{2 s}", 1500.0, {"m": 1.0, "s": -1.0}),
        (r"1.2 \times 10^{-3} \cdot 5", 0.006, {}),
        ("3 km/s * 2 s", 6000.0, {"m": 1.0}),
        ("10 km s$^{-1}$ / 5 m", 2000.0, {"s": -1.0}),
        ("1,200 / 3 - 4", 396.0, {}),
        ("2^3^2", 512.0, {}),
        ("-3 + 4 * 2", 5.0, {}),
        ("6 / 3 (1 + 1)", 1.0, {}),
        ("sin(30 deg) + log10(100) + ln(exp(1))", 3.5, {}),
        ("√(16)·2", 8.0, {}),
        ("(2 m)² / 4", 1.0, {"m": 2.0}),
        ("sqrt(9 m^2)", 3.0, {"m": 1.0}),
    ],
)
def test_expressions_come_out(text: str, number: float, dimensions: dict[str, float]) -> None:
    made = evaluate(text)
    assert made.number == pytest.approx(number, rel=1e-9) and made.dimensions == dimensions


@pytest.mark.parametrize(
    "text",
    [
        *("9^9^9", "9**9**9**9", "2^" * 90 + "2", "exp(1e9)", "1e300*1e300", "10^-300/10^300", "1e999", "9" * 41),
        *("(" * 200 + "1", "(" * 50 + "1" + ")" * 50, "1 + " * 200 + "1", ""),
        *(
            "__import__('os')",
            "().__class__",
            "lambda: 1",
            "x*2",
            "os.system(1)",
            "1;2",
            "2 if 1 else 3",
            "[1 for _ in 9]",
            "sqrt.__doc__",
        ),
        *(
            "1/0",
            "0^-1",
            "ln(0)",
            "sqrt(-4)",
            "(-8)^0.5",
            "3 +",
            "(3",
            "3)",
            "2 m + 3 s",
            "2^(3 m)",
            "exp(2 m)",
            "20 °C + 1",
            "\\input{/etc/passwd}",
        ),
    ],
)
def test_what_is_no_expression_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text)


@given(st.text("0123456789.+-*/^(){}eE sqrtexplogmk\\frac$", max_size=60))
def test_any_text_is_computed_or_refused(text: str) -> None:
    try:
        made = evaluate(text)
    except ExpressionError:
        return
    assert abs(made.number) < 1e301


def _chain(text: str, **more: object) -> Candidate:
    pair = Candidate(
        QuestionKind.NUMERIC, "How far does the gas move, in pc?", "30 pc", "The gas moves at 30 km/s.", text
    )
    return replace(pair, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chain", "stands"),
    [
        ("So the period is P = 2 * 3.0 / 1.5 = 4.0 days, hence it turns.", True),
        ("With a = 3 we get 3.0^3 / 2.0 = 13.5, so more follows.", True),
        ("The speed is v = 30 km / 10 s = 3 km/s.", True),
        ("$E = \\frac{3 \\times 10^{4}}{2} = 1.5 \\times 10^{4}$ erg.", True),
        ("Converted, 30 km/s = 30000 m/s.", True),
        ("The ratio is about 1000 / 333 ≈ 3.", True),
        ("Adding, 2.0 M_\\odot + 3.0 M_\\odot = 5.0 M_\\odot.", True),
        ("The ratio is 6 / 4 = 1.6.", False),
        ("Converted, 30 km/s = 3000 m/s.", False),
        ("$2^{10} = 1000$ steps, times 4 * 2 = 9.", False),
        ("The way is 5 km/s * 10 Myr = 5.1 pc.", False),
        ("The density is \\Omega h^2 = 0.12, and N = 5.", None),
        ("Let 2 m = 3 kg be the load.", True),
        ("Nothing is computed.", None),
    ],
)
def test_sums_of_a_chain_are_done_again(chain: str, stands: bool | None) -> None:
    assert recompute(_chain(chain)).passed is stands


def test_the_expression_that_extraction_gives_must_give_its_value() -> None:
    said = "The way is speed times time, by the units that are given."
    assert recompute(_chain(said, value="30.7 pc", expression="30 km/s * 1 Myr")).passed
    assert recompute(_chain(said, value="90 pc", expression="30 km/s * 1 Myr")).passed is False
    assert recompute(_chain(said, value="90 pc", expression="import os")).passed is None


def test_sums_end_where_sentences_do() -> None:
    found = [
        (one.left.strip(), one.right) for one in sums("Then a = 3. Next, 4 + 1 = 5, and b = 6 so 2 * 3 = 6.0 km. End")
    ]
    assert found == [("4 + 1", "5"), ("2 * 3", "6.0 km")]


@pytest.mark.parametrize(
    ("text", "value", "uncertainty"),
    [
        ("a mass of $1.4 \\pm 0.2\\,M_\\odot$", 1.4, 0.2),
        ("P = 3.25(4) d", 3.25, 0.04),
        ("$12.3^{+0.5}_{-0.7}$ keV", 12.3, 0.7),
        ("[Fe/H] = -1.25 dex", -1.25, 0.0),
        ("of $-$0.02 dex/kpc", -0.02, 0.0),
        ("$\\sim-0.5$ mag", -0.5, 0.0),
        ("$(1.2 \\pm 0.3)\\times10^{-4}$ erg", 1.2e-4, 3e-5),
        ("a range 3-5 kpc", 3.0, 0.0),
    ],
)
def test_signs_and_uncertainties_are_read(text: str, value: float, uncertainty: float) -> None:
    first = stated(text)[0]
    assert (first.value, first.uncertainty) == (pytest.approx(value), pytest.approx(uncertainty))


@pytest.mark.parametrize(
    ("said", "known", "same"),
    [
        ("1.5 M_\\odot", "$1.4 \\pm 0.2\\,M_\\odot$", True),
        ("1.7 M_\\odot", "$1.4 \\pm 0.2\\,M_\\odot$", False),
        ("3000 pc", "3 kpc", True),
        ("3 Mpc", "3 kpc", False),
        ("3.1 keV", "3.14 keV", True),
        ("3.2 keV", "3.14 keV", False),
        ("1 keV", "1.4 keV", False),
        ("30%", "0.3", True),
        ("-0.5 mag", "0.5 mag", False),
        ("5 km s$^{-1}$", "5 km/s", True),
    ],
)
def test_values_agree_within_the_stated_uncertainty_or_the_last_digit(said: str, known: str, same: bool) -> None:
    assert agree(stated(said)[0], stated(known)[0]) is same


def _numeric(question: str, answer: str, passage: str, quote: str) -> bool | None:
    return numbers(Candidate(QuestionKind.NUMERIC, question, answer, passage, quotes=(quote,))).passed


def test_a_bare_number_has_the_unit_that_the_question_asks_for() -> None:
    passage = "The line lies at 6.4 keV in all spectra."
    assert _numeric("At which energy does the line lie, in keV?", "6.4", passage, passage)
    assert _numeric("At which energy does the line lie, in eV?", "6400", passage, passage)
    assert _numeric("At which energy does the line lie, in MeV?", "6.4", passage, passage) is False
    assert _numeric("At which energy does the line lie?", "6.4", passage, passage) is False


def test_small_numbers_are_counted_in_words_and_digits() -> None:
    passage = "Three planets were found, and none of the 0 moons."
    assert _numeric("How many planets were found there?", "three", passage, passage)
    assert _numeric("How many planets were found there?", "There are 3 planets.", passage, passage)
    assert _numeric("How many planets were found there?", "five", passage, passage) is False
    assert counts("zero of twelve, 3 of 30, 4.5") == {0, 12, 3}


def test_cells_of_a_table_have_the_unit_of_its_head() -> None:
    passage = "| name | mass [kg] |\n| --- | --- |\n| A | 12.5 |"
    pair = Candidate(QuestionKind.TABLE, "What is the mass of A?", "It is 12.5 kg.", passage)
    assert numbers(pair).passed and numbers(replace(pair, answer="It is 12.5 km.")).passed is False
