"""Listings: rows of code in a font of one width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from curation.extract.pdf.figures import in_figure
from curation.extract.pdf.page import Box, Line, Span
from curation.extract.pdf.style import Row

_MONO = re.compile(
    r"CMTT|CMSLTT|CMITT|Courier|Mono|t1xtt|txtt|Typewriter|SFTT|ECTT|Consol|Inconsolata|Menlo|NimbusMon|Cursor|pcr[rb]|zi4|fvm",
    re.IGNORECASE,
)
MIN_ROWS = 2
"""A single row of code may be a name that stands alone: it is a listing apart from the text, with signs of a command."""
_COMMAND = re.compile(r"[=(\[{;]|^\s*[$>%#]")
MIN_APART = 1.3
"""Leadings from a row that stands apart to those above and below it."""
MIN_CODE = 0.5
"""Share of the characters in a frame that are code, when it is no figure."""
_NUMBER = re.compile(r"\W*\d[\d\W]*")
MAX_LEADING = 3.2
"""Sizes between rows of one listing: it may have empty ones."""


def is_mono(span: Span) -> bool:
    return bool(_MONO.search(span.font))


def listings_of(rows: Sequence[Row], leading: float) -> list[list[Row]]:
    """Rows of code that follow each other, those that belong to no float, each frame from top to bottom.

    What OCR put under a scan is none, whatever font it gave it.

    Args:
        leading: from line to line of the document's text, points.
    """
    made: list[list[Row]] = []
    places: list[int] = []
    for n, row in enumerate(rows):
        if not all(is_mono(span) and span.painted for span in row.spans if span.text.strip()):
            continue
        last = made[-1][-1] if made else None
        if last is not None and last.frame == row.frame and 0 < row.baseline - last.baseline < MAX_LEADING * row.size:
            made[-1].append(row)
        else:
            made.append([row])
            places.append(n)
    return [
        found
        for found, n in zip(made, places, strict=True)
        if len(found) >= MIN_ROWS or _is_command(rows, n, MIN_APART * leading)
    ]


def _is_command(rows: Sequence[Row], n: int, gap: float) -> bool:
    """Whether a row of code stands apart from what is above and below it, and is no name or address."""
    row = rows[n]
    near = [other for other in rows[max(0, n - 1) : n + 2] if other is not row and other.frame == row.frame]
    is_apart = all(abs(other.baseline - row.baseline) > gap for other in near)
    return is_apart and "://" not in row.text and bool(_COMMAND.search(row.text))


def without_code(figures: Sequence[Box], rows: Sequence[Row], lines: Sequence[Line], leading: float) -> list[Box]:
    """The figures of a page but the frames of listings, which hold code for the most part; numbers of a plot are none."""
    code = {
        id(line)
        for listing in listings_of(rows, leading)
        if 2 * sum(bool(_NUMBER.fullmatch(row.text)) for row in listing) < len(listing)
        for row in listing
        for line in row.lines
    }
    made = []
    for box in figures:
        inside = [line for line in lines if in_figure(line, [box])]
        n_code = sum(len(line.text) for line in inside if id(line) in code)
        if n_code <= MIN_CODE * sum(len(line.text) for line in inside):
            made.append(box)
    return made


def written(lines: Sequence[Line]) -> str:
    """Code as lines, set in as on the page, inside a fence that it does not hold."""
    left = min(line.x0 for line in lines)
    width = median((line.x1 - line.x0) / max(1, len(line.text.strip())) for line in lines) or 1.0
    rows: list[tuple[float, str]] = []
    for line in lines:
        text = line.text.rstrip()
        if rows and abs(rows[-1][0] - line.baseline) < 0.4 * line.size:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {text.strip()}")
        else:
            rows.append((line.baseline, " " * round((line.x0 - left) / width) + text.lstrip()))
    code = "\n".join(text for _, text in rows)
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", code)), default=0))
    return f"{fence}\n{code}\n{fence}"
