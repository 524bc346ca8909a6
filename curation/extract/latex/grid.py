"""A grid of cells that is being read, and what is made of it: `Grid`, its cells and rows, the table that it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK, MATH, MATH_END, Block, Caption, Para, Table
from curation.extract.latex.columns import Preamble, open_cell
from curation.extract.latex.inline_text import join_inline
from curation.extract.latex.lexer import SPACE
from curation.extract.latex.longtable import LongTable

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


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


def end_of_row(tex: Stomach, grid: Grid) -> None:
    """What the preamble prints behind its last column belongs to the last cell of a full row."""
    row, spec = grid.rows[-1], grid.preamble
    column = len(row) - 1
    if row and column == spec.count - 1 and column in spec.gaps and not grid.spanned:
        last = grid.anchor if grid.anchor is not None else column
        if row[last]:
            row[last] += gap_behind(tex, column, spec) or ""
    grid.anchor = None


def gap_behind(tex: Stomach, column: int, spec: Preamble) -> str | None:
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


def start_cell(tex: Stomach, grid: Grid, column: int) -> None:
    """Begin a cell of this column, with what the preamble prints before it."""
    grid.spanned = False
    open_cell(tex, grid.preamble, column)


def reset_cell_groups(tex: Stomach) -> None:
    """A cell is a group of its own: font switches end with it."""
    if tex.envs:
        tex.pop_groups(tex.envs[-1].groups)
        tex._undo(tex.groups[-1])
        tex.groups[-1] = None


def read_rows(tex: Stomach, name: str, preamble: Preamble, long: LongTable | None = None) -> Grid:
    """Run an environment as a grid."""
    grid = Grid(preamble=preamble, long=long, lead=gap_behind(tex, -1, preamble) or "")
    env = tex.push_env(name, nested=True)
    outer, tex.table = tex.table, grid
    start_cell(tex, grid, 0)
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
        end_of_row(tex, grid)
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


def rows_of(tex: Stomach, tokens: list[str], preamble: Preamble) -> list[list[str]]:
    """Rows in an argument."""
    tex.push([*tokens, "\\end", "{", "\x00rows", "}"])
    grid = read_rows(tex, "\x00rows", preamble)
    return [r for r in grid.rows if any(r)]
