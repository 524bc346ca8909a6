"""Bitmap fonts of TeX in encoding T1: a PDF gives the codes of their letters as if they were Latin-1."""

from __future__ import annotations

import pytest

from curation.extract.pdf.bitmap_fonts import mend_bitmap_fonts
from curation.extract.pdf.page import Line, Page, Span

LIGATURES = ("e\x1ecient", "di\x1berent", "\x1crst", "\x1dux", "sca\x1fe", "signi\x1ccant")


def page(*texts: str, font: str) -> Page:
    lines = [Line([Span(text, 50, 90 + 12 * n, 400, 102 + 12 * n, 10, font=font)]) for n, text in enumerate(texts)]
    return Page(600, 800, lines)


def said(found: Page) -> list[str]:
    return [line.text for line in found.lines]


@pytest.mark.parametrize("font", ["F33", ""])
def test_letters_are_what_their_codes_mean_in_t1(font: str) -> None:
    made = page(*LIGATURES, "Bo\xb2njak, \x8aukasz, W\xaaodek, \xf7uvre", "\x10so\x11 1990\x152000 \x16", font=font)
    mend_bitmap_fonts([made])
    assert said(made) == [
        *("efficient", "different", "first", "flux", "scaffle", "significant"),
        "Bošnjak, Łukasz, Włodek, œuvre",
        "“so” 1990–2000 —",
    ]


def test_signs_that_stand_alone_are_none_of_t1() -> None:
    made = page(*LIGATURES, "5 \xb0C, \xb1 3 \xb5m, \x84 and \x97", font="F33")
    mend_bitmap_fonts([made])
    assert said(made)[-1] == "5 °C, ± 3 µm, \x84 and \x97"


@pytest.mark.parametrize(("texts", "font"), [(LIGATURES[:2], "F33"), (LIGATURES, "Helvetica")])
def test_other_documents_stay_as_they_are(texts: tuple[str, ...], font: str) -> None:
    made = page(*texts, "Bo\xb2njak", font=font)
    mend_bitmap_fonts([made])
    assert said(made) == [*texts, "Bo\xb2njak"]
