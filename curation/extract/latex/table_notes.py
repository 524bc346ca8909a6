"""Marks and notes of tables: `\\tablenotemark{a}` in a cell, `\\tablenotetext{a}{text}` below the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH, MATH_END, Para
from curation.extract.latex.deluxetable import Deluxe
from curation.extract.latex.grid import Grid
from curation.extract.latex.inline_text import tidy

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def tablenotemark(tex: Stomach, name: str) -> None:
    """`\\tablenotemark{a}`, `\\tmark[a]`, `\\tnote{a}`: a raised mark."""
    mark = (tex.read_optional() or tex.read_arg()) if name == "\\tmark" else tex.read_arg()
    text = "".join(t for t in mark if t[0] not in "\\${}^").strip()
    if text:
        tex.parts.append(f"{MATH}^{{{text}}}{MATH_END}")


def m_tablenotemark(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    text = "".join(t for t in tex.read_arg() if t[0] not in "\\${}^").strip()
    out.append("{}^{" + text + "}")


def note(tex: Stomach, name: str) -> None:
    """`\\tablenotetext{a}{text}`, `\\tablecomments{..}`, `\\tablerefs{..}`, `\\tablefoot{..}`: below the table."""
    mark = ""
    if name in ("\\tablenotetext", "\\tablefoottext", "\\tabnote@"):
        mark = tidy(tex.inline(tex.read_arg())).strip(f"$^{{}}{MATH}{MATH_END} ")
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
