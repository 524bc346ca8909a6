"""Headings of a PDF, and what stands before the first and behind the last section."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import Sheets, sentence
from tests.extract.test_pdf import any_backend

LEFT, RIGHT = 100.0, 480.0


def headings(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


class Paper(Sheets):
    """Pages that begin anew where one is full."""

    y: float = 90.0

    def room(self, points: float) -> None:
        if self.y + points > 760:
            self.new_page()
            self.y = 90.0

    def prose(self, n: int, start: int) -> None:
        self.room(90)
        self.y = self.justified(LEFT, RIGHT, self.y, sentence(n, start), indent=15)

    def heading(self, text: str, *, font: str = "roman", size: float = 10, centred: bool = False) -> None:
        self.room(120)
        width = self._width(text, font, size)
        self.y += 14
        self.put((LEFT + RIGHT - width) / 2 if centred else LEFT, self.y, text, size, font)
        self.y += 18

    def _width(self, text: str, font: str, size: float) -> float:
        from tests.extract.sheets import FONTS, pymupdf

        return float(pymupdf.get_text_length(text, FONTS[font], size))


def paper(look: dict[str, object]) -> Paper:
    """A title, an abstract and two sections with two parts each, their headings in one look."""
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 17, "bold")
    made.put(200, 115, "A. Writer and B. Reader", 10)
    made.put(260, 150, "Abstract", 10, "bold")
    made.y = made.justified(LEFT + 25, RIGHT - 25, 168, sentence(60, 9), 9) + 6
    for section, (title, parts) in enumerate(
        [("Introduction", []), ("Data", ["Sample", "Errors"]), ("Outlook", [])], 1
    ):
        made.heading(f"{section}. {title}", **look)  # type: ignore[arg-type]
        made.prose(70, 10 * section)
        for part, name in enumerate(parts, 1):
            made.heading(f"{section}.{part}. {name}", **look)  # type: ignore[arg-type]
            made.prose(60, 7 * section + part)
    return made


LOOKS: dict[str, dict[str, object]] = {
    "bold": {"font": "bold"},
    "italic": {"font": "italic"},
    "plain at the size of the text": {"size": 10},
    "a little larger": {"size": 10.9},
    "centred": {"centred": True},
    "sans": {"font": "sans", "size": 10.5},
}


@any_backend
@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_numbered_headings_are_told_in_any_look_with_their_levels(backend: Backend, look: dict[str, object]) -> None:
    extracted = extract_pdf(paper(look).data(), backend=backend)
    assert headings(extracted.text) == [
        "# On the motion of gas in galaxies",
        "## Abstract",
        "## Introduction",
        "## Data",
        "### Sample",
        "### Errors",
        "## Outlook",
    ]
    assert " ".join((extracted.part("abstract") or "").split()) == sentence(60, 9)
    assert extracted.authors == "A. Writer and B. Reader"


@any_backend
def test_two_headings_in_a_row_stay_two_and_a_long_one_is_one(backend: Backend) -> None:
    made = paper({"font": "bold"})
    made.heading("4. A method that has so many words that its name goes on in the next line", font="bold", size=10)
    made.y -= 6
    made.put(LEFT + 14, made.y, "of the page", 10, "bold")
    made.y += 16
    made.put(LEFT, made.y, "4.1. Its first step", 10, "bold")
    made.y += 18
    made.prose(60, 40)
    found = headings(extract_pdf(made.data(), backend=backend).text)
    assert found[-2:] == [
        "## A method that has so many words that its name goes on in the next line of the page",
        "### Its first step",
    ]


@any_backend
def test_items_of_a_list_and_bold_words_are_no_headings(backend: Backend) -> None:
    made = paper({"font": "bold"})
    before = headings(extract_pdf(paper({"font": "bold"}).data(), backend=backend).text)
    for n in range(1, 4):
        made.y = made.justified(LEFT + 12, RIGHT, made.y + 4, f"{n}. {sentence(30, n)}") + 4
    end = made.put(LEFT, made.y + 10, "Bold words ", 10, "bold")
    made.put(end, made.y + 10, "open this paragraph and run on in it to the edge, as usual in papers.", 10)
    text = extract_pdf(made.data(), backend=backend).text
    assert headings(text) == before
    assert f"2. {sentence(30, 2)}" in " ".join(text.split())


@any_backend
def test_a_numbered_heading_that_runs_in_is_cut_from_its_paragraph(backend: Backend) -> None:
    made = paper({"font": "bold"})
    made.heading("3.1. Parts", font="bold")
    made.prose(50, 5)
    end = made.put(LEFT, made.y + 6, "3.1.1. A small part. ", 10, "italic")
    made.put(end, made.y + 6, "The text goes on in the same line, and ends.", 10)
    text = extract_pdf(made.data(), backend=backend).text
    assert "\n#### A small part.\n\nThe text goes on in the same line, and ends." in text


@any_backend
def test_an_abstract_that_no_line_announces_is_found(backend: Backend) -> None:
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 13, "bold")
    made.put(200, 115, "A. Writer and B. Reader", 10)
    made.put(180, 130, "Institute of Waves, University of Sands, 12345 Shore", 9, "italic")
    made.y = made.justified(LEFT + 35, RIGHT - 35, 155, sentence(70, 9), 9, indent=12) + 6
    made.heading("I. INTRODUCTION", font="bold", size=9, centred=True)
    made.prose(80, 3)
    made.heading("II. DATA", font="bold", size=9, centred=True)
    made.heading("A. Sample", font="bold", size=9, centred=True)
    made.prose(80, 21)
    extracted = extract_pdf(made.data(), backend=backend)
    assert " ".join((extracted.part("abstract") or "").split()) == sentence(70, 9)
    assert headings(extracted.text)[2:] == ["## INTRODUCTION", "## DATA", "### Sample"]


def entries(n: int) -> list[str]:
    names = ["Adams", "Brown", "Clark", "Davis", "Evans", "Frank", "Green", "Hills", "Irwin", "Jones"]
    return [
        f"{names[i % 10]}, {chr(65 + i)}., {names[(i + 3) % 10]}, X., & {names[(i + 5) % 10]}, Y. {1990 + i}, Journal of Waves and "
        f"Sands, {100 + i}, {31 * i + 7}"
        for i in range(n)
    ]


def with_references(style: str) -> bytes:
    made = paper({"font": "bold"})
    made.heading("References", font="bold")
    for n, entry in enumerate(entries(12), 1):
        made.room(40)
        if style == "hanging":
            first, rest = entry[:70].rsplit(" ", 1)[0], entry[len(entry[:70].rsplit(" ", 1)[0]) :].strip()
            made.put(LEFT, made.y, first, 9)
            made.put(LEFT + 12, made.y + 11, rest, 9)
            made.y += 22
        else:
            made.put(LEFT, made.y, f"[{n}]", 9)
            made.y = made.justified(LEFT + 20, RIGHT - 60, made.y, entry, 9)
    made.heading("Appendix A. More on errors", font="bold")
    made.prose(60, 44)
    return made.data()


@any_backend
@pytest.mark.parametrize("style", ["hanging", "labelled"])
def test_references_are_one_entry_a_line_and_the_appendix_is_none_of_them(backend: Backend, style: str) -> None:
    extracted = extract_pdf(with_references(style), backend=backend)
    lines = (extracted.references or "").split("\n")
    label = "[{}] " if style == "labelled" else ""
    assert lines == [f"- {label.format(n)}{entry}" for n, entry in enumerate(entries(12), 1)]
    assert sentence(60, 44) in " ".join((extracted.part("appendix") or "").split())
    assert headings(extracted.text)[-1] == "## More on errors"
