"""Pages of a book: margins of even pages are those of odd ones the other way round, labels stand alone above their captions."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend
from tests.extract.test_pdf_regions import paragraphs

SHIFT = 70.0
"""Between the margins of odd and even pages."""


def book(*, ruled: bool, text_below: bool) -> tuple[bytes, str]:
    """Four pages; the last one is even, and has a figure and its ragged caption, and text at its foot or none. The caption."""
    sheets = Sheets()
    for number in range(3):
        shift = SHIFT if number % 2 else 0.0
        sheets.justified(LEFT - shift, RIGHT - shift, 100, sentence(230, number), indent=15)
        sheets.new_page()
    left, right = LEFT - SHIFT, RIGHT - SHIFT
    sheets.plot(left + 60, 120, right - 60, 300)
    sheets.put(left, 340, "Figure 4", 8, "bold")
    if ruled:
        sheets.rule(left, right, 341.5)
    caption = sentence(60, 30)
    words = caption.split()
    for n in range(6):
        sheets.put(left, 352 + 9.6 * n, " ".join(words[10 * n : 10 * n + 10]), 8)
    if text_below:
        sheets.justified(left, right, 450, sentence(60, 9), indent=15)
    return sheets.data(), caption


@any_backend
@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("text_below", [True, False])
def test_a_label_alone_in_its_row_has_its_caption_below(backend: Backend, ruled: bool, text_below: bool) -> None:
    data, caption = book(ruled=ruled, text_below=text_below)
    found = paragraphs(extract_pdf(data, backend=backend).text)
    assert f"**Figure 4.** {caption}" in found
    assert not [text for text in found if "Radius" in text or "best fit" in text]


@any_backend
@pytest.mark.parametrize(("behind", "is_new"), [("where all of it is", False), ("The speed of it is", True)])
def test_a_word_in_lower_case_behind_an_equation_goes_on_with_its_sentence(
    backend: Backend, behind: str, is_new: bool
) -> None:
    """A colon before it ends no sentence there."""
    sheets = Sheets()
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, f"{sentence(40, 5)[:-1]} as it follows:", indent=15)
    end = sheets.put(LEFT + 130, y + 14, "r", 10, "math")
    sheets.put(end, y + 14, " = ", 10, "math")
    sheets.put(end + 22, y + 14, "3 p", 10, "math")
    sheets.put(RIGHT - 16, y + 14, "(7)", 10)
    sheets.justified(LEFT, RIGHT, y + 40, f"{behind} {sentence(60, 9)}", indent=15)
    found = paragraphs(extract_pdf(sheets.data(), backend=backend).text)
    assert any(text.startswith(behind) for text in found) == is_new
