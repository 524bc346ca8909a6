"""Plain TeX, AMS-TeX and harvmac: papers from before LaTeX, and the plain commands that LaTeX papers borrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Heading
from curation.extract.latex.lexer import END, PAR
from curation.extract.latex.macros import Macro
from curation.extract.latex.mathmode import display
from curation.extract.latex.structure import heading_text, start_section

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Entry
    from curation.extract.latex.stomach import Stomach


def newsec(tex: Stomach, name: str) -> None:
    """harvmac: `\\newsec{Title}`, `\\subsec{..}`, `\\subsubsec{..}`, `\\appendix{A}{Title}`."""
    kind = {
        "\\newsec": "section",
        "\\subsec": "subsection",
        "\\subseclab": "subsection",
        "\\subsubsec": "subsubsection",
    }[name]
    start_section(tex, kind, heading_text(tex, tex.read_arg()))


def beginsection(tex: Stomach, name: str) -> None:
    """plain: `\\beginsection Title\\par`: the title ends with the paragraph."""
    tokens: list[str] = []
    while len(tokens) < 400:
        tok = tex.next()
        if tok in (PAR, END):
            if tok == END:
                tex.pb.append(tok)
            break
        tokens.append(tok)
    start_section(tex, "section", heading_text(tex, tokens), star=True)


def harv_title(tex: Stomach, name: str) -> None:
    """harvmac: `\\Title{report number}{title}`; other macros give one argument."""
    first = heading_text(tex, tex.read_arg())
    if tex.skip_spaces() == "{":
        first = heading_text(tex, tex.read_arg()) or first
    tex.front.title = first or tex.front.title


def eqn(tex: Stomach, name: str) -> None:
    """harvmac: `\\eqn\\label{math}`; `\\eqnn\\label` only names a number inside a display."""
    label = tex.next_char()
    tex.counters["equation"] += 1
    n = str(tex.counters["equation"])
    if label[0] == "\\":
        tex.define(label, Macro((), ["(" + n + ")"]), everywhere=True)
    if name == "\\eqnn":
        return
    tokens = tex.read_arg()
    tex.push([*tokens, "\\\x00stop"])
    display(tex, "\\\x00stop", "", numbered=False)


def halign(tex: Stomach, name: str) -> None:
    """plain: `\\halign{preamble \\cr row \\cr ..}`: rows after the preamble."""
    tok = tex.skip_spaces()
    if tok.startswith("to"):
        tex.read_glue()
        tok = tex.skip_spaces()
    if tok != "{":
        return
    tex.pb.pop()
    tokens = tex.read_group()
    while "\\cr" in tokens:
        cut = tokens.index("\\cr")
        preamble = any(t[0] == "#" for t in tokens[:cut])
        if not preamble:
            break
        tokens = tokens[cut + 1 :]
    tex.push(["\\begin", "{", "tabular", "}", "{", "c", "}", *tokens, "\\end", "{", "tabular", "}"])


def heading_only(tex: Stomach, name: str) -> None:
    """AMS-TeX: `\\head Title\\endhead`, `\\subhead..\\endsubhead`."""
    end = "\\end" + name[1:]
    tokens: list[str] = []
    while len(tokens) < 400:
        tok = tex.next()
        if tok in (end, END):
            if tok == END:
                tex.pb.append(tok)
            break
        tokens.append(tok)
    text = heading_text(tex, tokens)
    if text:
        tex.add(Heading(2 if name == "\\head" else 3, text))


def vfootnote(tex: Stomach, name: str) -> None:
    """plain: `\\footnote{*}{text}` gives its mark first; LaTeX gives the text only."""
    tex.read_arg()


def lref(tex: Stomach, name: str) -> None:
    """harvmac: `\\lref\\key{text}` defines a reference, `\\ref\\key{text}` calls it at once."""

    cs = tex.next_char()
    text = tex.inline(tex.read_arg())
    if cs[0] != "\\":
        return
    key = cs[1:]
    tex.bibitems.append((key, "", text))
    tex.define(cs, Macro((), ["\\cite", "{", key, "}"]), everywhere=True)


PLAIN: dict[str, Entry] = {
    "\\newsec": newsec,
    "\\subsec": newsec,
    "\\subsubsec": newsec,
    "\\beginsection": beginsection,
    "\\Title": harv_title,
    "\\eqn": eqn,
    "\\eqnn": eqn,
    "\\halign": halign,
    "\\head": heading_only,
    "\\subhead": heading_only,
    "\\vfootnote": vfootnote,
    "\\lref": lref,
}
