"""Names that papers and their bibliographies make anew: accents of boxes, references, hooks of tables, algorithms of algorithm2e."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]
BAR = r"""\makeatletter
\newcommand*\onesign[3]{\setbox0\hbox{${\mathaccent"0362{#1}}^H$}\setbox2\hbox{$#1$}\ifdim\ht0=\ht2 #3\else #2\fi}
\newcommand*\longbar[1]{\onesign{#1}{\@bar{#1}{1}}{\@bar{#1}{2}}}
\newcommand*\@bar[2]{\begingroup\def\mathaccent##1##2{\setbox\z@\hbox{$\macc@style{\macc@nucleus}_{}$}%
\if#21 \overline{\kern\dimen@\macc@nucleus}\else\overline{#1}\fi}\macc@depth\@ne\let\math@bgroup\@empty
\frozen@everymath{\mathgroup\macc@group\relax}\macc@set@skewchar\relax\let\mathaccentV\macc@nested@a
\macc@nested@a\relax111{#1}\endgroup}
\makeatother"""
URLS = r"""\makeatletter
\def\mn@urlcharsother{\let\do\@makeother \do\$\do\&\do\#\do\^\do\_\do\%\do\~}
\def\mn@doi{\begingroup\mn@urlcharsother \@ifnextchar [ {\mn@doi@}{\mn@doi@[]}}
\def\mn@doi@[#1]#2{\def\@tempa{#1}\ifx\@tempa\@empty \href{https://doi.org/#2} {doi:#2}\else \href{https://doi.org/#2} {#1}\fi\endgroup}"""


def test_a_bar_that_measures_its_argument_is_a_bar(body: Body) -> None:
    text = body(r"The mean $\longbar{J}_t$ of $x$.", preamble=r"\usepackage{amsmath}" + BAR)
    assert text == r"The mean $\overline{J}_t$ of $x$."


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r'\mathaccent"0362{J}', r"\widehat{J}"),
        (r'\mathaccent"7016 x', r"\bar x"),
        (r'\mathaccent"017E{v}', r"\vec{v}"),
        (r'\mathaccent"707E{v}', r"\tilde{v}"),
        (r'\mathaccent"0401{v}', r"{v}"),
        (r"\setbox0\hbox{$ab$}y", "y"),
    ],
)
def test_accents_by_their_codes_and_boxes_that_are_only_measured(body: Body, tex: str, shown: str) -> None:
    assert body(f"So ${tex}$.") == f"So ${shown}$."


def test_journals_of_mnras_stand_alone_in_references(paper: Paper) -> None:
    entries = (
        r"\bibitem[\protect\citeauthoryear{Amadi}{Amadi}{2021}]{a} Amadi O., 2021, \mn@doi [Sky \& Sea] {10.1093/a_b}, 5, 8"
        "\n"
        r"\bibitem[\protect\citeauthoryear{Berg}{Berg}{2022}]{b} Berg L., 2022, \mn@doi {10.1093/c_d}"
    )
    made = paper(rf"As \cite{{a}}. \begin{{thebibliography}}{{}}{URLS}" + "\n" + entries + r"\end{thebibliography}")
    assert "2021, Sky & Sea, 5, 8" in (made.references or "") and "2022, doi:10.1093/c_d" in (made.references or "")
    assert not made.warnings


@pytest.mark.parametrize(
    ("preamble", "call", "printed"),
    [
        ("", r"\ref{eq:g(n,e)}", "1"),
        ("", r"\eqref{eq:g(n,e)}", "(1)"),
        ("", r"\ref{eq:g(n,e),eq:two}", "??, ??, 2"),
        (r"\renewcommand{\eqref}[1]{\ref{eq:#1}}", r"\eqref{two}", "2"),
        (r"\renewcommand{\eqref}[1]{Eq.~(\ref{eq:#1})}", r"\eqref{two}", "Eq. (2)"),
        (r"\let\old\eqref\renewcommand{\eqref}[1]{Eq.~\old{#1}}", r"\eqref{eq:two}", "Eq. (2)"),
        (r"\makeatletter\renewcommand\eqref[1]{\textup{\tagform@{\ref{#1}}}}", r"\eqref{eq:two}", "(2)"),
    ],
)
def test_labels_with_commas_and_references_that_the_paper_makes_anew(
    body: Body, preamble: str, call: str, printed: str
) -> None:
    rows = r"\begin{equation}\label{eq:g(n,e)}x\end{equation}\begin{equation}\label{eq:two}y\end{equation}"
    assert body(rows + f"See {call}.", preamble=r"\usepackage{amsmath}" + preamble).endswith(f"See {printed}.")


def test_what_is_hung_on_a_table_is_no_column_of_it(body: Body) -> None:
    preamble = r"\usepackage{etoolbox}\newcounter{row}\AtBeginEnvironment{tabular}{\small\bfseries\setcounter{row}{7}}"
    text = body(r"\begin{tabular}{l|p{3cm}}a & b\\ c & d\end{tabular} So \therow.", preamble=preamble)
    assert text.endswith("| a | b |\n| --- | --- |\n| c | d |\n\nSo 7.")


def test_settings_of_floatrow_print_nothing(body: Body) -> None:
    assert body(r"\floatsetup[table]{capposition=top}\thisfloatsetup{capposition=top}Shown.") == "Shown."


def test_an_algorithm_without_ends_of_statements(body: Body) -> None:
    source = (
        r"\begin{algorithm}\SetKwFunction{Fit}{Fit}\SetKwFunction{Mean}{Mean}\SetKwInOut{Given}{Given}\Given{$z$}"
        r"$x$ \Fit{$x$} \tcp*{note}\If{\Mean holds}{go on \tcp{two}}\end{algorithm}"
    )
    lines = body(source, preamble=r"\usepackage{algorithm2e}").splitlines()
    assert [line for line in lines if line and "`" not in line] == [
        "Given: $z$",
        "$x$ Fit($x$) // note",
        "if Mean holds then",
        "    go on // two",
    ]
