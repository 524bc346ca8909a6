"""Text of PDF pages that have no text layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from curation.errors import PaperError
from curation.extract.ocr.engines import DPI, Engine, backends, ocr_page_image
from schemas import Reason

if TYPE_CHECKING:
    import pymupdf

__all__ = ["DPI", "MAX_SIDE_PX", "Engine", "backends", "ocr_page_image", "ocr_pdf"]

MAX_SIDE_PX = 4000
"""Longest side of a page image; a larger page (a poster, a hostile media box) is drawn at a lower resolution."""


def ocr_pdf(
    data: bytes, pages: Sequence[int] | None = None, *, engine: Engine = "rapidocr", dpi: int | None = None
) -> list[str]:
    """The text of pages of a PDF, drawn and read by OCR, one string a page.

    Args:
        data: the PDF.
        pages: page numbers from 0; all when None.
        dpi: resolution; the engine's best (engines.DPI) when None.

    Raises:
        PaperError: the PDF cannot be opened, is encrypted, or has no such page.
        UserError: the engine is not installed.
    """
    from curation.extract.pdf._load_pymupdf import pymupdf

    with _open(data) as document:
        wanted = range(document.page_count) if pages is None else pages
        if outside := [n for n in wanted if not 0 <= n < document.page_count]:
            raise PaperError(Reason.UNREADABLE, f"no pages {outside}; the PDF has {document.page_count}")
        texts = []
        for number in wanted:
            page = document[number]
            scale = min((dpi or DPI[engine]) / 72, MAX_SIDE_PX / max(page.rect.width, page.rect.height, 1))
            zoom = pymupdf.Matrix(scale, scale)
            image = page.get_pixmap(matrix=zoom, colorspace=pymupdf.csRGB, alpha=False)
            texts.append(ocr_page_image(image, engine))
    return texts


def _open(data: bytes) -> pymupdf.Document:
    from curation.extract.pdf._load_pymupdf import pymupdf

    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except (pymupdf.FileDataError, pymupdf.EmptyFileError) as error:
        raise PaperError(Reason.UNREADABLE, f"not a readable PDF: {error}") from error
    if document.needs_pass:
        document.close()
        raise PaperError(Reason.ENCRYPTED, "the PDF asks for a password")
    return document
