"""Where words begin and end, by the boxes of MuPDF's characters: asked for on pages that may have tables, whose cells they part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from curation.extract.pdf.lines import right_angle
from curation.extract.pdf.page import Box

MIN_RULE = 40.0
"""Points: width of a table's rule; `MAX_THICK` its thickness at most."""
MAX_THICK = 2.0
_LABELS = ("Table", "TABLE", "Tab.")


def may_have_tables(content: dict[str, Any], paths: Iterable[Box]) -> bool:
    """Whether two rules lie on a page, or a line begins as the caption of a table does."""
    if sum(y1 - y0 < MAX_THICK and x1 - x0 > MIN_RULE for x0, y0, x1, y1 in paths) > 1:
        return True
    lines = (line["spans"] for block in content["blocks"] for line in block.get("lines", ()))
    return any(spans and spans[0]["text"].lstrip().startswith(_LABELS) for spans in lines)


def tell_words(content: dict[str, Any], chars: dict[str, Any]) -> None:
    """Tell each span of a page with more than one word, under "words", where they begin and end on its line.

    Args:
        content: of `extractDICT`; `chars`: of `extractRAWDICT` of the same text page.
    """
    for block, by_char in zip(content["blocks"], chars["blocks"], strict=True):
        for line, line_by_char in zip(block.get("lines", ()), by_char.get("lines", ()), strict=True):
            angle = right_angle(*line["dir"])
            if angle not in (0, 90, 270):
                continue
            for span, span_by_char in zip(line["spans"], line_by_char["spans"], strict=True):
                if " " in span["text"].strip():
                    span["words"] = _places(span_by_char["chars"], angle)


def _places(chars: Sequence[dict[str, Any]], angle: int) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    inside = False
    for char in chars:
        if char["c"].isspace():
            inside = False
            continue
        start, end = _along(char["bbox"], angle)
        made[-1:] = [(made[-1][0], max(end, made[-1][1]))] if inside else [*made[-1:], (start, end)]
        inside = True
    return made


def _along(box: Box, angle: int) -> tuple[float, float]:
    """Where a box begins and ends in the direction of writing."""
    if angle == 0:
        return box[0], box[2]
    return (-box[3], -box[1]) if angle == 90 else (box[1], box[3])
