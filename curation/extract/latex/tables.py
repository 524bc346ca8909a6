"""Tables: cells between `&` and `\\\\`, as rows of pipes. Knows tabular and its kin and aastex's deluxetable."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK, MATH, MATH_END, Block, Caption, Para, Table
from curation.extract.latex.characters import newline, script
from curation.extract.latex.columns import Preamble, newcolumntype, open_cell, parse_preamble
from curation.extract.latex.floats import bind_float, caption, figurenum, float_number
from curation.extract.latex.inline_text import join_inline, tidy
from curation.extract.latex.lexer import FROZEN, SPACE
from curation.extract.latex.longtable import LongTable, begin, long_caption

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

# arguments after \begin{..}: o optional, m mandatory
_ARGS = {
    "tabular": "om", "tabular*": "mom", "tabularx": "mom", "tabulary": "mm", "longtable": "om", "longtable*": "om",
    "supertabular": "m", "supertabular*": "mm", "mpsupertabular": "m", "xtabular": "m", "array": "om", "tabu": "m",
    "longtabu": "m", "tblr": "om", "longtblr": "om", "NiceTabular": "omo", "xltabular": "omm", "tabbing": "",
    "deluxetable": "om", "deluxetable*": "om", "planotable": "m", "planotable*": "m", "mydeluxetable": "m",
    "splitdeluxetable": "om", "splitdeluxetable*": "om",
}  # fmt: skip


@dataclass
class Grid:
    """The table being read."""

    rows: list[list[str]] = field(default_factory=lambda: [[]])
    filler: int = 0
    notes: list[Block] = field(default_factory=list)
    captions: list[Block] = field(default_factory=list)
    preamble: Preamble = field(default_factory=Preamble)
    spanned: bool = False
    gap: str | None = None  # what the preamble prints between the last cell and the one being read
    long: LongTable | None = None
    lead: str = ""  # what the preamble prints before the first cell of a row
    anchor: int | None = None  # the cell of the row that the gaps before this one belong to
    joint: bool = False  # whether nothing at all stands between the last cell and this one


def take_cell(tex: Stomach) -> None:
    """What was written since the last `&` becomes a cell."""
    grid = tex.table
    if not isinstance(grid, Grid):
        return
    tex.flush()
    flow = tex.flow
    captions = [b for b in flow.blocks if isinstance(b, Caption)]
    text = join_inline([b for b in flow.blocks if not isinstance(b, Caption)])
    grid.captions.extend(captions)
    flow.blocks.clear()
    _put_cell(grid, text)


def _put_cell(grid: Grid, text: str) -> None:
    row = grid.rows[-1]
    cell = text.replace(BREAK, " ").strip()
    if not row and cell and grid.lead and not grid.spanned:
        cell = grid.lead + cell
    last = grid.anchor if grid.anchor is not None else len(row) - 1
    if grid.gap is not None and row and (row[last] or cell) and not grid.spanned:
        # `r@{.}l` is one number in two columns: an empty cell keeps the count, the emitter drops empty columns
        row[last] += grid.gap + (" " if grid.gap[-1:].isalpha() and cell[:1].isalnum() else "") + cell
        grid.anchor, cell = last, ""
    elif grid.joint and row and row[last] and _BELONGS.match(row[last] + "\x00" + cell) and not grid.spanned:
        row[last] += cell
        grid.anchor, cell = last, ""
    elif grid.gap is None and not grid.joint:
        grid.anchor = None
    row.append(cell)
    row.extend([""] * grid.filler)
    grid.gap, grid.joint = None, False
    grid.filler = 0


# `12@{}.5`, `12@{}$\pm$3`, `12@{}(3)`, `$-$@{}5`: two cells without a gap that are one number
_BELONGS = re.compile(
    rf".*\d{MATH_END}?\x00(?:[.,:]\d|\(\d|±|{MATH}\s*(?:\\pm|\\mp|\\times|[.,]\d|[\^_]))"
    rf"|(?:{MATH})?(?:[-+−–±<>≤≥]|\\pm|\\sim)(?:{MATH_END})?\x00[.\d]",
    re.DOTALL,
)


def _end_of_row(tex: Stomach, grid: Grid) -> None:
    """What the preamble prints behind its last column belongs to the last cell of a full row."""
    row, spec = grid.rows[-1], grid.preamble
    column = len(row) - 1
    if row and column == spec.count - 1 and column in spec.gaps and not grid.spanned:
        last = grid.anchor if grid.anchor is not None else column
        if row[last]:
            row[last] += _gap(tex, column, spec) or ""
    grid.anchor = None


def _gap(tex: Stomach, column: int, spec: Preamble) -> str | None:
    """What stands between a column and the next one as text, None where that is a blank at most."""
    tokens = spec.gaps.get(column)
    text = tex.inline(tokens).strip() if tokens else ""
    if not tokens or not text:
        return None
    begins, ends = (
        tokens[at][at].isspace() or (tokens[at] in _BLANKS and (text[at].isalpha() or tokens[at] not in _THIN))
        for at in (0, -1)
    )
    return (" " if begins else "") + text + (" " if ends else "")


_THIN = frozenset({"\\,", "~"})
"""Before a word a blank, beside a sign none: `3\\,km`, `1--2`."""


_BLANKS = frozenset({"\\,", "\\ ", "\\;", "\\:", "\\quad", "\\qquad", "\\enspace", "\\space", "~", SPACE})


def ampersand(tex: Stomach, name: str) -> None:
    """`&`."""
    if tex.table is None:
        script(tex, name)
    else:
        _reset_cell_groups(tex)
        take_cell(tex)
        grid = tex.table
        if isinstance(grid, Grid):
            column = len(grid.rows[-1])
            if not grid.spanned:
                grid.gap = _gap(tex, column - 1, grid.preamble)
                grid.joint = column - 1 in grid.preamble.joints
            _open_cell(tex, grid, column)


def _open_cell(tex: Stomach, grid: Grid, column: int) -> None:
    grid.spanned = False
    open_cell(tex, grid.preamble, column)


def row_end(tex: Stomach, name: str) -> None:
    """`\\\\`, `\\tabularnewline`, `\\cr`, `\\nl`."""
    if not isinstance(tex.table, Grid):
        newline(tex, name)
        return
    parts = tex.parts
    if name == "\\\\":
        n = len(parts)
        newline(tex, name)
        del parts[n:]
    _reset_cell_groups(tex)
    take_cell(tex)
    _end_of_row(tex, tex.table)
    tex.table.rows.append([])
    _open_cell(tex, tex.table, 0)


def _reset_cell_groups(tex: Stomach) -> None:
    """A cell is a group of its own: font switches end with it."""
    if tex.envs:
        tex.pop_groups(tex.envs[-1].groups)
        tex._undo(tex.groups[-1])
        tex.groups[-1] = None


def multicolumn(tex: Stomach, name: str) -> None:
    """`\\multicolumn{n}{c}{text}`: the text and n-1 empty cells."""
    count = tex.plain_text(tex.read_arg())
    tex.read_arg()
    text = tex.inline(tex.read_arg())
    tex.parts.append(text)
    grid = tex.table
    if isinstance(grid, Grid) and count.isdigit():
        grid.spanned = True
        left = min(int(count), 60)
        first = column = len(grid.rows[-1])
        while left > 0:
            left -= 2 if column in grid.preamble.decimals else 1
            column += 1
        grid.filler += max(0, column - first - 1)


def multirow(tex: Stomach, name: str) -> None:
    """`\\multirow[t]{n}[b]{width}[fix]{text}`: the text, in its first row."""
    tex.read_optional()
    tex.read_arg()
    tex.read_optional()
    if tex.skip_spaces() == "*":
        tex.read_star()
    else:
        tex.read_arg()
    tex.read_optional()
    tex.push(["{", *tex.read_arg(), "}"])


def colhead(tex: Stomach, name: str) -> None:
    """`\\colhead{x}`, `\\colnumbers` and kin."""
    tex.push(["{", *tex.read_arg(), "}"])


_TAB_STOPS = ("\\=", "\\>")
"""In `tabbing` these part the cells; elsewhere `\\=` is an accent."""


def tabular_env(tex: Stomach, name: str) -> None:
    """`tabular`, `tabularx`, `longtable` ..: reads the rows."""
    spec: list[str] = []
    for kind in _ARGS.get(name, ""):
        if kind == "o":
            tex.read_optional()
        else:
            spec = tex.read_arg()
    saved = {cs: tex.defs[cs] for cs in _TAB_STOPS if cs in tex.defs} if name == "tabbing" else None
    if saved is not None:
        tex.defs.update(dict.fromkeys(_TAB_STOPS, ampersand))
    outer_kind, caption_seen = tex.float_kind, tex.caption_seen
    long: LongTable | None = None
    if name.startswith(("longtab", "supertab", "xltab", "longtblr")):
        long = begin(tex, name)
        tex.float_kind = "Table"
    preamble = Preamble() if name.endswith("tblr") else parse_preamble(spec, tex.column_types)
    grid = read_rows(tex, name, preamble, long)
    if long is not None:
        grid.rows, grid.captions = long.whole(grid.rows, grid.captions)
        tex.caption_seen = caption_seen
    if saved is not None:
        for cs in _TAB_STOPS:
            tex.defs.pop(cs, None)
        tex.defs.update(saved)
    tex.float_kind = outer_kind
    emit_grid(tex, grid)


def read_rows(tex: Stomach, name: str, preamble: Preamble, long: LongTable | None = None) -> Grid:
    """Run an environment as a grid."""
    grid = Grid(preamble=preamble, long=long, lead=_gap(tex, -1, preamble) or "")
    env = tex.push_env(name, nested=True)
    outer, tex.table = tex.table, grid
    _open_cell(tex, grid, 0)
    flow_blocks = tex.capture(None, env, inline=True)
    tex.table = grid
    if env in tex.envs:
        while tex.envs[-1] is not env:
            tex.pop_env()
        tex.pop_env()
    tex.table = outer
    captions = [b for b in flow_blocks if isinstance(b, Caption)]
    grid.captions.extend(captions)
    text = join_inline([b for b in flow_blocks if not isinstance(b, Caption)])
    if text or (grid.rows[-1] and grid.gap is not None):
        _put_cell(grid, text)
        _end_of_row(tex, grid)
    return grid


def emit_grid(tex: Stomach, grid: Grid) -> None:
    """Set a table that was read, or what is left of it when it is none."""
    rows = [r for r in grid.rows if any(c for c in r)]
    if not rows:
        if grid.captions:
            tex.add_float(grid.captions)
        return
    blocks: list[Block] = list(grid.captions)
    if len(rows) == 1 and sum(1 for c in rows[0] if c) == 1:
        blocks.append(Para(" ".join(c for c in rows[0] if c)))
    elif all(len([c for c in r if c]) <= 1 for r in rows) and not grid.captions:
        # one column: lines, not a table
        blocks.extend(Para(" ".join(c for c in r if c)) for r in rows)
    else:
        tex.n_tables += 1
        blocks.append(Table(rows))
    blocks.extend(grid.notes)
    if tex.table is not None or tex.flow.inline:
        for block in blocks:
            tex.parts.append(" " + join_inline([block]) + " ")
    else:
        tex.add_float(blocks)


# ---------------------------------------------------------------- deluxetable
def deluxetable_env(tex: Stomach, name: str) -> None:
    """aastex's table: caption and heads are commands, rows stand between \\startdata and \\enddata."""
    tex.read_optional()
    preamble = parse_preamble(tex.read_arg(), tex.column_types)
    outer_kind, outer_ref = tex.float_kind, tex.current_ref
    tex.float_kind, tex.caption_seen = "Table", False
    pending, tex.pending_labels = tex.pending_labels, []
    outer_delux, tex.deluxe = tex.deluxe, Deluxe()
    grid = read_rows(tex, name, preamble)
    if tex.pending_labels:
        bind_float(tex, tex.current_ref if tex.caption_seen else ("table", float_number(tex, "Table")))
    tex.pending_labels = pending
    deluxe = tex.deluxe
    tex.deluxe = outer_delux
    tex.float_kind, tex.current_ref = outer_kind, outer_ref
    grid.rows = [*deluxe.heads, *grid.rows]
    grid.notes.extend(deluxe.notes)
    grid.captions = [*deluxe.captions, *grid.captions]
    emit_grid(tex, grid)


@dataclass
class Deluxe:
    """The commands of a deluxetable outside its rows."""

    heads: list[list[str]] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    captions: list[Block] = field(default_factory=list)
    number: str = ""  # of \\tablenum


def tablehead(tex: Stomach, name: str) -> None:
    """`\\tablehead{\\colhead{a} & \\colhead{b} \\\\ ..}`: rows before the data."""
    tokens = tex.read_arg()
    # heads are set as \\multicolumn: of the preamble only the count of columns matters
    decimals = tex.table.preamble.decimals if isinstance(tex.table, Grid) else frozenset()
    rows = rows_of(tex, tokens, Preamble(decimals=decimals))
    if isinstance(tex.deluxe, Deluxe):
        tex.deluxe.heads.extend(rows)
    elif isinstance(tex.table, Grid):
        tex.table.rows[-1:-1] = rows
    else:
        tex.push(tokens)


def rows_of(tex: Stomach, tokens: list[str], preamble: Preamble) -> list[list[str]]:
    """Rows in an argument."""
    tex.push([*tokens, "\\end", "{", "\x00rows", "}"])
    grid = read_rows(tex, "\x00rows", preamble)
    return [r for r in grid.rows if any(r)]


def startdata(tex: Stomach, name: str) -> None:
    """`\\startdata`: what was printed before is no row."""
    if isinstance(tex.table, Grid):
        tex.parts.clear()
        tex.flow.blocks.clear()
        tex.table.rows[:] = [[]]


def enddata(tex: Stomach, name: str) -> None:
    """`\\enddata`: the last row may lack its `\\\\`."""
    if isinstance(tex.table, Grid):
        _reset_cell_groups(tex)
        take_cell(tex)
        tex.table.rows.append([])


def tablenum(tex: Stomach, name: str) -> None:
    """`\\tablenum{2A}` of AASTeX before the rows is the table's number, siunitx's in a cell a number."""
    if isinstance(tex.deluxe, Deluxe) and not tex.deluxe.heads:
        tex.deluxe.number = tidy(tex.inline(tex.read_arg()))
    elif tex.table is not None:
        tex.push(["\\num" + FROZEN])
    else:
        figurenum(tex, name)


def tablenotemark(tex: Stomach, name: str) -> None:
    """`\\tablenotemark{a}`, `\\tmark[a]`, `\\tnote{a}`: a raised mark."""
    mark = (tex.read_optional() or tex.read_arg()) if name == "\\tmark" else tex.read_arg()
    text = "".join(t for t in mark if t[0] not in "\\${}^").strip()
    if text:
        tex.parts.append("\ue006^{" + text + "}\ue007")


def m_tablenotemark(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    text = "".join(t for t in tex.read_arg() if t[0] not in "\\${}^").strip()
    out.append("{}^{" + text + "}")


def note(tex: Stomach, name: str) -> None:
    """`\\tablenotetext{a}{text}`, `\\tablecomments{..}`, `\\tablerefs{..}`, `\\tablefoot{..}`: below the table."""
    mark = ""
    if name in ("\\tablenotetext", "\\tablefoottext", "\\tabnote@"):
        mark = tidy(tex.inline(tex.read_arg())).strip("$^{}\ue006\ue007 ")
    elif name == "\\tablefootmark":
        tablenotemark(tex, name)
        return
    tokens = tex.read_arg()
    text = tidy(tex.inline(tokens))
    if not text:
        return
    head = {"\\tablerefs": "References: ", "\\tablecomments": "Note: ", "\\tablebib": "References: "}.get(name, "")
    block = Para((f"{mark}: " if mark else head) + text)
    if isinstance(tex.deluxe, Deluxe):
        tex.deluxe.notes.append(block)
    elif isinstance(tex.table, Grid):
        tex.table.notes.append(block)
    else:
        tex.add(block)


def table_caption(tex: Stomach, name: str) -> None:
    """`\\tablecaption` and `\\caption` inside a table: above the rows."""
    if isinstance(tex.deluxe, Deluxe) and isinstance(tex.table, Grid):
        tex.read_star()
        tex.read_optional()
        tokens = tex.read_arg()
        numeral = tex.deluxe.number or float_number(tex, "Table")
        bind_float(tex, ("table", numeral))
        text = tidy(tex.inline(tokens))
        if text:
            tex.deluxe.captions.append(Caption("Table", numeral, text))
        return
    if isinstance(tex.table, Grid):
        # a caption in a longtable is a row of its own
        n = len(tex.flow.blocks)
        if tex.table.long is None:
            caption(tex, name)
        else:
            long_caption(tex, name, tex.table.long)
        tex.table.captions.extend(tex.flow.blocks[n:])
        del tex.flow.blocks[n:]
        return
    caption(tex, name)


def longtable_part(tex: Stomach, name: str) -> None:
    """`\\endfirsthead`, `\\endhead`, `\\endfoot`: what stands before is repeated on each page."""
    grid = tex.table
    if not isinstance(grid, Grid):
        return
    tex.parts.clear()
    rows = [r for r in grid.rows if any(r)]
    if grid.long is None:
        grid.rows[:] = [*rows, []]
        return
    grid.long.parts[name] = (rows, grid.captions[:])
    grid.rows[:] = [[]]
    grid.captions.clear()


def tablebreak(tex: Stomach, name: str) -> None:
    """`\\cutinhead{x}`, `\\sidehead{x}`: a row across the table."""
    text = tidy(tex.inline(tex.read_arg()))
    if isinstance(tex.table, Grid):
        tex.table.rows[-1:] = [r for r in tex.table.rows[-1:] if any(r)]
        tex.table.rows.append([text])
        tex.table.rows.append([])
    else:
        tex.parts.append(text)


def parbox(tex: Stomach, name: str) -> None:
    """`\\parbox[t][h][i]{width}{text}`, `\\makecell[l]{a\\\\b}`, `\\shortstack{a\\\\b}`, `\\thead{..}`: its text."""
    if name.startswith("\\multirow"):
        tex.read_optional()
        tex.read_arg()
    elif name != "\\parbox":
        tex.read_star()
    for _ in range(3):
        if tex.read_optional_here() is None:
            break
    if name == "\\parbox":
        tex.read_arg()
    blocks = tex.capture(tex.read_arg(), inline=True)
    tex.parts.append(join_inline(blocks).replace(BREAK, " "))


def kill(tex: Stomach, name: str) -> None:
    """`\\kill` of `tabbing`: a row that only sets the tab stops."""
    if isinstance(tex.table, Grid):
        tex.parts.clear()
        tex.flow.blocks.clear()
        tex.table.rows[-1] = []


TABLES: dict[str, Handler] = {
    "&": ampersand,
    **dict.fromkeys(("\\\\", "\\tabularnewline", "\\cr", "\\nl", "\\crcr"), row_end),
    "\\kill": kill,
    "\\multicolumn": multicolumn,
    "\\newcolumntype": newcolumntype,
    "\\multirow": multirow,
    "\\colhead": colhead,
    "\\twocolhead": colhead,
    "\\nocolhead": colhead,
    "\\startdata": startdata,
    "\\enddata": enddata,
    "\\tablenum": tablenum,
    **dict.fromkeys(("\\tablenotemark", "\\tnote", "\\tmark", "\\tablefootmark", "\\tnotex"), tablenotemark),
    **dict.fromkeys(
        ("\\tablenotetext", "\\tablecomments", "\\tablerefs", "\\tablefoot", "\\tablefoottext", "\\tablebib", "\\tablenote"),
        note,
    ),
    "\\caption": table_caption,
    "\\tablecaption": table_caption,
    **dict.fromkeys(("\\endfirsthead", "\\endhead", "\\endfoot", "\\endlastfoot"), longtable_part),
    "\\cutinhead": tablebreak,
    "\\sidehead": tablebreak,
    "\\tablebreak@": tablebreak,
    **dict.fromkeys(
        ("\\parbox", "\\makecell", "\\shortstack", "\\thead", "\\rothead", "\\specialcell", "\\multirowcell", "\\multirowthead"),
        parbox,
    ),
}  # fmt: skip
TABLE_ENVS: dict[str, EnvHandler] = {
    **dict.fromkeys(_ARGS, tabular_env),
    **dict.fromkeys(
        ("deluxetable", "deluxetable*", "planotable", "planotable*", "splitdeluxetable", "splitdeluxetable*"),
        deluxetable_env,
    ),
}
