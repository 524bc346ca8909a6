"""Rendering a formula: its tokens as a string that Markdown math engines take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH_END
from curation.extract.latex.lexer import END, FROZEN
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_commands import MATH_COMMANDS, MATH_NAMES
from curation.extract.latex.math_marks import BLANKS, MATH_OPEN, PICTURE

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

_ROW_SKIP = re.compile(r"(\\\\)\s*\*?\s*\[\s*-?[\d.]*\s*\\?[A-Za-z]*\s*(?:plus[^\]]*)?\]")


def render(tex: Stomach, tokens: list[str]) -> list[str]:
    """Tokens as the pieces of a math string (marks for labels and \\nonumber still in)."""
    if MATH_NAMES.isdisjoint(tokens):
        return tokens
    out: list[str] = []
    was, tex.in_math = tex.in_math, True
    if tex.depth >= tex.options.max_depth:
        tex.in_math = was
        return tokens
    tex.depth += 1
    tex.pb.append(END)
    tex.push(tokens)
    while True:
        tok = tex.next()
        if tok == END:
            break
        handler = MATH_COMMANDS.get(tok)
        if handler is None:
            out.append(tok)
        elif handler.__class__ is Macro:
            tex.expand(handler, tok)
        else:
            handler(tex, tok, out)  # type: ignore[operator]
    tex.depth -= 1
    tex.in_math = was
    return out


def math_string(pieces: list[str]) -> str:
    """Join pieces; a blank is needed between a control word and a letter, and nowhere else."""
    out: list[str] = []
    word = False
    for tok in pieces:
        if word and (tok[:1].isalpha() or (tok[:1] == "\\" and tok[1:2].isalpha())):
            out.append(" ")
        out.append(tok)
        word = tok[:1] == "\\" and tok[-1].isalpha() and len(tok) > 1
    text = "".join(out).replace(FROZEN, "").replace("\x00", "")
    text = _ROW_SKIP.sub(r"\1", text) if "\\\\" in text else text
    return BLANKS.sub(" ", text).strip()


_DOLLAR = re.compile(r"(?<!\\)\$")


def no_dollars(text: str) -> str:
    """A stray `$` would end the Markdown formula."""
    return _DOLLAR.sub("", text) if "$" in text else text


def render_string(tex: Stomach, tokens: list[str]) -> str:
    """Tokens as a finished inline formula."""
    pieces = render(tex, tokens)
    text = no_dollars(math_string([p for p in pieces if p[:1] != "\x02"]))
    return _panels(tex, text) if PICTURE in pieces else text


def emit_inline(tex: Stomach, math: str) -> None:
    """Set inline math; an empty formula (`${}$`) is nothing."""
    if not math or math == "{}":
        return
    tex.n_inline_math += 1
    tex.parts.append(MATH_OPEN + math + MATH_END)
    if tex.after_math:
        tex.parts.extend(tex.after_math)
        tex.after_math.clear()


_EMPTY_ARRAY = re.compile(r"\\(?:begin|end)\{array\}(?:\{[^{}]*\})?|\\\\|&")


def _panels(tex: Stomach, math: str) -> str:
    """An array of pictures: its words are set as text, and no formula is left."""
    pieces = re.split(r"\\text\{([^{}]*)\}", _EMPTY_ARRAY.sub(" ", math))
    if any(p.strip() for p in pieces[::2]):
        return math
    tex.parts.append(" ".join(p.strip() for p in pieces[1::2]))
    return ""
