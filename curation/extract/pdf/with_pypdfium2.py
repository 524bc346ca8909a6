"""The permissively licensed backend: runs of text built from PDFium's characters, in the order of the file."""

from __future__ import annotations

from collections.abc import Set

import pypdfium2
import pypdfium2.raw as pdfium

from curation.errors import PaperError
from curation.extract.pdf._pdfium import Characters
from curation.extract.pdf._pdfium_calls import Crop
from curation.extract.pdf._pdfium_objects import MAX_TEXTS, objects_of
from curation.extract.pdf.endless import refused_pages
from curation.extract.pdf.late_scripts import set_late_scripts
from curation.extract.pdf.lines import MAX_CHARS, TooFullError, bounded, lines_of
from curation.extract.pdf.page import Page
from curation.extract.pdf.probe import Fault
from curation.extract.pdf.turn import turn
from schemas import Reason

_ENCRYPTED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


class Pdfium:
    """Lines as `lines_of` makes them of PDFium's characters, fonts and text objects."""

    name = "pypdfium2"

    def pages(self, data: bytes, max_pages: int, only: Set[int] | None = None) -> list[Page]:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) in _ENCRYPTED:
                raise PaperError(Reason.ENCRYPTED, "the PDF needs a password") from error
            raise PaperError(Reason.UNREADABLE, "broken PDF: it cannot be opened") from error
        try:
            if len(document) > max_pages:
                raise PaperError(Reason.TOO_LARGE, f"{len(document)} pages; {max_pages} are allowed")
            if len(document) == 0:
                raise PaperError(Reason.UNREADABLE, "the PDF has no pages: broken or truncated")
            refused = refused_pages(data, only)
            return [
                Page(0, 0) if only is not None and n not in only else _page(document, n, refused.get(n, ""))
                for n in range(len(document))
            ]
        finally:
            document.close()


def _page(document: pypdfium2.PdfDocument, number: int, refused: str) -> Page:
    if refused:  # it is parsed where it is loaded
        width, height = document.get_page_size(number)
        return Page(width, height, refused=refused)
    try:
        page = document[number]
        left, lower, right, upper = page.get_bbox()
        crop = Crop(left, upper)
        drawn = objects_of(page, crop)
        if drawn.n_texts > MAX_TEXTS:
            raise TooFullError
        textpage = page.get_textpage()
        if textpage.count_chars() > MAX_CHARS:
            raise TooFullError
        characters = Characters(textpage, crop, drawn)
        lines = set_late_scripts(lines_of(bounded(characters.runs())))
    except pypdfium2.PdfiumError:
        return Page(0, 0)
    except TooFullError:
        return Page(right - left, upper - lower, rotation=page.get_rotation(), refused=Fault.FULL)
    made = Page(right - left, upper - lower, lines, drawn.images, drawn.paths, page.get_rotation())
    made.n_clipped, made.is_doubted = characters.n_clipped, drawn.is_doubted
    textpage.close()
    page.close()
    turn(made, made.rotation)
    return made
