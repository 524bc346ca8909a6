"""The pieces of a document that chunks are put together from: paragraphs, sentences of long ones, tables with their captions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.release.masking import MARKER
from curation.sft.back_matter import BACK_MATTER, is_paper_talk, is_reference_list
from curation.sft.budget import count_tokens
from curation.sft.passages import section_title
from curation.text import Block, Offsets, blocks, sentences
from curation.text.sections import Section
from schemas import Left

_LINE = re.compile(r"[^\n]+")
_TABLE_CAPTION = re.compile(r"\W*tab(?:le|\.)", re.IGNORECASE)
_RUNNING = ("abstract", "body", "appendix")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text that is not cut further.

    Args:
        start: first character.
        end: character after it.
        kind: a word of `schemas.CHUNK_KINDS`, or None.
        heading: headings above it, outermost first, joined by ` > `.
        tokens: its length.
        reason: why nothing is asked about it.
        table: of a table and its caption, the number of the table.
    """

    start: int
    end: int
    kind: str | None
    heading: str
    tokens: int
    reason: Left | None = None
    table: int | None = None


def pieces_of(text: str, offsets: Offsets, sections: Sequence[Section] | None, max_tokens: int) -> Iterator[Piece]:
    """All of a text but its title, headings and white space, in order.

    Args:
        text: Markdown in the form of `documents.text`.
        offsets: of that text.
        sections: what stands where in it; None: all is body.
        max_tokens: a paragraph of more is cut at its sentences, a list at its lines.
    """
    starts = [s.start for s in sections or ()]
    ends: list[tuple[int, int]] | None = None
    above: list[tuple[int, str]] = []
    kinds: list[tuple[Block, str]] = []
    for block in blocks(text):
        byte = offsets.byte_of(block.start)
        n = bisect_right(starts, byte) - 1
        kind = "body" if sections is None else sections[n].kind if n >= 0 else "body"
        kinds.append((block, "heading" if block.kind == "heading" else kind))
    tables = _tables(text, kinds)
    for n, (block, kind) in enumerate(kinds):
        if kind == "heading":
            above = [(level, title) for level, title in above if level < block.level]
            if block.level > 1:
                above.append((block.level, section_title(block.text(text))))
            continue
        if kind == "title":
            continue
        heading = " > ".join(title for _, title in above)
        words = block.text(text)
        tokens = count_tokens(words)
        reason = _reason(words, block, kind, [title for _, title in above])
        if n in tables:
            reason = reason if reason in (Left.MASKED, Left.BACK_MATTER) else None
            yield Piece(block.start, block.end, "table", heading, tokens, reason, tables[n])
            continue
        told = "body" if kind not in _RUNNING else kind
        if reason is not None or tokens <= max_tokens:
            yield Piece(block.start, block.end, None if reason else told, heading, tokens, reason)
            continue
        ends = ends if ends is not None else sentences(text)
        for start, end in _cut(text, block, ends):
            tokens = count_tokens(text[start:end])
            long = Left.LONG if tokens > max_tokens else None
            yield Piece(start, end, told, heading, tokens, long)


def _reason(words: str, block: Block, kind: str, above: list[str]) -> Left | None:
    if kind == "acknowledgements" or any(BACK_MATTER.fullmatch(title) for title in above):
        return Left.REFERENCES if is_reference_list(words) else Left.BACK_MATTER
    if MARKER in words:
        return Left.MASKED
    if block.kind == "code":
        return Left.CODE
    if kind in ("caption", "footnote"):
        return Left.CAPTION if kind == "caption" else Left.FOOTNOTE
    if is_reference_list(words):
        return Left.REFERENCES
    return Left.BOILERPLATE if is_paper_talk(words) else None


def _tables(text: str, kinds: list[tuple[Block, str]]) -> dict[int, int]:
    """Numbers of the blocks that are tables, and of the captions right before or after one -> number of the table's block."""
    found = {n: n for n, (block, kind) in enumerate(kinds) if kind == "table" or block.kind == "table"}
    for n in list(found):
        for beside in (n - 1, n + 1):
            if 0 <= beside < len(kinds) and beside not in found:
                block, kind = kinds[beside]
                if kind == "caption" and _TABLE_CAPTION.match(block.text(text)):
                    found[beside] = n
                    break
    return found


def _cut(text: str, block: Block, ends: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph, else the lines of a block; what follows the last one belongs to it."""
    if block.kind == "paragraph":
        first = bisect_right(ends, (block.start, -1))
        inside = [(a, b) for a, b in ends[first:] if b <= block.end] if first < len(ends) else []
        if inside:
            yield from inside
            return
    yield from (m.span() for m in _LINE.finditer(text, block.start, block.end))
