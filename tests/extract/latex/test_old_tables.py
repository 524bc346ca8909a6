"""Tables of plain TeX, supertabular and ctable, as TeX prints them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        (
            r"\vbox{\tabskip=3pt plus 1fil\halign to 12cm{#\hfil&\hfil#\tabskip=0pt\cr Star&Mass\cr A&5\cr}}",
            ["| Star | Mass |", "| A | 5 |"],
        ),
        (r"\halign{\quad#&\vrule height 9pt#\strut\cr Star&Mass\cr\noalign{\hrule\vskip 3pt}A&5\crcr}", ["| Star | Mass |", "| A | 5 |"]),
        (r"$$\vbox{\halign{#\hfil&\quad$#$\cr x&\alpha_1\cr y&\beta\cr}}$$", [r"| x | $\alpha_1$ |", r"| y | $\beta$ |"]),
        (r"\halign{#&#&#\cr\multispan2 both\hfil&c\cr 1&2&3\cr}", ["| both |  | c |", "| 1 | 2 | 3 |"]),
        (r"\halign{#&&\quad#\hfil\cr a&b&c\cr 1&2&3\cr}", ["| a | b | c |", "| 1 | 2 | 3 |"]),
        (r"\halign{(#)&#\cr\omit a&b\cr 1&2\cr}", ["| a | b |", "| (1) | 2 |"]),
        ("\\settabs 2\\columns\n\\+ a & b \\cr\n\\+ 1 & 2 \\cr", ["| a | b |", "| 1 | 2 |"]),
        ("\\settabs\\+ wide & words\\cr\n\\+ a & b \\cr\n\\+ 1 & 2 \\cr", ["| a | b |", "| 1 | 2 |"]),
    ],
)  # fmt: skip
def test_alignments_of_plain_tex(body: Body, source: str, rows: list[str]) -> None:
    assert body(source) == f"{rows[0]}\n|{' --- |' * (rows[0].count('|') - 1)}\n{rows[1]}"


def test_a_supertabular_has_its_declared_head_and_last_tail_once(body: Body) -> None:
    text = body(
        r"\tablefirsthead{\hline Star & Mass\\ \hline}\tablehead{\multicolumn{2}{l}{from the last page}\\ Star & Mass\\}"
        r"\tabletail{\multicolumn{2}{r}{on the next page}\\}\tablelasttail{\hline mean & 4\\}\topcaption{Masses.}"
        r"\begin{supertabular}{lr} A & 5\\ B & 3\\ \end{supertabular}",
        preamble=r"\usepackage{supertabular}",
    )
    assert text == ("**Table 1.** Masses.\n\n| Star | Mass |\n| --- | --- |\n| A | 5 |\n| B | 3 |\n| mean | 4 |")


def test_bottom_captions_are_of_tables(body: Body) -> None:
    assert "**Table 1.** Below." in body(r"\bottomcaption{Below.}\begin{xtabular}{ll}a & b\\ c & d\\ \end{xtabular}")


def test_ctable(body: Body) -> None:
    text = body(
        r"\ctable[caption = {Masses, and errors}, label = m, star]{lr}{\tnote{of the Sun}\tnote[b]{guessed}}"
        r"{\FL Star & Mass\tmark[a] \ML A & 5\NN B & 3\tmark[b] \LL} See \ref{m}.",
        preamble=r"\usepackage{ctable}",
    )
    assert text == (
        "**Table 1.** Masses, and errors\n\n| Star | Mass$^{a}$ |\n| --- | --- |\n| A | 5 |\n| B | 3$^{b}$ |"
        "\n\na: of the Sun\n\nb: guessed\n\nSee 1."
    )
