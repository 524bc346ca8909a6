"""Tables that are read from data: csvsimple, pgfplotstable, datatool's data bases, from files of the paper or from its text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from curation.extract.latex.formulas import NotComputableError
from curation.extract.latex.itemstyle import roman
from curation.extract.latex.lexer import tokenize, untokenize
from curation.extract.latex.loops import MAX_ROUNDS, split_list
from curation.extract.latex.pgf_commands import number_printed

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

Rows = list[dict[str, str]]
_OPTION = re.compile(r"(?:^|,)\s*([a-z /]+?)\s*=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^,]*)")
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "colon": ":", "&": "&", "ampersand": "&"}


def _options(tokens: list[str] | None) -> dict[str, str]:
    text = untokenize(tokens or [])
    return {m[1].strip(): m[2].strip().removeprefix("{").removesuffix("}") for m in _OPTION.finditer(text)}


def parsed(text: str, separator: str) -> Rows:
    """Lines of data below a line of names; a blank as separator stands for any run of them."""
    lines = [line for line in text.splitlines() if line.strip()][: MAX_ROUNDS + 1]
    cells = (
        [line.split() for line in lines]
        if separator == " "
        else list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    )
    if not cells:
        return []
    names = [name.strip() for name in cells[0]]
    return [dict(zip(names, (cell.strip() for cell in row), strict=False)) for row in cells[1:]]


def _file(tex: Stomach, name: str) -> str | None:
    """The text of a file of the paper; one that is not there is noted."""
    found = tex.find_file(name, "any") or tex.find_file(f"{name}.csv", "any")
    if found is None:
        tex.missing_files.append(name)
        return None
    return found[1]


def _filled(tex: Stomach, body: list[str], rows: Iterable[dict[str, str]]) -> list[list[str]]:
    """A body once a row, its commands replaced by what the row holds; as many rows as a macro may make tokens."""
    rounds: list[list[str]] = []
    left = tex.options.max_macro_tokens
    for values in rows:
        out: list[str] = []
        for tok in body:
            out += tokenize(values[tok]) if tok in values else [tok]
            if len(out) > left:
                tex.warn("a table of data is too long")
                return rounds
        left -= len(out)
        rounds.append(out)
    return rounds


def _read(tex: Stomach, rounds: list[list[str]]) -> None:
    tokens = [tok for one in rounds for tok in one]
    tex.spend(len(tokens))
    if not tex.leaves_loops("a loop over data"):
        tex.push(tokens)


def _tabular(tex: Stomach, rows: Rows, cell: dict[str, str] | None = None) -> None:
    """A whole table: names, then rows."""
    if not rows:
        return
    names = list(rows[0])
    lines = [" & ".join(names), *(" & ".join(row.get(name, "") for name in names) for row in rows)]
    source = "\\begin{tabular}{" + "l" * len(names) + "}" + " \\\\ ".join(lines) + " \\\\ \\end{tabular}"
    tex.spend(len(source) // 4)
    tex.push_text(source)


# ---------------------------------------------------------------- csvsimple
def csv_reader(tex: Stomach, name: str) -> None:
    """`\\csvreader[head to column names]{data.csv}{Name=\\n}{\\n: \\csvcolii}`."""
    options = _options(given := tex.read_optional())
    text = _file(tex, tex.read_name())
    assignments, body = tex.read_arg(), tex.read_arg()
    rows = parsed(text or "", _SEPARATORS.get(options.get("separator", "comma"), ","))
    by_name = "head to column names" in untokenize(given or [])
    pairs = [split_list(item, "=") for item in split_list(assignments)]
    values_of: list[dict[str, str]] = []
    for row in rows:
        cells = list(row.values())
        values = {f"\\csvcol{roman(i)}": cell for i, cell in enumerate(cells, 1)}
        if by_name:
            values |= {f"\\{column}": cell for column, cell in row.items() if column.isalpha()}
        for pair in pairs:
            if len(pair) == 2 and pair[1]:
                column = untokenize(pair[0]).strip()
                values[pair[1][0]] = row.get(
                    column, cells[int(column) - 1] if column.isdigit() and 0 < int(column) <= len(cells) else ""
                )
        values_of.append(values)
    rounds = _filled(tex, body, values_of)
    if "tabular" in options:
        head = tokenize(options.get("table head", ""))
        rows_of = [tok for one in rounds for tok in (*one, "\\\\")]
        rounds = [
            [
                "\\begin",
                "{",
                "tabular",
                "}",
                "{",
                *tokenize(options["tabular"]),
                "}",
                *head,
                *rows_of,
                "\\end",
                "{",
                "tabular",
                "}",
            ]
        ]
    _read(tex, rounds)


def csv_table(tex: Stomach, name: str) -> None:
    """`\\csvautotabular{data.csv}`, `\\csvautobooktabular`."""
    options = _options(tex.read_optional())
    text = _file(tex, tex.read_name())
    _tabular(tex, parsed(text or "", _SEPARATORS.get(options.get("separator", "comma"), ",")))


# ---------------------------------------------------------------- pgfplotstable
def pgf_table(tex: Stomach, name: str) -> None:
    """`\\pgfplotstabletypeset[col sep=comma]{data.csv}`, or the data themselves; numbers in pgf's number format."""
    options = _options(tex.read_optional())
    given = untokenize(tex.read_arg()) if tex.pb else _raw_group(tex)
    separator = _SEPARATORS.get(options.get("col sep", ""), " ")
    text = given if "\n" in given.strip() else _file(tex, given.strip())
    rows = parsed(text or "", separator)
    wanted = [column.strip() for column in options.get("columns", "").split(",") if column.strip()]
    if wanted:
        rows = [{column: row.get(column, "") for column in wanted} for row in rows]
    if "string type" not in options:
        rows = [{column: _printed(cell) for column, cell in row.items()} for row in rows]
    _tabular(tex, rows)


def _raw_group(tex: Stomach) -> str:
    """A group as typed: its line ends part the rows."""
    mouth = tex.mouth
    m = re.compile(r"\s*\{((?:[^{}]|\{[^{}]*\})*)\}").match(mouth.src, mouth.pos)
    if m is None:
        return untokenize(tex.read_arg())
    mouth.pos = m.end()
    return m[1]


def _printed(cell: str) -> str:
    try:
        return f"${number_printed(cell, '')}$"
    except NotComputableError:
        return cell


# ---------------------------------------------------------------- datatool
def new_base(tex: Stomach, name: str) -> None:
    """`\\DTLnewdb{stars}`."""
    tex.values[f"data base {tex.read_name()}"] = []


def new_row(tex: Stomach, name: str) -> None:
    """`\\DTLnewrow{stars}`."""
    key = f"data base {tex.read_name()}"
    rows: Rows = tex.values.get(key, [])
    if len(rows) < MAX_ROUNDS:
        tex.values[key] = [*rows, {}]


def new_entry(tex: Stomach, name: str) -> None:
    """`\\DTLnewdbentry{stars}{name}{Vega}`."""
    key = f"data base {tex.read_name()}"
    column, cell = tex.read_name(), untokenize(tex.read_arg())
    rows: Rows = tex.values.get(key, [])
    if rows:
        tex.values[key] = [*rows[:-1], {**rows[-1], column: cell}]


def load_base(tex: Stomach, name: str) -> None:
    """`\\DTLloaddb{stars}{stars.csv}`."""
    tex.read_optional()
    key = f"data base {tex.read_name()}"
    text = _file(tex, tex.read_name())
    tex.values[key] = parsed(text or "", ",")


def for_each(tex: Stomach, name: str) -> None:
    """`\\DTLforeach*[condition]{stars}{\\n=name,\\t=type}{\\n{} is \\t}`; a condition is not judged."""
    tex.read_star()
    if tex.read_optional() is not None:
        tex.warn(f"the condition of {name} is not judged")
    rows: Rows = tex.values.get(f"data base {tex.read_name()}", [])
    pairs = [split_list(item, "=") for item in split_list(tex.read_arg())]
    body = tex.read_arg()
    columns = {pair[0][0]: untokenize(pair[1]).strip() for pair in pairs if len(pair) == 2 and pair[0]}
    _read(tex, _filled(tex, body, ({cs: row.get(column, "") for cs, column in columns.items()} for row in rows)))


def display_base(tex: Stomach, name: str) -> None:
    """`\\DTLdisplaydb{stars}`."""
    tex.read_optional()
    _tabular(tex, tex.values.get(f"data base {tex.read_name()}", []))


DATA_TABLES: dict[str, Entry] = {
    "\\csvreader": csv_reader,
    **dict.fromkeys(
        ("\\csvautotabular", "\\csvautobooktabular", "\\csvautolongtable", "\\csvautobooklongtable"), csv_table
    ),
    "\\pgfplotstabletypeset": pgf_table,
    "\\DTLnewdb": new_base,
    "\\DTLnewrow": new_row,
    "\\DTLnewdbentry": new_entry,
    **dict.fromkeys(("\\DTLloaddb", "\\DTLloadrawdb"), load_base),
    "\\DTLforeach": for_each,
    **dict.fromkeys(("\\DTLdisplaydb", "\\DTLdisplaylongdb"), display_base),
}
