"""What journals set: hanging initials, ragged abstracts, titles of two lines, lists with numbers apart, heads with a page's number."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.hyphens import plain
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence, words
from tests.extract.test_pdf import any_backend

LEFT, RIGHT = 100.0, 480.0


def text_of(sheets: Sheets, backend: Backend) -> str:
    return extract_pdf(sheets.data(), backend=backend).text


def with_body(sheets: Sheets, y: float) -> Sheets:
    for n in range(4):
        y = sheets.justified(LEFT, RIGHT, y, sentence(45, 11 * n), indent=15)
    return sheets


@any_backend
@pytest.mark.parametrize(
    ("initial", "beside", "said"),
    [("O", "ver the past years", "Over the past years"), ("A", "long time before", "A long time before")],
)
@pytest.mark.parametrize("rows", [2, 3])
def test_an_initial_is_a_letter_of_its_word(backend: Backend, initial: str, beside: str, said: str, rows: int) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60, 40))
    edge = sheets.put(LEFT, y + 12 * (rows - 1), initial, 13.0 * rows) + 1
    lines = [f"{beside} {words(9, 3)}", *(words(11, 20 + 12 * n) for n in range(rows - 1))]
    for n, line in enumerate(lines):
        sheets.put(edge, y + 12 * n, line)
    text = text_of(with_body(sheets, y + 12 * rows), backend)
    assert f"{said} {words(9, 3)} {words(11, 20)}" in " ".join(text.split())
    assert "$" not in text


@any_backend
def test_an_exponent_of_a_large_letter_stays_one(backend: Backend) -> None:
    sheets = Sheets()
    end = sheets.put(LEFT, 100, "A", 20)
    sheets.put(end, 92, "n", 11)
    assert "A$^{n}$" in text_of(with_body(sheets, 140), backend)


@any_backend
def test_a_title_of_two_lines_is_one_though_the_first_ends_with_a_colon(backend: Backend) -> None:
    sheets = Sheets()
    sheets.put(LEFT, 80, "Winds of hot stars in clusters:", 18)
    sheets.put(LEFT, 101, "weak or strong?", 18)
    assert text_of(with_body(sheets, 140), backend).startswith("# Winds of hot stars in clusters: weak or strong?\n")


@any_backend
def test_a_ragged_paragraph_goes_on_behind_a_line_that_ends_a_sentence(backend: Backend) -> None:
    """Set narrower than the page, no line reaches its edge."""
    sheets = Sheets()
    rows = [
        "Winds of hot stars in clusters were followed for long",
        "and were found to be weaker than models say,",
        "for which there are two reasons that have been given:",
        "clumps, which make winds look denser than it is",
        "likely, or porous gas, through which light escapes.",
        "Neither is new. Both have been looked for in spectra of",
        "many stars and seen in only a few.",
    ]
    for n, row in enumerate(rows):
        sheets.put(LEFT, 100 + 12 * n, row)
    text = text_of(with_body(sheets, 225), backend)
    assert " ".join(rows) in text.split("\n\n")


@any_backend
def test_a_number_apart_from_its_item_begins_it_and_counts(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60, 40)) + 8
    for n in range(3):
        sheets.put(LEFT, y, f"{n + 27}.")
        y = sheets.justified(LEFT + 40, RIGHT, y, sentence(20, 20 * n)) + 4
    items = [p for p in text_of(with_body(sheets, y), backend).split("\n\n") if p[:2].isdigit()]
    assert items == [f"{n + 27}. {sentence(20, 20 * n)}" for n in range(3)]


@any_backend
def test_a_year_that_begins_a_paragraph_is_no_item(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60, 40))
    y = sheets.justified(LEFT, RIGHT, y, f"204. {sentence(30)}", indent=15)
    y = sheets.justified(LEFT, RIGHT, y, f"711. {sentence(30, 9)}", indent=15)
    text = text_of(with_body(sheets, y), backend)
    assert "204\\. " in text
    assert "711\\. " in text


@any_backend
@pytest.mark.parametrize("pages", [1, 4])
def test_what_stands_in_a_row_with_the_number_of_a_page_goes(backend: Backend, pages: int) -> None:
    sheets = Sheets()
    for n in range(pages):
        if n:
            sheets.new_page()
        if n % 2:
            sheets.put(LEFT, 60, f"{n + 400}", 9)
            sheets.put(LEFT + 150, 60, f"SMITH AND JONES {'IVX'[n % 3]}", 9)
        else:
            sheets.put(LEFT, 780, f"Annals of Winds | part {'abcd'[n]}", 9)
            sheets.put(LEFT + 180, 780, f"{n + 400}", 9)
            sheets.put(RIGHT - 70, 780, f"Volume {'abcd'[n]}", 9)
        y = 100.0
        for part in range(6):
            y = sheets.justified(LEFT, RIGHT, y, sentence(60, 11 * part + n), indent=15)
    text = text_of(sheets, backend)
    assert "Annals" not in text
    assert "SMITH" not in text
    assert "Volume" not in text
    assert sum(sentence(60, 11 * part) in " ".join(text.split()) for part in range(6)) == 6


@any_backend
def test_the_number_of_a_section_at_the_top_of_a_page_is_none_of_the_page(backend: Backend) -> None:
    sheets = Sheets()
    sheets.put(LEFT, 80, "2", 12, "bold")
    sheets.put(LEFT + 24, 80, "OBSERVATIONS OF WINDS", 12, "bold")
    assert "# 2 OBSERVATIONS OF WINDS" in text_of(with_body(sheets, 110), backend)


@any_backend
def test_a_row_of_numbers_at_the_foot_of_the_text_stays(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(300, 4))
    for n in range(3):
        sheets.put(LEFT, y + 12 * n, f"Alpha {'bcd'[n]}")
        sheets.put(LEFT + 150, y + 12 * n, f"{n + 311}")
    text = text_of(sheets, backend)
    assert "313" in text
    assert "Alpha d" in text


@any_backend
def test_the_number_of_an_equation_that_ends_a_page_is_none_of_the_page(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(300, 4))
    sheets.put(LEFT + 150, y + 30, "x = y + z")
    sheets.put(RIGHT - 20, y + 30, "(1)")
    text = text_of(sheets, backend)
    assert "equation 1" in text or "x = y + z" in text


def test_quotes_of_two_marks_are_one() -> None:
    assert plain("a \u2018\u2018wind\u2019\u2019 of \u2018it\u2019") == "a \u201cwind\u201d of \u2018it\u2019"


@any_backend
def test_the_layer_of_a_scan_is_no_listing_in_whatever_font(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page()
    rows = [words(9, 9 * n) for n in range(40)]
    for n, row in enumerate(rows):
        page.insert_text((90, 90 + 13 * n), row, fontsize=9, fontname="cour", render_mode=3)
    image = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80), False)
    image.clear_with(240)
    page.insert_image(page.rect, pixmap=image)
    text = extract_pdf(document.tobytes(), backend=backend).text
    assert "```" not in text
    assert f"{rows[3]} {rows[4]}" in " ".join(text.split())
