"""What is stamped on every page of a scan and is none of its text."""

from __future__ import annotations

import re
from collections import Counter

from curation.extract.pdf.page import Line, Page, covered
from curation.extract.pdf.probe import MIN_COVER


def own_chars(pages: list[Page]) -> list[int]:
    """Characters of each page; where an image covers it, without the lines that half of all pages have (stamps)."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page.lines})
    repeated = {key for key, n in seen.items() if n >= max(2, len(pages) / 2)}
    return [
        sum(len(line.text) for line in page.lines if _key(line) not in repeated) if is_covered(page) else page.chars
        for page in pages
    ]


def is_covered(page: Page) -> bool:
    """Whether an image lies over all of a page."""
    return covered(page.area, page.images) >= MIN_COVER


def _key(line: Line) -> str:
    """The line with its digits blotted out: stamps count pages and downloads."""
    return re.sub(r"[\d\s]+", "#", line.text)
