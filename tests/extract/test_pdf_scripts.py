"""Raised and lowered characters of a PDF: exponents, indices and errors as math, no mark of a note in a word or number."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.lines import lines_of, upright_box
from curation.extract.pdf.page import Backend, Span
from curation.extract.pdf.with_pymupdf import PyMuPDF
from curation.extract.pdf.with_pypdfium2 import Pdfium

any_backend = pytest.mark.parametrize("backend", [PyMuPDF(), Pdfium()], ids=lambda b: b.name)
FONTS = {"r": "tiro", "i": "tiit", "b": "tibo", "s": "symb"}
UP, DOWN = 3.6, -1.8


class Setter:
    """Sets lines on a page: words on the line, and pieces above and below it, each with its font."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.page = self.document.new_page(width=595, height=842)

    def line(self, y: float, *pieces: tuple[str, str, float], x: float = 72.0, size: float = 10.0) -> None:
        """Pieces of (text, font, rise); risen ones are small. `|` begins a piece where the last script began."""
        stack = end = x
        for text, font, rise in pieces:
            body, name = text.lstrip("|"), FONTS[font]
            small = size * (0.7 if rise else 1.0)
            stack = x = stack if text.startswith("|") else end
            self.page.insert_text((x, y - rise), body, fontsize=small, fontname=name)
            end = max(end, x + pymupdf.get_text_length(body, fontname=name, fontsize=small))

    def text(self, backend: Backend) -> str:
        return " ".join(extract_pdf(self.document.tobytes(), backend=backend).text.split())


def filled(setter: Setter) -> Setter:
    for row in range(5):
        setter.line(560 + 14 * row, ("words of the text that all stand on lines of their own and say so", "r", 0))
    return setter


CASES = [
    ("a mass of $10^{14}$ suns", [("a mass of 10", "r", 0), ("14", "r", UP), (" suns", "r", 0)]),
    ("after $10^{2}$ Myr or so", [("after 10", "r", 0), ("2", "r", UP), (" Myr or so", "r", 0)]),
    (
        "slope $2.5_{-0.3}^{+0.4}$ of it",
        [("slope 2.5", "r", 0), ("+0.4", "r", UP), ("|-0.3", "r", DOWN), (" of it", "r", 0)],
    ),
    ("speed in km s$^{-1}$ at most", [("speed in km s", "r", 0), ("-1", "r", UP), (" at most", "r", 0)]),
    ("volume of Gpc$^{3}$ in all", [("volume of Gpc", "r", 0), ("3", "r", UP), (" in all", "r", 0)]),
    ("ices of H$_{2}$O there", [("ices of H", "r", 0), ("2", "r", DOWN), ("O there", "r", 0)]),
    ("lines of $^{12}$CO and more", [("lines of ", "r", 0), ("12", "r", UP), ("CO and more", "r", 0)]),
    ("the radius $R_{500}$ is", [("the radius ", "r", 0), ("R", "i", 0), ("500", "r", DOWN), (" is", "r", 0)]),
    (
        "angle 23.5° and 0.25″ off",
        [("angle 23.", "r", 0), ("o", "r", UP), ("5 and 0.", "r", 0), ("''", "r", UP), ("|25 off", "r", 0)],
    ),
    (
        "at $17^{h}$40.04$^{s}$, 7.5$^{h}$ more",
        [
            ("at 17", "r", 0),
            ("h", "r", UP),
            ("40.", "r", 0),
            ("s", "r", UP),
            ("|04, 7", "r", 0),
            ("h", "r", UP),
            ("|.5 more", "r", 0),
        ],
    ),
    ("as of 0.'' 5 or so", [("as of 0.", "r", 0), ("''", "r", UP), (" 5 or so", "r", 0)]),
    (
        "angle 5° and 2nd one",
        [("angle 5", "r", 0), ("o", "r", UP), (" and 2", "r", 0), ("nd", "r", UP), (" one", "r", 0)],
    ),
    (
        "at $12^{h}30^{m}$ we saw",
        [("at 12", "r", 0), ("h", "r", UP), ("30", "r", 0), ("m", "r", UP), (" we saw", "r", 0)],
    ),
    ("at 12.5$^{s}$ it set", [("at 12.", "r", 0), ("s", "r", UP), ("5 it set", "r", 0)]),
    ("is 3.5\u00b0 wide", [("is 3.", "r", 0), ("o", "r", UP), ("5 wide", "r", 0)]),
    ("areas of \u00b5m$^{2}$ in all", [("areas of \u00b5m", "r", 0), ("2", "r", UP), (" in all", "r", 0)]),
    ("power of (1+z)$^{3}$ holds", [("power of (1+z)", "r", 0), ("3", "r", UP), (" holds", "r", 0)]),
]


@any_backend
@pytest.mark.parametrize(("wanted", "pieces"), CASES, ids=[wanted for wanted, _ in CASES])
def test_numbers_keep_their_exponents_and_errors(
    backend: Backend, wanted: str, pieces: list[tuple[str, str, float]]
) -> None:
    setter = filled(Setter())
    setter.line(100, *pieces)
    assert wanted in setter.text(backend)


@any_backend
def test_a_mark_of_a_note_is_in_no_word_and_no_number(backend: Backend) -> None:
    setter = filled(Setter())
    setter.line(100, ("It was June 14", "r", 0), ("3", "r", UP), (" and then 2019", "r", 0), ("4", "r", UP))
    setter.line(
        112, ("in Django", "r", 0), ("5", "r", UP), (" as told.", "r", 0), ("6", "r", UP), (" Still 10", "r", 0)
    )
    setter.line(
        124,
        ("of 10", "r", 0),
        ("3", "r", UP),
        (" and of x", "r", 0),
        ("4", "r", UP),
        (" and (1+z)", "r", 0),
        ("5", "r", UP),
    )
    for row, label in enumerate("3456"):
        setter.line(700 + 10 * row, (label, "r", 2.9), (f"Note {'abcd'[row]} says so.", "r", 0), size=8)
    text = setter.text(backend)
    assert "It was June 14 and then 2019 in Django as told. Still 10" in text
    assert "of $10^{3}$ and of x$^{4}$ and (1+z)$^{5}$" in text
    for row, label in enumerate("3456"):
        assert f"[^{label}]: Note {'abcd'[row]} says so." in text


@any_backend
def test_a_raised_number_without_a_note_stays_a_power(backend: Backend) -> None:
    """A mark is taken for one behind a number only where its note stands on the page."""
    setter = filled(Setter())
    setter.line(100, ("It was June 14", "r", 0), ("3", "r", UP), (" of the year", "r", 0))
    assert "It was June $14^{3}$ of the year" in setter.text(backend)


@any_backend
def test_a_mark_glued_to_an_exponent_leaves_it(backend: Backend) -> None:
    """In `10^4` with a note 5, both are raised alike; the mark is the only one that stands nowhere else."""
    setter = filled(Setter())
    setter.line(100, ("We saw 10", "r", 0), ("15", "r", UP), (" of them", "r", 0), ("4", "r", UP), (" and", "r", 0))
    setter.line(
        112, ("at most 10", "r", 0), ("45", "r", UP), (" more, or 10", "r", 0), ("6", "r", UP), (" each", "r", 0)
    )
    for row, label in enumerate("456"):
        setter.line(700 + 10 * row, (label, "r", 2.9), (f"Note {'abc'[row]} says so.", "r", 0), size=8)
    text = setter.text(backend)
    assert "We saw $10^{15}$ of them and at most $10^{4}$ more, or $10^{6}$ each" in text


@any_backend
def test_an_exponent_keeps_its_digits_where_a_mark_stands_over_an_index(backend: Backend) -> None:
    """In `keV_{ee}` with a note 1 the mark looks like an exponent; `10^{-11}` ends with the same digit, and is no `10^{-1}`."""
    setter = filled(Setter())
    setter.line(
        100, ("up to 5 keV", "r", 0), ("ee", "r", DOWN), ("|1", "r", UP), (" at a rate of 10", "r", 0), ("-3", "r", UP)
    )
    setter.line(
        112,
        ("and about 10", "r", 0),
        ("-11", "r", UP),
        (" of the noble gas", "r", 0),
        ("2", "r", UP),
        (" there", "r", 0),
    )
    for row, label in enumerate("12"):
        setter.line(700 + 10 * row, (label, "r", 2.9), (f"Note {'ab'[row]} says so.", "r", 0), size=8)
    assert "and about $10^{-11}$ of the noble gas there" in setter.text(backend)


@any_backend
def test_a_point_of_a_list_lowers_no_text(backend: Backend) -> None:
    """Publishers draw it larger than the text and below it: what stands behind it is no index of it."""
    setter = filled(Setter())
    for row, text in enumerate(("The catalytic site of the enzyme is highly selective", "A molecule with a ring of P")):
        y = 100 + 14 * row
        setter.page.insert_text((72, y + 3.4), "o", fontsize=14, fontname="tiro")
        setter.line(y, (text, "r", 0), ("2", "r", DOWN), (" was seen", "r", 0), x=84)
    text = setter.text(backend)
    assert "o The catalytic site of the enzyme is highly selective$_{2}$ was seen" in text
    assert "o A molecule with a ring of P$_{2}$ was seen" in text


@any_backend
def test_a_line_that_begins_with_a_symbol_keeps_its_indices(backend: Backend) -> None:
    """`h + E_{T}^{miss}`: the index is a word, and no text behind a point."""
    setter = filled(Setter())
    setter.line(100, ("h", "i", 0), (" + ", "r", 0), ("E", "i", 0), ("T", "i", DOWN), ("|miss", "r", UP))
    assert "h + $E_{T}^{miss}$" in setter.text(backend)


@pytest.mark.parametrize("font", ["LCIRCLE10", "lcirclew10", "CMR10"])
def test_letters_of_the_font_of_circles_are_points(font: str) -> None:
    runs = [(Span("r", *upright_box(60, 64, 100, 13), 13.0, font=font, baseline=100), 0)]
    assert lines_of(runs)[0].text == ("r" if font == "CMR10" else "\u2022")


@any_backend
@pytest.mark.parametrize("n_cited", [6, 2])
def test_a_large_number_behind_a_name_is_no_mark(backend: Backend, n_cited: int) -> None:
    """`Tyr^{369}` counts residues; only a paper that cites by raised numbers has so many of them."""
    setter = filled(Setter())
    for n in range(n_cited):
        setter.line(100 + 12 * n, ("as others", "r", 0), (str(21 + n), "r", UP), (" have said before us and", "r", 0))
    setter.line(200, ("where Tyr", "r", 0), ("369", "r", UP), (" is seen", "r", 0))
    assert ("where Tyr is seen" if n_cited > 5 else "where Tyr$^{369}$ is seen") in setter.text(backend)


@any_backend
@pytest.mark.parametrize("n_cited", [6, 2])
def test_a_paper_that_cites_by_raised_numbers_does_so_behind_years(backend: Backend, n_cited: int) -> None:
    """Without notes on the page `2020^{13}` is a citation in such a paper only; a power of 2 or of a bracket is none."""
    setter = filled(Setter())
    for n in range(n_cited):
        setter.line(100 + 12 * n, ("as others", "r", 0), (str(21 + n), "r", UP), (" have said before us and", "r", 0))
    setter.line(
        200, ("In 2020", "r", 0), ("13", "r", UP), (" and NGC 1068", "r", 0), ("14", "r", UP), (" it was so", "r", 0)
    )
    setter.line(
        212,
        ("with 2", "r", 0),
        ("32", "r", UP),
        (" of them, 10", "r", 0),
        ("12", "r", UP),
        (" or (0.3)", "r", 0),
        ("2", "r", UP),
    )
    text = setter.text(backend)
    assert "as others have said before us and" in text
    assert "with $2^{32}$ of them, $10^{12}$ or (0.3)$^{2}$" in text
    assert ("In 2020 and NGC 1068 it was so" if n_cited > 5 else "In $2020^{13}$ and NGC $1068^{14}$ it was so") in text


@any_backend
@pytest.mark.parametrize("blank", ["", " "])
def test_two_pieces_of_math_beside_each_other_are_no_displayed_one(backend: Backend, blank: str) -> None:
    """`$10^{14}$$M_{x}$` would be: a thin space of TeX is less than a blank, though a library may put one there."""
    setter = filled(Setter())
    setter.line(100, ("mass 10", "r", 0), ("14" + blank, "r", UP))
    x = 72 + pymupdf.get_text_length("mass 10", "tiro", 10) + pymupdf.get_text_length("14", "tiro", 7) + 1.3
    setter.line(100, ("M", "i", 0), ("x", "r", DOWN), (" there", "r", 0), x=x)
    assert "mass $10^{14}M_{x}$ there" in setter.text(backend).replace("$ $", "")


@any_backend
def test_errors_keep_their_thin_blanks(backend: Backend) -> None:
    setter = filled(Setter())
    setter.line(100, ("slope 1.4", "r", 0), ("+ 0.3", "r", UP), ("|- 0.2", "r", DOWN), (" of it", "r", 0))
    assert "slope $1.4_{- 0.2}^{+ 0.3}$ of it" in setter.text(backend)


@any_backend
def test_a_fraction_is_one_where_a_line_parts_it(backend: Backend) -> None:
    setter = filled(Setter())
    setter.line(100, ("a part of ", "r", 0), ("1", "r", UP), ("|2", "r", -3.4), (" is left", "r", 0))
    x = 72 + pymupdf.get_text_length("a part of ", fontname="tiro", fontsize=10)
    setter.page.draw_line((x, 97.5), (x + 3.5, 97.5), width=0.4)
    assert r"a part of $\frac{1}{2}$ is left" in setter.text(backend)


@any_backend
def test_affiliations_lose_their_marks(backend: Backend) -> None:
    setter = filled(Setter())
    setter.line(80, ("A Title of Some Length Here", "b", 0), size=16)
    setter.line(110, ("A. Author", "r", 0), ("1,2*", "r", UP), (" and B. Other", "r", 0), ("2", "r", UP))
    setter.line(130, ("1", "r", UP), ("Institute of Stars, Town", "r", 0))
    setter.line(150, ("Abstract", "b", 0), size=12)
    setter.line(170, ("We measure what there is to be measured.", "r", 0))
    extracted = extract_pdf(setter.document.tobytes(), backend=backend)
    whole = f"{extracted.text} {extracted.authors}"
    assert "A. Author and B. Other" in whole and "Institute of Stars" in whole
    assert not any(c.isdigit() for c in whole)


def _full_size(made: Setter, y: float, *pieces: tuple[str, float]) -> None:
    """Pieces of one size, each with its rise; `|` begins a piece where the last one began."""
    end = start = 72.0
    for text, up in pieces:
        body = text.lstrip("|")
        start = start if text.startswith("|") else end
        made.page.insert_text((start, y - up), body, fontsize=10, fontname="tiro")
        end = max(end, start + pymupdf.get_text_length(body, fontname="tiro", fontsize=10))


@any_backend
def test_numbers_as_large_as_the_text_are_scripts_where_they_are_raised_or_lowered(backend: Backend) -> None:
    made = filled(Setter())
    for y, rise in ((100, 4.0), (130, 0.8), (160, 5.9)):
        _full_size(made, y, ("a mass of about 10", 0), ("14", rise), (f" suns and {y} more of them", 0))
    _full_size(made, 190, ("a flux of 10", 0), ("-14.5", 4.0), (" units and more of them", 0))
    _full_size(made, 220, ("slope of 2.5", 0), ("+0.4", 4.0), ("|-0.3", -3.0), (" and more of them", 0))
    text = made.text(backend)
    assert "about $10^{14}$ suns and 100" in text and "about 1014 suns and 130" in text
    assert "about $10^{14}$ suns and 160" in text
    assert "of $10^{-14.5}$ units" in text and "of $2.5_{-0.3}^{+0.4}$ and" in text


@any_backend
def test_lines_that_overlap_are_two_and_the_power_is_that_of_its_own(backend: Backend) -> None:
    made = filled(Setter())
    _full_size(made, 100, ("all of these words end their sentence here.", 0))
    _full_size(made, 104, ("a mass of about 10", 0), ("14", 4.0), (" suns and some more of them in the sky", 0))
    text = made.text(backend)
    assert "sentence here. a mass of about $10^{14}$ suns" in text
