"""How PDFium's text objects are set: font, size on the page, colour and direction of writing."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from curation.extract.pdf._pdfium_calls import FLOAT, INT, POINTER, function
from curation.extract.pdf.lines import font_name, font_style, right_angle
from curation.extract.pdf.page import MIN_ALPHA

FONT_NAME_BYTES = 256
FLAG_ITALIC, FLAG_FORCE_BOLD = 1 << 6, 1 << 18
"""Bits of a font descriptor (ISO 32000-1, table 123)."""
MAX_STRETCH = 8.0
"""Of letters, one way or the other, that are read; the size of others is the shorter side."""
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)

_matrix_of = function("FPDFText_GetMatrix", INT, POINTER, INT, POINTER)
_size_of = function("FPDFTextObj_GetFontSize", INT, POINTER, POINTER)
_font_of = function("FPDFTextObj_GetFont", POINTER, POINTER)
_mode_of = function("FPDFTextObj_GetTextRenderMode", INT, POINTER)
_fill_of = function("FPDFPageObj_GetFillColor", INT, POINTER, *[POINTER] * 4)


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Of the characters of one text object."""

    font: str
    bold: bool
    italic: bool
    size: float
    colour: int
    painted: bool
    is_clip: bool
    angle: int


class TextStyles:
    """The styles of the text objects of a page, each looked up once."""

    def __init__(self, textpage: pypdfium2.PdfTextPage) -> None:
        self._page = ctypes.cast(textpage.raw, POINTER).value
        self._styles: dict[int, TextStyle] = {}
        self._fonts: dict[int, tuple[str, bool, bool]] = {}
        self._floats = (FLOAT * 6)()
        self._colour = (ctypes.c_uint * 4)()
        self._at_floats, self._at_colour = ctypes.addressof(self._floats), ctypes.addressof(self._colour)

    def of(self, index: int, handle: int) -> TextStyle:
        """That of the text object of a character.

        Args:
            index: of the character on the page; `handle`: of its object.
        """
        if (known := self._styles.get(handle)) is not None:
            return known
        size, dx, dy = self._size(index, handle)
        colour, painted, is_clip = self._paint(handle)
        made = TextStyle(*self._font(handle), size, colour, painted, is_clip, right_angle(dx, -dy))
        self._styles[handle] = made
        return made

    def _size(self, index: int, handle: int) -> tuple[float, float, float]:
        """Font size on the page, and the direction of writing."""
        self._floats[0] = 0.0
        _size_of(handle, self._at_floats)
        size = self._floats[0]
        if not _matrix_of(self._page, index, self._at_floats):
            return abs(size), math.copysign(1.0, size), 0.0
        a, b, c, d = self._floats[:4]
        if size < 0:  # the letters are drawn the other way round
            size, a, b, c, d = -size, -a, -b, -c, -d
        area, wide = abs(a * d - b * c), math.hypot(a, b)
        if not wide or not (1 / MAX_STRETCH < area / wide**2 < MAX_STRETCH):
            return size * min(wide, area / wide if wide else 0.0), a, b
        return size * math.sqrt(area), a, b

    def _paint(self, handle: int) -> tuple[int, bool, bool]:
        """The colour that fills a text object, white where a pattern does, whether anything of it is painted, and whether it is but a clip."""
        at = self._at_colour
        if not _fill_of(handle, at, at + 4, at + 8, at + 12):
            return 0, True, False
        red, green, blue, alpha = self._colour
        mode = _mode_of(handle)
        painted = mode not in _INVISIBLE and alpha >= MIN_ALPHA
        return red << 16 | green << 8 | blue, painted, mode == pdfium.FPDF_TEXTRENDERMODE_CLIP

    def _font(self, handle: int) -> tuple[str, bool, bool]:
        key = _font_of(handle) or 0
        if (known := self._fonts.get(key)) is not None:
            return known
        font = ctypes.cast(key, pdfium.FPDF_FONT)
        buffer = ctypes.create_string_buffer(FONT_NAME_BYTES)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, FONT_NAME_BYTES)
        name, flags = font_name(buffer.value.decode("utf-8", errors="replace")), pdfium.FPDFFont_GetFlags(font)
        by_name = font_style(name)
        bold = bool(flags & FLAG_FORCE_BOLD) or by_name[0]
        italic = bool(flags & FLAG_ITALIC) or by_name[1]
        self._fonts[key] = name, bold, italic
        return self._fonts[key]
