"""The rules by which columns of a table are told apart, one made table each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import pytest

from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.page import Line, Span
from tests.extract.test_pdf_tables import line, texts

STEP = 12.0
Placed: TypeAlias = tuple[str, float, float]
Rows: TypeAlias = list[list[Line | Placed]]


def run(y: float, *words: Placed, size: float = 8.0) -> Line:
    """A line of one run, of which a library tells where its words begin and end."""
    start = words[0][1]
    places = tuple((x0 - start, x1 - start) for _, x0, x1 in words)
    text = " ".join(word for word, _, _ in words)
    return Line([Span(text, start, y - 6, words[-1][2], y + 2, size, baseline=y, words=places)])


def table(rows: Sequence[Sequence[Line | Placed]], rule: float | None = None, top: float = 10.0) -> list[list[str]]:
    """What the cells of rows say, of which each cell is what it says and where it begins and ends; `rule` is the number of
    rows above a rule."""
    lines = [line(top + STEP * n, cell) for n, row in enumerate(rows) for cell in row if isinstance(cell, tuple)]
    lines += [cell for row in rows for cell in row if isinstance(cell, Line)]
    made = cells_of(lines, [] if rule is None else [top + STEP * (rule - 0.6)])
    return [[" ".join(cell.split()) for cell in row] for row in texts(made)]


def at(n: int, top: float = 10.0) -> float:
    """The baseline of a row."""
    return top + STEP * n


def test_one_of_ten_rows_may_cross_a_gutter() -> None:
    rows: Rows = [[(f"A{n}", 20, 40), (f"b{n}", 60, 80), (f"c{n}", 100, 120)] for n in range(9)]
    rows.append([("A remark that is long", 20, 90), ("c9", 100, 120)])
    assert table(rows)[:9] == [[f"A{n}", f"b{n}", f"c{n}"] for n in range(9)]


def test_gutters_of_small_print_are_narrower() -> None:
    def rows(size: float) -> list[list[str]]:
        words = [(("0.15", 20.0, 40.0), ("1.15", 41.4, 60.0)), (("c", 90.0, 95.0),)]
        return table([[run(at(n), *cell, size=size) for cell in words] for n in range(4)])

    assert rows(5.0)[1] == ["0.15", "1.15", "c"]
    assert rows(9.0)[1] == ["0.15 1.15", "c"]


def test_decimal_fractions_of_two_rows_are_no_columns() -> None:
    rows: Rows = [[run(at(n), (f"0.{n}5", 20, 38), (f"1.{n}5", 41, 60)), (f"c{n}", 90, 110)] for n in range(3)]
    assert table(rows)[1] == ["0.15", "1.15", "c1"]
    assert table(rows[:2])[1] == ["0.15 1.15", "c1"]


@pytest.mark.parametrize(("right", "n_columns"), [("1.{}5(2)", 3), ("{}05(2)", 2)])
def test_errors_of_last_digits_belong_to_decimal_fractions(right: str, n_columns: int) -> None:
    """Digits in groups, of which the last has an error, are one number."""
    rows: Rows = [
        [run(at(n), (f"-20{n}.5", 20, 38), (right.format(n + 1), 41, 60)), (f"c{n}", 90, 110)] for n in range(4)
    ]
    assert [len(row) for row in table(rows)] == [n_columns] * 4


def test_decimal_fractions_in_few_rows_are_no_columns() -> None:
    rows: Rows = [[run(at(n), (f"v{n}", 20, 38), (f"1.{n}5", 41, 60)), (f"c{n}", 90, 110)] for n in range(6)]
    rows[0][0] = run(at(0), ("0.15", 20, 38), ("1.05", 41, 60))
    assert table(rows)[0] == ["0.15 1.05", "c0"]


def test_numbers_of_more_than_one_length_are_columns() -> None:
    """Parts of an angle, of which one is of one length, are none."""
    pairs = [("12", "14.52"), ("105", "9.81"), ("8", "15.03"), ("1200", "116.4")]
    rows: Rows = [
        [run(at(n), (left, 20, 38), (right, 41, 60)), ("c", 90, 110)] for n, (left, right) in enumerate(pairs)
    ]
    assert table(rows) == [[left, right, "c"] for left, right in pairs]
    angles: Rows = [
        [run(at(n), (left, 20, 38), ("59.52", 41, 60)), ("c", 90, 110)] for n, (left, _) in enumerate(pairs)
    ]
    assert table(angles)[0] == ["12 59.52", "c"]


def test_lines_of_justified_text_show_no_gutter_between_their_words() -> None:
    """In half of them the blanks are as wide as gaps between cells."""
    rows: Rows = [[(f"A{n}", 20, 35), ("what", 60, 75), ("there", 81, 96), ("is", 102, 118)] for n in range(3)]
    rows += [
        [(f"A{n}", 20, 35), run(at(n), ("some", 60, 76), ("more", 79.5, 97), ("yet", 100, 110))] for n in range(3, 6)
    ]
    assert table(rows)[4] == ["A4", "some more yet"]


def test_words_of_one_cell_are_not_parted_where_blanks_lie_above_each_other() -> None:
    """A wide blank stands in one of five rows."""
    rows: Rows = [[run(at(n), (f"red{n}", 20, 38), ("giant", 41, 60)), (f"c{n}", 90, 110)] for n in range(4)]
    rows.append([("dim", 20, 33), ("dwarf", 41, 60), ("c4", 90, 110)])
    assert table(rows)[0] == ["red0 giant", "c0"]
    rows.append([("dim", 20, 33), ("dwarf", 41, 60), ("c5", 90, 110)])
    assert table(rows)[0] == ["red0", "giant", "c0"]


def test_a_head_with_a_gap_shows_a_gutter_that_its_rows_do_not() -> None:
    rows: Rows = [[run(at(n), (f"red{n}", 20, 48), ("giant", 51, 79)), (f"c{n}", 90, 110)] for n in range(1, 5)]
    head: list[Line | Placed] = [("Colour", 22, 45), ("Kind", 56, 74), ("Count", 90, 110)]
    assert table([head, *rows], rule=1)[:2] == [["Colour", "Kind", "Count"], ["red1", "giant", "c1"]]
    assert table([[("Kind of it", 30, 70), head[2]], *rows], rule=1)[1] == ["red1 giant", "c1"]


def test_wide_blanks_of_justified_text_are_no_gutters() -> None:
    """Lines of text in the last column: its blanks are of one width in a line, and lie above each other in some."""
    rows: Rows = [[(f"A{n}", 20, 40), ("a line", 60, 85)] for n in range(6)]
    for n in (1, 4):
        rows[n] = [(f"A{n}", 20, 40), ("all", 60, 85), ("that", 91, 110), ("is", 116, 140)]
    assert table(rows) == [[f"A{n}", "all that is" if n in (1, 4) else "a line"] for n in range(6)]


def test_columns_that_stand_equally_far_apart_are_columns() -> None:
    """By the rows that have both of two cells: half of them, or fewer when the two stand a size apart."""
    rows: Rows = [[(f"a{n}", 20, 40), (f"b{n}", 46, 66), (f"c{n}", 72, 92)] for n in range(3)]
    assert table(rows) == [[f"a{n}", f"b{n}", f"c{n}"] for n in range(3)]
    few: Rows = [[(f"a{n}", 20, 40), *([(f"b{n}", 50, 70)] if n < 2 else []), (f"c{n}", 80, 100)] for n in range(6)]
    assert table(few)[0] == ["a0", "b0", "c0"] and table(few)[5] == ["a5", "", "c5"]


def test_a_column_with_few_cells_is_one() -> None:
    """Of twelve rows one has a first cell, and one a remark between two columns."""
    rows: Rows = [[(f"b{n}", 60, 90), (f"c{n}", 180, 200)] for n in range(12)]
    rows[4].insert(0, ("kernel", 20, 45))
    rows[7].insert(1, ("new", 120, 140))
    found = table(rows)
    assert found[4] == ["kernel", "b4", "", "c4"] and found[7] == ["", "b7", "new", "c7"]


def test_a_head_of_as_many_words_as_columns_is_cut() -> None:
    body: Rows = [[(f"1{n}", 25, 35), (f"2{n}", 60, 70), (f"3{n}", 95, 105)] for n in range(1, 5)]
    assert table([[run(at(0), ("Left", 18, 44), ("Width", 47, 81), ("Right", 84, 115))], *body], rule=1)[0] == [
        "Left",
        "Width",
        "Right",
    ]
    long = run(
        at(0), ("All", 20, 33), ("of", 36, 48), ("it", 51, 62), ("and", 65, 78), ("more", 81, 100), ("yet", 103, 112)
    )
    assert "All of it and more yet" in table([[long], *body], rule=1)[0]


def test_a_head_of_two_words_is_cut_when_they_stand_where_the_cells_do() -> None:
    """At the edges of the gutter, or in the middle of the columns; else it is one above both."""
    body: Rows = [[(f"a{n}", 20, 36), (f"b{n}", 60, 90), (f"c{n}", 120, 150), (f"d{n}", 180, 190)] for n in range(1, 5)]

    def head(*words: Placed) -> list[str]:
        return table([[("Name", 20, 36), run(at(0), *words), ("Last", 180, 190)], *body], rule=1)[0]

    assert head(("Speed", 62, 116), ("Mass", 119.5, 147)) == ["Name", "Speed", "Mass", "Last"]
    assert head(("Teacher", 47, 103), ("Student", 106, 164)) == ["Name", "Teacher", "Student", "Last"]
    assert head(("Full", 84, 101), ("range", 104, 130)) == ["Name", "Full range", "", "Last"]


def test_a_head_without_a_blank_above_some_gutter_is_one() -> None:
    body: Rows = [[(f"a{n}", 20, 40), (f"b{n}", 60, 80), (f"c{n}", 100, 122), (f"d{n}", 126, 160)] for n in range(1, 5)]
    head = run(at(0), ("Settings", 62, 123), ("D/ViT", 126, 150))
    assert "Settings D/ViT" in table([[("Name", 20, 40), head], *body], rule=1)[0]


def test_a_head_that_reaches_into_the_gutter_before_it_is_cut_all_the_same() -> None:
    body: Rows = [[(f"a{n}", 20, 40), (f"b{n}", 66, 84), (f"c{n}", 93, 107), (f"d{n}", 116, 124)] for n in range(1, 5)]
    head = run(at(0), ("Layers", 51, 85), ("Width", 88, 110), ("FFN", 113, 127))
    assert table([[("Name", 20, 40), head], *body], rule=1)[0] == ["Name", "Layers", "Width", "FFN"]


def test_a_row_of_one_cell_is_cut_before_numbers_only() -> None:
    rows: Rows = [[(f"a{n}", 25, 35), (f"0.{n}", 60, 75), (f"1.{n}", 90, 105)] for n in range(8)]
    rows[3] = [run(at(3), ("a-long-name", 20, 56), ("0.35", 59, 75), ("1.35", 78, 105))]
    rows[5] = [run(at(5), ("Data", 20, 56), ("without", 60, 86), ("errors", 90, 105))]
    found = table(rows)
    assert found[3] == ["a-long-name", "0.35", "1.35"]
    assert found[5] == ["Data without errors", "", ""]


def test_of_several_blanks_at_a_gutter_the_one_is_taken_that_stands_where_cells_do() -> None:
    """Though the one before it is wider."""
    rows: Rows = [[(f"a{n}", 20, 50), (f"b{n}", 90, 110), ("c", 150, 170)] for n in range(11)]
    rows[2] = [run(at(2), ("one", 20, 56), ("two", 60, 87), ("three", 90, 110)), ("c", 150, 170)]
    assert table(rows)[2] == ["one two", "three", "c"]


def test_words_of_few_rows_are_not_parted_where_blanks_lie_above_each_other() -> None:
    """Of eight rows three are long enough, and one of them has a wide blank there."""
    rows: Rows = [[(f"A{n}", 20, 40), ("short", 60, 80), ("m", 160, 170)] for n in range(8)]
    for n in (1, 3):
        rows[n][1] = run(at(n), ("much", 60, 90), ("longer", 92.5, 120))
    rows[5][1:2] = [("much", 60, 87), ("longer", 92.5, 120)]
    assert table(rows)[1] == ["A1", "much longer", "m"]


def test_a_narrow_head_above_a_gutter_makes_no_column() -> None:
    body: Rows = [[(f"A{n}", 20, 40), (f"1{n}", 60, 76), (f"2{n}", 120, 136)] for n in range(11)]
    assert table([[("Name", 20, 40), ("Of", 104, 114)], *body], rule=1)[1] == ["A0", "10", "20"]


def test_a_cell_of_many_words_is_cut_at_the_gutter_of_other_rows() -> None:
    rows: Rows = [[(f"a name {n}", 20, 50), (f"b{n}", 90, 110), ("c", 150, 170)] for n in range(11)]
    words = [("one", 20, 34), ("of", 37, 47), ("the", 50, 62), ("last", 65, 79), ("ones", 82, 88), ("b4", 91, 108)]
    rows[4] = [run(at(4), *words), ("c", 150, 170)]
    assert table(rows)[4] == ["one of the last ones", "b4", "c"]


def test_a_head_above_two_rows_is_cut() -> None:
    rows: Rows = [[(f"1{n}", 25, 35), (f"2{n}", 60, 70), (f"3{n}", 95, 105)] for n in (1, 2)]
    head = run(at(0), ("Left", 18, 44), ("Width", 47, 81), ("Right", 84, 115))
    assert table([[head], *rows], rule=1)[0] == ["Left", "Width", "Right"]
