"""Markdown as blocks: headings, paragraphs, tables, display math, code, lists, quotes.

The Markdown is the kind that extraction writes and people's own texts mostly are: ATX headings, pipe tables,
fenced code, `$$` on lines of its own. Nesting is not looked at: a block is a run of lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "table", "math", "code", "list", "quote"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_LIST = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\S")
_QUOTE = re.compile(r" {0,3}>")
_TABLE = re.compile(r"[ \t]*\|")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Args:
        kind: what it is.
        start: first character in the text.
        end: character after it; the line's end is left out.
        level: 1 to 6 for a heading, else 0.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0

    def text(self, source: str) -> str:
        return source[self.start : self.end]


def heading_title(line: str) -> str:
    """The words of a heading line, without its marks."""
    match = _HEADING.fullmatch(line.strip("\n"))
    if not match:
        return line.strip()
    title = (match[2] or "").strip()
    bare = title.rstrip("#")  # closing marks, when a blank parts them from the words
    return bare.strip() if not bare or bare[-1] in " \t" else title


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order, disjoint; together they hold every character that is no white space.

    A fence or `$$` left open ends with the text or, for math, at the next blank line, so that one slip of a writer
    never swallows a document.
    """
    found: list[Block] = []
    lines = [(m.start(), m.end(), m.group()) for m in _LINE.finditer(text)]
    n = 0
    while n < len(lines):
        start, _, line = lines[n]
        if not line.strip():
            n += 1
            continue
        kind, level = _kind(line)
        stop = _stop(lines, n, kind)
        last = lines[stop - 1]
        found.append(Block(kind, start, last[0] + len(last[2].rstrip("\n")), level))
        n = stop
    return found


def _kind(line: str) -> tuple[BlockKind, int]:
    if _FENCE.match(line):
        return "code", 0
    if heading := _HEADING.fullmatch(line.rstrip("\n")):
        return "heading", len(heading[1])
    if _TABLE.match(line):
        return "table", 0
    if line.lstrip().startswith("$$"):
        return "math", 0
    if _LIST.match(line):
        return "list", 0
    if _QUOTE.match(line):
        return "quote", 0
    return "paragraph", 0


def _stop(lines: list[tuple[int, int, str]], n: int, kind: BlockKind) -> int:
    """Number of the line after the block that begins on line n."""
    if kind == "heading":
        return n + 1
    if kind == "code":
        return _after_fence(lines, n)
    if kind == "math":
        return _after_math(lines, n)
    stop = n + 1
    while stop < len(lines) and lines[stop][2].strip():
        other, _ = _kind(lines[stop][2])
        # a plain line goes on with the paragraph, item or quote before it; a table has bars only
        if other != kind and not (other == "paragraph" and kind in ("list", "quote")):
            break
        stop += 1
    return stop


def _after_fence(lines: list[tuple[int, int, str]], n: int) -> int:
    opening = _FENCE.match(lines[n][2])
    mark = opening[1] if opening else "```"
    for stop in range(n + 1, len(lines)):
        line = lines[stop][2].strip()
        if line.startswith(mark) and not line.strip(mark[0]):
            return stop + 1
    return len(lines)


def _after_math(lines: list[tuple[int, int, str]], n: int) -> int:
    marks = 0
    for stop in range(n, len(lines)):
        line = lines[stop][2]
        if not line.strip():
            return stop
        marks += line.count("$$")
        if marks % 2 == 0:
            return stop + 1
    return len(lines)
