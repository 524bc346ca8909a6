"""The default backend. PyMuPDF is AGPL; `curation.extract.pdf.with_pypdfium2` is the permissive one."""

from __future__ import annotations

from typing import Any

from curation.errors import PaperError
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import FEW_LINES, Line, Page, Span, covered
from schemas import Reason

_FLAGS = pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_PRESERVE_WHITESPACE
_BOLD, _ITALIC = 16, 2  # https://pymupdf.readthedocs.io/en/latest/textpage.html#span-dictionary: bits 4 and 1 of flags


class PyMuPDF:
    """Lines as MuPDF finds them, in the order of the file, which for TeX is the reading order."""

    name = "pymupdf"

    def pages(self, data: bytes, max_pages: int) -> list[Page]:
        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
        try:
            document = pymupdf.open(stream=data, filetype="pdf")
        except (RuntimeError, ValueError) as error:  # FileDataError and MuPDF's own errors are RuntimeErrors
            raise PaperError(Reason.UNREADABLE, f"broken PDF: {' '.join(str(error).split())[:200]}") from error
        with document:
            if document.needs_pass:
                raise PaperError(Reason.ENCRYPTED, "the PDF needs a password")
            if document.page_count > max_pages:
                raise PaperError(Reason.TOO_LARGE, f"{document.page_count} pages; {max_pages} are allowed")
            if document.page_count == 0:
                raise PaperError(Reason.UNREADABLE, "the PDF has no pages: broken or truncated")
            return [_page(document, number) for number in range(document.page_count)]


def _page(document: pymupdf.Document, number: int) -> Page:
    try:
        page = document.load_page(number)
        content = page.get_text("dict", flags=_FLAGS)
    except (RuntimeError, ValueError) as error:
        if "alloc" in str(error):  # MuPDF: "malloc (524288 bytes) failed"; a page must not vanish for want of memory
            raise MemoryError(str(error)) from error
        return Page(0, 0)
    lines = []
    for block in content["blocks"]:
        for line in block.get("lines", ()):
            if line["dir"][0] < 0.9:  # arXiv's stamp in the margin, labels of a figure's axis
                continue
            spans = [_span(found) for found in line["spans"] if found["text"]]
            if any(s.text.strip() for s in spans):
                lines.append(Line(spans, block["number"]))
    return Page(content["width"], content["height"], lines, _covered(page) if len(lines) < FEW_LINES else 0.0)


def _covered(page: pymupdf.Page) -> float:
    whole = (0.0, 0.0, page.cropbox.width, page.cropbox.height)  # boxes of images do not turn with the page
    return covered(whole, [image["bbox"] for image in page.get_image_info()])


def _span(found: dict[str, Any]) -> Span:
    x0, y0, x1, y1 = found["bbox"]
    bold = bool(found["flags"] & _BOLD) or "bold" in found["font"].lower()
    italic = bool(found["flags"] & _ITALIC)
    return Span(found["text"], x0, y0, x1, y1, found["size"], bold, italic)
