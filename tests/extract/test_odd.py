"""No wrong text passes as right: odd PDFs by both libraries, with what must become of each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from curation.errors import PaperError
from curation.extract.pages import PagesFailed, Recognised
from curation.extract.pdf import extract_pdf
from curation.extract.pdf.backends import PdfBackend, backend_of
from schemas import PAGE_STATUSES
from tests.extract.odd import Odd, every

FOREIGN = re.compile(r"Error|Exception|\.py\b|mupdf|pdfium|fz_|xref|0x|Traceback", re.IGNORECASE)
"""Words of the libraries, which say nothing to who reads a ledger; their names may stand there."""


EVERY = [(odd, backend) for odd in every() for backend in ("pymupdf", "pypdfium2") if odd.only in ("", backend)]


@pytest.mark.parametrize(("odd", "backend"), EVERY, ids=lambda value: value if isinstance(value, str) else value.name)
def test_odd_pdfs_become_their_text_or_a_reason(odd: Odd, backend: PdfBackend) -> None:
    def recognise(pages: Sequence[int]) -> list[Recognised]:
        return [Recognised(odd.ocr[n], "ok" if odd.ocr[n] else "empty", engine="known") for n in pages]

    try:
        made = extract_pdf(
            odd.data,
            backend=backend_of(backend),
            max_ocr_pages=50 if odd.ocr else 0,
            recognise=recognise if odd.ocr else None,
        )
    except PaperError as error:
        assert error.reason is odd.reason, str(error)
        said = [error.detail]
        pages = error.pages if isinstance(error, PagesFailed) else ()
    else:
        assert odd.reason is None, made.text[:300]
        folded = " ".join(made.text.split())
        assert [words for words in odd.has if words not in folded] == [], folded[:500]
        assert [words for words in odd.lacks if words in folded] == [], folded[:500]
        said, pages = made.warnings, tuple(made.pages)
        assert made.n_pages == len(made.pages)
    assert odd.warns in " | ".join(said), said
    details = [*said, *(page.detail or "" for page in pages)]
    assert not [detail for detail in details if FOREIGN.search(re.sub(r"\b(?:pymupdf|pypdfium2)\b", "", detail))]
    if odd.pages is not None:
        assert tuple(page.status for page in pages) == odd.pages
    if odd.details is not None:
        assert tuple(page.detail and page.detail.replace(f"{backend}: ", "ocr: ") for page in pages) == odd.details
    assert all(page.engine for page in pages if page.n_chars) and {page.status for page in pages} <= set(PAGE_STATUSES)


def test_there_are_enough_of_them() -> None:
    names = [odd.name for odd in every()]
    assert len(names) == len(set(names)) >= 40
