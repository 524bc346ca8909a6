"""Lines are read in order: the file's where boxes agree with it, else columns from left to right between what crosses them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.order import set_order
from curation.extract.pdf.page import Backend, Line, Page, Span
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium
from tests.extract.pdfs import PROSE
from tests.extract.sheets import Sheets, sentence

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)
Placed = tuple[float, float, str]


def column(x: float, y: float, rows: int, name: str) -> list[Placed]:
    return [(x, y + 13 * row, f"column {name} row {row} goes on with words") for row in range(rows)]


def wide(y: float, rows: int, name: str) -> list[Placed]:
    said = "goes from the left edge of the page over to its right edge as abstracts and long captions do"
    return [(60, y + 13 * row, f"Wide {name} row {row} {said}") for row in range(rows)]


def row_wise(lines: Sequence[Placed]) -> list[Placed]:
    return sorted(lines, key=lambda line: (line[1], line[0]))


def right_first(lines: Sequence[Placed]) -> list[Placed]:
    return sorted(lines, key=lambda line: -line[0])


def shuffled(lines: Sequence[Placed]) -> list[Placed]:
    return random.Random(3).sample(lines, len(lines))


def page_of(lines: Sequence[Placed], size: float = 9.0) -> Page:
    page = Page(595, 842)
    for x, y, text in lines:
        x1 = x + 0.46 * size * len(text)
        page.lines.append(Line([Span(text, x, y - 0.75 * size, x1, y + 0.25 * size, size, baseline=y)]))
    return page


def read(lines: Sequence[Placed]) -> list[str]:
    page = page_of(lines)
    set_order(page)
    return [line.text for line in page.lines]


LAYOUTS = {
    "two columns": [*column(60, 80, 40, "one"), *column(310, 80, 40, "two")],
    "abstract above two columns": [
        *wide(80, 8, "abstract"),
        *column(60, 220, 30, "one"),
        *column(310, 220, 30, "two"),
    ],
    "caption between columns": [
        *column(60, 80, 15, "one"),
        *column(310, 80, 15, "two"),
        *wide(300, 3, "caption"),
        *column(60, 400, 20, "three"),
        *column(310, 400, 20, "four"),
    ],
    "one column": wide(80, 45, "text"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("drawn", [row_wise, right_first, shuffled], ids=lambda f: f.__name__)
def test_boxes_decide_where_the_file_draws_in_another_order(
    layout: str, drawn: Callable[[Sequence[Placed]], list[Placed]]
) -> None:
    lines = LAYOUTS[layout]
    assert read(drawn(lines)) == [text for _, _, text in lines]


def test_three_columns_are_read_from_left_to_right() -> None:
    lines = [
        (x, 80 + 11 * row, f"third {n} row {row} some words") for n, x in enumerate((40, 220, 400)) for row in range(40)
    ]
    assert read(row_wise(lines)) == [text for _, _, text in lines]


def test_the_order_of_the_file_stays_where_boxes_agree() -> None:
    """Lines that stick out into the gutter, floats and notes: a sort by boxes would tear the left column apart."""
    left, right = column(60, 80, 40, "one"), column(310, 80, 40, "two")
    for row in (7, 19):
        x, y, text = left[row]
        left[row] = (x, y, f"{text} that sticks out of it by far")
    lines = [*left, (60, 640, "A note at the foot of a column"), *right, (310, 640, "A second note at another foot")]
    assert read(lines) == [text for _, _, text in lines]


@any_backend
def test_columns_drawn_row_by_row_come_out_as_sentences(backend: Backend) -> None:
    words = (PROSE * 8).split()
    columns = [
        [(x, 80 + 13 * row, " ".join(words[3 * (40 * n + row) :][:3]) + f" and {100 * n + row}") for row in range(40)]
        for n, x in enumerate((60, 310))
    ]
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    for x, y, text in row_wise([line for own in columns for line in own]):
        page.insert_text((x, y), text, fontsize=9)
    wanted = " ".join(text for own in columns for _, _, text in own)
    text = extract_pdf(document.tobytes(), backend=backend).text
    assert " ".join(text.split()) == wanted


@any_backend
def test_two_pages_on_one_sheet_are_read_one_after_the_other(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page(width=842, height=595)
    for side, x in ((1, 480), (0, 60)):
        for row in range(35):
            page.insert_text((x, 60 + 14 * row), f"sheet {side} line {row} has words that make it long", fontsize=10)
    text = extract_pdf(document.tobytes(), backend=backend).text
    wanted = [f"sheet {side} line {row} has" for side in (0, 1) for row in range(35)]
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)


@any_backend
@pytest.mark.parametrize(("right", "is_column"), [(535, True), (430, False)])
def test_the_text_of_a_page_may_end_soon_in_its_second_column(backend: Backend, right: float, is_column: bool) -> None:
    """Two lines as wide as the first column are one; notes in a margin are narrower."""
    sheets = Sheets()
    whole = sentence(110, 3)
    y = sheets.justified(60, 285, 100, sentence(90), indent=12)
    end = sheets.justified(60, 285, y, " ".join(whole.split()[:90]), indent=12, last_full=True)
    sheets.justified(310, right, 100, " ".join(whole.split()[90:]))
    assert end > 300
    text = extract_pdf(sheets.data(), backend=backend).text
    assert (whole in text) == is_column
