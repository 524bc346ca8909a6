"""Headings that run in: `2.1.1. A title. The text`, set in another font and ended by a stop, in the line that the text begins in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from curation.extract.pdf.heading import Heading, number_of
from curation.extract.pdf.page import Line, Page, Span
from curation.extract.pdf.style import Row

_DEPTH = re.compile(r"\d{1,2}\s?\.\s?\d{1,2}|[A-Z]\s?\.?\s?\d")
_THANKS = re.compile(r"\W*acknowledge?ments?\s?[.:—–]?\s*", re.IGNORECASE)
MAX_TITLE, MIN_LETTERS = 160, 3
"""Characters, and letters among them."""


def split_run_in(page: Page, number: int, rows: Sequence[Row]) -> list[Heading]:
    """Cut the lines of a page in which a heading runs into its paragraph, and give the headings.

    A numbered one of the second depth or more is told by its font, thanks by their name.
    """
    made: list[Heading] = []
    for n, row in enumerate(rows):
        found = _heading(row, rows[n + 1] if n + 1 < len(rows) and rows[n + 1].frame == row.frame else None)
        if found is None:
            continue
        whole, line, at = found
        head, rest = _cut(line, at)
        place = next(i for i, other in enumerate(page.lines) if other is line)
        page.lines[place : place + 1] = [head, rest]
        own = [Row([*whole, head], row.baseline, row.frame)]
        heading = Heading(own, number, score=4.0)
        match = number_of(heading.text)
        heading.number = match.group().strip() if match else ""
        made.append(heading)
    return made


def _heading(row: Row, below: Row | None) -> tuple[list[Line], Line, int] | None:
    """Lines that are wholly a heading's, the line in which it ends, and before which of its spans."""
    first = row.lines[0]
    if (thanks := _THANKS.fullmatch(_first_words(first))) is not None and thanks.group().strip()[-1:] in ".:—–":
        at = _end_of_style(first, 0)
        return ([], first, at) if at is not None else None
    match = number_of(row.text)
    if match is None or not _DEPTH.match(match.group()) or len(row.lines) > 3:
        return None
    if match.group()[0] == "0" or row.x0 > row.frame.x0 + 3 * row.size or not row.text[match.end()].isupper():
        return None
    whole: list[Line] = []
    for line in row.lines:
        start = 1 if line is first and len(line.spans) > 1 and not any(c.isalpha() for c in line.spans[0].text) else 0
        if line is first and not any(c.isalpha() for c in line.text):
            whole.append(line)
            continue
        if not _stands_out(line.spans[start]):
            return None
        at = _end_of_style(line, start)
        if at is not None:
            return whole, line, at
        if not all(_stands_out(span) for span in line.spans[start:] if any(c.isalpha() for c in span.text)):
            return None
        whole.append(line)
    if below is None or not _stands_out(below.lines[0].spans[0]) or number_of(below.text) is not None:
        return None
    at = _end_of_style(below.lines[0], 0)
    return (whole, below.lines[0], at) if at is not None and len(row.text) < MAX_TITLE else None


def _first_words(line: Line) -> str:
    return line.spans[0].text if len(line.spans) > 1 else ""


def _stands_out(span: Span) -> bool:
    return span.bold or span.italic or "csc" in span.font.lower()


def _end_of_style(line: Line, start: int) -> int | None:
    """The place of the span with which plain text goes on behind a stop; None when the line has no such one."""
    text = ""
    for n, span in enumerate(line.spans):
        plain = not _stands_out(span) and any(c.isalpha() for c in span.text)
        if n > start and plain and text.rstrip()[-1:] in (".", ":", "—", "–") and len(text) < MAX_TITLE:
            return (
                n if sum(c.isalpha() for c in text) >= MIN_LETTERS else None
            )  # the point of a decimal is of another font
        if n > start and plain:
            return None
        text += span.text
    return None


def _cut(line: Line, at: int) -> tuple[Line, Line]:
    rest = [replace(span) for span in line.spans[at:]]
    rest[0].text = rest[0].text.lstrip()
    return Line(line.spans[:at], line.angle), Line(rest, line.angle)
