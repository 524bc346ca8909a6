"""The permissively licensed backend: lines built from PDFium's character boxes, in the order of the file."""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from curation.errors import PaperError
from curation.extract.pdf.page import FEW_LINES, Line, Page, Span, covered
from schemas import Reason

_ENCRYPTED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
FONT_NAME_BYTES = 256
FLAG_ITALIC, FLAG_FORCE_BOLD = 1 << 6, 1 << 18
"""Bits of a font descriptor (ISO 32000-1, table 123)."""
_LINE_BREAK = re.compile(r"\r\n|[\r\n]|(?<=[\ufffe\x02])")
"""PDFium writes one character, U+FFFE or U+0002, for a hyphen together with the line break after it."""


class Pdfium:
    """PDFium's own line breaks, with a box and a font size for each line."""

    name = "pypdfium2"

    def pages(self, data: bytes, max_pages: int) -> list[Page]:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) in _ENCRYPTED:
                raise PaperError(Reason.ENCRYPTED, "the PDF needs a password") from error
            raise PaperError(Reason.UNREADABLE, f"broken PDF: {error}") from error
        try:
            if len(document) > max_pages:
                raise PaperError(Reason.TOO_LARGE, f"{len(document)} pages; {max_pages} are allowed")
            if len(document) == 0:
                raise PaperError(Reason.UNREADABLE, "the PDF has no pages: broken or truncated")
            return [_page(document, number) for number in range(len(document))]
        finally:
            document.close()


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return Page(0, 0)
    width, height = page.get_size()
    lines: list[Line] = []
    text = textpage.get_text_range() if textpage.count_chars() else ""
    start = 0
    for match in (*_LINE_BREAK.finditer(text), None):
        end = match.start() if match else len(text)
        if (line := _line(textpage, text[start:end], start, end, height)) is not None:
            lines.append(line)
        start = match.end() if match else end
    images = _covered(page) if len(lines) < FEW_LINES else 0.0
    textpage.close()
    page.close()
    return Page(width, height, lines, images)


def _covered(page: pypdfium2.PdfPage) -> float:
    try:
        images = [found.get_bounds() for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    except pypdfium2.PdfiumError:
        return 0.0
    return covered(page.get_bbox(), images)


def _line(textpage: pypdfium2.PdfTextPage, text: str, start: int, end: int, height: float) -> Line | None:
    """One line as spans: a number at its start or end stands apart, so that line numbers can be told."""
    if not text.strip():
        return None
    lead, tail = re.match(r"\s*\d{1,4}(?=\s)", text), re.search(r"(?<=\s)\d{1,4}\s*$", text)
    cuts = sorted({0, lead.end() if lead else 0, tail.start() if tail else len(text), len(text)})
    spans = []
    for a, b in pairwise(cuts):
        boxes = [textpage.get_charbox(i) for i in range(start + a, start + b) if not text[i - start].isspace()]
        if not boxes:
            continue
        size = pdfium.FPDFText_GetFontSize(textpage.raw, ctypes.c_int(start + a))
        x0, x1 = min(b[0] for b in boxes), max(b[2] for b in boxes)
        y0, y1 = height - max(b[3] for b in boxes), height - min(b[1] for b in boxes)
        piece = text[a:b].replace("\ufffe", "-").replace("\x02", "-")
        spans.append(Span(piece, x0, y0, x1, y1, float(size), *_style(textpage, start + a)))
    if not spans or (end - start > 3 and spans[0].x1 - spans[0].x0 < (spans[0].y1 - spans[0].y0) / 3):
        return None
    return Line(spans, 0)


def _style(textpage: pypdfium2.PdfTextPage, index: int) -> tuple[bool, bool]:
    """Whether the font of a character is bold, italic: by the name of the font and its descriptor's flags."""
    name, flags = ctypes.create_string_buffer(FONT_NAME_BYTES), ctypes.c_int(0)
    pdfium.FPDFText_GetFontInfo(textpage.raw, index, name, FONT_NAME_BYTES, ctypes.byref(flags))
    font = name.value.decode("utf-8", errors="replace").lower()
    italic = bool(flags.value & FLAG_ITALIC) or "italic" in font or "oblique" in font
    return bool(flags.value & FLAG_FORCE_BOLD) or "bold" in font, italic
