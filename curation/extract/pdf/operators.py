"""What drawing a page costs, told before it is drawn: the bytes of its operators, those of forms as often as they are drawn."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf

_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_REFERENCE = re.compile(r"(\d+) 0 R")
_HIDES = re.compile(r"/SMask\s*(?:<<|\d)|/BM\s*\[?\s*/(?!Normal|Compatible|Multiply|Darken)")
"""In a graphics state: a mask, or a blend that ink may vanish by."""
_THIN = re.compile(r"/ca\s*0?(?:\.[01]\d*)?(?![\d.])")
"""Ink that lets the paper through: a form that is painted as a whole with it knows nothing of it."""
_ENTRY = re.compile(r"/([^\s/<>\[\](){}%]+)\s+(\d+) 0 R")
MAX_CONTENT_BYTES = 64 << 20
"""Operators that a page may cost, forms counted as often as they are drawn. The densest plots of papers have 20-50 MB; a page
of 1.2 MB packed that unpacks to more than 1 GB kept a worker for 382 s."""
MAX_RATIO = 1040
"""Deflate packs at most 1,032 bytes into one."""
MAX_STATES = 1000
"""Graphics states of a page that are looked at."""
MAX_DEPTH = 12
"""Forms inside of forms; deeper ones count as if they were endless."""


def content_bytes(document: pymupdf.Document, page: int, bound: int) -> int:
    """Bytes of the operators of a page (its xref), unpacked; counting ends past `bound`, and those of a page without forms are
    not unpacked where they cannot pass it.
    """
    kind, value = document.xref_get_key(page, "Contents")
    found = _REFERENCE.findall(value) if kind in ("xref", "array") else []
    if len(found) == 1 and not _forms(document, page):
        stream = int(found[0])
        if 0 < stream < document.xref_length() and document.xref_is_stream(stream):
            filters = document.xref_get_key(stream, "Filter")[1]
            packed = len(document.xref_stream_raw(stream))
            if filters in ("null", "/FlateDecode") and packed * MAX_RATIO < bound:
                return packed
    streams = [_stream(document, int(xref), bound) for xref in found[: 1 + bound // 1024]]
    return _cost(document, page, b"\n".join(streams), bound, {}, ())


def has_forms(document: pymupdf.Document, page: int) -> bool:
    """Whether a page (its xref) may draw forms."""
    return bool(_forms(document, page))


def has_hiding_states(document: pymupdf.Document, page: int) -> bool:
    """Whether a page, or a form that it may draw, has a graphics state in which ink may not be seen."""
    waiting, seen = [(page, 0)], {page}
    while waiting:
        owner, depth = waiting.pop()
        kind, value = document.xref_get_key(owner, "Resources/ExtGState")
        if kind == "xref":
            value = document.xref_object(int(_REFERENCE.findall(value)[0]), compressed=True)
        states = [
            value,
            *(document.xref_object(int(n), compressed=True) for n in _REFERENCE.findall(value)[:MAX_STATES]),
        ]
        forms = set(_forms(document, owner).values()) if depth < MAX_DEPTH else set()
        if kind != "null" and any(map(_HIDES.search, states)):
            return True
        if any(map(_THIN.search, states)) and any(document.xref_get_key(form, "Group")[0] != "null" for form in forms):
            return True
        inner = forms - seen
        seen |= inner
        waiting += [(form, depth + 1) for form in inner]
    return False


def _cost(
    document: pymupdf.Document, owner: int, stream: bytes, bound: int, known: dict[int, int], above: tuple[int, ...]
) -> int:
    """Bytes of a stream and of the forms that it draws; `known` has those of forms seen before."""
    total = len(stream)
    drawn = _DRAWN.findall(stream) if total <= bound else []
    forms = _forms(document, owner) if drawn else {}
    for name in drawn:
        form = forms.get(name.decode("latin-1"))
        if form is None or form in above:
            continue
        if form not in known:
            known[form] = bound + 1
            if len(above) < MAX_DEPTH:
                inner = _stream(document, form, bound)
                known[form] = _cost(document, form, inner, bound, known, (*above, form))
        total += known[form]
        if total > bound:
            break
    return total


def _forms(document: pymupdf.Document, owner: int) -> dict[str, int]:
    """The form XObjects among the resources of a page or form, by name."""
    kind, value = "null", ""
    while owner and kind == "null":
        kind, value = document.xref_get_key(owner, "Resources/XObject")
        parent = document.xref_get_key(owner, "Parent") if kind == "null" else ("null", "")
        owner = int(_REFERENCE.findall(parent[1])[0]) if parent[0] == "xref" else 0
    if kind == "xref":
        value = document.xref_object(int(_REFERENCE.findall(value)[0]), compressed=True)
    entries = {name: int(xref) for name, xref in _ENTRY.findall(value)}
    return {name: xref for name, xref in entries.items() if document.xref_get_key(xref, "Subtype")[1] == "/Form"}


def _stream(document: pymupdf.Document, xref: int, bound: int) -> bytes:
    """A stream unpacked, no more of it than `bound` and a byte."""
    if not 0 < xref < document.xref_length() or not document.xref_is_stream(xref):
        return b""
    kind, filters = document.xref_get_key(xref, "Filter")
    names = re.findall(r"/(\w+)", filters) if kind != "null" else []
    if any(name not in ("FlateDecode", "Fl") for name in names):
        whole: bytes = document.xref_stream(xref) or b""
        return whole[: bound + 1]
    data: bytes = document.xref_stream_raw(xref)
    for _ in names:
        try:
            data = zlib.decompressobj().decompress(data, bound + 1)
        except zlib.error:
            return b""
    return data
