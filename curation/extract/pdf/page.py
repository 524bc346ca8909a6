"""What the geometry needs to know of a page, whatever library read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol, TypeAlias

WORD_GAP = 0.15
"""Blank between words in shares of the larger font size: TeX's interword space is a third of an em, its shrink a ninth."""


ASCENT, DESCENT = 0.75, 0.25
"""Of a font's size, above and below the baseline: the box of upright text, whatever each library thinks of the font."""
Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, from the upper left corner of the page as it is shown, y downwards."""
MAX_BOXES = 5000
"""Of images and of paths that a page tells: a plot of a catalogue draws 10^5 points."""


@dataclass(slots=True)
class Span:
    """A run of text in one font, on one baseline.

    Coordinates in points as in `Box`; y0 and y1 of upright text are its baseline less `ASCENT` and plus `DESCENT` sizes.

    Args:
        font: its name, without the prefix of a subset ("ABCDEF+").
        baseline: y of the first character's origin; of text that stands on end, x.
        colour: 0xRRGGBB of its filling.
        script: True for raised or lowered characters once they are written as such.
        painted: False for text that is neither filled nor stroked (render modes 3 and 7): of a scan's text layer.
        is_clip: what shows of it is what is painted through it, a pattern or a picture.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool = False
    italic: bool = False
    font: str = ""
    baseline: float = 0.0
    colour: int = 0
    painted: bool = True
    script: bool = False
    is_clip: bool = False


@dataclass(slots=True)
class Line:
    """A line of text in reading order: its spans in their direction of writing.

    `angle` is the direction of writing on the shown page in degrees against the clock: 0, 90 (upwards), 180 (upside down),
    270; others of labels and watermarks askew. What a line says and where it stands is looked up ten times, so it is kept
    until its list of spans changes; who writes into a span says so by `changed`.
    """

    spans: list[Span]
    angle: int = 0
    _kept: _Kept | None = field(default=None, init=False, repr=False, compare=False)

    def changed(self) -> None:
        """Forget what was kept: a span has another text or place."""
        self._kept = None

    def _measure(self) -> _Kept:
        kept = self._kept
        if kept is None or kept.spans is not self.spans or kept.n != len(self.spans):
            kept = self._kept = _Kept.of(self.spans)
        return kept

    @property
    def text(self) -> str:
        """The spans, with a blank where two stand apart: libraries see blanks behind scripts that are none, and none that are."""
        kept = self._measure()
        if kept.text is None:
            kept.text = _joined(self.spans, apart=self.angle != 0)
        return kept.text

    @property
    def x0(self) -> float:
        return self.spans[0].x0

    @property
    def x1(self) -> float:
        return self._measure().x1

    @property
    def y0(self) -> float:
        return self._measure().y0

    @property
    def y1(self) -> float:
        return self._measure().y1

    @property
    def size(self) -> float:
        """Font size of most of the line's characters, scripts left aside."""
        return self._measure().main.size

    @property
    def baseline(self) -> float:
        """Of most of the line's characters, scripts left aside."""
        return self._measure().main.baseline

    @property
    def bold(self) -> bool:
        return self._measure().bold

    @property
    def italic(self) -> bool:
        """True when all words are; their numbers may be upright."""
        return self._measure().italic


@dataclass(slots=True)
class _Kept:
    """What was looked up of a line with these spans."""

    spans: list[Span]
    n: int
    x1: float
    y0: float
    y1: float
    main: Span
    bold: bool
    italic: bool
    text: str | None = None

    @staticmethod
    def of(spans: list[Span]) -> _Kept:
        main = first = spans[0]
        x1, y0, y1 = first.x1, first.y0, first.y1
        bold = italic = True
        worded = False
        for span in spans:
            x1, y0, y1 = max(x1, span.x1), min(y0, span.y0), max(y1, span.y1)
            if (not span.script, len(span.text)) > (not main.script, len(main.text)):
                main = span
            if not span.bold and span.text.strip():
                bold = False
            if any(map(str.isalpha, span.text)):
                worded, italic = True, italic and span.italic
        return _Kept(spans, len(spans), x1, y0, y1, main, bold, worded and italic)


def _joined(spans: Sequence[Span], *, apart: bool) -> str:
    text = spans[0].text
    for before, span in pairwise(spans):
        if apart or span.x0 - before.x1 > WORD_GAP * max(before.size, span.size):
            text = f"{text.rstrip()} {span.text.lstrip()}"
        else:
            text = text.rstrip() + span.text.lstrip()
    return text


@dataclass(slots=True)
class Page:
    """One page as it is shown: cut to its crop box, turned by its `rotation` (0, 90, 180, 270 degrees with the clock).

    Backends leave nothing out: lines of every angle, of text that is not painted, and outside of the page are there.

    Args:
        width: in points, as shown.
        lines: in the order of the file, from runs that follow each other.
        images: boxes of the images, and `paths` of the painted vector paths, figures' own included; the first `MAX_BOXES`.
        recognised: what OCR read on a page that is a scan.
        is_endless: it has so many operators that nobody read it (`operators.MAX_CONTENT_BYTES`).
    """

    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    paths: list[Box] = field(default_factory=list)
    rotation: int = 0
    recognised: str | None = None
    is_endless: bool = False

    @property
    def area(self) -> Box:
        return 0.0, 0.0, self.width, self.height

    @property
    def chars(self) -> int:
        return sum(len(span.text) for line in self.lines for span in line.spans)


def covered(page: Box, images: Iterable[Box]) -> float:
    """Share of a page that lies under images, 0 to 1: no more than their areas together and than the box around them,
    for a scan may be cut into strips, and a figure be made of many images above one another.
    """
    x0, y0, x1, y1 = page
    inside = [(max(a, x0), max(b, y0), min(c, x1), min(d, y1)) for a, b, c, d in images]
    inside = [(a, b, c, d) for a, b, c, d in inside if a < c and b < d]
    if not inside:
        return 0.0
    left, lower, right, upper = zip(*inside, strict=True)
    around = (max(right) - min(left)) * (max(upper) - min(lower))
    together = sum((c - a) * (d - b) for a, b, c, d in inside)
    return float(min(together, around) / ((x1 - x0) * (y1 - y0)))


class Backend(Protocol):
    """A library that reads PDFs."""

    name: str

    def pages(self, data: bytes, max_pages: int, only: Set[int] | None = None) -> list[Page]:
        """All pages of a PDF; those that are not in `only`, by their numbers from 0, have no size and no text.

        Raises:
            PaperError: ENCRYPTED, TOO_LARGE for more than `max_pages`, UNREADABLE.
        """
