"""Bibliographies that no heading announces, behind a rule as notes are; and what stands behind or between entries is none of them."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence
from tests.extract.test_pdf import any_backend
from tests.extract.test_pdf_references import LEFT, NAMES, RIGHT

RAISED, BRACKETS, BARE = "raised", "[{}] ", "{} "


def cited(n: int) -> str:
    return f"{chr(65 + n % 26)}. {NAMES[n % 10]} and X. {NAMES[(n + 3) % 10]}, J. Waves {30 + n}, {31 * n + 7} ({1980 + n})."


def paper(pages: int = 2, *, rows: int = 4) -> tuple[Sheets, float]:
    """Pages of running text, and the height below it."""
    made = Sheets()
    y = 90.0
    for page in range(pages):
        if page:
            made.new_page()
        y = 90.0
        for n in range(rows):
            y = made.justified(LEFT, RIGHT, y, sentence(90, 7 * n + 31 * page), indent=14)
    return made, y


def put_entries(made: Sheets, y: float, label: str, numbers: range, size: float = 8.5) -> float:
    for n in numbers:
        x = LEFT + 6
        if label == RAISED:
            x = made.put(x, y - 3, str(n), 5.5)
            made.put(x, y, cited(n), size)
        else:
            made.put(x, y, label.format(n) + cited(n), size)
        y += 11
    return y


def entries(made: Sheets, backend: Backend) -> tuple[list[str], str]:
    extracted = extract_pdf(made.data(), backend=backend)
    return (extracted.references or "").split("\n"), extracted.text


@any_backend
@pytest.mark.parametrize("label", [RAISED, BRACKETS])
def test_entries_behind_a_rule_are_no_notes(backend: Backend, label: str) -> None:
    """They begin at the foot of a page, behind addresses of the authors, and go on above on the next one."""
    made, y = paper()
    made.rule(LEFT, LEFT + 36, y + 4)
    made.put(LEFT + 6, y + 16, "a", 5.5)
    made.put(LEFT + 12, y + 19, "Now at the Institute of Sand", 8.5)
    put_entries(made, y + 30, label, range(1, 9))
    made.new_page()
    put_entries(made, 90, label, range(9, 21))
    found, text = entries(made, backend)
    shown = "" if label == RAISED else label
    assert found == [f"- {shown.format(n)}{cited(n)}" for n in range(1, 21)]
    assert "Now at the Institute of Sand" in text and "J. Waves" not in text


@any_backend
def test_notes_of_a_page_stay_notes(backend: Backend) -> None:
    """They stand at the foot of a page of text, and the paper has a bibliography of its own."""
    made, y = paper()
    made.rule(LEFT, LEFT + 36, y + 4)
    put_entries(made, y + 19, RAISED, range(1, 7))
    made.new_page()
    made.put(250, 90, "REFERENCES", 10, "bold")
    put_entries(made, 115, BRACKETS, range(1, 6))
    found, text = entries(made, backend)
    assert len(found) == 5 and text.count("J. Waves") == 6 and "[^1]: " in text


@any_backend
def test_a_bibliography_that_begins_behind_a_mark_is_found(backend: Backend) -> None:
    """The address of the author stands as its first line, without a heading, on a page of its own."""
    made, _ = paper()
    made.new_page()
    made.put(LEFT, 90, "* Write to the author of this work, at home: a@b.org", 8.5)
    put_entries(made, 101, BRACKETS, range(1, 15))
    found, text = entries(made, backend)
    assert found == [f"- [{n}] {cited(n)}" for n in range(1, 15)]
    assert "Write to the author" in text


@any_backend
def test_bare_numbers_begin_entries_and_dates_of_a_journal_end_them(backend: Backend) -> None:
    made, _ = paper()
    made.new_page()
    made.put(250, 90, "REFERENCES", 10, "bold")
    y = 115.0
    for n in range(1, 13):
        made.put(LEFT, y, f"{n} {cited(n)[:30].rsplit(' ', 1)[0]}", 8.5)
        made.put(LEFT, y + 11, cited(n)[len(cited(n)[:30].rsplit(" ", 1)[0]) + 1 :], 8.5)
        y += 22
    made.put(LEFT, y + 20, "Received 19 July 2013, accepted 9 September 2013", 8.5)
    found, text = entries(made, backend)
    assert found == [f"- {n} {cited(n)}" for n in range(1, 13)]
    assert "Received 19 July 2013" in text


@any_backend
@pytest.mark.parametrize("kind", ["lives", "members"])
def test_what_follows_the_entries_is_none(backend: Backend, kind: str) -> None:
    """Lives of the authors in the size of the entries, names of a collaboration with their marks: no heading parts them."""
    made, _ = paper()
    made.new_page()
    made.put(250, 90, "REFERENCES", 10, "bold")
    y = put_entries(made, 115, BRACKETS, range(1, 13)) + 11
    if kind == "lives":
        life = f"Ann Adams received her degree in 2003 from the school of Sand. {sentence(40)}"
        made.justified(LEFT, RIGHT, y, life, 8.5)
    else:
        made.new_page()
        y = 90
        for n in range(30):
            x = made.put(LEFT, y, f"{NAMES[n % 10]} {chr(65 + n % 26)}. Ann", 10)
            x = made.put(x, y - 3, str(n + 1), 6)
            made.put(x, y, f", {NAMES[(n + 1) % 10]} of Sand", 10)
            y += 12
    found, text = entries(made, backend)
    assert found == [f"- [{n}] {cited(n)}" for n in range(1, 13)]
    assert ("received her degree" if kind == "lives" else "of Sand") in text


@any_backend
def test_entries_go_on_behind_a_box(backend: Backend) -> None:
    made, _ = paper()
    made.new_page()
    made.put(250, 90, "REFERENCES", 10, "bold")
    y = put_entries(made, 115, BRACKETS, range(1, 6))
    made.put(LEFT, y + 40, "What this work tells", 14, "bold")
    made.justified(LEFT, RIGHT, y + 70, sentence(60), 11)
    made.new_page()
    put_entries(made, 90, BRACKETS, range(6, 14))
    found, text = entries(made, backend)
    assert found == [f"- [{n}] {cited(n)}" for n in range(1, 14)]
    assert "J. Waves" not in text
