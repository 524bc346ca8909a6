"""Numbers of equations, floats and sections, by section where class or paper counts so: as TeX prints them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from curation.extract.latex.extract import LatexExtracted
from tests.texlive import typeset

Paper = Callable[..., LatexExtracted]
BY_SECTION = r"\makeatletter\@addtoreset{equation}{section}\makeatother"
FIRST = r"\section{First}\begin{equation}a\end{equation}"
SECOND = r"\section{Second}\begin{equation}b\end{equation}\begin{equation}c\label{e}\end{equation}"
FLOATS = (
    r"\section{First}\begin{figure}\caption{C}\end{figure}\section{Second}"
    r"\begin{figure}\caption{D}\label{f}\end{figure}\begin{table}\caption{E}\label{t}\end{table}"
)
PARTS = r"\section{First}\section{Second}\label{s}\subsection{Part}\label{p}\subsubsection{Piece}\label{q}"
LAST = r"\appendix\section{Last}\label{a}\subsection{Tail}\label{b}\begin{equation}d\label{d}\end{equation}"
CASES = [
    ("article", r"\usepackage{amsmath}\numberwithin{equation}{section}", FIRST + SECOND, r"\ref{e}", "2.2"),
    ("article", r"\usepackage{amsmath}\numberwithin{equation}{section}", FIRST + SECOND + LAST, r"\eqref{d}", "(A.1)"),
    ("article", r"\usepackage{amsmath}\numberwithin{equation}{subsection}", PARTS + LAST, r"\eqref{d}", "(A.1.1)"),
    ("article", r"\counterwithin{figure}{section}", FLOATS, r"\ref{f}; \ref{t}", "2.1; 1"),
    ("article", r"\counterwithin*{table}{section}\counterwithin[\roman]{figure}{section}", FLOATS, r"\ref{f}", "2.i"),
    ("article", BY_SECTION, FIRST + SECOND, r"\ref{e}", "2"),
    (
        "article",
        BY_SECTION + r"\renewcommand{\theequation}{\thesection.\arabic{equation}}",
        r"\section*{No}" + FIRST + SECOND,
        r"\ref{e}",
        "2.2",
    ),
    ("article", r"\renewcommand{\theequation}{\Roman{equation}}", FIRST + SECOND, r"\ref{e}", "III"),
    (
        "article",
        r"\usepackage{amsmath}\numberwithin{equation}{section}",
        FIRST + r"\begin{subequations}\begin{align}a\\b\label{e}\end{align}\end{subequations}",
        r"\ref{e}",
        "1.2b",
    ),
    ("amsart", r"\numberwithin{equation}{section}\numberwithin{figure}{section}", FIRST + FLOATS, r"\ref{f}", "3.1"),
    ("article", "", PARTS + LAST, r"\ref{s}, \ref{p}, \ref{q}, \ref{a}, \ref{b}, \ref{d}", "2, 2.1, 2.1.1, A, A.1, 1"),
    ("article", r"\renewcommand{\thesection}{\Roman{section}}", PARTS, r"\ref{s}, \ref{p}", "II, II.1"),
    ("revtex4-2", "", PARTS + LAST, r"\ref{s}; \ref{p}; \ref{q}; \ref{a}; \ref{d}", "II; II A; II A 1; A; A1"),
    ("report", "", r"\chapter{One}" + FLOATS + SECOND, r"\ref{f}; \ref{e}", "1.2; 1.2"),
    ("mnras", "", PARTS + LAST, r"\ref{p}; \ref{a}; \ref{b}; \ref{d}", "2.1; A; A1; A1"),
    ("elsarticle", r"\usepackage{amsmath}\numberwithin{equation}{section}", FIRST + SECOND + LAST, r"\ref{d}", "A.1"),
    ("aastex631", "", PARTS + LAST, r"\ref{p}; \ref{d}", "2.1; A1"),
]


@pytest.mark.parametrize(("cls", "preamble", "source", "refs", "printed"), CASES)
def test_numbers_are_those_that_tex_prints(
    paper: Paper, cls: str, preamble: str, source: str, refs: str, printed: str
) -> None:
    assert f"Seen {printed} here" in paper(f"{source}\n\nSeen {refs} here", cls=cls, preamble=preamble).text


@pytest.mark.needs_tex
def test_tex_prints_these_numbers() -> None:
    for cls, preamble, source, refs, printed in CASES:
        pages = typeset(preamble, [f"{source}\n\nSeen {refs} here"], cls=cls)
        assert pages and f"Seen {printed} here" in pages[0], (cls, printed, pages)


def test_captions_have_the_number_of_their_section(paper: Paper) -> None:
    text = paper(FLOATS, preamble=r"\counterwithin{figure}{section}").text
    assert "**Figure 1.1.** C" in text and "**Figure 2.1.** D" in text and "**Table 1.** E" in text


@pytest.mark.parametrize("package", ["jheppub", "jcappub"])
def test_packages_of_journals_number_equations_by_section(paper: Paper, package: str) -> None:
    text = paper(f"{FIRST}{SECOND}{LAST}See \\ref{{e}}, \\ref{{d}}.", preamble=f"\\usepackage{{{package}}}").text
    assert "See 2.2, A.1." in text


def test_a_class_numbers_equations_by_section_where_asked(paper: Paper) -> None:
    source = f"{FIRST}{SECOND}See \\ref{{e}}."
    tail = LAST + r"\begin{figure}\caption{C}\label{f}\end{figure}See \ref{d}; \ref{f}."
    assert "See A.1; A1." in paper(FIRST + FLOATS.replace(r"\label{f}", "") + tail, cls="iopart").text
    assert "See 2.2." in paper(source, cls="iopart", preamble=r"\eqnobysec").text
    assert "See 3." in paper(source, cls="iopart").text


def test_headings_below_the_depth_have_no_number(paper: Paper) -> None:
    text = paper(PARTS + r" See \ref{s}, \ref{p}.", preamble=r"\setcounter{secnumdepth}{1}").text
    assert "See 2, “Part”." in text
