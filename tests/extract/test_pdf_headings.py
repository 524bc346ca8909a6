"""Headings of a PDF, and what stands before the first and behind the last section."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.heading import number_of
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
@pytest.mark.parametrize(
    ("front", "title"),
    [
        (
            [("On the motion of gas", 17), ("in galaxies near and far", 17)],
            "On the motion of gas in galaxies near and far",
        ),
        ([("The motion of gas", 17), ("III. Ages of the discs", 13.5)], "The motion of gas: III. Ages of the discs"),
        ([("How does gas move?", 17), ("A survey of the south", 13.5)], "How does gas move? A survey of the south"),
        ([("On the motion of gas", 17), ("Ada B. Writer and C. Reader", 17)], "On the motion of gas"),
        ([("On the motion of gas", 17), ("Ada Writer, Bert Reader", 13.5)], "On the motion of gas"),
        ([("Journal of Moving Gas", 24), ("On the motion of gas", 17)], "On the motion of gas"),
    ],
)
def test_a_title_goes_on_in_lines_that_stand_apart_and_not_in_names(
    backend: Backend, front: list[tuple[str, float]], title: str
) -> None:
    made = Paper()
    for n, (text, size) in enumerate(front):
        made.put(120, 90 + 33 * n, text, size, "bold")
    made.put(200, 160, "Institute of Waves, University of Sands", 10)
    made.put(260, 190, "Abstract", 10, "bold")
    made.y = made.justified(LEFT + 25, RIGHT - 25, 208, sentence(60, 9), 9) + 6
    made.heading("1. Introduction", font="bold")
    made.prose(70, 10)
    made.prose(70, 20)
    extracted = extract_pdf(made.data(), backend=backend)
    assert extracted.title == title
    assert extracted.text.startswith(f"# {title}\n\n## Abstract\n")


@any_backend
def test_a_decimal_whose_point_is_of_another_font_begins_no_heading(backend: Backend) -> None:
    made = paper({"font": "bold"})
    x = made.put(LEFT, made.y + 6, "2", 10)
    x = made.put(made.put(x, made.y + 6, ".", 10, "italic"), made.y + 6, "02 Gyr later ", 10)
    made.put(x, made.y + 6, "the text goes on in the same line, and ends.", 10)
    text = extract_pdf(made.data(), backend=backend).text
    assert "2.02 Gyr later the text goes on" in " ".join(text.split())
    assert "2." not in [heading.lstrip("# ") for heading in headings(text)]


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


@any_backend
def test_sections_without_numbers_are_of_the_first_level_though_a_larger_line_stands_alone(backend: Backend) -> None:
    """Their names say so; what is set in a lesser look is below them."""
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 13, "bold")
    made.put(200, 115, "A. Writer and B. Reader", 10)
    made.y = made.justified(LEFT + 35, RIGHT - 35, 145, sentence(70, 9), 9, indent=12) + 6
    for n, title in enumerate(["BACKGROUND", "WAVES OF SAND", "Dunes", "Shores", "CONCLUSION"]):
        made.heading(title, font="bold" if title.isupper() else "italic", size=9, centred=True)
        made.prose(80, 7 * n)
        if n == 0:
            made.heading("A note that is set large", font="bold", size=10, centred=True)
            made.prose(80, 50)
    found = headings(extract_pdf(made.data(), backend=backend).text)
    assert [line for line in found if "note" not in line][2:] == [
        "## BACKGROUND",
        "## WAVES OF SAND",
        "### Dunes",
        "### Shores",
        "## CONCLUSION",
    ]


@any_backend
def test_wide_items_with_space_around_are_no_sections(backend: Backend) -> None:
    """Items that count from 4 on, between sections 2 and 3 whose capitals stand in the middle."""
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 17, "bold")
    made.y = 140
    for number, title in enumerate(["INTRODUCTION", "DERIVATION", "OUTLOOK"], 1):
        made.heading(f"{number}. {title}", centred=True)
        made.prose(70, 10 * number)
        for n in range(1, 5) if number == 2 else ():
            made.room(40)
            made.y = made.justified(LEFT + 12, RIGHT, made.y + 12, f"{n}. {sentence(26, n)}") + 12
    text = extract_pdf(made.data(), backend=backend).text
    assert headings(text)[1:] == ["## INTRODUCTION", "## DERIVATION", "## OUTLOOK"]


@any_backend
def test_short_items_in_plain_letters_do_not_count_with_sections(backend: Backend) -> None:
    made = paper({"font": "bold"})
    before = headings(extract_pdf(made.data(), backend=backend).text)
    for n in range(4, 8):
        made.room(40)
        made.put(LEFT, made.y + 14, f"{n}. The method of step {'abcd'[n - 4]}", 10)
        made.y += 32
    made.heading("4. Summary", font="bold")
    made.prose(60, 3)
    assert headings(extract_pdf(made.data(), backend=backend).text) == [*before, "## Summary"]


@any_backend
def test_what_has_hardly_a_word_is_no_heading(backend: Backend) -> None:
    made = paper({"font": "italic"})
    before = headings(extract_pdf(made.data(), backend=backend).text)
    made.put(LEFT + 60, made.y + 16, "Pm x dx dm mdm p x m", 10, "italic")
    made.y += 44
    made.prose(60, 3)
    assert headings(extract_pdf(made.data(), backend=backend).text) == before


def test_an_article_before_a_number_is_no_number_of_a_heading() -> None:
    assert number_of("A 100 TeV collider would open the way") is None
    found = [number_of(text) for text in ("A1 Sample", "B.2. Errors", "Appendix C: Tables", "A. Sample")]
    assert [match.group().strip() for match in found if match] == ["A1", "B.2.", "Appendix C:", "A."]


@any_backend
def test_a_list_of_contents_goes_and_its_sections_stay(backend: Backend) -> None:
    """Set as some classes do: sections in bold with their pages at the edge, parts with leaders, one of two lines."""
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 17, "bold")
    made.put(LEFT, 130, "Contents", 12, "bold")
    parts = [
        "Data",
        "A sample of the systems that are near enough to be seen by all of the dishes in",
        "Errors",
        "Outlook",
    ]
    y = 150.0
    for n, title in enumerate(parts):
        font = "bold" if n in (0, 3) else "roman"
        made.put(LEFT + 15 * (n in (1, 2)), y, f"{['1', '1.1', '1.2', '2'][n]} {title}", 10, font)
        if n == 1:
            y += 12
            made.put(LEFT + 40, y, "one night", 10)
        made.put(RIGHT - 10, y, str(2 + n), 10, font)
        y += 14
    made.new_page()
    made.heading("1. Data", font="bold")
    made.prose(80, 3)
    for title in ("1.1. Sample", "1.2. Errors"):
        made.heading(title, font="bold")
        made.prose(80, 21)
    made.heading("2. Outlook", font="bold")
    made.prose(80, 11)
    text = extract_pdf(made.data(), backend=backend).text
    assert headings(text)[1:] == ["## Data", "### Sample", "### Errors", "## Outlook"]
    assert "one night" not in text and "Contents" not in text and " ".join(text.split()).count(sentence(80, 21)) == 2


@any_backend
def test_three_lines_with_numbers_below_a_heading_are_no_list_of_contents(backend: Backend) -> None:
    made = paper({"font": "bold"})
    made.heading("4. Contents", font="bold")
    for n in range(3):
        made.put(LEFT, made.y + 12 * n, f"Box number {n} with pebbles", 10)
        made.put(RIGHT - 10, made.y + 12 * n, str(4 + n), 10)
    assert "Box number 1 with pebbles" in extract_pdf(made.data(), backend=backend).text


@any_backend
def test_an_abstract_in_small_letters_at_the_foot_of_a_title_page_is_no_note(backend: Backend) -> None:
    made = Paper()
    made.put(150, 190, "On the motion of gas in galaxies", 17, "bold")
    made.put(200, 225, "A. Writer and B. Reader", 10)
    made.put(260, 640, "Abstract", 8, "bold")
    made.y = made.justified(LEFT + 25, RIGHT - 25, 655, sentence(70, 9), 8) + 6
    made.new_page()
    made.y = 90
    made.heading("1. Introduction", font="bold")
    made.prose(230, 3)
    extracted = extract_pdf(made.data(), backend=backend)
    assert " ".join((extracted.part("abstract") or "").split()) == sentence(70, 9)
    assert "[^" not in extracted.text


@any_backend
def test_dates_and_keywords_beside_an_abstract_are_no_part_of_it(backend: Backend) -> None:
    made = Paper()
    made.put(150, 90, "On the motion of gas in galaxies", 13, "bold")
    made.put(200, 115, "A. Writer and B. Reader", 10)
    made.put(150, 127, "Institute of Waves, University of Sands, 12345 Shore", 9)
    made.put(240, 139, "(Dated: June 5, 2024)", 9)
    made.y = made.justified(LEFT + 35, RIGHT - 35, 152, sentence(70, 9), 9)
    made.put(LEFT + 35, made.y, "Key words. galaxies: haloes, radio lines: galaxies", 9)
    made.y += 20
    made.heading("I. INTRODUCTION", font="bold", size=9, centred=True)
    made.prose(80, 3)
    extracted = extract_pdf(made.data(), backend=backend)
    assert " ".join((extracted.part("abstract") or "").split()) == sentence(70, 9)
    assert extracted.keywords == "galaxies: haloes, radio lines: galaxies"


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


@any_backend
@pytest.mark.parametrize("name", ["47 Tucanae", "10 Lacertae", "2.5 Gyr old stars", "4 m telescope", "51 Pegasi b"])
def test_a_number_that_is_no_sections_stays_in_a_heading(backend: Backend, name: str) -> None:
    made = Paper()
    made.prose(70, 1)
    for text in ("Clusters of the sky", name):
        made.heading(text, font="bold", size=12)
        made.prose(70, 30)
    assert headings(extract_pdf(made.data(), backend=backend).text)[-1].lstrip("# ") == name


@any_backend
def test_numbers_of_sections_without_a_point_leave_their_headings(backend: Backend) -> None:
    made = Paper()
    names = ["1 Clusters", "2 Stars", "2.1 Old stars", "2.2 Young stars", "4 Outlook"]
    for n, text in enumerate(names):
        made.heading(text, font="bold", size=12)
        made.prose(70, 30 + n)
    found = headings(extract_pdf(made.data(), backend=backend).text)
    assert found == ["## Clusters", "## Stars", "### Old stars", "### Young stars", "## Outlook"]
