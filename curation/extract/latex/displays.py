"""Displayed formulas: their rows, numbers and labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Display
from curation.extract.latex.equation_numbers import equation_number
from curation.extract.latex.lexer import PAR, with_depth
from curation.extract.latex.math_collect import collect
from curation.extract.latex.math_marks import BLANKS, LABEL, MARKED, NONUMBER, TAG
from curation.extract.latex.math_render import emit_inline, math_string, no_dollars, render

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach

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
    return BLANKS.sub(" ", "".join(outer)).strip()


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
    return BLANKS.sub(" ", "".join(out)).strip()


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


MATH_ENVS: dict[str, EnvHandler] = {n + s: display_env for n in DISPLAY_ENVS for s in ("", "*")}
