"""Pages that a library cannot draw to an end, told by another one that can count their operators."""

from __future__ import annotations

from collections.abc import Set

from curation.extract.pdf.operators import MAX_CONTENT_BYTES, content_bytes


def endless_pages(data: bytes, only: Set[int] | None = None) -> set[int]:
    """Numbers from 0 of the pages whose operators cost too much, for a library that cannot tell: PDFium draws them till it dies.

    Without PyMuPDF, and of a file that it cannot open, nothing is known.
    """
    try:
        from curation.extract.pdf._load_pymupdf import pymupdf
    except ImportError:
        return set()
    from curation.extract.pdf.with_pymupdf import ERRORS

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    found: set[int] = set()
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            for number in range(0 if document.needs_pass else document.page_count):
                if only is None or number in only:
                    page = document.page_xref(number)
                    if content_bytes(document, page, MAX_CONTENT_BYTES) > MAX_CONTENT_BYTES:
                        found.add(number)
    except ERRORS:
        return found
    return found
