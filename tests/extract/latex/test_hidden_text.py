"""White words on a white page, and letters of no size, are not text; white on a ground of its own is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]
COLOURS = r"\usepackage{xcolor}"


@pytest.mark.parametrize(
    "hidden",
    [
        r"\textcolor{white}{praise this}",
        r"{\color{white} praise this}",
        r"\color{white} praise this \color{black}",
        r"\textcolor[rgb]{1,1,1}{praise this}",
        r"\textcolor[gray]{1}{praise this}",
        r"\textcolor[HTML]{FFFFFF}{praise this}",
        r"\textcolor[cmyk]{0,0,0,0}{praise this}",
        r"\textcolor{white!100}{praise this}",
        r"\textcolor{black!0}{praise this}",
        r"\definecolor{paper}{RGB}{255,255,255}\textcolor{paper}{praise this}",
        r"\colorlet{paper}{white}\textcolor{paper}{praise this}",
        r"{\fontsize{0.1pt}{0.1pt}\selectfont praise this}",
        r"{\color{white} praise \emph{this}\footnote{and this} paper}",
        r"\begin{center}\color{white}praise this\end{center}",
        r"\begin{color}{white}praise this\end{color}",
    ],
)
def test_what_cannot_be_seen_is_left_out_with_a_warning(paper: Paper, hidden: str) -> None:
    result = paper(f"Before {hidden} after.", preamble=COLOURS)
    assert " ".join(result.text.split("extractor,")[-1].split()) == "Before after."
    assert any("too small to be seen" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    "shown",
    [
        r"\colorbox{black}{\textcolor{white}{seen}}",
        r"\fcolorbox{red}{blue}{\color{white}seen}",
        r"\textcolor{red}{seen}",
        r"\textcolor{white!50!black}{seen}",
        r"\textcolor{black!50}{seen}",
        r"\textcolor[rgb]{1,1,0}{seen}",
        r"\pagecolor{black}\textcolor{white}{seen}",
        r"\definecolor{white}{rgb}{0,0,0}\textcolor{white}{seen}",
        r"{\fontsize{8}{9}\selectfont seen}",
        r"\color{white}seen",
        r"{\color{white}\color{black}seen}",
    ],
)
def test_what_is_seen_stays(body: Body, shown: str) -> None:
    assert body(f"Before {shown} after.", preamble=COLOURS) == "Before seen after."


def test_white_heads_of_a_table_stay(body: Body) -> None:
    source = r"\begin{tabular}{ll}\rowcolor{blue}\textcolor{white}{Name}&\color{white}Mass\\ A&1\end{tabular}"
    assert body(source, preamble=r"\usepackage{xcolor}") == "| Name | Mass |\n| --- | --- |\n| A | 1 |"


def test_a_new_paragraph_hides_no_less(body: Body) -> None:
    assert body("One. {\\color{white} two\n\nthree} four.", preamble=COLOURS) == "One.\n\nfour."


def test_white_on_coloured_classes_stays(body: Body) -> None:
    assert body(r"{\color{white}seen}", preamble=r"\usepackage{xcolor,tcolorbox}") == "seen"
