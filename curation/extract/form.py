"""The one form of every text: `# title`, `## Abstract`, then body, acknowledgements and appendix, and its sections.

A route gives `Parts`: Markdown in which `marked` has named captions, tables and footnotes. `assemble` is the only place
that puts a text together, cleans it, keeps marks of chats out of it, and says where its sections lie. Structure is made by the
routes: of a paper's own words they escape what Markdown would take for structure (`curation.text.escapes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from curation.extract.abstract import split_abstract
from curation.text.blocks import blocks
from curation.text.chat_marks import without_chat_marks
from curation.text.clean import NONCHARACTERS, clean_text
from curation.text.sections import Section, trimmed
from schemas import SECTION_KINDS

MAX_SECTIONS = 100_000
"""Of one text: papers have hundreds. Past it captions, tables and footnotes are not told from what is around them."""
_MARK = re.compile(f"([{NONCHARACTERS}])")
_OPEN = {kind: chr(0xFDD0 + i) for i, kind in enumerate(SECTION_KINDS)}
_CLOSE = "\ufdef"
_TOP_HEADING = re.compile(r"^ {0,3}#(?:[ \t]|$)", re.MULTILINE)
_KIND_OF = {mark: kind for kind, mark in _OPEN.items()}
_INNER = frozenset(_OPEN[kind] for kind in ("caption", "table", "footnote"))
_EMPTY = re.compile(rf"[{''.join(sorted(_INNER))}]\s*+{_CLOSE}")


@dataclass(slots=True)
class Parts:
    """A paper as a route read it.

    Args:
        title: one line, or None.
        abstract: Markdown; when None it is looked for at the beginning of the first piece.
        pieces: (body, acknowledgements or appendix, Markdown), in the order of the paper.
    """

    title: str | None = None
    abstract: str | None = None
    pieces: list[tuple[str, str]] = field(default_factory=list)


_EDGES = re.compile(rf"\A[\s{NONCHARACTERS}]++|(?<![\s{NONCHARACTERS}])[\s{NONCHARACTERS}]++\Z")
"""Blanks and marks with which a text begins and ends; a run of them is looked at once, from its first one."""


def marked(kind: str, text: str) -> str:
    """Markdown as a section of this kind: a caption, table or footnote marked inside of it is cut out of it. One of nothing
    is none."""
    text, empty = _only_inner(text), 1
    while empty:
        text, empty = _EMPTY.subn("", text)
    text = _EDGES.sub(lambda edge: "".join(edge[0].split()), text)
    return f"{_OPEN[kind]}{text}{_CLOSE}" if text else ""


def unmarked(text: str) -> str:
    """A text without anything that could be taken for a mark."""
    return _MARK.sub("", text) if _may_hold_marks(text) else text


def _may_hold_marks(text: str) -> bool:
    """False for nearly every text without marks, in a fifth of the time of the pattern: all of them begin so in UTF-8."""
    return b"\xef\xb7" in text.encode("utf-8", "surrogatepass")


def assemble(parts: Parts) -> tuple[str, list[Section], str | None]:
    """The text in its one form, cleaned; its sections; and the title that it begins with.

    Under a title no other heading has one mark. Of a text whose title is not told, what stands before its abstract stays
    there; else it opens the body.
    """
    title = " ".join(without_chat_marks(clean_text(parts.title or "")).split()) or None
    abstract, before = _cleaned(parts.abstract or ""), ""
    pieces = [(kind, _cleaned(text)) for kind, text in parts.pieces]
    if not abstract.strip() and pieces and (split := split_abstract(pieces[0][1])):
        before, abstract, rest = split
        pieces = [(pieces[0][0], rest), *pieces[1:]]
    if title:
        abstract = _below_title(abstract)
        pieces = [(kind, _below_title(text)) for kind, text in [("body", before), *pieces]]
        before = ""
    abstract = marked("abstract", abstract)
    found = [
        f"# {marked('title', title)}" if title else "",
        marked("body", before),
        f"## Abstract\n\n{abstract}" if abstract else "",
        *(marked(kind, text) for kind, text in _joined(pieces)),
    ]
    text = "\n\n".join(piece for piece in found if piece)
    plain, sections = _read_marks(text)
    if len(sections) > MAX_SECTIONS:
        plain, sections = _read_marks(text, inner=False)
    return plain, sections, title


def _cleaned(markdown: str) -> str:
    return without_chat_marks(clean_text(markdown, keep_marks=True))


def _joined(pieces: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pieces with those of one kind that follow each other as one."""
    made: list[tuple[str, str]] = []
    for kind, text in pieces:
        if not text.strip():
            continue
        if made and made[-1][0] == kind:
            made[-1] = (kind, f"{made[-1][1].rstrip()}\n\n{text.strip()}")
        else:
            made.append((kind, text))
    return made


def _below_title(markdown: str) -> str:
    """Markdown with its headings one level lower, when one has the title's level."""
    if "#" not in markdown or not _TOP_HEADING.search(markdown):
        return markdown
    headings = [block for block in blocks(markdown) if block.kind == "heading"]
    if all(block.level > 1 for block in headings):
        return markdown
    made, at = [], 0
    for block in headings:
        start = markdown.index("#", block.start)
        made += [markdown[at:start], "#" if block.level < 6 else ""]
        at = start
    return "".join([*made, markdown[at:]])


def _only_inner(text: str) -> str:
    """A text in which marks of captions, tables and footnotes open and close in pairs, and no others are."""
    if not _may_hold_marks(text):
        return text
    pieces = _MARK.split(text)
    waiting: list[int] = []
    for i, piece in enumerate(pieces):
        if piece == _CLOSE and waiting:
            waiting.pop()
        elif piece in _INNER:
            waiting.append(i)
        elif _MARK.fullmatch(piece):
            pieces[i] = ""
    for i in waiting:
        pieces[i] = ""
    return "".join(pieces)


def _read_marks(text: str, *, inner: bool = True) -> tuple[str, list[Section]]:
    """The text without its marks, and a section for each stretch, of the kind of the innermost mark around it.

    Args:
        inner: whether captions, tables and footnotes are told from what is around them.
    """
    plain: list[str] = []
    found: list[Section] = []
    kinds: list[str] = []
    at = 0
    for piece in _MARK.split(text):
        if piece == _CLOSE:
            kinds[-1:] = []
        elif piece in _KIND_OF:
            kinds.append(_KIND_OF[piece] if inner or piece not in _INNER else kinds[-1])
        elif piece:
            size = len(piece.encode())
            if kinds and not inner and found and found[-1].kind == kinds[-1] and found[-1].end == at:
                found[-1] = Section(kinds[-1], found[-1].start, at + size)
            elif kinds:
                found.append(Section(kinds[-1], at, at + size))
            plain.append(piece)
            at += size
    whole = "".join(plain)
    data = whole.encode()
    return whole, [section for stretch in found if (section := trimmed(data, stretch)) is not None]
