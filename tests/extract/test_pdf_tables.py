"""Tables of a PDF: found by rules, captions and cells, on one page or more, and cut into the cells that they have."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.page import Backend, Line, Span
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend

ROWS = ["Name Speed Mass", "Alpha 120 3.5", "Beta 98 12.5", "Gamma 77 1.25", "Delta 65 40.5"]
PIPES = [f"| {' | '.join(row.split())} |" for row in ROWS]
TABLE = "\n".join([PIPES[0], "| --- | --- | --- |", *PIPES[1:]])


def put_rows(made: Sheets, y: float, rows: list[str] = ROWS, x: float = LEFT + 20, step: float = 110) -> float:
    """Rows of cells from a height on; gives the baseline below them."""
    for n, row in enumerate(rows):
        for m, cell in enumerate(row.split()):
            made.put(x + step * m, y + 12 * n, cell, 9)
    return y + 12 * len(rows)


def texts(cells: list[list[list[Line]]]) -> list[list[str]]:
    return [[" ".join(line.text.strip() for line in cell) for cell in row] for row in cells]


def line(y: float, *spans: tuple[str, float, float]) -> Line:
    """A line of spans, each what it says and where it begins and ends."""
    return Line([Span(text, x0, y - 6, x1, y + 2, 8, baseline=y) for text, x0, x1 in spans])


@pytest.mark.parametrize("blanks", ["before", "behind"])
def test_a_blank_beside_a_sign_is_no_gap_between_cells(blanks: str) -> None:
    """One library gives the blank to the sign, whose box is that of its own ink; the other one to the number before it."""
    pieces = ["{}", " ±", " 0.007"] if blanks == "before" else ["{} ", "± ", "0.007"]
    rows = []
    for n in range(3):
        texts_of_row = [piece.format(f"0.2{n}") for piece in pieces]
        places = [(100.0, 115.0), (117.1, 123.5), (125.5, 144.0)]
        rows.append(line(10 + 10 * n, *((text, *place) for text, place in zip(texts_of_row, places, strict=True))))
        rows.append(line(10 + 10 * n, (f"Alpha {n}", 20, 45)))
    assert texts(cells_of(rows, [])) == [[f"Alpha {n}", f"0.2{n} ± 0.007"] for n in range(3)]


def test_words_that_are_drawn_apart_are_one_cell_though_only_one_row_stands_below() -> None:
    rows = [
        line(10, ("Region", 20, 50)),
        line(10, ("E", 70, 76)),
        line(10, ("threshold [GeV]", 79, 140)),
        line(24, ("SR2", 28, 42)),
        line(24, ("500", 98, 112)),
    ]
    assert texts(cells_of(rows, [15])) == [["Region", "E threshold [GeV]"], ["SR2", "500"]]


def test_a_head_above_several_columns_hides_no_gutter_between_them() -> None:
    """Of seven rows the first crosses all gutters and the second one of them."""
    rows = [
        line(10, ("Flux of all lines in erg", 108, 220)),
        line(20, ("leftmost half of all", 90, 150)),
        line(20, ("right", 215, 235)),
    ]
    for n in range(5):
        y = 34 + 10 * n
        rows += [line(y, (f"A{n}", 20, 30)), *(line(y, (f"{m}.{n} ± 1", 80 + 50 * m, 112 + 50 * m)) for m in range(4))]
    assert texts(cells_of(rows, [25]))[2:] == [[f"A{n}", *(f"{m}.{n} ± 1" for m in range(4))] for n in range(5)]


def test_lines_of_a_head_in_the_middle_of_others_are_one_row() -> None:
    """A head of two lines beside one of one line, which stands half a step below the first of them."""
    rows = [
        *(line(10, (text, x, x + 30)) for text, x in (("initial", 60), ("scale", 120))),
        line(15, ("Name", 20, 40)),
        *(line(20, (text, x, x + 30)) for text, x in (("speed", 60), ("height", 120))),
        *(line(31, ("(kpc)", x, x + 24)) for x in (62, 122)),
    ]
    for n in range(3):
        rows += [line(46 + 11 * n, (text, x, x + 20)) for text, x in ((f"A{n}", 20), (f"1{n}", 60), (f"2{n}", 120))]
    made = texts(cells_of(rows, [36]))
    assert made[:2] == [["Name", "initial speed", "scale height"], ["", "(kpc)", "(kpc)"]]
    assert made[2:] == [[f"A{n}", f"1{n}", f"2{n}"] for n in range(3)]


@any_backend
def test_steps_between_rules_are_no_table(backend: Backend) -> None:
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15) + 20
    made.rule(LEFT, RIGHT, y)
    made.put(LEFT, y + 13, "Algorithm 1: How all of the dishes are turned", 10)
    made.rule(LEFT, RIGHT, y + 18)
    for n in range(5):
        made.put(LEFT + 10, y + 32 + 13 * n, f"Turn dish number {n} to the next of the stars.", 10)
    made.rule(LEFT, RIGHT, y + 90)
    made.justified(LEFT, RIGHT, y + 125, sentence(60, 20), indent=15)
    extracted = extract_pdf(made.data(), backend=backend)
    assert extracted.n_tables == 0 and "|" not in extracted.text
    assert all(f"Turn dish number {n} to the next of the stars." in " ".join(extracted.text.split()) for n in range(5))


@any_backend
@pytest.mark.parametrize("rules", ["none", "below the head", "twice above the head"])
def test_a_table_without_a_lower_rule_is_found_above_its_caption(backend: Backend, rules: str) -> None:
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15) + 30
    if rules == "twice above the head":
        made.rule(LEFT, RIGHT, y - 14)
        made.rule(LEFT, RIGHT, y - 12)
    if rules != "none":
        made.rule(LEFT, RIGHT, y + 3)
    y = put_rows(made, y)
    made.put(LEFT, y + 14, "Table 3: Systems that were seen", 9)
    made.justified(LEFT, RIGHT, y + 50, sentence(60, 20), indent=15)
    text = extract_pdf(made.data(), backend=backend).text
    assert TABLE in text.split("\n\n") and "**Table 3.** Systems that were seen" in text


@any_backend
def test_rules_of_head_and_foot_make_no_table_of_what_lies_between(backend: Backend) -> None:
    """Half of the page is a table with rules of its own, the other one text as wide as both."""
    made = Sheets()
    made.rule(LEFT, RIGHT, 60)
    made.rule(LEFT, RIGHT, 780)
    for at in (88, 104, 152):
        made.rule(LEFT + 10, RIGHT - 60, at)
    y = put_rows(made, 100) + 16
    made.put(LEFT, y, "Table 3. Systems that were seen", 9)
    y = made.justified(LEFT, RIGHT, y + 40, sentence(50, 20), indent=15)
    for n in range(24):
        made.put(LEFT + 30, y + 20 + 14 * n, f"Item {n}", 9)
    extracted = extract_pdf(made.data(), backend=backend)
    assert TABLE in extracted.text.split("\n\n") and extracted.n_tables == 1


@any_backend
def test_a_table_that_goes_on_is_one_and_says_its_head_once(backend: Backend) -> None:
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15)
    for caption, rows in (("Table 3. Systems that were seen", ROWS[:3]), ("Table 3 (continued)", [ROWS[0], *ROWS[3:]])):
        made.put(LEFT, y + 20, caption, 9)
        for at in (28, 44, 48 + 12 * len(rows)):
            made.rule(LEFT, RIGHT, y + at)
        put_rows(made, y + 40, rows)
        if rows == ROWS[:3]:
            made.new_page()
            y = 60.0
    made.justified(LEFT, RIGHT, y + 130, sentence(60, 20), indent=15)
    extracted = extract_pdf(made.data(), backend=backend)
    assert TABLE in extracted.text.split("\n\n") and extracted.n_tables == 1
    assert "ontinued" not in extracted.text


@any_backend
def test_raised_characters_of_cells_stay_though_a_note_of_the_page_has_their_mark(backend: Backend) -> None:
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 100, sentence(90), indent=15)
    made.put(LEFT, y + 20, "Table 3. Systems that were seen", 9)
    for at in (28, 44, 80):
        made.rule(LEFT, RIGHT, y + at)
    for n, row in enumerate(["Name Speed^2 Mass", "Alpha 120 3.5", "Beta^b 98 12.5", "Gamma 77 1.25"]):
        for m, cell in enumerate(row.split()):
            word, _, mark = cell.partition("^")
            made.put(made.put(LEFT + 20 + 110 * m, y + 40 + 12 * n, word, 9), y + 37 + 12 * n, mark, 6)
    made.justified(LEFT, RIGHT, y + 110, sentence(230, 20), indent=15)
    made.rule(LEFT, LEFT + 90, 700)
    for n in range(2):
        made.put(LEFT + 8, 709 + 12 * n, str(n + 1), 5)
        made.put(LEFT + 14, 713 + 12 * n, f"Note of the page, the one with the number {n + 1}.", 7)
    text = extract_pdf(made.data(), backend=backend).text
    assert "| Name | Speed$^{2}$ | Mass |" in text and "| Beta$^{b}$ | 98 | 12.5 |" in text
