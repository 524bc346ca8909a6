"""References of a PDF: one entry a line, by labels, hanging indentation or gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from curation.extract.pdf.hyphens import flow
from curation.extract.pdf.page import Line
from curation.extract.pdf.style import Frame

_LABEL = re.compile(
    r"\s*(?:\[(\d{1,3}|[A-Z][\w+.’'-]{1,20})\]|\((\d{1,3})\)|(\d{1,3})\.)\s*(?=\S)|\s*\[(\d{1,3})\]\s*$|\s*(\d{1,3})\.\s*$"
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
MIN_LABELLED = 0.15
"""Share of lines that begin with a label of a list with labels; an entry has one to five lines."""
HANG = 3.0
"""Points by which the second line of an entry is set in, at least."""


def entries_of(lines: Sequence[tuple[Line, Frame, int]], words: Counter[str]) -> list[str]:
    """The entries of a bibliography.

    Args:
        lines: in reading order, each with its column and page.
        words: as `curation.extract.pdf.hyphens.vocabulary` counts them.
    """
    rows = _rows(lines)
    if not rows:
        return []
    starts = _labelled(rows) or _hanging(rows) or _by_gaps(rows) or _by_ends(rows)
    made: list[list[Line]] = []
    for (row, _, _), start in zip(rows, starts, strict=True):
        if start or not made:
            made.append([])
        made[-1] += row
    return [text for entry in made if (text := flow(entry, words))]


def _rows(lines: Sequence[tuple[Line, Frame, int]]) -> list[tuple[list[Line], Frame, int]]:
    rows: list[tuple[list[Line], Frame, int]] = []
    for line, frame, page in lines:
        if rows and rows[-1][1] == frame and rows[-1][2] == page:
            last = rows[-1][0][-1]
            if abs(last.spans[0].baseline - line.spans[0].baseline) < 0.5 * line.size and line.x0 > last.x0:
                rows[-1][0].append(line)
                continue
        rows.append(([line], frame, page))
    return rows


def _text(row: tuple[list[Line], Frame, int]) -> str:
    return " ".join(line.text.strip() for line in row[0])


def _labelled(rows: Sequence[tuple[list[Line], Frame, int]]) -> list[bool]:
    """Starts by labels in order: `[12]`, `12.`; empty when the list has none."""
    expected, starts = 1, []
    found = 0
    named = 0
    for row in rows:
        match = _LABEL.match(_text(row))
        number = next((g for g in match.groups() if g), "") if match else ""
        if number.isdigit() and int(number) in (expected, expected + 1):
            starts.append(True)
            expected = int(number) + 1
            found += 1
        elif match and match[1] and not number.isdigit():
            starts.append(True)
            named += 1
        else:
            starts.append(False)
    return starts if max(found, named) >= max(2, MIN_LABELLED * len(rows)) else []


def _offsets(rows: Sequence[tuple[list[Line], Frame, int]]) -> list[float]:
    """How far each row begins from the leftmost one of its column."""
    left: dict[tuple[Frame, int], float] = {}
    for row, frame, page in rows:
        left[frame, page] = min(left.get((frame, page), float("inf")), row[0].x0)
    widths = Counter(round(row[0].x0 - left[frame, page]) for row, frame, page in rows)
    step = max((w for w in widths if w >= HANG), key=lambda w: widths[w], default=0)
    offsets = []
    for row, frame, page in rows:
        offset = row[0].x0 - left[frame, page]
        edge = frame.x0
        if step and left[frame, page] > edge + 0.7 * step and abs(left[frame, page] - edge - step) < 2:
            offset = row[0].x0 - edge  # a column that holds nothing but the end of an entry
        offsets.append(offset)
    return offsets


def _hanging(rows: Sequence[tuple[list[Line], Frame, int]]) -> list[bool]:
    """Starts where a row is not set in and others are; the other way round where the first rows of entries are."""
    offsets = _offsets(rows)
    inner = [offset >= HANG for offset in offsets]
    share = sum(inner) / len(rows)
    if not 0.08 < share < 0.95:
        return []
    common = Counter(round(offset) for offset in offsets if offset >= HANG).most_common(1)[0]
    if common[1] < 0.5 * sum(inner):
        return []
    starts = [not flag for flag in inner]
    indented = _sense(rows, inner)
    return inner if indented > _sense(rows, starts) + 0.15 else starts


def _sense(rows: Sequence[tuple[list[Line], Frame, int]], starts: Sequence[bool]) -> float:
    """Share of starts that begin with a capital and follow a row that ends like an entry."""
    good = total = 0
    for (before, row), start in zip(pairwise(rows), starts[1:], strict=True):
        if start:
            total += 1
            good += _text(row)[:1].isupper() and before[0][-1].text.rstrip()[-1:] in ".0123456789)]"
    return good / max(1, total)


def _by_gaps(rows: Sequence[tuple[list[Line], Frame, int]]) -> list[bool]:
    """Starts after wider gaps; empty when all gaps are alike."""
    gaps = [b[0][0].spans[0].baseline - a[0][0].spans[0].baseline if a[1:] == b[1:] else 0.0 for a, b in pairwise(rows)]
    inside = sorted(g for g in gaps if g > 0)
    if not inside:
        return []
    small = inside[len(inside) // 10]
    starts = [True] + [
        g > 1.2 * small or (g <= 0 and _text(r)[:1].isupper() and _ends(p))
        for g, (p, r) in zip(gaps, pairwise(rows), strict=True)
    ]
    return starts if 0.1 < sum(starts) / len(starts) < 0.95 else []


def _ends(row: tuple[list[Line], Frame, int]) -> bool:
    return _text(row).rstrip()[-1:] in ".0123456789)]"


def _by_ends(rows: Sequence[tuple[list[Line], Frame, int]]) -> list[bool]:
    """Starts after rows that end before the column does, and have the year or the number that ends an entry."""
    right = max(row[-1].x1 for row, _, _ in rows)
    starts = [True]
    for before, row in pairwise(rows):
        short = before[0][-1].x1 < before[1].x1 - 12 or before[0][-1].x1 < right - 12
        starts.append(short and _ends(before) and _text(row)[:1].isupper())
    return starts
