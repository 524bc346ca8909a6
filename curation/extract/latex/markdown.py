"""Blocks to Markdown: the only place that knows the output syntax."""

from __future__ import annotations

import re
from collections.abc import Callable

from curation.extract.form import marked
from curation.extract.latex.blocks import (
    BOLD,
    BOLD_END,
    BREAK,
    CODE,
    CODE_END,
    DISPLAY,
    EMPH,
    EMPH_END,
    ICON,
    MARK,
    MARK_END,
    MATH,
    MATH_END,
    NOTE,
    Block,
    Caption,
    Code,
    Display,
    Heading,
    ListBlock,
    Para,
    Quote,
    Region,
    Table,
)
from curation.text.escapes import as_paragraph, escaper

Resolve = Callable[[str, int], str]

_MARK = re.compile(f"{MARK}([A-Z])(\\d+){MARK_END}")
# "as shown\\cite{x}" of numeric styles: author and year are words and need a blank
_GLUED = re.compile(f"([\\w.,;:)])(?={MARK}C)")
_NOTE = re.compile(f"\\s*{NOTE}")
_ADJACENT = re.compile(f"{MATH_END}{MATH}")
_MATH = re.compile(f"{MATH}([^{MATH}{MATH_END}]*){MATH_END}")
_EMPH = re.compile(f"([\\w*]?){EMPH}(\\s*)([^{EMPH}{EMPH_END}]*?)(\\s*){EMPH_END}(?=([\\w*{BOLD}]?))")
_BOLD = re.compile(f"([\\w]?){BOLD}(\\s*)([^{BOLD}{BOLD_END}]*?)(\\s*){BOLD_END}(?=([\\w]?))")
_escaped = escaper(f"{MATH}[^{MATH}{MATH_END}]*{MATH_END}|{CODE}[^{CODE}{CODE_END}]*{CODE_END}|\\$[^$]*\\$")
_CODE = re.compile(f"{CODE}([^{CODE}{CODE_END}]*){CODE_END}")
_FONT_MARKS = re.compile(f"[{EMPH}{EMPH_END}{BOLD}{BOLD_END}{CODE}{CODE_END}]")
_STRAY = re.compile("[\ue000-\ue00f\x00-\x08\x0b-\x1f]")
_ICON = re.compile(f"\\s*[(\\[]\\s*{ICON}(?:\\s|{ICON})*[)\\]]|\\s*{ICON}(?=\\s*[,.;:)])|{ICON}")
_SPACES = re.compile(r"  +")
_SPACE_BEFORE = re.compile(r" +([,;:.!?)])(?=\s|$)")


def _wrap(mark: str) -> Callable[[re.Match[str]], str]:
    """Emphasis only around words, never inside one: `Bold{\\bf er}` would print stars."""

    def sub(m: re.Match[str]) -> str:
        before, lead, text, trail, after = m.groups()
        bare = text.strip(" .,;:()[]~-–—")
        if not bare or before or after or "\n" in text or bare.startswith("$$"):
            return f"{before}{lead}{text}{trail}"
        if _MATH_ONLY.fullmatch(bare):
            return f"{before}{lead}{text}{trail}"
        return f"{before}{lead}{mark}{text}{mark}{trail}"

    return sub


# a label that is a sign, not a word: `$\\bullet$`, `--`
_BULLET = re.compile(
    r"[\W_]*|\$\s*\\(?:bullet|star|circ|ast|cdot|diamond|bigstar|square|blacksquare|checkmark|dagger|"
    r"(?:black)?triangle\w*|(?:long|Long)?[Rr]ightarrow|rhd|triangleright)\s*\$"
)
_MATH_ONLY = re.compile(r"\$[^$]*\$|[*`].*[*`]")
_emph, _bold = _wrap("*"), _wrap("**")


class Emitter:
    """Writes blocks; `resolve` prints the references and citations.

    Structure is made of blocks and marks only: what looks like it in the author's words is escaped.

    Args:
        escapes: False for words that are no Markdown, as names are, and for Markdown that was written before.
    """

    def __init__(self, resolve: Resolve, *, heading_offset: int = 0, escapes: bool = True) -> None:
        self.resolve = resolve
        self.escapes = escapes
        self.heading_offset = heading_offset

    def inline(self, text: str) -> str:
        """Marks to Markdown on one line."""
        if MARK in text:
            text = self._resolved(self._resolved(text))  # a note behind a mark has marks of its own
        if self.escapes:
            text = _escaped(text)
        if NOTE in text:
            text = _NOTE.sub("", text)
        if MATH in text:
            text = _ADJACENT.sub(" ", text)
            text = _MATH.sub(_math, text)
        if CODE in text:
            text = _CODE.sub(_code, text)
        if EMPH in text:
            text = _EMPH.sub(_emph, text)
        if BOLD in text:
            text = _BOLD.sub(_bold, text)
        if ICON in text:
            text = _ICON.sub("", text)
        text = text.replace(BREAK, " ").replace(DISPLAY, " ")
        text = _STRAY.sub("", text)
        return _SPACE_BEFORE.sub(r"\1", _SPACES.sub(" ", text)).strip()

    def paragraph(self, text: str) -> str:
        """A paragraph on one line, which begins no other block."""
        return as_paragraph(self.inline(text))

    def _resolved(self, text: str) -> str:
        text = _within_brackets(_GLUED.sub(r"\1 ", text))
        return _MARK.sub(lambda m: self.resolve(m.group(1), int(m.group(2))), text)

    def blocks(self, blocks: list[Block]) -> str:
        """Blocks with blank lines between them."""
        return "\n\n".join(t for t in (self.block(b) for b in blocks) if t)

    def block(self, block: Block) -> str:
        """One block as Markdown."""
        if isinstance(block, Para):
            return self.paragraph(block.text)
        if isinstance(block, Display):
            tex = (
                _MARK.sub(lambda m: self.resolve(m.group(1), int(m.group(2))), block.tex)
                if MARK in block.tex
                else block.tex
            )
            return "$$\n" + _STRAY.sub("", tex.replace(MATH, "").replace(MATH_END, "")) + "\n$$"
        if isinstance(block, Heading):
            text = self.inline(block.text)
            return "#" * min(6, max(2, block.level + self.heading_offset)) + " " + text if text else ""
        if isinstance(block, ListBlock):
            return self._list(block)
        if isinstance(block, Table):
            return marked("table", self._table(block))
        if isinstance(block, Caption):
            text = self.inline(block.text)
            head = f"{block.kind} {block.number}".strip()
            return marked("caption", f"**{head}.** {text}" if head else as_paragraph(text))
        if isinstance(block, Code):
            return self._code(block)
        if isinstance(block, Quote):
            return "\n".join("> " + line if line else ">" for line in self.blocks(block.blocks).split("\n"))
        return ""

    def _code(self, block: Code) -> str:
        if block.language == "\x00math":
            text = "\n".join(
                line[: len(line) - len(line.lstrip())] + self.inline(_FONT_MARKS.sub("", line.strip()))
                for line in block.text.split("\n")
            )
            return f"```\n{text}\n```"
        text = block.text.replace("```", "'''")
        return f"```{block.language}\n{text}\n```"

    def _list(self, block: ListBlock) -> str:
        out: list[str] = []
        for i, (label, item) in enumerate(block.items, 1):
            bullet = f"{i}. " if block.ordered else "- "
            body = self.blocks(item)
            if label:
                text = self.inline(label)
                if not block.ordered and text and not _BULLET.fullmatch(text):
                    text = text.strip("*")
                    starts_text = item and isinstance(item[0], Para)
                    body = f"**{text}** {body}" if starts_text or not body else f"**{text}**\n\n{body}"
                elif block.ordered:
                    bullet = f"{text} " if re.fullmatch(r"\d+\.", text) else f"- {as_paragraph(text)} "
            indent = " " * (len(bullet) if len(bullet) < 4 else 2)
            lines = body.split("\n")
            out.append(bullet + lines[0] + "".join("\n" + (indent + line if line else "") for line in lines[1:]))
        loose = any("\n\n" in o for o in out)
        return ("\n\n" if loose else "\n").join(out)

    def _table(self, block: Table) -> str:
        rows = [[self.cell(c) for c in row] for row in block.rows]
        width = min(200, max(len(r) for r in rows))
        # columns that hold nothing are gaps of the print
        keep = [j for j in range(width) if any(j < len(r) and r[j] for r in rows)]
        if not keep:
            return ""
        lines: list[str] = []
        for i, row in enumerate(rows):
            cells = [row[j] if j < len(row) else "" for j in keep]
            cells += [c for c in row[width:] if c]
            lines.append("| " + " | ".join(cells) + " |")
            if i == 0:
                lines.append("|" + " --- |" * len(keep))
        return "\n".join(lines)

    def cell(self, text: str) -> str:
        """A cell: a bar would end it."""
        text = self.inline(text)
        if "|" not in text:
            return text
        out: list[str] = []
        for i, piece in enumerate(re.split(r"(?<!\\)\$", text)):
            if i % 2:
                out.append("$" + piece.replace("\\|", "\\Vert ").replace("|", "\\vert ") + "$")
            else:
                out.append(piece.replace("|", "\\|"))
        return "".join(out)


_BRACKET_OR_MARK = re.compile(f"{MATH}[^{MATH}{MATH_END}]*{MATH_END}|\\^\\[|[()\\[\\]]|{MARK}C(?=\\d)")


_ASIDE_CHARS = 60
"""`(see for instance the work of ..`: with more before it a citation is part of a sentence and keeps its own brackets."""


def _within_brackets(text: str) -> str:
    """Citations in a bracket of the author's that holds little else, marked as such: they bring none of their own."""
    if f"{MARK}C" not in text or ("(" not in text and "[" not in text):
        return text
    found = list(_BRACKET_OR_MARK.finditer(text))
    n_closing = sum(m.group() in ")]" for m in found)
    opened: list[int] = []  # where the bracket, or the last citation in it, stands
    out: list[str] = []
    pos = 0
    for m in found:
        piece = m.group()
        if piece == "^[":  # a footnote, no bracket of the author's
            opened.append(-_ASIDE_CHARS)
        elif piece in "([":
            opened.append(m.end())
        elif piece in ")]":
            opened[-1:] = []
            n_closing -= 1
        elif piece == f"{MARK}C" and opened and n_closing and m.start() - opened[-1] < _ASIDE_CHARS:
            out += (text[pos : m.start()], f"{MARK}B")
            pos = opened[-1] = m.end()
    return "".join(out) + text[pos:]


def _math(m: re.Match[str]) -> str:
    body = m.group(1).strip()
    return f"${body}$" if body else ""


def _code(m: re.Match[str]) -> str:
    body = m.group(1).strip()
    if not body or "$" in body or "`" in body or len(body) > 80 or EMPH in body:
        return _escaped(m.group(1))
    # typewriter fonts have no dashes: `--flag` stays as typed
    body = body.replace("—", "---").replace("–", "--")
    return f"`{body}`"


def split_regions(blocks: list[Block]) -> dict[str, list[Block]]:
    """Blocks by region."""
    out: dict[str, list[Block]] = {"main": [], "appendix": [], "acknowledgements": []}
    current = out["main"]
    for block in blocks:
        if isinstance(block, Region):
            current = out[block.name]
        else:
            current.append(block)
    return out
