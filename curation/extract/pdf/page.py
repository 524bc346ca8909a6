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
MAX_SIDE = 1e9
"""Points: no page is larger, whatever a PDF says."""
MIN_ALPHA = 26
"""Of 255: ink that lets nine tenths of the paper through is not read."""
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
        words: where each of its words begins and ends along its direction of writing, in points from its own beginning; empty
            for a single word, and where the backend does not tell.
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
    words: tuple[tuple[float, float], ...] = ()

    def take_words(self, more: Span, *, apart: bool) -> None:
        """Put the places of the words of a run that goes on here behind its own, before the text and box of either change.

        Args:
            apart: whether a blank stands between the two.
        """
        own = self.words or ((0.0, self.x1 - self.x0),)
        shift = more.x0 - self.x0
        new = [(start + shift, end + shift) for start, end in more.words or ((0.0, more.x1 - more.x0),)]
        if not apart:
            own = (*own[:-1], (own[-1][0], new.pop(0)[1]))
        self.words = (*own, *new)


class Line:
    """A line of text in reading order: its spans in their direction of writing.

    What a line says and where it stands is looked up a hundred times, so it is measured once for its spans; who writes into a
    span says so by `changed`.

    Args:
        angle: the direction of writing on the shown page in degrees against the clock: 0, 90 (upwards), 180 (upside down),
            270; others of labels and watermarks askew.

    Attributes:
        x0: where its first span begins; x1, y0, y1: how far its spans reach.
        size: font size of most of its characters, scripts left aside; baseline: theirs.
    """

    __slots__ = ("_spans", "_text", "angle", "baseline", "size", "x0", "x1", "y0", "y1")

    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    baseline: float

    def __init__(self, spans: Sequence[Span], angle: int = 0) -> None:
        self.angle = angle
        self.spans = spans

    @property
    def spans(self) -> tuple[Span, ...]:
        return self._spans

    @spans.setter
    def spans(self, spans: Sequence[Span]) -> None:
        self._spans = tuple(spans)
        self.changed()

    def changed(self) -> None:
        """Measure anew: a span has another text or place. A line that lost all its spans stays where it was."""
        self._text: str | None = None
        if not self._spans:
            return
        main = first = self._spans[0]
        x1, y0, y1 = first.x1, first.y0, first.y1
        for span in self._spans[1:]:
            x1, y0, y1 = max(x1, span.x1), min(y0, span.y0), max(y1, span.y1)
            if (not span.script, len(span.text)) > (not main.script, len(main.text)):
                main = span
        self.x0, self.y0, self.x1, self.y1 = first.x0, y0, x1, y1
        self.size, self.baseline = main.size, main.baseline

    @property
    def text(self) -> str:
        """The spans, with a blank where two stand apart: libraries see blanks behind scripts that are none, and none that are."""
        if self._text is None:
            self._text = _joined(self._spans, apart=self.angle != 0)
        return self._text

    @property
    def box(self) -> Box:
        return self.x0, self.y0, self.x1, self.y1

    @property
    def bold(self) -> bool:
        return all(span.bold for span in self._spans if span.text.strip())


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

    Backends leave nothing out but what is clipped away: lines of every angle, of text that is not painted, and outside of the page
    are there.

    Args:
        width: in points, as shown.
        lines: in the order of the file, from runs that follow each other.
        images: boxes of the images, and `paths` of the painted vector paths, figures' own included; the first `MAX_BOXES`.
        recognised: what OCR read on a page that is a scan.
        refused: why nobody read it, a `probe.Fault`: it costs too much.
        is_aside: it holds what stands on end on the page before it (`hidden.take_aside`).
        n_clipped: characters that lie outside of what they are clipped to; they stand in no line.
        is_doubted: some of its text may be masked, blended into the paper, or of a layer that is not shown.
    """

    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    paths: list[Box] = field(default_factory=list)
    rotation: int = 0
    recognised: str | None = None
    refused: str = ""
    is_aside: bool = False
    n_clipped: int = 0
    is_doubted: bool = False

    @property
    def area(self) -> Box:
        return 0.0, 0.0, self.width, self.height

    @property
    def chars(self) -> int:
        return sum(len(span.text) for line in self.lines for span in line.spans)


def rows_of_lines(lines: Iterable[Line], within: float) -> list[list[Line]]:
    """Lines by rows from top to bottom: in one row stand those whose baselines are less than `within` of their sizes below that of
    its uppermost one.
    """
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.baseline):
        if rows and line.baseline - rows[-1][0].baseline < within * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


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
