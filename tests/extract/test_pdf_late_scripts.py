"""Scripts that a PDF draws apart from their line: before it, behind it, at the end of the page."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import Backend
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium
from tests.extract.raw_pdf import Pdf, prose, written

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)
LEFT, ROOM, RIGHT = "the column was about 10", 5 * " ", "cm of zebra or so"
X, Y = 60.0, 520.0


def end_of(text: str) -> float:
    return X + float(pymupdf.get_text_length(text, fontname="helv", fontsize=10))


def drawn(text: str, x: float, rise: float, size: float = 7) -> str:
    return f"q BT /F1 {size} Tf 1 0 0 1 {x} {Y + rise} Tm ({text}) Tj ET Q\n"


def text_of(backend: Backend, *parts: str) -> str:
    pdf = Pdf()
    pdf.page(written(prose(0, 14)) + "".join(parts) + written(prose(1, 8), y=380))
    return " ".join(extract_pdf(pdf.done(), backend=backend).text.split())


HOST = written([LEFT + ROOM + RIGHT], y=int(Y))
NEXT = written(["and a line that follows it"], y=int(Y) - 14)


@any_backend
@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        (drawn("14", end_of(LEFT), 4), "about $10^{14}$ cm of zebra or so"),
        (drawn("14", end_of(LEFT), 4, size=10), "about $10^{14}$ cm of zebra or so"),
        (drawn("-14", end_of(LEFT), 4), "about $10^{-14}$ cm of zebra or so"),
        (drawn("14", end_of(LEFT), -2), "about $10_{14}$ cm of zebra or so"),
        (
            drawn("+4", end_of(LEFT), 4) + drawn("-3", end_of(LEFT), -2),
            "about $10_{-3}^{+4}$ cm of zebra or so",
        ),
    ],
)
def test_a_script_stands_behind_what_it_touches_whenever_it_is_drawn(
    backend: Backend, script: str, wanted: str
) -> None:
    for parts in ((HOST, script, NEXT), (script, HOST, NEXT), (HOST, NEXT, script)):
        assert wanted in text_of(backend, *parts)


@any_backend
def test_a_script_of_pieces_of_a_line_stands_between_them(backend: Backend) -> None:
    apart = drawn("14", end_of(LEFT), 4)
    pieces = written([LEFT], y=int(Y)) + written([RIGHT], x=int(end_of(LEFT) + 10), y=int(Y))
    assert "about $10^{14}$ cm of zebra" in text_of(backend, pieces, apart)


@any_backend
def test_the_mark_of_a_note_that_is_drawn_late_is_in_no_text(backend: Backend) -> None:
    note = "q BT /F1 8 Tf 1 0 0 1 60 40 Tm (3) Tj ( A note that says so at the foot of the page.) Tj ET Q\n"
    host = written([f"it was seen in June{ROOM}by others of us"], y=int(Y))
    text = text_of(backend, host, drawn("3", end_of("it was seen in June"), 4), NEXT, note)
    assert "it was seen in June by others of us and a line" in text


@any_backend
@pytest.mark.parametrize("rise", [8.0, -8.0])
def test_a_number_between_the_lines_is_no_script(backend: Backend, rise: float) -> None:
    assert "10^{" not in text_of(backend, HOST, drawn("14", end_of(LEFT), rise))


@any_backend
def test_a_number_over_a_word_is_no_script_of_it(backend: Backend) -> None:
    text = text_of(backend, HOST, drawn("14", end_of(LEFT) + 17, 4), NEXT)
    assert "about 10 cm of zebra or so" in text
    assert "14" in text
