"""What the geometry needs to know of a page, whatever library read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


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


@dataclass(slots=True)
class Line:
    """A line of text in reading order: its spans from left to right."""

    spans: list[Span]
    block: int

    @property
    def text(self) -> str:
        return "".join(s.text for s in self.spans)

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
