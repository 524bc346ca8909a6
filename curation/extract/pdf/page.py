"""What the geometry needs to know of a page, whatever library read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

WORD_GAP = 0.15
"""Blank between words in shares of the font size: TeX's interword space is a third of an em, its shrink a ninth."""


@dataclass(slots=True)
class Span:
    """A run of text in one font. Coordinates in points, y downwards."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool = False
    italic: bool = False


@dataclass(slots=True)
class Line:
    """A line of text in reading order: its spans from left to right."""

    spans: list[Span]
    block: int

    @property
    def text(self) -> str:
        """The spans, with a blank where two stand apart (a superscript's end carries none of its own)."""
        text = self.spans[0].text
        for before, span in pairwise(self.spans):
            apart = span.x0 - before.x1 > WORD_GAP * min(before.size, span.size)
            text += " " + span.text if apart and not before.text.endswith(" ") else span.text
        return text

    @property
    def x0(self) -> float:
        return self.spans[0].x0

    @property
    def x1(self) -> float:
        return max(s.x1 for s in self.spans)

    @property
    def y0(self) -> float:
        return min(s.y0 for s in self.spans)

    @property
    def y1(self) -> float:
        return max(s.y1 for s in self.spans)

    @property
    def size(self) -> float:
        """Font size of most of the line's characters."""
        return max(self.spans, key=lambda s: len(s.text)).size

    @property
    def bold(self) -> bool:
        return all(s.bold for s in self.spans if s.text.strip())

    @property
    def italic(self) -> bool:
        """True when all words are; their numbers may be upright."""
        worded = [s for s in self.spans if any(c.isalpha() for c in s.text)]
        return bool(worded) and all(s.italic for s in worded)


@dataclass(slots=True)
class Page:
    """One page: size in points, lines in reading order."""

    width: float
    height: float
    lines: list[Line] = field(default_factory=list)


class Backend(Protocol):
    """A library that reads PDFs."""

    name: str

    def pages(self, data: bytes, max_pages: int) -> list[Page]:
        """All pages of a PDF.

        Raises:
            PaperError: ENCRYPTED, TOO_LARGE for more than `max_pages`, UNREADABLE.
        """
