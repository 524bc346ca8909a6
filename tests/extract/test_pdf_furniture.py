"""Line numbers, heads, feet and page numbers leave the text; counters of tables and numbers of sentences stay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.furniture import remove_furniture
from curation.extract.pdf.page import Backend, Line, Page, Span
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium
from tests.extract.pdfs import PROSE

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)
SYLLABLES = [f"{a}{b}" for a in "bdfgklmnprstvz" for b in ("an", "el", "is", "or", "um")]


def words() -> Iterator[str]:
    """Words that come once each, so that every lost one shows."""
    for n in range(len(SYLLABLES) ** 2):
        yield SYLLABLES[n % len(SYLLABLES)] + SYLLABLES[(n // len(SYLLABLES) + n) % len(SYLLABLES)]


class Manuscript:
    """Pages of text with numbers, heads and feet where a test puts them."""

    def __init__(self, width: float = 595, height: float = 842) -> None:
        self.document = pymupdf.open()
        self.size = (width, height)
        self.words = words()
        self.said: list[str] = []

    def page(self) -> pymupdf.Page:
        return self.document.new_page(width=self.size[0], height=self.size[1])

    def line(self, page: pymupdf.Page, x: float, y: float, count: int = 8) -> None:
        own = [next(self.words) for _ in range(count)]
        self.said += own
        page.insert_text((x, y), " ".join(own), fontsize=10)

    def left(self, backend: Backend) -> str:
        """What is left on the pages when furniture is removed."""
        pages = backend.pages(self.document.tobytes(), 99)
        remove_furniture(pages)
        return " ".join(word for page in pages for line in page.lines if line.angle == 0 for word in line.text.split())


@any_backend
@pytest.mark.parametrize(("step", "leading"), [(1, 13), (5, 13), (1, 26), (5, 26)])
def test_line_numbers_of_a_margin_go_and_no_word_with_them(backend: Backend, step: int, leading: float) -> None:
    made = Manuscript()
    count = 0
    for _ in range(3):
        page = made.page()
        for row in range(int(650 / leading)):
            count += 1
            made.line(page, 90, 90 + leading * row)
            if count % step == 0:
                page.insert_text((60, 90 + leading * row), f"{count:>4}", fontsize=6)
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_line_numbers_of_two_columns_go_also_beside_a_figure(backend: Backend) -> None:
    """The second page has five numbered lines beside a figure, the third column of numbers stands in the other margin."""
    made = Manuscript()
    count = 0
    for rows in (40, 5, 40):
        page = made.page()
        for x, number in ((70, 45), (320, 545)):
            for row in range(rows):
                count += 1
                made.line(page, x, 90 + 13 * row, 4)
                page.insert_text((number, 90 + 13 * row), str(count), fontsize=6)
    left = made.left(backend).split()
    assert sorted(left) == sorted(made.said)


@any_backend
def test_the_counter_of_a_table_stays(backend: Backend) -> None:
    made = Manuscript()
    page = made.page()
    for row in range(20):
        made.line(page, 72, 90 + 13 * row, 10)
    for row in range(12):
        page.insert_text((72, 400 + 13 * row), str(row + 1), fontsize=10)
        made.line(page, 120, 400 + 13 * row, 5)
    left = made.left(backend).split()
    assert [int(word) for word in left if word.isdigit()] == list(range(1, 13))
    assert sorted(word for word in left if not word.isdigit()) == sorted(made.said)


@any_backend
def test_page_numbers_go_wherever_the_text_ends(backend: Backend) -> None:
    """A layout of letter size printed on A4 has its page numbers far above the page's lower edge."""
    made = Manuscript()
    for number in range(4):
        page = made.page()
        for row in range(40):
            made.line(page, 90, 90 + 13 * row)
        page.insert_text((290, 640), str(number + 7), fontsize=10)
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_a_number_that_ends_a_page_but_counts_nothing_stays(backend: Backend) -> None:
    made = Manuscript()
    for number in (1987, 12, 450, 3):
        page = made.page()
        for row in range(40):
            made.line(page, 90, 90 + 13 * row)
        page.insert_text((90, 90 + 13 * 40), str(number), fontsize=10)
        made.said.append(str(number))
    assert made.left(backend) == " ".join(made.said)


@any_backend
@pytest.mark.parametrize(("font", "gap", "stays"), [("hebo", 18, True), ("helv", 18, False), ("hebo", 90, False)])
def test_the_number_of_a_section_that_begins_a_page_stays(backend: Backend, font: str, gap: float, stays: bool) -> None:
    """It stands in bold before its title, and is no number of the page; one far from a head, or of the text's font, may be."""
    made = Manuscript()
    for n in range(3):
        page = made.page()
        if n == 1:
            page.insert_text((90, 60), "5", fontname=font, fontsize=12)
            page.insert_text((90 + gap, 60), "Light Yield", fontname=font, fontsize=12)
        for row in range(40):
            made.line(page, 90, 90 + 13 * row)
    left = made.left(backend)
    assert ("5" in left.split()) == stays and "Light Yield" in left


@any_backend
def test_the_last_cell_of_a_table_is_no_page_number(backend: Backend) -> None:
    """A limit in the last row of a table that ends a page; the page's number stands below it."""
    made = Manuscript()
    page = made.page()
    for row in range(30):
        made.line(page, 90, 90 + 13 * row)
    for row, value in enumerate(("7.1", "3", "< 2")):
        made.line(page, 150, 730 + 12 * row, 1)
        page.insert_text((300, 730 + 12 * row), value, fontsize=10)
        made.said.append(value)
    page.insert_text((290, 800), "4", fontsize=10)
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_heads_that_name_the_section_go(backend: Backend) -> None:
    made = Manuscript()
    for number, name in enumerate(("Introduction", "The sample", "Methods of ours", "What we find", "Outlook")):
        page = made.page()
        head = f"{number + 3}   {name}" if number % 2 else f"{name}   {number + 3}"
        page.insert_text((90, 60), head, fontsize=9, fontname="tiit")
        for row in range(40):
            made.line(page, 90, 90 + 13 * row)
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_the_first_line_of_a_page_is_no_head(backend: Backend) -> None:
    """Pages whose text begins at one height, with and without a gap below a heading of their own."""
    made = Manuscript()
    for number in range(6):
        page = made.page()
        for row in range(40):
            made.line(page, 90, 90 + 13 * row + (8 if row and number == 2 else 0))
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_a_watermark_askew_is_no_line(backend: Backend) -> None:
    made = Manuscript()
    page = made.page()
    for row in range(30):
        page.insert_text((90, 90 + 13 * row), PROSE[:70], fontsize=10)
    at = pymupdf.Point(200, 400)
    page.insert_text(at, "CONFIDENTIAL", fontsize=40, morph=(at, pymupdf.Matrix(45)))
    assert "CONFIDENTIAL" not in extract_pdf(made.document.tobytes(), backend=backend).text
    assert [line.angle for line in backend.pages(made.document.tobytes(), 9)[0].lines if "CONF" in line.text] == [45]


def test_icons_are_no_letters() -> None:
    page = Page(595, 842)
    for x, text, font in ((72, "words of the text", "LMRoman10-Regular"), (180, "a", "FontAwesome5Brands-Regular")):
        page.lines.append(Line([Span(text, x, 92, x + 60, 102, 10, font=font, baseline=100)]))
    remove_furniture([page])
    assert [line.text for line in page.lines] == ["words of the text"]
