"""Running heads, feet and page numbers of pages that OCR read: of its paragraphs those that come again, or count with the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from curation.extract.pdf.furniture import MAX_HEAD, MIN_CAPITALS
from curation.extract.pdf.page import Page

MIN_ALIKE = 0.8
"""Of two heads that are one, by their letters: OCR misreads one in ten of small ones."""
MIN_PAGES = 3
"""On which a head comes again; of books that name the chapter on each other page, with this many of each."""
MIN_COUNTING = 2
MIN_COUNTING_SHARE = 0.4
"""Pages whose numbers count with them, at least, and as a share of those that OCR read; words beside them ask for `MIN_PAGES`."""
MAX_KNOWN = 40
"""Different heads that one is compared with."""
_NUMBER = re.compile(r"\A\W*(\d{1,4})(?![\w.,])|(?<![\w.,])(\d{1,4})\W*\Z")
_PAGE_NUMBER = re.compile(r"\A\W*\d{3,4}(?![\w.,])|(?<![\w.,])\d{1,4}\W*\Z")
"""Of a single page: a smaller number at the beginning is that of a section."""


def remove_heads(pages: Sequence[Page]) -> None:
    """Remove heads, feet and page numbers from what OCR read, in place: each page's first and last paragraph only."""
    read = [
        (n, page, [p for p in page.recognised.split("\n\n") if p.strip()])
        for n, page in enumerate(pages)
        if page.recognised is not None
    ]
    outer = [(n, place, parts[place]) for n, _, parts in read for place in _outer(parts)]
    gone = _repeated(outer) | _counting(outer, len(read))
    if len(read) == 1:
        gone |= {(n, place) for n, place, text in outer if _is_lone_head(text, place)}
    for n, page, parts in read:
        kept = [
            text
            for place, text in enumerate(parts)
            if (n, place) not in gone and (place != len(parts) - 1 or (n, -1) not in gone)
        ]
        page.recognised = "\n\n".join(kept)


def _outer(parts: Sequence[str]) -> Iterator[int]:
    """Places of the paragraphs at a page's ends that are as short as a head."""
    if parts and len(parts[0]) < MAX_HEAD:
        yield 0
    if len(parts) > 1 and len(parts[-1]) < MAX_HEAD:
        yield -1


def _repeated(outer: Sequence[tuple[int, int, str]]) -> set[tuple[int, int]]:
    """Those whose letters come on several pages at the same end."""
    groups: list[tuple[int, str, list[tuple[int, int]]]] = []
    for n, place, text in outer:
        letters = "".join(c for c in text.casefold() if c.isalpha())
        if len(letters) < 4:
            continue
        for end, known, found in groups[-MAX_KNOWN:]:
            if end == place and SequenceMatcher(None, known, letters, autojunk=False).ratio() >= MIN_ALIKE:
                found.append((n, place))
                break
        else:
            groups.append((place, letters, [(n, place)]))
    return {own for _, _, found in groups if len(found) >= MIN_PAGES for own in found}


def _counting(outer: Sequence[tuple[int, int, str]], n_read: int) -> set[tuple[int, int]]:
    """Those that begin or end with a number that counts with the pages."""
    found = [
        (int(match[1] or match[2]) - n, (n, place))
        for n, place, text in outer
        for match in _NUMBER.finditer(text.strip())
    ]
    if not found:
        return set()
    first, count = Counter(first for first, _ in found).most_common(1)[0]
    if count < max(MIN_COUNTING, MIN_COUNTING_SHARE * n_read):
        return set()
    bare = {(n, place) for n, place, text in outer if not any(map(str.isalpha, text))}
    return {own for start, own in found if start == first and (count >= MIN_PAGES or own in bare)}


def _is_lone_head(text: str, place: int) -> bool:
    """Whether the first paragraph of a single page is a head in capitals with a number, or one at an end is a number alone."""
    letters = [c for c in text if c.isalpha()]
    numbered = _PAGE_NUMBER.search(text.strip()) is not None
    if not letters:
        return numbered and len(text.strip()) < 8
    return place == 0 and numbered and sum(map(str.isupper, letters)) > MIN_CAPITALS * len(letters)
