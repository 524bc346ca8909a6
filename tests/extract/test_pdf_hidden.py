"""What no reader sees leaves, whether or not a drawing is asked; covers and notices; pages of which too much is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from curation.extract.pdf.bitmap_fonts import mend_bitmap_fonts
from curation.extract.pdf.covers import is_cover, notice
from curation.extract.pdf.hidden import ASIDE_TOP, remove_doubles, remove_hidden, take_aside
from curation.extract.pdf.page import Box, Line, Page, Span
from curation.extract.pdf.probe import Fault, Probe
from curation.extract.pdf.verdict import Sheet, row_of
from curation.extract.pdf.visible import MAX_FULL, MAX_SHAPES, Drawings
from tests.extract.placed import line, span
from tests.extract.raw_pdf import Pdf

NINE = "nobody sees where the lighthouse stands when fog comes"
WHITE = 0xFFFFFF
PAPER: Box = (0, 0, 595, 842)
FULL: list[Box] = [(10, 10, 12, 12)] * (MAX_SHAPES + 1)
"""More than what is drawn without a thought."""


def nothing_shows(page: Page, boxes: Sequence[Box]) -> list[bool]:
    return [True] * len(boxes)


def asked(page: Page, boxes: Sequence[Box]) -> list[bool]:
    """Everything is seen."""
    return [False] * len(boxes)


def left(page: Page) -> list[str]:
    return [own.text for own in page.lines]


@pytest.mark.parametrize(
    ("said", "cover", "stays"),
    [
        (NINE, (90, 80, 500, 120), False),
        ("nobody sees it", (90, 80, 500, 120), True),
        (NINE, (90, 480, 500, 520), True),
        (NINE, (90, 80, 140, 120), True),
    ],
    ids=["covered", "a label", "elsewhere", "narrow"],
)
def test_a_drawing_is_asked_of_running_text_below_a_wide_box(said: str, cover: Box, stays: bool) -> None:
    page = Page(595, 842, [line(100, 100, said)], paths=[cover])
    remove_hidden(page, nothing_shows)
    assert left(page) == ([said] if stays else [])


@pytest.mark.parametrize(("height", "stays"), [(842, True), (550, True), (300, False)])
def test_text_that_is_not_painted_is_the_layer_of_a_picture_that_covers_half_of_the_page(
    height: float, stays: bool
) -> None:
    words = span(100, 100, NINE)
    words.painted = False
    page = Page(595, 842, [Line([words])], images=[(0, 0, 595, height)])
    remove_hidden(page, nothing_shows, doubt_all=True)
    assert left(page) == ([NINE] if stays else [])


@pytest.mark.parametrize(("n_white", "stays"), [(3, True), (1, False)])
def test_white_letters_are_seen_on_a_slide_and_not_on_paper_that_is_painted_white(n_white: int, stays: bool) -> None:
    lines = [line(100, 100 + 20 * n, NINE) for n in range(4)]
    for own in lines[:n_white]:
        own.spans[0].colour = WHITE
    page = Page(595, 842, lines, paths=[PAPER, *FULL])
    remove_hidden(page, asked)
    assert len(left(page)) == (4 if stays else 3)


def test_some_full_pages_of_a_paper_are_drawn_and_the_others_count_as_seen() -> None:
    pdf = Pdf()
    for _ in range(MAX_FULL + 1):
        pdf.page()
    full = Page(600, 800, paths=FULL)
    with Drawings(pdf.done(), "pymupdf") as drawings:
        found = [drawings.unseen(n, full, [(100, 100, 300, 110)]) for n in (0, *range(MAX_FULL + 1), 0)]
    assert found == [[True]] * (MAX_FULL + 1) + [[False], [True]]


@pytest.mark.parametrize(("tiles", "stays"), [(3, True), (9, False)])
def test_shapes_beside_each_other_lie_over_a_line_as_one(tiles: int, stays: bool) -> None:
    page = Page(595, 842, [line(100, 100, NINE)], paths=[(90 + 40 * n, 85, 130 + 40 * n, 115) for n in range(tiles)])
    remove_hidden(page, nothing_shows)
    assert left(page) == ([NINE] if stays else [])


def test_words_that_are_drawn_twice_count_once_and_signs_do_not() -> None:
    page = Page(595, 842, [line(100, 100, "word"), line(100.5, 100, "word"), line(200, 100, "."), line(200, 100, ".")])
    assert remove_doubles(page) == 4
    assert left(page) == ["word", ".", "."]


def test_a_table_on_end_stands_where_text_begins() -> None:
    upwards = [
        Line([Span(NINE, 300 + 14 * n, 500, 310 + 14 * n, 760, 10, baseline=308 + 14 * n)], 90) for n in range(6)
    ]
    page = Page(595, 842, upwards)
    (aside,) = take_aside(page)
    assert page.lines == []
    assert min(own.y0 for own in aside.lines) == pytest.approx(ASIDE_TOP * aside.height)


MARKS = ["Stable URL: https://shelf.example/7", "Terms and conditions of use are found there"]
RUNNING = "the sea was low and the sun was out all day again"


@pytest.mark.parametrize(
    ("lines", "following", "found"),
    [
        (MARKS, "", True),
        (MARKS[:1], "", False),
        ([*MARKS, *["Shelf of the sea"] * 200], "", False),
        ([*MARKS, *[RUNNING] * 6], "", False),
        ([*MARKS, *[RUNNING] * 6], RUNNING, True),
        ([*MARKS, *[RUNNING] * 4, *[f"{RUNNING} for your use of it indicates your acceptance"] * 2], "", True),
    ],
    ids=["marks", "one mark", "long", "running text", "said again", "terms"],
)
def test_a_cover_has_marks_and_hardly_any_text(lines: list[str], following: str, found: bool) -> None:
    assert is_cover("\n".join(lines), following) is found


@pytest.mark.parametrize(("more", "found"), [(0, True), (300, False)])
def test_a_notice_says_nothing_else(more: int, found: bool) -> None:
    assert (notice(f"Please enable JavaScript to go on. {'word ' * more}") is not None) is found


@pytest.mark.parametrize(("n", "said"), [(3, "find fields"), (1, "\x1cnd \x1celds")])
def test_codes_are_ligatures_in_a_document_that_has_words_of_them(n: int, said: str) -> None:
    """Three at least: a lone control is none."""
    words = ["\x1cnd \x1celds", *["of\x1cce"] * n] if n > 1 else ["\x1cnd \x1celds"]
    page = Page(595, 842, [line(100, 100 + 12 * k, text, font="F7") for k, text in enumerate(words)])
    mend_bitmap_fonts([page])
    assert page.lines[0].text == said


@pytest.mark.parametrize(("n_lost", "made_by"), [(20, "text layer"), (40, "nothing")])
def test_a_page_of_known_words_is_taken_up_to_three_characters_in_ten_that_are_lost(n_lost: int, made_by: str) -> None:
    probe = Probe(100, n_lost, 0.2, 0.2, frozenset(NINE.split()), 60, 0.5, is_latin=True)
    page = Page(595, 842, [line(100, 100, NINE)])
    assert row_of(Sheet(0, page, "pymupdf", probe, Fault.LOST)).made_by == made_by
    assert bool(page.lines) is (made_by == "text layer")
