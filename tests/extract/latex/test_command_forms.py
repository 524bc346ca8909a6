"""Displays and other environments by whatever name the author gave them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Body = Callable[..., str]

PAIR = "$$\n\\begin{aligned}\nu&= v \\\\\nw&= z\n\\end{aligned}\n$$"
ONE = "$$\nu=v\n$$"


@pytest.mark.parametrize(
    ("preamble", "source", "expected"),
    [
        (r"\let\bq\equation\let\eq\endequation", r"\bq u=v\eq", ONE),
        (r"\def\bq{\equation}\def\eq{\endequation}", r"\bq u=v\eq", ONE),
        (r"\newcommand{\ba}{\eqnarray}\newcommand{\ea}{\endeqnarray}", r"\ba u&=&v\\w&=&z\ea", PAIR),
        (r"\let\ba=\eqnarray\let\ea=\endeqnarray", r"\ba u&=&v\\w&=&z\ea", PAIR),
        (r"\newenvironment{pair}{\eqnarray}{\endeqnarray}", r"\begin{pair} u&=&v\\w&=&z\end{pair}", PAIR),
        (r"\let\disp\displaymath\let\enddisp\enddisplaymath", r"\begin{disp} u=v\end{disp}", ONE),
        (
            r"\expandafter\let\expandafter\bs\csname equation*\endcsname"
            r"\expandafter\let\expandafter\es\csname endequation*\endcsname",
            r"\bs u=v\es",
            ONE,
        ),
        (r"\let\[\equation\let\]\endequation", r"\[ u=v \]", ONE),
    ],
)
def test_a_display_under_a_name_of_its_own(body: Body, preamble: str, source: str, expected: str) -> None:
    assert body(f"We have {source} and more.", preamble=preamble) == f"We have\n\n{expected}\n\nand more."


def test_a_label_of_a_display_under_a_name_of_its_own(body: Body) -> None:
    preamble = r"\newenvironment{sys}[1]{\align\label{#1}}{\endalign}"
    assert body(r"\begin{sys}{k} u&= v\\w&= z\end{sys} See \ref{k}.", preamble=preamble) == f"{PAIR}\n\nSee 1."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"$$\align u&=v\\w&=z\endalign$$", r"\begin{aligned}u&=v\\w&=z\end{aligned}"),
        (r"$$\matrix 1&2\\3&4\endmatrix$$", r"\begin{matrix}1&2\\3&4\end{matrix}"),
        (r"$$h=\cases 5 & u\\ 6 & v\endcases$$", r"h=\begin{cases}5 & u\\ 6 & v\end{cases}"),
        (r"$$h=\cases{5&if $u$\cr 6&else\cr}$$", r"h=\begin{cases}5&if u\\6&else\end{cases}"),
    ],
)
def test_environments_of_amstex(body: Body, source: str, expected: str) -> None:
    assert body(source) == f"$$\n{expected}\n$$"


def test_cases_keep_what_stands_before_their_brace(body: Body) -> None:
    text = body(
        r"\begin{numcases}{h(u)=} 0 & for $u<0$,\label{n}\\ u & otherwise.\label{o}\end{numcases} See \ref{n}, \ref{o};"
        r"\begin{subnumcases}{\label{w}k=} 1 & now\label{a}\\ 2 & then\label{b}\end{subnumcases} \ref{w}, \ref{a}, \ref{b}."
    )
    assert "h(u)= \\begin{cases}\n0 &\\text{for }{u<0}\\text{,} \\\\\nu &\\text{otherwise.}\n\\end{cases}" in text
    assert "k= \\begin{cases}" in text
    assert "See 1, 2;" in text and text.endswith("3, 3a, 3b.")


def test_numbers_of_old_revtex(body: Body) -> None:
    text = body(
        r"\begin{mathletters}\begin{equation}u=v\label{a}\end{equation}\begin{equation}w=z\label{b}\end{equation}"
        r"\end{mathletters}\begin{equation}k=l\eqnum{9}\label{c}\end{equation} See \ref{a}, \ref{b}, \ref{c}."
    )
    assert text.endswith("See 1a, 1b, 9.") and r"\eqnum" not in text


def test_delimiters_with_a_body_of_their_own(body: Body) -> None:
    preamble = (
        r"\usepackage{mathtools}\DeclarePairedDelimiterX\pair[2]{(}{)}{#1\,\delimsize\vert\,#2}"
        r"\DeclarePairedDelimiterXPP\size[2]{#2}{\lVert}{\rVert}{_k}{#1}\DeclarePairedDelimiter{\floor}{\lfloor}{\rfloor}"
    )
    assert body(r"$\pair*{u}{v}$", preamble=preamble) == r"$\left( u\,\middle \vert\,v\right)$"
    assert body(r"$\size[\big]{u}{5}$", preamble=preamble) == r"$5\left \lVert u\right \rVert _k$"
    assert body(r"$\floor{u}$", preamble=preamble) == r"$\left \lfloor u\right \rfloor$"


def test_names_of_fonts_keep_the_authors_meaning(body: Body) -> None:
    preamble = r"\def\tt{\tilde{t}}\renewcommand{\sl}{\mathfrak{sl}}\def\em{\varepsilon_m}"
    assert body(r"$\tt+\sl_2=\em$ in {\bf heavy} words", preamble=preamble) == (
        r"$\tilde{t}+\mathfrak{sl}_2=\varepsilon_m$ in **heavy** words"
    )


def test_a_proof_of_ones_own(body: Body) -> None:
    source = r"\begin{proof}Clear.\end{proof}"
    own = r"\usepackage{amsthm}\renewenvironment{proof}{\textbf{Why.} }{ Done.}"
    assert body(source, preamble=own) == "**Why.** Clear. Done."
    assert body(source, preamble=r"\def\proof{\textbf{Why.} }\def\endproof{ Done.}") == "**Why.** Clear. Done."
    assert body(source, preamble=r"\usepackage{amsthm}") == "**Proof.** Clear."


def test_hidden_and_verbatim_text_under_names_of_their_own(body: Body) -> None:
    preamble = r"\usepackage{verbatim}\newenvironment{hide}{\comment}{\endcomment}\newenvironment{src}{\verbatim}{\endverbatim}"
    text = body("A\n\\begin{hide}\nsecret $x\n\\end{hide}\nB\n\\begin{src}\na % & b\n\\end{src}\nC", preamble=preamble)
    assert text == "A B\n\n```\na % & b\n```\n\nC"


def test_lists_and_tables_under_names_of_their_own(body: Body) -> None:
    preamble = (
        r"\newenvironment{dashes}{\list{--}{\leftmargin=1cm}}{\endlist}"
        r"\newenvironment{grid}{\center\tabular{ll}}{\endtabular\endcenter}"
    )
    assert body(r"\begin{dashes}\item one\item two\end{dashes}", preamble=preamble) == "- one\n- two"
    assert "| a | b |" in body(r"\begin{grid}a&b\\c&d\end{grid}", preamble=preamble)
