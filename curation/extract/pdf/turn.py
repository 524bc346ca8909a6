"""Turning what stands on a page."""

from __future__ import annotations

from curation.extract.pdf.lines import upright_box
from curation.extract.pdf.page import Box, Line, Page, Span


def turn(page: Page, degrees: int) -> None:
    """Turn a page with the clock, by a multiple of 90 degrees: its boxes, its lines and their directions.

    `rotation` stays what the file says.
    """
    for _ in range(degrees // 90 % 4):
        height = page.height
        page.width, page.height = page.height, page.width
        page.images = [_turned(box, height) for box in page.images]
        page.paths = [_turned(box, height) for box in page.paths]
        for line in page.lines:
            _turn_line(line, height)


def _turned(box: Box, height: float) -> Box:
    x0, y0, x1, y1 = box
    return height - y1, x0, height - y0, x1


def _turn_line(line: Line, height: float) -> None:
    across = line.angle % 180 == 0
    line.angle = (line.angle - 90) % 360
    for span in line.spans:
        span.baseline = height - span.baseline if across else span.baseline
        _place(span, _turned((span.x0, span.y0, span.x1, span.y1), height), upright=line.angle == 0)
    line.changed()


def _place(span: Span, box: Box, *, upright: bool) -> None:
    if upright:
        box = upright_box(box[0], box[2], span.baseline, span.size)
    span.x0, span.y0, span.x1, span.y1 = box
