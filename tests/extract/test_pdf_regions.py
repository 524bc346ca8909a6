"""What cuts a paragraph on a page stands apart from it: figures, captions, notes, tables, equations."""

from __future__ import annotations

import re
from math import ceil

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import LEFT, RIGHT, Sheets, cut_by, sentence, words
from tests.extract.test_pdf import any_backend

GREEK = str.maketrans("ρστυϖωξψαβχ", "rstuvwxyabc")
"""What font Symbol shows in the place of letters."""


def paragraphs(text: str) -> list[str]:
    return [" ".join(p.split()) for p in text.split("\n\n")]


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
def test_what_an_equation_shows_stands_in_its_row_and_in_no_text(backend: Backend) -> None:
    sheets = Sheets()
    sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    sheets.new_page()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60, 9), indent=15)
    first = y + 14
    for n, (number, shown) in enumerate([("", "r = 2 s + t"), ("3a", "+ 4 u"), ("", "v = 5 w"), ("3b", "x = 6 y")]):
        sheets.put(LEFT + 130, y + 14 + 16 * n, shown, 10, "math")
        if number:
            sheets.put(RIGHT - 20, y + 14 + 16 * n, f"({number})", 10)
    y = sheets.justified(LEFT, RIGHT, y + 92, sentence(60, 20), indent=15)
    sheets.put(LEFT + 150, y + 14, "a = 7 b + c", 10, "math")
    sheets.justified(LEFT, RIGHT, y + 46, sentence(60, 30), indent=15)
    extracted = extract_pdf(sheets.data(), backend=backend)
    assert re.findall(r"\$\$\[(.*?)\]\$\$", extracted.text) == [
        "equation 3a",
        "equation 3b",
        "equation",
    ]
    told = [(one.page, one.number, one.raw.translate(GREEK)) for one in extracted.equations]
    assert told == [(2, "3a", "r = 2 s + t\n+ 4 u"), (2, "3b", "v = 5 w\nx = 6 y"), (2, None, "a = 7 b + c")]
    assert extracted.n_equations == 3
    above, below, _ = extracted.equations
    assert (above.x0, above.y0, above.y1) == (LEFT + 130, int(first - 7.5), ceil(first + 16 + 2.5))
    assert LEFT + 150 < above.x1 < RIGHT - 60, "without its number"
    assert above.y1 <= below.y0 + 5
    only = extract_pdf(sheets.data(), backend=backend, only=[1])
    assert only.equations == extracted.equations, "page 2 is page 2, whichever were read"


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


@any_backend
def test_footnotes_below_a_table_are_no_notes_of_the_table(backend: Backend) -> None:
    """The rule above them tells, where the table stands at the foot of its page."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(230), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, sentence(230, 7), indent=15)
    sheets.put(LEFT, y + 20, "Table 2: Systems that were seen", 10)
    for at in (28, 44, 73):
        sheets.rule(LEFT + 40, RIGHT - 40, y + at)
    for n, row in enumerate(["Name Speed Mass", "Alpha 120 3.5", "Gamma 77 1.25"]):
        for m, cell in enumerate(row.split()):
            sheets.put(LEFT + 50 + 100 * m, y + 39 + 14 * n, cell, 10)
    sheets.put(LEFT + 44, y + 82, "Note: speeds are not corrected.", 8)
    sheets.rule(LEFT, LEFT + 120, y + 88)
    for n in range(2):
        sheets.put(LEFT + 12, y + 95 + 9.5 * n, str(n + 1), 6)
        sheets.put(LEFT + 16, y + 98 + 9.5 * n, f"Noted: {words(6, 50 + n)}.", 8)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert "| Gamma | 77 | 1.25 |" in text and "Note: speeds are not corrected." in paragraphs(text)
    for n in range(2):
        assert f"[^{n + 1}]: Noted: {words(6, 50 + n)}." in paragraphs(text)
