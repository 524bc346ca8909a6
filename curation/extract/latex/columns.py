"""The preamble of a table: what `r@{.}l`, `>{$}c<{$}` and `*{3}{D{.}{.}{2}}` print beside the cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, SPACE, with_depth
from curation.extract.latex.number_cells import NumberColumn, number_cell, read_column

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

MAX_COLUMNS = 200
_MAX_CELL_TOKENS = 2_000

ColumnTypes = Mapping[str, tuple[int, list[str]]]
"""Letter of a `\\newcolumntype` -> number of its arguments, its definition."""


@dataclass
class Preamble:
    """What TeX sets around the cells of each column.

    Args:
        before, after: tokens of `>{..}` and `<{..}` by column, where they print something.
        gaps: tokens of `@{..}` and `!{..}` by the column that they follow (-1: before the first), where they may print something.
        joints: columns that `@{}` sets against the next one without a gap.
        count: columns.
        numbers: columns whose cells are read as numbers.
        decimals: columns of AASTeX's type `D`, which TeX sets as two: their heads span two, a row has one `&`.
    """

    before: dict[int, list[str]] = field(default_factory=dict)
    after: dict[int, list[str]] = field(default_factory=dict)
    gaps: dict[int, list[str]] = field(default_factory=dict)
    joints: set[int] = field(default_factory=set)
    count: int = 0
    numbers: dict[int, NumberColumn] = field(default_factory=dict)
    decimals: frozenset[int] = frozenset()

    def wraps(self, column: int) -> bool:
        return column in self.before or column in self.after or column in self.numbers


def _atoms(tokens: list[str]) -> list[str | list[str]]:
    """Characters, control sequences, and groups as lists of their tokens."""
    out: list[str | list[str]] = []
    group: list[str] = []
    for tok, depth in with_depth(tokens):
        if tok == "{" and depth == 1:
            group = []
        elif tok == "}" and depth == 1:
            out.append(group)
        elif depth > 0:
            group.append(tok)
        elif tok[0] == "\\":
            out.append(tok)
        else:
            out.extend(c for c in tok if not c.isspace())
    return out


_SPACING = frozenset(
    "\\" + n
    for n in ("hspace", "extracolsep", "hskip", "kern", "color", "columncolor", "cellcolor", "rule", "fill", "hfill", "hfil", "hss",
              "vline", "vrule", "quad", "qquad", "enspace", "enskip", "thinspace", ",", ";", ":", "!", " ", "/", "space", "tabcolsep",
              "raggedright", "raggedleft", "centering", "arraybackslash", "bfseries", "itshape", "ttfamily", "rmfamily", "sffamily",
              "scshape", "bf", "it", "rm", "tt", "sf", "em", "small", "footnotesize", "scriptsize", "tiny", "normalsize", "large",
              "null", "relax", "strut", "hphantom", "phantom", "vphantom", "smash", "linewidth", "textwidth", "columnwidth", "noindent",
              "ignorespaces", "unskip", "mathstrut", "boldmath", "selectfont", "arrayrulecolor", "setlength", "protect")
)  # fmt: skip
"""What between columns is space, rule, colour or font."""
_SIGNS = frozenset(
    "\\" + n for n in ("pm", "mp", "times", "cdot", "ldots", "dots", "ensuremath", "%", "#", "&", "$", "_", "{", "}")
)
_WITH_LENGTH = frozenset({"\\hskip", "\\vrule", "\\kern", "\\rule"})


def _prints(tokens: list[str], *, any_command: bool = False) -> bool:
    """Whether material between columns is more than space, rules and fonts: a sign, a dot, a dollar.

    Args:
        any_command: a command that is none of `_SPACING` may print, too: what it gives tells.
    """
    depth_of_argument = 0
    skip_next_group = False
    for tok in tokens:
        if tok == "{":
            depth_of_argument += 1 if skip_next_group or depth_of_argument else 0
            skip_next_group = False
        elif tok == "}":
            depth_of_argument = max(0, depth_of_argument - 1)
        elif depth_of_argument or (skip_next_group and tok == "*"):
            continue
        elif tok[0] == "\\":
            if tok in _SIGNS or (any_command and tok not in _SPACING):
                return True
            if tok in _WITH_LENGTH:
                return False
            skip_next_group = tok in _SPACING
        elif tok == "$" or any(not c.isspace() and c not in "~|" for c in tok):
            return True
    return False


def parse_preamble(tokens: list[str], types: ColumnTypes) -> Preamble:
    """Read `lr@{.}l>{$}c<{$}|*{2}{p{3cm}}`."""
    queue = _atoms(tokens)[::-1]
    found = Preamble()
    decimals: set[int] = set()
    waiting: list[str] = []
    column, steps = -1, 0
    while queue and column < MAX_COLUMNS and steps < 2_000:
        steps += 1
        atom = queue.pop()
        if isinstance(atom, list) or atom[0] == "\\":
            continue
        if atom in "@!><":
            group = queue.pop() if queue and isinstance(queue[-1], list) else []
            if not isinstance(group, list):
                continue
            if atom in "@!":
                if _prints(group, any_command=True):
                    found.gaps[column] = found.gaps.get(column, []) + group
                elif atom == "@" and not group:
                    found.joints.add(column)
            elif not _prints(group):
                continue
            elif atom == ">":
                waiting = group + waiting
            else:
                found.after[column] = group + found.after.get(column, [])
        elif atom == "*":
            count, spec = (queue.pop() if queue and isinstance(queue[-1], list) else [] for _ in range(2))
            times = "".join(count)
            if isinstance(spec, list) and times.isdigit():
                queue.extend((_atoms(spec) * min(int(times), MAX_COLUMNS))[::-1][-2_000:])
        elif atom in types:
            n, body = types[atom]
            arguments: list[list[str]] = []
            while len(arguments) < n and queue and isinstance(queue[-1], list):
                arguments.append(queue.pop())  # type: ignore[arg-type]
            queue.extend(_atoms(_filled(body, arguments))[::-1])
        elif atom.isalpha() and atom != "B":
            column += 1
            if waiting:
                found.before[column], waiting = waiting, []
            if atom == "D" and not (queue and isinstance(queue[-1], list)):
                decimals.add(column)
            options, given = _column_arguments(queue)
            number = read_column(atom, given, options) if atom in "SsDnN" else None
            if number is not None:
                found.numbers[column] = number
    found.decimals = frozenset(decimals)
    found.count = column + 1
    return found


def _filled(body: list[str], arguments: list[list[str]]) -> list[str]:
    out: list[str] = []
    for tok in body:
        if len(tok) == 2 and tok[0] == "#" and tok[1].isdigit():
            n = int(tok[1])
            out.extend(arguments[n - 1] if 0 < n <= len(arguments) else [])
        else:
            out.append(tok)
    return out


def _column_arguments(queue: list[str | list[str]]) -> tuple[list[str], list[list[str]]]:
    """`{3cm}` of `p`, `{.}{.}{2}` or `..{2}` of `D`, `[table-format=1.2]` of `S`: options and arguments."""
    options: list[str] = []
    if queue and queue[-1] == "[":
        queue.pop()
        while queue and (piece := queue.pop()) != "]":
            options += ["{", *piece, "}"] if isinstance(piece, list) else [piece]
    given: list[list[str]] = []
    while queue and isinstance(queue[-1], list):
        given.append(queue.pop())  # type: ignore[arg-type]
    return options, given


_RULES = frozenset(
    "\\" + n
    for n in ("hline", "toprule", "midrule", "bottomrule", "firsthline", "lasthline", "cline", "cmidrule", "noalign", "hhline", "Xhline", "Xcline",
              "addlinespace", "endhead", "endfirsthead", "endfoot", "endlastfoot", "startdata", "rowcolor", "specialrule")
)  # fmt: skip
# what may open an argument of a rule beside a brace; text may follow `\\hline` in brackets
_OPENS = {
    "\\rowcolor": "{[",
    "\\cmidrule": "{[(",
    "\\toprule": "{[",
    "\\midrule": "{[",
    "\\bottomrule": "{[",
    "\\addlinespace": "{[",
}
_OWN_LAYOUT = frozenset({"\\multicolumn", "\\omit", "\\caption", "\\label", "\\enddata", "\\tablehead", "\\multirow"})


def open_cell(tex: Stomach, preamble: Preamble, column: int) -> None:
    """Set `>{..}` and `<{..}` of the column around the cell that comes, as TeX does unless the cell is a \\multicolumn."""
    if not preamble.wraps(column):
        return
    cell: list[str] = []
    depth = 0
    while len(cell) < _MAX_CELL_TOKENS:
        tok = tex.next()
        if tok in ("{", "\\begin"):
            depth += 1
        elif tok == "}" or (tok == "\\end" and depth > 0):
            depth -= 1
        elif tok == END or (depth <= 0 and tok in ("&", "\\\\", "\\end", "\\tabularnewline", "\\cr", "\\nl")):
            tex.pb.append(tok)
            break
        cell.append(tok)
    tex.push(_wrapped(tex, cell, preamble, column))


def _wrapped(tex: Stomach, cell: list[str], preamble: Preamble, column: int) -> list[str]:
    before, after = preamble.before.get(column, []), preamble.after.get(column, [])
    if not _OWN_LAYOUT.isdisjoint(cell) or ("$" in cell and "$" in before + after):
        return cell
    start = 0
    while start < len(cell) and (cell[start] in _RULES or not cell[start].strip() or cell[start] == "\\par"):
        rule = cell[start]
        start += 1
        while rule in _RULES and start < len(cell) and cell[start][0] in _OPENS.get(rule, "{"):
            start = _behind_argument(cell, start)
    if not any(t.strip() for t in cell[start:]):
        return cell
    content = _stripped(cell[start:])
    if column in preamble.numbers:
        content = number_cell(tex, content, preamble.numbers[column])
    return [*cell[:start], *before, *content, *after]


def _behind_argument(cell: list[str], start: int) -> int:
    """Where the tokens go on behind the argument that opens at `start`; a token that goes on behind it is cut in two."""
    close = {"{": "}", "[": "]", "(": ")"}[cell[start][0]]
    for i in range(start, len(cell)):
        if close in cell[i]:
            head, _, rest = cell[i].partition(close)
            cell[i : i + 1] = [head + close, *([rest] if rest else [])]
            return i + 1
    return len(cell)


def _stripped(tokens: list[str]) -> list[str]:
    """A cell without the blanks at its ends, which TeX does not set."""
    tokens = [tokens[0].lstrip(" \t\n") or SPACE, *tokens[1:]] if tokens else tokens
    if tokens and tokens[-1][0] != "\\":
        tokens = [*tokens[:-1], tokens[-1].rstrip(" \t\n") or SPACE]
    while tokens and tokens[0] == SPACE:
        tokens = tokens[1:]
    while tokens and tokens[-1] == SPACE:
        tokens = tokens[:-1]
    return tokens


def newcolumntype(tex: Stomach, name: str) -> None:
    """`\\newcolumntype{L}[1]{>{$}p{#1}<{$}}` (array)."""
    letter = tex.read_name()
    count = "".join(tex.read_optional() or []).strip()
    body = tex.read_arg()
    if len(letter) == 1:
        tex.column_types[letter] = (int(count) if count.isdigit() else 0, body)
