"""Math in text: `$..$`, `\\(..\\)` and kin, kept as LaTeX with the user's macros expanded and what only places it taken out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.decimals import decimal_unit_alone
from curation.extract.latex.displays import display
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_collect import EXECUTED, SYMBOL_END, collect
from curation.extract.latex.math_commands import MATH_COMMANDS
from curation.extract.latex.math_marks import BLANKS
from curation.extract.latex.math_render import emit_inline, render_string
from curation.extract.latex.registers import Register

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_INLINE = re.compile(r"((?:[^$\\%\n]++|\\[^\n]|\n(?![ \t]*+\n))++)\$")
_CS = re.compile(r"\\(?:[A-Za-z]+|.)", re.S)


def raw_is_clean(tex: Stomach, raw: str) -> bool:
    """Whether a formula can be copied as it stands: no macro of the user, nothing that we treat."""
    clean = tex.math_clean
    for cs in _CS.findall(raw):
        if cs in clean:
            continue
        if cs in MATH_COMMANDS or cs in EXECUTED or cs in tex.switch_commands:
            return False
        entry = tex.defs.get(cs)
        if (entry.__class__ is Macro and not entry.builtin) or entry.__class__ is Register:
            return False
        clean.add(cs)
    return True


def dollar(tex: Stomach, name: str) -> None:
    """`$..$`, or `$$..$$` where the next token is another one."""
    if not tex.pb:
        mouth = tex.mouth
        src, pos = mouth.src, mouth.pos
        if src[pos : pos + 1] == "$":
            mouth.pos = pos + 1
            display(tex, "$$", "", numbered=False)
            return
        m = _INLINE.match(src, pos)
        if m and decimal_unit_alone(tex):
            return
        if m:
            raw = m.group(1)
            if raw_is_clean(tex, raw) and raw.count("{") == raw.count("}") and "#" not in raw:
                mouth.pos = m.end()
                emit_inline(tex, BLANKS.sub(" ", raw).strip())
                return
    elif tex.pb[-1] == "$":
        tex.pb.pop()
        display(tex, "$$", "", numbered=False)
        return
    tokens = collect(tex, "$")
    if tokens is not None:
        emit_inline(tex, render_string(tex, tokens))


def math_in_text(tex: Stomach, name: str, tokens: list[str]) -> None:
    """A math symbol met in text, with its arguments and scripts: set as a formula; alone when they hold no math."""
    tex.push([*tokens, SYMBOL_END])
    found = collect(tex, SYMBOL_END)
    if found is not None:
        emit_inline(tex, render_string(tex, found))
        return
    if tex.pb and tex.pb[-1] == name:
        tex.pb.pop()  # what follows is read as text; the symbol itself would be met again for ever
    emit_inline(tex, name)


def paren(tex: Stomach, name: str) -> None:
    """`\\( .. \\)`."""
    tokens = collect(tex, "\\)")
    if tokens is not None:
        emit_inline(tex, render_string(tex, tokens))


def bracket(tex: Stomach, name: str) -> None:
    """`\\[ .. \\]`."""
    display(tex, "\\]", "", numbered=False)


def ensuremath(tex: Stomach, name: str) -> None:
    """`\\ensuremath{x}` in text is `$x$`."""
    tokens = tex.read_arg()
    tex.push([*tokens, "$"])
    dollar_tokens = collect(tex, "$")
    if dollar_tokens is not None:
        emit_inline(tex, render_string(tex, dollar_tokens))


MATH_TEXT: dict[str, Handler] = {
    "$": dollar,
    "\\(": paren,
    "\\[": bracket,
    "\\ensuremath": ensuremath,
}
