"""Signs of numbers in a table that stand closer to the number of the column before, or apart from their own."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend, Line, Span
from curation.extract.pdf.signs import with_signs
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend

NUMBERS = ["14.6673", "24.653", "7.47805", "37.84"]


@any_backend
@pytest.mark.parametrize("gap", [6.0, 8.0, 12.0])
def test_a_sign_belongs_to_the_number_behind_it(backend: Backend, gap: float) -> None:
    """Signs stand at one place, and the longest number before them reaches up to it."""
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15) + 40
    made.put(LEFT, y - 16, "Table 3. Energies of atoms", 9)
    end = LEFT + 140
    for x, text in ((LEFT, "Atom"), (end - 20, "Li"), (end + gap + 10, "Be")):
        made.put(x, y, text, 9)
    for n, number in enumerate(NUMBERS):
        made.put(LEFT, y + 14 + 12 * n, f"Way{'abcd'[n]}", 9)
        made.put(end - 4.5 * len(number) + 2.25, y + 14 + 12 * n, number, 9)
        made.put(end + 0.5, y + 14 + 12 * n, "-", 9)
        made.put(end + 3.5 + gap, y + 14 + 12 * n, number[::-1], 9)
    made.justified(LEFT, RIGHT, y + 90, sentence(60, 20), indent=15)
    text = extract_pdf(made.data(), backend=backend).text
    for n, number in enumerate(NUMBERS):
        assert f"| Way{'abcd'[n]} | {number} | -{number[::-1]} |" in text


@any_backend
def test_a_sign_in_a_column_of_numbers_says_that_there_is_none(backend: Backend) -> None:
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15) + 40
    made.put(LEFT, y - 16, "Table 3. Energies of atoms", 9)
    for n, row in enumerate(
        ("Atom Li Be C", "Waya 14.2 - 6.3", "Wayb 13.1 5 7.2", "Wayc 12.5 - 6.1", "Wayd 11.7 - 5.4")
    ):
        for x, cell in zip((0, 90, 114, 125), row.split(), strict=True):
            made.put(LEFT + x, y + 12 * n, cell, 9)
    made.justified(LEFT, RIGHT, y + 90, sentence(60, 20), indent=15)
    text = extract_pdf(made.data(), backend=backend).text
    assert "-6.3" not in text and "-6.1" not in text and "Wayc" in text


def word(text: str, size: float, x0: float, x1: float, y: float) -> Span:
    return Span(text=text, x0=x0, y0=y - size, x1=x1, y1=y, font="Times", size=size, baseline=y)


@pytest.mark.parametrize("size", [9.0, 6.0])
def test_the_sign_of_an_exponent_is_no_sign_of_a_column(size: float) -> None:
    rows = [
        [
            (Line([span]), span)
            for span in (
                word("10", 9, 100, 110, 29 + 12 * n),
                word("-", size, 110, 113, 29 + 12 * n),
                word(f"{n}", size, 119, 122, 29 + 12 * n),
            )
        ]
        for n in range(4)
    ]
    found = with_signs(rows)
    assert (found is None) == (size < 9)


@pytest.mark.parametrize("blank", [0.0, 3.0])
@pytest.mark.parametrize("gap", [3.0, 6.0])
def test_the_sign_of_a_range_stays_between_its_numbers(blank: float, gap: float) -> None:
    """It has a blank before it, and none as wide as that between columns behind it."""
    x = 110 + blank
    rows = [
        [
            (Line([span]), span)
            for span in (
                word("10", 9, 100, 110, 29 + 12 * n),
                word("-", 9, x, x + 3, 29 + 12 * n),
                word(f"1{n}", 9, x + 3 + gap, x + 12 + gap, 29 + 12 * n),
            )
        ]
        for n in range(4)
    ]
    assert (with_signs(rows) is None) == (blank > 0 or gap < 5)
