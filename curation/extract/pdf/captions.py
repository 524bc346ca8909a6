"""Which rows of a page are captions of figures and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.extract.pdf.page import Box
from curation.extract.pdf.style import Row, Style

_LABEL = re.compile(
    r"(?P<name>Fig(?:ure|s?\.|)|FIG(?:URE|\.|)|Table|TABLE|Tab\.|Algorithm|Listing|Scheme|Plate|Chart)"
    r"\s*(?P<number>[A-Z]{1,2}\.?\d{1,3}|\d{1,3}(?:\.\d{1,2})?[a-z]?|[IVX]{1,5}|[A-Z]\b(?=\.?\d))"
    r"(?P<stop>\s*[.:|—–]|\s*[-—]\s|)(?P<rest>.*)",
    re.DOTALL,
)
_NAMES = {"f": "Figure", "t": "Table", "a": "Algorithm", "l": "Listing", "s": "Scheme", "p": "Plate", "c": "Chart"}
_CONTINUED = re.compile(
    r"\W*(?:\(?\s*cont(?:inued|'d|\.)?(?:\s+from(?: the)? (?:previous|last|preceding) page)?\s*\)?|—\s*continued.*)\W*",
    re.IGNORECASE,
)
RULE = 2.0
"""Points: how thick a rule below a label is at most that stands alone in its row, with its caption below."""
SAME_SIZE = 0.6
"""Points between sizes of one caption."""
SMALL_CAPS = 0.7
"""Of the size of capitals: small ones are 0.75 to 0.8 of it."""
_END = re.compile(r"[.!?:;][\"'”’)\]]*$")


def label_of(text: str) -> tuple[str, str, str, bool] | None:
    """Name, number and the rest of what may be a caption, and whether a stop stands behind its number."""
    match = _LABEL.match(text.strip())
    if match is None or (match["rest"][:1].isalnum() and not match["stop"]):
        return None
    return _NAMES[match["name"][0].lower()], match["number"], match["rest"].strip(), bool(match["stop"].strip())


def is_continued(rest: str) -> bool:
    """Whether what stands behind a label says that the table goes on here."""
    return bool(_CONTINUED.fullmatch(rest))


def captions_of(rows: Sequence[Row], style: Style, graphics: Sequence[Box]) -> list[list[Row]]:
    """The rows of each caption, from its label on.

    A sentence that begins with "Figure 3 shows" is none, nor is a line of one that the label happens to begin.

    Args:
        rows: of a page, each frame from top to bottom.
        graphics: boxes of figures and rules: they stand between a caption and what follows it.
    """
    made: list[list[Row]] = []
    taken: set[int] = set()
    for n, row in enumerate(rows):
        if id(row) in taken or not _begins(rows, n, style):
            continue
        caption = [row, *_following(rows, n, graphics, style)]
        taken.update(id(found) for found in caption)
        made.append(caption)
    return made


def _begins(rows: Sequence[Row], n: int, style: Style) -> bool:
    row = rows[n]
    found = label_of(row.text)
    if found is None:
        return False
    _, _, rest, stop = found
    last = rows[n - 1] if n and rows[n - 1].frame == row.frame else None
    step = row.baseline - last.baseline if last is not None else float("inf")
    apart = last is None or step > 1.3 * style.leading or abs(last.size - row.size) > 0.6
    first = row.spans[0]
    second = next((s for s in row.spans if s.text.strip() and (s.font != first.font or s.size != first.size)), None)
    marked = first.bold or first.font.lower().find("csc") >= 0
    stands_out = marked and (second is None or second.font != first.font or not rest)
    alone = not rest and row.x0 - row.frame.x0 > 2 * style.size
    if not apart and last is not None and not (_END.search(last.text) or stands_out or last.words < 3):
        return False
    if stands_out or alone:
        return True
    small = row.size < style.size - 0.6
    if stop:
        return apart or small
    return (
        apart
        and (small or (bool(rest) and rest[0].isupper() and step > 1.6 * style.leading))
        and bool(rest == "" or rest[0].isupper() or rest[0] == "(")
    )


def _following(rows: Sequence[Row], n: int, graphics: Sequence[Box], style: Style) -> list[Row]:
    """Rows of the caption that begins with row `n`: close below one another, in one size."""
    first = rows[n]
    found = label_of(first.text)
    is_alone = found is not None and not found[2]
    step = 0.0
    made: list[Row] = []
    for row in rows[n + 1 :]:
        last = made[-1] if made else first
        gap = row.baseline - last.baseline
        limit = 1.3 * step if step else 1.45 * max(style.leading * first.size / style.size, 1.2 * first.size)
        if (
            row.frame != first.frame
            or gap > limit
            or (abs(row.size - first.size) > SAME_SIZE and not _is_small_caps(row, first))
            or (label_of(row.text) and _begins_anew(row))
        ):
            break
        if any(_between(box, last, row) for box in graphics if not (is_alone and not made and box[3] - box[1] < RULE)):
            break
        if len(row.lines) > 2 and row.words < 3 * len(row.lines):  # cells
            break
        step = max(step, gap)
        made.append(row)
    return made


def _is_small_caps(row: Row, first: Row) -> bool:
    """Whether a row goes on in small capitals with a caption whose label is set in capitals."""
    letters = sum(map(str.isalpha, row.text))
    capitals = row.text.upper() == row.text and first.text[:5].isupper() and 2 * letters > len(row.text)
    return capitals and SMALL_CAPS * first.size < row.size < first.size


def _begins_anew(row: Row) -> bool:
    found = label_of(row.text)
    return found is not None and found[3] and row.spans[0].bold


def _between(box: Box, upper: Row, lower: Row) -> bool:
    middle = (box[1] + box[3]) / 2
    return (
        upper.baseline < middle < lower.baseline
        and box[0] < upper.frame.x1
        and upper.frame.x0 < box[2]
        and box[2] - box[0] > 30
    )
