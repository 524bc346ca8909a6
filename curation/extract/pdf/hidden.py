"""Text that no reader of a page sees, and text that is there twice: out, and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from statistics import median
from typing import TypeAlias

from curation.extract.pdf.boxes import touch
from curation.extract.pdf.page import MAX_BOXES, Box, Line, Page, Span, covered
from curation.extract.pdf.scans import is_covered
from curation.extract.pdf.turn import turn
from curation.extract.pdf.visible import can_be_drawn

_LAYERS_OFF = re.compile(rb"/OFF\s*\[\s*\d|/BaseState\s*/OFF|/(?:O|#4[fF])(?:C|#43)\s*(?:\d|<<)")
Unseen: TypeAlias = Callable[[Page, Sequence[Box]], Sequence[bool]]
"""Of boxes of a page, in which nothing can be seen."""
MIN_SIZE = 2.0
"""Points: smaller letters are read by nobody; the smallest of figures and second indices have 3."""
WHITE = 0xE8
"""Of 255 in grey (ITU-R BT.601), from which letters on a white page are not seen; yellow ones have 226."""
MAX_SHADOW = 0.2
"""Sizes by which text that is drawn once more, as a shadow or to make it bold, stands beside itself."""
BACKGROUND = 0.9
"""Share of a page from which what is painted over it is its paper."""
ASIDE_LINES = 5
"""Lines that stand on end and are a table or text: labels of axes and stamps have fewer."""
ASIDE_CHARS = 80
ASIDE_TOP = 0.15
"""Share of the page's height above them, below where running heads stand."""
MAX_APART = 3.0
"""Sizes between the baselines of lines that stand together."""
COVERED_WORDS, COVERED_TOGETHER = 3, 9
"""Words of a line that may lie below an image or a painted box, and of all such lines of a page: labels of figures are many, and
shorter. Of 106 pages 14 are drawn for it."""
_WORD = re.compile(r"[^\W\d_]{2,}")
COVERED_WIDTH = 60.0
"""Points: no single box that lies over so many letters is narrower."""
MIN_TILE, MIN_TILES = 4.0, 3
"""Points of a shape that lies over letters with others beside it, and how many of them lie over so many letters."""
TILE_ROW = 10.0
"""Points of a page in which such shapes are looked up together."""


def upright(page: Page) -> None:
    """Turn a page, most characters of which are written in another direction, so that they can be read."""
    chars: Counter[int] = Counter()
    for line in page.lines:
        chars[line.angle] += len(line.text)
    if chars and (angle := chars.most_common(1)[0][0]):
        turn(page, angle)


def take_aside(page: Page) -> list[Page]:
    """Take the lines that stand on end out of a page: those that are a table or running text as pages of their own, turned."""
    found = []
    standing = [line for line in page.lines if line.angle == 0]
    for angle in (90, 180, 270):
        for lines in _clusters([line for line in page.lines if line.angle == angle]):
            places = {round(line.baseline) for line in lines}
            if len(places) >= ASIDE_LINES and sum(len(line.text) for line in lines) >= ASIDE_CHARS:
                aside = Page(page.width, page.height, lines, is_aside=True)
                turn(aside, angle)
                _move_up(aside)
                found.append(aside)
    page.lines = standing
    return found


def _clusters(lines: list[Line]) -> list[list[Line]]:
    """Lines on end that follow each other closely; labels of several axes stand far apart. In each, the order of the file."""
    places = sorted({line.baseline for line in lines})
    number, group = 0, {places[0]: 0} if places else {}
    size = median(line.size for line in lines) if lines else 0.0
    for before, place in pairwise(places):
        number += place - before > MAX_APART * size
        group[place] = number
    return [[line for line in lines if group[line.baseline] == n] for n in range(number + 1)] if lines else []


def _move_up(page: Page) -> None:
    """Put the lines of a page where text begins: at its foot they would be taken for notes."""
    top = min(line.y0 for line in page.lines) - ASIDE_TOP * page.height
    for line in page.lines:
        line.changed()
        for span in line.spans:
            span.y0, span.y1, span.baseline = span.y0 - top, span.y1 - top, span.baseline - top
        line.changed()


def has_hidden_layers(data: bytes) -> bool:
    """Whether a file says that some of its layers (optional content) are not shown, or that a form is of a layer: PDFium gives
    their text all the same. Marks inside of a page are seen with its objects (`Page.is_doubted`).
    """
    return _LAYERS_OFF.search(data) is not None


def remove_hidden(page: Page, is_unseen: Unseen, *, doubt_all: bool = False) -> int:
    """Remove from a page what no reader sees: outside of the page, smaller than 2 points, not painted where no scan shows it,
    white on white, below a box that is painted over it. Returns the number of characters.

    Args:
        is_unseen: asks a drawing of the page about boxes.
        doubt_all: whether any line may not be shown.
    """
    is_scan = is_covered(page) or covered(page.area, page.images) >= 0.5
    shown: list[Box] | None = None
    if any(_is_white(span) for line in page.lines for span in line.spans) and not _is_dark(page):
        shown = [*page.images, *(box for box in page.paths if _share(box, page) < BACKGROUND)]
    doubt_all = doubt_all or page.is_doubted
    before = page.chars + page.n_clipped
    hidden = {
        id(line): own
        for line in page.lines
        if (
            own := {
                id(span) for span in line.spans if span.text.strip() and _is_hidden(span, page, shown, is_scan=is_scan)
            }
        )
    }
    for line in _shown_after_all(page, hidden, is_unseen):
        del hidden[id(line)]
    kept = []
    for line in page.lines:
        if own := hidden.get(id(line), set()):
            line.spans = [span for span in line.spans if id(span) not in own]
        if any(span.text.strip() for span in line.spans):
            kept.append(line)
    page.lines = kept
    _remove_covered(page, is_unseen, doubt_all=doubt_all and not is_scan, is_scan=is_scan)
    return before - page.chars


def _is_hidden(span: Span, page: Page, shown: list[Box] | None, *, is_scan: bool) -> bool:
    return (
        _is_outside(span, page)
        or 0 < span.size < MIN_SIZE
        or (not span.painted and not (is_scan and _lies_in(span, page.images)))
        or (shown is not None and _is_white(span) and not _lies_in(span, shown))
    )


def _shown_after_all(page: Page, hidden: Mapping[int, Set[int]], is_unseen: Unseen) -> list[Line]:
    """Lines that were taken for hidden, alone at their places, where a drawing shows something: a pattern fills them, or what is
    painted through them.
    """
    doubted = [
        line
        for line in page.lines
        if id(line) in hidden
        and all(
            (span.is_clip or (span.painted and _is_white(span)))
            and not _is_outside(span, page)
            and span.size >= MIN_SIZE
            for span in line.spans
            if id(span) in hidden[id(line)]
        )
    ]
    if not doubted or not can_be_drawn(page):
        return []
    others = [line.box for line in page.lines if id(line) not in hidden]
    alone = [line for line in doubted if not any(touch(line.box, box, 0.0) for box in others)]
    seen = zip(alone, is_unseen(page, [line.box for line in alone]), strict=True)
    return [line for line, is_gone in seen if not is_gone]


def _remove_covered(page: Page, is_unseen: Unseen, *, doubt_all: bool, is_scan: bool) -> None:
    """Remove lines that lie below something, or are as white as what they lie on: of those that may, a drawing shows nothing. What
    lies below a scan is its text where the scan shows any.
    """
    painted = [
        box
        for box in (*page.images, *page.paths)
        if not is_scan and box[2] - box[0] >= COVERED_WIDTH and box[3] - box[1] >= MIN_SIZE
    ]
    below: list[Line] = []
    if not doubt_all and (page.images or page.paths):
        told = [line for line in page.lines if len(_WORD.findall(line.text)) >= COVERED_WORDS]
        if is_scan:  # what stands in it is its text, and shows ink
            told = [line for line in told if any(span.painted for span in line.spans)]
            below = [line for line in told if any(_holds(image, line.box) for image in page.images)]
        elif len(page.paths) >= MAX_BOXES:  # what lies over lines may not be told
            below = told
        else:
            below = [line for line in told if any(_holds(cover, line.box) for cover in painted)]
            known = set(map(id, below))
            below += _below_tiles([line for line in told if id(line) not in known], page)
        if sum(len(_WORD.findall(line.text)) for line in below) < COVERED_TOGETHER:
            below = []
    white = [line for line in page.lines if any(map(_is_white, line.spans))]
    doubted = {id(line): line.box for line in (page.lines if doubt_all else (*below, *white))}
    if not doubted:
        return
    seen = zip(doubted, is_unseen(page, list(doubted.values())), strict=True)
    gone = {key for key, is_gone in seen if is_gone}
    page.lines = [line for line in page.lines if id(line) not in gone]


def _below_tiles(lines: Sequence[Line], page: Page) -> list[Line]:
    """Lines that lie below shapes beside each other."""
    rows: dict[int, list[Box]] = {}
    for box in (*page.images, *page.paths) if lines else ():
        if MIN_TILE <= box[2] - box[0] < COVERED_WIDTH and box[3] - box[1] >= MIN_TILE:
            for row in range(_row(max(box[1], 0.0)), _row(min(box[3], page.height)) + 1):
                rows.setdefault(row, []).append(box)
    for tiles in rows.values():
        tiles.sort()
    found = []
    for line in lines:
        x0, y0, x1, y1 = line.box
        middle = (y0 + y1) / 2
        at, n_tiles = x0, 0
        for left, upper, right, lower in rows.get(_row(middle), ()):
            if left <= at + MIN_SIZE and right > at and upper < middle < lower:
                at, n_tiles = right, n_tiles + 1
        if n_tiles >= MIN_TILES and at >= x1 - 0.2 * (x1 - x0):
            found.append(line)
    return found


def _row(y: float) -> int:
    return int(y // TILE_ROW)


def _share(box: Box, page: Page) -> float:
    """Share of a page that a box takes."""
    wide, high = min(box[2], page.width) - max(box[0], 0), min(box[3], page.height) - max(box[1], 0)
    return max(wide, 0) * max(high, 0) / max(page.width * page.height, 1)


def _holds(cover: Box, box: Box) -> bool:
    """Whether a box lies over most of another, which is a line."""
    a0, b0, a1, b1 = cover
    x0, y0, x1, y1 = box
    if a0 > x0 + 0.2 * (x1 - x0) or a1 < x1 - 0.2 * (x1 - x0):
        return False
    return min(b1, y1) - max(b0, y0) > 0.5 * (y1 - y0)


def remove_doubles(page: Page) -> int:
    """Remove lines that are drawn again where they stand. Returns the number of characters."""
    seen: dict[str, list[Line]] = {}
    kept = []
    removed = 0
    for line in page.lines:
        text = line.text.strip()
        near = MAX_SHADOW * line.size
        others = seen.setdefault(text, [])
        if len(text) > 1 and any(abs(o.x0 - line.x0) <= near and abs(o.y0 - line.y0) <= near for o in others[-4:]):
            removed += sum(len(span.text) for span in line.spans)
            continue
        others.append(line)
        kept.append(line)
    page.lines = kept
    return removed


def _is_outside(span: Span, page: Page) -> bool:
    x, y = (span.x0 + span.x1) / 2, (span.y0 + span.y1) / 2
    return not (0 <= x <= page.width and 0 <= y <= page.height)


def _is_white(span: Span) -> bool:
    colour = span.colour
    if colour < 0x800000:
        return False
    red, green, blue = colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF
    return 0.299 * red + 0.587 * green + 0.114 * blue >= WHITE


def _is_dark(page: Page) -> bool:
    """Whether a page's paper is painted, and its text is mostly white: a slide."""
    painted = any(_share(box, page) >= BACKGROUND for box in (*page.paths, *page.images))
    white = sum(len(s.text) for line in page.lines for s in line.spans if _is_white(s))
    return painted and 2 * white > page.chars


def _lies_in(span: Span, boxes: Iterable[Box]) -> bool:
    """Whether the middle of a span lies in a box that is as high as its letters."""
    x, y = (span.x0 + span.x1) / 2, (span.y0 + span.y1) / 2
    return any(a <= x <= c and b <= y <= d and d - b > span.size / 2 for a, b, c, d in boxes)
