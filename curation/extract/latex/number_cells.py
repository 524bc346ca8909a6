"""Cells of columns that read numbers: siunitx's S and s, dcolumn's D, numprint's n and N."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import SPACE, tokenize
from curation.extract.latex.macros import Macro
from curation.extract.latex.numprint import numprint_options
from curation.extract.latex.numprint import printed as numprint_printed
from curation.extract.latex.si_numbers import number_math, parse_number
from curation.extract.latex.si_options import Options, parse_options, settings

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


@dataclass
class NumberColumn:
    """A column that reads numbers.

    Args:
        kind: its letter: S, s, D, n, N.
        options: of `S[..]`.
        separator, printed: of `D{,}{\\pm}{-1}`: the character of the source and what TeX sets for it.
    """

    kind: str
    options: Options = field(default_factory=dict)
    separator: str = ""
    printed: list[str] = field(default_factory=list)


_NUMBER = re.compile(r"\s*((?:[<>=]=?|\+-|±)?\s*[-+]?\s*[\d.,](?:[\d.,\s()±]|\+-|[eEdD][-+]?\d)*)")
_IN_NUMBER = frozenset({"\\pm", "\\sim", "\\approx", "\\le", "\\leq", "\\ge", "\\geq", "\\ll", "\\gg", "~", "\\,"})


def read_column(kind: str, arguments: list[list[str]], options: list[str]) -> NumberColumn | None:
    """The column that a letter with its arguments declares; None where it is another package's."""
    if kind in "Ss":
        return NumberColumn(kind, parse_options(options))
    if kind in "nN" and len(arguments) >= 2:
        return NumberColumn(kind)
    if kind == "D" and len(arguments) >= 2:
        separator = "".join(arguments[0]).strip()
        if len(separator) == 1:
            return NumberColumn(kind, separator=separator, printed=arguments[1])
    return None


def number_cell(tex: Stomach, cell: list[str], column: NumberColumn) -> list[str]:
    """The tokens of a cell as TeX sets them."""
    if column.kind == "D":
        return _decimal(cell, column)
    if column.kind == "s":
        return ["\\si", "{", *cell, "}"] if any(t[0] == "\\" for t in cell) and "{" not in cell else cell
    first = next((t for t in cell if t.strip()), "")
    if first[:1] == "\\" and isinstance(macro := tex.defs.get(first), Macro) and not macro.builtin:
        cell = tex.expand_all(cell)
    start, end = _number_in(cell)
    text = "".join(cell[start:end])
    if parse_number(text) is None:
        return cell
    if column.kind == "S":
        formula = number_math(text, _options(tex, column))
    else:
        formula = numprint_printed(text, numprint_options(tex))
    number = [formula] if re.fullmatch(r"[-\d.]+", formula) else ["$", *tokenize(formula), "$"]
    return [*cell[:start], *number, *cell[end:]]


def _options(tex: Stomach, column: NumberColumn) -> Options:
    options = {**settings(tex, "siunitx"), **column.options}
    if "table-auto-round" in options or options.get("table-align-text-post") == "round":
        places = re.match(r"[^.]*(?:\.(\d+))?", options.get("table-format", ""))
        options |= {"round-mode": "places", "round-precision": (places and places[1]) or "0"}
    return options


def _number_in(cell: list[str]) -> tuple[int, int]:
    """Where the number of a cell stands: behind groups and fonts, before what follows it."""
    start = 0
    depth = 0
    while start < len(cell):
        tok = cell[start]
        depth += (tok == "{") - (tok == "}")
        if depth == 0 and tok not in "{}" and (tok[0] != "\\" or tok in _IN_NUMBER) and tok.strip():
            break
        start += 1
    end = start
    while end < len(cell) and (cell[end] in _IN_NUMBER or cell[end] == SPACE or cell[end][0] not in "\\{}$^_&#"):
        end += 1
    if end > start:
        # words behind a number are no part of it: "3.5 mJy"
        last = cell[end - 1]
        found = _NUMBER.match("".join(cell[start:end]))
        if not found and cell[start] not in _IN_NUMBER:
            return start, start
        while end > start + 1 and not last.strip():
            end -= 1
            last = cell[end - 1]
    return start, end


def _decimal(cell: list[str], column: NumberColumn) -> list[str]:
    """`12,3` of `D{,}{\\pm}{-1}` as `12 \\pm 3`, in math as TeX sets it."""
    out: list[str] = []
    depth, found = 0, False
    for tok in cell:
        depth += (tok == "{") - (tok == "}")
        if found or depth or tok[0] == "\\" or column.separator not in tok:
            out.append(tok)
            continue
        before, _, behind = tok.partition(column.separator)
        out += [t for t in (before, *column.printed, behind) if t]
        found = True
    if "$" in cell or (_MATH_SIGNS.isdisjoint(out) and not (found and "".join(column.printed).strip() == "-")):
        return out
    return ["$", *out, "$"]


_MATH_SIGNS = frozenset({"^", "_"}) | {
    "\\" + n for n in ("pm", "mp", "times", "cdot", "sim", "approx", "leq", "le", "geq", "ge", "lesssim", "gtrsim", "infty", "mathrm",
                       "ll", "gg", "circ", "prime", "div", "to", "rightarrow", "equiv", "simeq", "ensuremath")
}  # fmt: skip
"""What a D column's cell needs its math for; words and plain numbers stay text."""
