"""Tables: cells between `&` and `\\\\`, as rows of pipes. Knows tabular and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK, Caption
from curation.extract.latex.characters import newline, script
from curation.extract.latex.columns import Preamble, newcolumntype, parse_preamble
from curation.extract.latex.deluxetable import (
    Deluxe,
    deluxetable_env,
    enddata,
    startdata,
    tablebreak,
    tablenum,
)
from curation.extract.latex.floats import bind_float, caption, float_number
from curation.extract.latex.grid import (
    Grid,
    emit_grid,
    end_of_row,
    gap_behind,
    read_rows,
    reset_cell_groups,
    start_cell,
    take_cell,
)
from curation.extract.latex.inline_text import join_inline, tidy
from curation.extract.latex.longtable import LongTable, begin, long_caption
from curation.extract.latex.table_notes import note, tablenotemark

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


def ampersand(tex: Stomach, name: str) -> None:
    """`&`."""
    if tex.table is None:
        script(tex, name)
    else:
        reset_cell_groups(tex)
        take_cell(tex)
        grid = tex.table
        if isinstance(grid, Grid):
            column = len(grid.rows[-1])
            if not grid.spanned:
                grid.gap = gap_behind(tex, column - 1, grid.preamble)
                grid.joint = column - 1 in grid.preamble.joints
            start_cell(tex, grid, column)


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
    reset_cell_groups(tex)
    take_cell(tex)
    end_of_row(tex, tex.table)
    tex.table.rows.append([])
    start_cell(tex, tex.table, 0)


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
    reset_cell_groups(tex)
    take_cell(tex)  # of a row that lacks its `\\\\`
    rows = [r for r in grid.rows if any(r)]
    if grid.long is None:
        grid.rows[:] = [*rows, []]
        return
    grid.long.parts[name] = (rows, grid.captions[:])
    grid.rows[:] = [[]]
    grid.captions.clear()


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
