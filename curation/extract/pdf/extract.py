"""One PDF to one `Extracted`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import metadata
from typing import Literal, TypeAlias

from curation.errors import PaperError
from curation.extract.pages import PageRead, PagesFailed, Recognised, Recogniser, ToRecognise, whole_file
from curation.extract.pdf.blocks import Block, blocks_of
from curation.extract.pdf.front_back import to_parts
from curation.extract.pdf.furniture import remove_furniture
from curation.extract.pdf.order import set_blocks
from curation.extract.pdf.page import Backend, Line, Page
from curation.extract.pdf.scans import scans
from curation.extract.pdf.scripts import Scripts
from curation.extract.result import Extracted
from curation.sources.kinds import HEAD_BYTES, kind_of
from schemas import Reason

PdfBackend: TypeAlias = Literal["pymupdf", "pypdfium2"]
MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 1500
"""Past these bounds PDFs seen in the wild were bombs or whole proceedings."""
MAX_SIDE = 1e9
"""Points: no page is larger, whatever a PDF says."""


def extract_pdf(
    data: bytes, *, backend: Backend | None = None, max_ocr_pages: int = 0, recognise: Recogniser | None = None
) -> Extracted:
    """The text of a PDF; references and authors apart.

    Line numbers, running heads and page numbers are removed, hyphenated words joined, lines made into paragraphs. Pages
    that are scans are read by `recognise` and stand in their place; the route is `ocr` when all pages are.

    Args:
        max_ocr_pages: scans that OCR may read. If there are more of them they are left out, with a warning, of a paper
            that has text beside them.
        recognise: the OCR.

    Raises:
        ToRecognise: pages that OCR may read, and no `recognise`: it runs where it has room.
        PagesFailed: TOO_LARGE, NO_TEXT_LAYER (scanned), NO_TEXT (truncated), TIMEOUT, ENCRYPTED, UNREADABLE.
        PaperError: TOO_LARGE, UNKNOWN_FORMAT (it is no PDF).
    """
    kind = kind_of(data[:HEAD_BYTES], "")
    if kind != "pdf":
        raise PaperError(Reason.UNKNOWN_FORMAT, f"not a PDF but {kind}")
    if len(data) > MAX_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"the PDF is larger than {MAX_BYTES >> 20} MiB")
    backend = backend or backend_of("pymupdf")
    try:
        pages = backend.pages(data, MAX_PAGES)
    except PaperError as error:
        status = "encrypted" if error.reason is Reason.ENCRYPTED else "failed"
        raise PagesFailed(error.reason, error.detail, [whole_file(status, error.detail)]) from error
    for page in pages:
        page.lines = [line for line in page.lines if line.angle == 0 and _is_inside(line, page)]
    scanned = scans(pages)
    chars = sum(page.chars for page in pages)
    if len(scanned) == len(pages) and b"%%EOF" not in data[-2048:]:
        detail = f"truncated: no end-of-file mark and no text ({len(pages)} pages, {chars} characters)"
        raise PagesFailed(Reason.NO_TEXT, detail, [_failed(page, "truncated") for page in pages])
    read = [_by_layer(page, backend) for page in pages]
    warnings = _read_scans(pages, read, scanned, max_ocr_pages, recognise) if scanned else []
    if empty := sum(not page.lines for n, page in enumerate(pages) if n not in scanned):
        warnings.append(f"{empty} of {len(pages)} pages have no text")
    if lost := sum(span.text.count("\ufffd") for page in pages for line in page.lines for span in line.spans):
        warnings.append(f"{lost} characters without a Unicode value were left out")
    remove_furniture(pages)
    for page in pages:
        set_blocks(page)
    blocks, style = blocks_of(pages)
    found = to_parts(blocks, style, Scripts(pages, _note_marks(blocks)))
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
        detail = "nothing is left but running heads and numbers"
        raise PagesFailed(Reason.NO_TEXT, detail, read)
    return made


def _note_marks(blocks: Sequence[Block]) -> dict[int, set[str]]:
    """Marks of the notes at the foot of each page."""
    marks: dict[int, set[str]] = {}
    for block in blocks:
        if block.kind == "footnote" and block.region is not None:
            marks.setdefault(block.page, set()).add(block.region.label)
    return marks


def _is_inside(line: Line, page: Page) -> bool:
    x, y = (line.x0 + line.x1) / 2, line.baseline
    return 0 <= x <= page.width and 0 <= y <= page.height


def _by_layer(page: Page, backend: Backend) -> PageRead:
    """How a page was read by its text layer."""
    if not page.lines:
        return PageRead("nothing", 0, *_size(page), status="empty")
    return PageRead("text layer", page.chars, *_size(page), engine=backend.name, version=version_of(backend.name))


def _by_ocr(page: Page, found: Recognised) -> PageRead:
    made_by = "ocr" if found.status == "ok" else "nothing"
    return PageRead(
        *(made_by, len(found.text), *_size(page), found.status, found.detail),
        *(found.engine, found.version, found.model, found.model_licence, None, found.dpi),
    )


def _failed(page: Page, detail: str) -> PageRead:
    return PageRead("nothing", 0, *_size(page), "failed", detail)


def _size(page: Page) -> tuple[int, int]:
    """Width and height in whole points, as the table has them."""
    width, height = (round(side) if 0 < side < MAX_SIDE else 0 for side in (page.width, page.height))
    return width, height


@cache
def version_of(backend: str) -> str:
    """Version of the library of a backend."""
    return metadata.version(backend)


def _read_scans(
    pages: list[Page], read: list[PageRead], scanned: list[int], max_pages: int, recognise: Recogniser | None
) -> list[str]:
    """Put what OCR reads in the place of scans, and say so; or leave them out.

    Raises:
        ToRecognise: there is OCR to be called for.
        PagesFailed: NO_TEXT_LAYER when there is no OCR and nothing beside the scans; TOO_LARGE when OCR may not read as many;
            TIMEOUT, OUT_OF_MEMORY, NO_TEXT when it gave nothing.
    """
    found = f"{len(scanned)} of {len(pages)} pages are scans"
    if len(scanned) > max_pages:
        detail = f"a scan; OCR reads up to {max_pages} pages of a paper" if max_pages else "a scan"
        for number in scanned:
            pages[number].lines = []
            read[number] = _failed(pages[number], detail)
        if len(scanned) < len(pages):
            return [f"{found} and were not read"]
        if not max_pages:
            raise PagesFailed(Reason.NO_TEXT_LAYER, f"no text layer: {found}", read)
        raise PagesFailed(
            Reason.TOO_LARGE, f"a scan of {len(pages)} pages; OCR reads up to {max_pages} (extract.max_ocr_pages)", read
        )
    if recognise is None:
        raise ToRecognise(f"no text layer: {found}", scanned)
    for number, given in zip(scanned, recognise(scanned), strict=True):
        page = pages[number]
        page.lines, page.recognised = [], given.text
        read[number] = _by_ocr(page, given)
    given_up = [read[number] for number in scanned if read[number].status in ("failed", "timeout")]
    if len(given_up) == len(pages):
        reason = Reason.TIMEOUT if given_up[0].status == "timeout" else Reason.NO_TEXT
        raise PagesFailed(reason, f"none of {len(pages)} pages was read: {given_up[0].detail}", read)
    warnings = [f"{found}, read by OCR"] if len(scanned) < len(pages) else []
    if empty := sum(read[number].status == "empty" for number in scanned):
        warnings.append(f"{empty} of {len(pages)} pages gave no text")
    if given_up:
        warnings.append(f"{len(given_up)} of {len(pages)} pages could not be read: {given_up[0].detail}")
    return warnings


def backend_of(name: PdfBackend) -> Backend:
    """The backend of a name, imported when asked for."""
    if name == "pypdfium2":
        from curation.extract.pdf.with_pypdfium2 import Pdfium

        return Pdfium()
    from curation.extract.pdf.with_pymupdf import PyMuPDF

    return PyMuPDF()
