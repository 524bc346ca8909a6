"""Where the figures of a page lie: images and clusters of vector paths, with their labels."""

from __future__ import annotations

from collections.abc import Sequence

from curation.extract.pdf.boxes import area, around, is_inside, touch
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.page import Box, Line, Page
from curation.extract.pdf.style import Row, Style

TOUCH = 9.0
"""Points between two graphics of one figure: bars of a histogram, points of a curve, panels side by side."""
MIN_SIDE = 25.0
"""Points: smaller graphics are signs, logos and frames around a number."""
RULE = 2.0
"""Points: a path as thin as that and alone is a rule of a table, a fraction or a footnote."""
LABEL_REACH = 1.7
"""How far from a figure its labels stand, in sizes of their letters."""
EDGE = 1.0
"""Points by which what lies in a figure may jut out of it."""
MIN_PATHS = 3
"""A figure of fewer paths is a box around text, or the background of a page."""
MAX_CLUSTERED = 1500
"""Graphics of a page that are put together one by one; of more, the points of a plot, only those of some size count."""


def figures_of(page: Page, rows: Sequence[Row], style: Style) -> list[Box]:
    """Boxes of the figures of a page, their labels inside."""
    prose = [row for row in rows if is_prose(row, style)]
    found = [_cut(box, prose) for box in drawings_of(page) if not _is_frame_of_text(box, prose)]
    found = [box for box in _merged(found) if box[3] - box[1] > MIN_SIDE / 2]
    return [_with_labels(box, page.lines, style, prose) for box in found]


def drawings_of(page: Page) -> list[Box]:
    """Boxes of the images and clusters of paths of a page, whatever text lies in them."""
    whole = page.width * page.height
    images = [box for box in page.images if area(box) < 0.9 * whole]
    paths = [box for box in page.paths if area(box) < 0.9 * whole]
    drawn = [box for box in paths if not _is_rule(box)]
    if not drawn and not images:
        return []
    if len(drawn) > MAX_CLUSTERED:
        drawn = sorted(drawn, key=area, reverse=True)[:MAX_CLUSTERED]
    found: list[Box] = []
    for cluster in _clusters([*images, *drawn, *(box for box in paths if _is_rule(box) and box[2] - box[0] < 40)]):
        box = around(cluster)
        pictures = sum(1 for image in images if is_inside(image, box, EDGE) and image[2] - image[0] > MIN_SIDE)
        if box[2] - box[0] < MIN_SIDE or box[3] - box[1] < MIN_SIDE or (len(cluster) < MIN_PATHS and not pictures):
            continue
        found.append(box)
    return found


def is_prose(row: Row, style: Style) -> bool:
    """Whether a row is running text by its words, its size and how much of the column it fills."""
    if row.words < 4 or row.size < 0.72 * style.size:
        return False
    return row.x1 - row.x0 > 0.55 * (row.frame.x1 - row.frame.x0) or row.words >= 9


def in_figure(line: Line, boxes: Sequence[Box]) -> bool:
    """Whether the middle of a line lies in one of the boxes."""
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def _is_rule(box: Box) -> bool:
    return box[3] - box[1] < RULE or box[2] - box[0] < RULE / 2


def _clusters(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes that touch, by way of others, with `TOUCH` between them; swept from top to bottom."""
    clusters: list[tuple[Box, list[Box]]] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        joined, members = box, [box]
        apart = []
        for whole, others in clusters:
            if touch(whole, joined, TOUCH):
                joined, members = around([whole, joined]), others + members
            else:
                apart.append((whole, others))
        clusters = [*apart, (joined, members)]
    return [members for _, members in clusters]


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """Boxes of which none overlaps another."""
    made: list[Box] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        joined = box
        while touching := [other for other in made if touch(other, joined, 0.0)]:
            made = [other for other in made if other not in touching]
            joined = around([*touching, joined])
        made.append(joined)
    return made


def _is_frame_of_text(box: Box, prose: Sequence[Row]) -> bool:
    """Whether running text fills most of a box: a coloured background, an abstract or a listing in a frame."""
    inside = [
        row for row in prose if box[1] < (row.y0 + row.y1) / 2 < box[3] and box[0] < (row.x0 + row.x1) / 2 < box[2]
    ]
    return sum(row.y1 - row.y0 for row in inside) > 0.35 * (box[3] - box[1])


def _cut(box: Box, prose: Sequence[Row]) -> Box:
    """A box without the running text above and below that it overlaps: curves are drawn past what is shown of them."""
    x0, y0, x1, y1 = box
    middle = (y0 + y1) / 2
    for row in prose:
        at = (row.y0 + row.y1) / 2
        if not (
            y0 < at < y1 and any(line.x0 < x1 - 2 and x0 + 2 < line.x1 for line in row.lines if words_of_text(line))
        ):
            continue
        if at < middle:
            y0 = max(y0, row.y1)
        else:
            y1 = min(y1, row.y0)
    return x0, y0, x1, max(y0, y1)


def _with_labels(box: Box, lines: Sequence[Line], style: Style, prose: Sequence[Row]) -> Box:
    """A figure's box, and the labels of its axes around it: short lines close by that are no running text."""
    running = {id(line) for row in prose for line in row.lines}
    left = [line for line in lines if id(line) not in running and not _may_be_text(line, style)]
    grown = True
    while grown:
        grown = False
        rest = []
        for line in left:
            edge = line.box
            if touch(box, edge, LABEL_REACH * min(line.size, 12.0)) and _fits(edge, box, line):
                if not is_inside(edge, box, EDGE):
                    box, grown = around([box, edge]), True
            else:
                rest.append(line)
        left = rest
    return box


def _fits(edge: Box, box: Box, line: Line) -> bool:
    """Labels do not reach far beyond the figure that they belong to."""
    over = max(0.0, box[0] - edge[0]) + max(0.0, edge[2] - box[2])
    return over < 40 or line.angle != 0


def _may_be_text(line: Line, style: Style) -> bool:
    """Whether a line is no label: of text's size with words, a caption, a heading."""
    if line.angle != 0:
        return False
    words = len(words_of_text(line))
    return (words >= 3 and line.size > 0.85 * style.size) or words >= 8
