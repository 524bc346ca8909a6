"""Text of PDF pages that have no text layer."""

from curation.extract.ocr.engines import DPI, MAX_SIDE_PX, Engine, backends, ocr_page_image
from curation.extract.ocr.one_page import ocr_page

__all__ = ["DPI", "MAX_SIDE_PX", "Engine", "backends", "ocr_page", "ocr_page_image"]
