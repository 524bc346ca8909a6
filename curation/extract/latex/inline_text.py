"""Text on one line: white space folded, blocks joined."""

from __future__ import annotations

import re

from curation.extract.latex.blocks import (
    MATH,
    MATH_END,
    Block,
    Caption,
    Code,
    Display,
    Heading,
    ListBlock,
    Para,
    Quote,
    Table,
)

BLANKS = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")


def tidy(text: str) -> str:
    """Fold white space; a blank before a closing bracket or full stop stays the author's own."""
    if "\u2009" in text:
        text = _THOUSANDS.sub("", text).replace("\u2009", " ")
    return BLANKS.sub(" ", text).strip()


# `3\\,000`: a thin space between digits separates thousands
_THOUSANDS = re.compile(r"(?<=\d)\u2009(?=\d{3}(?!\d))")


def join_inline(blocks: list[Block]) -> str:
    """Blocks on one line: for captions, cells, headings, notes."""
    if len(blocks) == 1 and isinstance(blocks[0], Para):
        return blocks[0].text
    out: list[str] = []
    for block in blocks:
        if isinstance(block, Para):
            out.append(block.text)
        elif isinstance(block, Display):
            out.append(MATH + block.tex + MATH_END)
        elif isinstance(block, Heading):
            out.append(block.text + ".")
        elif isinstance(block, (Code, Caption)):
            out.append(block.text)
        elif isinstance(block, Quote):
            out.append(join_inline(block.blocks))
        elif isinstance(block, Table):
            out.extend(" ".join(c for c in row if c) for row in block.rows)
        elif isinstance(block, ListBlock):
            for label, item in block.items:
                out.append(((label + " ") if label else "") + join_inline(item))
    return " ".join(o for o in out if o)
