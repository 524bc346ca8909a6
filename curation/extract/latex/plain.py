"""Plain TeX, AMS-TeX and harvmac: papers from before LaTeX, and the plain commands that LaTeX papers borrow."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Caption, Heading
from curation.extract.latex.displays import display
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import END, PAR, with_depth
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.math_marks import TAG
from curation.extract.latex.notes import add_note
from curation.extract.latex.sections import appendix, heading_text, start_section
from curation.extract.latex.structure import silent

if TYPE_CHECKING:
    from curation.extract.latex.math_marks import MathHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry


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


def footnote_text(tex: Stomach, name: str) -> None:
    """harvmac: `\\foot{text}`; plain: `\\vfootnote{*}{text}`."""
    if name == "\\vfootnote":
        tex.read_arg()
    add_note(tex, tex.read_arg())


def lref(tex: Stomach, name: str) -> None:
    """harvmac: `\\lref\\key{text}`, `\\nref` define a reference; `\\ref\\key{text}` calls it at once."""
    cs = tex.next_char()
    if cs[0] != "\\" or cs == END:
        return
    text = tidy(tex.inline(tex.read_arg()))
    key = cs[1:]
    tex.bibitems.append((key, "", text))
    tex.define(cs, Macro((), ["\\cite", "{", key, "}"]), everywhere=True)
    if name == "\\ref":
        tex.push(["\\cite", "{", key, "}"])


def harv_figure(tex: Stomach, name: str) -> None:
    """harvmac: `\\fig\\key{caption}` numbers a figure and calls it, `\\nfig` only numbers it."""
    cs = tex.next_char()
    if cs[0] != "\\" or cs == END:
        return
    tokens = tex.read_arg()
    tex.counters["\x00Figure"] += 1
    n = str(tex.counters["\x00Figure"])
    tex.define(cs, Macro((), ["fig. " + n]), everywhere=True)
    text = tidy(tex.inline(tokens))
    if text:
        tex.flow.deferred.append(Caption("Figure", n, text))
    if name == "\\fig":
        tex.parts.append("fig. " + n)


def harv_label(tex: Stomach, name: str) -> None:
    """harvmac: `\\seclab\\key`, `\\subseclab`, `\\applab`: the present section's number."""
    cs = tex.next_char()
    if cs[0] == "\\" and cs != END:
        tex.define(cs, Macro((), [tex.current_ref[1] or " "]), everywhere=True)


def eqna(tex: Stomach, name: str) -> None:
    """harvmac: `\\eqna\\key` numbers an equation with parts: `\\key{a}` prints (3a)."""
    cs = tex.next_char()
    tex.counters["equation"] += 1
    if cs[0] == "\\" and cs != END:
        body = [f"({tex.counters['equation']}", "#1", ")"]
        tex.define(cs, Macro(("m",), body), everywhere=True)


def harv_appendix(tex: Stomach, name: str) -> None:
    """harvmac: `\\appendix{A}{Title}`."""
    letter = tex.plain_text(tex.read_arg())
    text = heading_text(tex, tex.read_arg())
    appendix(tex, name)
    tex.add(Heading(2, f"Appendix {letter}: {text}" if text else f"Appendix {letter}"))
    tex.current_ref = ("section", letter)


def m_equation_name(tex: Stomach, name: str, out: list[str]) -> None:
    """phyzzx: `$$..\\eqn\\key$$`, `\\eqname\\key` number a display; `\\eqno\\(3)` stays `\\eqno`."""
    key = tex.next_char()
    if key[0] != "\\" or key == END:
        tex.pb.append(key)
        return
    tex.counters["equation"] += 1
    n = str(tex.counters["equation"])
    tex.define(key, Macro((), [f"({n})"]), everywhere=True)
    out.append(TAG + n)


def insert(tex: Stomach, name: str) -> None:
    """plain: `\\midinsert .. \\endinsert`, `\\proclaim Theorem 1. ..\\par`: paragraphs of their own."""
    tex.flush()


def line(tex: Stomach, name: str) -> None:
    """plain: `\\line{left\\hfil right}`."""
    if tex.skip_spaces() == "{":
        tex.push([PAR, *tex.read_arg(), PAR])


# ---------------------------------------------------------------- alignments inside math
def m_eqalign(tex: Stomach, name: str, out: list[str]) -> None:
    """plain: `\\eqalign{a&=b\\cr}`, `\\eqalignno` (third column: the number), `\\displaylines`."""
    if tex.skip_spaces() != "{":
        return
    rows: list[list[str]] = [[]]
    columns = 0
    for tok, depth in with_depth(tex.read_arg()):
        if depth == 0 and tok in ("\\cr", "\\crcr", "\\\\"):
            rows.append([])
            columns = 0
            continue
        elif depth == 0 and tok == "&":
            columns += 1
        if columns < 2 or not name.endswith("no"):
            rows[-1].append(tok)
    shape = "gathered" if name == "\\displaylines" else "aligned"
    tokens = ["\\begin", "{", shape, "}"]
    for row in rows:
        if any(t.strip() for t in row):
            tokens += [*row, "\\\\"]
    if tokens[-1] == "\\\\":
        tokens.pop()
    tex.push([*tokens, "\\end", "{", shape, "}"])


def m_braced_matrix(tex: Stomach, name: str, out: list[str]) -> None:
    """plain: `\\matrix{a&b\\cr}`, `\\pmatrix{..}`, `\\cases{..}`."""
    if tex.skip_spaces() != "{":
        out.append(name)
        return
    tokens = ["\\\\" if t in ("\\cr", "\\crcr") else t for t in tex.read_arg()]
    while tokens and tokens[-1] in ("\\\\", " "):
        tokens.pop()
    tex.push(["\\begin", "{", name[1:], "}", *tokens, "\\end", "{", name[1:], "}"])


def m_eqno(tex: Stomach, name: str, out: list[str]) -> None:
    """plain: `$$..\\eqno(3)$$`: what follows is the number."""
    tokens: list[str] = []
    while (tok := tex.next()) != END:
        tokens.append(tok)
    tex.pb.append(END)
    text = "".join(t for t in tokens if t[0] not in "\\{}$").strip(" ()")
    out.append(TAG + text)


PLAIN_MATH: dict[str, MathHandler | Macro] = {
    **dict.fromkeys(("\\eqalign", "\\eqalignno", "\\leqalignno", "\\displaylines"), m_eqalign),
    **dict.fromkeys(("\\matrix", "\\pmatrix", "\\cases"), m_braced_matrix),
    **dict.fromkeys(("\\eqno", "\\leqno"), m_eqno),
    **dict.fromkeys(("\\eqn", "\\eqname"), m_equation_name),
    # REVTeX 3
    "\\case": builtin("mm", "\\tfrac{#1}{#2}"),
    "\\bbox": builtin("m", "\\boldsymbol{#1}"),
    "\\openone": builtin("", "\\mathbb{1}"),
}
HARVMAC: dict[str, Entry] = {
    "\\ref": lref,
    "\\nref": lref,
    "\\lref": lref,
    "\\foot": footnote_text,
    "\\fig": harv_figure,
    "\\nfig": harv_figure,
    "\\eqna": eqna,
    "\\appendix": harv_appendix,
    **dict.fromkeys(("\\seclab", "\\subseclab", "\\applab"), harv_label),
    "\\refs": builtin("m", "#1"),
    "\\xref": builtin("m", "#1"),
    "\\figs": builtin("m", "#1"),
    "\\xfig": builtin("m", "#1"),
    "\\eqns": builtin("m", "#1"),
    "\\semi": builtin("", "; "),
    "\\Date": builtin("m", ""),
    "\\hyperref": builtin("mmmm", "#4"),
    "\\hyperdef": builtin("mmmm", "#4"),
    "\\nolabels": silent,
    **dict.fromkeys(
        ("\\listrefs", "\\listfigs", "\\listtoc", "\\writetoc", "\\writedefs", "\\writestop", "\\draftmode", "\\draft",
         "\\footend", "\\sequentialequations", "\\bigans", "\\draftdate", "\\footatend"),
        silent,
    ),
}  # fmt: skip
# the places of accents in Computer Modern's text fonts (The TeXbook, appendix F)
_ACCENT_CODES = {18: "\u0300", 19: "\u0301", 20: "\u030c", 21: "\u0306", 22: "\u0304", 23: "\u030a", 24: "\u0327", 94: "\u0302",
                 95: "\u0307", 125: "\u030b", 126: "\u0303", 127: "\u0308"}  # fmt: skip


def accent_by_code(tex: Stomach, name: str) -> None:
    """TeX's own `\\accent"7F u`: an accent by its place in the font, over the character behind it."""
    mark = _ACCENT_CODES.get(tex.read_number())
    tok = tex.next_char()
    if tok in ("\\i", "\\j"):
        tok = tok[1]
    if mark is None or not tok.isalpha():
        tex.pb.append(tok)
    else:
        tex.parts.append(unicodedata.normalize("NFC", tok + mark))


def pdf_literal(tex: Stomach, name: str) -> None:
    """`\\pdfliteral direct{..}`: drawing orders, no text."""
    words = {"direct", "page", "shipout"}
    while (tok := tex.skip_spaces()).strip() in words:
        tex.pb.pop()
    if tok == "{":
        tex.read_arg()


PLAIN: dict[str, Entry] = {
    "\\pdfliteral": pdf_literal,
    "\\accent": accent_by_code,
    "\\newsec": newsec,
    "\\subsec": newsec,
    "\\subsubsec": newsec,
    "\\beginsection": beginsection,
    "\\Title": harv_title,
    "\\eqn": eqn,
    "\\eqnn": eqn,
    **dict.fromkeys(("\\midinsert", "\\topinsert", "\\pageinsert", "\\endinsert", "\\proclaim"), insert),
    # A&A's and REVTeX's styles of LaTeX 2.09
    "\\picplace": builtin("m", ""),
    **dict.fromkeys(("\\narrowtext", "\\widetext", "\\tableline"), silent),
    **dict.fromkeys(("\\hang", "\\narrower", "\\raggedcenter", "\\textindent@"), silent),
    "\\line": line,
    "\\head": heading_only,
    "\\subhead": heading_only,
    "\\vfootnote": footnote_text,
}
