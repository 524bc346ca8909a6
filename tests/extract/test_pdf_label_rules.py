"""Each rule by which text in a drawing is taken for the labels of a figure, or left in the text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from curation.extract.pdf.labels import labels_of
from curation.extract.pdf.page import Box, Line, Page
from curation.extract.pdf.style import Row
from tests.extract.placed import STYLE, line, row

FIGURE: Box = (150, 200, 430, 300)
PROSE = "the sea was low, the sun was out all day, nobody saw it"


def drawn(n: int, box: Box = FIGURE) -> list[Box]:
    """As many paths inside of a box."""
    return [(box[0] + 10 + 5 * k, box[1] + 10, box[0] + 14 + 5 * k, box[1] + 50) for k in range(n)]


def labels(
    lines: Sequence[Line],
    figures: Sequence[Box] = (FIGURE,),
    *,
    captions: Sequence[Row] = (),
    paths: int = 3,
    images: Sequence[Box] = (),
    rows: Sequence[Row] | None = None,
) -> list[str]:
    page = Page(595, 842, list(lines), list(images), [box for own in figures for box in drawn(paths, own)])
    every = [row(own) for own in lines] if rows is None else list(rows)
    return [own.text for own in labels_of(page, figures, every, [[one] for one in captions], STYLE).lines]


TICKS = [line(160, 215 + 20 * n, f"0.{n}", 7) for n in range(3)]
NAME = line(250, 250, "Alpha", 7)


@pytest.mark.parametrize(
    ("paths", "images", "leave"), [(3, [], False), (12, [], True), (0, [(160, 210, 300, 290)], True)]
)
def test_a_plot_without_a_caption_is_an_image_or_of_many_paths(paths: int, images: list[Box], leave: bool) -> None:
    found = labels([*TICKS, NAME], paths=paths, images=images)
    assert found == (["0.0", "0.1", "0.2", "Alpha"] if leave else [])


@pytest.mark.parametrize(("n_names", "leave"), [(2, True), (6, False)])
def test_a_drawing_of_many_words_without_a_caption_is_no_plot(n_names: int, leave: bool) -> None:
    figure: Box = (150, 200, 430, 500)
    names = [line(200, 230 + 40 * n, "one day the sea was seen low, the sun out", 7) for n in range(n_names)]
    ticks = [line(160, 215 + 20 * n, f"0.{n}", 7) for n in range(n_names)]
    assert bool(labels([*ticks, *names], [figure], paths=20)) is leave


@pytest.mark.parametrize(
    ("said", "leave"),
    [
        ("Figure 3. The curve", True),
        ("Abb. 3 Die Kurve", True),
        ("Table 3. The masses", False),
        ("Three masses", False),
    ],
)
def test_a_caption_of_a_figure_speaks_for_its_labels(said: str, leave: bool) -> None:
    below = line(150, 330, said, 9)
    captions = [row(below)] if said.startswith(("Figure", "Table")) else []
    lines = [NAME, below]
    found = labels(lines, rows=[row(NAME), *(captions or [row(below)])], captions=captions)
    assert found == (["Alpha"] if leave else [])


@pytest.mark.parametrize(("before", "leave"), [(PROSE, False), (f"(a) {PROSE}", True)])
def test_running_text_before_a_caption_cuts_it_from_a_figure_unless_it_is_that_of_a_panel(
    before: str, leave: bool
) -> None:
    between, below = row(line(110, 320, before)), row(line(150, 344, "Figure 3. The curve", 9))
    lines = [NAME, *between.lines, *below.lines]
    assert labels(lines, rows=[row(NAME), between, below], captions=[below]) == (["Alpha"] if leave else [])


@pytest.mark.parametrize(("gap", "leave"), [(20, ["Alpha", "Beta"]), (60, ["Alpha"])])
def test_panels_of_one_figure_stand_beside_each_other(gap: float, leave: list[str]) -> None:
    """Running text stands between the second one and the caption."""
    first, second = (100.0, 200.0, 280.0, 300.0), (280.0 + gap, 200.0, 500.0, 300.0)
    names = [line(150, 250, "Alpha", 7), line(380, 250, "Beta", 7)]
    between, below = row(line(300, 315, PROSE[:46], 9)), row(line(100, 330, "Figure 1. Curves", 9))
    rows = [*map(row, names), between, below]
    found = labels([*names, *between.lines, *below.lines], [first, second], rows=rows, captions=[below])
    assert found == leave


def test_names_of_the_axes_of_panels_are_no_running_text() -> None:
    upper, lower = (100.0, 150.0, 480.0, 200.0), (100.0, 300.0, 480.0, 400.0)
    name = line(150, 180, "Alpha", 7)
    axes = [line(110 + 125 * n, 390, "Time since noon", 8) for n in range(3)]
    below = row(line(100, 430, "Figure 1. Curves", 9))
    found = labels([name, *axes, *below.lines], [upper, lower], rows=[row(name), row(*axes), below], captions=[below])
    assert found == ["Alpha", *["Time since noon"] * 3]
