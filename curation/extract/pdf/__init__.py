"""Born-digital PDF to text: `extract_pdf`, the geometry that cleans pages, and the libraries behind it."""

from curation.extract.pdf.extract import extract_pdf

__all__ = ["extract_pdf"]
