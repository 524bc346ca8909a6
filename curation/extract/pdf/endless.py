"""Pages that a library cannot draw to an end, told by another one that can count their operators."""

from __future__ import annotations

from collections.abc import Set

from curation.extract.pdf.operators import Costs
from curation.extract.pdf.probe import Fault


def refused_pages(data: bytes, only: Set[int] | None = None) -> dict[int, Fault]:
    """Pages, by their numbers from 0, that cost too much, and why, for a library that cannot tell: PDFium draws them till it dies.

    Without PyMuPDF, and of a file that it cannot open, nothing is known.
    """
    try:
        from curation.extract.pdf._load_pymupdf import pymupdf
    except ImportError:
        return {}
    from curation.extract.pdf.with_pymupdf import ERRORS

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    found: dict[int, Fault] = {}
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            costs = Costs(document)
            for number in range(0 if document.needs_pass else document.page_count):
                if (only is None or number in only) and (fault := costs.refusal(document.page_xref(number))):
                    found[number] = fault
    except ERRORS:
        return found
    return found
