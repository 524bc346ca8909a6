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
from curation.extract.pdf.bibliography import entries_of
from curation.extract.pdf.blocks import Block, main_size
from curation.extract.pdf.captions import label_of
from curation.extract.pdf.cells import cells_of
from curation.extract.pdf.front import Front, front_of, keywords_label, raw, run_in_label
from curation.extract.pdf.headings import LONE_APPENDIX, REFERENCES, Heading, Look, number_of
from curation.extract.pdf.hyphens import flow, vocabulary
from curation.extract.pdf.listings import written
from curation.extract.pdf.page import Line
from curation.extract.pdf.scripts import MATH, Scripts
from curation.extract.pdf.style import Style
from curation.extract.pdf.tables import Table, pipe_rows, rows_after
from curation.text.escapes import as_paragraph, escaper

_escaped = escaper(MATH)
_BACK = re.compile(
    r"\W*(?:acknowledge?ments?|(?:data|code|software)\b.{0,40}availab\w+.{0,20}|author contributions?|funding|supplementary .{0,30}"
    r"|supporting information|(?:declaration of )?competing interests?|conflicts? of interests?|software|facilit(?:y|ies)|notes)\W*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:We|I|The authors?|[A-Z]\.? ?[A-Z]?\.? ?[A-Z]\w*)\b.{0,60}\b(?:thanks?|acknowledges?|(?:is|are|am) (?:very )?(?:grateful|indebted))\b"
    r"|(?:This|The) (?:work|research|paper|project|study|material|publication|manuscript)\b.{0,80}\b(?:supported|funded|(?:made|makes) use)\b"
    r"|.{0,100}\b(?:is|was|are|were) (?:\w+ )?(?:supported|funded) by\b|Support for th"
)
_LISTED = re.compile(r"\W*(?:facilit(?:y|ies)|software)\s?:", re.IGNORECASE)
MAX_THANKS = 8
"""Blocks of thanks that no heading announces, at most."""
_ITEM_NUMBER = re.compile(r"\s*(\d{1,3})([.)])\s")
_ESCAPED_NUMBER = re.compile(r"\A(\d{1,3})\\([.)])")
MAX_ITEM_BLOCKS = 12
"""Between two items of a numbered list: an item may have paragraphs and a list of its own."""
_LABELLED = re.compile(r"\s*(?:\[(\d{1,3})\]|(\d{1,3})\.|\((\d{1,3})\)|\$\^\{(\d{1,3})\}\$)\s*(?=\S)")
MIN_ENTRIES = 5
"""Labels in order, of a list without a heading, whose letters are smaller than the text's."""
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_SUPPLEMENT = re.compile(
    r"\W*(?:(?:electronic|online) )?(?:suppl(?:ement(?:al|ary)?|\.)|supporting) \w+", re.IGNORECASE
)
"""What the title of a second paper behind the first one begins with."""
MIN_TITLE_SCORE = 4.0
"""Of a heading in a bibliography; its entries are no headings."""
MIN_RUNNING_WORDS = 35
"""Of running text that ends a bibliography; annotations of entries are shorter."""
MIN_BEFORE_REFERENCES = 0.25
"""Share of blocks that stand before the bibliography, at least: a list of contents names it, too."""


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
class _Written:
    """A table that is written: its rows, and its place among the texts of a piece."""

    rows: list[list[str]]
    texts: list[str]
    place: int


@dataclass(slots=True)
class _Back:
    """The body as it is written, and the lines of its bibliography."""

    scripts: Scripts
    listed: set[int] = field(default_factory=set)
    """Ids of the blocks that are items of a numbered list."""
    pieces: list[tuple[str, list[str]]] = field(default_factory=lambda: [("body", [])])
    references: list[tuple[Line, int]] = field(default_factory=list)
    table: _Written | None = None
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
    listing = _unannounced_list(blocks, start, style)
    in_references = False
    outer = "body"
    sections = Counter(b.heading.look for b in blocks if b.heading is not None and b.level == 2 and b.heading.number)
    thanks = _unannounced_thanks(blocks, start)
    for n in range(start, len(blocks)):
        block = blocks[n]
        text = raw(block)
        if n == thanks:
            back.enter("acknowledgements")
            back.write("## Acknowledgments")
        if n == listing or (n > MIN_BEFORE_REFERENCES * len(blocks) and _is_bibliography(block, text)):
            in_references = True
            if n != listing:
                continue
        if block.kind == "heading" and block.heading is not None:
            if in_references and not _ends_references(block.heading, sections) and not _text_follows(blocks, n):
                back.references += block.placed()
                continue
            after = in_references
            in_references = False
            match = number_of(text)
            if LONE_APPENDIX.fullmatch(text):
                outer = "appendix"
                back.enter(outer)
                if _is_followed_by_letter(blocks, n):
                    continue
            elif match is not None and (match["appendix"] or (match["letter"] and block.level == 2)):
                outer = "appendix"
                back.enter(outer)
            elif ACKNOWLEDGEMENTS.fullmatch(text):
                back.enter("acknowledgements")
            elif after and not _BACK.fullmatch(text):
                outer = "appendix"
                back.enter(outer)
            elif block.level == 2:
                back.enter("body" if _BACK.fullmatch(text) else outer)
            _write(block, back, words)
        elif in_references and block.kind in ("text", "footnote") and not _is_other_text(block, back.references):
            back.references += block.placed()
        else:
            if in_references and block.kind == "text":
                in_references = False
                outer = "appendix"
                back.enter(outer)
            _write(block, back, words)


def _unannounced_thanks(blocks: Sequence[Block], start: int) -> int | None:
    """The place of thanks without a heading, as AASTeX sets them: paragraphs before the lists of facilities and software, the
    bibliography or the appendix.
    """
    if any(block.kind == "heading" and ACKNOWLEDGEMENTS.fullmatch(raw(block)) for block in blocks[start:]):
        return None
    end = next((n for n in range(max(start, len(blocks) // 3), len(blocks)) if _ends_thanks(blocks[n])), None)
    if end is None:
        return None
    found = None
    n = end - 1
    while n > start and end - n <= MAX_THANKS and blocks[n].kind != "heading":
        if blocks[n].kind == "text" and _THANKS.match(raw(blocks[n])) and blocks[n - 1].kind != "heading":
            found = n
        n -= 1
    return found


def _ends_thanks(block: Block) -> bool:
    text = raw(block)
    if block.kind == "text":
        return bool(_LISTED.match(text)) or _is_bibliography(block, text)
    match = number_of(text)
    back = bool(LONE_APPENDIX.fullmatch(text)) or (match is not None and bool(match["appendix"]))
    return block.kind == "heading" and (back or _is_bibliography(block, text))


def _is_bibliography(block: Block, text: str) -> bool:
    return block.kind in ("heading", "text") and len(text) < 60 and bool(REFERENCES.fullmatch(text))


def _ends_references(heading: Heading, sections: Counter[Look]) -> bool:
    """Whether a heading in the bibliography is one of the paper: of an appendix, of thanks, or set like the sections."""
    text = heading.text
    match = number_of(text)
    if LONE_APPENDIX.fullmatch(text) or _BACK.fullmatch(text) or (match is not None and match["appendix"]):
        return True
    if _SUPPLEMENT.match(text) and heading.score >= MIN_TITLE_SCORE:
        return True
    return bool(sections[heading.look]) and (match is not None or heading.score >= 4)


def is_running(block: Block) -> bool:
    """Whether a block is running text and no entry of a bibliography: long, mostly in lower case, with hardly a year."""
    words = [word for word in raw(block).split() if any(c.isalpha() for c in word)]
    if len(words) < MIN_RUNNING_WORDS:
        return False
    lower = sum(word.strip("([“‘\"'")[:1].islower() for word in words)
    return lower > 0.75 * len(words) and len(_YEAR.findall(raw(block))) <= len(words) / 40


def _is_other_text(block: Block, references: Sequence[tuple[Line, int]]) -> bool:
    """Whether running text in another size than that of the references ends them, or a note below them is none of them."""
    other = bool(references) and abs(main_size(block) - references[0][0].size) > 0.4
    return other and (block.kind == "footnote" or is_running(block))


def _text_follows(blocks: Sequence[Block], n: int) -> bool:
    """Whether running text stands below a heading."""
    below = [block for block in blocks[n + 1 : n + 5] if block.kind == "text"][:2]
    return any(map(is_running, below))


def _is_followed_by_letter(blocks: Sequence[Block], n: int) -> bool:
    following = next((b for b in blocks[n + 1 : n + 3] if b.kind == "heading"), None)
    match = number_of(raw(following)) if following is not None else None
    return match is not None and following is blocks[n + 1]


def _unannounced_list(blocks: Sequence[Block], start: int, style: Style) -> int | None:
    """The place of a bibliography that no heading announces: the longest numbered list in the last part of a paper, in small letters
    or with years, as REVTeX sets it.
    """
    if any(_is_bibliography(block, raw(block)) for block in blocks[start:]):
        return None
    found: dict[int, int] = {}
    for n in range(len(blocks) - 1, max(start, len(blocks) // 4), -1):
        block = blocks[n]
        if block.kind != "text" or _label(block.lines[0]) != 1:
            continue
        text = " ".join(raw(other) for other in blocks[n : n + 6])
        count = _counted(blocks[n:])
        is_dated = count >= 2 and len(re.findall(r"\b(?:19|20)\d\d\b", text)) >= 2
        if is_dated or (count >= MIN_ENTRIES and main_size(block) < style.size - 0.4):
            found[n] = count
    return max(found, key=lambda n: found[n], default=None)


def _label(line: Line) -> int:
    """The number of an entry of a bibliography that a line begins with, or 0."""
    match = _LABELLED.match(line.text)
    return int(next(filter(None, match.groups()))) if match else 0


def _counted(blocks: Sequence[Block]) -> int:
    """How many lines of some paragraphs begin with a number that follows that of the one before."""
    count = 0
    for block in blocks:
        for line in block.lines if block.kind == "text" else ():
            count += _label(line) == count + 1
    return count


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
        said = _said(block.lines, words)
        back.write(f"[^{block.region.label}]: {said}" if block.region.label else as_paragraph(said))
    else:
        back.equations += _displayed(block)
        back.write(_paragraph(block, words, is_item=id(block) in back.listed))


def _write_table(block: Block, table: Table, back: _Back, words: Counter[str]) -> None:
    cells = cells_of(table.lines, table.rules)
    back.scripts.write([line for row in cells for cell in row for line in cell], block.page, cells=True)
    rows = [[_said(cell, words) for cell in row] for row in cells]
    if table.goes_on and (before := back.table) is not None and (more := rows_after(before.rows, rows)) is not None:
        before.rows += more
        before.texts[before.place] = pipe_rows(before.rows)
        return
    if text := pipe_rows(rows):
        back.n_tables += 1
        back.write(text)
        texts = back.pieces[-1][1]
        back.table = _Written(rows, texts, len(texts) - 1)


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
