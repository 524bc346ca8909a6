"""One page each: notes in the margin, figures and tables across columns, pages that lie on their side, two pages on a sheet,
double spacing. Sentences come out whole, and what cuts them follows."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence, words
from tests.extract.test_pdf import any_backend
from tests.extract.test_pdf_regions import paragraphs

LEFT, RIGHT = 130.0, 465.0
COLUMNS = ((60.0, 290.0), (305.0, 535.0))
SIDES = ("left", "right")
ROWS = ("Name Speed Mass", "Alpha 120 3.5", "Beta 98 2.1", "Gamma 77 1.25")
PIPES = (
    "| Name | Speed | Mass |\n| --- | --- | --- |\n| Alpha | 120 | 3.5 |\n| Beta | 98 | 2.1 |\n| Gamma | 77 | 1.25 |"
)


def said(data: bytes, backend: Backend) -> list[str]:
    return paragraphs(extract_pdf(data, backend=backend).text)


def put_spread(sheets: Sheets, x0: float, x1: float, y: float, line: str, size: float) -> None:
    """The words of a line, drawn so far apart that the last one ends at x1."""
    each = line.split()
    widths = [pymupdf.get_text_length(word, "tiro", size) for word in each]
    gap = (x1 - x0 - sum(widths)) / max(1, len(each) - 1)
    for word, width in zip(each, widths, strict=True):
        sheets.put(x0, y, word, size)
        x0 += width + gap


@any_backend
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_note_in_the_margin_stands_behind_its_paragraph(backend: Backend, side: str) -> None:
    """Its lines are set from edge to edge as TeX does in a narrow margin: short words stand alone, far from the others."""
    x0, x1 = (40, 118) if side == "left" else (478, 556)
    sheets = Sheets()
    first, whole = sentence(60), sentence(90, 31)
    y = sheets.justified(LEFT, RIGHT, 100, first, indent=15)
    begun = sheets.justified(LEFT, RIGHT, y, " ".join(whole.split()[:45]), indent=15, last_full=True)
    for n, line in enumerate(["Compare what the", "survey of", "of 2019", "says on it."]):
        if n == 3:
            sheets.put(x0, y + 4 + 10 * n, line, 8)
        else:
            put_spread(sheets, x0, x1, y + 4 + 10 * n, line, 8)
    y = sheets.justified(LEFT, RIGHT, begun, " ".join(whole.split()[45:]))
    y = sheets.justified(LEFT, RIGHT, y, sentence(90, 7), indent=15)
    sheets.justified(LEFT, RIGHT, y, sentence(60, 11), indent=15)
    note = "Compare what the survey of of 2019 says on it."
    assert said(sheets.data(), backend) == [first, whole, note, sentence(90, 7), sentence(60, 11)]


@any_backend
def test_notes_in_the_margins_of_two_columns_stand_behind_their_paragraphs(backend: Backend) -> None:
    sheets = Sheets(width=700)
    for n, ((x0, x1), note) in enumerate(zip(((110, 340), (360, 590)), (20, 604), strict=True)):
        y = sheets.justified(x0, x1, 90, sentence(120, n), indent=12)
        sheets.put(note, 100, "On the side", 8)
        sheets.put(note, 110, f"of {SIDES[n]}.", 8)
        sheets.justified(x0, x1, y, sentence(120, 40 + n), indent=12)
    found = said(sheets.data(), backend)
    assert found == [
        x for n in range(2) for x in (sentence(120, n), f"On the side of {SIDES[n]}.", sentence(120, 40 + n))
    ]


def across(sheets: Sheets, kind: str, y: float) -> float:
    """A float over both columns, its caption last; gives where text can go on."""
    left, right = COLUMNS[0][0], COLUMNS[1][1]
    if kind == "figure":
        sheets.plot(left + 60, y, right - 20, y + 130)
        return sheets.justified(left, right, y + 170, f"Figure 2: {sentence(40, 5)}", 9) + 14
    end = sheets.justified(left, right, y, f"Table 2: {sentence(40, 5)}", 9)
    for at in (0, 16, 60):
        sheets.rule(left + 40, right - 40, end + at)
    for n, row in enumerate(ROWS):
        for m, cell in enumerate(row.split()):
            sheets.put(left + 60 + 150 * m, end + 11 + 14 * n, cell, 9)
    return end + 80


@any_backend
@pytest.mark.parametrize("kind", ["figure", "table"])
@pytest.mark.parametrize("place", ["top", "middle", "bottom"])
def test_a_float_across_two_columns_cuts_no_sentence(backend: Backend, kind: str, place: str) -> None:
    """TeX writes the columns and the float in any order; in the middle the columns above are read before those below."""
    sheets = Sheets()
    label = f"{kind.capitalize()} 2"
    text = [sentence(70, 3 * n) for n in range(8)]
    top, bottom = 80.0, 560.0
    if place == "top":
        top = across(sheets, kind, 70)
    if place == "bottom":
        across(sheets, kind, 600)
    stretches = [(top, text[:4], text[4:])]
    if place == "middle":
        stretches = [(80, text[:2], text[2:4]), (across(sheets, kind, 330), text[4:6], text[6:])]
    for begin, left, right in stretches:
        for (x0, x1), own in zip(COLUMNS, (left, right), strict=True):
            y = begin
            for paragraph in own:
                y = sheets.justified(x0, x1, y, paragraph, indent=12)
            assert y < bottom + 220
    found = extract_pdf(sheets.data(), backend=backend).text
    caption = f"**{label}.** {sentence(40, 5)}"
    assert caption in paragraphs(found)
    if kind == "table":
        assert PIPES in found
    rest = [p for p in paragraphs(found) if p != caption and not p.startswith("|")]
    assert rest == text


def on_its_side(sheets: Sheets, x: float, y: float) -> None:
    """A table with its caption, written upwards from (x, y)."""
    step = 0.0
    for line in (["Table 3: The systems that were seen in both of the surveys"], *map(str.split, ROWS)):
        for m, cell in enumerate(line):
            sheets.page.insert_text((x + step, y - 110 * m), cell, fontsize=9, fontname="tiro", rotate=90)
        step += 14
    for at in (4, 18, 60):
        sheets.page.draw_rect(pymupdf.Rect(x + at, y - 280, x + at + 0.4, y + 4), fill=(0, 0, 0), width=0)


@any_backend
@pytest.mark.parametrize("how", ["inside", "page", "turned page"])
def test_a_table_on_its_side_is_one_and_cuts_no_sentence(backend: Backend, how: str) -> None:
    """It stands between the lines of an upright page, alone on one, or on one that is shown turned."""
    sheets = Sheets()
    whole = sentence(110, 4)
    y = sheets.justified(LEFT, RIGHT, 90, sentence(180), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, " ".join(whole.split()[:60]), indent=15, last_full=True)
    if how == "inside":
        on_its_side(sheets, 250, y + 320)
        y += 340
    else:
        sheets.new_page()
        on_its_side(sheets, 200, 600)
        if how == "turned page":
            sheets.page.set_rotation(90)
        sheets.new_page()
        y = 90
    y = sheets.justified(LEFT, RIGHT, y, " ".join(whole.split()[60:]))
    sheets.justified(LEFT, RIGHT, y, sentence(90, 9), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert PIPES in text
    assert [p for p in paragraphs(text) if not p.startswith(("|", "**"))] == [sentence(180), whole, sentence(90, 9)]
    assert "**Table 3.** The systems that were seen in both of the surveys" in paragraphs(text)


@any_backend
@pytest.mark.parametrize("side", ["left", "right"])
def test_text_that_flows_around_a_figure_is_whole(backend: Backend, side: str) -> None:
    """The rows of the caption are rows of the text, too."""
    sheets = Sheets()
    whole, caption = sentence(130, 4), sentence(10, 30)
    pieces = [" ".join(whole.split()[:88]), " ".join(whole.split()[88:])]
    at, text = (LEFT + 170, LEFT) if side == "right" else (LEFT, LEFT + 180)
    y = sheets.justified(LEFT, RIGHT, 100, sentence(90), indent=15)
    sheets.plot(at + 25, y, at + 155, y + 90)
    end = sheets.justified(text, text + 155, y, pieces[0], indent=15, last_full=True)
    below = sheets.justified(at, at + 155, y + 120, f"Figure 3: {caption}")
    assert y + 120 < end and below < end + 12
    y = sheets.justified(LEFT, RIGHT, end, pieces[1])
    sheets.justified(LEFT, RIGHT, y, sentence(90, 9), indent=15)
    found = said(sheets.data(), backend)
    assert f"**Figure 3.** {caption}" in found
    assert [p for p in found if not p.startswith("**")] == [sentence(90), whole, sentence(90, 9)]


@any_backend
def test_a_page_that_nobody_read_ends_its_paragraph(backend: Backend) -> None:
    """Else a sentence would run over what is missing."""
    sheets = Sheets()
    first, second = " ".join(sentence(60).split()[:40]), words(40, 9)
    sheets.justified(LEFT, RIGHT, 90, first, indent=15, last_full=True)
    sheets.new_page()
    sheets.new_page()
    sheets.justified(LEFT, RIGHT, 90, second)
    assert said(sheets.data(), backend) == [first, second]


@any_backend
@pytest.mark.parametrize("numbers", ["none", "below", "outside", "of two below each other"])
def test_two_pages_on_one_sheet_lose_their_numbers_and_no_sentence(backend: Backend, numbers: str) -> None:
    """The number of the left page stands in the middle of the text of a sheet."""
    stacked = numbers == "of two below each other"
    sheets = Sheets(595, 842) if stacked else Sheets(842, 595)
    whole = sentence(120, 4)
    cut = 120 if stacked else 60
    pieces = [" ".join(whole.split()[:cut]), " ".join(whole.split()[cut:])]
    for n, (x, y) in enumerate([(150, 40), (150, 461)] if stacked else [(60, 60), (481, 60)]):
        end = sheets.justified(x, x + 300, y, sentence(140, n), indent=12 * (1 - n)) if n == 0 else y
        end = sheets.justified(x, x + 300, end, pieces[n], indent=12 * (1 - n), last_full=n == 0)
        if n == 1:
            end = sheets.justified(x, x + 300, end, sentence(140, 7), indent=12)
        if numbers != "none":
            at = x + 145 if numbers != "outside" else (x if n == 0 else x + 295)
            sheets.put(at, (y + 340) if stacked else 540, str(6 + n), 9)
    assert said(sheets.data(), backend) == [sentence(140), whole, sentence(140, 7)]


@any_backend
def test_a_number_in_the_middle_of_a_page_that_counts_no_pages_stays(backend: Backend) -> None:
    """Two numbers that follow each other stand in two columns, but not at one place of each half."""
    sheets = Sheets(842, 595)
    for n, x in enumerate((60, 481)):
        y = sheets.justified(x, x + 300, 60, sentence(140, n), indent=12)
        sheets.put(x + 20 + 60 * n, y + 30, f"{6 + n}", 10)
    sheets.new_page()
    sheets.justified(60, 360, 60, sentence(140, 2), indent=12)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert {"6", "7"} <= set(text.split())


@any_backend
@pytest.mark.parametrize("numbered", [False, True])
def test_double_spaced_lines_are_paragraphs(backend: Backend, numbered: bool) -> None:
    sheets = Sheets()
    text = [sentence(90, 3 * n) for n in range(3)]
    lines: list[str] = []
    for paragraph in text:
        each = paragraph.split()
        lines += [" ".join(each[n : n + 9]) for n in range(0, len(each), 9)]
    y = 80.0
    for n, line in enumerate(lines):
        starts = n % 10 == 0
        if numbered:
            sheets.put(90, y, str(n + 1), 7)
        put_spread(sheets, LEFT + (18 if starts else 0), RIGHT, y, line, 12)
        y += 24
    assert said(sheets.data(), backend) == text


@any_backend
def test_running_text_on_its_side_is_said_once(backend: Backend) -> None:
    sheets = Sheets()
    sheets.justified(LEFT, RIGHT, 90, sentence(160), indent=15)
    lines = [f"Line {n} says what the people of town {n} saw there" for n in range(7)]
    for n, line in enumerate(lines):
        sheets.page.insert_text((200 + 14 * n, 700), line, fontsize=10, fontname="tiro", rotate=90)
    made = extract_pdf(sheets.data(), backend=backend)
    assert [made.text.count(line) for line in lines] == [1] * 7
    assert made.pages[0].n_chars > len(sentence(160)) + sum(map(len, lines)) - 20
