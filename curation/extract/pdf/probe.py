"""Whether what a page gave can be its text: the first look at every page, whatever library or OCR read it."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from curation.extract.known_words import rate_of, words_of
from curation.extract.pdf.page import Page, covered

LOST = re.compile(r"\(cid:\d+\)|[\ufffd\x00-\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""A character without a Unicode value: U+FFFD, private use, controls (U+0002 is PDFium's hyphen), or the number of a glyph."""
MAX_LOST = 0.1
"""Share of a page's characters without Unicode from which somebody else is asked; symbols of mathematics make less."""
MAX_LOST_KEPT = 0.3
"""Share from which a page that nobody reads better is not taken: words have holes."""
MIN_RATE = 0.07
"""Share of known words below which a page is no text of a language that papers are written in. Measured on 700 pages of papers:
prose has .45 to .74, references .19 and more; ciphers, pages read upside down and letters at random have .03 and less."""
MANY_WORDS = 60
"""Below it a page with some known word is not doubted: a form, a table of names."""
MIN_DIFFERENT = 15
"""Different words from which they tell: a table may repeat the name of a catalogue in each row."""
MIN_LAYER_RATE = 0.3
"""Of what an earlier OCR left under a scan, below which the page is read anew: it may be right, or read by nobody who knew how."""
BLANKS = (0.06, 0.45)
"""Blanks and line ends a character: prose has .15 to .22. Fewer: words are glued; more blanks inside of lines: letters stand
apart. Short cells of a table are lines of their own, and their ends tell nothing."""
MIN_CHARS = 400
"""Characters from which blanks are judged."""
MIN_COVER = 0.8
"""Share of a page that its image covers: a scan is the page itself, a full-page figure stands inside the margins."""
MAX_OWN_CHARS = 200
"""Of a scan: a stamp has 50-150 characters, a page of a paper 2,000-6,000, the text layer of a scan as many."""
MIN_DRAWN = 0.3
"""Share of a page without text that pictures cover, from which it may show words."""
MIN_GLYPHS = 300
"""Paths of the size of a letter from which a page without text has its letters drawn: some five lines."""
GLYPH_PT = (1.0, 20.0)
MIN_GAIN = 0.05
"""By which another reading must know more words to take the place of the first."""
MIN_MORE = 1.1
"""Times the words of a scan's layer that OCR must read, to have read what the layer leaves out."""
_BLANKS = "\n \t\xa0"
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


class Fault(StrEnum):
    """Why a page's text is not believed, in words for people."""

    UNOPENED = "the page cannot be opened"
    ENDLESS = "drawing the page takes more than 64 MB of operators"
    DEEP = "what it draws is nested more than 28 deep"
    LONG = "its fonts say more than 24 characters of one"
    LIES = "its fonts say other letters than they draw"
    FULL = "it has more text than fits on a page"
    SCAN = "a scan"
    DRAWN = "its letters are drawn as shapes"
    PICTURE = "a picture without text"
    LOST = "its characters have no Unicode values"
    STRANGE = "its words are of no language"
    BLANKS = "its words are glued together, or its letters stand apart"
    LAYER = "its text layer is of a scan, and doubtful"
    PARTIAL = "its text layer leaves out a part of the scan"


@dataclass(frozen=True, slots=True)
class Probe:
    """What was measured on a text.

    Args:
        n_chars: characters but blanks; n_lost: those without Unicode.
        blanks: blanks and line ends a character, without those that end a line; apart: only blanks, where some word is found.
        words: of three letters and more, each once; n_words: all of them.
        rate: share of them that are known, None where too few tell.
    """

    n_chars: int
    n_lost: int
    blanks: float
    apart: float
    words: frozenset[str]
    n_words: int
    rate: float | None
    is_latin: bool

    @classmethod
    def of(cls, text: str, more: Set[str] = frozenset()) -> Probe:
        """Measure a text; `more` are words known from the paper's good pages."""
        words = words_of(text)
        n_lost = len(LOST.findall(text))
        n_chars = max(len(text) - sum(map(text.count, _BLANKS)), 0)
        lines = [stripped for line in text.split("\n") if (stripped := line.strip(_BLANKS))]
        inside = sum(map("\n".join(lines).count, _BLANKS[1:]))
        blanks = (inside + max(len(lines) - 1, 0)) / max(n_chars, 1)
        apart = inside / max(n_chars, 1) if words else blanks
        latin = len(_LATIN.findall(text))
        rate = rate_of(words, more)
        return cls(n_chars, n_lost, blanks, apart, frozenset(words), len(words), rate, 2 * latin > n_chars)

    @property
    def lost(self) -> float:
        return self.n_lost / max(self.n_chars, 1)

    @property
    def score(self) -> float:
        """By which two readings of a page are compared."""
        return (MIN_LAYER_RATE if self.rate is None else self.rate) * (1 - self.lost) * (self.n_chars > 0)

    @property
    def quality(self) -> int | None:
        """Known words of 100."""
        return None if self.rate is None else round(100 * self.rate)


COSTLY = frozenset({Fault.ENDLESS, Fault.DEEP, Fault.FULL})
"""Faults of pages that nobody reads or draws."""
REFUSED = COSTLY | {Fault.LONG, Fault.LIES}
"""Faults of pages whose text nobody read; those of fonts leave it to OCR."""


def text_of(page: Page) -> str:
    """What a page's lines say, as the probe reads it."""
    return "\n".join(line.text for line in page.lines)


def text_fault(probe: Probe) -> Fault | None:
    """What is wrong with a text, whatever page it is of."""
    if probe.lost > MAX_LOST:
        return Fault.LOST
    rate = 1.0 if probe.rate is None or len(probe.words) < MIN_DIFFERENT else probe.rate
    if rate < MIN_RATE and (rate == 0 or probe.n_words >= MANY_WORDS):
        return Fault.STRANGE
    if probe.is_latin and probe.n_chars >= MIN_CHARS and (probe.blanks < BLANKS[0] or probe.apart > BLANKS[1]):
        return Fault.BLANKS
    return None


def page_fault(page: Page, probe: Probe, own_chars: int) -> Fault | None:
    """What is wrong with a page, None where its text can be taken.

    Args:
        own_chars: its characters without what half of the paper's pages repeat.
    """
    if page.refused:
        return Fault(page.refused)
    if not page.width or not page.height:
        return Fault.UNOPENED
    is_covered = covered(page.area, page.images) >= MIN_COVER
    if is_covered and own_chars < MAX_OWN_CHARS:
        return Fault.SCAN
    if not probe.n_chars:
        if sum(map(_is_glyph, page.paths)) >= MIN_GLYPHS:
            return Fault.DRAWN
        return Fault.PICTURE if covered(page.area, [*page.images, *page.paths]) >= MIN_DRAWN else None
    if fault := text_fault(probe):
        return fault
    if is_covered and probe.rate is not None and probe.rate < MIN_LAYER_RATE:
        return Fault.LAYER
    return None


def _is_glyph(box: tuple[float, float, float, float]) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return GLYPH_PT[0] < height < GLYPH_PT[1] and 0 < width < GLYPH_PT[1]
