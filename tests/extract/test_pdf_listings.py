"""Code is a fenced block, in a frame or alone; names and labels in its font are none."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.listings import is_mono
from curation.extract.pdf.page import Backend, Span
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend

CODE = ["import speeds", "def speed(mass, age):", "    return 3 * mass / age", "print(speed(7, 9))"]


def write_code(sheets: Sheets, y: float, lines: list[str]) -> float:
    for line in lines:
        at = LEFT + 10 + 4.8 * (len(line) - len(line.lstrip()))
        sheets.page.insert_text((at, y), line.lstrip(), fontsize=8, fontname="cour")
        y += 10
    return y


@any_backend
@pytest.mark.parametrize("caption", ["Listing 2: ", "Figure 2: ", ""])
def test_code_in_a_frame_is_a_fenced_block(backend: Backend, caption: str) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 14
    for inset in range(4):
        sheets.page.draw_rect(pymupdf.Rect(LEFT + inset, y - 12 + inset, RIGHT - inset, y + 40 - inset))
    y = write_code(sheets, y, CODE) + 16
    if caption:
        y = sheets.justified(LEFT, RIGHT, y, f"{caption}{sentence(14, 30)}", 9) + 12
    sheets.justified(LEFT, RIGHT, y, sentence(60, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert "\n".join(["```", *CODE, "```"]) in text


@any_backend
def test_numbers_and_names_of_a_plot_are_no_code_in_whatever_font(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 20
    sheets.page.draw_rect(pymupdf.Rect(LEFT + 80, y, RIGHT - 80, y + 150))
    for n in range(12):
        sheets.page.draw_circle((LEFT + 100 + 14 * n, y + 140 - 9 * n), 2)
        sheets.page.insert_text((LEFT + 50, y + 145 - 12 * n), f"{100 * n}.5", fontsize=8, fontname="cour")
    sheets.page.insert_text((LEFT + 190, y + 140), "Mass(z)", fontsize=8, fontname="cour")
    y = sheets.justified(LEFT, RIGHT, y + 170, f"Figure 4: {sentence(20, 30)}", 9) + 12
    sheets.justified(LEFT, RIGHT, y, sentence(60, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert "```" not in text and "100.5" not in text and "Mass(z)" not in text


@any_backend
@pytest.mark.parametrize(
    ("line", "gap", "is_code"),
    [
        ("$ python setup.py install", 10, True),
        ("speeds.plot(n=3)", 10, True),
        ("speeds.plot(n=3)", 0, False),
        ("a_name_that_stands_alone", 10, False),
        ("https://example.org/speeds(3)", 10, False),
    ],
)
def test_a_single_row_of_code_stands_apart_with_signs_of_a_command(
    backend: Backend, line: str, gap: float, is_code: bool
) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, f"{sentence(60)[:-1]} with", last_full=True) + gap
    y = write_code(sheets, y, [line]) + 2 + gap
    sheets.justified(LEFT, RIGHT, y, "which is what " + sentence(60, 20))
    text = extract_pdf(sheets.data(), backend=backend).text
    assert (f"```\n{line}\n```" in text) == is_code
    assert line.replace("_", "").replace("$", "") in text.replace("_", "").replace("\\", "").replace("$", "")


@pytest.mark.parametrize(
    ("font", "expected"),
    [
        ("NimbusMonL-Regu", True),
        ("NimbusMonoPS-Bold", True),
        ("TeXGyreCursor-Regular", True),
        ("NimbusRomNo9L-Regu", False),
    ],
)
def test_fonts_of_one_width_are_told_by_their_names(font: str, expected: bool) -> None:
    assert is_mono(Span("x", 0, 0, 5, 10, 10, font=font)) == expected
