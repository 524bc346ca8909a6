"""What cuts a paragraph on a page stands apart from it: figures, captions, notes, tables, equations."""

from __future__ import annotations

import re

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence, words
from tests.extract.test_pdf import any_backend

LEFT, RIGHT = 100.0, 480.0


def paragraphs(text: str) -> list[str]:
    return [" ".join(p.split()) for p in text.split("\n\n")]


def cut_by(draw: str) -> tuple[bytes, str]:
    """A page whose paragraph is cut by something in its middle, and the paragraph."""
    sheets = Sheets()
    whole = sentence(80, 3)
    first, second = " ".join(whole.split()[:41]), " ".join(whole.split()[41:])
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, first, indent=15, last_full=True)
    if draw == "figure":
        sheets.plot(LEFT + 60, y + 20, RIGHT - 60, y + 180)
        y = sheets.justified(LEFT, RIGHT, y + 225, f"Figure 4: {sentence(20, 30)}", 9) + 20
    elif draw == "table":
        sheets.put(LEFT, y + 20, "Table 2: Systems that were seen", 9)
        for at in (28, 44, 88):
            sheets.rule(LEFT, RIGHT, y + at)
        for n, row in enumerate(["Name Speed Mass", "Alpha 120 3.5", "Beta 98", "Gamma 77 1.25"]):
            for m, cell in enumerate(row.split()):
                sheets.put(LEFT + 10 + 120 * m, y + 39 + 14 * n, cell, 9)
        y += 115
    elif draw == "equation":
        end = sheets.put(LEFT + 130, y + 14, "r", 10, "math")
        sheets.put(end, y + 14, " = ", 10, "math")
        sheets.put(end + 22, y + 7, "3 p", 10, "math")
        sheets.put(end + 22, y + 21, "2 s", 10, "math")
        sheets.put(RIGHT - 16, y + 14, "(7)", 10)
        y += 45
    elif draw == "page":
        sheets.rule(LEFT, LEFT + 120, 700)
        sheets.put(LEFT + 4, 708, "5", 6)
        sheets.justified(LEFT + 8, RIGHT, 711, f"Noted: {words(12, 50)}.", 8)
        sheets.new_page()
        y = 100
    y = sheets.justified(LEFT, RIGHT, y, second)
    y = sheets.justified(LEFT, RIGHT, y, sentence(50, 20), indent=15)
    sheets.justified(LEFT, RIGHT, y, sentence(50, 70), indent=15)
    return sheets.data(), whole


@any_backend
def test_a_figure_leaves_the_text_and_its_caption_follows_the_paragraph(backend: Backend) -> None:
    data, whole = cut_by("figure")
    text = extract_pdf(data, backend=backend).text
    found = paragraphs(text)
    assert found.index(f"**Figure 4.** {sentence(20, 30)}") == found.index(whole) + 1
    assert len(found) == 5
    assert not re.search(r"Radius|Speed|best fit|7\.5", text)


@any_backend
def test_a_table_becomes_pipe_rows_with_its_empty_cells(backend: Backend) -> None:
    data, whole = cut_by("table")
    extracted = extract_pdf(data, backend=backend)
    found = extracted.text.split("\n\n")
    at = paragraphs(extracted.text).index(whole)
    assert found[at + 1] == "**Table 2.** Systems that were seen"
    assert found[at + 2].split("\n") == [
        "| Name | Speed | Mass |",
        "| --- | --- | --- |",
        "| Alpha | 120 | 3.5 |",
        "| Beta | 98 |  |",
        "| Gamma | 77 | 1.25 |",
    ]
    assert extracted.n_tables == 1


@any_backend
def test_an_equation_is_a_mark_with_its_number(backend: Backend) -> None:
    data, whole = cut_by("equation")
    extracted = extract_pdf(data, backend=backend)
    found = paragraphs(extracted.text)[1]
    assert found.replace("$$[equation 7]$$ ", "") == whole
    assert extracted.n_equations == 1


@any_backend
def test_a_paragraph_goes_on_over_the_page_and_its_note_follows(backend: Backend) -> None:
    data, whole = cut_by("page")
    found = paragraphs(extract_pdf(data, backend=backend).text)
    assert found.index(f"[^5]: Noted: {words(12, 50)}.") == found.index(whole) + 1


@any_backend
def test_a_note_in_the_margin_cuts_no_paragraph(backend: Backend) -> None:
    sheets = Sheets()
    paragraph = sentence(70, 11)
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    sheets.put(RIGHT + 12, y + 12, "Halo: what is", 7)
    sheets.put(RIGHT + 12, y + 20, "around a galaxy", 7)
    y = sheets.justified(LEFT, RIGHT, y, paragraph, indent=15)
    sheets.justified(LEFT, RIGHT, y, sentence(50, 20), indent=15)
    found = paragraphs(extract_pdf(sheets.data(), backend=backend).text)
    assert sorted(found) == sorted([sentence(60), paragraph, "Halo: what is around a galaxy", sentence(50, 20)])


@any_backend
def test_code_is_a_block_of_its_own_set_in_as_printed(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 10
    for text, indent in [("def speed(mass):", 0), ("return 3 * mass", 4), ("print(speed(7))", 0)]:
        sheets.page.insert_text((LEFT + indent * 5.4, y), text, fontsize=9, fontname="cour")
        y += 11
    sheets.justified(LEFT, RIGHT, y + 8, sentence(60, 20))
    text = extract_pdf(sheets.data(), backend=backend).text
    assert "\n\n```\ndef speed(mass):\n    return 3 * mass\nprint(speed(7))\n```\n\n" in text


@any_backend
def test_a_caption_over_both_columns_is_one_though_its_last_line_is_short(backend: Backend) -> None:
    sheets = Sheets()
    columns = ((60.0, 285.0), (310.0, 535.0))
    sheets.plot(100, 70, 500, 180)
    caption = f"Figure 2. {sentence(43, 5)}"
    sheets.justified(60, 535, 225, caption, 9)
    for n, (x0, x1) in enumerate(columns):
        sheets.justified(x0, x1, 290, sentence(90, 10 * n), indent=12)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert f"**Figure 2.** {sentence(43, 5)}" in paragraphs(text)
    assert sentence(90, 0) in paragraphs(text) and sentence(90, 10) in paragraphs(text)


@any_backend
def test_thanks_without_a_heading_are_told_before_the_lists_of_software(backend: Backend) -> None:
    sheets = Sheets()
    sheets.put(LEFT, 90, "1. Introduction", 10, "bold")
    y = sheets.justified(LEFT, RIGHT, 108, sentence(90), indent=15)
    sheets.put(LEFT, y + 12, "2. Conclusions", 10, "bold")
    y = sheets.justified(LEFT, RIGHT, y + 30, sentence(90, 30), indent=15) + 10
    y = sheets.justified(LEFT, RIGHT, y, f"We thank A. Reader for the time in which {words(30, 3)}.", indent=15) + 12
    sheets.put(LEFT, y, "Software: galpack, wavelib", 10)
    extracted = extract_pdf(sheets.data(), backend=backend)
    assert (extracted.part("acknowledgements") or "").startswith("## Acknowledgments\n\nWe thank A. Reader")


@any_backend
def test_cells_of_several_lines_between_rules_are_one_row(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    sheets.put(LEFT, y + 20, "Table 1. What was asked", 9)
    y += 28
    rows = [
        [(LEFT, 12, "Name"), (LEFT + 90, 12, "Meaning of it")],
        [(LEFT, 18, "first"), (LEFT + 90, 12, "a sentence that goes"), (LEFT + 90, 23, "on below itself")],
        [(LEFT, 18, "other"), (LEFT + 90, 12, "another one that is"), (LEFT + 90, 23, "as long as it")],
    ]
    for row in rows:
        sheets.rule(LEFT, RIGHT - 100, y)
        for x, down, text in row:
            sheets.put(x, y + down, text, 9)
        y += 30
    sheets.rule(LEFT, RIGHT - 100, y)
    sheets.justified(LEFT, RIGHT, y + 30, sentence(60, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert (
        "\n| Name | Meaning of it |\n| --- | --- |\n| first | a sentence that goes on below itself |\n"
        "| other | another one that is as long as it |\n"
    ) in text


@any_backend
def test_a_head_over_two_columns_stands_over_the_first_of_them(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    sheets.put(LEFT, y + 20, "Table 1. Colours", 9)
    sheets.rule(LEFT, RIGHT, y + 28)
    sheets.put(LEFT + 115, y + 40, "Bands of the whole survey", 9)
    for n, row in enumerate(["Star g r i", "One 1.25 3.5 4.75", "Two 2.25 30.5 40.75", "Three 3.25 5.5 14.75"]):
        for m, cell in enumerate(row.split()):
            sheets.put(LEFT + 10 + 90 * m, y + 52 + 12 * n + 4 * (n > 0), cell, 9)
    sheets.rule(LEFT, RIGHT, y + 56)
    sheets.rule(LEFT, RIGHT, y + 98)
    sheets.justified(LEFT, RIGHT, y + 125, sentence(60, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert (
        "|  | Bands of the whole survey |  |  |\n| --- | --- | --- | --- |\n| Star | g | r | i |\n| One | 1.25 | 3.5 | 4.75 |\n"
        "| Two | 2.25 | 30.5 | 40.75 |\n| Three | 3.25 | 5.5 | 14.75 |"
    ) in text
