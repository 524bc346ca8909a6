"""Heads, feet, line numbers and marks of a class leave; what stands where they do, and is none, stays."""

from __future__ import annotations

import pytest

from curation.extract.pdf.furniture import remove_furniture, remove_running_lines
from curation.extract.pdf.line_numbers import remove_line_numbers
from curation.extract.pdf.page import Page
from tests.extract.placed import ending, line

NAMES = ["Ada", "Bea", "Cleo", "Dora", "Enna", "Fay", "Gwen", "Hana"]


def body(page: Page, start: float, count: int, name: str = "") -> None:
    page.lines += [
        line(100, start + 12 * n, f"{name} said {NAMES[n % 8]} the sea of {n * n} was low") for n in range(count)
    ]


def left(*pages: Page) -> list[str]:
    remove_running_lines(list(pages))
    return [own.text for page in pages for own in page.lines]


def test_what_a_class_prints_above_a_title_goes_and_sentences_like_it_stay() -> None:
    stays = ["A draft version of the map", "It was typeset by hand", "Two columns of the style are Doric"]
    goes = ["Draft version March 3, 2026", "Typeset using LATEX twocolumn style in AASTeX63", "\u00a9 2026 The Authors"]
    page = Page(595, 842, [line(100, 60 + 12 * n, text) for n, text in enumerate([*stays, *goes])])
    body(page, 140, 40)
    remove_furniture([page])
    assert [own.text for own in page.lines][:4] == [*stays, " said Ada the sea of 0 was low"]


def test_labels_of_figures_at_one_height_of_many_pages_are_no_heads() -> None:
    pages = [Page(595, 842) for _ in NAMES]
    for n, (page, name) in enumerate(zip(pages, NAMES, strict=True)):
        body(page, 60, 1, name)
        page.lines.append(line(100, 72, f"Figure {n + 1}."))
        body(page, 84, 30, name)
    assert [text for text in left(*pages) if text.startswith("Figure")] == [f"Figure {n + 1}." for n in range(8)]


@pytest.mark.parametrize(
    ("said", "gap", "stays"),
    [("the sea was low", 12, True), ("the sea was low", 30, False), ("THE SEA WAS LOW", 12, False)],
)
def test_a_first_row_with_a_number_is_a_head_in_capitals_or_apart(said: str, gap: float, stays: bool) -> None:
    page = Page(595, 842, [line(100, 60, said), ending(480, 60, "1203")])
    body(page, 60 + gap, 40)
    assert (said in left(page)) is stays


@pytest.mark.parametrize(
    ("said", "font", "stays"),
    [
        ("speed of the gas = mass of the whole halo", "Roman", True),
        ("x y z", "CMMI10", True),
        ("as they were seen", "Roman", False),
    ],
)
def test_the_number_of_an_equation_at_the_end_of_a_page_stays(said: str, font: str, stays: bool) -> None:
    page, other = Page(595, 842), Page(595, 842)
    body(page, 60, 59)
    page.lines += [line(150, 800, said, font=font), ending(480, 800, "(12)")]
    body(other, 60, 30)
    assert ("(12)" in left(page, other)) is stays


def numbered(page: Page, count: int, x: float, columns: tuple[float, ...], width: int) -> None:
    """Running text in columns, and a number that ends at x beside each of its rows."""
    for n in range(count):
        page.lines += [line(left, 60 + 12 * n, "the sea of the low sun ".ljust(width, "o")) for left in columns]
        page.lines.append(ending(x, 60 + 12 * n, str(n + 1), 7))


def digits(pages: list[Page]) -> int:
    remove_line_numbers(pages)
    return sum(own.text.isdigit() for page in pages for own in page.lines)


def test_a_number_of_another_font_in_the_column_of_line_numbers_stays() -> None:
    page = Page(595, 842)
    numbered(page, 40, 90, (100,), 76)
    page.lines.append(ending(90, 60 + 12 * 41, "1998", 10))
    assert digits([page]) == 1


@pytest.mark.parametrize(("count", "n_wide", "n_left"), [(40, 40, 0), (9, 10, 9)])
def test_numbers_between_two_columns_go_where_their_page_shows_the_gutter(count: int, n_wide: int, n_left: int) -> None:
    """Though the lines of other pages cross it."""
    two, wide = Page(595, 842), Page(595, 842)
    numbered(two, count, 300, (100, 310), 36)
    wide.lines += [line(100, 60 + 12 * n, "the sea of the low sun ".ljust(76, "o")) for n in range(n_wide)]
    assert digits([two, wide]) == n_left


def test_a_column_of_numbers_beside_the_text_that_do_not_count_stays() -> None:
    """Half of them follow the one above by one."""
    page = Page(595, 842)
    for n in range(40):
        page.lines.append(line(100, 60 + 12 * n, "the sea of the low sun ".ljust(76, "o")))
        page.lines.append(ending(90, 60 + 12 * n, str(n + 3 * (n // 2)), 7))
    assert digits([page]) == 40


@pytest.mark.parametrize("top", [60, 180], ids=["in the band", "on a large sheet"])
def test_a_line_that_comes_again_at_one_height_goes_though_the_text_is_close_below(top: float) -> None:
    pages = [Page(595, 842) for _ in NAMES]
    for n, (page, name) in enumerate(zip(pages, NAMES, strict=True)):
        page.lines.append(line(100, top, f"The shore of the sea, page {n + 4}"))
        body(page, top + 12, 30, name)
    assert [text for text in left(*pages) if "shore" in text] == []
