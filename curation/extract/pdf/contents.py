"""Lists of contents: a page that names the sections with their pages says nothing that they do not say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.extract.pdf.page import Line, Page, rows_of_lines

FIRST_PAGES = 12
"""On which a list of contents begins: books have a title, a copyright and a dedication before it."""
MIN_ENTRIES = 4
MAX_BETWEEN = 2
"""Rows of an entry before the one that ends with its page."""
SAME_EDGE = 6.0
"""Points between the right ends of page numbers."""
_TITLE = re.compile(r"\W*(?:table of )?contents\W*", re.IGNORECASE)
_ENTRY = re.compile(r"(?=.*[^\W\d_]{2}).*[^\d\s][\s.·]*?[\s.·](\d{1,3}|[ivxl]{1,6})\s*", re.DOTALL)

Row = list[Line]


def remove_contents(pages: Sequence[Page]) -> None:
    """Remove the list of contents of a document, with its title; it stands across a page, or in a column of it."""
    for n, page in enumerate(pages[:FIRST_PAGES]):
        halves = [half for half in (None, 0, 1) if half is None or _has_title(page, half)]
        if any(_remove(pages, n, half) for half in halves):
            return


def _has_title(page: Page, half: int) -> bool:
    return any(_TITLE.fullmatch(line.text) for line in _half(page, half))


def _remove(pages: Sequence[Page], n: int, half: int | None) -> bool:
    """Remove a list of contents that begins on a page, or on its left or right half. Whether there is one."""
    rows = _rows(pages[n], half)
    start = next((i for i, row in enumerate(rows) if _TITLE.fullmatch(_text(row))), None)
    if start is None:
        return False
    entries = _entries(rows[start + 1 :])
    found = [entry for entry, _ in entries]
    gone = [rows[start], *found]
    at = n
    while entries and found[-1] is rows[-1] and at + 1 < len(pages):  # it goes on
        at += 0 if half == 0 else 1
        half = None if half is None else 1 - half
        rows = _rows(pages[at], half)
        found = [entry for entry, _ in _entries(rows)]
        if not found:
            break
        gone += found
    if sum(is_end for _, is_end in entries) < MIN_ENTRIES:
        return False
    lines = {id(line) for row in gone for line in row}
    for other in pages[n : at + 1]:
        other.lines = [line for line in other.lines if id(line) not in lines]
    return True


def _half(page: Page, half: int | None) -> list[Line]:
    """The lines of a page, or those of its left (0) or right half."""
    lines = [line for line in page.lines if line.angle == 0]
    if half is None:
        return lines
    return [line for line in lines if (line.x0 + line.x1 > page.width) == bool(half)]


def _rows(page: Page, half: int | None) -> list[Row]:
    return [sorted(row, key=lambda line: line.x0) for row in rows_of_lines(_half(page, half), 0.4)]


def _text(row: Row) -> str:
    return " ".join(line.text.strip() for line in row)


def _entries(rows: Sequence[Row]) -> list[tuple[Row, bool]]:
    """Rows of a list of contents from the first one on, and whether an entry ends there: with a page at the right edge, in order."""
    made: list[tuple[Row, bool]] = []
    waiting: list[Row] = []
    edge, last = 0.0, 0
    for row in rows:
        match = _ENTRY.fullmatch(_text(row))
        number = int(match[1]) if match and match[1].isdigit() else 0
        ends = match is not None and (not edge or abs(row[-1].x1 - edge) < SAME_EDGE) and (not number or number >= last)
        if not ends:
            waiting.append(row)
            if len(waiting) > MAX_BETWEEN:
                break
            continue
        edge, last = row[-1].x1, number or last
        made += [*((other, False) for other in waiting), (row, True)]
        waiting = []
    return made
