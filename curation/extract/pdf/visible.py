"""Whether letters can be seen where a page says that they are: asked of a drawing, where something may lie over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor
from types import TracebackType
from typing import Self, TypeAlias

from curation.extract.pdf.page import Box, Page

MAX_SHAPES = 2000
"""Images and paths of a page that is drawn without a thought; a plot of a catalogue takes .3 s."""
MAX_FULL = 20
"""Pages of a paper that have more of them, and are drawn where words may lie below something."""
MAX_PIXELS = 4_000_000
"""Of a drawing; a larger page is drawn in parts. One a point: letters of 5 points still show 40 of 255."""
MIN_CONTRAST = 24
"""Of 255, between the lightest and the darkest pixel of a box: letters on a page have 200, on a dark photograph 60."""


_Area: TypeAlias = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the page."""


class Drawing:
    """A part of a page in grey, from its upper left corner on, in pixels of the page."""

    def __init__(self, grey: bytes, corner: tuple[int, int], width: int, height: int, stride: int) -> None:
        self._grey, self._corner, self._width, self._height, self._stride = grey, corner, width, height, stride

    def strip(self, x0: int, x1: int) -> list[bytes]:
        """The pixel rows between two places across, from the upper one on."""
        x0, x1 = max(x0 - self._corner[0], 0), min(x1 - self._corner[0], self._width)
        return [self._grey[y * self._stride + x0 : y * self._stride + x1] for y in range(self._height)]

    def contrast(self, box: Box) -> int:
        """Between the lightest and the darkest pixel of a box; 255 for one outside of the page."""
        x0, y0, x1, y1 = (round(place) - self._corner[n % 2] for n, place in enumerate(box))
        x0, x1 = max(x0, 0), min(x1, self._width)
        rows = range(max(y0, 0), min(y1, self._height))
        cut = [self._grey[y * self._stride + x0 : y * self._stride + x1] for y in rows] if x0 < x1 else []
        if not cut:
            return 255
        return max(map(max, cut)) - min(map(min, cut))


def can_be_drawn(page: Page) -> bool:
    """Whether a page is not so full that drawing it costs more than it tells."""
    return len(page.images) + len(page.paths) <= MAX_SHAPES


class Drawings:
    """Draws pages of a PDF, as far as somebody asks for them; the file is opened for the first of them.

    Args:
        backend: the name of the library that draws.
    """

    def __init__(self, data: bytes, backend: str) -> None:
        self._data = data
        self._opened = _open_pdfium if backend == "pypdfium2" else _open_mupdf
        self._draw: Callable[[int, _Area], Drawing | None] | None = None
        self._close: Callable[[], object] = lambda: None
        self._full: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def unseen(self, number: int, page: Page, boxes: Sequence[Box]) -> list[bool]:
        """Of each box, whether nothing can be seen in it. Of a page that is not drawn, everything counts as seen.

        Args:
            number: of the page, from 0.
            page: as the file says it, not turned.
        """
        if not boxes or not self._may_draw(number, page):
            return [False] * len(boxes)
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        area = (
            *(max(0, floor(min(x0))), max(0, floor(min(y0)))),
            *(min(ceil(page.width), ceil(max(x1))), min(ceil(page.height), ceil(max(y1)))),
        )
        if area[0] >= area[2] or area[1] >= area[3]:
            return [False] * len(boxes)
        if (area[2] - area[0]) * (area[3] - area[1]) > MAX_PIXELS:
            half = len(boxes) // 2
            parts = (boxes[:half], boxes[half:]) if half else ()
            return [one for part in parts for one in self.unseen(number, page, part)] or [False]
        drawing = self._drawn(number, area)
        return [drawing is not None and drawing.contrast(box) < MIN_CONTRAST for box in boxes]

    def _may_draw(self, number: int, page: Page) -> bool:
        if not can_be_drawn(page) and len(self._full) < MAX_FULL:
            self._full.add(number)
        return can_be_drawn(page) or number in self._full

    def whole(self, number: int, page: Page) -> Drawing | None:
        """All of a page; None where it is not drawn, for it is too full or too large."""
        if not can_be_drawn(page) or ceil(page.width) * ceil(page.height) > MAX_PIXELS:
            return None
        return self._drawn(number, (0, 0, ceil(page.width), ceil(page.height)))

    def _drawn(self, number: int, area: _Area) -> Drawing | None:
        if self._draw is None:
            self._draw, self._close = self._opened(self._data)
        return self._draw(number, area)


_Drawer: TypeAlias = tuple[Callable[[int, _Area], Drawing | None], Callable[[], object]]
"""What draws a part of a page, and what closes the file."""


def _open_mupdf(data: bytes) -> _Drawer:
    from curation.extract.pdf._load_pymupdf import pymupdf
    from curation.extract.pdf.with_pymupdf import ERRORS

    document = pymupdf.open(stream=data, filetype="pdf")

    def draw(number: int, area: _Area) -> Drawing | None:
        try:
            made = document[number].get_pixmap(clip=pymupdf.Rect(area), colorspace=pymupdf.csGRAY, alpha=False)
        except ERRORS:
            return None
        return Drawing(bytes(made.samples), (made.x, made.y), made.width, made.height, made.stride)

    return draw, document.close


def _open_pdfium(data: bytes) -> _Drawer:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)

    def draw(number: int, area: _Area) -> Drawing | None:
        x0, y0, x1, y1 = area
        try:
            page = document[number]
            width, height = map(ceil, page.get_size())
            made = page.render(crop=(x0, max(0, height - y1), max(0, width - x1), y0), grayscale=True)
        except (pypdfium2.PdfiumError, ValueError):
            return None
        found = Drawing(bytes(made.buffer), (x0, y0), made.width, made.height, made.stride)
        made.close()
        page.close()
        return found

    return draw, document.close
