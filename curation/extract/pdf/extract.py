"""One PDF to one `Extracted`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from curation.errors import PaperError
from curation.extract.pdf.blocks import blocks_of
from curation.extract.pdf.front_back import to_parts
from curation.extract.pdf.furniture import remove_furniture
from curation.extract.pdf.order import set_blocks
from curation.extract.pdf.page import Backend, Line, Page
from curation.extract.pdf.scans import scans
from curation.extract.result import Extracted, PageRead
from curation.sources.kinds import HEAD_BYTES, kind_of
from schemas import Reason

PdfBackend: TypeAlias = Literal["pymupdf", "pypdfium2"]
MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 1500
"""Past these bounds PDFs seen in the wild were bombs or whole proceedings."""
MAX_SIDE = 1e9
"""Points: no page is larger, whatever a PDF says."""
Recogniser: TypeAlias = Callable[[list[int]], list[str]]
"""Reads pages of the PDF, by their numbers from 0: one text a page."""


def extract_pdf(
    data: bytes, *, backend: Backend | None = None, max_ocr_pages: int = 0, recognise: Recogniser | None = None
) -> Extracted:
    """The text of a PDF; references and authors apart.

    Line numbers, running heads and page numbers are removed, hyphenated words joined, lines made into paragraphs. Pages
    that are scans are read by `recognise` and stand in their place; the route is `ocr` when all pages are.

    Args:
        max_ocr_pages: scans that OCR may read. If there are more of them they are left out, with a warning, of a paper
            that has text beside them.
        recognise: the OCR. Without it scans that OCR may read raise NO_TEXT_LAYER: it runs where it has room.

    Raises:
        PaperError: TOO_LARGE, ENCRYPTED, UNREADABLE, UNKNOWN_FORMAT (it is no PDF), NO_TEXT_LAYER (scanned),
            NO_TEXT (truncated).
    """
    kind = kind_of(data[:HEAD_BYTES], "")
    if kind != "pdf":
        raise PaperError(Reason.UNKNOWN_FORMAT, f"not a PDF but {kind}")
    if len(data) > MAX_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"the PDF is larger than {MAX_BYTES >> 20} MiB")
    pages = (backend or backend_of("pymupdf")).pages(data, MAX_PAGES)
    for page in pages:
        page.lines = [line for line in page.lines if line.angle == 0 and _is_inside(line, page)]
    scanned = scans(pages)
    chars = sum(page.chars for page in pages)
    if len(scanned) == len(pages) and b"%%EOF" not in data[-2048:]:
        size = f"({len(pages)} pages, {chars} characters)"
        raise PaperError(Reason.NO_TEXT, f"truncated: no end-of-file mark and no text {size}")
    warnings = _read_scans(pages, scanned, max_ocr_pages, recognise) if scanned else []
    if empty := sum(not page.lines for n, page in enumerate(pages) if n not in scanned):
        warnings.append(f"{empty} of {len(pages)} pages have no text")
    if lost := sum(span.text.count("\ufffd") for page in pages for line in page.lines for span in line.spans):
        warnings.append(f"{lost} characters without a Unicode value were left out")
    read = [_page_read(page) for page in pages]
    remove_furniture(pages)
    for page in pages:
        set_blocks(page)
    found = to_parts(*blocks_of(pages))
    route = "ocr" if all(page.recognised is not None for page in pages) else "pdf"
    made = Extracted.of(
        found.parts,
        route,
        authors=found.authors,
        references=found.references,
        keywords=found.keywords,
        n_equations=found.n_equations,
        n_tables=found.n_tables,
        n_pages=len(pages),
        pages=read,
        warnings=warnings,
    )
    if not made.text:
        raise PaperError(Reason.NO_TEXT, "nothing is left but running heads and numbers")
    return made


def _is_inside(line: Line, page: Page) -> bool:
    x, y = (line.x0 + line.x1) / 2, line.baseline
    return 0 <= x <= page.width and 0 <= y <= page.height


def _page_read(page: Page) -> PageRead:
    made_by = "ocr" if page.recognised is not None else "text layer" if page.lines else "nothing"
    n_chars = page.chars if page.recognised is None else len(page.recognised)
    width, height = (round(side) if 0 < side < MAX_SIDE else 0 for side in (page.width, page.height))
    return PageRead(made_by, n_chars, width, height)


def _read_scans(pages: list[Page], scanned: list[int], max_pages: int, recognise: Recogniser | None) -> list[str]:
    """Put what OCR reads in the place of scans, and say so; or leave them out.

    Raises:
        PaperError: NO_TEXT_LAYER when there is OCR to be called for, or nothing beside the scans; TOO_LARGE when OCR may
            not read as many and nothing is beside them.
    """
    found = f"{len(scanned)} of {len(pages)} pages are scans"
    if len(scanned) > max_pages and len(scanned) < len(pages):
        for number in scanned:
            pages[number].lines = []
        return [f"{found} and were not read"]
    if recognise is None:
        raise PaperError(Reason.NO_TEXT_LAYER, f"no text layer: {found}")
    if len(scanned) > max_pages:
        raise PaperError(
            Reason.TOO_LARGE, f"a scan of {len(pages)} pages; OCR reads up to {max_pages} (extract.max_ocr_pages)"
        )
    texts = recognise(scanned)
    for number, text in zip(scanned, texts, strict=True):
        pages[number].lines, pages[number].recognised = [], text
    warnings = [f"{found}, read by OCR"] if len(scanned) < len(pages) else []
    if empty := sum(not text.strip() for text in texts):
        warnings.append(f"{empty} of {len(pages)} pages gave no text")
    return warnings


def backend_of(name: PdfBackend) -> Backend:
    """The backend of a name, imported when asked for."""
    if name == "pypdfium2":
        from curation.extract.pdf.with_pypdfium2 import Pdfium

        return Pdfium()
    from curation.extract.pdf.with_pymupdf import PyMuPDF

    return PyMuPDF()
