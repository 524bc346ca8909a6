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


@pytest.mark.parametrize(
    ("second", "how"),
    [
        ([("B", 20, 30), ("goes on here", 60, 110)], {}),
        ([("goes on here", 60, 110)], {"step": 14.0}),
        ([("12.5", 60, 75)], {}),
        ([("two", 60, 75)], {"first": "one word"}),
        ([("goes on", 60, 90), ("at 1", 170, 185), ("at 2", 200, 215)], {}),
    ],
    ids=["a first cell", "farther below", "a number", "below a short one", "in most columns"],
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


def test_a_cell_of_a_letter_with_an_index_stands_close_below_the_one_before() -> None:
    """The name of both stands in the middle of their lines."""

    def indexed(y: float, text: str) -> Line:
        return Line(
            [
                Span("v", 150, y - 6, 154, y + 2, 8, baseline=y),
                Span("par", 154, y - 4, 162, y + 2.5, 5.6, baseline=y + 1),
                Span(text, 165, y - 6, 190, y + 2, 8, baseline=y),
            ]
        )

    rows = [
        line(10 + 14 * n, cell)
        for n in range(3)
        for cell in ((f"A line of text {n}", 20, 90), (f"a value {n}", 150, 190))
    ]
    rows += [indexed(54, "= 2"), line(59, ("The speeds of it", 20, 90)), indexed(64, "= 3")]
    found = texts(cells_of(rows, []))
    assert len(found) == 4 and found[3][0] == "The speeds of it"
