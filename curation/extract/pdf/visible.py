"""Whether letters can be seen where a page says that they are: asked of a drawing, where something may lie over them."""

from __future__ import annotations

from collections.abc import Sequence

from curation.extract.pdf.page import Box, Page

MAX_SHAPES = 2000
"""Images and paths of a page that is drawn for it: more would cost more than the doubt is worth."""
MAX_PIXELS = 4_000_000
SCALE = 1.0
"""Pixels a point: letters of 5 points still show 40 of 255."""
MIN_CONTRAST = 24
"""Of 255, between the lightest and the darkest pixel of a box: letters on a page have 200, on a dark photograph 60."""


class Drawing:
    """A page in grey, in its own coordinates."""

    def __init__(self, grey: bytes, width: int, height: int, stride: int, scale: float) -> None:
        self._grey, self._width, self._height, self._stride, self._scale = grey, width, height, stride, scale

    def contrast(self, box: Box) -> int:
        """Between the lightest and the darkest pixel of a box; 255 for one outside of the page."""
        x0, y0, x1, y1 = (round(place * self._scale) for place in box)
        x0, x1 = max(x0, 0), min(x1, self._width)
        rows = range(max(y0, 0), min(y1, self._height))
        cut = [self._grey[y * self._stride + x0 : y * self._stride + x1] for y in rows] if x0 < x1 else []
        if not cut:
            return 255
        return max(map(max, cut)) - min(map(min, cut))


def can_be_drawn(page: Page) -> bool:
    """Whether a page is neither so large nor so full that drawing it costs more than it tells."""
    return len(page.images) + len(page.paths) <= MAX_SHAPES and page.width * page.height * SCALE**2 <= MAX_PIXELS


def unseen(data: bytes, backend: str, number: int, page: Page, boxes: Sequence[Box]) -> list[bool]:
    """Of each box, whether nothing can be seen in it. Of a page that is not drawn, everything counts as seen.

    Args:
        backend: the name of the library that draws.
        page: as the file says it, not turned.
    """
    if not can_be_drawn(page):
        return [False] * len(boxes)
    drawing = _with_pdfium(data, number) if backend == "pypdfium2" else _with_mupdf(data, number)
    return [drawing is not None and drawing.contrast(box) < MIN_CONTRAST for box in boxes]


def _with_mupdf(data: bytes, number: int) -> Drawing | None:
    from curation.extract.pdf._load_pymupdf import pymupdf
    from curation.extract.pdf.with_pymupdf import ERRORS

    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            made = document[number].get_pixmap(
                matrix=pymupdf.Matrix(SCALE, SCALE), colorspace=pymupdf.csGRAY, alpha=False
            )
    except ERRORS:
        return None
    return Drawing(bytes(made.samples), made.width, made.height, made.stride, SCALE)


def _with_pdfium(data: bytes, number: int) -> Drawing | None:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None
    try:
        page = document[number]
        made = page.render(scale=SCALE, grayscale=True)
        found = Drawing(bytes(made.buffer), made.width, made.height, made.stride, SCALE)
        made.close()
        page.close()
    except pypdfium2.PdfiumError:
        return None
    finally:
        document.close()
    return found
