"""The parts of a paper: title, authors, abstract, body, acknowledgements, appendix, references."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from curation.extract.form import Parts, unmarked
from curation.extract.markdown_parts import ACKNOWLEDGEMENTS, mark_floats
from curation.extract.pages import Displayed
from curation.extract.pdf.back_matter import (
    BACK_MATTER,
    begins_references,
    count_on,
    ends_references,
    is_followed_by_letter,
    is_other_text,
    text_follows,
    unannounced_list,
    unannounced_thanks,
)
from curation.extract.pdf.bibliography import entries_of
from curation.extract.pdf.blocks import Block
from curation.extract.pdf.captions import label_of
from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.front import Front, front_of, keywords_label, raw, run_in_label
from curation.extract.pdf.heading import LONE_APPENDIX, number_of
from curation.extract.pdf.hyphens import flow, vocabulary
from curation.extract.pdf.listings import written
from curation.extract.pdf.page import Line
from curation.extract.pdf.scripts import MATH, Scripts
from curation.extract.pdf.style import Style
from curation.extract.pdf.tables import Table, pipe_rows
from curation.text.escapes import as_paragraph, escaper

_escaped = escaper(MATH, notes=True)
_ITEM_NUMBER = re.compile(r"\s*(\d{1,3})([.)])\s")
_ESCAPED_NUMBER = re.compile(r"\A(\d{1,3})\\([.)])")
MAX_ITEM_BLOCKS = 12
"""Between two items of a numbered list: an item may have paragraphs and a list of its own."""


@dataclass(slots=True)
class Made:
    """What a PDF's blocks say; the pages of its equations are places among those that were read, from 0."""

    parts: Parts
    authors: str | None = None
    references: str | None = None
    keywords: str | None = None
    equations: list[Displayed] = field(default_factory=list)
    n_tables: int = 0


@dataclass(slots=True)
class _Back:
    """The body as it is written, and the lines of its bibliography."""

    scripts: Scripts
    listed: set[int] = field(default_factory=set)
    """Ids of the blocks that are items of a numbered list."""
    pieces: list[tuple[str, list[str]]] = field(default_factory=lambda: [("body", [])])
    references: list[tuple[Line, int]] = field(default_factory=list)
    equations: list[Displayed] = field(default_factory=list)
    n_tables: int = 0

    def enter(self, kind: str) -> None:
        if self.pieces[-1][0] != kind:
            self.pieces.append((kind, []))

    def write(self, text: str) -> None:
        if text:
            self.pieces[-1][1].append(text)


def to_parts(blocks: Sequence[Block], style: Style, scripts: Scripts) -> Made:
    """The parts of a paper. Authors stand between title and abstract; references follow their heading, or are a numbered list
    at the end; what follows them is the appendix.
    """
    for block in blocks:
        if block.kind not in ("table", "listing"):  # their lines are written as they stand, or cut into cells
            scripts.write(block.lines, block.page)
    scripts.part_marks()
    words = vocabulary(line for block in blocks for line in block.lines)
    front = front_of(blocks, style)
    back = _Back(scripts, numbered_items(blocks))
    for block in front.prose:
        _write(block, back, words)
    _write_body(blocks, front.body, back, words, style)
    for block in blocks[: front.body]:
        if block.kind in ("caption", "table", "table_note", "listing", "margin"):
            _write(block, back, words)
    parts = Parts(
        title=_said(front.title.lines, words) if front.title else None,
        abstract=mark_floats(unmarked(_abstract(front, words))) or None,
        pieces=[(kind, mark_floats(unmarked("\n\n".join(texts)))) for kind, texts in back.pieces if texts],
    )
    entries = [f"- {entry}" for entry in entries_of(back.references, words)]
    names = [text for block in front.authors if (text := flow(block.lines, words))]
    keywords = [text[keywords_label(text) :] for block in front.keywords if (text := flow(block.lines, words))]
    return Made(
        parts,
        "\n".join(names) or None,
        "\n".join(entries) or None,
        "; ".join(keywords) or None,
        [one for block in front.abstract for one in _displayed(block)] + back.equations,
        back.n_tables,
    )


def _abstract(front: Front, words: Counter[str]) -> str:
    texts = [_paragraph(block, words) for block in front.abstract]
    if texts:
        texts[0] = texts[0][run_in_label(texts[0]) :]
    return "\n\n".join(text for text in texts if text)


def _write_body(blocks: Sequence[Block], start: int, back: _Back, words: Counter[str], style: Style) -> None:
    listing, first = unannounced_list(blocks, start, style) or (None, 0)
    in_references = False
    outer = "body"
    sections = Counter(b.heading.look for b in blocks if b.heading is not None and b.level == 2 and b.heading.number)
    thanks = unannounced_thanks(blocks, start, listing)
    for n in range(start, len(blocks)):
        block = blocks[n]
        text = raw(block)
        if n == thanks:
            back.enter("acknowledgements")
            back.write("## Acknowledgments")
        if n == listing or begins_references(blocks, n):
            in_references = True
            if n == listing:
                back.write(as_paragraph(_said(block.lines[:first], words)) if first else "")
                back.references += block.placed()[first:]
            continue
        in_references = in_references or count_on(blocks, n, back.references)
        if block.kind == "heading" and block.heading is not None:
            if in_references and not ends_references(block.heading, sections) and not text_follows(blocks, n):
                back.references += block.placed()
                continue
            after = in_references
            in_references = False
            match = number_of(text)
            if LONE_APPENDIX.fullmatch(text):
                outer = "appendix"
                back.enter(outer)
                if is_followed_by_letter(blocks, n):
                    continue
            elif match is not None and (match["appendix"] or (match["letter"] and block.level == 2)):
                outer = "appendix"
                back.enter(outer)
            elif ACKNOWLEDGEMENTS.fullmatch(text):
                back.enter("acknowledgements")
            elif after and not BACK_MATTER.fullmatch(text):
                outer = "appendix"
                back.enter(outer)
            elif block.level == 2:
                back.enter("body" if BACK_MATTER.fullmatch(text) else outer)
            _write(block, back, words)
        elif in_references and block.kind in ("text", "footnote") and not is_other_text(block, back.references):
            back.references += block.placed()
        else:
            if in_references and block.kind == "text":
                in_references = False
                outer = "appendix"
                back.enter(outer)
            _write(block, back, words)


def _write(block: Block, back: _Back, words: Counter[str]) -> None:
    if block.kind == "heading":
        text = _said(block.lines, words)
        match = None if block.heading is not None and block.heading.is_named_so else number_of(text)
        back.write(f"{'#' * block.level} {text[match.end() :] if match else text}")
    elif block.kind == "caption" and block.region is not None:
        found = label_of(_said(block.lines, words))
        rest = found[2] if found is not None else ""
        back.write(f"**{block.region.label}.** {rest}".rstrip())
    elif block.kind == "table" and block.region is not None and block.region.table is not None:
        _write_table(block, block.region.table, back, words)
    elif block.kind == "listing":
        back.write(written(block.lines))
    elif block.kind == "footnote" and block.region is not None:
        said = as_paragraph(_said(block.lines, words))
        back.write(f"[^{block.region.label}]: {said}" if block.region.label else said)
    else:
        back.equations += _displayed(block)
        back.write(_paragraph(block, words, is_item=id(block) in back.listed))


def _write_table(block: Block, table: Table, back: _Back, words: Counter[str]) -> None:
    cells = cells_of(table.lines, table.rules, table.short)
    back.scripts.write([line for row in cells for cell in row for line in cell], block.page, cells=True)
    rows = [[_said(cell, words) for cell in row] for row in cells]
    if text := pipe_rows(rows):
        back.n_tables += 1
        back.write(text)


def numbered_items(blocks: Sequence[Block]) -> set[int]:
    """Ids of the paragraphs that begin with a number that counts with the one before or behind it: items of a list."""
    found = [
        (n, int(match[1]), match[2], id(block))
        for n, block in enumerate(blocks)
        if block.kind == "text" and (match := _ITEM_NUMBER.match(raw(block)))
    ]
    made = set()
    for (n, number, stop, own), (m, following, other, theirs) in pairwise(found):
        if following == number + 1 and stop == other and m - n <= MAX_ITEM_BLOCKS:
            made |= {own, theirs}
    return made


def _paragraph(block: Block, words: Counter[str], *, is_item: bool = False) -> str:
    """The text of a paragraph, its equations in their places; an item of a list keeps its number as one."""
    pieces: list[str] = []
    at = 0
    for place, _, equation in block.marks:
        pieces += [as_paragraph(_said(block.lines[at:place], words)), equation.mark]
        at = place
    pieces.append(as_paragraph(_said(block.lines[at:], words)))
    if is_item:
        pieces[0] = _ESCAPED_NUMBER.sub(r"\1\2", pieces[0])
    return " ".join(piece for piece in pieces if piece)


def _displayed(block: Block) -> list[Displayed]:
    return [one for _, page, equation in block.marks for one in equation.displayed(page)]


def _said(lines: list[Line], words: Counter[str]) -> str:
    """What lines say, in Markdown: what only looks like structure is escaped."""
    return _escaped(flow(lines, words))
