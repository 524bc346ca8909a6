"""Boxes on a page: around others, inside one, close to one. All are `page.Box`: x0, y0, x1, y1 in points."""

from __future__ import annotations

from collections.abc import Iterable

from curation.extract.pdf.page import Box


def area(box: Box) -> float:
    """In square points; 0 of a box that is turned inside out."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of some, at least one."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def is_inside(inner: Box, outer: Box, slack: float) -> bool:
    """Whether a box lies in another one, or juts out of it by less than `slack` points."""
    return (
        inner[0] > outer[0] - slack
        and inner[1] > outer[1] - slack
        and inner[2] < outer[2] + slack
        and inner[3] < outer[3] + slack
    )


def touch(a: Box, b: Box, reach: float) -> bool:
    """Whether two boxes have less than `reach` points between them; with a reach of 0, whether they overlap."""
    return a[0] - reach < b[2] and b[0] - reach < a[2] and a[1] - reach < b[3] and b[1] - reach < a[3]
