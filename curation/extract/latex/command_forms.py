"""Environments as commands: `\\begin{x}` runs `\\x`, `\\end{x}` runs `\\endx`, and papers use these under names of their own.

`\\let\\beq\\equation`, `\\def\\bea{\\eqnarray}`, `\\newenvironment{hide}{\\comment}{\\endcomment}`, AMS-TeX's `\\align .. \\endalign`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Code
from curation.extract.latex.displays import DISPLAY_ENVS
from curation.extract.latex.lexer import SPACE
from curation.extract.latex.math_marks import MATH_INNER
from curation.extract.latex.plain import m_braced_matrix

if TYPE_CHECKING:
    from curation.extract.latex.macros import Macro
    from curation.extract.latex.math_marks import MathHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_DISPLAYS = [n + s for n in DISPLAY_ENVS for s in ("", "*")]
_BLOCKS = (
    "subequations", "mathletters", "array", "tabular", "longtable", "itemize", "enumerate", "description", "list", "trivlist",
    "center", "flushleft", "flushright", "quote", "quotation", "verse", "figure", "table", "minipage", "thebibliography",
    "titlepage", "proof", "tabbing",
)  # fmt: skip
_RAW = ("comment", "verbatim", "Verbatim", "lstlisting", "alltt", "picture", "tikzpicture")
_INNER = ("split", "aligned", "gathered", "alignedat", "array", "cases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix",
          "Vmatrix", "smallmatrix")  # fmt: skip
_BRACED = frozenset({"matrix", "pmatrix", "cases"})


def begin_form(tex: Stomach, name: str) -> None:
    """`\\equation` is `\\begin{equation}`."""
    tex.push(["\\begin", "{", name[1:], "}"])


def end_form(tex: Stomach, name: str) -> None:
    """`\\endequation` is `\\end{equation}`."""
    tex.push(["\\end", "{", name.removeprefix("\\end"), "}"])


def raw_form(tex: Stomach, name: str) -> None:
    """`\\comment`, `\\verbatim`: up to `\\endcomment`, or to the end of the paper's own environment that began with it."""
    while tex.pb and tex.pb[-1] == SPACE:
        tex.pb.pop()
    if tex.pb:
        return
    own = tex.envs[-1] if tex.envs else None
    is_own = own is not None and own.end_tokens is not None and f"\\end{name[1:]}" in own.end_tokens
    closing = f"\\end{{{own.name}}}" if own is not None and is_own else f"\\end{name[1:]}"
    mouth = tex.mouth
    end = mouth.src.find(closing, mouth.pos)
    if end < 0:
        tex.warn(f"unclosed {name}")
        return
    text = mouth.src[mouth.pos : end]
    mouth.pos = end if is_own else end + len(closing)
    if name.lower() in ("\\verbatim", "\\lstlisting", "\\alltt") and text.strip():
        tex.add(Code(text.strip("\n").rstrip()))


def silent_end(tex: Stomach, name: str) -> None:
    """The end of an environment whose source was read by its beginning."""


def m_begin_form(tex: Stomach, name: str, out: list[str]) -> None:
    """AMS-TeX's `\\matrix a & b \\\\ c & d \\endmatrix`; plain TeX's has its rows in a group."""
    env = name[1:]
    if env in _BRACED and tex.skip_spaces() == "{":
        m_braced_matrix(tex, name, out)
        return
    tex.push(["\\begin", "{", env, "}"])


def m_end_form(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\endmatrix`."""
    out.append("\\end{" + MATH_INNER.get(name[4:], name[4:]) + "}")


COMMAND_FORMS: dict[str, Handler] = {
    **{f"\\{n}": begin_form for n in (*_DISPLAYS, *_BLOCKS)},
    **{f"\\end{n}": end_form for n in (*_DISPLAYS, *_BLOCKS)},
    **{f"\\{n}": raw_form for n in _RAW},
    **{f"\\end{n}": silent_end for n in _RAW},
}
MATH_FORMS: dict[str, MathHandler | Macro] = {
    **{f"\\{n}": m_begin_form for n in _INNER},
    **{f"\\end{n}": m_end_form for n in _INNER},
}
