"""Tables of before tabularray: plain TeX's `\\halign` and `\\settabs`, and the packages that declare their parts by commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Table
from curation.extract.latex.columns import Preamble, parse_preamble
from curation.extract.latex.deluxetable import Deluxe, tablehead
from curation.extract.latex.grid import Grid, emit_grid, read_rows, rows_of
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import END, tokenize, untokenize, with_depth
from curation.extract.latex.math_commands import read_box_size

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

# what a preamble says of the page: glue, rules, struts, the width of boxes
_PAGE = re.compile(
    r"\\(?:tabskip|hskip|kern|hglue)\s*=?\s*(?:-?[\d.]+\s*(?:true)?\s*[a-z]{2}|\\[A-Za-z@]+)(?:\s*(?:plus|minus)\s*-?[\d.]*\s*(?:fil+|[a-z]{2}))*|"
    r"\\(?:hfil+|hfilneg|hss|quad|qquad|enspace|enskip|thinspace|strut|vrule|unskip|ignorespaces|tabskip|noindent|bigstrut)(?![A-Za-z])"
    r"(?:\s*(?:width|height|depth)\s*-?[\d.]+\s*[a-z]{2})*|\\[,;:> ]|\\hbox\s*to\s*-?[\d.]+\s*(?:true)?\s*(?:[a-z]{2}|\\[A-Za-z]+)"
)
_ROW_ENDS = ("\\cr", "\\crcr")


def _cut(tokens: list[str], marks: tuple[str, ...]) -> list[list[str]]:
    """Tokens between marks that stand in no group."""
    out: list[list[str]] = [[]]
    for tok, depth in with_depth(tokens):
        if depth == 0 and tok in marks:
            out.append([])
        else:
            out[-1].append(tok)
    return out


def _templates(preamble: list[str]) -> tuple[list[tuple[list[str], list[str]]], int]:
    """What stands before and behind `#` in each column, less the page; the column from which `&&` repeats them (0: none)."""
    columns = _cut(preamble, ("&",))
    repeat = next((i for i, c in enumerate(columns) if not "".join(c).strip() and i), 0)
    if repeat:
        del columns[repeat]
    out = []
    for column in columns:
        before, _, after = _PAGE.sub(" ", untokenize(column)).partition("#")
        out.append((tokenize(before.strip()), tokenize(after.strip())))
    return out, repeat


def halign(tex: Stomach, name: str) -> None:
    """plain: `\\halign to 9cm{preamble \\cr row \\cr ..}`: its cells, each set as the preamble says."""
    read_box_size(tex)
    if tex.skip_spaces() != "{":
        return
    tex.pb.pop()
    preamble, *rows = _cut(tex.read_group(), _ROW_ENDS)
    if not any(t[0] == "#" for t in preamble):
        preamble, rows = [], [preamble, *rows]
    templates, repeat = _templates(preamble)
    tokens: list[str] = []
    for row in rows:
        cells = _cut(_without_noalign(row), ("&", "\\span"))
        if not any(t.strip() for cell in cells for t in cell):
            continue
        for i, cell in enumerate(cells):
            tokens += ["&"] * (i > 0) + _cell(cell, *_template(templates, repeat, i))
        tokens.append("\\\\")
    tex.push(["\\begin", "{", "tabular", "}", "{", "c", "}", *tokens, "\\end", "{", "tabular", "}"])


def _template(templates: list[tuple[list[str], list[str]]], repeat: int, i: int) -> tuple[list[str], list[str]]:
    if i >= len(templates) and len(templates) > repeat and repeat:
        i = repeat + (i - repeat) % (len(templates) - repeat)
    return templates[i] if i < len(templates) else ([], [])


def _cell(cell: list[str], before: list[str], after: list[str]) -> list[str]:
    bare = [t for t in cell if t not in ("\\hfil", "\\hfill", "\\hss", "\\hidewidth")]
    lead = next((t for t in bare if t.strip()), "")
    if lead == "\\omit":
        return [t for t in bare if t != "\\omit"]
    if lead == "\\multispan":
        return _spanned(bare[bare.index("\\multispan") + 1 :])
    return ["{", *before, *bare, *after, "}"] if lead else []


def _spanned(rest: list[str]) -> list[str]:
    """`\\multispan3 text`, `\\multispan{12}text`."""
    text = untokenize(rest).lstrip()
    m = re.match(r"\{\s*(\d+)\s*\}|(\d)", text)
    n = (m[1] or m[2]) if m else "1"
    return ["\\multicolumn", "{", n, "}", "{", "c", "}", "{", *tokenize(text[m.end() :] if m else text), "}"]


def _without_noalign(row: list[str]) -> list[str]:
    """A row without what stands between the rows: rules and space."""
    out: list[str] = []
    skip = False
    for tok, depth in with_depth(row):
        if tok == "\\noalign" and depth == 0:
            skip = True
        elif not skip:
            out.append(tok)
        elif depth == 0 or (tok == "}" and depth == 1):
            skip = tok != "}"
    return out


def settabs(tex: Stomach, name: str) -> None:
    """plain: `\\settabs 3\\columns`, `\\settabs\\+sample & line\\cr`: tab stops, which are no text."""
    for _ in range(400):
        tok = tex.next()
        if tok == END:
            tex.pb.append(tok)
        if tok in ("\\columns", "\\cr", END):
            return


def tab_row(tex: Stomach, name: str) -> None:
    """plain: `\\+first & second\\cr`: rows that follow each other are one table."""
    tokens: list[str] = []
    while (tok := tex.next()) not in _ROW_ENDS:
        if tok == END or len(tokens) > 4_000:
            tex.pb.append(tok)
            break
        tokens.append(tok)
    cells = [tidy(tex.inline(cell)) for cell in _cut(tokens, ("&",))]
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        return
    last = tex.flow.blocks[-1] if tex.flow.blocks and not tex.has_inline() else None
    if isinstance(last, Table) and last is tex.tab_rows:
        last.rows.append(cells)
        return
    tex.tab_rows = Table([cells])
    tex.n_tables += 1
    tex.add(tex.tab_rows)


# ---------------------------------------------------------------- supertabular, xtab
_SUPER_ARGS = {
    "supertabular": "om", "supertabular*": "mom", "mpsupertabular": "om", "mpsupertabular*": "mom", "xtabular": "om",
    "xtabular*": "mom", "mpxtabular": "om",
}  # fmt: skip


def declare_part(tex: Stomach, name: str) -> None:
    """`\\tablehead{..}` and kin stand before a supertabular; within AASTeX's deluxetable they are its head."""
    if isinstance(tex.deluxe, Deluxe) or isinstance(tex.table, Grid):
        tablehead(tex, name)
    else:
        tex.table_parts[name[1:]] = tex.read_arg()


def supertabular_env(tex: Stomach, name: str) -> None:
    """`supertabular`, `xtabular`: the declared head, the rows, the last tail; the heads and tails of other pages fall away."""
    spec: list[str] = []
    for kind in _SUPER_ARGS[name]:
        if kind == "o":
            tex.read_optional()
        else:
            spec = tex.read_arg()
    preamble = parse_preamble(spec, tex.column_types)
    parts = tex.table_parts
    head = parts.get("tablefirsthead") or parts.get("tablehead") or []
    tail = parts.get("tablelasttail") or []
    heads = rows_of(tex, head, Preamble(decimals=preamble.decimals)) if head else []
    outer, tex.float_kind = tex.float_kind, "Table"
    grid = read_rows(tex, name, preamble)
    tex.float_kind = outer
    grid.rows[:0] = heads
    if tail:
        grid.rows.extend(rows_of(tex, tail, Preamble(decimals=preamble.decimals)))
    emit_grid(tex, grid)


# ---------------------------------------------------------------- ctable
def ctable(tex: Stomach, name: str) -> None:
    """`\\ctable[caption=.., label=.., star]{lcc}{\\tnote[a]{note}}{\\FL head \\ML rows \\LL}`."""
    options: dict[str, list[str]] = {}
    for piece in _cut_text(tex.read_optional() or []):
        key, _, value = untokenize(piece).strip().partition("=")
        value = value.strip()
        options[key.strip()] = tokenize(value[1:-1] if value[:1] == "{" and value[-1:] == "}" else value)
    spec, notes, rows = tex.read_arg(), tex.read_arg(), tex.read_arg()
    env = "figure" if "figure" in options else "table"
    tokens = ["\\begin", "{", env, "}"]
    if "caption" in options:
        tokens += ["\\caption", "{", *options["caption"], "}"]
    if "label" in options:
        tokens += ["\\label", "{", *options["label"], "}"]
    tokens += ["\\begin", "{", "tabular", "}", "{", *spec, "}", *rows, "\\end", "{", "tabular", "}"]
    tokens += ["\\ctable@note" if t == "\\tnote" else t for t in notes]
    tex.push([*tokens, "\\end", "{", env, "}"])


def _cut_text(tokens: list[str]) -> list[list[str]]:
    """Options between commas that stand in no group."""
    out: list[list[str]] = [[]]
    for tok, depth in with_depth(tokens):
        pieces = tok.split(",") if depth == 0 and tok[0] != "\\" else [tok]
        out[-1] += [pieces[0]] if pieces[0] else []
        out += [[p] if p else [] for p in pieces[1:]]
    return [piece for piece in out if piece]


def ctable_note(tex: Stomach, name: str) -> None:
    """`\\tnote[a]{text}` in the notes of a ctable."""
    mark = tex.read_optional() or ["a"]
    text = tex.read_arg()
    tex.push(["\\tablenotetext", "{", *mark, "}", "{", *text, "}"])


def ctable_row(tex: Stomach, name: str) -> None:
    """`\\NN`, `\\ML`, `\\LL`: the end of a row, with a rule or without; `\\FL` has a rule alone."""
    tex.read_optional_here()
    if name != "\\FL":
        tex.push(["\\\\"])


OLD_TABLES: dict[str, Handler] = {
    "\\halign": halign,
    "\\settabs": settabs,
    "\\+": tab_row,
    **dict.fromkeys(("\\tablehead", "\\tablefirsthead", "\\tabletail", "\\tablelasttail"), declare_part),
    "\\ctable": ctable,
    "\\ctable@note": ctable_note,
    **dict.fromkeys(("\\FL", "\\ML", "\\NN", "\\LL"), ctable_row),
}
OLD_TABLE_ENVS: dict[str, EnvHandler] = dict.fromkeys(_SUPER_ARGS, supertabular_env)
