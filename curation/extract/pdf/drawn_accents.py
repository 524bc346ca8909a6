"""Accents and strokes that TeX draws before the letter or sign that they belong to: `ˆ` and `x` as `x̂`, a stroke and `=` as `≠`.

Where both are in one font they are one run of text, and `curation.text.accents` joins them. In mathematics the accent is of the
upright font and its letter of the italic one: two runs, the second of which begins below the first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from curation.extract.pdf.page import Span
from curation.text.accents import COMBINING, DOTLESS

SLASH, WIDE = "\u0338", "\u0302\u0303"
ZERO = f"\u20d7{SLASH}"
_DRAWN = {**COMBINING, **{mark: mark for mark in f"{ZERO}{WIDE}"}}
_ENDS = re.compile(f"[{''.join(_DRAWN)}]\\s*$")
_BEFORE = re.compile(f"([{ZERO}]) ?(\\S)")
_POLISH = re.compile("\ufffd([lL])")
"""In OT1 an l with its stroke is two glyphs, of which the first, `suppress`, has no Unicode value."""
_MARKS = f"{ZERO}\ufffd"
_TEX = re.compile(r"(?:CM|LM|r?tx|r?px|Pazo|MTM|NewTX|ntx|zpl)", re.IGNORECASE)
"""Other fonts have these marks behind their letters."""
MIN_BACK, MAX_BACK = 0.1, 1.3
"""Of a size: how far what is below an accent begins before the accent's end."""
MAX_WIDE_BACK = 4.0
MAX_SLASH_GAP = 0.7
"""Of a size, around the end of a slash or arrow: it has no width, or that of a sign."""
BLANK = 0.3


def accent_reach(span: Span) -> float:
    """How far the next run may begin before the end of one that ends in an accent, in sizes; 0 where none is."""
    accent = _ENDS.search(span.text)
    if accent is None:
        return 0.0
    return MAX_WIDE_BACK if accent.group()[0] in WIDE else MAX_BACK


def join_drawn(spans: list[Span]) -> list[Span]:
    """Runs of a line, in which accents at the end of one have gone to the letter that the next one begins with.

    A wide hat over more than a letter is left out.
    """
    made: list[Span] = []
    for found in spans:
        span = _joined_inside(found)
        before = made[-1] if made else None
        if before is None or (accent := _accent_over(before, span)) is None:
            made.append(span)
            continue
        left = before.text[: accent.start()]
        end = span.x0 - (BLANK * span.size if left.endswith(" ") else 0.0)
        made[-1] = replace(before, text=left, x1=max(before.x0, end))
        if not left.strip():
            made.pop()
        mark, text = accent.group()[0], span.text.lstrip()
        if mark not in WIDE or len(text.rstrip()) == 1:
            text = unicodedata.normalize("NFC", DOTLESS.get(text[0], text[0]) + _DRAWN[mark]) + text[1:]
        span = replace(span, text=text)
        made.append(span)
    return made


def _joined_inside(span: Span) -> Span:
    """A run of TeX in which marks stand behind what they are drawn over."""
    if not any(mark in span.text for mark in _MARKS) or not _TEX.match(span.font):
        return span
    text = _BEFORE.sub(lambda m: unicodedata.normalize("NFC", m[2] + m[1]), span.text)
    return replace(span, text=_POLISH.sub(lambda m: "ł" if m[1] == "l" else "Ł", text))


def _accent_over(before: Span, span: Span) -> re.Match[str] | None:
    """The accent at the end of a run, where the next one begins below it with a letter, or a sign below a slash."""
    accent, first = _ENDS.search(before.text), span.text.lstrip()[:1]
    if accent is None or not first:
        return None
    mark = accent.group()[0]
    back = (before.x1 - span.x0) / max(before.size, span.size)
    if mark in ZERO:
        return accent if abs(back) < MAX_SLASH_GAP and (mark == SLASH or first.isalpha()) else None
    limit = MAX_WIDE_BACK if mark in WIDE else MAX_BACK
    return accent if MIN_BACK < back < limit and first.isalpha() else None
