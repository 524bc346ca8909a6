"""The libraries that read PDFs, by their names."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Literal, TypeAlias

from curation.extract.pdf.page import Backend

PdfBackend: TypeAlias = Literal["pymupdf", "pypdfium2"]


@cache
def version_of(backend: str) -> str:
    """Version of the library of a backend."""
    return metadata.version(backend)


def backend_of(name: PdfBackend) -> Backend:
    """The backend of a name, imported when asked for."""
    if name == "pypdfium2":
        from curation.extract.pdf.with_pypdfium2 import Pdfium

        return Pdfium()
    from curation.extract.pdf.with_pymupdf import PyMuPDF

    return PyMuPDF()


def other_than(backend: Backend) -> Backend | None:
    """The other library, where it is installed."""
    try:
        return backend_of("pymupdf" if backend.name == "pypdfium2" else "pypdfium2")
    except ImportError:
        return None
