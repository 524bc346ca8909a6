"""Listings: rows of code in a font of one width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from curation.extract.pdf.page import Line, Span
from curation.extract.pdf.style import Row

_MONO = re.compile(
    r"CMTT|CMSLTT|CMITT|Courier|Mono|t1xtt|txtt|Typewriter|SFTT|ECTT|Consol|Inconsolata|Menlo|pcr[rb]|zi4|fvm",
    re.IGNORECASE,
)
MIN_ROWS = 2
"""A single row of code may be a name that stands alone."""
MAX_LEADING = 3.2
"""Sizes between rows of one listing: it may have empty ones."""


def is_mono(span: Span) -> bool:
    return bool(_MONO.search(span.font))


def listings_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of code that follow each other, those that belong to no float, each frame from top to bottom.

    What OCR put under a scan is none, whatever font it gave it.
    """
    made: list[list[Row]] = []
    for row in rows:
        if not all(is_mono(span) and span.painted for span in row.spans if span.text.strip()):
            continue
        last = made[-1][-1] if made else None
        if last is not None and last.frame == row.frame and 0 < row.baseline - last.baseline < MAX_LEADING * row.size:
            made[-1].append(row)
        else:
            made.append([row])
    return [found for found in made if len(found) >= MIN_ROWS]


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
