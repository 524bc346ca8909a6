"""What a page draws, as PDFium tells it: boxes of images and painted paths, and the order of all objects."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from curation.extract.pdf._pdfium_calls import FLOAT, INT, POINTER, Crop, function
from curation.extract.pdf.page import MAX_BOXES, Box

MAX_DEPTH = 28
"""Of forms inside forms."""
MAX_TEXTS = 40_000
"""Of a page that are read: PDFium takes 6 s for so many, and four times as much for twice as many."""
MAX_OBJECTS = 200_000
"""Of a page that are looked at: 1 us each, and the plot of a catalogue has as many."""
LARGE = 10_000.0
"""Square points of a path whose clip is looked at: smaller ones seldom leave it."""
MAX_ANNOTATIONS = 1000
_BESIDE_TEXT = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_TEXT)
MAX_MARKS = 20
"""Of an object; a tagged PDF has one or two."""
MAX_CLIP = 1000
"""Points of a clip path; most are rectangles."""

_count_of = function("FPDFPage_CountObjects", INT, POINTER)
_page_object = function("FPDFPage_GetObject", POINTER, POINTER, INT)
_form_count_of = function("FPDFFormObj_CountObjects", INT, POINTER)
_form_object = function("FPDFFormObj_GetObject", POINTER, POINTER, ctypes.c_ulong)
_type_of = function("FPDFPageObj_GetType", INT, POINTER)
_object_matrix = function("FPDFPageObj_GetMatrix", INT, POINTER, POINTER)
_object_bounds = function("FPDFPageObj_GetBounds", INT, POINTER, *[POINTER] * 4)
_draw_mode = function("FPDFPath_GetDrawMode", INT, POINTER, POINTER, POINTER)
_clip_of = function("FPDFPageObj_GetClipPath", POINTER, POINTER)
_clip_count = function("FPDFClipPath_CountPaths", INT, POINTER)
_clip_segments = function("FPDFClipPath_CountPathSegments", INT, POINTER, INT)
_clip_segment = function("FPDFClipPath_GetPathSegment", POINTER, POINTER, INT, INT)
_has_transparency = function("FPDFPageObj_HasTransparency", INT, POINTER)
_mark_count = function("FPDFPageObj_CountMarks", INT, POINTER)
_mark_of = function("FPDFPageObj_GetMark", POINTER, POINTER, ctypes.c_ulong)
_name_of = function("FPDFPageObjMark_GetName", INT, POINTER, POINTER, ctypes.c_ulong, POINTER)
_says_of = function("FPDFPageObjMark_GetParamValueType", INT, POINTER, ctypes.c_char_p)
_remove_mark = function("FPDFPageObj_RemoveMark", INT, POINTER, POINTER)
_segment_point = function("FPDFPathSegment_GetPoint", INT, POINTER, POINTER, POINTER)


@dataclass(slots=True)
class Objects:
    """What a page draws: boxes of images and of painted paths, also inside forms, and the order of all, by their handles.

    Args:
        clipped: text that lies outside of what it is clipped to; n_texts: objects of text.
        is_doubted: whether text may be masked, blended into the paper, or of a layer that is not shown.
    """

    images: list[Box]
    paths: list[Box]
    order: dict[int, int]
    clipped: set[int]
    is_doubted: bool = False
    n_texts: int = 0


def objects_of(page: pypdfium2.PdfPage, crop: Crop) -> Objects:
    """Look at all objects of a page. Text that its author wrote beside glyphs, to be read in their place, is taken from them:
    so this is done before PDFium makes the page's text.
    """
    made = Objects([], [], {}, set())
    raw = ctypes.cast(page.raw, POINTER).value
    made.is_doubted = _has_stamps(page)
    waiting = [(_page_object(raw, i), _IDENTITY, 0) for i in reversed(range(min(_count_of(raw), MAX_OBJECTS)))]
    while waiting:
        found, matrix, depth = waiting.pop()
        made.order[found] = len(made.order)
        kind = _type_of(found)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = _times(_matrix(found), matrix)
            made.is_doubted = made.is_doubted or _may_hide(found)
            count = min(_form_count_of(found), MAX_OBJECTS - len(made.order))
            waiting += [(_form_object(found, i), inner, depth + 1) for i in reversed(range(count))]
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            made.is_doubted = made.is_doubted or _may_hide(found)
            made.n_texts += 1
            _unsay(found)
            if _is_clipped(found):
                made.clipped.add(found)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and len(made.images) < MAX_BOXES:
            made.images += _bounds(found, matrix, crop)
        elif (kind == pdfium.FPDF_PAGEOBJ_SHADING or (kind == pdfium.FPDF_PAGEOBJ_PATH and _is_painted(found))) and len(
            made.paths
        ) < MAX_BOXES:
            made.paths += _bounds(found, matrix, crop)
    return made


def _may_hide(found: int) -> bool:
    return bool(_has_transparency(found)) or any(_mark_name(mark) == b"OC" for mark in _marks(found))


def _has_stamps(page: pypdfium2.PdfPage) -> bool:
    """Whether a page has annotations that may lie over its text: others than links, pop-ups and fields of forms."""
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind not in _BESIDE_TEXT:
            return True
    return False


def _marks(found: int) -> list[int]:
    return [_mark_of(found, n) for n in range(min(_mark_count(found), MAX_MARKS))]


def _mark_name(mark: int) -> bytes:
    name, length = ctypes.create_string_buffer(16), ctypes.c_ulong()
    if not _name_of(mark, ctypes.addressof(name), 16, ctypes.addressof(length)):
        return b""
    return name.raw.decode("utf-16-le", "replace").partition("\0")[0].encode()


def _unsay(text: int) -> None:
    """Take from a text object the marks that say another text than its glyphs."""
    for mark in _marks(text):
        if _says_of(mark, b"ActualText") > 0:
            _remove_mark(text, mark)


def _is_clipped(text: int) -> bool:
    """Whether a text object lies outside of its clip."""
    clip = _clip_of(text)
    if not clip or _clip_count(clip) <= 0:
        return False
    m = (FLOAT * 4)()
    at = ctypes.addressof(m)
    if not _object_bounds(text, at, at + 4, at + 8, at + 12):
        return False
    x0, y0, x1, y1 = _clipped(text, *m)
    return x0 >= x1 or y0 >= y1


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _matrix(found: int) -> _Matrix:
    m = (FLOAT * 6)()
    if not _object_matrix(found, ctypes.addressof(m)):
        return _IDENTITY
    a, b, c, d, e, f = m
    return a, b, c, d, e, f


def _times(m: _Matrix, n: _Matrix) -> _Matrix:
    """First `m`, then `n`."""
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(found: int, matrix: _Matrix, crop: Crop) -> list[Box]:
    """The box of an object, in a list; none of an object without one."""
    m = (FLOAT * 4)()
    at = ctypes.addressof(m)
    if not _object_bounds(found, at, at + 4, at + 8, at + 12):
        return []
    x0, y0, x1, y1 = m
    if (x1 - x0) * (y1 - y0) > LARGE:
        x0, y0, x1, y1 = _clipped(found, x0, y0, x1, y1)
        if x0 >= x1 or y0 >= y1:
            return []
    if matrix is _IDENTITY:
        return [crop.box(x0, y0, x1, y1)]
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (x0, x1) for y in (y0, y1)]
    ys = [b * x + d * y + f for x in (x0, x1) for y in (y0, y1)]
    return [crop.box(min(xs), min(ys), max(xs), max(ys))]


def _clipped(found: int, *box: float) -> tuple[float, float, float, float]:
    """A box cut to the clip paths of its object: a curve goes on far outside of the axes that show it."""
    x0, y0, x1, y1 = box
    clip = _clip_of(found)
    point = (FLOAT * 2)()
    at = ctypes.addressof(point)
    for path in range(max(0, _clip_count(clip)) if clip else 0):
        xs, ys = [], []
        for n in range(min(_clip_segments(clip, path), MAX_CLIP)):
            if _segment_point(_clip_segment(clip, path, n), at, at + 4):
                xs.append(point[0])
                ys.append(point[1])
        if xs:
            x0, y0, x1, y1 = max(x0, min(xs)), max(y0, min(ys)), min(x1, max(xs)), min(y1, max(ys))
    return x0, y0, x1, y1


def _is_painted(path: int) -> bool:
    m = (INT * 2)()
    at = ctypes.addressof(m)
    return not _draw_mode(path, at, at + ctypes.sizeof(INT)) or any(m)
