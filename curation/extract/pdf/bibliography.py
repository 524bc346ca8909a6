"""References of a PDF: one entry a line, by labels, hanging indentation or gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from curation.extract.pdf.hyphens import flow
from curation.extract.pdf.page import Line

_LABEL = re.compile(
    r"\s*(?:\[(\d{1,3}|[A-Z][\w+.’'-]{1,20})\]|\((\d{1,3})\)|(\d{1,3})\.)\s*(?=\S)|\s*\[(\d{1,3})\]\s*$|\s*(\d{1,3})\.\s*$"
    r"|\s*\$\^\{(\d{1,3})\}\$\s*(?=\S)"
)
_RAISED_LABEL = re.compile(r"\A\$\^\{\d{1,3}\}\$\s*(?=\S)")
"""Of an entry, which has no other one in its text."""
_BARE = re.compile(r"\s*(\d{1,3})\s+(?=[^\W\d_a-z])")
MIN_BARE, MAX_LEFT_OUT = 5, 4
"""Entries that bare numbers begin, and by how much one is more than the one before it, where numbers are not read."""
MIN_LABELLED = 0.12
"""Share of rows that begin with a label, at least; an entry has one to six rows."""
MIN_HANG, MAX_HANG = 3.0, 45.0
"""Points by which the second row of an entry is set in."""
SAME_X = 2.5
"""Points between beginnings of rows that are one."""
MIN_STEPS = 0.08
"""Share of rows at which indentation changes, where it alone tells a hanging list."""
MIN_SENSE = 0.75
"""Share of starts that read like one, where few entries have a second row."""
_ENDS = ".0123456789)]/"
_OPEN = re.compile(r"(?:[,;:&–-]|\b(?:and|et|in|eds?\.?))\s*$")
"""An entry goes on behind it."""
_NAME = r"[^\W\d_a-z][^\s,]*(?:\s[^\W\d_a-z][^\s,]+){0,3}"
_AUTHOR = re.compile(
    rf"\W*(?:(?:[Vv][ao]n|[Dd]e[rnl]?|[Dd]ella|[Dd][iua]|[Ll][ae]|[Ee]l|[Tt]e[nr]|[Dd]os|’t|d’)\s?){{0,3}}{_NAME}"
    r"(?:,?\s(?:[^\W\d_a-z]\.|[^\W\d_a-z]{1,3}\b)|,?\set\sal|,?\s(?:and|&)\s|\s?,\s[^\W\d_a-z]\w+)"
)
"""A name with initials, or with another name, as an entry begins."""


def entries_of(lines: Sequence[tuple[Line, int]], words: Counter[str]) -> list[str]:
    """The entries of a bibliography.

    Args:
        lines: in reading order, each with its page.
        words: as `curation.extract.pdf.hyphens.vocabulary` counts them.
    """
    runs = _runs(lines)
    rows = [row for run in runs for row in run]
    if not rows:
        return []
    starts = _labelled(rows) or _without_open(rows, _hanging(runs) or _by_gaps(runs) or _by_ends(runs))
    made: list[list[Line]] = []
    for row, start in zip(rows, starts, strict=True):
        if start or not made:
            made.append([])
        made[-1] += row
    return [text for entry in made if (text := _RAISED_LABEL.sub("", flow(entry, words)))]


def _runs(lines: Sequence[tuple[Line, int]]) -> list[list[list[Line]]]:
    """Rows below each other, a list for each column of each page."""
    runs: list[list[list[Line]]] = []
    before = -1
    for line, page in lines:
        last = runs[-1][-1][-1] if runs else None
        if last is not None and page == before:
            if abs(last.baseline - line.baseline) < 0.5 * line.size and line.x0 > last.x0:
                if line.x0 - last.x1 < 4 * line.size:
                    runs[-1][-1].append(line)
                    continue
            elif line.baseline > last.baseline and abs(line.x0 - runs[-1][-1][0].x0) < 2 * MAX_HANG:
                runs[-1].append([line])
                continue
        runs.append([[line]])
        before = page
    return runs


def _text(row: Sequence[Line]) -> str:
    return " ".join(line.text.strip() for line in row)


def _ended(row: Sequence[Line]) -> bool:
    return _text(row).rstrip()[-1:] in _ENDS


def _labelled(rows: Sequence[Sequence[Line]]) -> list[bool]:
    """Starts by labels in order: `[12]`, `12.`; empty when the list has none."""
    expected = 1
    numbered: list[bool] = []
    named: list[bool] = []
    for row in rows:
        match = _LABEL.match(_text(row))
        number = next((g for g in match.groups() if g), "") if match else ""
        numbered.append(number.isdigit() and int(number) in (expected, expected + 1))
        named.append(bool(match and match[1]) and not number.isdigit())
        if numbered[-1]:
            expected = int(number) + 1
    starts = max(numbered, named, _bare(rows), key=sum)
    return starts if sum(starts) >= max(2, MIN_LABELLED * len(rows)) else []


def _bare(rows: Sequence[Sequence[Line]]) -> list[bool]:
    """Starts by numbers that nothing follows but a blank, where they count from 1."""
    count, starts = 0, []
    for row in rows:
        match = _BARE.match(_text(row))
        number = int(match[1]) if match else 0
        starts.append(count < number <= count + MAX_LEFT_OUT)
        count = number if starts[-1] else count
    return starts if sum(starts) >= MIN_BARE else [False] * len(rows)


def _without_open(rows: Sequence[Sequence[Line]], starts: Sequence[bool]) -> list[bool]:
    """Starts without those behind a row that is no end, unless they read like one."""
    made = list(starts)
    for n, (before, row) in enumerate(pairwise(rows), 1):
        if made[n] and _OPEN.search(_text(before)) and not _AUTHOR.match(_text(row)):
            made[n] = False
    return made


def _hanging(runs: Sequence[Sequence[Sequence[Line]]]) -> list[bool]:
    """Starts where a row is not set in and others of its column are; the other way round where first rows are set in."""
    steps: Counter[int] = Counter()
    for run in runs:
        steps.update(round(abs(b[0].x0 - a[0].x0)) for a, b in pairwise(run))
    hang = max((s for s in steps if MIN_HANG <= s <= MAX_HANG), key=lambda s: steps[s], default=0)
    rows = [row for run in runs for row in run]
    found = steps[hang] + steps[hang - 1] + steps[hang + 1]
    if not hang or found < 2:
        return []
    inner = [flag for n, run in enumerate(runs) for flag in _inner(run, hang, runs[n - 1][-1] if n else None)]
    starts = [not flag for flag in inner]
    if found < MIN_STEPS * len(rows):
        return starts if _sense(rows, starts) >= MIN_SENSE else []
    return inner if _sense(rows, inner) > _sense(rows, starts) + 0.15 else starts


def _inner(run: Sequence[Sequence[Line]], hang: int, before: Sequence[Line] | None) -> list[bool]:
    """Which rows of a column are set in by the width of the list's hanging indentation."""
    places = Counter(round(row[0].x0) for row in run)
    steps = Counter(round(abs(b[0].x0 - a[0].x0)) for a, b in pairwise(run))
    own = max((s for s in steps if MIN_HANG <= s <= MAX_HANG), key=lambda s: steps[s], default=hang)
    hang = own if steps[own] > 2 else hang
    pairs = [x for x in places if any(abs(x + hang - other) <= SAME_X for other in places)]
    if pairs:
        left = min((x for x in pairs if places[x] > 1), default=min(pairs))
        return [row[0].x0 > left + 0.5 * hang for row in run]
    goes_on = before is not None and not (_ended(before) and _text(run[0])[:1].isupper())
    return [goes_on] * len(run)


def _sense(rows: Sequence[Sequence[Line]], starts: Sequence[bool]) -> float:
    """Share of starts that begin with a capital and follow a row that ends like an entry."""
    good = total = 0
    for (before, row), start in zip(pairwise(rows), starts[1:], strict=True):
        if start:
            total += 1
            good += _text(row)[:1].isupper() and _ended(before)
    return good / max(1, total)


def _by_gaps(runs: Sequence[Sequence[Sequence[Line]]]) -> list[bool]:
    """Starts after wider gaps; empty when all gaps are alike."""
    inside = sorted(b[0].baseline - a[0].baseline for run in runs for a, b in pairwise(run))
    if not inside:
        return []
    small = inside[len(inside) // 10]
    starts: list[bool] = []
    for n, run in enumerate(runs):
        starts.append(n == 0 or (_ended(runs[n - 1][-1]) and _text(run[0])[:1].isupper()))
        starts += [b[0].baseline - a[0].baseline > 1.2 * small for a, b in pairwise(run)]
    return starts if 0.1 < sum(starts) / len(starts) < 0.95 else []


def _by_ends(runs: Sequence[Sequence[Sequence[Line]]]) -> list[bool]:
    """Starts after rows that end before their column does, as the last row of an entry does."""
    starts: list[bool] = []
    last: Sequence[Line] | None = None
    for run in runs:
        right = max(row[-1].x1 for row in run)
        for row in run:
            short = last is None or last[-1].x1 < right - 12 or row is run[0]
            starts.append(short and (last is None or _ended(last)) and _text(row)[:1].isupper())
            last = row
    return starts
