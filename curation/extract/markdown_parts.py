"""Markdown that somebody else wrote, or that a route made of lines: its title, regions, captions, tables and footnotes."""

from __future__ import annotations

import re

from curation.extract.abstract import split_abstract
from curation.extract.form import Parts, marked, unmarked
from curation.text.blocks import Block, blocks, heading_title
from curation.text.masks import masks
from curation.text.words import words

ACKNOWLEDGEMENTS = re.compile(r"\W*(?:\d[\d.]*\s*)?(?:acknowledge?ments?|acknowlegde?ments?)\W*", re.IGNORECASE)
_APPENDIX = re.compile(r"\W*appendi(?:x|ces)\b.*", re.IGNORECASE)
_CAPTION = re.compile(
    r"\*\*(?:Figure|Table|Algorithm|Listing|Scheme|Plate|Video|Chart)(?: [\w.-]{1,20})?\.\*\*\s"  # as our own texts have them
    r"|(?:\*\*)?(?:Fig(?:ure|\.)?|FIG(?:URE|\.)?|Table|TABLE)\s+[A-Z]?\.?\d{1,3}[a-z]?(?:\*\*)?\s?[.:|](?:\*\*)?\s"
)
_DEFINITION = re.compile(r"\[\^[^\]\s]{1,50}\]:\s")
_FLOAT = re.compile(rf"[ \t]*(?:\||{_CAPTION.pattern}|{_DEFINITION.pattern})")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BRACKET = re.compile(r"\^\[|\[|\]")


def read_markdown(text: str, *, title: str | None = None, abstract: str | None = None) -> Parts:
    """The parts of a Markdown text.

    Args:
        title: as fields beside the text give it. Where the text opens with it, it is not put there again. Without it an
            opening heading of the first level is the title, when no other has this level or an abstract follows.
        abstract: as fields beside the text give it, likewise.
    """
    text = unmarked(text)
    own, text = _title(text, title)
    abstract, text = _abstract(text, abstract)
    if abstract is not None:
        abstract = mark_floats(unmarked(abstract))
    return Parts(own or title, abstract, [(kind, mark_floats(piece)) for kind, piece in regions(text)])


def _title(text: str, given: str | None) -> tuple[str | None, str]:
    if given:
        head = text[: 4 * len(given) + 200]
        first = next(iter(blocks(head)), None)
        if first is None or (first.end == len(head) < len(text)):
            return None, text
        line = heading_title(first.text(text))
        return (line, text[first.end :]) if _is_same(line, given) else (None, text)
    if not text.lstrip().startswith("#"):
        return None, text
    found = blocks(text)
    first = found[0]
    if first.level != 1 or len(found) < 2:
        return None, text
    line, rest = heading_title(first.text(text)), text[first.end :]
    is_only = all(block.level != 1 for block in found[1:])
    return (line, rest) if is_only or split_abstract(rest) is not None else (None, text)


def _is_same(line: str, given: str) -> bool:
    """Whether one is the other, or begins with it, by their words."""
    a, b = words(line), words(given)
    n = min(len(a), len(b))
    return n > 0 and a[:n] == b[:n] and max(len(a), len(b)) <= 2 * n


def _abstract(text: str, given: str | None) -> tuple[str | None, str]:
    """The abstract when a field gives it and no line of the text says Abstract, and the text without it."""
    wanted = words(given or "")
    given = _closed(given or "")
    if not wanted or split_abstract(text) is not None:
        return None, text
    opening: list[str] = []
    for block in blocks(text):
        opening += words(block.text(text))
        if len(opening) >= len(wanted):
            return (given, text[block.end :]) if opening == wanted else (given, text)
    return (given, "") if opening == wanted else (given, text)


def _closed(markdown: str) -> str:
    """Markdown whose code ends with it, so that it swallows nothing of what is put behind it."""
    last = blocks(f"{markdown}\n\nx")[-1]
    fence = _FENCE.match(last.text(markdown)) if last.kind == "code" else None
    return f"{markdown}\n{fence[1]}" if fence else markdown


def regions(markdown: str) -> list[tuple[str, str]]:
    """Body, acknowledgements and appendix, by their headings, in the order of the text.

    Acknowledgements end at the next heading that is not below theirs; the appendix ends with the text.
    """
    made: list[tuple[str, str]] = []
    folded = markdown.casefold()
    if "ackno" not in folded and "append" not in folded:  # most texts beside papers: no look at their blocks
        return [("body", markdown)]
    kind, level, start = "body", 0, 0
    outer = "body"
    for block in blocks(markdown):
        if block.kind != "heading":
            continue
        name = heading_title(block.text(markdown))
        if ACKNOWLEDGEMENTS.fullmatch(name):
            following, level = "acknowledgements", block.level
        elif _APPENDIX.fullmatch(name):
            following = outer = "appendix"
        elif kind == "acknowledgements" and block.level <= level:
            following = outer
        else:
            continue
        made.append((kind, markdown[start : block.start]))
        kind, start = following, block.start
    return [*made, (kind, markdown[start:])]


def mark_floats(markdown: str) -> str:
    """Markdown with its captions, tables and footnotes marked: paragraphs that open with Figure 3 or Table 1 and a stop, pipe
    tables, `^[notes]`, and the notes that `[^1]` points to."""
    if "^[" not in markdown and not any(map(_FLOAT.match, markdown.split("\n"))):
        return markdown
    found: list[tuple[int, int, str]] = []
    hidden = [mask for mask in masks(markdown) if mask.kind in ("math", "code")] if "^[" in markdown else []
    at = 0
    for block in blocks(markdown):
        kind = _kind(block, markdown)
        while at < len(hidden) and hidden[at].end <= block.start:
            at += 1
        if block.kind in ("paragraph", "list", "quote") and kind != "footnote":
            inside = []
            n = at
            while n < len(hidden) and hidden[n].start < block.end:
                inside.append((hidden[n].start, hidden[n].end))
                n += 1
            notes = _notes(markdown, block, inside)
        else:
            notes = []
        if kind is not None:
            found.append((block.start, block.end, kind))
        found += [(start, end, "footnote") for start, end in notes]
    return _with_marks(markdown, found)


def _kind(block: Block, markdown: str) -> str | None:
    if block.kind == "table":
        return "table"
    if block.kind == "paragraph" and _CAPTION.match(markdown, block.start):
        return "caption"
    return "footnote" if block.kind == "paragraph" and _DEFINITION.match(markdown, block.start) else None


def _notes(markdown: str, block: Block, hidden: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """`^[notes]` of a block, the outermost of nested ones; brackets inside math and code do not count."""
    found: list[tuple[int, int]] = []
    waiting: list[tuple[int, bool]] = []
    n = 0
    for bracket in _BRACKET.finditer(markdown, block.start, block.end):
        while n < len(hidden) and hidden[n][1] <= bracket.start():
            n += 1
        if n < len(hidden) and hidden[n][0] <= bracket.start():
            continue
        if bracket.group() != "]":
            waiting.append((bracket.start(), bracket.group() == "^["))
        elif waiting:
            start, is_note = waiting.pop()
            if is_note:
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, bracket.end()))
    return found


def _with_marks(markdown: str, found: list[tuple[int, int, str]]) -> str:
    """Stretches marked; one that lies in another follows it in the list."""
    made: list[str] = []
    at = i = 0
    while i < len(found):
        start, end, kind = found[i]
        inner = []
        while i + 1 < len(found) and found[i + 1][0] < end:
            i += 1
            inner.append(found[i])
        start += len(markdown[start:end]) - len(markdown[start:end].lstrip())
        piece = _with_marks(markdown[start:end], [(a - start, b - start, k) for a, b, k in inner])
        made += [markdown[at:start], marked(kind, piece)]
        at = end - (len(markdown[start:end]) - len(markdown[start:end].rstrip()))
        i += 1
    return "".join([*made, markdown[at:]])
