"""Which rows of a table's lines are one row of cells, and which column its heads stand in; one made table each."""

from __future__ import annotations

import pytest

from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.page import Line, Span
from tests.extract.test_pdf_gutters import Rows, table
from tests.extract.test_pdf_tables import line, texts

BODY: list[list[tuple[str, float, float]]] = [
    [(f"A{n}", 20, 35), (f"1{n}", 60, 72), (f"2{n}", 90, 102), (f"3{n}", 120, 132)] for n in range(4)
]


def made(*lines: Line, rule: float) -> list[list[str]]:
    """Cells of lines above a rule, and of four rows of numbers below it."""
    below = [line(rule + 9 + 12 * n, cell) for n, row in enumerate(BODY) for cell in row]
    return texts(cells_of([*lines, *below], [rule]))


def test_a_head_above_several_columns_is_no_line_of_their_heads() -> None:
    """Though another head stands in the middle of the two rows."""
    found = made(
        *(line(10, ("Settings of both", 58, 104)), line(15, ("Name", 20, 40))),
        *(line(20, (text, x, x + 14)) for text, x in (("left", 60), ("right", 90), ("all", 120))),
        rule=24,
    )
    assert found[-5] == ["", "left", "right", "all"]


def test_what_stands_close_below_heads_begins_another_row() -> None:
    """Limits of sums stand between the two lines of a head, and above its second one."""
    found = made(
        *(line(10, (text, x, x + 22)) for text, x in (("Name", 20), ("Skill", 58), ("Part", 88), ("Sum", 116))),
        *(line(15, ("K", 60, 64)), line(15, ("K", 120, 124))),
        *(line(20, (text, x, x + 14)) for text, x in (("left", 60), ("right", 90), ("all", 120))),
        rule=24,
    )
    assert found[0] == ["Name", "Skill", "Part", "Sum"]


def test_a_head_that_is_wider_than_its_column_stands_above_it() -> None:
    rows: Rows = [[(f"4{n}.17 ± 0.01", 20, 80), (f"0.{n}", 150, 170)] for n in range(4)]
    assert table([[("P [days]", 30, 70), ("Posterior of it", 94, 170)], *rows], rule=1)[0] == [
        "P [days]",
        "Posterior of it",
    ]


def test_the_lower_row_of_a_head_tells_where_a_gutter_is() -> None:
    """The upper one has a head above two columns, which ends in the gutter behind the second."""
    rows: Rows = [[(f"0.{n}", 20, 36), (f"1.{n}", 60, 76), (f"2.{n}", 120, 136)] for n in range(4)]
    heads: Rows = [[("Both of these here", 15, 112)], [("Left", 18, 38), ("Wide", 52, 84), ("The rightmost", 96, 160)]]
    assert table([*heads, *rows], rule=2)[1] == ["Left", "Wide", "The rightmost"]


@pytest.mark.parametrize("short", [True, False])
def test_a_short_rule_stands_between_the_rows_of_a_head(short: bool) -> None:
    """One as wide as the table ends the head."""
    head = [line(10, ("All of them", 76, 116)), line(22, ("Low half", 66, 98)), line(22, ("High", 114, 138))]
    rows = [line(y, cell) for y, row in zip((42, 54, 66, 78), BODY, strict=True) for cell in row]
    heads = [line(34, (name, x, x + 12)) for name, x in (("A", 20), ("b", 60), ("c", 90), ("d", 120))]
    found = texts(cells_of([*head, *heads, *rows], [14.0, 37.0], [14.0] if short else []))
    assert (found[1] == ["", "Low half", "", "High"]) is short


def test_a_rule_parts_the_rows_of_a_head_though_they_stand_close() -> None:
    lines = [
        *(line(10, ("Early types", 84, 108)), line(15, ("Name", 20, 40))),
        *(line(20, (text, x, x + 14)) for text, x in (("left", 60), ("right", 90), ("all", 120))),
    ]
    rows = [line(33 + 12 * n, cell) for n, row in enumerate(BODY) for cell in row]
    assert texts(cells_of([*lines, *rows], [12.0, 24.0], [12.0]))[-5] == ["Name", "left", "right", "all"]


def test_a_cell_that_begins_with_a_sum_stands_on_the_line_of_its_letters() -> None:
    """The origin of the sign is above it."""
    rows = [line(20 + 14 * n, cell) for n in range(3) for cell in ((f"A{n}", 20, 35), (f"1.{n}", 60, 75))]
    total = [Span("P", 20, 44, 30, 54, 8, font="CMEX10", baseline=52.0), Span("m", 31, 56, 38, 64, 8, baseline=62.0)]
    rows += [Line(total), line(62, ("1.3", 60, 75))]
    assert texts(cells_of(rows, []))[2:] == [["A2", "1.2"], ["Pm", "1.3"]]


def test_both_lines_of_a_cell_beside_one_in_the_middle_are_one_cell() -> None:
    rows = [line(10 + 14 * n, cell) for n in range(3) for cell in ((f"A line {n}", 20, 60), (f"value {n}", 100, 140))]
    rows += [line(54, ("v = 2", 110, 135)), line(58, ("The speeds", 20, 70)), line(62, ("and w = 3", 100, 140))]
    assert texts(cells_of(rows, []))[3] == ["The speeds", "v = 2 and w = 3"]


def below(
    second: list[tuple[str, float, float]], *, first: str = "A cell of several words", step: float = 9.0
) -> list[list[str]]:
    """The rows of a table of which the second one stands some way below the first."""
    rows = [
        *(line(10, cell) for cell in (("A0", 20, 35), (first, 60, 150), ("1.0", 170, 182), ("2.0", 200, 212))),
        *(line(10 + step, cell) for cell in second),
    ]
    for n, y in ((1, 10 + step + 14), (2, 10 + step + 28), (3, 10 + step + 37)):
        rows += [line(y, cell) for cell in ((f"A{n}", 20, 35), ("one", 60, 75), ("1.5", 170, 182), ("2.5", 200, 212))]
    return texts(cells_of(rows, []))


def test_the_next_line_of_a_cell_is_no_row() -> None:
    assert below([("goes on here", 60, 110)])[0] == ["A0", "A cell of several words goes on here", "1.0", "2.0"]


def test_lines_of_two_cells_of_three_go_on() -> None:
    """Where both are of several words above; where one is a number they are a row."""
    above = [("A0", 20, 35), ("A cell of several words", 60, 150), ("and another like it", 170, 240)]
    more = [("goes on here", 60, 110), ("goes on, too", 170, 215)]
    for third, n_rows in (("and another like it", 2), ("12.5 kpc", 3)):
        rows: Rows = [[*above[:2], (third, 170, 240)], [*more], [("A1", 20, 35), ("one", 60, 75), ("two", 170, 185)]]
        assert len(table(rows)) == n_rows


@pytest.mark.parametrize(
    ("second", "how"),
    [
        ([("B", 20, 30), ("goes on here", 60, 110)], {}),
        ([("goes on here", 60, 110)], {"step": 14.0}),
        ([("12.5", 60, 75)], {}),
        ([("b = 0.25 ± 0.01", 60, 110)], {"first": "a = 0.75 ± 0.02"}),
        ([("two", 60, 75)], {"first": "one word"}),
        ([("goes on", 60, 90), ("at 1", 170, 185), ("at 2", 200, 215)], {}),
    ],
    ids=["a first cell", "farther below", "a number", "a value below another", "below a short one", "in most columns"],
)
def test_other_rows_are_rows(second: list[tuple[str, float, float]], how: dict[str, object]) -> None:
    found = below(second, **how)  # type: ignore[arg-type]
    assert len(found) == 5 and [cell for cell in found[1] if cell] == [text for text, _, _ in second]


def test_a_cell_that_is_cut_into_words_by_a_justified_line_goes_on() -> None:
    rows: Rows = [[(f"A{n}", 20, 35), (f"1.{n}", 50, 62), ("whatever", 80, 98)] for n in range(5)]
    rows[3] += [("there", 104, 122), ("is", 128, 150)]
    rows.insert(4, [("and more", 80, 115)])
    found = table(rows)
    assert len(found) == 5 and found[3] == ["A3", "1.3", "whatever there is and more"]


def test_a_row_of_a_head_a_step_below_another_is_one_of_its_own() -> None:
    found = made(
        *(line(10, (text, x, x + 14)) for text, x in (("left", 60), ("right", 90), ("all", 120))),
        line(22, ("Name", 20, 40)),
        rule=26,
    )
    assert found[:2] == [["", "left", "right", "all"], ["Name", "", "", ""]]


def test_a_head_above_many_columns_stands_in_the_first_of_them() -> None:
    body: Rows = [[(f"A{n}", 20, 35), *((f"{m}.{n}", 30 + 30 * m, 45 + 30 * m) for m in range(1, 7))] for n in range(4)]
    assert table([[("Name", 20, 38), ("Flux in all of these six bands", 62, 222)], *body], rule=1)[0][:3] == [
        "Name",
        "Flux in all of these six bands",
        "",
    ]


def test_small_letters_that_stand_apart_belong_to_the_cell_beside_them() -> None:
    limit = Line([Span("max", 61, 17, 69, 21, 5, baseline=19.5)])
    assert made(line(15, ("Name", 20, 36)), line(15, ("T", 60, 66)), limit, rule=24)[0] == ["Name", "T max", "", ""]


def test_cells_stand_on_the_line_of_their_largest_letters() -> None:
    """Their exponents have more of them."""

    def power(x: float) -> Line:
        return Line(
            [Span("e", x, 40, x + 4, 48, 8, baseline=46.0), Span("-0.5x", x + 4, 38, x + 16, 43, 5, baseline=42.0)]
        )

    rows = [line(10 + 12 * n, cell) for n, row in enumerate(BODY[:3]) for cell in row]
    rows += [line(46, ("A3", 20, 35)), line(46, ("13", 60, 72)), power(88), power(118)]
    assert texts(cells_of(rows, []))[3] == ["A3", "13", "e-0.5x", "e-0.5x"]


def test_places_of_words_that_no_longer_are_those_of_their_run_are_not_taken() -> None:
    stale = Span("one two", 60, 4, 95, 12, 8, baseline=10.0, words=((0.0, 15.0), (60.0, 75.0)))
    rows = [line(10, ("A0", 20, 35)), Line([stale]), line(10, ("c0", 110, 125))]
    rows += [line(10 + 12 * n, cell) for n in (1, 2, 3) for cell in (("A", 20, 35), ("text", 60, 95), ("c", 110, 125))]
    assert texts(cells_of(rows, []))[0] == ["A0", "one two", "c0"]


def ruled(second: tuple[str, float, float]) -> list[list[str]]:
    """Three rows of two lines each between rules: the other one is in the second line of the first row."""
    lines = [line(10, ("Name", 20, 40)), line(10, ("Kind", 60, 80)), line(10, ("Sum", 100, 115))]
    for n in range(3):
        y = 25.0 + 32 * n
        lines += [
            line(y, (f"A{n}", 20, 35)),
            line(y, ("one", 60, 75)),
            line(y, (f"{n}.5", 100, 115)),
            line(y + 12, second),
        ]
    return texts(cells_of(lines, [14.0, 43.0, 75.0]))


def test_what_stands_between_two_rules_is_one_row_unless_it_has_two_first_cells() -> None:
    assert ruled(("two", 60, 75)) == [["Name", "Kind", "Sum"], *[[f"A{n}", "one two", f"{n}.5"] for n in range(3)]]
    assert ruled(("B", 20, 35))[1:3] == [["A0", "one", "0.5"], ["B", "", ""]]


def test_no_cell_goes_on_across_a_rule_or_below_an_empty_one() -> None:
    lines = [line(10, cell) for cell in (("A0", 20, 35), ("A cell of several words", 60, 150), ("x", 170, 180))]
    lines += [line(19, ("goes on here", 60, 110)), line(40, ("A1", 20, 35)), line(40, ("a cell of words", 60, 120))]
    lines += [
        line(49, ("not below any", 160, 220)),
        line(70, ("A2", 20, 35)),
        line(70, ("end", 60, 75)),
        line(70, ("y", 170, 180)),
    ]
    assert len(texts(cells_of(lines, []))) == 4
    assert len(texts(cells_of(lines, [14.0]))) == 5


@pytest.mark.parametrize("below_it", ["ergy Survey", "A Survey", "12 fields"])
@pytest.mark.parametrize("beside", ["lensing", ""])
def test_a_line_in_which_a_word_goes_on_is_no_row(below_it: str, beside: str) -> None:
    """Also where it has a first cell; and the rows between two rules are then one."""
    lines = [line(10, ("Survey", 20, 45)), line(10, ("Instrument", 60, 95)), line(10, ("Aim", 120, 140))]
    lines += [line(24, ("Dark En-", 20, 50)), line(24, ("DECam on", 60, 95))]
    lines += [line(24, (beside, 120, 150))] if beside else []
    lines += [line(34, (below_it, 20, 52)), line(34, ("Blanco", 60, 90)), line(34, ("too", 120, 132))]
    lines += [
        line(50, ("Euclid", 20, 45)),
        line(50, ("a camera", 60, 95)),
        line(50, ("all", 120, 135)),
        line(60, ("big", 60, 80)),
    ]
    found = texts(cells_of(lines, [14.0, 38.0]))
    if below_it.startswith("ergy") and beside:
        assert found[1:] == [
            ["Dark En- ergy Survey", "DECam on Blanco", "lensing too"],
            ["Euclid", "a camera big", "all"],
        ]
    else:
        assert found[1:3] == [["Dark En-", "DECam on", beside], [below_it, "Blanco", "too"]]


def test_a_row_with_a_cell_below_an_empty_one_is_a_row() -> None:
    above = [("A0", 20, 35), ("A cell of several words", 60, 150), ("1.0", 230, 242), ("2.0", 260, 272)]
    lines = [*(line(10, cell) for cell in above), line(19, ("goes on here", 60, 110)), line(19, ("a note", 170, 200))]
    for n, y in ((1, 34), (2, 48), (3, 57)):
        cells = ((f"A{n}", 20, 35), ("one", 60, 75), ("note", 170, 190), ("1.5", 230, 242), ("2.5", 260, 272))
        lines += [line(y, cell) for cell in cells]
    assert texts(cells_of(lines, []))[1] == ["", "goes on here", "a note", "", ""]


def test_a_row_with_a_first_cell_is_a_row_though_all_above_it_are_long() -> None:
    rows: Rows = [[(f"The first of cells {n}", 20, 90), (f"a cell of words {n}", 120, 190)] for n in range(4)]
    assert len(table(rows)) == 4


def test_a_head_that_reaches_well_into_a_narrow_column_stands_in_it() -> None:
    body: Rows = [[(f"A{n}", 20, 35), (f"{n}1", 50, 56), (f"{n}2", 64, 84)] for n in range(4)]
    assert table([[("Name", 20, 38), ("Both", 53, 76)], *body], rule=1)[0] == ["Name", "Both", ""]
