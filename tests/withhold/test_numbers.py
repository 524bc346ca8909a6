"""Quantities are read from prose, TeX and notations of all kinds, as values in SI; what is no number is none."""

from __future__ import annotations

import astropy.units as au
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold import units
from curation.withhold.numbers import quantities
from curation.withhold.units import unit_behind

PC, SUN = 3.0856775814913674e16, 1.988409870698051e30


def values(text: str) -> list[tuple[float, str]]:
    return [(q.value, q.unit.dimensions) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "value", "dimensions"),
    [
        ("at 45 pc from us", 45 * PC, "m1"),
        ("45 parsecs", 45 * PC, "m1"),
        ("a 40-kg block", 40, "kg1"),
        ("1,200 km/s", 1.2e6, "m1 s-1"),
        ("1\u2009200 km s$^{-1}$", 1.2e6, "m1 s-1"),
        (r"$v = 3\times10^{4}\,\mathrm{km\,s^{-1}}$", 3e7, "m1 s-1"),
        (r"\qty{3e4}{\km\per\s}", 3e7, "m1 s-1"),
        (r"\SI{1.2}{\kilo\metre\per\second\squared}", 1200, "m1 s-2"),
        (r"3 $\times$ 10$^{4}$ K", 3e4, "K1"),
        ("3 x 10^4 K", 3e4, "K1"),
        ("3·10⁴ K", 3e4, "K1"),
        ("10⁻³ s", 1e-3, "s1"),
        (r"$10^{-3}$ s", 1e-3, "s1"),
        ("2.5E-3 s", 2.5e-3, "s1"),
        (r"(3.2 $\pm$ 0.1) $\times$ 10$^{4}$ K", 3.2e4, "K1"),
        ("3.20(12) K", 3.2, "K1"),
        ("5.2^{+0.1}_{-0.2} K", 5.2, "K1"),
        (r"$2.5\,M_\odot$", 2.5 * SUN, "kg1"),
        ("2.5 solar masses", 2.5 * SUN, "kg1"),
        ("2.5 $M_{\\rm sun}$", 2.5 * SUN, "kg1"),
        ("4.6 billion years", 4.6e9 * 31557600, "s1"),
        ("Two kilograms", 2, "kg1"),
        ("twenty-five meters per second", 25, "m1 s-1"),
        ("25 metres each second", 25, "m1 s-1"),
        ("90 km in every hour", 25, "m1 s-1"),
        ("a litre: 3 kg for each cubic metre", 3, "kg1 m-3"),
        ("1500 metres a minute", 25, "m1 s-1"),
        ("36 kilograms an hour", 0.01, "kg1 s-1"),
        ("25 m each night", 25, "m1"),
        ("25 m a star", 25, "m1"),
        ("every 25 m each s", 25, "m1"),
        ("two point five km", 2500, "m1"),
        ("20 °C", 293.15, "K1"),
        ("20 degrees Celsius", 293.15, "K1"),
        (r"30$^\circ$", 0.5235987755982988, "rad1"),
        ("30 degrees and", 0.5235987755982988, "rad1"),
        ("30 percent", 0.3, ""),
        ("30 per cent", 0.3, ""),
        (r"0.5 $\mu$m", 5e-7, "m1"),
        (r"5000 \AA", 5e-7, "m1"),
        ("4200 J/(kg K)", 4200, "K-1 m2 s-2"),
        ("3 cubic centimetres", 3e-6, "m3"),
        (r"\sim10 m", 10, "m1"),
        ("7.2 mag", 7.2, "mag1"),
        (".5 kg", 0.5, "kg1"),
        ("-5 m", 5, "m1"),
        ("half a metre", 0.5, "m1"),
        ("a thousandth of a second", 1e-3, "s1"),
        ("A hundred volts", 100, "A-1 kg1 m2 s-3"),
        ("two and a half hours", 9000, "s1"),
        ("one hundred and fifty metres", 150, "m1"),
        ("three hundred and five kelvin", 305, "K1"),
        ("five hundred twenty-five kelvin", 525, "K1"),
        ("two hundred thousand years", 2e5 * 31557600, "s1"),
        ("two hundred and fifty thousand years", 2.5e5 * 31557600, "s1"),
        ("90 rpm", 1.5, "s-1"),
        ("three turns a second", 3, "s-1"),
        ("4 km each hour", 4 / 3.6, "m1 s-1"),
        ("6 rev/s", 6, "s-1"),
        ("70 decibels", 70, "dB1"),
        ("2 kWh", 7.2e6, "kg1 m2 s-2"),
        ("30 mph", 13.4112, "m1 s-1"),
    ],
)
def test_a_quantity_is_read_however_it_is_written(text: str, value: float, dimensions: str) -> None:
    [(found, of)] = values(text)
    assert (abs(found), of) == (pytest.approx(value, rel=1e-9), dimensions)


def test_what_is_too_large_for_a_number_is_none() -> None:
    assert not quantities("9" * 305 + " Mpc")
    assert [v for v, _ in values("9" * 308 + " to 5 Mpc")] == pytest.approx([float("9" * 308), 5e6 * PC])
    assert values("5" + " km^9" * 12) == [(5.0, "")]


def test_numbers_of_a_range_or_list_have_its_unit() -> None:
    assert [v for v, _ in values("3-5 km, then 500, 550 and 600 nm")] == pytest.approx([3e3, 5e3, 5e-7, 5.5e-7, 6e-7])
    assert [of for _, of in values("20 to 30 K; 7 stars, 5 km")] == ["K1", "K1", "", "m1"]


@pytest.mark.parametrize(
    "text", ["M_{200} and H_0", "H2 and M31", "x^2 y^{-3}", "cm$^{-3}$", "the 3rd and 21st", "none", "0 and 0.0", "s-1"]
)
def test_indexes_exponents_names_and_zeros_are_none(text: str) -> None:
    assert not quantities(text)


@pytest.mark.parametrize("text", ["5 in the", "5 as we", "5 a year", "5 times", "5. Mars", "5\n\nm is", "5, m"])
def test_words_behind_a_number_are_no_units(text: str) -> None:
    assert [of for _, of in values(text)] == [""]


def test_a_unit_ends_where_the_sentence_or_paragraph_does() -> None:
    for text in (" mas.\n\nt = 1", " mas. T", " mas, t"):
        assert unit_behind(text, 0).dimensions == "rad1"


def test_a_quantity_tells_where_it_stands_and_its_digits() -> None:
    text = "a mass of 1,200.50 kg"
    [found] = quantities(text)
    assert text[found.start : found.end] == "1,200.50"
    assert [q.digits for q in quantities("1200.5 kg, 1200 kg, 0.0012 kg, 10 kg, 3e4 kg")] == [5, 2, 2, 1, 1]


def test_every_unit_is_one_of_astropy_and_no_word_of_prose() -> None:
    symbols, names = units._tables()
    for name in {*symbols.values(), *names.values()} - {"degC", *units._OWN}:
        scale, _ = units._worth(name)
        assert scale == pytest.approx(float((1 * au.Unit(name)).decompose().value))
    assert not {"a", "in", "as", "at", "an", "is", "of", "by", "to", "I"} & {*symbols, *names}
    assert (symbols["Mpc"], names["kiloparsec"], symbols["μm"]) == ("Mpc", "kpc", "um")


@given(st.text(alphabet="0123456789.,eE+-^{}$\\ \n\u2009×x*()_/mskgKpc%°μ²⁻", max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for q in quantities(text):
        assert q.value == q.value and 0 <= q.start < q.end <= len(text)


def test_long_runs_of_digits_and_blanks_take_no_long_time_and_no_error() -> None:
    assert len(quantities("9" * 5000)) <= 1
    assert len(quantities("5" + " " * 20_000 + "5 m^999 km^200" + "(" * 5000)) == 2
    assert len(quantities("1,000" * 5000)) < 5001
