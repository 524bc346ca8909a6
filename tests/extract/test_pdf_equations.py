"""Displayed equations are marks with their numbers, however these are printed; what only looks like one stays in its sentence."""

from __future__ import annotations

import re

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.lines import lines_of
from curation.extract.pdf.page import Backend, Span
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend

MIDDLE = (LEFT + RIGHT) / 2


def shown(sheets: Sheets, y: float, body: str = "r = 2 s + t", x: float = MIDDLE - 30) -> float:
    """A row of an equation; gives where it ends."""
    return sheets.put(x, y, body, 10, "math")


def at_right(sheets: Sheets, y: float, number: str) -> None:
    end = sheets.put(RIGHT + 200, y, number, 10)  # off the page: how wide it is
    sheets.put(RIGHT - (end - RIGHT - 200), y, number, 10)


def marks(text: str) -> list[str]:
    return re.findall(r"\$\$\[equation ?(.*?)\]\$\$", text)


@any_backend
@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("(3)", "3"),
        ("(2.14)", "2.14"),
        ("(A1)", "A1"),
        ("(B.3)", "B.3"),
        ("(S-12)", "S-12"),
        ("(SI.7)", "SI.7"),
        ("(4b)", "4b"),
        ("[7]", "7"),
        ("17.", "17"),
        (", (5)", "5"),
    ],
)
def test_a_number_is_read_in_every_form(backend: Backend, printed: str, number: str) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 10
    shown(sheets, y)
    at_right(sheets, y, printed)
    sheets.justified(LEFT, RIGHT, y + 28, sentence(60, 20))
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == [number]
    assert [one.number for one in made.equations] == [number]
    assert "\n" not in made.equations[0].raw and printed.strip(", ") not in made.equations[0].raw
    assert printed.strip(", ") not in made.text


@any_backend
def test_a_number_may_stand_at_the_left(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 10
    sheets.put(LEFT, y, "(12)", 10)
    shown(sheets, y)
    sheets.justified(LEFT, RIGHT, y + 28, sentence(60, 20))
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["12"] and made.equations[0].x0 > LEFT + 50


@any_backend
def test_a_number_that_ends_a_page_is_none_of_the_page(backend: Backend) -> None:
    sheets = Sheets()
    for n in range(1, 6):
        if n > 1:
            sheets.new_page()
        sheets.justified(LEFT, RIGHT, 100, sentence(90, 10 * n), indent=15)
        sheets.justified(LEFT, RIGHT, 710, sentence(24, 7 * n), indent=15)
        shown(sheets, 756)
        at_right(sheets, 756, f"({n})")
        sheets.put(MIDDLE, 790, f"({n + 30})", 10)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["1", "2", "3", "4", "5"]
    assert not re.search(r"\(3\d\)", made.text), "numbers of pages stand alone"


@any_backend
def test_one_number_stands_beside_the_middle_of_two_rows(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 12
    shown(sheets, y)
    at_right(sheets, y + 9, "(S-6)")
    shown(sheets, y + 18, "= 4 u + v", MIDDLE - 10)
    sheets.justified(LEFT, RIGHT, y + 48, sentence(60, 20))
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["S-6"]
    assert made.equations[0].raw.count("=") + made.equations[0].raw.count("\uf03d") == 2


@any_backend
def test_functions_are_mathematics_and_items_of_a_list_are_none(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 12
    end = shown(sheets, y, "i =", MIDDLE - 80)
    for word, font in [
        (" cos", "roman"),
        (" y", "math"),
        (" sin", "roman"),
        (" q", "math"),
        (" sin", "roman"),
        (" h", "math"),
    ]:
        end = sheets.put(end, y, word, 10, font)
    at_right(sheets, y, "(7)")
    y = sheets.justified(LEFT, RIGHT, y + 26, sentence(60, 20), indent=15) + 10
    for n, item in enumerate(["i = j = k", "i > j > k", "j < k < i"]):
        sheets.put(LEFT + 14, y + 18 * n, f"({'abc'[n]})", 10)
        sheets.put(LEFT + 30, y + 18 * n, item, 10, "math")
    sheets.justified(LEFT, RIGHT, y + 64, sentence(60, 40), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["7"]
    assert [made.text.count(item) for item in ("(a)", "(b)", "(c)")] == [1, 1, 1]


@any_backend
def test_mathematics_inside_of_a_line_stays_in_its_sentence(backend: Backend) -> None:
    """A piece of a line with more raised characters than others has another baseline than its line."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    end = sheets.put(LEFT, y, "which was seen in all of the north and", 10)
    end = sheets.put(end + 14, y, "+ E", 10, "math")
    sheets.put(end, y - 4, "miss", 7)
    sheets.put(end + 30, y, "of the signal alone while the others were not.", 10)
    sheets.justified(LEFT, RIGHT, y + 12, sentence(60, 20), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == [] and made.equations == []
    assert re.search(r"north and .{0,3}\+ .{0,9}miss.{0,4} of the signal alone", made.text)


@any_backend
def test_a_number_on_a_row_of_its_own_may_stand_at_the_left(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 12
    shown(sheets, y)
    sheets.put(LEFT, y + 9, "(8)", 10)
    shown(sheets, y + 18, "= 4 u + v", MIDDLE - 10)
    sheets.justified(LEFT, RIGHT, y + 48, sentence(60, 20))
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["8"] and "(8)" not in made.text


@any_backend
def test_words_may_stand_in_a_numbered_equation_and_beside_a_number_of_a_list(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 14
    end = sheets.put(LEFT + 40, y, "P(model and prior given all of the data)", 10)
    sheets.put(end + 4, y, "= k", 10, "math")
    at_right(sheets, y, "(4)")
    y = sheets.justified(LEFT, RIGHT, y + 26, f"{sentence(60, 20)[:-1]}", indent=15)
    sheets.put(LEFT, y, "which is what follows from all that was said before of it (4)", 10)
    sheets.justified(LEFT, RIGHT, y + 24, sentence(60, 40), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == ["4"]
    assert "which is what follows from all that was said before of it (4)" in made.text
    assert "model and prior" not in made.text


@any_backend
def test_a_display_without_number_may_be_of_names_and_units(backend: Backend) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 14
    end = sheets.put(MIDDLE - 60, y, "s", 10, "math")
    end = sheets.put(end, y + 2, "flux", 7)
    end = sheets.put(end + 3, y, "= 1/N", 10, "math")
    sheets.put(end + 3, y, "(photons a night)", 10)
    y = sheets.justified(LEFT, RIGHT, y + 30, sentence(60, 20), indent=15)
    sheets.put(MIDDLE - 60, y + 14, "Fluxes for s = 1/N alone", 10)
    sheets.justified(LEFT, RIGHT, y + 44, sentence(60, 40), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == [""]
    assert "photons" not in made.text and "Fluxes for s = 1/N alone" in made.text


@any_backend
def test_an_equation_that_juts_out_of_its_column_is_one(backend: Backend) -> None:
    sheets = Sheets()
    sheets.justified(60, 285, 100, sentence(200, 5), indent=15)
    y = sheets.justified(310, 535, 100, sentence(70, 40), indent=15) + 14
    sheets.put(318, y, "r = 2 s + t + 3 u + 5 v + 7 w + 9 x", 10, "math")
    end = sheets.put(490, y - 6, "+ 4 h i j k + 8 l", 10, "math")
    assert 550 < end < 595
    sheets.justified(310, 535, y + 30, sentence(90, 60), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == [""]
    assert made.equations[0].raw.count("+") == 7
    assert len(made.text.split()) == 200 + 70 + 90 + 1


@pytest.mark.parametrize(("raised", "n_lines"), [(8.0, 1), (0.0, 2)])
def test_a_large_sign_on_the_baseline_of_words_hangs_into_the_line_below(raised: float, n_lines: int) -> None:
    """Signs of CMEX hang down from their origin: inside of a line that is raised."""
    words = Span("was measured.", 50, 92.5, 110, 102.5, 10, font="CMR10", baseline=100)
    y = 100 - raised
    sign = Span("\u222b", 113, y - 7.5, 118, y + 2.5, 10, font="CMEX10", baseline=y)
    made = lines_of([(words, 0), (sign, 0)])
    assert len(made) == n_lines
    hat = Span("\u02c6", 113, 92.5, 118, 102.5, 10, font="CMEX10", baseline=100)
    letter = Span("D", 113, 92.5, 120, 102.5, 10, font="CMMI10", baseline=100)
    assert len(lines_of([(words, 0), (hat, 0), (letter, 0)])) == 1


def numbers(sheets: Sheets, x: float, y: float) -> float:
    """A row of three values with errors, as `x = 0.5_{-0.1}^{+0.3};`."""
    for n in range(3):
        x = sheets.put(x, y, f"{'abc'[n]} = 0.{n + 5}", 10, "math")
        sheets.put(x, y + 2.5, f"-0.{n + 1}", 7)
        x = sheets.put(x, y - 3.6, f"+0.{n + 3}", 7)
        x = sheets.put(x, y, ";", 10) + 4
    return x


@any_backend
@pytest.mark.parametrize("item", [False, True])
@pytest.mark.parametrize(("gap", "n_displays"), [(0.0, 0), (9.0, 1)])
def test_the_last_row_of_a_paragraph_may_be_all_mathematics(
    backend: Backend, item: bool, gap: float, n_displays: int
) -> None:
    """Whether the row before it is mathematics, too. A display stands apart from the text above it."""
    sheets = Sheets()
    left = LEFT + 30 * item
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    if item:
        sheets.put(left - 11, y, "2.", 10)
    y = sheets.justified(left, RIGHT, y, f"{sentence(30, 20)[:-1]} as", last_full=True)
    numbers(sheets, left, y + gap)
    numbers(sheets, left, y + gap + 12)
    sheets.justified(LEFT, RIGHT, y + 2 * gap + 36, sentence(60, 40), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert len(marks(text)) == n_displays
    assert text.count("0.7_{-0.3}^{+0.5}") == 2 * (1 - n_displays)


@any_backend
@pytest.mark.parametrize(("number", "n_displays"), [("", 0), ("(4)", 1)])
def test_rows_of_mathematics_close_below_text_are_a_display_where_one_has_a_number(
    backend: Backend, number: str, n_displays: int
) -> None:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60)[:-1], last_full=True)
    sheets.put(LEFT, y, "so:", 10)
    y += 12
    for n in range(2):
        end = sheets.put(LEFT, y + 12 * n, "f (1, 2, 4)", 10)
        sheets.put(end, y + 12 * n, " = h + k", 10, "math")
    if number:
        at_right(sheets, y + 18, number)
    sheets.justified(LEFT, RIGHT, y + 44, sentence(60, 40), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert len(marks(text)) == n_displays and text.count("f (1, 2, 4)") == 2 * (1 - n_displays)


@any_backend
@pytest.mark.parametrize(("sign", "n_displays"), [("", 0), (" = s", 1)])
def test_numbers_beside_each_other_are_a_row_of_a_table(backend: Backend, sign: str, n_displays: int) -> None:
    """It may have no caption and no rules; an equation sets something equal."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15) + 14
    for n in range(3):
        x = sheets.put(LEFT + 70 + 80 * n, y, f"{n + 2}.", 10)
        sheets.put(x, y, f"{n + 4} ± 0.{n + 1}{sign}", 10, "math")
    sheets.justified(LEFT, RIGHT, y + 26, sentence(60, 40), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert len(marks(text)) == n_displays
    assert ("3.5" in text) == (not n_displays)


@any_backend
def test_a_display_may_be_all_that_stands_under_a_heading(backend: Backend) -> None:
    sheets = Sheets()
    sheets.put(LEFT, 100, "1 Equation", 14, "bold")
    shown(sheets, 140)
    made = extract_pdf(sheets.data(), backend=backend)
    assert marks(made.text) == [""] and "Equation" in made.text
