"""Scans and what earlier OCR left under them; pages of nothing; letters that are shapes."""

from __future__ import annotations

from schemas import Reason
from tests.extract.odd import Odd
from tests.extract.odd_fonts import random_lines
from tests.extract.raw_pdf import OPENING, SENTENCES, Pdf, prose, written

_OVER = "q 600 0 0 800 0 0 cm /I Do Q\n"
_TEXT = " ".join(prose(0, 20))
_STAMP = ["Provided by the Data System, downloaded in 2026 by a reader of these pages"]


def _scan(layer: str = "", *, count: int = 1, draw: str = _OVER, after: bool = False) -> bytes:
    """Pages that an image covers, with a layer of text below or above it."""
    pdf = Pdf()
    image = pdf.image()
    for _ in range(count):
        pdf.page(draw + layer if after else layer + draw, images={"I": image})
    return pdf.done()


def _printed() -> bytes:
    """A scan that is painted over its text."""
    pdf = Pdf()
    image = pdf.print(rows=24)
    pdf.page(written(prose(0, 20)) + _OVER, images={"I": image})
    return pdf.done()


def _hidden(lines: list[str]) -> str:
    return written(lines, before="3 Tr")


def _poor(lines: list[str]) -> list[str]:
    """As an old OCR reads: three words of four are spoilt, not all of a letter."""
    spoilt = []
    for i, line in enumerate(lines):
        words = line.split()
        spoilt.append(
            " ".join(word if (i + j) % 4 == 0 else f"{word[:1]}rn{word[1:]}x" for j, word in enumerate(words))
        )
    return spoilt


def _blank_among_text() -> bytes:
    pdf = Pdf()
    pdf.page(written(prose(0, 20)))
    pdf.page("")
    pdf.page(written(prose(1, 20)))
    return pdf.done()


def _empty(content: str = "", count: int = 2) -> bytes:
    pdf = Pdf()
    for _ in range(count):
        pdf.page(content)
    return pdf.done()


def _shapes() -> bytes:
    """Letters as outlines: small shapes in rows."""
    rows = (f"{60 + 6 * i} {740 - 14 * j} 4 7 re f" for j in range(40) for i in range(70))
    pdf = Pdf()
    pdf.page("\n".join(rows))
    return pdf.done()


def _figure_page() -> bytes:
    """A paper with one page that is nothing but a figure."""
    pdf = Pdf()
    image = pdf.image()
    pdf.page(written(prose(0, 20)))
    pdf.page("q 450 0 0 500 75 150 cm /I Do Q", images={"I": image})
    pdf.page(written(prose(1, 20)))
    return pdf.done()


def _mostly_heads() -> bytes:
    """Pages with more lines that all of them have than text of their own."""
    heads = [f"{sentence[:70]} all pages" for sentence in SENTENCES[4:10]]
    pdf = Pdf()
    for number in range(8):
        pdf.page(written(heads, y=790, lead=12) + written(prose(number, 3), y=500))
    return pdf.done()


def _print(layer: list[str], *, plot: bool = False, x: float = 60) -> bytes:
    """A scan of a page of print, or of ten rows above a plot, and what an earlier OCR read of it."""
    pdf = Pdf()
    pdf.page(_OVER + written(layer, x=x, before="3 Tr"), images={"I": pdf.print(plot=plot)})
    return pdf.done()


_ROWS = (prose(0, 40) + prose(5, 40))[:48]
_LEFT = [row[:38] for row in _ROWS]
_LEFT_OUT = "its text layer leaves out a part of the scan"


_STRIPS = "".join(f"q 600 0 0 201 0 {200 * i} cm /I Do Q\n" for i in range(4))

CASES = (
    Odd("scan", _scan(), Reason.NO_TEXT_LAYER, warns="1 of 1 pages are scans", pages=("failed",)),
    Odd("scan-ocr", _scan(), has=(OPENING,), ocr={0: _TEXT}, pages=("ok",)),
    Odd("scan-ocr-reads-nothing", _scan(), Reason.NO_TEXT, ocr={0: ""}, pages=("empty",)),
    Odd("scan-ocr-reads-garbage", _scan(), Reason.PAGES_UNREAD, ocr={0: " ".join(random_lines())}, pages=("failed",)),
    Odd("picture-in-which-ocr-sees-a-digit", _scan(), Reason.NO_TEXT, ocr={0: "1 ."}, pages=("empty",)),
    Odd("scan-in-strips", _scan(draw=_STRIPS), has=(OPENING,), ocr={0: _TEXT}),
    Odd("scan-with-margins", _scan(draw="q 420 0 0 600 90 100 cm /I Do Q\n"), has=(OPENING,), ocr={0: _TEXT}),
    Odd(
        "scan-with-stamps",
        _scan(written(_STAMP, y=20), count=2, after=True),
        has=(OPENING,),
        lacks=("Data System",),
        ocr={0: _TEXT, 1: " ".join(prose(2, 20))},
    ),
    Odd("scan-with-good-layer", _scan(_hidden(prose(0, 20))), has=(OPENING,), pages=("ok",)),
    Odd("scan-over-its-layer", _printed(), has=(OPENING,), pages=("ok",)),
    Odd("scan-with-garbage-layer", _scan(_hidden(random_lines())), Reason.PAGES_UNREAD, warns="of no language"),
    Odd(
        "scan-with-garbage-layer-ocr",
        _scan(_hidden(random_lines())),
        has=(OPENING,),
        lacks=(random_lines()[0].split()[0],),
        ocr={0: _TEXT},
        pages=("ok",),
    ),
    Odd(
        "scan-with-poor-layer-ocr",
        _scan(_hidden(_poor(prose(0, 30)))),
        has=(OPENING,),
        lacks=("rnotationx",),
        ocr={0: _TEXT},
    ),
    Odd("scan-with-poor-layer", _scan(_hidden(_poor(prose(0, 30)))), has=("rn",), pages=("ok",)),
    Odd("scan-whose-layer-is-whole", _print(_ROWS), has=(OPENING,), pages=("ok",), details=(None,)),
    Odd("scan-with-a-plot", _print(_ROWS[:10], plot=True), has=(OPENING,), pages=("ok",), details=(None,)),
    Odd(
        *("scan-half-of-which-has-a-layer", _print(_ROWS[:24])),
        has=(OPENING,),
        warns=f"1 of 1 pages: {_LEFT_OUT}",
        details=(_LEFT_OUT,),
    ),
    Odd(
        "scan-half-of-which-has-a-layer-ocr",
        _print(_ROWS[:24]),
        has=(OPENING, "Words that only stand below"),
        ocr={0: " ".join([*_ROWS, "Words that only stand below."])},
        details=(f"ocr: {_LEFT_OUT}",),
    ),
    Odd(
        "scan-half-of-which-has-a-layer-above-formulae-ocr",
        _print(_ROWS[:24]),
        has=(OPENING, "Words that only stand below"),
        ocr={0: " ".join([*_ROWS[:24], *random_lines()[:12], "Words that only stand below."])},
        details=(f"ocr: {_LEFT_OUT}",),
    ),
    Odd(
        "scan-half-of-which-has-a-layer-ocr-reads-worse",
        _print(_ROWS[:24]),
        has=(OPENING,),
        lacks=("rnotationx",),
        warns=_LEFT_OUT,
        ocr={0: " ".join(_poor(_ROWS))},
        details=(_LEFT_OUT,),
    ),
    Odd(
        "scan-half-of-which-has-a-layer-ocr-reads-no-more",
        _print(_ROWS[:24]),
        has=(OPENING,),
        ocr={0: " ".join(_ROWS[:24])},
        details=(None,),
    ),
    Odd("scan-whose-left-half-has-a-layer", _print(_LEFT), has=(OPENING[:30],), details=(_LEFT_OUT,)),
    Odd("scan-whose-right-half-has-a-layer", _print(_LEFT, x=240), details=(_LEFT_OUT,)),
    Odd(
        "blank-page-among-text",
        _blank_among_text(),
        has=(OPENING,),
        warns="1 of 3 pages have no text",
        pages=("ok", "empty", "ok"),
    ),
    Odd("blank-pages", _empty(), Reason.NO_TEXT, warns="no text on any of its 2 pages", pages=("empty", "empty")),
    Odd("rules-only", _empty("60 700 m 540 700 l S"), Reason.NO_TEXT, pages=("empty", "empty")),
    Odd("letters-as-shapes", _shapes(), Reason.PAGES_UNREAD, warns="letters are drawn as shapes"),
    Odd("letters-as-shapes-ocr", _shapes(), has=(OPENING,), ocr={0: _TEXT}, pages=("ok",)),
    Odd(
        "mostly-running-heads",
        _mostly_heads(),
        has=(OPENING,),
        warns="of its letters stand in figures, margins or running heads",
    ),
    Odd("figure-page", _figure_page(), has=(OPENING,), pages=("ok", "empty", "ok")),
)
