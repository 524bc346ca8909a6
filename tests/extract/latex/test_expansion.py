"""Definitions, conditionals and their bounds."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from curation.extract.latex import LatexOptions, extract_latex
from tests.extract.latex.conftest import FILLER, Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\newcommand{\kep}{\textit{Kepler}} \kep\ flies", "*Kepler* flies"),
        (r"\newcommand\kep{Kepler} \kep{} flies", "Kepler flies"),
        (r"\newcommand*{\two}[2]{#2 then #1} \two{a}{b}", "b then a"),
        (r"\newcommand{\opt}[2][red]{#1 and #2} \opt{x}; \opt[blue]{x}", "red and x; blue and x"),
        (r"\def\pair#1;#2.{(#1|#2)} \pair left;right. end", "(left|right) end"),
        (r"\def\a{one}\let\b\a\let\c=\b\def\a{two} \c, \a", "one, two"),
        (r"\newcommand{\out}[1]{<\inn{#1}>}\newcommand{\inn}[1]{[#1]} \out{x}", "<[x]>"),
        (r"\def\maker#1{\def\made##1{#1-##1}}\maker{x}\made{y}", "x-y"),
        (r"\def\until#1#{(#1)}\until one two{three} four", "(one two)three four"),
        (r"\def\at#1 in#2#{#2:#1}\at x in y{z}", "y:xz"),
        (r"\makeatletter\@tempcnta=5 \advance\@tempcnta\m@ne \the\@tempcnta\makeatother", "4"),
        (r"\makeatletter\count@\z@\@whilenum\count@<3\do{\advance\count@\@ne\the\count@,}\makeatother", "1,2,3,"),
        (r"\makeatletter\@tempdima=2pt\advance\@tempdima 1pt \ifdim\@tempdima>\p@ more\fi\makeatother", "more"),
        (r"\edef\x{a}\def\y{\x b}\edef\z{\y c}\def\x{CHANGED} \z", "abc"),
        (r"\expandafter\def\csname my name\endcsname{got it} \csname my name\endcsname", "got it"),
        (r"\newif\ifdraft\drafttrue \ifdraft yes\else no\fi; \draftfalse\ifdraft yes\else no\fi", "yes; no"),
        (r"before \iffalse hidden \ifx\a\b deep \fi hidden \fi after", "before after"),
        (r"\ifnum 3>2 more\else less\fi{} and \ifnum 1=2 eq\else ne\fi", "more and ne"),
        (r"\newcommand{\m}{\ensuremath{M_\odot}} ten \m, $5\m$", r"ten $M_\odot$, $5M_\odot$"),
        (r"\newcommand{\tess}{TESS\xspace} \tess saw \tess. Then \tess, too", "TESS saw TESS. Then TESS, too"),
        (r"{\def\local{inner} \local} \def\local{outer} \local", "inner outer"),
        (r"\makeatletter\def\@priv{secret}\newcommand{\pub}{\@priv}\makeatother \pub", "secret"),
        (r"\makeatletter\def\s{\@ifstar{starred}{plain}}\makeatother \s* and \s.", "starred and plain."),
        (r"\makeatletter\def\o{\@ifnextchar[{bracket }{none }}\makeatother \o[x] \o y", "bracket [x] none y"),
        (r"\NewDocumentCommand{\nd}{s O{dft} m}{#2/#3} \nd{a} \nd[b]{c}", "dft/a b/c"),
        (r"\ifthenelse{\equal{a}{a}}{same}{other}", "same"),
    ],
)
def test_macro_prints_what_tex_prints(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected


def test_environment_aliases_reach_into_math(body: Body) -> None:
    source = r"\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}}Then \be E=mc^2 \ee done."
    assert "$$\nE=mc^2\n$$" in body(source)
    source = r"\newenvironment{eq}{\begin{equation}}{\end{equation}} Then \begin{eq} a=b \end{eq} done."
    text = body(source)
    assert "$$\na=b\n$$" in text and text.endswith("done.")


def test_user_environment_prints_its_begin_and_end(body: Body) -> None:
    source = r"\newenvironment{remark}[1][Note]{\textbf{#1:} }{ (end)}\begin{remark}[Aside] inner \end{remark}"
    assert body(source) == "**Aside:** inner (end)"


def test_core_commands_keep_their_meaning(body: Body) -> None:
    assert "## Kept" in body(r"\def\section#1{}\renewcommand{\begin}[1]{}\section{Kept} text")


def test_recursion_stops_the_macro_and_not_the_paper(paper: Paper) -> None:
    started = time.process_time()
    result = paper(r"\def\x{a\x} \x \def\y{\y\y} \y \def\p{\q}\def\q{\p} \p" + "\n\nThe end is still here.")
    assert "The end is still here." in result.text
    assert any("does not end" in w for w in result.warnings)
    assert time.process_time() - started < 5


def test_recursion_through_math_stops_the_macro_only(paper: Paper) -> None:
    result = paper(r"\def\x{\ensuremath{\x}} \x and $\x$ and \x" + "\n\nThe end is still here.")
    assert "The end is still here." in result.text and result.check is not None and not result.check.budget_spent


def test_exponential_macros_stay_within_the_budget(paper: Paper) -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    chain = "".join(rf"\def\{a}{{\{b}\{b}\{b}\{b}}}" for a, b in itertools.pairwise(names))
    started = time.process_time()
    result = paper(chain.replace(r"\def\z", r"\def\zz") + r"\def\z{boom}\a" + "\n\nStill here.")
    assert "Still here." in result.text
    assert time.process_time() - started < 5


def test_simple_definitions_of_a_local_style_are_read(paper: Paper) -> None:
    style = rb"\newcommand{\target}{HD 1234}\def\@internal{\@gobble}\def\uses{\@internal}\renewcommand{\section}{BAD}"
    result = paper(r"We observed \target.", preamble=r"\usepackage{mine}", files={"mine.sty": style})
    assert "We observed HD 1234." in result.text


def test_style_that_redefines_everything_is_survived(paper: Paper) -> None:
    style = rb"\def\def{\relax}\let\begin\end\def\par{\par\par}\def\textbf#1{}\catcode`\{=12 \def\input{}"
    result = paper(r"\textbf{Bold} text goes on.", preamble=r"\usepackage{evil}", files={"evil.sty": style})
    assert "**Bold** text goes on." in result.text


def test_token_budget_gives_what_was_read(paper: Paper) -> None:
    words = " ".join(rf"\emph{{word{i}}}" for i in range(3_000))
    result = extract_latex(
        {"ms.tex": (r"\documentclass{article}\begin{document}" + FILLER + words + r"\end{document}").encode()},
        options=LatexOptions(max_tokens=2_000),
    )
    assert "word10" in result.text
    assert result.check is not None and result.check.budget_spent and not result.check.trusted


def test_xparse_asks_whether_an_argument_was_given(body: Body) -> None:
    text = body(
        r"\NewDocumentCommand{\odif}{o m}{\IfNoValueTF{#1}{\mathrm{d}#2}{\mathrm{d}^{#1}#2}}"
        r"\NewDocumentCommand{\kind}{s m}{\IfBooleanTF{#1}{starred #2}{plain #2}}"
        r"\NewDocumentCommand{\noted}{O{} m}{#2\IfValueT{#1}{ (#1)}}"
        r"$\odif{x}\,\odif[2]{y}$, \kind{a}, \kind*{b}, \noted{c}, \noted[d]{e}."
    )
    assert r"$\mathrm{d}x\,\mathrm{d}^{2}y$, plain a, starred b, c (), e (d)." in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\textit{\makeatletter\@gobble{x}y}", "*gobblexy*"),
        (r"\makeatletter\textbf{a\makeatother}\@gobble{x}b\makeatother", "ab"),
        (r"{\makeatletter\@gobble{x}a}\@gobble{x}b", "agobblexb"),
    ],
)
def test_an_argument_has_the_categories_with_which_it_was_read(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected
