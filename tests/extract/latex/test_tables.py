"""Tables as rows of pipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


def test_tabular(body: Body) -> None:
    text = body(
        r"\begin{table}\caption{Things}\begin{tabular}{l|cc@{}}\hline Name & $x$ & y \\[2pt] \hline\hline"
        r" A & 1 & 2\\ B & $-3$ & 4 \\ \hline\end{tabular}\end{table}"
    )
    assert text == "**Table 1.** Things\n\n| Name | $x$ | y |\n| --- | --- | --- |\n| A | 1 | 2 |\n| B | $-3$ | 4 |"


def test_multicolumn_and_multirow(body: Body) -> None:
    text = body(
        r"\begin{tabular}{lcc}\multicolumn{2}{c}{Wide} & z\\\multirow{2}{*}{Tall} & 1 & 2\\ & 3 & 4\\\cline{2-3}\end{tabular}"
    )
    assert text == "| Wide |  | z |\n| --- | --- | --- |\n| Tall | 1 | 2 |\n|  | 3 | 4 |"


def test_tabularx_star_and_longtable(body: Body) -> None:
    assert "| a | b |" in body(r"\begin{tabularx}{\textwidth}{XX}a & b\\c & d\end{tabularx}")
    assert "| a | b |" in body(r"\begin{tabular*}{5cm}[t]{ll}a & b\\c & d\end{tabular*}")
    text = body(
        r"\begin{longtable}{ll}\caption{Long}\\ H1 & H2\\\endfirsthead H1 & H2\\\endhead more\\\endfoot a & b\\c & d\end{longtable}"
    )
    assert text.count("| H1 | H2 |") == 1 and "| c | d |" in text and "**Table 1.** Long" in text


def test_deluxetable(body: Body) -> None:
    text = body(
        r"\begin{deluxetable*}{lcc}\tablecaption{Stars\label{t}}\tablewidth{0pt}\tablehead{\colhead{Name} &"
        r"\colhead{Mag\tablenotemark{a}} & \colhead{Note}\\ & (mag) & }\startdata A & 12.3 & \nodata \\ B & 1.5\tablenotemark{b} & x"
        r"\enddata\tablenotetext{a}{Vega.}\tablecomments{All good.}\tablerefs{(1) Me.}\end{deluxetable*}"
    )
    assert text.startswith("**Table 1.** Stars\n\n| Name | Mag$^{a}$ | Note |")
    assert "| A | 12.3 | ... |" in text and "| B | 1.5$^{b}$ | x |" in text
    assert "a: Vega." in text and "Note: All good." in text and "References: (1) Me." in text


def test_bar_in_a_cell_is_escaped(body: Body) -> None:
    text = body(r"\begin{tabular}{ll}$|x|$ & a\\ b & c\end{tabular}")
    assert r"| $\vert x\vert $ | a |" in text


def test_nested_tabular_stays_in_its_cell(body: Body) -> None:
    assert "| top bottom | x |" in body(
        r"\begin{tabular}{ll}\begin{tabular}{c}top\\bottom\end{tabular} & x\\ y & z\end{tabular}"
    )


def test_table_is_counted(paper: Paper) -> None:
    result = paper(r"\begin{tabular}{ll}a & b\\ c & d\end{tabular}\begin{equation}x\end{equation}")
    assert result.n_tables == 1 and result.n_equations == 1


def test_a_decimal_column_of_aastex_is_one_column_under_its_head(body: Body) -> None:
    text = body(
        r"\begin{deluxetable}{lDr}\tablehead{\colhead{Name} & \multicolumn2c{Distance} & \colhead{V}}"
        r"\startdata A & 2.5 & 8 \\ B & 11.5 & 9 \enddata\end{deluxetable}"
    )
    assert "| Name | Distance | V |" in text and "| A | 2.5 | 8 |" in text
    spread = body(r"\begin{tabular}{lD{.}{.}{2}c} a & \multicolumn{2}{c}{both}\\ 1 & 2 & 3\\\end{tabular}")
    assert "| a | both |  |" in spread


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (r"{r@{.}l l} 22&75 & a\\ 3&5 & b", "| 22.75 | a |"),
        (r"{l r@{$\pm$}l} a & 4&1\\ b & 3&2", r"| a | 4$\pm$1 |"),
        (r"{>{$}l<{$} c} x^2 & a\\ \alpha & b", "| $x^2$ | a |"),
        (r"{>{$}l<{$} c}\hline \multicolumn{1}{c}{Name} & a\\ x & b", "| Name | a |"),
        (r"{l*{2}{r@{\,--\,}l}} a & 1&2 & 3&4\\ b & 1&2 & 3&4", "| a | 1–2 | 3–4 |"),
        (r"{@{}l@{\hspace*{50pt}}r!{\vrule width 1pt}c@{}} a & 1 & 2\\ b & 3 & 4", "| a | 1 | 2 |"),
    ],
)
def test_what_the_preamble_prints_is_printed(body: Body, table: str, row: str) -> None:
    assert row in body(r"\begin{tabular}" + table + r"\end{tabular}")


def test_a_new_column_type_is_its_definition(body: Body) -> None:
    preamble = r"\newcolumntype{L}{>{$}l<{$}}\newcolumntype{P}[1]{>{\centering}p{#1}}"
    text = body(r"\begin{tabular}{LP{2cm}} x_1 & words\\ x_2 & more\end{tabular}", preamble=preamble)
    assert "| $x_1$ | words |" in text


def test_tabs_of_tabbing_part_cells(body: Body) -> None:
    text = body(r"\begin{tabbing}wide \= wide \kill one \> 1.5\\ two \> 2\end{tabbing} Then \=a.")
    assert "| one | 1.5 |" in text and "wide" not in text and "Then ā." in text


def test_the_mark_of_a_note_stays_in_its_cell(body: Body) -> None:
    text = body(r"\begin{tabular}{ll}a\footnotemark[7] & b\\ c & d\end{tabular}\footnotetext[7]{Below.}")
    assert "| a$^{7}$ | b |" in text and "\n\n7: Below." in text


def test_rules_in_cells_print_nothing(body: Body) -> None:
    assert "| a | b |" in body(r"\begin{tabular}{ll}a\vrule height 12pt depth 4pt width 0pt & b\\ c & d\end{tabular}")


@pytest.mark.parametrize(
    ("spec", "rows", "cells"),
    [
        ("lr@{.}l", r"a & 12 & 5 \\ b & 3 & 25", ["12.5", "3.25"]),
        ("r@{:}r@{:}l", r"12 & 30 & 45.6 \\ 1 & 02 & 03.5 \\", ["12:30:45.6", "1:02:03.5"]),
        ("lr@{.}l", r"a & & 5 \\ b & 3 & ", [".5", "3."]),
        ("lr@{.}l@{$\\pm$}r@{.}l", r"a & 1 & 25 & 0 & 05 \\ b & 3 & 5 & 1 & 2", [r"1.25$\pm$0.05", r"3.5$\pm$1.2"]),
        ("lr@{}l", r"a & 12 & .5 \\ b & 3 & .25", ["12.5", "3.25"]),
        ("ll@{}l", r"a & $-$ & 5 \\ b & & 7", ["$-$5", "| 7 |"]),
        ("l@{}l", r"M & 31 \\ N & 7", ["| M | 31 |", "| N | 7 |"]),
        ("lr@{\\%}", r"a & 12 \\ b & 3", ["12%", "3%"]),
        ("@{(}r@{)}l", r"12 & x \\ 3 & y", ["(12)", "(3)"]),
        ("l@{\\hspace{1em}}r@{\\quad}r", r"a & 12 & 5 \\ b & 3 & 4", ["| a | 12 | 5 |", "| b | 3 | 4 |"]),
        ("lr@{.}l", r"a & \multicolumn{2}{c}{none} \\ b & 3 & 25", ["none", "3.25"]),
    ],
)
def test_material_between_columns_makes_one_number(body: Body, spec: str, rows: str, cells: list[str]) -> None:
    text = body(rf"\begin{{tabular}}{{{spec}}}{rows}\end{{tabular}}")
    first, _, second = text.split("\n")
    assert cells[0] in first and cells[1] in second


def test_cells_of_makecell_and_rules_of_hhline(body: Body) -> None:
    text = body(
        r"\begin{tabular}{|l|l|}\hhline{|=|=|}a & \makecell*[r]{Right\\text}\\ \Xhline{2pt} \multirowcell{2}{MR\\x} & 4\\\Xcline{1-2}{1pt}"
        r"\multirowthead{2}{H\\K} & 5\end{tabular}"
    )
    assert text == "| a | Right text |\n| --- | --- |\n| MR x | 4 |\n| H K | 5 |"


AFTER = r"\begin{table}\caption{Next\label{n}}\begin{tabular}{ll}x & 8\\ y & 9\end{tabular}\end{table}\ref{n}"
ROWS = "| H | K |\n| --- | --- |\n| a | 1 |\n| b | 2 |"


@pytest.mark.parametrize(
    ("parts", "caption", "rows"),
    [
        (
            r"\caption{Long\label{l}}\\ H & K\\\endfirsthead \multicolumn{2}{c}{\tablename\ \thetable{} -- continued}\\ H & K\\\endhead"
            r"\multicolumn{2}{r}{Continued on next page}\\\endfoot \multicolumn{2}{l}{Sums agree.}\\\endlastfoot",
            "**Table 1.** Long\n\n",
            ROWS + "\n| Sums agree. |  |",
        ),
        (
            r"\caption{Long\label{l}}\\ H & K\\\endfirsthead\caption[]{(continued)}\\ H & K\\\endhead",
            "**Table 1.** Long\n\n",
            ROWS,
        ),
        (r"\caption{Long}\label{l}\\ H & K\\\endhead Continued\\\endfoot", "**Table 1.** Long\n\n", ROWS),
        (r"\label{l} H & K\\\endhead Sums agree.\\\endfoot", "", ROWS + "\n| Sums agree. |  |"),
        (r"\caption*{Free}\\ H & K\\\endhead", "Free\n\n", ROWS),
    ],
)
def test_a_longtable_has_one_head_its_last_foot_and_a_number(body: Body, parts: str, caption: str, rows: str) -> None:
    """As TeX prints it on one page; the table counts with a caption or without."""
    text = body(rf"\begin{{longtable}}{{ll}}{parts} a & 1\\ b & 2\\\end{{longtable}}{AFTER}")
    assert text == f"{caption}{rows}\n\n**Table 2.** Next\n\n| x | 8 |\n| --- | --- |\n| y | 9 |\n\n2"


def test_a_label_of_a_longtable_needs_no_caption(body: Body) -> None:
    for head in (r"\caption{Long\label{l}}\\", r"\caption{Long}\label{l}\\", r"\label{l}"):
        assert body(rf"\begin{{longtable}}{{ll}}{head} a & 1\\ b & 2\\\end{{longtable}}See \ref{{l}}.").endswith(
            "See 1."
        )


def test_a_longtable_takes_no_head_of_the_one_before(body: Body) -> None:
    one = r"\begin{longtable}{ll}A & B\\\endhead c & 1\\\end{longtable}"
    other = r"\begin{longtable}{ll}C & D\\\endhead d & 2\\\end{longtable}"
    assert body(one + other).endswith("| C | D |\n| --- | --- |\n| d | 2 |")


def test_numbers_of_deluxetables_are_given_by_hand(body: Body) -> None:
    text = body(
        r"\begin{deluxetable}{lc}\tablenum{2A}\tablecaption{Cap\label{d}}\tablehead{\colhead{N}&\colhead{V}}\startdata a & 1.5\\ b & 2"
        r"\enddata\end{deluxetable}\ref{d}"
    )
    assert text.startswith("**Table 2A.** Cap") and text.endswith("2A")


@pytest.mark.parametrize(
    "colour",
    [
        r"\rowcolor[gray]{.7}",
        r"\rowcolor{cyan}[3pt][\tabcolsep] ",
        r"\cmidrule(lr){1-2}",
        r"\midrule[2pt]",
        r"\bottomrule[\heavyrulewidth]",
    ],
)
def test_colours_and_rules_with_options_are_no_text_of_a_dressed_cell(body: Callable[..., str], colour: str) -> None:
    text = body(
        rf"\begin{{tabular}}{{>{{$}}l<{{$}}>{{\columncolor{{red}}[.4\tabcolsep][2pt]}}c}}x&y\\{colour}u & v\end{{tabular}}",
        preamble=r"\usepackage{booktabs,colortbl}",
    )
    assert text == "| $x$ | y |\n| --- | --- |\n| $u$ | v |"


def test_dots_of_a_column_stay(body: Callable[..., str]) -> None:
    assert body(r"\begin{tabular}{ll}1&\vdots\\\vdots&2\end{tabular}") == "| 1 | ⋮ |\n| --- | --- |\n| ⋮ | 2 |"


def test_the_width_of_a_rule_is_no_text(body: Callable[..., str]) -> None:
    text = body(
        r"\begin{tabular}{ll}\toprule[1.4pt] x&y\\\midrule[\lightrulewidth]u&v\\\bottomrule[1.4pt]\end{tabular}",
        preamble=r"\usepackage{booktabs}",
    )
    assert text == "| x | y |\n| --- | --- |\n| u | v |"


def test_a_head_of_a_long_table_may_lack_its_row_end(body: Callable[..., str]) -> None:
    rows = r"\multicolumn{1}{c}{A} & B \endfirsthead A & B again \endhead next page & \endfoot x & y \\ z & w"
    assert body(rf"\begin{{longtable}}{{ll}}{rows}\end{{longtable}}").startswith("| A | B |\n| --- | --- |\n| x | y |")
