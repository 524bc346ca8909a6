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
