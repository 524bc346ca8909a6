"""Both libraries tell the same of a page: text, places, fonts, colours, directions, images and paths."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import Backend, Page, Span
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium
from tests.extract.sheets import Sheets, sentence

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)


def page_of(backend: Backend, document: pymupdf.Document) -> Page:
    return backend.pages(document.tobytes(), 10)[0]


def spans_of(page: Page) -> dict[str, Span]:
    return {span.text.strip(): span for line in page.lines for span in line.spans}


@any_backend
def test_spans_have_font_size_baseline_and_colour(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((50, 100), "Plain words", fontsize=10)
    page.insert_text((50, 120), "Bold and blue", fontsize=12, fontname="hebo", color=(0, 0, 1))
    page.insert_text((50, 140), "Slanted", fontsize=10, fontname="heit")
    spans = spans_of(page_of(backend, document))
    plain, bold = spans["Plain words"], spans["Bold and blue"]
    assert (plain.font, plain.size, plain.bold, plain.italic) == ("Helvetica", 10, False, False)
    assert (plain.x0, plain.baseline) == pytest.approx((50, 100), abs=1)
    assert (plain.y0, plain.y1) == pytest.approx((92.5, 102.5), abs=0.1)
    assert (bold.font, bold.size, bold.bold, bold.colour) == ("Helvetica-Bold", 12, True, 0x0000FF)
    assert spans["Slanted"].italic


@any_backend
def test_text_that_is_not_painted_is_there_and_marked(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((50, 100), "Seen", fontsize=10)
    page.insert_text((50, 120), "Unseen", fontsize=10, render_mode=3)
    page.insert_text((50, 500), "Below", fontsize=10)
    spans = spans_of(page_of(backend, document))
    assert {text: span.painted for text, span in spans.items()} == {"Seen": True, "Unseen": False, "Below": True}


@any_backend
def test_lines_say_their_direction(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    for angle in (0, 90, 180, 270):
        page.insert_text((200, 150), f"Turned by {angle}", fontsize=10, rotate=angle)
    found = {line.text.strip(): line.angle for line in page_of(backend, document).lines}
    assert found == {f"Turned by {angle}": angle for angle in (0, 90, 180, 270)}


@any_backend
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_places_are_those_of_the_page_as_it_is_shown(backend: Backend, turn: int) -> None:
    """On the shown page the word begins 30 to the right of and 40 below the upper left corner."""
    places = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (y, 280 - x),
        180: lambda x, y: (360 - x, 280 - y),
        270: lambda x, y: (360 - y, x),
    }

    def unturned(x: float, y: float) -> pymupdf.Point:
        return pymupdf.Point(places[turn](x, y)) + pymupdf.Point(20, 10)

    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text(unturned(30, 40), "Here", fontsize=10, rotate=turn)
    page.draw_rect(pymupdf.Rect(unturned(100, 60), unturned(150, 80)).normalize(), fill=(1, 0, 0))
    page.set_cropbox(pymupdf.Rect(20, 10, 380, 290))
    page.set_rotation(turn)
    read = page_of(backend, document)
    assert read.rotation == turn
    assert (read.width, read.height) == ((360, 280) if turn % 180 == 0 else (280, 360))
    line = read.lines[0]
    assert (line.angle, line.x0, line.baseline) == (0, pytest.approx(30, abs=1), pytest.approx(40, abs=0.1))
    assert read.paths[0] == pytest.approx((100, 60, 150, 80), abs=1.5)


@any_backend
def test_images_and_paths_are_told_inside_forms_too(backend: Backend) -> None:
    inner = pymupdf.open()
    drawing = inner.new_page(width=200, height=100)
    drawing.draw_line((0, 50), (200, 50))
    drawing.draw_rect(pymupdf.Rect(20, 20, 40, 40), fill=(0, 1, 0))
    drawing.insert_text((100, 80), "Label")
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    image = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 30, 20))
    image.clear_with(220)
    page.insert_image(pymupdf.Rect(300, 200, 360, 240), pixmap=image)
    page.show_pdf_page(pymupdf.Rect(100, 100, 200, 150), inner)
    read = page_of(backend, document)
    assert read.images == [pytest.approx((300, 200, 360, 240), abs=1)]
    assert [pytest.approx(box, abs=1.5) for box in read.paths] == [(100, 125, 200, 125), (110, 110, 120, 120)]
    label = spans_of(read)["Label"]
    assert (label.size, label.x0, label.baseline) == pytest.approx((5.5, 150, 140), abs=0.6)


@any_backend
def test_scripts_stay_in_their_line_and_cells_do_not(backend: Backend) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((50, 100), "mass of 10", fontsize=10)
    page.insert_text((50 + pymupdf.get_text_length("mass of 10", fontsize=10), 96), "14", fontsize=7)
    page.insert_text((200, 100), "a cell", fontsize=10)
    page.insert_text((50, 112), "next line", fontsize=10)
    lines = [[span.text.strip() for span in line.spans] for line in page_of(backend, document).lines]
    assert lines == [["mass of 10", "14"], ["a cell"], ["next line"]]


def test_a_curve_is_as_large_as_what_shows_of_it() -> None:
    """Axes clip a curve that goes on below the page; MuPDF's log of boxes says nothing of clips inside of a page."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.draw_line((60, 60), (300, 200))
    xref = page.get_contents()[0]
    document.update_stream(xref, b"q 50 100 200 150 re W n 60 240 m 200 -900 l 240 200 l S Q")
    (box,) = page_of(Pdfium(), document).paths
    assert box == pytest.approx((60, 50, 241, 200), abs=10)


@any_backend
def test_a_page_of_short_cells_is_not_taken_for_letters_that_stand_apart(backend: Backend) -> None:
    """One library gives a blank behind each cell, and all of them are lines of their own."""
    made = Sheets()
    for n in range(6):
        made.justified(100, 480, 80 + 60 * n, sentence(40, n))
    made.new_page()
    made.put(100, 72, "Table 1. Which members were seen at each of the epochs.", 10, "bold")
    for n in range(45):
        for m, cell in enumerate((f"M{n}", *("-" if (n * k) % 3 else "no" for k in range(1, 6)))):
            made.put(100 + 40 * m, 96 + 14 * n, cell, 9)
    found = extract_pdf(made.document.tobytes(), backend=backend)
    assert [row.status for row in found.pages] == ["ok", "ok"]
    assert [f"M{n}" for n in range(45) if f"M{n} " not in found.text] == []
