"""Theorems, their names, and how references name them: the words that TeX prints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


def test_cleveref_names_the_environment_that_was_printed(body: Body) -> None:
    text = body(
        r"\begin{prin}\label{p}A.\end{prin}\begin{prop}\label{q}B.\end{prop}\begin{guess}\label{g}C.\end{guess}"
        r" \cref{p}, \Cref{q}, \cref{g}, \Cref{g}, \cref{p,q}; \namecref{g} and \labelcref{q}.",
        preamble=r"\usepackage{amsthm,cleveref}\newtheorem{prin}{Weak Principle}\newtheorem{prop}[prin]{Property}"
        r"\newtheorem{guess}{Guess}\crefname{guess}{guess no.}{guesses}",
    )
    assert "weak Principle 1, Property 2, guess no. 1, Guess no. 1, weak Principle 1 and property 2" in text
    assert "; guess no. and 2." in text


def test_autoref_goes_by_the_counter(body: Body) -> None:
    text = body(
        r"\begin{lemma}\label{l}A.\end{lemma}\begin{theorem}\label{t}B.\end{theorem}\begin{cor}\label{c}C.\end{cor}"
        r"\begin{rem}\label{r}D.\end{rem} See \autoref{l}; \autoref{t}; \autoref{c}; \autoref{r}.",
        preamble=r"\usepackage{hyperref}\newtheorem{lemma}{Lemma}\newtheorem{theorem}{Theorem}"
        r"\newtheorem{cor}[theorem]{Corollary}\newtheorem{rem}{Remark}\newcommand{\remautorefname}{Rmk.}",
    )
    assert text.endswith("See 1; Theorem 1; Theorem 2; Rmk. 1.")


def test_a_theorems_name_is_expanded_where_it_is_printed(body: Body) -> None:
    text = body(
        r"\begin{thm}First.\end{thm}\renewcommand{\thmword}{Th\'eor\`eme}\begin{thm}Second.\end{thm}"
        r"\begin{proof}Clear.\end{proof}",
        preamble=r"\newtheorem{thm}{\protect\thmword}\providecommand{\thmword}{Theorem}\def\proofname{Argument}",
    )
    assert "**Theorem 1.** First." in text and "**Théorème 2.** Second." in text and "**Argument.** Clear." in text


@pytest.mark.parametrize(
    ("cls", "preamble", "source", "printed"),
    [
        ("llncs", "", r"\begin{lemma}Words.\end{lemma}", "**Lemma 1.** Words."),
        ("article", r"\usepackage{thmtools}\declaretheorem[name=Rule]{rl}", r"\begin{rl}Words.\end{rl}", "**Rule 1.** Words."),
        (
            "article",
            r"\newtheorem{a}{A}\declaretheorem[title={A Rule}, sibling=a]{rl}",
            r"\begin{a}x\end{a}\begin{rl}Words.\end{rl}",
            "**A Rule 2.** Words.",
        ),
        ("elsarticle", r"\newdefinition{dd}{Definition}", r"\begin{dd}Words.\end{dd}", "**Definition 1.** Words."),
        ("elsarticle", r"\newproof{pf}{Proof}", r"\begin{pf}Words.\end{pf}", "**Proof.** Words."),
        ("svjour3", r"\spnewtheorem{hy}{Hypothesis}{\bfseries}{\itshape}", r"\begin{hy}Words.\end{hy}", "**Hypothesis 1.** Words."),
    ],
)  # fmt: skip
def test_theorems_of_packages_and_classes(body: Body, cls: str, preamble: str, source: str, printed: str) -> None:
    assert printed in body(source, preamble=preamble, cls=cls)


def test_words_that_classes_print_by_a_name(paper: Paper) -> None:
    source = r"The \figurename~3, the \tablename s, \abstractname, \bibname; \chaptername~2 and \contentsname."
    text = paper(source, preamble=r"\renewcommand{\contentsname}{Overview}").text
    assert "The Figure 3, the Tables, Abstract, Bibliography; Chapter 2 and Overview." in text
    assert "See Fig. 3." in paper(r"See \figurename~3.", cls="aa").text
    assert "See FIG. 3." in paper(r"See \figurename~3.", cls="revtex4-1").text


@pytest.mark.parametrize(
    ("preamble", "source", "printed"),
    [
        (
            r"\newtheorem{law}{Law}[section]\newtheorem{maxim}[law]{Maxim}",
            r"\section{First}\begin{law}Words.\end{law}\begin{maxim}\label{m}Words.\end{maxim}\section{Second}"
            r"\begin{law}Words.\end{law} See \ref{m}.",
            ["Law 1.1", "Maxim 1.2", "Law 2.1", "See 1.2."],
        ),
        (
            r"\newtheorem{law}{Law}[subsection]\newtheorem{note}{Note}[law]",
            r"\section{First}\subsection{Part}\begin{law}Words.\end{law}\begin{note}Words.\end{note}\section{Second}"
            r"\begin{law}Words.\end{law}",
            ["Law 1.1.1", "Note 1.1.1.1", "Law 2.0.1"],
        ),
        (
            r"\newtheorem{law}{Law}[section]",
            r"\section{First}\section*{Not counted}\begin{law}Words.\end{law}\appendix\section{Last}\begin{law}Words.\end{law}",
            ["Law 1.1", "Law A.1"],
        ),
        (
            r"\newtheorem{law}{Law}",
            r"\numberwithin{law}{section}\section{First}\begin{law}Words.\end{law}",
            ["Law 1.1"],
        ),
        (
            r"\newtheorem{law}{Law}",
            r"\renewcommand\thelaw{\Alph{law}}\begin{law}Words.\end{law}\begin{law}\label{l}Words.\end{law} See \ref{l}.",
            ["Law A", "Law B", "See B."],
        ),
        (
            r"\usepackage{thmtools}\declaretheorem[numberwithin=section]{law}",
            r"\section{First}\begin{law}Words.\end{law}",
            ["Law 1.1"],
        ),
    ],
)
def test_theorems_are_numbered_within_what_they_name(
    body: Body, preamble: str, source: str, printed: list[str]
) -> None:
    text = body(source, preamble=preamble)
    found = [text.find(words) for words in printed]
    assert -1 not in found and found == sorted(found)


def test_a_theorem_has_the_section_number_of_its_class(body: Body) -> None:
    source = r"\section{First}\section{Second}\begin{law}Words.\end{law}"
    assert "**Law II.1.**" in body(source, preamble=r"\newtheorem{law}{Law}[section]", cls="IEEEtran")


def test_numbers_that_the_text_names(body: Body) -> None:
    text = body(
        r"\section{First}\subsection{Part}In \thesubsection\ of \thesection. \appendix\section{Last}In \thesection."
    )
    assert "In 1.1 of 1." in text and text.endswith("In A.")
