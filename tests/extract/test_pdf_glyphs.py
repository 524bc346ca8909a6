"""What TeX draws of two glyphs, or with glyphs that have no Unicode value: accents over symbols, struck letters, large signs."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.drawn_accents import join_drawn
from curation.extract.pdf.page import Backend, Line, Span
from curation.extract.pdf.tex_glyphs import by_code, table_of
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium
from tests.extract.raw_pdf import Pdf, prose

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)
NAMES = {80: "summationtext", 82: "integraltext", 104: "bracketleftBig", 105: "bracketrightBig"}
"""As AMS's CMEX10 names its glyphs."""


def tex_font(pdf: Pdf, name: str, names: dict[int, str]) -> int:
    """A font of TeX that is not in the file; all of its glyphs are half a size wide."""
    told = " ".join(f"{code} /{glyph}" for code, glyph in names.items())
    widths = " ".join(["500"] * 256)
    about = pdf.add(
        f"<< /Type /FontDescriptor /FontName /ABCDEF+{name} /Flags 4 /FontBBox [0 -300 1000 900] /ItalicAngle 0 /Ascent 750"
        " /Descent -250 /CapHeight 700 /StemV 50 >>"
    )
    return pdf.add(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+{name} /FirstChar 0 /LastChar 255 /Widths [{widths}] /FontDescriptor {about} 0 R"
        f"{f' /Encoding << /Type /Encoding /Differences [{told}] >>' if told else ''} >>"
    )


def codes(text: str) -> str:
    return text.encode("latin-1").hex()


def shown(backend: Backend, font: str, names: dict[int, str], *pieces: str) -> str:
    """The text of a line of words in Helvetica and, in angle brackets, hexadecimal codes of a font, above prose; a blank in between."""
    pdf = Pdf()
    made = tex_font(pdf, font, names)
    drawn, x = [], 60.0
    for piece in pieces:
        is_coded = piece.startswith("<")
        rise = 8 if is_coded and font == "CMEX10" else 0
        body = (
            f"/T 10 Tf 1 0 0 1 {x} {700 + rise} Tm [{piece}] TJ"
            if is_coded
            else f"/F1 10 Tf 1 0 0 1 {x} 700 Tm ({piece}) Tj"
        )
        drawn.append(body)
        x += 3.0 + (5.0 if is_coded else pymupdf.get_text_length(piece, fontname="helv", fontsize=10))
    below = [f"/F1 10 Tf 1 0 0 1 60 {680 - 12 * n} Tm ({line}) Tj" for n, line in enumerate(prose(0, 20))]
    pdf.page("BT " + "\n".join([*drawn, *below]) + " ET", fonts={"T": made})
    return extract_pdf(pdf.done(), backend=backend).text


@any_backend
def test_large_signs_are_what_they_mean(backend: Backend) -> None:
    names = (
        NAMES if backend.name == "pymupdf" else {}
    )  # PDFium drops what is named so in a font that is not in the file
    pieces = ("It is the sum", "<50>", "of all and", "<52>", "of", "<68>", "large", "<69>", "parts.")
    assert "It is the sum ∑ of all and ∫ of [ large ] parts." in shown(backend, "CMEX10", names, *pieces)


@any_backend
def test_accents_of_newtx_are_what_they_mean(backend: Backend) -> None:
    """Of the font that current styles of journals set: its dot has the code, and for libraries the name, of another sign."""
    names = {164: "currency"} if backend.name == "pypdfium2" else {164: "dotacc"}
    made = shown(backend, "txsys", names, "The rate is", "<a4>", "x here.")
    assert "¤" not in made and ("ẋ" in made or "˙" in made)


@any_backend
def test_letters_of_fonts_that_are_none_of_large_signs_stay(backend: Backend) -> None:
    assert "Words and P stand" in shown(backend, "CMR10", {80: "P"}, "Words and", "<50>", "stand")


@any_backend
@pytest.mark.parametrize(("begin", "struck"), [("W", "Włodek"), ("a> -400 <", "a łodek")])
def test_a_stroke_drawn_before_an_l_is_its_own(backend: Backend, begin: str, struck: str) -> None:
    names = {32: "suppress"} | {ord(c): c for c in "Walodek"}
    first = codes(begin) if len(begin) == 1 else f"{codes(begin[0])}{begin[1:]}"
    assert struck in shown(backend, "CMR10", names, f"<{first}20> 450 <{codes('lodek')}>")


@any_backend
def test_a_blank_before_an_l_is_no_stroke(backend: Backend) -> None:
    line = f"<{codes('a')}> -400 <{codes('lodek')}>"
    assert "a lodek" in shown(backend, "CMR10", {ord(c): c for c in "alodek"}, line)


def run(text: str, x0: float, x1: float, font: str = "CMR10", rise: float = 0.0) -> Span:
    return Span(text, x0, 90 - rise, x1, 102 - rise, 10.0, font=font, baseline=100.0 - rise)


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        ([run("where ˆ", 0, 35), run("x", 29.5, 35, "CMMI10"), run(" is", 37, 50)], "where x̂ is"),
        ([run("ˆ", 20, 25, rise=3), run("H", 18, 26, "CMMI10")], "Ĥ"),
        ([run("a ", 0, 5), run("̸", 8, 14, "CMSY10"), run("= b", 8, 24)], "a ≠ b"),
        ([run("ˆ", 20, 25), run("ı", 21, 24, "CMMI10")], "î"),
        ([run("̂", 20, 30, "CMEX10"), run("D", 20, 28, "CMMI10")], "D̂"),
        ([run("̂", 20, 36, "CMEX10"), run("AB", 20, 36, "CMMI10")], "AB"),
        ([run("and ⃗v", 0, 30, "CMMI10")], "and v⃗"),
        ([run("the sign ˜", 0, 45), run("5 stars", 45.5, 70)], "the sign ˜5 stars"),
        ([run("a grave ´", 0, 45), run("Next", 48, 70)], "a grave ´ Next"),
        ([run("v⃗ x", 0, 30, "Cambria")], "v⃗ x"),
    ],
)
def test_an_accent_goes_to_the_letter_below_it(spans: list[Span], text: str) -> None:
    assert Line(join_drawn(spans)).text == text


def test_tables_are_of_fonts_of_signs_only() -> None:
    assert by_code("PRb(", "CMEX10") == "∑∫\u0302{"
    assert by_code(",<", "txsyc") == "≠∉"
    assert by_code("¤¥®", "txbsys") == by_code("¤¥®", "pxsys") == "˙¨\u20d7"
    assert not table_of("CMMI10")
    assert not table_of("NimbusRomNo9L-Regu")
