"""Math: kept as LaTeX, with the user's macros expanded and what only places it on the page taken out.

Two steps. `collect` reads expanded tokens up to the end of the formula; when the end does not come (blank line in
inline math, a section, too many tokens) it gives everything back to be read as text, which is how one forgotten
`$` costs a sentence and not the paper. `render` turns the tokens into a string that Markdown math engines take.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import (
    BOLD,
    BOLD_END,
    CODE,
    CODE_END,
    DISPLAY,
    EMPH,
    EMPH_END,
    MATH,
    MATH_END,
    Block,
    Display,
)
from curation.extract.latex.conditions import BRANCHES
from curation.extract.latex.counters import ASSIGNMENTS
from curation.extract.latex.decimals import decimal_unit_alone
from curation.extract.latex.decisions import DECISIONS
from curation.extract.latex.definitions import DEFINITIONS
from curation.extract.latex.expansion import EXPANSIONS
from curation.extract.latex.gullet import shorter
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE, with_depth
from curation.extract.latex.loops import LOOPS
from curation.extract.latex.macros import Macro
from curation.extract.latex.markdown import Emitter
from curation.extract.latex.registers import Register

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import EnvHandler, Stomach

MathHandler = Callable[["Stomach", str, list[str]], None]

# display environments: the environment that stands for them inside $$..$$
DISPLAY_ENVS: dict[str, str] = {
    "equation": "", "displaymath": "", "dmath": "", "math": "", "eqnarray": "aligned", "align": "aligned",
    "flalign": "aligned", "alignat": "aligned", "xalignat": "aligned", "falign": "aligned", "gather": "gathered",
    "multline": "gathered", "dgroup": "gathered", "darray": "aligned", "IEEEeqnarray": "aligned", "Eqnarray": "aligned",
    "numcases": "cases", "subnumcases": "cases", "subeqnarray": "aligned", "empheq": "",
}  # fmt: skip
_NUMBERED_PER_ROW = frozenset({"eqnarray", "align", "flalign", "alignat", "gather", "IEEEeqnarray", "xalignat", "numcases",
                               "subnumcases", "subeqnarray"})  # fmt: skip
_PARTS_OF_ONE = frozenset({"subnumcases", "subeqnarray"})
_THREE_COLUMNS = frozenset({"eqnarray", "Eqnarray", "IEEEeqnarray", "darray", "subeqnarray"})
_RESYNC = frozenset(
    {"\\section", "\\subsection", "\\subsubsection", "\\chapter", "\\paragraph", "\\item", "\\documentclass",
     "\\bibliography", "\\caption", "\\maketitle", "\\bibitem", "\\bye", "\\appendix"}
)  # fmt: skip
_EXECUTED = {**EXPANSIONS, **BRANCHES, **DECISIONS, **DEFINITIONS, **ASSIGNMENTS, **LOOPS}
for _name in ("\\relax", "\\protect", "\\endcsname", "\\long", "\\noexpand", "\\space"):
    _EXECUTED.pop(_name, None)

_INLINE = re.compile(r"((?:[^$\\%\n]++|\\[^\n]|\n(?![ \t]*+\n))++)\$")
_CS = re.compile(r"\\(?:[A-Za-z]+|.)", re.S)
_BLANKS = re.compile(r"\s+")
_ROW_SKIP = re.compile(r"(\\\\)\s*\*?\s*\[\s*-?[\d.]*\s*\\?[A-Za-z]*\s*(?:plus[^\]]*)?\]")
_SYMBOL_END = "\\\x00symbol"
MARKED = "\x02"  # begins the pieces that say something of a formula and are no part of it
LABEL, NONUMBER, TAG, SPLIT, PICTURE = "\x02L", "\x02N", "\x02T", "\x02S", "\x02P"


# ---------------------------------------------------------------- collecting
def collect(tex: Stomach, stop: str, *, env: str = "") -> list[str] | None:
    """Expanded tokens up to `stop`; None when the end does not come (the tokens are given back)."""
    out: list[str] = []
    depth = 0
    inner: list[str] = []
    pars = 0
    limit = tex.math_limit
    inline = stop in ("$", "\\)", _SYMBOL_END)
    defs = tex.defs
    was, tex.in_math = tex.in_math, True
    end_of_user_env: list[str] = []
    ok = False
    while len(out) < limit:
        tok = tex.next()
        if tok == "{":
            depth += 1
        elif tok == "}":
            depth -= 1
            if depth < 0:
                if inline:
                    out.append(tok)
                    break
                depth = 0
                continue
        elif tok == "$":
            if stop == "$" and depth == 0:
                ok = True
                break
            if stop == "$$" and depth == 0:
                if tex.peek() == "$":
                    tex.pb.pop()
                ok = True
                break
        elif tok[0] == "\\":
            if tok[-1] == FROZEN:
                if tok[:-1] in _EXECUTED:
                    _EXECUTED[tok[:-1]](tex, tok[:-1])  # type: ignore[operator]
                    continue
                tok = tok[:-1]
                if tok in tex.command_forms:
                    tex.command_forms[tok](tex, tok)
                    continue
                if tok not in ("\\begin", "\\end", stop):
                    out.append(tok)  # its own meaning: whatever the paper made of the name since
                    continue
            if tok == stop and depth == 0:
                ok = True
                break
            if tok == END or tok in _RESYNC:
                tex.pb.append(tok)
                break
            if tok == PAR:
                pars += 1
                if inline or pars > 3 or (tex.options.resync and pars > 0):
                    tex.pb.append(tok)
                    break
                tok = SPACE
            elif tok == "\\end":
                name = tex.read_name()
                if name == env and not inner:
                    ok = True
                    break
                if name in tex.user_envs and name != env:
                    if name in end_of_user_env:
                        end_of_user_env.remove(name)
                        continue
                    tex.push([*tex.user_envs[name][1], *(["\\\x00close", "{", name, "}"] if not inner else [])])
                    if inner and inner[-1] == "\x00" + name:
                        inner.pop()
                    continue
                own = tex.envs[-1] if tex.envs else None
                if own is not None and own.name == name and own.end_tokens and not inner and not own.expanded:
                    # an environment made by \\def\\x{\\equation} and \\def\\endx{\\endequation}
                    own.expanded = True
                    tex.push([*own.end_tokens, "\\\x00close", "{", name, "}"])
                    continue
                if inner:
                    if name in inner:
                        while inner.pop() != name:
                            pass
                    out.extend(["\\end", "{", name, "}"])
                    continue
                tex.push(["\\end", "{", name, "}"])
                break
            elif tok == "\\begin":
                name = tex.read_name()
                if name in tex.user_envs:
                    macro = tex.user_envs[name][0]
                    inner.append("\x00" + name)
                    tex.expand(macro, "\\" + name)
                    continue
                if name in tex.env_handlers and name not in MATH_INNER:
                    tex.push(["\\begin", "{", name, "}"])
                    break
                inner.append(name)
                out.extend(["\\begin", "{", name, "}"])
                continue
            else:
                entry = defs.get(tok)
                if entry.__class__ is Macro and not entry.builtin:
                    tex.expand(entry, tok)
                    continue
                if tok in tex.command_forms and entry is not None and entry.__class__ is not Macro:
                    entry(tex, tok)  # type: ignore[operator]
                    continue
                if entry is not None and (tok in _EXECUTED or entry.__class__ is Register):
                    entry(tex, tok)  # type: ignore[operator]
                    continue
                if entry is not None and tok in tex.switch_commands:
                    entry(tex, tok)  # type: ignore[operator]
                    continue
        out.append(tok)
    tex.in_math = was
    if ok:
        return out
    tex.unclosed_math += 1
    tex.math_limit = shorter(limit, len(out), 300)
    tex.spend(len(out))
    tex.warn(f"unclosed math near {tex.where()}" if tex.unclosed_math == 1 else "unclosed math")
    # a group opened inside is closed by its own brace, since all is read again
    tex.push([t for t in out if not t.startswith("\x02")])
    return None


# environments that may stand inside math
MATH_INNER: dict[str, str] = {
    "array": "array", "split": "aligned", "aligned": "aligned", "gathered": "gathered", "cases": "cases",
    "alignedat": "alignedat", "matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix",
    "vmatrix": "vmatrix", "Vmatrix": "Vmatrix", "smallmatrix": "smallmatrix", "subarray": "subarray",
    "dcases": "cases", "rcases": "rcases", "multlined": "gathered", "eqnarray": "aligned", "eqnarray*": "aligned",
    "align": "aligned", "align*": "aligned", "tabular": "array", "gather": "gathered", "gather*": "gathered",
    "IEEEeqnarraybox": "array", "IEEEeqnarray": "aligned", "equation": "", "equation*": "", "displaymath": "",
    "minipage": "", "center": "", "small": "", "footnotesize": "", "scriptsize": "", "tiny": "", "math": "",
    "autobreak": "", "bmatrix*": "bmatrix", "pmatrix*": "pmatrix", "matrix*": "matrix", "empheq": "",
    "subequations": "", "multline": "gathered", "multline*": "gathered", "flalign": "aligned", "flalign*": "aligned",
}  # fmt: skip


# ---------------------------------------------------------------- rendering
def render(tex: Stomach, tokens: list[str]) -> list[str]:
    """Tokens as the pieces of a math string (marks for labels and \\nonumber still in)."""
    if _MATH_NAMES.isdisjoint(tokens):
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
    return _BLANKS.sub(" ", text).strip()


_DOLLAR = re.compile(r"(?<!\\)\$")


def no_dollars(text: str) -> str:
    """A stray `$` would end the Markdown formula."""
    return _DOLLAR.sub("", text) if "$" in text else text


def render_string(tex: Stomach, tokens: list[str]) -> str:
    """Tokens as a finished inline formula."""
    pieces = render(tex, tokens)
    text = no_dollars(math_string([p for p in pieces if p[:1] != "\x02"]))
    return _panels(tex, text) if PICTURE in pieces else text


def raw_is_clean(tex: Stomach, raw: str) -> bool:
    """Whether a formula can be copied as it stands: no macro of the user, nothing that we treat."""
    clean = tex.math_clean
    for cs in _CS.findall(raw):
        if cs in clean:
            continue
        if cs in MATH_COMMANDS or cs in _EXECUTED or cs in tex.switch_commands:
            return False
        entry = tex.defs.get(cs)
        if (entry.__class__ is Macro and not entry.builtin) or entry.__class__ is Register:
            return False
        clean.add(cs)
    return True


# ---------------------------------------------------------------- the commands of text mode
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
                emit_inline(tex, _BLANKS.sub(" ", raw).strip())
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
    tex.push([*tokens, _SYMBOL_END])
    found = collect(tex, _SYMBOL_END)
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


def emit_inline(tex: Stomach, math: str) -> None:
    """Set inline math; an empty formula (`${}$`) is nothing."""
    if not math or math == "{}":
        return
    tex.n_inline_math += 1
    tex.parts.append(MATH_OPEN + math + MATH_END)
    if tex.after_math:
        tex.parts.extend(tex.after_math)
        tex.after_math.clear()


MATH_OPEN = MATH


_ALIGNMENTS = frozenset({"\\halign", "\\settabs"})


def display(tex: Stomach, stop: str, env: str, *, numbered: bool, left: list[str] | None = None) -> None:
    """Set a displayed formula that ends with `stop`; `left` stands before the brace of its cases."""
    base = env.rstrip("*")
    tokens = collect(tex, stop, env=env)
    if tokens is None:
        return
    if not _ALIGNMENTS.isdisjoint(tokens):
        tex.flush()
        tex.push([*tokens, PAR])  # `$$\vbox{\halign{..}}$$` centres a table
        return
    if left is not None:
        tokens = with_text_column(tokens)
    pieces = render(tex, tokens)
    shape = DISPLAY_ENVS.get(base, "")
    if numbered and base in _PARTS_OF_ONE:
        tex.subequation_of, tex.subequation = equation_number(tex), 0
        tex.current_ref = ("equation", tex.subequation_of)
    before = render(tex, left) if left else []
    _bind(tex, before)
    body = lay_out(tex, pieces, base, shape, numbered=numbered)
    if base in _PARTS_OF_ONE:
        tex.subequation = None
    if before:
        body = f"{math_string([p for p in before if p[:1] != MARKED])} {body}".strip()
    if base == "math":
        emit_inline(tex, body)
        return
    if body:
        tex.n_equations += 1
        after = "".join(tex.after_math)
        tex.after_math.clear()
        tex.add(Display(body))
        if after:
            tex.parts.append(after)


def with_text_column(tokens: list[str]) -> list[str]:
    """Rows of numcases: what stands behind `&` is text, with math in dollars."""
    out: list[str] = []
    text: list[str] | None = None
    labels: list[str] = []
    for tok, depth in with_depth([*tokens, "\\\\"]):
        if depth == 0 and tok == "\\\\":
            if text is not None:
                out += [*labels, "\\text", "{", *text, "}"]
            text, labels = None, []
            out.append(tok)
        elif depth == 0 and tok == "&" and text is None:
            out.append(tok)
            text = []
        elif text is None:
            out.append(tok)
        elif tok == "\\label" or (labels and labels[-1] != "}"):
            labels.append(tok)
        elif text or tok.strip():
            text.append(tok if text else tok.lstrip())
    return out[:-1]


def split_rows(pieces: list[str]) -> list[list[str]]:
    """Cut at the top-level `\\\\`."""
    rows: list[list[str]] = [[]]
    depth = 0
    for tok in pieces:
        if tok == "{" or tok.startswith("\\begin{"):
            depth += 1
        elif tok == "}" or tok.startswith("\\end{"):
            depth -= 1
        elif depth <= 0 and tok in ("\\\\", "\\cr", "\\newline", "\\tabularnewline"):
            rows.append([])
            continue
        rows[-1].append(tok)
    return rows


def lay_out(tex: Stomach, pieces: list[str], base: str, shape: str, *, numbered: bool) -> str:
    """Rows, numbers and labels of a display; returns LaTeX for inside `$$..$$`."""
    if not shape:
        _number(tex, pieces, numbered)
        body = no_dollars(math_string([p for p in pieces if p[:1] != "\x02"]))
        body = _trim(body)
        if _bare_rows(pieces):
            body = "\\begin{aligned} " + body + " \\end{aligned}"
        return body
    rows: list[str] = []
    per_row = numbered and base in _NUMBERED_PER_ROW
    split = split_rows(pieces)
    waiting: list[str] = []
    for i, row in enumerate(split):
        text = math_string([p for p in row if p[:1] != "\x02"])
        if per_row:
            # a `\\\\` at the end opens an empty row, which has a number too; amsmath keeps the label of a row
            # without a number for the next row that has one
            row = waiting + row
            waiting = [p for p in row if p.startswith(LABEL)] if NONUMBER in row else []
            _number(tex, row, True)
        if base in _THREE_COLUMNS:
            text = _two_columns(text)
        text = no_dollars(_ROW_SKIP_HEAD.sub("", text) if i else text)
        if text:
            rows.append(text)
    if not per_row:
        _number(tex, pieces, numbered)
    if not rows:
        return ""
    if len(rows) == 1:
        return _trim(_one_row(rows[0]))
    return f"\\begin{{{shape}}}\n" + " \\\\\n".join(rows) + f"\n\\end{{{shape}}}"


_ROW_SKIP_HEAD = re.compile(r"^\*?\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in|\\[A-Za-z]+)\s*\]|^\*(?=\s)")


def _one_row(row: str) -> str:
    """A single row has nothing to align: its own `&` go, those of inner environments stay."""
    if "&" not in row:
        return row
    pieces = re.split(r"(\\begin\{.*\\end\{[^}]*\})", row)
    outer = [p if i % 2 else re.sub(r"(?<!\\)\s*&\s*", " ", p) for i, p in enumerate(pieces)]
    return _BLANKS.sub(" ", "".join(outer)).strip()


def _trim(body: str) -> str:
    while body.endswith("\\\\"):
        body = body[:-2].rstrip()
    return body


def _bare_rows(pieces: list[str]) -> bool:
    """Rows without an environment (`equation` with a stray `\\\\`)."""
    return len([r for r in split_rows(pieces) if math_string([p for p in r if p[:1] != "\x02"])]) > 1


def _two_columns(row: str) -> str:
    """`a &=& b` of eqnarray as `a &= b`: `aligned` sets its columns in pairs."""
    depth = 0
    out: list[str] = []
    seen = 0
    i = 0
    while i < len(row):
        c = row[i]
        if c == "\\":
            out.append(row[i : i + 2])
            if row.startswith("\\begin{", i):
                depth += 1
            elif row.startswith("\\end{", i):
                depth -= 1
            i += 2
            continue
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
        elif c == "&" and depth <= 0:
            seen += 1
            if seen > 1:
                out.append(" ")
                i += 1
                continue
        out.append(c)
        i += 1
    return _BLANKS.sub(" ", "".join(out)).strip()


def _number(tex: Stomach, pieces: list[str], numbered: bool) -> None:
    """Step the equation counter unless \\nonumber or \\tag; bind the labels."""
    tags = [p[2:] for p in pieces if p.startswith(TAG)]
    if tags:
        tex.current_ref = ("equation", tags[-1])
    elif numbered and NONUMBER not in pieces:
        tex.current_ref = ("equation", equation_number(tex))
    elif any(p.startswith(LABEL) for p in pieces):
        tex.current_ref = ("equation", "")
    _bind(tex, pieces)


def _bind(tex: Stomach, pieces: list[str]) -> None:
    for p in pieces:
        if p.startswith(LABEL):
            tex.labels[p[2:]] = tex.current_ref


def equation_number(tex: Stomach) -> str:
    """The next equation number: `3`, `3a` in subequations, `A3` in appendices."""
    if tex.subequation is not None:
        tex.subequation += 1
        return tex.subequation_of + chr(96 + min(26, tex.subequation))
    n = tex.step("equation")
    return prefix_number(tex, "equation", n)


def prefix_number(tex: Stomach, counter: str, n: int) -> str:
    """A float's or equation's number: `3`, `A3` in appendices, `S3` where the paper redefined `\\thefigure`.

    Otherwise it counts through the whole text, also where the print numbers by section: the text shows no chapter-wise
    numbers, and a running number can be found by counting.
    """
    given = own_number(tex, counter)
    if given:
        return given
    section = tex.numbers.get("section", "")
    if not tex.in_appendix or not section:
        return str(n)
    separator = appendix_separator(tex, counter)
    return str(n) if separator is None else f"{section}{separator}{n}"


def own_number(tex: Stomach, counter: str) -> str:
    """What the paper's own `\\thefigure` prints, when it has a letter (`S3`); `2.3` counts by section and is not taken."""
    macro = tex.defs.get("\\the" + counter)
    if not isinstance(macro, Macro) or macro.builtin:
        return ""
    text = Emitter(lambda kind, i: "").inline(tex.inline(["\\the" + counter])).strip("${} ")
    return text if re.fullmatch(r"[A-Za-z][\w.\-–]{0,12}", text) and text[-1].isdigit() else ""


def appendix_separator(tex: Stomach, counter: str) -> str | None:
    """What stands between letter and number in an appendix; None where the numbers run on, as in LaTeX's own classes.

    The classes that reset their counters: A&A (A.1), MNRAS (A1), elsarticle and JCAP (equations A.1), AASTeX and REVTeX
    (equations A1; AASTeX's floats only after `\\restartappendixnumbering`).
    """
    name = tex.document_class
    if name == "aa":
        return "."
    if name in ("mnras", "mn2e") or tex.appendix_floats_restart:
        return ""
    if counter != "equation":
        return None
    if name.startswith("elsart") or not {"jcappub", "jheppub"}.isdisjoint(tex.packages):
        return "."
    return "" if name.startswith(("aastex", "revtex", "emulateapj", "openjournal")) else None


def display_env(tex: Stomach, name: str) -> None:
    """`\\begin{equation}` and its kin."""
    base = name.rstrip("*")
    left: list[str] | None = None
    if base in ("numcases", "subnumcases"):
        left = tex.read_arg()
    elif base in ("alignat", "xalignat", "IEEEeqnarray"):
        tex.read_arg()
    elif base == "empheq":
        tex.read_optional()
        tex.read_arg()
    elif base in ("dmath", "dgroup"):
        tex.read_optional()
    is_numbered = not name.endswith("*") and base not in ("displaymath", "math")
    display(tex, "\\\x00never", name, numbered=is_numbered, left=left)


def ensuremath(tex: Stomach, name: str) -> None:
    """`\\ensuremath{x}` in text is `$x$`."""
    tokens = tex.read_arg()
    tex.push([*tokens, "$"])
    dollar_tokens = collect(tex, "$")
    if dollar_tokens is not None:
        emit_inline(tex, render_string(tex, dollar_tokens))


# ---------------------------------------------------------------- commands inside math
def m_label(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\label{x}` becomes a mark; binding waits for the row's number."""
    out.append(LABEL + tex.read_name())


def m_nonumber(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\nonumber`, `\\notag`."""
    out.append(NONUMBER)


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


_EMPTY_ARRAY = re.compile(r"\\(?:begin|end)\{array\}(?:\{[^{}]*\})?|\\\\|&")


def _panels(tex: Stomach, math: str) -> str:
    """An array of pictures: its words are set as text, and no formula is left."""
    pieces = re.split(r"\\text\{([^{}]*)\}", _EMPTY_ARRAY.sub(" ", math))
    if any(p.strip() for p in pieces[::2]):
        return math
    tex.parts.append(" ".join(p.strip() for p in pieces[1::2]))
    return ""


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
    if pieces[0]:
        out.extend(_text_piece(command, pieces[0]))
    for piece in pieces[1:]:
        math, _, rest = piece.partition(MATH_END)
        out.extend(["{", math, "}"])
        if rest:
            out.extend(_text_piece(command, rest))


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
_MATH_NAMES: set[str] = set(MATH_COMMANDS)


def add_math_commands(table: dict[str, MathHandler | Macro]) -> None:
    """Let a package's table say what its commands do inside math."""
    MATH_COMMANDS.update(table)
    _MATH_NAMES.update(table)


MATH_TEXT: dict[str, Handler] = {
    "$": dollar,
    "\\(": paren,
    "\\[": bracket,
    "\\ensuremath": ensuremath,
}
MATH_ENVS: dict[str, EnvHandler] = {n + s: display_env for n in DISPLAY_ENVS for s in ("", "*")}

__all__ = ["MATH_COMMANDS", "MATH_ENVS", "MATH_TEXT", "Block", "add_math_commands", "emit_inline", "render_string"]
