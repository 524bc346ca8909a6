"""Numbers that count lines leave the text, numbers that count items stay, wherever both stand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.pdfs import PROSE
from tests.extract.test_pdf_furniture import Manuscript, any_backend


def _words(made: Manuscript, count: int, *, capital: bool) -> str:
    own = [next(made.words) for _ in range(count)]
    if capital:
        own[0] = own[0].capitalize()
    made.said += own
    return " ".join(own)


def _list(
    start: int,
    step: int,
    *,
    rows: int,
    capital: bool,
    body: bool = False,
    top: int = 130,
    words: Iterator[str] | None = None,
) -> Manuscript:
    """Three pages of items with numbers left of them, up to `rows` rows an item, the last one short."""
    made, chance, number = Manuscript(), random.Random(rows), start
    made.words = words or made.words
    for nth in range(3):
        page, y = made.page(), top
        if body and nth % 2 == 0:
            for _ in range(15):
                made.line(page, 90, y, 10)
                y += 13
            y += 26
        while y < 842 - top:
            page.insert_text((60, y), str(number), fontsize=8)
            made.said.append(str(number))
            for row in range(last := chance.randint(1, rows)):
                count = chance.randint(3, 10) if row == last - 1 else 10
                page.insert_text((90, y), _words(made, count, capital=capital and not row), fontsize=10)
                y += 13
            number += step
    return made


@any_backend
@pytest.mark.parametrize(
    ("start", "step", "rows", "capital"),
    [(1, 1, 1, True), (1, 1, 4, False), (1951, 1, 1, True), (5, 5, 4, True), (5, 5, 1, False), (4021, 1, 4, True)],
)
def test_numbers_of_items_stay(backend: Backend, start: int, step: int, rows: int, *, capital: bool) -> None:
    """A list, a table of years, every fifth verse, a catalogue."""
    made = _list(start, step, rows=rows, capital=capital)
    assert sorted(made.left(backend).split()) == sorted(made.said)


@any_backend
def test_numbers_of_items_left_of_the_text_stay(backend: Backend) -> None:
    made = _list(1, 1, rows=3, capital=True, body=True)
    assert sorted(made.left(backend).split()) == sorted(made.said)


@any_backend
def test_numbers_of_items_that_reach_the_ends_of_pages_stay(backend: Backend) -> None:
    """They are no page numbers, though one of them counts with the pages."""
    made = _list(1, 1, rows=1, capital=True, top=60)
    assert sorted(made.left(backend).split()) == sorted(made.said)


@any_backend
def test_a_numbered_list_is_in_what_is_extracted(backend: Backend) -> None:
    made = _list(1, 1, rows=3, capital=True, words=cycle(PROSE.split()))
    text = extract_pdf(made.document.tobytes(), backend=backend).text.split()
    assert [word for word in text if word.isdigit()] == [word for word in made.said if word.isdigit()]


@any_backend
@pytest.mark.parametrize("size", [6, 10])
@pytest.mark.parametrize("margins", [(60,), (545,), (60, 545)])
def test_numbers_of_lines_go(backend: Backend, margins: tuple[int, ...], size: int) -> None:
    """Beside paragraphs whose lines end anywhere, in one margin or both, smaller than the text or not."""
    made, chance, count = Manuscript(), random.Random(2), 0
    for _ in range(3):
        page, y = made.page(), 90
        while y < 700:
            for row in range(last := chance.randint(2, 9)):
                if y < 700:
                    count += 1
                    words = chance.randint(2, 12) if row == last - 1 else chance.randint(11, 12)
                    page.insert_text((100, y), _words(made, words, capital=not row), fontsize=10)
                    for x in margins:
                        page.insert_text((x, y), str(count), fontsize=size)
                    y += 13
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_a_ruler_beside_the_lines_goes(backend: Backend) -> None:
    """Numbers at fixed heights in both margins of each page, whether a line stands there or not."""
    made = Manuscript()
    for _ in range(3):
        page = made.page()
        for row in range(40):
            if row not in (7, 8, 9, 21, 22):
                made.line(page, 100, 90 + 15 * row, 11)
            page.insert_text((60, 93 + 15 * row), f"{row:03}", fontsize=8)
            page.insert_text((545, 93 + 15 * row), f"{row + 40:03}", fontsize=8)
    assert made.left(backend) == " ".join(made.said)


@any_backend
def test_numbers_of_rows_of_code_go(backend: Backend) -> None:
    made = Manuscript()
    page = made.page()
    for row in range(25):
        made.line(page, 90, 90 + 13 * row, 10)
    for row in range(14):
        said = f"{'If' if row % 3 else 'for'} {_words(made, 2, capital=False)}"
        made.said.insert(-2, said.split()[0])
        page.insert_text((90 + 20 * (row % 3), 450 + 13 * row), said, fontsize=9, fontname="cour")
        page.insert_text((75, 450 + 13 * row), str(row + 1), fontsize=5)
    assert made.left(backend) == " ".join(made.said)


@any_backend
@pytest.mark.parametrize(("start", "step", "stays"), [(5, 5, True), (1900, 10, True), (2001, 1, True), (101, 1, False)])
def test_data_left_of_each_line_of_text_stay(backend: Backend, start: int, step: int, *, stays: bool) -> None:
    """They count by fives on every line, or begin higher than a paper of so few pages has lines."""
    made = Manuscript()
    page = made.page()
    numbers = [str(start + step * row) for row in range(40)]
    for row, number in enumerate(numbers):
        page.insert_text((60, 100 + 13 * row), number, fontsize=10)
        page.insert_text((90, 100 + 13 * row), _words(made, 10, capital=False), fontsize=10)
    kept = set(made.left(backend).split()) & set(numbers)
    assert kept == (set(numbers) if stays else set())
