"""What of a PDF is a table: between narrow rules, under the caption of a figure, across columns, below small capitals."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend
from tests.extract.test_pdf_tables import ROWS, TABLE, put_rows


def around(made: Sheets) -> float:
    """Text above; gives where something may stand below it."""
    return made.justified(LEFT, RIGHT, 100, sentence(90), indent=15) + 30


@any_backend
def test_steps_with_numbers_between_rules_are_no_table(backend: Backend) -> None:
    made = Sheets()
    y = around(made)
    for at in (0, 18, 90):
        made.rule(LEFT, RIGHT, y + at)
    made.put(LEFT, y + 13, "Algorithm 1 How all of the dishes are turned", 10)
    for n in range(4):
        made.put(LEFT + 5, y + 32 + 14 * n, f"{n + 1}:", 8)
        made.put(LEFT + 30, y + 32 + 14 * n, f"Turn dish number {n}", 10)
    made.justified(LEFT, RIGHT, y + 125, sentence(60, 20), indent=15)
    extracted = extract_pdf(made.data(), backend=backend)
    assert extracted.n_tables == 0 and "Turn dish number 3" in " ".join(extracted.text.split())


@any_backend
@pytest.mark.parametrize("cells", ["all", "few"])
def test_a_narrow_table_between_rules_needs_no_caption(backend: Backend, cells: str) -> None:
    """Where most rows have every cell."""
    made = Sheets()
    y = around(made)
    for at in (-12, 4, 54):
        made.rule(LEFT + 90, LEFT + 220, y + at)
    for n, row in enumerate(ROWS):
        for m, cell in enumerate(row.split()):
            if cells == "all" or m == n % 3 or n == 1:
                made.put(LEFT + 95 + 45 * m, y + 12 * n, cell, 9)
    made.justified(LEFT, RIGHT, y + 80, sentence(60, 20), indent=15)
    assert (TABLE in extract_pdf(made.data(), backend=backend).text) == (cells == "all")


@any_backend
@pytest.mark.parametrize("figure", ["none", "a plot", "labels"])
def test_rows_above_the_caption_of_a_figure_are_a_table_where_no_figure_stands(backend: Backend, figure: str) -> None:
    made = Sheets()
    y = around(made)
    if figure == "none":
        y = put_rows(made, y)
    elif figure == "a plot":
        made.plot(LEFT + 40, y, LEFT + 240, y + 120)
        y += 140
    else:
        for n in range(5):
            for m in range(3):
                if m == n % 3 or n == 2:
                    made.put(LEFT + 30 + 100 * m, y + 12 * n, f"node {n}{m}", 9)
        y += 60
    made.put(LEFT, y + 14, "Figure 3: Systems that were seen", 9)
    made.justified(LEFT, RIGHT, y + 50, sentence(60, 20), indent=15)
    extracted = extract_pdf(made.data(), backend=backend)
    assert "**Figure 3.** Systems that were seen" in extracted.text
    assert extracted.n_tables == (figure == "none") and (TABLE in extracted.text) == (figure == "none")


@any_backend
@pytest.mark.parametrize("kind", ["references in two columns", "numbers along axes"])
def test_what_stands_in_rows_below_a_figure_is_no_table(backend: Backend, kind: str) -> None:
    made = Sheets()
    y = around(made)
    made.put(LEFT, y, "Figure 3: Systems that were seen", 9)
    for n in range(9):
        for m in range(2):
            entry = (
                f"Foo, S. M., Bar, D. J., {'Ba, F. ' * ((n + m) % 4)}200{n}, ApJ, 31" if n % 2 == 0 else f"81{n}, 15"
            )
            made.put(LEFT + 220 * m, y + 20 + 11 * n, entry if kind.startswith("ref") else f"{n - 4}.{m}", 8)
    made.justified(LEFT, RIGHT, y + 140, sentence(190, 20), indent=15)
    assert extract_pdf(made.data(), backend=backend).n_tables == 0


@any_backend
def test_a_table_ends_at_its_caption_though_no_stop_follows_the_number(backend: Backend) -> None:
    """The next one has rules as wide, and only the end of a paragraph stands between them."""
    made = Sheets()
    y = around(made)
    for n in range(2):
        for at in (-12, 3, 48):
            made.rule(LEFT + 60, RIGHT - 60, y + at)
        put_rows(made, y, x=LEFT + 70, step=90)
        made.put(LEFT + 60, y + 58, f"Table {n + 1}", 8, "bold")
        made.put(LEFT + 95, y + 58, "Systems that were seen", 8)
        made.put(LEFT, y + 84, "of them.", 10)
        y += 112
    text = extract_pdf(made.data(), backend=backend).text
    assert text.split("\n\n").count(TABLE) == 2


@any_backend
def test_a_table_without_rules_stands_across_both_columns(backend: Backend) -> None:
    """Each of its cells stands in a column of the text, whose lines below it are none of its rows."""
    made = Sheets()
    made.put(
        120, 60, "Table 3. Systems that were seen in the first and in the second year of the survey, as far as told", 9
    )
    y = put_rows(made, 80, x=90.0, step=165)
    for x0, x1 in ((60, 285), (310, 535)):
        made.justified(x0, x1, y + 16, sentence(300, int(x0)), last_full=True)
    extracted = extract_pdf(made.data(), backend=backend)
    assert TABLE in extracted.text.split("\n\n")


@any_backend
def test_a_caption_in_small_capitals_goes_on_below_its_label(backend: Backend) -> None:
    made = Sheets()
    y = around(made)
    made.put(LEFT + 130, y, "TABLE III", 8)
    for n, words in enumerate((("S", "YSTEMS THAT WERE SEEN"), ("", "IN THE FIRST YEAR"))):
        end = made.put(LEFT + 80, y + 10 + 10 * n, words[0], 8) if words[0] else LEFT + 90
        made.put(end, y + 10 + 10 * n, words[1], 6.4)
    y = put_rows(made, y + 36)
    made.justified(LEFT, RIGHT, y + 30, sentence(60, 20), indent=15)
    text = extract_pdf(made.data(), backend=backend).text
    assert "**Table III.** SYSTEMS THAT WERE SEEN IN THE FIRST YEAR" in text and TABLE in text.split("\n\n")
