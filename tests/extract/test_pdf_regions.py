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
