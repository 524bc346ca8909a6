"""Footnotes of a page: small rows at the foot of a column that begin with a raised mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from curation.extract.pdf.columns import Frame
from curation.extract.pdf.page import Line, Page
from curation.extract.pdf.style import Row, Style

_MARK = re.compile(r"\d{1,3}|[a-z]|[∗*†‡§¶‖#]{1,4}|⋆")
_MARKED = re.compile(r"(\d{1,3}|[∗*†‡§¶‖⋆]{1,4})\s*(?=\S)")
_ENTRY = re.compile(r"\s*\[(\d{1,3})\]\s*\S")
ABSTRACT = re.compile(r"\W*(?:abstract|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary)\W*", re.IGNORECASE)
"""On a title page in small letters: what stands at its foot is no note."""
MIN_RULE, MAX_RULE = 20.0, 260.0
"""Points: LaTeX's rule above footnotes is 0.4 of a column wide, REVTeX's 36 points."""

MAX_ADDRESS_WORDS = 5
"""Of three letters, in a row of what stands unmarked at the foot of the first page: addresses, no abstract."""


@dataclass(slots=True)
class Note:
    """A footnote: its mark, and its lines without it."""

    mark: str
    lines: list[Line]


def notes_of(page: Page, rows: Sequence[Row], style: Style, *, first: bool) -> list[tuple[Note, list[Row]]]:
    """The notes at the foot of each column, with their rows. A note without a mark goes on from the page before.

    Args:
        rows: those that belong to no float.
        first: whether it is the first page, where addresses of authors stand at the foot.
    """
    made: list[tuple[Note, list[Row]]] = []
    for frame in sorted({row.frame for row in rows}, key=lambda frame: frame.x0):
        own: list[tuple[Note, list[Row]]] = []
        for row in _without_entries(_foot([row for row in rows if row.frame == frame], page, style, first=first)):
            marked = _mark(row)
            if marked is not None:
                own.append((Note(*marked), [row]))
            elif own:
                own[-1][0].lines += row.lines
                own[-1][1].append(row)
            else:
                own.append((Note("", list(row.lines)), [row]))
        made += own
    return made


def _without_entries(foot: Sequence[Row]) -> Sequence[Row]:
    """Rows above a bibliography that begins below the rule, as REVTeX sets it: its labels count from `[1]`."""
    found = [(n, int(match[1])) for n, row in enumerate(foot) if (match := _ENTRY.match(row.text))]
    for (n, first), following in pairwise(found):
        if first == 1 and following[1] == 2:
            return foot[:n]
    return foot


def _foot(rows: Sequence[Row], page: Page, style: Style, *, first: bool) -> list[Row]:
    """The rows of a column below its rule, or the small ones at its end from the first that begins with a mark."""
    frame = rows[0].frame
    for rule in sorted(foot_rules(page, frame)):
        below = [row for row in rows if row.baseline > rule]
        if not below or below[0].baseline - rule > 2.2 * style.leading:
            continue
        small = all(row.size < style.size - 0.4 for row in below)
        if small or (_mark(below[0]) is not None and len(below) < 25):
            return below
    foot: list[Row] = []
    for row in reversed(rows):
        if row.size > style.size - 0.6:
            break
        foot.insert(0, row)
    if len(foot) == len(rows) or (foot and foot[0].y0 < 0.4 * page.height):
        return []
    if first and (labels := [n for n, row in enumerate(foot) if ABSTRACT.fullmatch(row.text)]):
        foot, first = foot[labels[-1] + 1 :], False
    while foot and _mark(foot[0]) is None and (not first or foot[0].words > MAX_ADDRESS_WORDS):
        foot.pop(0)
    return foot


def foot_rules(page: Page, frame: Frame) -> list[float]:
    """Heights of short rules at a column's left edge, below which its footnotes stand."""
    return [
        box[1]
        for box in page.paths
        if box[3] - box[1] < 1.5
        and MIN_RULE < box[2] - box[0] < MAX_RULE
        and abs(box[0] - frame.x0) < 8
        and box[2] - box[0] < 0.75 * (frame.x1 - frame.x0)
        and box[1] > 0.3 * page.height
    ]


def _mark(row: Row) -> tuple[str, list[Line]] | None:
    """The mark that a row begins with, raised and small, and its lines without it."""
    spans = row.lines[0].spans
    first = spans[0]
    text = first.text.strip()
    rest = spans[1:]
    if rest and _MARK.fullmatch(text) and first.size < 0.85 * row.size:
        return text, [Line(rest), *row.lines[1:]]
    if not rest and len(row.lines) > 1 and _MARK.fullmatch(text) and first.size < 0.85 * row.size:
        return text, row.lines[1:]
    return None
