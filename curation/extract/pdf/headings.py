"""Which lines are headings."""

from __future__ import annotations

import re

from curation.extract.pdf.page import Line, Page

REFERENCES = re.compile(
    r"\W*(?:\d+\.?\s*)?(?:references|bibliography|literature cited|references and notes)\W*", re.IGNORECASE
)
SENTENCE_END = re.compile(r"[.!?:][\"'\u201d\u2019)\]]*$")
_LONG_WORD = re.compile(r"[^\W\d_]{4}")
LONE_NUMBER = re.compile(r"(?:\d{1,2}\.?)(?:\d{1,2}\.?){0,3}|[IVX]{1,5}\.|[A-H]\.")
NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.)\s+\S")


def is_heading(line: Line, body: float) -> bool:
    """True for a line that its size, number, weight or letters make a heading; `body` is the size of most characters."""
    text = line.text.strip()
    if (
        not 2 < len(text) < 120
        or not any(c.isalpha() for c in text)
        or (SENTENCE_END.search(text) and not NUMBERED.match(text))
    ):
        return False
    if line.size > 1.12 * body:
        return sum(c.isalpha() for c in text) > len(text) / 2
    numbered = bool(NUMBERED.match(text)) and len(text) < 90 and "=" not in text and bool(_LONG_WORD.search(text))
    marked = line.bold or text.isupper() or (line.italic and len(text) > 5)
    return bool(REFERENCES.fullmatch(text)) or (numbered and marked) or (line.bold and text.isupper())


def is_title(line: Line, page: Page, body: float) -> bool:
    """True for long bold lines in the upper part of the first page: some classes set the title no larger than the text."""
    text = line.text.strip()
    return line.bold and line.y1 < 0.4 * page.height and line.size >= body - 0.5 and len(text) > 20
