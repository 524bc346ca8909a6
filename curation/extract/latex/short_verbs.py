"""A character that stands for `\\verb`: `\\MakeShortVerb{\\|}` (shortvrb, doc), `\\DefineShortVerb` (fancyvrb), `\\lstMakeShortInline`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import CODE, CODE_END
from curation.extract.latex.lexer import END, PAR
from curation.extract.latex.verbatim import verb

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_MAX_CHARS = 2_000


_GIVEN = re.compile(r"\*?\s*(?:\[[^\[\]]*\])?\s*(?:\{\s*\\?(\S)\s*\}|\\?([^\s{}%\\A-Za-z0-9]))")


def _character(tex: Stomach) -> str:
    """`|`, `\\|` or `{\\|}`, behind options; what follows it in the source is left to be read with its new category."""
    if not tex.pb and (m := _GIVEN.match(tex.mouth.src, tex.mouth.pos)):
        tex.mouth.pos = m.end()
        char = m[1] or m[2]
        return "" if char.isalnum() else char
    tex.read_star()
    tex.read_optional()
    tokens = [t for t in tex.read_arg() if t.strip()]
    char = tokens[0].removeprefix("\\") if tokens else ""
    return char if len(char) == 1 and not char.isalnum() else ""


def make(tex: Stomach, name: str) -> None:
    """From here on the character opens and closes verbatim text."""
    char = _character(tex)
    if char:
        tex.set_category(char, 13)
        tex.define(char, short_verb)


def delete(tex: Stomach, name: str) -> None:
    """`\\DeleteShortVerb{\\|}`: the character is itself again."""
    char = _character(tex)
    if char and tex.defs.get(char) is short_verb:
        tex.define(char, None)
        tex.set_category(char, 12)


def short_verb(tex: Stomach, name: str) -> None:
    """`|x_1|`: the text up to the same character, as typed; one that never closes is itself."""
    if tex.pb:
        out: list[str] = []
        while len(out) < _MAX_CHARS and (tok := tex.next()) not in (name, END, PAR):
            out.append(tok)
        if tok != name:
            tex.push([*out, tok])
            tex.parts.append(name)
            return
        text = "".join(out)
    else:
        mouth = tex.mouth
        end = mouth.src.find(name, mouth.pos, mouth.pos + _MAX_CHARS)
        if end < 0 or "\n\n" in mouth.src[mouth.pos : end]:
            tex.parts.append(name)
            return
        text = mouth.src[mouth.pos : end]
        mouth.pos = end + 1
    tex.parts.append(CODE + " ".join(text.split("\n")).replace("$", "\\$") + CODE_END)


def save(tex: Stomach, name: str) -> None:
    """`\\SaveVerb{name}|x_1|` (fancyvrb)."""
    tex.read_optional()
    key = tex.read_name()
    n = len(tex.parts)
    verb(tex, "\\Verb")
    tex.values[f"verb {key}"] = "".join(tex.parts[n:])
    del tex.parts[n:]


def use(tex: Stomach, name: str) -> None:
    """`\\UseVerb{name}`."""
    tex.read_star()
    tex.parts.append(tex.values.get(f"verb {tex.read_name()}", ""))


SHORT_VERBS: dict[str, Handler] = {
    **dict.fromkeys(("\\MakeShortVerb", "\\DefineShortVerb", "\\lstMakeShortInline"), make),
    "\\SaveVerb": save,
    "\\UseVerb": use,
    **dict.fromkeys(("\\DeleteShortVerb", "\\UndefineShortVerb", "\\lstDeleteShortInline"), delete),
}
