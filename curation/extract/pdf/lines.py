"""Runs of text in the order of the file become lines, the same ones whatever library gave the runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from curation.extract.pdf.drawn_accents import accent_reach, join_drawn
from curation.extract.pdf.initials import is_initial, set_down
from curation.extract.pdf.page import ASCENT, DESCENT, Box, Line, Span
from curation.extract.pdf.tex_glyphs import as_points, is_point_font

MAX_GAP = 0.8
"""Between two runs of a line, in sizes of the larger one: columns and cells of a table stand farther apart."""
MAX_BACK = 0.6
"""How far a run may begin before the end of the one before it: `^{+0.4}` stands above `_{-0.3}`, an accent above a letter."""
MAX_SHIFT = 0.7
"""Raising or lowering inside a line, in sizes of the larger run: TeX raises exponents by 0.36 to 0.45 sizes of the text."""
MAX_OVERLAP, MIN_TEXT_WORDS = 0.5, 2
"""Sizes between baselines of two lines of text that overlap, and words of each: numerators and denominators are farther apart."""
MAX_HANGING = 2.5
"""The same beside signs that hang from their origin."""
MIN_RAISED = 0.35
"""How far above the baseline of words the origin of a hanging sign is: .7 sizes or more inside of their line. On their baseline it hangs
into the line below, which it belongs to."""
MAX_SLANT = 12.0
"""Degrees off a right angle: a scan lies askew by 1 to 3, labels of an axis by 30 to 60, a watermark by 45."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_BOLD = re.compile(
    r"bold|black|heavy|demi|-medi|^(?:cm|sf|ec|tc|la)[a-z]*bx|^(?:cm|sf|ec)b\d|^cmss?bx|^cmcsb|^(?:ptm|phv|ppl|pcr|pnc|put|pbk)b|^rtxb|^ntxb|-bd",
    re.IGNORECASE,
)
_ITALIC = re.compile(
    r"ital|oblique|slant|^(?:cm|sf|ec)(?:ti|sl|bxti|bxsl|ssi|u\d)|^(?:ptm|phv|ppl)r?[io]\d", re.IGNORECASE
)
MAX_BOLD = 0.2
"""Sizes by which a word that is drawn once more to make it bold stands beside itself."""
BLANK = 0.3
MAX_WORD = 25
"""Characters."""
MAX_OTHER_WIDTH = 0.4
"""By how much the letters of a word are wider or narrower than those of its line."""
MAX_CHARS = 200_000
"""Of a page: so many letters of 2 points fill a sheet of A4; the densest pages of papers have 20,000."""
MAX_RUNS = 20_000
"""Of text on a page; a table or a plot of papers has 5,000."""
_BLANKS = re.compile(r"\s+")
_SUBSET = re.compile(r"^[A-Z]{6}\+")


@lru_cache(maxsize=4096)
def font_name(name: str) -> str:
    """A font's name without the prefix of a subset."""
    return _SUBSET.sub("", name)


@lru_cache(maxsize=4096)
def font_style(name: str) -> tuple[bool, bool]:
    """Whether a font is bold, italic, by its name: TeX's fonts say so there only."""
    return bool(_BOLD.search(name)), bool(_ITALIC.search(name))


def right_angle(dx: float, dy: float) -> int:
    """A direction on the shown page, y downwards, as degrees against the clock, 0 to 359; nearly right angles as right ones."""
    degrees = math.degrees(math.atan2(-dy, dx))
    nearest = round(degrees / 90) * 90
    return (nearest if abs(degrees - nearest) < MAX_SLANT else round(degrees)) % 360


def upright_box(x0: float, x1: float, baseline: float, size: float) -> Box:
    """The box of upright text, as `page.Span` has it."""
    return x0, baseline - ASCENT * size, x1, baseline + DESCENT * size


class TooFullError(Exception):
    """A page has more text than fits on one."""


def bounded(runs: Iterable[tuple[Span, int]]) -> Iterator[tuple[Span, int]]:
    """Runs as they come.

    Raises:
        TooFullError: more than `MAX_RUNS`, or than `MAX_CHARS` characters in them.
    """
    n_runs = n_chars = 0
    for span, angle in runs:
        n_runs, n_chars = n_runs + 1, n_chars + len(span.text)
        if n_runs > MAX_RUNS or n_chars > MAX_CHARS:
            raise TooFullError
        yield span, angle


def lines_of(runs: Iterable[tuple[Span, int]]) -> list[Line]:
    """Lines made of runs (a span and its angle) that go on where the one before them ends.

    A run of blanks is no text of its own; it stays inside a line only.
    """
    open_: list[_Open] = []
    for span, angle in runs:
        if is_point_font(span.font):
            span.text = as_points(span.text)
        if open_ and angle == 0 and (drawn := _drawn_again(open_[-1].spans[-1], span)):
            if drawn == len(span.text.rstrip()):
                continue
            span.text, span.x0 = span.text[drawn:], open_[-1].spans[-1].x1 + BLANK * span.size
        if open_ and angle == open_[-1].angle and open_[-1].goes_on(span):
            open_[-1].add(span)
        elif span.text.strip():
            open_.append(_Open(span, angle))
    return [line.closed() for line in open_]


def _drawn_again(before: Span, span: Span) -> int:
    """How many characters of a run are the last words of the one before it, drawn there once more to make them bold."""
    same = (
        before.font == span.font
        and before.size == span.size
        and abs(before.baseline - span.baseline) < MAX_BOLD * span.size
    )
    if not same or not before.x0 - MAX_BOLD * span.size < span.x0 < before.x1 - MAX_BOLD * span.size:
        return 0
    said, text = before.text.rstrip(), span.text.rstrip()
    if said == text and len(text) > MAX_WORD:
        return 0  # a whole line, which is counted (`hidden.remove_doubles`)
    ends = [*(match.start() for match in _BLANKS.finditer(text)), len(text)]
    shared = next((end for end in reversed(ends) if said.endswith(text[:end])), 0)
    if not shared:
        return 0
    width = (span.x1 - span.x0) * shared / len(text)
    return shared if abs(width - (before.x1 - span.x0)) < MAX_OTHER_WIDTH * width + MAX_BOLD * span.size else 0


class _Open:
    """A line to which runs may still come."""

    def __init__(self, first: Span, angle: int) -> None:
        self.angle = angle
        self.spans = [first]
        self.main = self.largest = self.level = first
        """The run of most characters, the largest one, and the first of those at the end that stand on one baseline."""

    def add(self, span: Span) -> None:
        if span.baseline != self.spans[-1].baseline:
            self.level = span
        if span.size > self.largest.size:
            self.largest = span
        if len(span.text) > len(self.main.text):
            self.main = span
        self.spans.append(span)

    def closed(self) -> Line:
        while not self.spans[-1].text.strip():
            self.spans.pop()
        return Line(self.spans if self.angle else join_drawn(self.spans), self.angle)

    def goes_on(self, span: Span) -> bool:
        """Whether a run of the line's angle belongs to it."""
        before = self.spans[-1]
        if self.angle == 0 and len(self.spans) == 1 and is_initial(before, span):
            set_down(before, span)
            return True
        size = max(before.size, span.size, self.main.size)
        shift = min(abs(span.baseline - before.baseline), abs(span.baseline - self.largest.baseline))
        if self.angle == 0 and hangs(span) and _sinks(span, before, size):
            return False
        if shift > MAX_SHIFT * size and not (shift <= MAX_HANGING * size and (hangs(span) or hangs(before))):
            return False
        if self.angle == 0 and (reach := accent_reach(before)):
            return -reach * size < _gap(before, span, self.angle) < MAX_GAP * size
        back = MAX_BACK * size
        if before.baseline != span.baseline and not (
            shift < MAX_OVERLAP * size and _is_text(self.level) and _is_text(span)
        ):
            back += self._raised_length()
        return -back < _gap(before, span, self.angle) < MAX_GAP * size

    def _raised_length(self) -> float:
        """How long the runs at the line's end are that stand on one baseline: what stands above or below them begins with them."""
        last = self.spans[-1]
        return last.x1 - self.level.x0 if self.angle in (0, 180) else last.y1 - self.level.y0


def _is_text(span: Span) -> bool:
    return len(_WORD.findall(span.text)) >= MIN_TEXT_WORDS


def _gap(before: Span, span: Span, angle: int) -> float:
    """From the end of one run to the beginning of the next, along their direction of writing."""
    if angle == 0:
        return span.x0 - before.x1
    if angle == 180:
        return before.x0 - span.x1
    return before.y0 - span.y1 if angle == 90 else span.y0 - before.y1


def hangs(span: Span) -> bool:
    """Whether a run is of the large signs of TeX (roots, sums, brackets), which hang down from their origin."""
    return span.font.startswith(("CMEX", "txex", "pxex")) or span.text.strip() == "\u221a"


def _sinks(span: Span, before: Span, size: float) -> bool:
    """Whether a hanging sign behind words hangs from their baseline; accents, which are in the same fonts, hang over letters."""
    on_line = span.baseline > before.baseline - MIN_RAISED * size
    return on_line and not hangs(before) and not accent_reach(span) and bool(_WORD.search(before.text))
