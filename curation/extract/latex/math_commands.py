"""Commands inside math: what only places a formula goes, what says something of it becomes a mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END, CODE, CODE_END, DISPLAY, EMPH, EMPH_END, MATH_END
from curation.extract.latex.lexer import END, SPACE
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_marks import LABEL, MATH_INNER, MATH_OPEN, NONUMBER, PICTURE, TAG, MathHandler

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def m_label(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\label{x}` becomes a mark; binding waits for the row's number."""
    out.append(LABEL + tex.read_name())


def m_nonumber(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\nonumber`, `\\notag`."""
    out.append(NONUMBER)


def m_numbered(tex: Stomach, name: str, out: list[str]) -> None:
    """IEEEtran's `\\IEEEyesnumber*`, `\\IEEEyessubnumber`: a row is numbered."""
    tex.read_star()


def m_ieee_columns(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\IEEEeqnarraymulticol{3}{l}{x}`: its formula."""
    tex.read_arg()
    tex.read_arg()
    tex.push(["{", *tex.read_arg(), "}"])


def m_tag(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\tag{A}`, REVTeX 3's `\\eqnum{A}` give the number by hand; AMS-TeX's `\\tag 3` ends with the row."""
    tex.read_star()
    if tex.in_plain_tex() and tex.skip_spaces() != "{":
        tokens: list[str] = []
        while (tok := tex.next()) not in (END, "\\\\") and not tok.startswith("\\end"):
            tokens.append(tok)
        tex.pb.append(tok)
    else:
        tokens = tex.read_arg()
    out.append(TAG + tex.plain_text(tokens).strip(' "()'))


def m_delimsize(tex: Stomach, name: str, out: list[str]) -> None:
    """mathtools: the size of the delimiters around it."""
    out.append("\\middle")


def m_content(tex: Stomach, name: str, out: list[str]) -> None:
    """A wrapper whose content is math: `\\ensuremath`, `\\smash`, `\\resizebox`."""
    tex.push(tex.read_arg())


def read_box_size(tex: Stomach) -> None:
    """`to 3in` or `spread 2pt` before a box's group."""
    tok = tex.skip_spaces()
    for word in ("to", "spread"):
        if tok.startswith(word):
            tex.pb.pop()
            if rest := tok[len(word) :]:
                tex.pb.append(rest)
            tex.read_glue()
            return


_FONT_MARKS = re.compile(f"[{EMPH}{EMPH_END}{BOLD}{BOLD_END}{CODE}{CODE_END}]")
_TEXT_SPECIAL = re.compile(r"(?<!\\)([%&#_])")


def _text_piece(command: str, text: str) -> list[str]:
    """Printed characters as text in math again: those that TeX reads as its own are escaped."""
    return [command, "{", _TEXT_SPECIAL.sub(r"\\\1", text), "}"]


def m_picture(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\includegraphics{file}` in an array of panels: only their labels are text."""
    macro = tex.defs.get(name)
    if isinstance(macro, Macro):
        tex.expand(macro, name)
    out.append(PICTURE)


def m_rule(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\vrule height 10pt`: a strut."""
    entry = tex.defs.get(name)
    if entry is not None and not isinstance(entry, Macro):
        entry(tex, name)


def m_solid(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\rule[1pt]{0pt}{8pt}`: a strut or a bar."""
    tex.read_optional()
    tex.read_arg()
    tex.read_arg()


def m_variable(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\variable{output/x.txt}`, `\\input{x}` in a formula: the number in the file."""
    target = tex.read_name()
    found = tex.find_file(target, "any")
    if found is None:
        tex.missing_files.append(target)
        out.append("\\text{??}")
    elif len(found[1]) < 5_000:
        tex.push_text(found[1].strip())


def m_text(tex: Stomach, name: str, out: list[str]) -> None:
    """Text in math. Inner dollars split the text, since `$` cannot nest in Markdown math."""
    if name == "\\hbox":
        read_box_size(tex)
    tokens = tex.read_arg()
    command = {"\\mbox": "\\text", "\\hbox": "\\text", "\\textnormal": "\\text", "\\fbox": "\\text"}.get(name, name)
    if all(t[0] not in "\\$~" for t in tokens):
        out.extend([command, "{", *tokens, "}"])
        return
    text = _FONT_MARKS.sub("", tex.inline(tokens)).replace(DISPLAY, " ")
    pieces = text.split(MATH_OPEN)
    is_script = len(pieces) > 1 and bool(out) and out[-1] in ("_", "^")
    if is_script:  # a script is one group
        out.append("{")
    if pieces[0]:
        out.extend(_text_piece(command, pieces[0]))
    for piece in pieces[1:]:
        math, _, rest = piece.partition(MATH_END)
        out.extend(["{", math, "}"])
        if rest:
            out.extend(_text_piece(command, rest))
    if is_script:
        out.append("}")


def m_drop(tex: Stomach, name: str, out: list[str]) -> None:
    """Nothing to see."""


def m_drop_arg(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\hspace{1em}` and kin: a blank."""
    tex.read_star()
    tex.read_optional()
    tex.read_arg()
    out.append(SPACE)


def m_glue(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\hskip 2pt plus 1fil`."""
    tex.read_glue()
    out.append(SPACE)


def m_begin(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\begin{split}` and kin, under the names that Markdown math engines know."""
    env = tex.read_name()
    shape = MATH_INNER.get(env, env)
    if env in ("alignat", "alignedat", "alignat*"):
        arg = tex.read_arg()
        out.append("\\begin{alignedat}{" + "".join(arg) + "}")
    elif shape == "array":
        tex.read_optional()
        spec = "".join(tex.read_arg())
        spec = re.sub(r"[@!><]\s*\{[^{}]*\}", "", spec)
        columns = re.sub(r"[^lcr|]", "", re.sub(r"[pmb]\{[^{}]*\}", "c", spec)) or "c"
        out.append("\\begin{array}{" + columns + "}")
    elif shape:
        if env in ("matrix*", "pmatrix*", "bmatrix*", "aligned", "gathered", "multlined"):
            tex.read_optional()
        out.append("\\begin{" + shape + "}")
    elif env == "minipage":
        tex.read_optional()
        tex.read_arg()


def m_end(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\end{..}` of an inner environment."""
    env = tex.read_name()
    shape = MATH_INNER.get(env, env)
    if env in ("alignat", "alignat*"):
        shape = "alignedat"
    if shape:
        out.append("\\end{" + shape + "}")


def m_row(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\\\*[2pt]`: the skip goes."""
    tok = tex.peek()
    if tok[0] == "*":
        tex.read_star()
        tok = tex.peek()
    if tok[0] == "[":
        m = re.match(r"\[\s*-?[\d.]*\s*(?:pt|em|ex|cm|mm|in|mu|pc)?\s*\]", tok)
        if m or tok == "[" or re.fullmatch(r"\[\s*-?[\d.]+", tok):
            tex.read_optional()
    out.append("\\\\")


def m_colour(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\textcolor{c}{x}`, `\\colorbox`: x."""
    tex.read_optional()
    tex.read_arg()
    tex.push(tex.read_arg())


def m_scaled(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\resizebox{w}{h}{x}`, `\\scalebox{f}{x}`, `\\raisebox{h}{x}`: x, which is text unless it has dollars."""
    for _ in range({"\\resizebox": 2}.get(name, 1)):
        tex.read_star()
        tex.read_arg()
        tex.read_optional()
    tex.push(["\\mbox", "{", *tex.read_arg(), "}"])


def m_intertext(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\intertext{where}`: a row of its own."""
    text = tex.read_arg()
    tex.push(["\\text", "{", *text, "}", "\\\\"])


def m_text_command(tex: Stomach, name: str, out: list[str]) -> None:
    """A text command inside math whose printed text is right there too: citations, references, units."""
    tokens_before = len(tex.parts)
    entry = tex.defs.get(name)
    if entry is None or isinstance(entry, Macro):
        return
    entry(tex, name)
    printed = "".join(tex.parts[tokens_before:])
    del tex.parts[tokens_before:]
    for i, piece in enumerate(printed.split(MATH_OPEN)):
        if i == 0:
            if piece.strip():
                out.append("".join(_text_piece("\\text", piece)))
            continue
        math, _, rest = piece.partition(MATH_END)
        out.append("{" + math + "}")
        if rest.strip():
            out.append("".join(_text_piece("\\text", rest)))


def m_footnote(tex: Stomach, name: str, out: list[str]) -> None:
    """A note called from a formula: its mark follows the formula."""
    before = len(tex.parts)
    entry = tex.defs.get(name)
    if entry is not None and not isinstance(entry, Macro):
        entry(tex, name)
    tex.after_math.extend(tex.parts[before:])
    del tex.parts[before:]


def m_nicefrac(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\nicefrac{a}{b}`."""
    tex.read_optional()
    out.append("\\frac")


MATH_COMMANDS: dict[str, MathHandler | Macro] = {
    **dict.fromkeys(("\\lower", "\\raise", "\\moveleft", "\\moveright"), m_glue),
    **dict.fromkeys(("\\rlap", "\\llap", "\\mathrlap", "\\mathllap", "\\clap"), m_content),
    "\\label": m_label,
    "\\nonumber": m_nonumber,
    "\\notag": m_nonumber,
    **dict.fromkeys(("\\IEEEnonumber", "\\IEEEnosubnumber"), m_nonumber),
    **dict.fromkeys(("\\IEEEyesnumber", "\\IEEEyessubnumber", "\\IEEEeqnarraynumspace"), m_numbered),
    "\\IEEEeqnarraymulticol": m_ieee_columns,
    **dict.fromkeys(("\\tag", "\\eqnum"), m_tag),
    "\\slabel": m_label,
    "\\delimsize": m_delimsize,
    **dict.fromkeys(("\\ensuremath", "\\smash", "\\centerline", "\\mathstrut@", "\\relscale"), m_content),
    **dict.fromkeys(
        ("\\text", "\\mbox", "\\hbox", "\\textrm", "\\textnormal", "\\textit", "\\textbf", "\\textsf",
         "\\texttt", "\\textup", "\\emph", "\\fbox"),
        m_text,
    ),
    **dict.fromkeys(
        ("\\xspace", "\\protect", "\\relax", "\\noindent", "\\unskip", "\\ignorespaces", "\\allowbreak", "\\nobreak",
         "\\linebreak", "\\break", "\\hfill", "\\hfil", "\\centering",
         "\\normalsize", "\\large", "\\Large", "\\boldmath", "\\unboldmath", "\\hline", "\\displaybreak",
         "\\noalign", "\\leavevmode", "\\nolinebreak", "\\par", "\\null", "\\strut", "\\/", "\\endcsname", "\\long",
         "\\noexpand", "\\selectfont", "\\bgroup", "\\egroup", "\\begingroup", "\\endgroup", "\\smallskip",
         "\\medskip", "\\bigskip", "\\newpage", "\\nonscript", "\\clearpage", "\\pagebreak", "\\nopagebreak", "\\eqno@"),
        m_drop,
    ),
    **dict.fromkeys(("\\hspace", "\\vspace", "\\color", "\\index", "\\fontsize", "\\cline", "\\vskip@"), m_drop_arg),
    **dict.fromkeys(("\\hskip", "\\kern", "\\mkern", "\\mskip", "\\vskip"), m_glue),
    **dict.fromkeys(("\\hrule", "\\vrule"), m_rule),
    **dict.fromkeys(("\\variable", "\\input"), m_variable),
    "\\rule": m_solid,
    **dict.fromkeys(("\\includegraphics", "\\epsfbox", "\\epsffile", "\\epsfig", "\\psfig", "\\plotone"), m_picture),
    "\\begin": m_begin,
    "\\end": m_end,
    "\\\\": m_row,
    "\\textcolor": m_colour,
    "\\colorbox": m_colour,
    **dict.fromkeys(("\\resizebox", "\\scalebox", "\\raisebox"), m_scaled),
    "\\intertext": m_intertext,
    "\\shortintertext": m_intertext,
    "\\nicefrac": m_nicefrac,
    "\\sfrac": m_nicefrac,
    **dict.fromkeys(("\\footnote", "\\footnotemark"), m_footnote),
}  # fmt: skip
MATH_NAMES: set[str] = set(MATH_COMMANDS)


def add_math_commands(table: dict[str, MathHandler | Macro]) -> None:
    """Let a package's table say what its commands do inside math."""
    MATH_COMMANDS.update(table)
    MATH_NAMES.update(table)
