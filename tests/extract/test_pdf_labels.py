"""Text of a PDF leaves with evidence: a figure's labels with its caption or as a plot, heads as a small share, authors as names."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import MAX_BOXES, Backend
from tests.extract.sheets import Sheets, sentence, words
from tests.extract.test_pdf import any_backend

LEFT, RIGHT = 100.0, 480.0


def page_of(top: float = 100) -> tuple[Sheets, float]:
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, top, sentence(60), indent=15)
    return sheets, sheets.justified(LEFT, RIGHT, y, sentence(60, 7), indent=15)


def panels(sheets: Sheets, y: float, names: list[str]) -> float:
    """Boxes with frames, as forms, sheets of hints and flow charts have them; gives where they end."""
    for n, name in enumerate(names):
        x, top = LEFT + 125 * (n % 3), y + 40 * (n // 3)
        for inset in (0, 2, 4):
            sheets.page.draw_rect(pymupdf.Rect(x + inset, top + inset, x + 120 - inset, top + 34 - inset))
        sheets.put(x + 8, top + 20, name, 9)
    return y + 40 * ((len(names) + 2) // 3)


NAMES = ["Applicant", "Address", "Street", "Country", "Signature", "Birthday", "Method", "Return", "Float"]


@any_backend
def test_words_in_drawn_boxes_without_a_caption_stay(backend: Backend) -> None:
    sheets, y = page_of()
    y = panels(sheets, y + 20, NAMES)
    sheets.justified(LEFT, RIGHT, y + 40, sentence(50, 20), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert all(name in made.text for name in NAMES)


@any_backend
def test_the_same_boxes_above_a_caption_are_its_figure(backend: Backend) -> None:
    sheets, y = page_of()
    y = panels(sheets, y + 20, NAMES)
    y = sheets.justified(LEFT, RIGHT, y + 20, f"Figure 4: {sentence(20, 30)}", 9)
    sheets.justified(LEFT, RIGHT, y + 40, sentence(50, 20), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert not [name for name in NAMES if name in made.text]
    assert "**Figure 4.**" in made.text
    assert not [warning for warning in made.warnings if "without a caption" in warning]


@any_backend
def test_a_caption_behind_running_text_speaks_for_no_boxes_before_it(backend: Backend) -> None:
    sheets, y = page_of()
    y = panels(sheets, y + 20, NAMES)
    y = sheets.justified(LEFT, RIGHT, y + 40, sentence(60, 20), indent=15)
    sheets.plot(LEFT + 60, y + 20, RIGHT - 60, y + 160)
    sheets.justified(LEFT, RIGHT, y + 205, f"Figure 4: {sentence(20, 30)}", 9)
    made = extract_pdf(sheets.data(), backend=backend)
    assert all(name in made.text for name in NAMES)
    assert "0.0" not in made.text


@any_backend
def test_a_plot_without_a_caption_leaves_and_is_counted(backend: Backend) -> None:
    sheets, y = page_of()
    sheets.plot(LEFT + 60, y + 20, RIGHT - 60, y + 180)
    sheets.justified(LEFT, RIGHT, y + 230, sentence(50, 20), indent=15)
    with_plot = extract_pdf(sheets.data(), backend=backend)
    sheets, y = page_of()
    sheets.justified(LEFT, RIGHT, y + 230, sentence(50, 20), indent=15)
    assert with_plot.text == extract_pdf(sheets.data(), backend=backend).text
    assert [w for w in with_plot.warnings if w.endswith("words in plots without a caption were left out")]


@any_backend
def test_rows_of_names_and_numbers_over_a_picture_are_no_plot(backend: Backend) -> None:
    sheets, y = page_of()
    picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 20))
    picture.clear_with(235)
    sheets.page.insert_image(pymupdf.Rect(LEFT, y + 10, RIGHT, y + 130), pixmap=picture, keep_proportion=False)
    names = ["Revenue", "Income", "Growth", "Dividend", "Margin", "Assets"]
    for n, name in enumerate(names):
        for m, cell in enumerate([name, f"{n + 3}.5", f"{n + 7}.25", f"{n + 11}.125"]):
            sheets.put(LEFT + 10 + 90 * m, y + 30 + 16 * n, cell, 9)
    sheets.justified(LEFT, RIGHT, y + 170, sentence(50, 20), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert all(name in text for name in names)
    assert "16.125" in text


@any_backend
def test_running_text_inside_of_a_figure_stays(backend: Backend) -> None:
    sheets, y = page_of()
    sheets.plot(LEFT, y + 20, RIGHT, y + 260)
    said = sentence(40, 11)
    sheets.justified(LEFT + 40, LEFT + 230, y + 120, said, 9)
    y = sheets.justified(LEFT, RIGHT, y + 310, f"Figure 4: {sentence(20, 30)}", 9)
    sheets.justified(LEFT, RIGHT, y + 40, sentence(50, 20), indent=15)
    text = " ".join(extract_pdf(sheets.data(), backend=backend).text.split())
    assert said[:-40] in text


@any_backend
def test_pages_that_are_nothing_but_their_heads_keep_them(backend: Backend) -> None:
    sheets = Sheets()
    for n in range(5):
        if n:
            sheets.new_page()
        sheets.put(LEFT, 60, f"Plate of the southern sky {n + 1}")
    assert "Plate of the southern sky" in extract_pdf(sheets.data(), backend=backend).text


@any_backend
def test_rows_of_one_text_with_other_numbers_are_data_wherever_they_stand(backend: Backend) -> None:
    sheets = Sheets()
    for n in range(4):
        if n:
            sheets.new_page()
        sheets.put(LEFT, 40, "A journal of measured values")
        for row in range(5):
            sheets.put(LEFT, 60 + 12 * row, f"Speed of sample: {10 * n + row}.5")
        sheets.justified(LEFT, RIGHT, 200, sentence(300, 9 * n), indent=15)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert [f"{10 * n + row}.5" for n in range(4) for row in range(5) if f"{10 * n + row}.5" not in text] == []
    assert "A journal of measured values" not in text


@any_backend
def test_running_text_between_abstract_and_first_section_is_no_author(backend: Backend) -> None:
    sheets = Sheets()
    sheets.put(LEFT, 80, "Gas in nearby galaxies", 16, "bold")
    sheets.put(LEFT, 105, "Ada Nova and Ben Orbit", 11)
    sheets.put(LEFT, 130, "Abstract", 10, "bold")
    y = sheets.justified(LEFT + 20, RIGHT - 20, 145, sentence(60, 4), 9)
    said = sentence(70, 13)
    y = sheets.justified(LEFT, RIGHT, y + 20, said, indent=15)
    sheets.put(LEFT, y + 20, "1 Introduction", 12, "bold")
    sheets.justified(LEFT, RIGHT, y + 40, sentence(80, 21), indent=15)
    made = extract_pdf(sheets.data(), backend=backend)
    assert words(30, 14) in " ".join(made.text.split())
    assert made.authors is not None
    assert "Nova" in made.authors
    assert words(20, 14) not in made.authors


@any_backend
def test_a_column_beside_the_text_that_holds_much_of_a_page_is_no_margin(backend: Backend) -> None:
    sheets = Sheets()
    y = 100.0
    sheets.put(240, 80, "Methods of drawing", 16, "bold")
    for n in range(5):
        y = sheets.justified(240, 540, y, sentence(30, 7 * n), indent=15)
    sheets.put(240, y + 20, "1 Introduction", 12, "bold")
    sheets.justified(240, 540, y + 40, sentence(80, 21), indent=15)
    names = [f"Method number{n} returns" for n in range(24)]
    for n, name in enumerate(names):
        sheets.put(60, 100 + 12 * n, name)
    text = extract_pdf(sheets.data(), backend=backend).text
    assert [name for name in names if f"number{names.index(name)} " not in text] == []


@any_backend
@pytest.mark.parametrize(("font", "leave"), [("helv", True), ("tiro", False)])
def test_labels_in_a_font_of_their_own_leave_a_drawing_that_lies_over_text(
    backend: Backend, font: str, leave: bool
) -> None:
    """Numbers in the font of the text may be the text's. Its lines stay whole."""
    sheets = Sheets()
    for n in range(6):
        sheets.page.insert_text((LEFT - 30, 150 + 30 * n), f"{n}.75", fontsize=8, fontname=font)
        sheets.page.insert_text((LEFT + 40 + 50 * n, 345), f"{n}.25", fontsize=8, fontname=font)
    sheets.page.insert_text((LEFT + 120, 354), "Mass", fontsize=8, fontname=font)
    sheets.page.insert_text((LEFT + 200, 354), "Hubble", fontsize=10, fontname="tibo")
    sheets.page.draw_rect(pymupdf.Rect(LEFT - 10, 130, RIGHT, 336))
    for n in range(20):
        sheets.page.draw_circle((LEFT + 15 * n, 150 + 9 * n), 3)
    y = sheets.justified(LEFT, RIGHT, 100, sentence(160), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, sentence(150, 9), indent=15)
    assert 300 < y < 336
    text = extract_pdf(sheets.data(), backend=backend).text
    assert "Hubble" in text
    assert ("3.25" not in text and "4.75" not in text and "Mass" not in text) == leave


@any_backend
@pytest.mark.parametrize(("n_paths", "leave"), [(MAX_BOXES, True), (20, False)])
def test_labels_of_a_drawing_past_the_paths_that_a_page_tells_leave_it(
    backend: Backend, n_paths: int, leave: bool
) -> None:
    """A map of many cells comes first; the numbers of the plot below it are in a font of their own."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(90), indent=15)
    for n in range(6):
        sheets.page.insert_text((LEFT + 30, 500 + 30 * n), f"{n}h35m", fontsize=8, fontname="helv")
        sheets.page.insert_text((LEFT + 60 + 50 * n, 700), f"{n}.25", fontsize=8, fontname="helv")
    sheets.justified(LEFT, RIGHT, 740, sentence(30, 9), indent=15)
    cells = "".join(f"{LEFT + n % 100} {690 - n // 100} .6 .6 re f\n" for n in range(n_paths))
    sheets.document.update_stream(
        sheets.page.get_contents()[0], f"q {cells} Q\n".encode() + sheets.page.read_contents()
    )
    assert y < 200
    text = extract_pdf(sheets.data(), backend=backend).text
    assert ("3.25" not in text and "4h35m" not in text) == leave


@any_backend
@pytest.mark.parametrize("initials", [True, False])
def test_entries_in_a_font_of_their_own_are_no_labels_of_a_page_of_many_paths(backend: Backend, initials: bool) -> None:
    sheets = Sheets()
    sheets.justified(LEFT, RIGHT, 100, sentence(90), indent=15)
    name = "Kay, A. B., Low, C. D., May, E. F., et al." if initials else "Kay"
    for n in range(6):
        sheets.page.insert_text((LEFT, 500 + 24 * n), f"{name} 19{60 + n}, ApJ,", fontsize=8, fontname="helv")
        sheets.page.insert_text((LEFT, 510 + 24 * n), f"{300 + n}, {40 + n}", fontsize=8, fontname="helv")
    cells = "".join(f"{LEFT + n % 100} {690 - n // 100} .6 .6 re f\n" for n in range(MAX_BOXES))
    sheets.document.update_stream(
        sheets.page.get_contents()[0], f"q {cells} Q\n".encode() + sheets.page.read_contents()
    )
    text = extract_pdf(sheets.data(), backend=backend).text
    assert ("303, 43" in text) == initials
