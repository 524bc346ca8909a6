"""Which pages of a PDF are scans: an image of a page, with nothing on it but what somebody stamped there."""

from __future__ import annotations

import re
from collections import Counter

from curation.extract.pdf.page import Line, Page, covered

MIN_IMAGES = 0.8
"""Share of a page that its image covers: a scan is the page itself, a full-page figure stands inside the margins."""
MAX_OWN_CHARS = 200
"""Of a scan: a stamp has 50-150 characters, a page of a paper 2,000-6,000, the text layer of a scan as many."""
MIN_CHARS_A_PAGE = 50
"""Below this mean a PDF has no text layer: a bare page number has 3 characters."""


def own_chars(pages: list[Page]) -> list[int]:
    """Characters of each page; where an image covers it, without the lines that half of all pages have (stamps)."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page.lines})
    repeated = {key for key, n in seen.items() if n >= max(2, len(pages) / 2)}
    return [
        sum(len(line.text) for line in page.lines if _key(line) not in repeated) if is_covered(page) else page.chars
        for page in pages
    ]


def scans(pages: list[Page]) -> list[int]:
    """Numbers of the pages that only OCR can read, from 0; all of them where the PDF as a whole has no text."""
    own = own_chars(pages)
    if sum(own) < MIN_CHARS_A_PAGE * len(pages):
        return list(range(len(pages)))
    return [n for n, page in enumerate(pages) if is_covered(page) and own[n] < MAX_OWN_CHARS]


def is_covered(page: Page) -> bool:
    return covered(page.area, page.images) >= MIN_IMAGES


def _key(line: Line) -> str:
    """The line with its digits blotted out: stamps count pages and downloads."""
    return re.sub(r"[\d\s]+", "#", line.text)
