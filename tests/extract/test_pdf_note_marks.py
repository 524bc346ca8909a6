"""Raised characters: which are marks of notes, and leave, and which are exponents, and stay; what stands at a page's foot."""

from __future__ import annotations

import pytest

from curation.extract.pdf.columns import Frame
from curation.extract.pdf.glued_marks import GluedMarks
from curation.extract.pdf.note_marks import Notes
from curation.extract.pdf.note_marks import notes_of as marks_of
from curation.extract.pdf.notes import notes_of
from curation.extract.pdf.page import Line, Page
from curation.extract.pdf.style import Row
from tests.extract.placed import FRAME, STYLE, line, row, span

FRONT = Notes(front_ends=100)


@pytest.mark.parametrize(
    ("notes", "raised", "before", "after", "y", "is_mark"),
    [
        (FRONT, "1", "Ribeiro", ",", 50, True),
        (FRONT, "1", "", "Institute of Tides", 50, True),
        (FRONT, "13", "", "CO in spirals", 50, False),
        (FRONT, "13", "", "CO in spirals", 150, False),
        (Notes(frozenset("3")), "3", "", "The survey", 0, True),
        (Notes(), "3", "", "The survey", 0, False),
        (Notes(frozenset(["26"])), "26", "", "Al", 0, False),
        (Notes(frozenset("3")), "3", "June 14", "", 0, True),
        (Notes(frozenset("3")), "3", "10", "", 0, False),
        (Notes(), "3", "(see the text)", "", 0, True),
        (Notes(), "3", "(a+b)", "", 0, False),
        (Notes(frozenset("3")), "3", "[12]", "", 0, True),
        (Notes(), "3", "[12]", "", 0, False),
        (Notes(), "2", "km", "", 0, False),
        (Notes(), "2", "galaxies", "", 0, True),
        (Notes(), "2", "BF", "", 0, False),
        (Notes(), "2", "1 ppm", ", ", 0, False),
        (Notes(), "2", "Ann", ", ", 0, True),
        (Notes(frozenset("2")), "2", "BF", "", 0, True),
        (Notes(cites=True), "2", "BF", "", 0, True),
        (Notes(), "m", "12.", "5", 0, False),
        (Notes(), "3", "discs.", "", 0, True),
        (Notes(), "3", "\u03b1", "", 0, False),
        (Notes(), "*", "galaxies", "", 0, True),
        (Notes(), "*", "discs.", "", 0, True),
        (Notes(), "*", "M", "", 0, False),
        (Notes(), "\u2020", "M", "", 0, True),
        (Notes(), "120", "lysine", "", 0, False),
        (Notes(cites=True), "120", "lysine", "", 0, True),
        (Notes(cites=True), "41", "in 1998", "", 0, True),
        (Notes(cites=True), "2", "(a+b)", "", 0, False),
    ],
)
def test_a_raised_mark_is_told_from_an_exponent(
    notes: Notes, raised: str, before: str, after: str, y: float, is_mark: bool
) -> None:
    assert notes.is_mark(raised, before, after, y) is is_mark


@pytest.mark.parametrize(("word", "cites"), [("galaxies", True), ("kpc", False)])
def test_raised_numbers_behind_five_words_but_no_units_are_citations(word: str, cites: bool) -> None:
    page = Page(595, 842)
    for n in range(5):
        said = span(100, 100 + 12 * n, f"seen in many {word}")
        page.lines.append(Line([said, span(said.x1, 96 + 12 * n, str(n + 1), 7)]))
    assert marks_of([page], {})[0].cites is cites


@pytest.mark.parametrize(
    ("exponents", "wide", "left"),
    [
        (["45", "3"], 0.0, ["4", "3"]),
        (["45", "35"], 0.0, ["45", "35"]),
        (["45", "5", "4"], 0.0, ["45", "5", "4"]),
        (["45", "5", "4"], 0.5, ["4", "5", "4"]),
    ],
    ids=["one that ends with it", "two that do", "one that is it", "one that is drawn as two"],
)
def test_a_mark_leaves_an_exponent_only_where_no_other_may_be_it(
    exponents: list[str], wide: float, left: list[str]
) -> None:
    """The first exponent is wider than its digits by half a point, where it is two."""
    glued = GluedMarks({"5"})
    lines = [line(100, 100 + 12 * n, f"$10^{{{raised}}}$") for n, raised in enumerate(exponents)]
    for n, (own, raised) in enumerate(zip(lines, exponents, strict=True)):
        drawn = span(100, 100, raised, 7)
        drawn.x1 = drawn.x0 + 3.5 * len(raised) + (0.0 if n else wide)
        glued.doubt(own, own.spans[0], raised, [drawn])
    glued.part()
    assert [own.text for own in lines] == [f"$10^{{{raised}}}$" for raised in left]


def noted(y: float, size: float = 8, *, apart: bool = False, frame: Frame = FRAME) -> Row:
    """A row that begins with a raised mark, in a line of its own or not."""
    mark, text = span(frame.x0, y - 3, "5", 5), span(frame.x0 + 4, y, "That is what they say of it.", size)
    return row(Line([mark]), Line([text]), frame=frame) if apart else row(Line([mark, text]), frame=frame)


def body(start: int, count: int, size: float = 10, frame: Frame = FRAME) -> list[Row]:
    return [
        row(line(frame.x0, start + 12 * n, "words of the running text of it", size), frame=frame) for n in range(count)
    ]


def marks(page: Page, rows: list[Row], *, first: bool = False) -> list[tuple[str, int]]:
    """The marks of the notes that are found, and of how many rows each is."""
    return [(note.mark, len(own)) for note, own in notes_of(page, rows, STYLE, first=first)]


RULE, RULE_BELOW_HEAD = (100.0, 700.0, 190.0, 700.4), (100.0, 100.0, 190.0, 100.4)


def test_small_rows_below_a_rule_are_a_note_though_it_began_on_the_page_before() -> None:
    page = Page(595, 842, paths=[RULE])
    assert marks(page, [*body(100, 20), *body(712, 3, 8)]) == [("", 3)]


@pytest.mark.parametrize("apart", [False, True])
def test_a_note_begins_with_its_mark_in_one_line_with_it_or_not(apart: bool) -> None:
    assert marks(Page(595, 842), [*body(100, 20), noted(712, apart=apart), *body(724, 1, 8)]) == [("5", 2)]


@pytest.mark.parametrize(("count", "found"), [(4, [("5", 5)]), (30, [])])
def test_what_is_set_as_the_text_below_a_rule_is_notes_where_it_is_short(
    count: int, found: list[tuple[str, int]]
) -> None:
    page = Page(595, 1842, paths=[(100.0, 600.0, 190.0, 600.4)])
    assert marks(page, [*body(100, 20), noted(612, 10), *body(624, count)]) == found


def test_a_rule_below_the_head_of_a_page_is_above_no_notes() -> None:
    assert marks(Page(595, 842, paths=[RULE_BELOW_HEAD]), [noted(112, 10), *body(124, 10)]) == []


@pytest.mark.parametrize(("end", "found"), [(190.0, [("5", 4)]), (310.0, [])])
def test_a_rule_across_the_column_is_a_tables(end: float, found: list[tuple[str, int]]) -> None:
    frame = Frame(100, 340)
    rows = [*body(100, 20, frame=frame), noted(612, 10, frame=frame), *body(624, 3, frame=frame)]
    assert marks(Page(595, 842, paths=[(100.0, 600.0, end, 600.4)]), rows) == found


def test_a_column_that_is_all_small_letters_is_no_notes() -> None:
    assert marks(Page(595, 842), [noted(500), *body(512, 12, 8)]) == []


@pytest.mark.parametrize(
    ("first", "said", "n_found"),
    [
        (True, "Contact: ribeiro@tides.example", 1),
        (True, "the tides of the northern sea were seen from the shore", 0),
        (False, "Contact: ribeiro@tides.example", 0),
    ],
)
def test_small_letters_without_a_mark_at_the_foot_are_addresses_on_the_first_page(
    first: bool, said: str, n_found: int
) -> None:
    rows = [*body(100, 20), row(line(100, 712, said, 8))]
    assert len(marks(Page(595, 842), rows, first=first)) == n_found
