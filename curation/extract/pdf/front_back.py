"""The parts of a paper: title, authors, abstract, body, appendix, references."""

from __future__ import annotations

import re

from curation.extract.abstract import split_abstract
from curation.extract.form import Parts, unmarked
from curation.extract.markdown_parts import mark_floats, regions
from curation.extract.pdf.blocks import Block
from curation.extract.pdf.headings import NUMBERED, REFERENCES
from curation.extract.pdf.hyphens import flow, vocabulary
from curation.extract.pdf.page import Line

_APPENDIX = re.compile(r"\W*(?:appendi(?:x|ces)\b.{0,80}|[A-H]\.?\s+[A-Z][\w\s:,-]{3,80})", re.IGNORECASE)
_MARKDOWN = re.compile(r"#|\||```|~~~")
"""What makes a heading, a table or code of a paragraph that begins with it."""


def to_parts(blocks: list[Block]) -> tuple[Parts, str | None, str | None]:
    """The parts of a paper, its authors, its references.

    The largest heading of the first page is the title. Authors stand between it and the abstract, where a line says Abstract.
    References end the body; the appendix may stand behind them.
    """
    words = vocabulary(line for block in blocks for line in block.lines)
    title = _title(blocks)
    written: list[str] = []
    references: list[str] = []
    appendix: list[str] = []
    target = written
    for i, block in enumerate(blocks):
        text = flow(block.lines, words)
        if not text:
            continue
        if block is title:
            continue
        if block.heading and REFERENCES.fullmatch(text) and i > len(blocks) // 4:
            target = references
        elif block.heading:
            if target is references and _APPENDIX.fullmatch(text):
                target = appendix
            elif target is references and NUMBERED.match(text):
                target = written
            target.append(text if target is references else f"## {text}")
        else:
            target.append(f"\\{text}" if _MARKDOWN.match(text) else text)
    authors, abstract, body = split_abstract("\n\n".join(written)) or ("", "", "\n\n".join(written))
    pieces = regions(body)
    if appendix:
        pieces += [("appendix" if kind == "body" else kind, piece) for kind, piece in regions("\n\n".join(appendix))]
    parts = Parts(
        title=flow(title.lines, words) if title else None,
        abstract=unmarked(abstract) or None,
        pieces=[(kind, mark_floats(unmarked(piece))) for kind, piece in pieces],
    )
    names = "\n".join(line.lstrip("# ") for line in authors.split("\n\n") if line.strip())
    return parts, names or None, "\n".join(references) or None


def _title(blocks: list[Block]) -> Block | None:
    """The largest heading of the first page; a section's heading is not larger than the others."""
    candidates = [b for b in blocks if b.heading and b.page == 0 and len(_raw(b.lines)) > 8]
    best = max(candidates, key=lambda b: b.lines[0].size, default=None)
    if best is None or REFERENCES.fullmatch(_raw(best.lines)) or NUMBERED.match(_raw(best.lines)):
        return None
    return best


def _raw(lines: list[Line]) -> str:
    return " ".join(line.text.strip() for line in lines)
