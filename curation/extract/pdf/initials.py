"""Initials that hang beside the first lines of a paragraph, as journals and books set them: letters of its first word."""

from __future__ import annotations

from curation.extract.known_words import KNOWN
from curation.extract.pdf.page import ASCENT, DESCENT, Span

MIN_SIZE = 1.8
"""Of an initial, in sizes of the text beside it: one of two lines has 2 to 2.4; an index of what word processors set is 0.58 of
its letter."""
MIN_RISE = 0.45
"""How far the first line stands above the initial's baseline, in sizes of the initial; an index is raised by less."""
GAP = (-0.6, 2.0)
"""From the initial to the text beside it, in sizes of the text."""
BLANK = 0.3


def is_initial(first: Span, span: Span) -> bool:
    """Whether a run is the large letter that begins a paragraph, and the next one its first line beside it."""
    letter = first.text.strip()
    return (
        len(letter) == 1
        and letter.isupper()
        and span.text[:1].isalpha()
        and first.size > MIN_SIZE * span.size
        and MIN_RISE * first.size < first.baseline - span.baseline < first.size
        and GAP[0] * span.size < span.x0 - first.x1 < GAP[1] * span.size
    )


def set_down(initial: Span, span: Span) -> None:
    """Give an initial the place and size of a letter of its line: in front of its word, with a blank where it is one."""
    letter, word = initial.text.strip(), span.text.split()[0]
    is_word = letter in ("A", "I") and (word[0].isupper() or word.lower() in KNOWN)
    initial.text = letter + " " * is_word
    initial.size, initial.baseline = span.size, span.baseline
    initial.x1 = span.x0 - BLANK * span.size * is_word
    initial.y0, initial.y1 = span.baseline - ASCENT * span.size, span.baseline + DESCENT * span.size
