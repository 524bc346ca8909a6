"""Page numbers of sheets with two pages, and lists of contents: they leave, and what looks like them stays."""

from __future__ import annotations

import pytest

from curation.extract.pdf.contents import remove_contents
from curation.extract.pdf.page import Page
from curation.extract.pdf.sheet_numbers import sheet_numbers
from tests.extract.placed import ending, line

BESIDE, BELOW = (842.0, 595.0), (595.0, 842.0)


def sheet(size: tuple[float, float], *numbers: tuple[float, float, str]) -> Page:
    """Two pages of ten lines on a sheet, and numbers in the middle of their places."""
    page = Page(*size)
    for n in range(10):
        page.lines.append(line(60, 100 + 12 * n, "words of the first page of a sheet"))
        x, y = (480, 100) if size == BESIDE else (60, 521)
        page.lines.append(line(x, y + 12 * n, "words of the second page of a sheet"))
    page.lines += [line(x - 2.5 * len(text), y, text) for x, y, text in numbers]
    return page


def left(pages: list[Page]) -> list[str]:
    gone = sheet_numbers(pages)
    return [own.text for page in pages for own in page.lines if id(own) not in gone and own.text.isdigit()]


@pytest.mark.parametrize(
    ("size", "one", "other"),
    [
        (BESIDE, (210, 300), (631, 300)),
        (BESIDE, (70, 300), (772, 300)),
        (BELOW, (300, 300), (300, 721)),
        (BELOW, (100, 300), (495, 721)),
    ],
    ids=["beside", "beside, mirrored", "below", "below, mirrored"],
)
def test_numbers_at_one_place_of_both_pages_of_a_sheet_go(
    size: tuple[float, float], one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert left([sheet(size, (*one, "6"), (*other, "7"))]) == []
    assert left([sheet(size, (*one, "6"), (*other, "9"))]) == ["6", "9"]
    assert left([sheet(size, (*one, "6"), (other[0] - 40, other[1] + 40, "7"))]) == ["6", "7"]


def test_the_last_sheet_has_the_number_of_one_page() -> None:
    assert left([sheet(BESIDE, (210, 300, "6"), (631, 300, "7")), sheet(BESIDE, (210, 300, "8"))]) == []
    assert left([sheet(BESIDE, (210, 300, "8"))]) == ["8"]


def test_numbers_between_the_lines_of_both_pages_stay() -> None:
    assert left([sheet(BESIDE, (300, 154, "6"), (721, 154, "7"))]) == ["6", "7"]


def listed(page: Page, x: float, y: float, entries: list[str], edge: float = 480) -> None:
    """Entries with the number of a page each, which ends at the edge."""
    for n, entry in enumerate(entries):
        name, _, number = entry.rpartition(" ")
        page.lines.append(line(x, y + 14 * n, name))
        page.lines.append(ending(edge, y + 14 * n, number))


ENTRIES = ["Introduction 1", "The tides 4", "Methods 9", "What the shore says 15", "Outlook 22"]
MORE = ["Tables 30", "Answers 31", "Index 40"]


def said(*pages: Page) -> list[str]:
    remove_contents(list(pages))
    return [own.text for page in pages for own in page.lines]


def test_a_list_of_contents_goes_with_its_second_page() -> None:
    first, second = Page(595, 842), Page(595, 842)
    first.lines.append(line(100, 100, "Contents"))
    listed(first, 100, 120, ENTRIES[:2])
    first.lines.append(line(100, 148, "What the people of the town said of the"))
    listed(first, 100, 162, ENTRIES[2:])
    listed(second, 100, 100, MORE)
    second.lines.append(line(100, 200, "The text begins here, and stays."))
    assert said(first, second) == ["The text begins here, and stays."]


def test_a_list_of_contents_goes_on_in_the_second_column_of_its_page() -> None:
    page = Page(595, 842)
    page.lines.append(line(60, 100, "Contents"))
    listed(page, 60, 120, ENTRIES, 280)
    listed(page, 320, 100, MORE, 540)
    page.lines.append(line(320, 200, "The text begins here, and stays."))
    assert said(page, Page(595, 842)) == ["The text begins here, and stays."]


@pytest.mark.parametrize(
    ("entries", "edges"),
    [
        (ENTRIES[:3], [480] * 3),
        (["Loss 9", "Gain 7", "Rest 5", "Sum 3", "More 1"], [480] * 5),
        (ENTRIES, [480, 440, 400, 360, 320]),
    ],
    ids=["few", "falling", "ragged"],
)
def test_other_rows_below_that_word_stay(entries: list[str], edges: list[float]) -> None:
    page = Page(595, 842)
    page.lines.append(line(100, 100, "Contents"))
    for n, (entry, edge) in enumerate(zip(entries, edges, strict=True)):
        listed(page, 100, 120 + 14 * n, [entry], edge)
    before = [own.text for own in page.lines]
    assert said(page) == before
