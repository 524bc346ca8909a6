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


NARROW = ["0.891 0.017 0.034", "0.853 0.030 0.058", "0.822 0.040 0.043", "0.854 0.028 0.049"]


@any_backend
def test_decimal_fractions_in_one_run_are_cells_with_their_heads(backend: Backend) -> None:
    made = Sheets()
    made.put(LEFT, 100, "Table 1. What the methods reach.", 9)
    made.put(LEFT + 20, 124, "Method", 9)
    made.put(LEFT + 120, 124, "ACC", 9)
    made.put(LEFT + 142.5, 124, "AUR", 9)
    made.put(LEFT + 165, 124, "ECE", 9)
    for n, numbers in enumerate(NARROW):
        made.put(LEFT + 20, 136 + 12 * n, f"Method{n}", 9)
        made.put(LEFT + 120, 136 + 12 * n, numbers, 9)
    text = extract_pdf(made.data(), backend=backend).text
    assert "| Method | ACC | AUR | ECE |" in text
    for n, numbers in enumerate(NARROW):
        assert f"| Method{n} | {' | '.join(numbers.split())} |" in text


@any_backend
def test_parts_of_an_angle_in_one_run_are_one_cell(backend: Backend) -> None:
    made = Sheets()
    made.put(LEFT, 100, "Table 1. Where the stars are.", 9)
    for n, angle in enumerate(("05 35 17.3", "12 10 05.4", "21 44 31.8", "23 15 58.2")):
        made.put(LEFT + 20, 124 + 12 * n, f"Star{n}", 9)
        made.put(LEFT + 120, 124 + 12 * n, angle, 9)
        made.put(LEFT + 240, 124 + 12 * n, f"{n + 4}.5", 9)
    assert "| Star1 | 12 10 05.4 | 5.5 |" in extract_pdf(made.data(), backend=backend).text


def rows_of_words(*rows: tuple[str, tuple[float, ...]]) -> list[Line]:
    """Lines of one run each, of which a library tells where its words of 20 points begin."""
    made = []
    for n, (text, starts) in enumerate(rows):
        words = tuple((x - starts[0], x - starts[0] + 20.0) for x in starts)
        at = 10.0 + 12 * n
        made.append(Line([Span(text, starts[0], at - 6, starts[-1] + 20, at + 2, 8, baseline=at, words=words)]))
    return made


def test_words_are_parted_where_cells_of_other_rows_are() -> None:
    """In the narrowest row a blank is no wider than between words."""
    rows = rows_of_words(
        ("Name Task", (20, 42.5)), ("aa DIC", (18, 42.5)), ("bb VQA", (12, 42.5)), ("cc DLA", (12, 42.5))
    )
    assert texts(cells_of(rows, [])) == [["Name", "Task"], ["aa", "DIC"], ["bb", "VQA"], ["cc", "DLA"]]


def test_a_head_is_cut_above_every_gutter_and_one_of_many_words_is_not() -> None:
    body = [(f"a{n} b{n} c{n}", (20, 48, 76)) for n in range(3)]
    heads = (("One Two Three", (24, 47.5, 71)), ("All that is here and more", (20, 42.5, 65, 87.5, 110, 132.5)))
    assert texts(cells_of(rows_of_words(heads[0], *body), [15]))[0] == ["One", "Two", "Three"]
    assert "All that is here and more" in texts(cells_of(rows_of_words(heads[1], *body), [15]))[0]


def test_a_first_cell_that_spans_rows_does_not_join_them() -> None:
    rows = []
    for n in range(3):
        at = 30.0 + 40 * n
        rows += [line(at, ("1.5", 60, 72), ("20", 100, 108)), line(at + 12, ("2.5", 60, 72), ("30", 100, 108))]
        rows.append(line(at + 6, (f"part {n}", 10, 40)))
    rows.append(line(10, ("Part", 10, 25), ("Speed", 60, 80), ("Mass", 100, 120)))
    found = texts(cells_of(rows, [20, 57, 97]))
    assert [row[1:] for row in found] == [["Speed", "Mass"], *[["1.5", "20"], ["2.5", "30"]] * 3]
    assert [row[0] for row in found if row[0]] == ["Part", "part 0", "part 1", "part 2"]


@any_backend
def test_a_caption_parts_the_tables_above_and_below_it(backend: Backend) -> None:
    """Their rules are of one width, as are those of tables that the style of a journal makes as wide as a column."""
    made = Sheets()
    for n, top in enumerate((100.0, 200.0)):
        made.put(LEFT, top - 14, f"Table {n + 1}. Part {n} of the results.", 9)
        made.rule(LEFT, LEFT + 320, top)
        made.rule(LEFT, LEFT + 320, top + 16)
        end = put_rows(made, top + 12, ROWS)
        made.rule(LEFT, LEFT + 320, end)
    assert extract_pdf(made.data(), backend=backend).text.count(TABLE) == 2


@any_backend
def test_the_caption_below_a_table_without_rules_is_its_own(backend: Backend) -> None:
    """It does not take the rows of the next table, which stands farther off and has a caption below of its own."""
    made = Sheets()
    other = ["Name Speed Mass", *(f"Part{n} {n + 2} {n}.5" for n in range(4))]
    for n, rows in enumerate((ROWS, other)):
        end = put_rows(made, 80 + 120 * n, rows)
        made.put(LEFT, end + 6, f"Table {n + 1}. Part {n} of the results.", 9)
    text = extract_pdf(made.data(), backend=backend).text
    assert "| Gamma | 77 | 1.25 |" in text
    assert "| Part2 | 4 | 2.5 |" in text


@any_backend
def test_a_backend_tells_where_words_begin(backend: Backend) -> None:
    made = Sheets()
    made.put(LEFT, 100, "Table 1. What is here.", 9)
    made.put(LEFT, 120, "iiii mmmm 0.5", 10)
    [page] = backend.pages(made.data(), 10)
    span = next(span for line in page.lines for span in line.spans if span.text.startswith("iiii"))
    starts = [round(start) for start, _ in span.words]
    assert starts == [0, 14, 47]  # Times: i .278, m .778, blank .25


@any_backend
@pytest.mark.parametrize(("name", "is_table"), [("Algorithm", False), ("Listing", False), ("Table", True)])
@pytest.mark.parametrize("inside", [True, False])
def test_numbered_steps_between_rules_are_those_of_an_algorithm(
    backend: Backend, name: str, is_table: bool, inside: bool
) -> None:
    """Its name stands between its rules or above them."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 10
    end = sheets.put(LEFT, y + 12, f"{name} 2", 10, "bold")
    sheets.put(end + 4, y + 12, "Speeds of all systems", 10)
    for at in (0 if inside and name != "Table" else 16, 17, 74):
        sheets.rule(LEFT, RIGHT, y + at)
    for n, step in enumerate(["choose a system", "measure its speed", "keep the largest", "stop when none is left"]):
        sheets.put(LEFT + 4, y + 29 + 13 * n, f"{n + 1}:", 10)
        sheets.put(LEFT + 60, y + 29 + 13 * n, step, 10)
    sheets.justified(LEFT, RIGHT, y + 100, sentence(60, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert ("| choose a system |" in text) == is_table
    assert "choose a system" in text and "stop when none is left" in text
