"""One PDF to one `Extracted`."""

from __future__ import annotations

from typing import Literal, TypeAlias

from curation.errors import PaperError
from curation.extract.pdf.furniture import remove_furniture
from curation.extract.pdf.page import Backend
from curation.extract.pdf.paragraphs import blocks_of, to_markdown
from curation.extract.result import Extracted
from curation.sources.kinds import HEAD_BYTES, kind_of
from schemas import Reason

PdfBackend: TypeAlias = Literal["pymupdf", "pypdfium2"]
MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 1500
"""Past these bounds PDFs seen in the wild were bombs or whole proceedings."""
MIN_CHARS_A_PAGE = 50
"""Below this mean a PDF has no text layer: a page of a paper has 2,000-6,000 characters, a bare page number 3."""


def extract_pdf(data: bytes, *, backend: Backend | None = None) -> Extracted:
    """The text of a born-digital PDF: body as Markdown, references and appendix apart.

    Line numbers, running heads and page numbers are removed, hyphenated words joined, lines made into paragraphs.

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
    chars = sum(len(span.text) for page in pages for line in page.lines for span in line.spans)
    if chars < MIN_CHARS_A_PAGE * len(pages):
        found = f"({len(pages)} pages, {chars} characters)"
        if b"%%EOF" not in data[-2048:]:
            raise PaperError(Reason.NO_TEXT, f"truncated: no end-of-file mark and no text {found}")
        raise PaperError(Reason.NO_TEXT_LAYER, f"no text layer: a scan {found}")
    warnings = []
    if empty := sum(not page.lines for page in pages):
        warnings.append(f"{empty} of {len(pages)} pages have no text")
    if lost := sum(span.text.count("\ufffd") for page in pages for line in page.lines for span in line.spans):
        warnings.append(f"{lost} characters without a Unicode value were left out")
    remove_furniture(pages)
    parts = to_markdown(blocks_of(pages))
    if not parts.text.strip():
        raise PaperError(Reason.NO_TEXT, "nothing is left but running heads and numbers")
    return Extracted(
        text=parts.text,
        route="pdf",
        title=parts.title,
        abstract=parts.abstract,
        authors=parts.authors,
        references=parts.references,
        n_pages=len(pages),
        warnings=warnings,
    )


def backend_of(name: PdfBackend) -> Backend:
    """The backend of a name, imported when asked for."""
    if name == "pypdfium2":
        from curation.extract.pdf.with_pypdfium2 import Pdfium

        return Pdfium()
    from curation.extract.pdf.with_pymupdf import PyMuPDF

    return PyMuPDF()
