"""What drawing a page costs, told before it is drawn: the bytes of its operators, those of forms, patterns, masks, glyphs and
annotations as often as they are drawn, and the tiles of patterns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from curation.extract.pdf.probe import Fault
from curation.extract.pdf.resources import REFERENCE, Resources
from curation.extract.pdf.said import letters_said_wrong
from curation.extract.pdf.tilings import tiles_bytes

if TYPE_CHECKING:
    import pymupdf

_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(Do|scn|SCN|gs)\b")
_SHOWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+[-+.\d]+\s+Tf|\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]*)>", re.DOTALL)
_MASK = re.compile(r"/SMask<<[^>]*?/G (\d+) 0 R|/SMask (\d+) 0 R")
_GROUP = re.compile(r"/G (\d+) 0 R")
_MAP = re.compile(r"/ToUnicode (\d+) 0 R")
_PROCS = re.compile(r"/CharProcs(?: (\d+) 0 R|<<([^>]*)>>)")
_ANNOTATIONS = re.compile(r"/Annots(?: (\d+) 0 R|\[)")
_LONG = re.compile(rb"<[0-9A-Fa-f\s]{%d,}>" % (4 * 24 + 1))
"""In a map to Unicode: more than 24 characters of sixteen bits for one code. Ligatures have three, the longest of Unicode eighteen."""
_HIDES = re.compile(r"/SMask\s*(?:<<|\d)|/BM\s*\[?\s*/(?!Normal|Compatible|Multiply|Darken)")
"""In a graphics state: a mask, or a blend that ink may vanish by."""
_THIN = re.compile(r"/ca\s*0?(?:\.[01]\d*)?(?![\d.])")
"""Ink that lets the paper through: a form that is painted as a whole with it knows nothing of it."""
MAX_CONTENT_BYTES = 64 << 20
"""Operators that a page may cost, forms counted as often as they are drawn. The densest plots of papers have 20-50 MB; a page
of 1.2 MB packed that unpacks to more than 1 GB kept a worker for 382 s."""
MAX_DEPTH = 28
"""Forms inside of forms: MuPDF and PDFium go as deep, plots of papers four or five."""
MAX_MAP_BYTES = 8 << 20
"""Of a map to Unicode; one of all of Unicode has 2 MB."""
FAT_GLYPH = 1 << 16
"""Bytes of operators from which a glyph is counted as often as its font is used: letters have 200, a logo some 20,000."""
MAX_ANNOTATIONS = 20_000
"""Of a page that are looked at; a page of references has 100."""
ANNOTATION_BYTES = 1000
"""That drawing the frame of an annotation is worth: 30 us."""


class _Refused(Exception):
    """A page that is not to be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Costs:
    """What the pages of a document cost.

    Args:
        bound: past it counting ends.
    """

    def __init__(self, document: pymupdf.Document, bound: int = MAX_CONTENT_BYTES) -> None:
        self._resources = Resources(document)
        self._bound = bound
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[int] = set()
        self._glyphs: dict[int, int] = {}
        self._fonts: set[int] = set()

    def refusal(self, page: int) -> Fault | None:
        """Why a page (its xref) is not to be drawn or read; None where it may be."""
        try:
            return Fault.ENDLESS if self._page_bytes(page) > self._bound else None
        except _Refused as error:
            return error.fault

    def has_forms(self, page: int) -> bool:
        """Whether a page may draw forms."""
        return any("/Subtype/Form" in self._resources.text(xref) for xref in self._resources.entries(page).values())

    def has_hiding_states(self, page: int) -> bool:
        """Whether a page, or a form that it may draw, has a graphics state in which ink may not be seen, or tiles that may lie over it:
        MuPDF tells the box of one tile.
        """
        resources = self._resources
        waiting, seen = [(page, 0)], {page}
        while waiting:
            owner, depth = waiting.pop()
            texts = [(xref, resources.text(xref)) for xref in resources.entries(owner).values()]
            forms = {xref: text for xref, text in texts if "/Subtype/Form" in text}
            states = [
                resources.text(owner),
                *(text for _, text in texts if "/Subtype" not in text and "/Kids" not in text),
            ]
            if any(map(_HIDES.search, states)) or any("/PatternType 1" in text for _, text in texts):
                return True
            if any(map(_THIN.search, states)) and any("/Group" in text for text in forms.values()):
                return True
            inner = forms.keys() - seen if depth < MAX_DEPTH else set()
            seen |= inner
            waiting += [(form, depth + 1) for form in inner]
        return False

    def _page_bytes(self, page: int) -> int:
        """Bytes of the operators of a page; those of pages that draw nothing else are not unpacked where they cannot pass the bound."""
        resources = self._resources
        contents = resources.contents(page)[: 1 + self._bound // 1024]
        total = self._annotation_bytes(page)
        drawn, glyphs = self._named(page)
        if not drawn and not any(cost > FAT_GLYPH for cost in glyphs.values()):
            most = [resources.most_bytes(xref) for xref in contents if resources.is_stream(xref)]
            if None not in most and total + sum(n for n in most if n) < self._bound:
                return total
        return total + self._cost(page, b"\n".join(map(self._stream, contents)), 0)

    def _stream(self, xref: int) -> bytes:
        found = self._resources.stream(xref, self._bound)
        if found is None:
            raise _Refused(Fault.ENDLESS)
        return found

    def _cost(self, owner: int, stream: bytes, depth: int) -> int:
        """Bytes of a stream, and of all that it draws."""
        total = len(stream)
        drawn, glyphs = self._named(owner)
        for name, operator in _DRAWN.findall(stream) if drawn and total <= self._bound else ():
            key = operator.lower()
            found = drawn.get((key, name.decode("latin-1"))) or drawn.get((key, ""))
            if not found:
                continue
            total += self._drawn_bytes(found, depth + 1, owner)
            if key == b"scn" and total <= self._bound:
                total += tiles_bytes(self._resources.text(found), self._resources.text)
            if total > self._bound:
                return total
        fat = {name: cost for name, cost in glyphs.items() if cost > (FAT_GLYPH if depth == 0 else 0)}
        return total + (self._shown_bytes(stream, fat) if fat and total <= self._bound else 0)

    def _drawn_bytes(self, xref: int, depth: int, above: int) -> int:
        """What a form, pattern or mask costs each time; one without resources has those of what draws it."""
        owner = xref if "/Resources" in self._resources.text(xref) else above
        if (xref, owner) not in self._known:
            if depth > MAX_DEPTH or xref in self._open:  # it draws itself
                raise _Refused(Fault.DEEP)
            self._open.add(xref)
            try:
                self._known[xref, owner] = self._cost(owner, self._stream(xref), depth)
            finally:
                self._open.discard(xref)
        return self._known[xref, owner]

    def _named(self, owner: int) -> tuple[dict[tuple[bytes, str], int], dict[str, int]]:
        """What the resources of a page, form or glyph have that costs something: streams by operator and name, and fonts of drawn
        glyphs by name, with the cost of their largest one.
        """
        drawn: dict[tuple[bytes, str], int] = {}
        glyphs: dict[str, int] = {}
        for name, xref in self._resources.entries(owner).items():
            text = self._resources.text(xref)
            if "/Subtype/Image" in text or "/Kids" in text:
                continue
            if "/Subtype/Form" in text:
                drawn[b"do", name] = xref
            elif "/PatternType 1" in text:
                drawn[b"scn", name] = xref
            elif mask := _MASK.search(text):
                drawn[b"gs", name] = self._mask(mask)
            elif "/CharProcs" in text:
                glyphs[name] = self._glyph_bytes(xref)
            if (found := _MAP.search(text)) and xref not in self._fonts:
                self._look_at_font(xref, int(found[1]))
        if mask := _MASK.search(self._resources.named(owner)):
            drawn[b"gs", ""] = self._mask(mask)
        return drawn, glyphs

    def _mask(self, found: re.Match[str]) -> int:
        """The form of a mask."""
        if found[1]:
            return int(found[1])
        inner = _GROUP.search(self._resources.text(int(found[2])))
        return int(inner[1]) if inner else 0

    def _glyph_bytes(self, font: int) -> int:
        """What the largest glyph of a font costs."""
        if font not in self._glyphs:
            self._glyphs[font] = 0
            procs = _PROCS.search(self._resources.text(font))
            named = (procs[2] or self._resources.text(int(procs[1] or 0))) if procs else ""
            streams = {int(xref) for xref in REFERENCE.findall(named)}
            most = max((self._cost(font, self._stream(xref), 1) for xref in streams), default=0)
            self._glyphs[font] = most
        return self._glyphs[font]

    def _shown_bytes(self, stream: bytes, fat: Mapping[str, int]) -> int:
        """What glyphs cost that a stream shows."""
        total = each = 0
        for font, text, code in _SHOWN.findall(stream):
            if font:
                each = fat.get(font.decode("latin-1"), 0)
            elif each and (total := total + each * (len(text) or len(code) // 2)) > self._bound:
                break
        return total

    def _look_at_font(self, xref: int, map_xref: int) -> None:
        """Refuse a page one of whose fonts says a whole text of one code, or other letters than it draws."""
        found = self._resources.stream(map_xref, MAX_MAP_BYTES)
        if found is None or len(found) > MAX_MAP_BYTES or _LONG.search(found):
            raise _Refused(Fault.LONG)
        if letters_said_wrong(self._resources, xref):
            raise _Refused(Fault.LIES)
        self._fonts.add(xref)

    def _annotation_bytes(self, page: int) -> int:
        """What the annotations of a page cost, links left aside."""
        text = self._resources.text(page)
        found = _ANNOTATIONS.search(text)
        if found is None:
            return 0
        listed = Counter(REFERENCE.findall(self._resources.text(int(found[1])) if found[1] else text[found.end() :]))
        if len(listed) > MAX_ANNOTATIONS:
            return self._bound + 1
        total = 0
        for number, times in listed.items():
            note = self._resources.text(int(number))
            if "/AP" in note and "/Subtype/Link" not in note:
                total += times * (ANNOTATION_BYTES + self._appearance_bytes(note))
            elif "/Subtype/Form" in note:
                total += times * self._drawn_bytes(int(number), 1, 0)
        return total

    def _appearance_bytes(self, note: str) -> int:
        """What the largest appearance of an annotation costs."""
        named = note[note.index("/AP") :]
        numbers = {int(n) for n in REFERENCE.findall(named)}
        numbers |= {int(n) for number in numbers for n in REFERENCE.findall(self._resources.text(number)[:1000])}
        forms = [number for number in numbers if "/Subtype/Form" in self._resources.text(number)]
        return max((self._drawn_bytes(form, 1, 0) for form in forms), default=0)
