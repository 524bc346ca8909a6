"""What PDFium knows of the characters of a page, through its C interface.

A page has some 5,000 characters: each is asked for its code, its place only where a word begins or ends.
https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Protocol

import pypdfium2

from curation.extract.pdf._pdfium_calls import FLOAT, INT, POINTER, Crop, function
from curation.extract.pdf._pdfium_styles import TextStyle, TextStyles
from curation.extract.pdf.lines import upright_box
from curation.extract.pdf.page import WORD_GAP, Span
from curation.extract.pdf.tex_glyphs import AS_CODE, by_code, is_ot1, table_of
from curation.text.accents import COMBINING

MAX_GAP, MAX_BACK = 0.8, 0.3
"""Between two words of a run, in sizes of its font."""
SURROGATES = 0xD800
"""From it on two characters of PDFium may be one of Unicode, as letters of mathematics are in a font's map."""
_BLANKS = frozenset({9, 32, 0xA0})
_ENDS = _BLANKS | {10, 13}
_HYPHENS = frozenset({2, 0xFFFE})
"""PDFium writes one character for a hyphen together with the line break after it."""
_ACCENTS = frozenset(map(ord, COMBINING))
_BLANK, _NOTHING = 32, -1
_PARTING = _ENDS | _ACCENTS
"""What may end a word inside of a text object."""
_UNPRINTED = _HYPHENS | {0, _NOTHING}
MAX_CODE = 0x10FFFF
_STRUCK = {ord("l"): ord("ł"), ord("L"): ord("Ł")}
STROKE_SHIFT = 0.2
"""Points between a blank that PDFium puts in and what is drawn next; it takes the place of a stroke between them."""

_unicode_of = function("FPDFText_GetUnicode", ctypes.c_uint, POINTER, INT)
_object_of = function("FPDFText_GetTextObject", POINTER, POINTER, INT)
_is_generated = function("FPDFText_IsGenerated", INT, POINTER, INT)
_is_hyphen = function("FPDFText_IsHyphen", INT, POINTER, INT)
_box_of = function("FPDFText_GetLooseCharBox", INT, POINTER, INT, POINTER)
_origin_of = function("FPDFText_GetCharOrigin", INT, POINTER, INT, POINTER, POINTER)


@dataclass(slots=True)
class _Piece:
    """The characters of one text object that follow each other.

    Args:
        words: first and last character and text of each.
        place: in PDFium's order; `drawn`: in the file's.
        blank: whether PDFium has a blank before it.
    """

    handle: int
    words: list[tuple[int, int, str]]
    place: int
    drawn: int
    blank: bool


class Drawn(Protocol):
    """The order of a page's objects, and those of text that a clip leaves nothing of, by their handles."""

    order: dict[int, int]
    clipped: set[int]


class Characters:
    """The characters of a page as runs."""

    def __init__(self, textpage: pypdfium2.PdfTextPage, crop: Crop, drawn: Drawn) -> None:
        self._page = ctypes.cast(textpage.raw, POINTER).value
        self._n = textpage.count_chars()
        self._order, self._clipped = drawn.order, drawn.clipped
        self.n_clipped = 0
        self._crop = crop
        self._styles = TextStyles(textpage)
        self._floats = (FLOAT * 6)()
        self._doubles = (ctypes.c_double * 2)()
        self._at_floats, self._at_doubles = ctypes.addressof(self._floats), ctypes.addressof(self._doubles)

    def runs(self) -> Iterator[tuple[Span, int]]:
        """Spans with their angles, in the order in which the file draws them."""
        run: Span | None = None
        style: TextStyle | None = None
        before = -1
        for piece in self._pieces():
            new = self._styles.of(piece.words[0][0], piece.handle)
            spans = self._spans(piece, new)
            for span in spans:
                span.text = by_code(span.text, span.font)
            if run is not None and piece.blank and piece.place == before + 1:
                run.text += " "
            if run is not None and new == style and _is_near(run, spans[0], new):
                if spans[0].x0 - run.x1 > WORD_GAP * new.size and not run.text.endswith(" "):
                    run.text += " "
                _lengthen(run, spans.pop(0))
            for span in spans:
                if run is not None and style is not None:
                    yield run, style.angle
                run, style = span, new
            before = piece.place
        if run is not None and style is not None:
            yield run, style.angle

    def _pieces(self) -> list[_Piece]:
        """The text of each object. PDFium sorts the objects of a row, and so parts accents from their letters."""
        codes = list(map(_unicode_of, repeat(self._page), range(self._n)))
        handles = list(map(_object_of, repeat(self._page), range(self._n)))
        self._mend_codes(codes, handles)
        pieces: list[_Piece] = []
        blank, start = False, -1
        for i, (code, handle) in enumerate(zip([*codes, _BLANK], [*handles, None], strict=True)):
            if start >= 0 and handle == handles[start] and code not in _PARTING:
                continue
            ends = code in _ENDS
            apart = start >= 0 and code in _ACCENTS and self._stands_apart(i)
            if start >= 0 and (ends or apart or handle != handles[start]):
                word = (start, i - 1, self._said(codes, start, i))
                if pieces and pieces[-1].handle == handles[start]:
                    pieces[-1].words.append(word)
                else:
                    place = self._order.get(handles[start] or 0, pieces[-1].drawn if pieces else 0)
                    pieces.append(_Piece(handles[start] or 0, [word], len(pieces), place, blank))
                start, blank = -1, False
            if ends:
                blank = blank or code in _BLANKS
            elif start < 0:
                start, blank = i, blank or apart
        gone = [piece for piece in pieces if piece.handle in self._clipped]
        self.n_clipped = sum(len(text) for piece in gone for _, _, text in piece.words)
        return sorted((piece for piece in pieces if piece.handle not in self._clipped), key=lambda piece: piece.drawn)

    def _mend_codes(self, codes: list[int], handles: list[int | None]) -> None:
        """Put what TeX's fonts draw in the place of codes that look like blanks and line ends, and of the stroke through an l."""
        for i, code in enumerate(codes):
            if code > _BLANK or not (handle := handles[i]) or (code < _BLANK and _is_generated(self._page, i) == 1):
                continue
            if code < _BLANK:
                codes[i] = AS_CODE + code if code in table_of(self._styles.of(i, handle).font) else code
            elif (
                codes[i + 1 : i + 2]
                and codes[i + 1] in _STRUCK
                and is_ot1(self._styles.of(i + 1, handles[i + 1] or 0).font)
            ):
                self._strike(codes, i)

    def _strike(self, codes: list[int], i: int) -> None:
        """Where a blank before an l is a stroke, or stands where one is drawn, put the letter with its stroke."""
        if _is_generated(self._page, i) != 1:
            codes[i] = _NOTHING
            codes[i + 1] = _STRUCK[codes[i + 1]]
        elif abs(self._origin(i) - self._origin(i + 1)) > STROKE_SHIFT:
            codes[i + 1] = _STRUCK[codes[i + 1]]

    def _origin(self, i: int) -> float:
        _origin_of(self._page, i, self._at_doubles, self._at_doubles + 8)
        return self._doubles[0]

    def _stands_apart(self, i: int) -> bool:
        """Whether a blank is between a character and the one before it: PDFium sees none before an accent that it draws back."""
        _box_of(self._page, i - 1, self._at_floats)
        end, height = self._floats[2], self._floats[1] - self._floats[3]
        _box_of(self._page, i, self._at_floats)
        return self._floats[0] - end > WORD_GAP * height

    def _said(self, codes: list[int], start: int, end: int) -> str:
        word = codes[start:end]
        if _UNPRINTED.isdisjoint(word) and max(word) < SURROGATES:
            return "".join(map(chr, word))
        for n, code in enumerate(word):
            if code in _HYPHENS:
                word[n] = 0x2D if _is_hyphen(self._page, start + n) == 1 else 0xFFFD
            elif code == 0 or code > MAX_CODE:
                word[n] = 0xFFFD
        if _NOTHING in word:
            word = [code for code in word if code != _NOTHING]
        text = "".join(map(chr, word))
        if text.isascii() or max(word) < SURROGATES:
            return text
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _spans(self, piece: _Piece, style: TextStyle) -> list[Span]:
        """The words of an object as one span, or more where they stand far apart."""
        first, last, text = piece.words[0]
        made = [self._span(text, first, last, style)]
        for first, last, text in piece.words[1:]:
            if style.angle:
                made[-1].text += " "
                made.append(self._span(text, first, last, style))
                continue
            x0, x1 = self._ends(first, last)
            before = made[-1]
            if -MAX_BACK * style.size < x0 - before.x1 < MAX_GAP * style.size:
                own = before.words or ((0.0, before.x1 - before.x0),)
                before.words = (*own, (x0 - before.x0, x1 - before.x0))
                before.text += f" {text}"
                before.x1 = max(x1, before.x1)
            else:
                before.text += " "
                made.append(replace(before, text=text, x0=x0, x1=x1, words=()))
        return made

    def _ends(self, first: int, last: int) -> tuple[float, float]:
        """x of the left side of one character and of the right side of another."""
        _box_of(self._page, first, self._at_floats)
        x0 = self._floats[0]
        _box_of(self._page, last, self._at_floats)
        return x0 - self._crop.left, self._floats[2] - self._crop.left

    def _span(self, text: str, first: int, last: int, style: TextStyle) -> Span:
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
            is_clip=style.is_clip,
        )


def _lengthen(run: Span, word: Span) -> None:
    run.take_words(word, apart=run.text.endswith(" "))
    run.text += word.text
    run.x0, run.y0 = min(run.x0, word.x0), min(run.y0, word.y0)
    run.x1, run.y1 = max(run.x1, word.x1), max(run.y1, word.y1)


def _is_near(run: Span, word: Span, style: TextStyle) -> bool:
    if style.angle != 0 or abs(run.baseline - word.baseline) > 0.02 * style.size:
        return False
    return -MAX_BACK * style.size < word.x0 - run.x1 < MAX_GAP * style.size
