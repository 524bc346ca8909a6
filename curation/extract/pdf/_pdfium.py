"""What PDFium knows of the characters and objects of a page, through its C interface.

A page has some 5,000 characters, so they are asked for by functions without the checks of `pypdfium2.raw` (0.2 us a call
instead of 1), and where a word begins and ends only. https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from curation.extract.pdf.lines import font_name, right_angle, upright_box
from curation.extract.pdf.page import MAX_BOXES, Box, Span

FONT_NAME_BYTES = 256
FLAG_ITALIC, FLAG_FORCE_BOLD = 1 << 6, 1 << 18
"""Bits of a font descriptor (ISO 32000-1, table 123)."""
MAX_GAP, MAX_BACK = 0.8, 0.3
"""Between two words of a run, in sizes of its font."""
MAX_DEPTH = 12
"""Of forms inside forms."""
_BLANKS = frozenset({9, 32, 0xA0})
_BREAKS = frozenset({10, 13})
_HYPHENS = frozenset({2, 0xFFFE})
"""PDFium writes one character for a hyphen together with the line break after it."""
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_POINTER, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


def _function(name: str, result: Any, *arguments: Any) -> Any:
    address = ctypes.cast(getattr(pdfium, name), _POINTER).value or 0
    return ctypes.CFUNCTYPE(result, *arguments)(address)


_unicode_of = _function("FPDFText_GetUnicode", ctypes.c_uint, _POINTER, _INT)
_object_of = _function("FPDFText_GetTextObject", _POINTER, _POINTER, _INT)
_box_of = _function("FPDFText_GetLooseCharBox", _INT, _POINTER, _INT, _POINTER)
_origin_of = _function("FPDFText_GetCharOrigin", _INT, _POINTER, _INT, _POINTER, _POINTER)
_matrix_of = _function("FPDFText_GetMatrix", _INT, _POINTER, _INT, _POINTER)


class Crop:
    """From PDFium's coordinates (y upwards) to those of the unturned page below and right of the crop box's corner."""

    def __init__(self, left: float, upper: float) -> None:
        self.left, self.upper = left, upper

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        return x0 - self.left, self.upper - y1, x1 - self.left, self.upper - y0


@dataclass(frozen=True, slots=True)
class _Style:
    """Of the characters of one text object."""

    font: str
    size: float
    bold: bool
    italic: bool
    colour: int
    painted: bool
    angle: int


class Characters:
    """The characters of a page as runs."""

    def __init__(self, textpage: pypdfium2.PdfTextPage, crop: Crop) -> None:
        self._raw = textpage.raw
        self._page = ctypes.cast(textpage.raw, _POINTER).value
        self._n = textpage.count_chars()
        self._crop = crop
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, tuple[str, bool, bool]] = {}
        self._floats = (_FLOAT * 6)()
        self._doubles = (ctypes.c_double * 2)()
        self._at_floats, self._at_doubles = ctypes.addressof(self._floats), ctypes.addressof(self._doubles)

    def runs(self) -> Iterator[tuple[Span, int]]:
        """Spans with their angles, in PDFium's order: the file's, with objects of one row sorted."""
        run: Span | None = None
        style: _Style | None = None
        for first, last, text, blank, broken in self._words():
            new = self._style(first)
            word = self._span(text, first, last, new)
            if run is not None and blank and not broken:
                run.text += " "
            if run is not None and new == style and not broken and _is_near(run, word, new):
                run.text += text
                run.x0, run.y0 = min(run.x0, word.x0), min(run.y0, word.y0)
                run.x1, run.y1 = max(run.x1, word.x1), max(run.y1, word.y1)
                continue
            if run is not None and style is not None:
                yield run, style.angle
            run, style = word, new
        if run is not None and style is not None:
            yield run, style.angle

    def _words(self) -> Iterator[tuple[int, int, str, bool, bool]]:
        """First and last character, text, and whether a blank, a line break stand before it, of each word of one object."""
        codes = list(map(_unicode_of, repeat(self._page), range(self._n)))
        objects = list(map(_object_of, repeat(self._page), range(self._n)))
        start, blank, broken = -1, False, False
        for i, code in enumerate([*codes, 32]):
            ends = code in _BLANKS or code in _BREAKS
            if start >= 0 and (ends or objects[i] != objects[start]):
                yield start, i - 1, "".join(map(_character, codes[start:i])), blank, broken
                start, blank, broken = -1, False, codes[i - 1] in _HYPHENS
            if ends:
                blank, broken = blank or code in _BLANKS, broken or code in _BREAKS
            elif start < 0:
                start = i

    def _style(self, index: int) -> _Style:
        handle = _object_of(self._page, index) or 0
        if (known := self._styles.get(handle)) is not None:
            return known
        found = pdfium.FPDFText_GetTextObject(self._raw, index)
        size, dx, dy = self._size(found, index)
        colour, painted = _paint(found)
        made = _Style(self._font(found)[0], size, *self._font(found)[1:], colour, painted, right_angle(dx, -dy))
        self._styles[handle] = made
        return made

    def _size(self, found: Any, index: int) -> tuple[float, float, float]:
        """Font size on the page, and the direction of writing."""
        size = _FLOAT(0.0)
        pdfium.FPDFTextObj_GetFontSize(found, ctypes.byref(size))
        if not _matrix_of(self._page, index, self._at_floats):
            return size.value, 1.0, 0.0
        a, b, c, d = self._floats[:4]
        return size.value * math.sqrt(abs(a * d - b * c)), a, b

    def _font(self, found: Any) -> tuple[str, bool, bool]:
        font = pdfium.FPDFTextObj_GetFont(found)
        key = ctypes.cast(font, _POINTER).value or 0
        if (known := self._fonts.get(key)) is not None:
            return known
        buffer = ctypes.create_string_buffer(FONT_NAME_BYTES)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, FONT_NAME_BYTES)
        name, flags = font_name(buffer.value.decode("utf-8", errors="replace")), pdfium.FPDFFont_GetFlags(font)
        low = name.lower()
        bold = bool(flags & FLAG_FORCE_BOLD) or "bold" in low
        italic = bool(flags & FLAG_ITALIC) or "italic" in low or "oblique" in low
        self._fonts[key] = name, bold, italic
        return self._fonts[key]

    def _span(self, text: str, first: int, last: int, style: _Style) -> Span:
        _box_of(self._page, first, self._at_floats)
        left, upper, right, lower = self._floats[:4]
        if last != first:
            _box_of(self._page, last, self._at_floats)
            a, b, c, d = self._floats[:4]
            left, lower, right, upper = min(left, a), min(lower, d), max(right, c), max(upper, b)
        x0, y0, x1, y1 = self._crop.box(left, lower, right, upper)
        _origin_of(self._page, first, self._at_doubles, self._at_doubles + 8)
        x, y = self._doubles[0] - self._crop.left, self._crop.upper - self._doubles[1]
        baseline = y if style.angle % 180 == 0 else x
        if style.angle == 0:
            x0, y0, x1, y1 = upright_box(x0, x1, y, style.size)
        return Span(
            text,
            x0,
            y0,
            x1,
            y1,
            style.size,
            style.bold,
            style.italic,
            style.font,
            baseline,
            style.colour,
            style.painted,
        )


def _character(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    return chr(code) if 0 < code < 0x110000 else "\ufffd"


def _is_near(run: Span, word: Span, style: _Style) -> bool:
    if style.angle != 0 or abs(run.baseline - word.baseline) > 0.02 * style.size:
        return False
    return -MAX_BACK * style.size < word.x0 - run.x1 < MAX_GAP * style.size


def _paint(found: Any) -> tuple[int, bool]:
    """The colour that fills a text object, and whether anything of it is painted."""
    red, green, blue, alpha = (ctypes.c_uint(0) for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(found, red, green, blue, alpha):
        return 0, True
    mode = pdfium.FPDFTextObj_GetTextRenderMode(found)
    return red.value << 16 | green.value << 8 | blue.value, mode not in _INVISIBLE and alpha.value > 0


def page_boxes(page: pypdfium2.PdfPage, crop: Crop) -> tuple[list[Box], list[Box]]:
    """Boxes of images and of painted paths, also inside forms."""
    images: list[Box] = []
    paths: list[Box] = []
    identity = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    count = pdfium.FPDFPage_CountObjects(page.raw)
    waiting = [(pdfium.FPDFPage_GetObject(page.raw, i), identity, 0) for i in reversed(range(count))]
    while waiting and len(paths) < MAX_BOXES:
        found, matrix, depth = waiting.pop()
        kind = pdfium.FPDFPageObj_GetType(found)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = _times(_matrix(found), matrix)
            count = min(pdfium.FPDFFormObj_CountObjects(found), 2 * MAX_BOXES)
            waiting += [(pdfium.FPDFFormObj_GetObject(found, i), inner, depth + 1) for i in reversed(range(count))]
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and len(images) < MAX_BOXES:
            images += _bounds(found, matrix, crop)
        elif (kind == pdfium.FPDF_PAGEOBJ_PATH and _is_painted(found)) or kind == pdfium.FPDF_PAGEOBJ_SHADING:
            paths += _bounds(found, matrix, crop)
    return images, paths


_Matrix = tuple[float, float, float, float, float, float]


def _matrix(found: Any) -> _Matrix:
    m = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(found, m):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return m.a, m.b, m.c, m.d, m.e, m.f


def _times(m: _Matrix, n: _Matrix) -> _Matrix:
    """First `m`, then `n`."""
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(found: Any, matrix: _Matrix, crop: Crop) -> list[Box]:
    """The box of an object, in a list; none of an object without one."""
    x0, y0, x1, y1 = (_FLOAT(0.0) for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(found, x0, y0, x1, y1):
        return []
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (x0.value, x1.value) for y in (y0.value, y1.value)]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return [crop.box(min(xs), min(ys), max(xs), max(ys))]


def _is_painted(path: Any) -> bool:
    fill, stroke = _INT(0), _INT(0)
    if not pdfium.FPDFPath_GetDrawMode(path, fill, stroke):
        return True
    return bool(fill.value or stroke.value)
