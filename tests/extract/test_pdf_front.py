"""Where the front of a PDF ends: abstracts that nothing announces, that a figure parts from the names, or that are still to be written."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from curation.extract.result import Extracted
from tests.extract.sheets import Sheets, sentence
from tests.extract.test_pdf import any_backend

LEFT, RIGHT = 60.0, 535.0
COLUMNS = ((60.0, 290.0), (305.0, 535.0))
TITLE = "On the motion of gas in galaxies"
SECTION = "I. INTRODUCTION"


def head(*, date: bool = True) -> Sheets:
    """Title, names and an address, and a date below them."""
    made = Sheets()
    made.put(190, 70, TITLE, 13, "bold")
    made.put(240, 95, "A. Writer and B. Reader")
    made.put(150, 108, "Institute of Waves, University of Sands, 12345 Shore", 9)
    if date:
        made.put(240, 121, "(Dated: June 5, 2024)", 9)
    return made


def body(made: Sheets, y: float, first: str = SECTION, opening: str = "") -> None:
    """Text in two columns, with or without a heading above it."""
    for n, (x0, x1) in enumerate(COLUMNS):
        at = y
        if n == 0 and opening:
            made.put(x0 + 10, at, opening)
            at += 12
        elif n == 0 and first:
            made.put(x0 + 60, at, first, 9, "bold")
            at += 22
        for paragraph in range(3):
            at = made.justified(x0, x1, at, sentence(80, 11 * paragraph + 40 * n), indent=10)
        if n == 1 and not first:
            made.put(x0 + 60, at + 16, SECTION, 9, "bold")
            made.justified(x0, x1, at + 40, sentence(60, 31), indent=10)


def abstract(extracted: Extracted) -> str:
    return " ".join((extracted.part("abstract") or "").split())


@any_backend
@pytest.mark.parametrize("n_words", [44, 20])
def test_a_short_abstract_without_a_last_stop_stands_below_a_date(backend: Backend, n_words: int) -> None:
    made = head()
    said = f"{sentence(n_words // 2, 9)} {sentence(n_words // 2, 50)[:-1]}"
    made.justified(LEFT + 55, RIGHT - 55, 140, said, 9, indent=10)
    body(made, 210)
    extracted = extract_pdf(made.data(), backend=backend)
    assert abstract(extracted) == said
    assert extracted.title == TITLE
    assert (extracted.authors or "").endswith("(Dated: June 5, 2024)")


@any_backend
def test_text_without_a_heading_below_an_abstract_is_none_of_it(backend: Backend) -> None:
    """As in letters: the body is longer than the abstract, and its first heading stands in the second column."""
    made = head(date=False)
    made.justified(LEFT + 55, RIGHT - 55, 140, sentence(60, 9), 9, indent=10)
    opening = "Nothing of this is known so far."
    body(made, 240, first="", opening=opening)
    extracted = extract_pdf(made.data(), backend=backend)
    assert abstract(extracted) == sentence(60, 9)
    text = extracted.text.split("\n\n")
    after = text[text.index("## Abstract") + 2 :]
    assert after[:2] == [opening, sentence(80, 0)]
    assert opening not in (extracted.authors or "")


@any_backend
def test_an_abstract_below_a_figure_is_parted_from_the_names_above_it(backend: Backend) -> None:
    made = head(date=False)
    made.plot(150, 130, 440, 260)
    made.put(LEFT + 40, 285, "Fig. 1. The velocity of gas at the edge of a system.", 9)
    made.justified(LEFT + 55, RIGHT - 55, 320, f"Abstract. {sentence(60, 9)}", 9)
    body(made, 420)
    extracted = extract_pdf(made.data(), backend=backend)
    assert abstract(extracted) == sentence(60, 9)
    assert "Institute of Waves" in (extracted.authors or "") and "velocity" not in (extracted.authors or "")


@any_backend
def test_a_title_stays_though_its_abstract_is_to_be_written(backend: Backend) -> None:
    made = head(date=False)
    for n in range(5):
        made.put(
            80, 122 + 13 * n, f"C. Diver and D. Ebb{n}, Institute of Tides at the North Sea, University of Dunes", 9
        )
    made.put(LEFT, 220, "Abstract .....", 10, "bold")
    body(made, 250)
    extracted = extract_pdf(made.data(), backend=backend)
    assert extracted.title == TITLE
    assert "Institute of Tides" in (extracted.authors or "") and "Institute" not in extracted.text


@any_backend
def test_a_list_of_contents_in_a_column_goes_and_the_other_column_stays(backend: Backend) -> None:
    made = Sheets()
    made.put(190, 70, TITLE, 13, "bold")
    made.put(240, 95, "A. Writer and B. Reader")
    (left, right), (other_left, other_right) = COLUMNS
    made.put(left, 130, "Abstract", 12, "bold")
    y = made.justified(left, right, 150, sentence(50, 9)) + 12
    made.put(left, y, "Contents", 12, "bold")
    for n, title in enumerate(["1 Introduction", "2 Data", "2.1 Sample", "2.2 Errors", "3 Outlook"]):
        y += 14
        made.put(left + 15 * (n in (2, 3)), y, title)
        made.put(right - 5, y, str(1 + n // 2))
    y = 130.0
    for n, title in enumerate(["1 Introduction", "2 Data"]):
        made.put(other_left, y, title, 12, "bold")
        y = made.justified(other_left, other_right, y + 18, sentence(120, 10 * n + 4)) + 14
    made.put(other_left, y, "2.1 Sample", 10, "bold")
    made.justified(other_left, other_right, y + 16, sentence(60, 40))
    extracted = extract_pdf(made.data(), backend=backend)
    assert abstract(extracted) == sentence(50, 9)
    assert extracted.authors == "A. Writer and B. Reader"
    titles = [line for line in extracted.text.split("\n") if line.startswith("#")]
    assert titles[2:] == ["## Introduction", "## Data", "### Sample"]
    assert [" ".join(extracted.text.split()).count(sentence(*s)) for s in ((120, 4), (120, 14), (60, 40))] == [1, 1, 1]
    assert "Outlook" not in extracted.text
