"""The objects that a page of a PDF names, by their numbers, each looked at once for all pages."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf

REFERENCE = re.compile(r"(\d+) 0 R")
_ENTRY = re.compile(r"/([^\s/<>\[\](){}%]+) (\d+) 0 R")
_BELOW = re.compile(r"/(?:Resources|XObject|Font|Pattern|ExtGState) (\d+) 0 R")
_PARENT = re.compile(r"/Parent (\d+) 0 R")
_FILTER = re.compile(r"/Filter(?:/(\w+)|\[([^\]]*)\]| (\d+) 0 R)")
_CONTENTS = re.compile(r"/Contents(?: (\d+) 0 R|\[([^\]]*)\])")
MAX_PARENTS = 32
"""Of a page, from which it has its resources: trees of pages are four deep."""
MAX_FILTERS = 3
"""Of a stream; more of them are there to grow it."""
MAX_RATIO = 1040
"""Deflate packs at most 1,032 bytes into one."""
_FLATE = frozenset({"FlateDecode", "Fl"})


class Resources:
    """Objects of a document as their texts, which cost a sixth of what PyMuPDF's look-up of one entry takes."""

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document
        self._length = document.xref_length()
        self._texts: dict[int, str] = {}
        self._named: dict[int, str] = {}
        self._entries: dict[int, dict[str, int]] = {}

    def text(self, xref: int) -> str:
        """An object as it is written, without needless blanks; empty where there is none."""
        known = self._texts.get(xref)
        if known is None:
            there = 0 < xref < self._length
            known = self._texts[xref] = self._document.xref_object(xref, compressed=True) if there else ""
        return known

    def entries(self, owner: int) -> dict[str, int]:
        """What a page, form, pattern or font names among its resources, and what else its own object names."""
        if owner not in self._entries:
            self._entries[owner] = {name: int(xref) for name, xref in _ENTRY.findall(self.named(owner))}
        return self._entries[owner]

    def named(self, owner: int) -> str:
        """The object of a page, form, pattern or font, and its resources as far as they are lists of names; a page without any
        has those of its parents.
        """
        if (known := self._named.get(owner)) is not None:
            return known
        text = self.text(owner)
        for _ in range(MAX_PARENTS if "/Type/Page" in text and "/Resources" not in text else 0):
            parent = _PARENT.search(text)
            text = self.text(int(parent[1])) if parent else ""
            if "/Resources" in text or not text:
                break
        texts = [text]
        for _ in range(2):  # resources, and the names of one kind in them
            texts += [self.text(int(below)) for one in texts for below in _BELOW.findall(one)]
        made = self._named[owner] = "\n".join(texts)
        return made

    def contents(self, page: int) -> list[int]:
        """The streams of a page."""
        found = _CONTENTS.search(self.text(page))
        if found is None:
            return []
        if found[1] and not self.is_stream(int(found[1])):
            return [int(n) for n in REFERENCE.findall(self.text(int(found[1])))]
        return [int(n) for n in REFERENCE.findall(found[0])]

    def is_stream(self, xref: int) -> bool:
        return 0 < xref < self._length and bool(self._document.xref_is_stream(xref))

    def filters(self, xref: int) -> list[str]:
        """Names of what a stream is packed by."""
        found = _FILTER.search(self.text(xref))
        if found is None:
            return []
        named = f"/{found[1]}" if found[1] else found[2] or self.text(int(found[3] or 0))
        return re.findall(r"/(\w+)", named)

    def most_bytes(self, xref: int) -> int | None:
        """Bytes that a stream has at most when it is unpacked, told without unpacking; None where that is not known."""
        filters = self.filters(xref)
        if len(filters) > 1 or not _FLATE.issuperset(filters):
            return None
        return len(self._document.xref_stream_raw(xref)) * (MAX_RATIO if filters else 1)

    def stream(self, xref: int, bound: int) -> bytes | None:
        """A stream unpacked, no more of it than `bound` and a byte; None: it is packed by too many filters."""
        if not self.is_stream(xref):
            return b""
        names = self.filters(xref)
        if len(names) > MAX_FILTERS:
            return None
        if not _FLATE.issuperset(names):
            whole: bytes = self._document.xref_stream(xref) or b""
            return whole[: bound + 1]
        data: bytes = self._document.xref_stream_raw(xref)
        for _ in names:
            try:
                data = zlib.decompressobj().decompress(data, bound + 1)
            except zlib.error:
                return b""
        return data
