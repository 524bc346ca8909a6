"""Bibliographies of a PDF: one entry a line, however they are set, and nothing else among them."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence
from tests.extract.test_pdf import any_backend

LEFT, RIGHT, GUTTER = 90.0, 505.0, 297.0
NAMES = ["Adams", "Brown", "Clark", "Davis", "Evans", "Frank", "Green", "Hills", "Irwin", "Jones"]


def entry(n: int) -> list[str]:
    """An entry in two rows, as it is set in a column."""
    return [
        f"{NAMES[n % 10]}, {chr(65 + n % 26)}., & {NAMES[(n + 3) % 10]}, X. {1980 + n}, Waves,",
        f"{31 * n + 7}, {n + 1}",
    ]


def body(made: Sheets, *, numbered: bool = False) -> int:
    """A page of text, with a number beside each line; gives the next number."""
    y = 90.0
    for n in range(4):
        y = made.justified(LEFT, RIGHT, y, sentence(90, 7 * n), indent=14)
    rows = round((y - 90) / 12)
    for n in range(rows if numbered else 0):
        made.put(66, 90 + 12 * n, f"{n + 1:>3}", 6)
    made.put(250, y + 20, "REFERENCES")
    return rows + 1


def lines_of(made: Sheets, backend: Backend) -> list[str]:
    return (extract_pdf(made.data(), backend=backend).references or "").split("\n")


@any_backend
def test_line_numbers_between_the_columns_of_a_bibliography_are_no_part_of_it(backend: Backend) -> None:
    """The text of a manuscript is set in one column, so that its gutter stands where text does."""
    made = Sheets()
    count = body(made, numbered=True)
    made.new_page()
    n = 0
    for x, number in ((LEFT, 66.0), (312.0, 296.0)):
        y = 90.0
        for _ in range(12):
            for row, text in enumerate(entry(n)):
                made.put(x + 11 * row, y, text, 9)
                made.put(number, y, f"{count:>3}", 6)
                count, y = count + 1, y + 13
            n += 1
    assert lines_of(made, backend) == [f"- {' '.join(entry(n))}" for n in range(24)]


@any_backend
def test_few_entries_of_two_rows_show_how_a_list_hangs(backend: Backend) -> None:
    """One entry ends with the name of a journal and a comma, as those do whose volume is not known."""
    made = Sheets()
    body(made)
    made.new_page()
    entries = [" ".join(entry(n)) for n in range(40)]
    entries[7] = "Hills, H., & Adams, X. 1987, Waves,"
    for n, text in enumerate(entries):
        first, rest = (
            (text[:28].rsplit(" ", 1)[0], text.split(text[:28].rsplit(" ", 1)[0] + " ", 1)[1])
            if n in (12, 30)
            else (text, "")
        )
        made.put(LEFT, 90 + 14 * n, first, 9)
        if rest:
            made.put(LEFT + 11, 90 + 14 * n + 10, rest, 9)
    assert lines_of(made, backend) == [f"- {text}" for text in entries]


@any_backend
def test_a_row_behind_a_comma_goes_on_though_it_is_not_set_in(backend: Backend) -> None:
    """A bibliography of which one second row begins at the margin, and a note stands at the foot of its page."""
    made = Sheets()
    body(made)
    made.new_page()
    entries = [[text, f"A{rest}"] for text, rest in map(entry, range(20))]
    for n, rows in enumerate(entries):
        made.put(LEFT, 90 + 26 * n, rows[0], 9)
        made.put(LEFT + (0 if n == 9 else 11), 103 + 26 * n, rows[1], 9)
    made.rule(LEFT, LEFT + 90, 700)
    made.put(LEFT + 8, 709, "1", 5)
    made.put(LEFT + 14, 713, "Names of surveys stand in the order of their first light.", 7)
    extracted = extract_pdf(made.data(), backend=backend)
    assert (extracted.references or "").split("\n") == [f"- {' '.join(rows)}" for rows in entries]
    assert "[^1]: Names of surveys stand in the order of their first light." in extracted.text


@any_backend
def test_a_supplement_behind_the_bibliography_is_none_of_its_entries(backend: Backend) -> None:
    """It has a title of its own, and a list whose items begin as headings do and go on in a second row."""
    made = Sheets()
    body(made)
    made.new_page()
    for n in range(12):
        for row, text in enumerate(entry(n)):
            made.put(LEFT + 12 * row, 90 + 24 * n + 12 * row, text)
    made.new_page()
    made.put(LEFT + 60, 90, "Supplementary Material for the Velocity of Gas", 13, "bold")
    y = made.justified(LEFT, RIGHT, 130, sentence(40, 3), indent=14)
    for n, (first, second) in enumerate(
        [("How the dis-", "tance is found."), ("What the dis-", "tance tells of it.")], 1
    ):
        made.put(RIGHT - 330, y + 10, f"{n}. Details of all that is known, and {first}")
        made.put(RIGHT - 318, y + 22, second)
        y += 24
    made.justified(LEFT, RIGHT, y + 20, sentence(60, 9), indent=14)
    found = extract_pdf(made.data(), backend=backend)
    assert len((found.references or "").split("\n")) == 12
    assert "## Supplementary Material for the Velocity of Gas" in found.text.split("\n")
    plain = found.text.replace("\\", "")
    assert "1. Details of all that is known, and How the distance is found." in plain
    assert "2. Details of all that is known, and What the distance tells of it." in plain


@any_backend
@pytest.mark.parametrize("label", ["[{}] ", "{}. "])
def test_numbered_small_letters_at_the_end_are_a_bibliography_though_no_line_says_so(
    backend: Backend, label: str
) -> None:
    """Behind a rule, as REVTeX sets it; entries in press have no year, and a supplement has a shorter list of its own."""
    made = Sheets()
    y = 90.0
    for n in range(4):
        y = made.justified(LEFT, RIGHT, y, sentence(90, 7 * n), indent=14)
    made.rule(LEFT + 100, RIGHT - 100, y)
    y += 24
    entries = [f"{NAMES[n]} and {NAMES[n + 2]}, Waves of Sand and Snow, in press" for n in range(7)]
    for n, text in enumerate(entries, 1):
        made.put(LEFT + 4, y, label.format(n) + text, 8.5)
        y += 11
    made.put(LEFT + 60, y + 30, "Supplement to the motion of gas in galaxies", 13, "bold")
    y = made.justified(LEFT, RIGHT, y + 60, sentence(90, 3), indent=14)
    for n in (1, 2):
        made.put(LEFT + 4, y + 12 * n, f"[{n}] A 20{n}0 survey and its 201{n} sequel", 8.5)
    extracted = extract_pdf(made.data(), backend=backend)
    found = (extracted.references or "").split("\n")
    assert len(found) == 7 and all(text in line for text, line in zip(entries, found, strict=True))
    assert "Waves of Sand" not in extracted.text
