"""AASTeX's deluxetable: caption and heads are commands, the rows stand between `\\startdata` and `\\enddata`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Block
from curation.extract.latex.columns import Preamble, parse_preamble
from curation.extract.latex.floats import bind_float, figurenum, float_number
from curation.extract.latex.grid import Grid, emit_grid, read_rows, reset_cell_groups, rows_of, take_cell
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import FROZEN

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


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


def startdata(tex: Stomach, name: str) -> None:
    """`\\startdata`: what was printed before is no row."""
    if isinstance(tex.table, Grid):
        tex.parts.clear()
        tex.flow.blocks.clear()
        tex.table.rows[:] = [[]]


def enddata(tex: Stomach, name: str) -> None:
    """`\\enddata`: the last row may lack its `\\\\`."""
    if isinstance(tex.table, Grid):
        reset_cell_groups(tex)
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


def tablebreak(tex: Stomach, name: str) -> None:
    """`\\cutinhead{x}`, `\\sidehead{x}`: a row across the table."""
    text = tidy(tex.inline(tex.read_arg()))
    if isinstance(tex.table, Grid):
        tex.table.rows[-1:] = [r for r in tex.table.rows[-1:] if any(r)]
        tex.table.rows.append([text])
        tex.table.rows.append([])
    else:
        tex.parts.append(text)
