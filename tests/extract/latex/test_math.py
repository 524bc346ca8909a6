"""Math is kept, expanded and bounded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"$x^2$", r"$x^2$"),
        (r"\(x\)", r"$x$"),
        (r"$a$$b$", r"$a b$"),
        (r"$ a \label{x} + \nonumber b $", r"$a + b$"),
        (r"$\mbox{if $x$ holds}$", r"$\text{if }{x}\text{ holds}$"),
        (r"$12\farcs5$", r"$12.5^{\prime\prime}$"),
        (r"H$_2$O", r"H$_2$O"),
        (r"$\textcolor{red}{y}\hspace{1em}z$", r"$y z$"),
        (r"\ensuremath{\alpha} and \alpha", r"$\alpha$ and $\alpha$"),
        (r"$T_{\rm eff}\,\SI{5}{\kelvin}$", r"$T_{\rm eff}\,{5\,\mathrm{K}}$"),
    ],
)
def test_inline(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\begin{equation}\label{a} E=mc^2 \end{equation}", "E=mc^2"),
        (r"\[ a=b \]", "a=b"),
        (r"$$ a=b $$", "a=b"),
        (
            r"\begin{align} a&=b\label{q}\\ c&=d\nonumber \end{align}",
            "\\begin{aligned}\na&=b \\\\\nc&=d\n\\end{aligned}",
        ),
        (r"\begin{eqnarray} a&=&b\\ c&=&d\end{eqnarray}", "\\begin{aligned}\na&= b \\\\\nc&= d\n\\end{aligned}"),
        (r"\begin{gather*} a\\[3pt] b\end{gather*}", "\\begin{gathered}\na \\\\\nb\n\\end{gathered}"),
        (
            r"\begin{equation}\begin{split} a&=b\\&=c \end{split}\end{equation}",
            r"\begin{aligned} a&=b\\&=c \end{aligned}",
        ),
        (
            r"\begin{equation}\begin{array}{@{}l|r@{}} a & b\end{array}\end{equation}",
            r"\begin{array}{l|r} a & b\end{array}",
        ),
        (r"\begin{align} a &= b \end{align}", "a = b"),
        (r"$$\eqalign{a&=b\cr c&=d\cr}\eqno(3)$$", r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
        (r"$$f=\cases{1&yes\cr 0&no\cr}$$", r"f=\begin{cases}1&yes\\0&no\end{cases}"),
    ],
)
def test_display(body: Body, source: str, expected: str) -> None:
    assert body(source) == f"$$\n{expected}\n$$"


def test_unclosed_dollar_costs_a_paragraph_at_most(paper: Paper) -> None:
    result = paper("A price of $5 was paid.\n\nNext paragraph with $x$ math.\n\n\\section{Later} More $y$ here.")
    assert "was paid." in result.text and "Next paragraph with $x$ math." in result.text
    assert "## Later" in result.text and "More $y$ here." in result.text
    assert result.check is not None and result.check.unclosed_math == 1


def test_unclosed_display_resynchronises_at_a_section(paper: Paper) -> None:
    result = paper("\\begin{equation} a=b\n\nLost text follows.\n\\section{Found} Words after.")
    assert "## Found" in result.text and "Words after." in result.text


def test_equation_numbers_follow_labels(paper: Paper) -> None:
    text = paper(
        r"\begin{align}a\label{one}\\b\nonumber\\c\label{two}\end{align}"
        r"\begin{subequations}\begin{equation}d\label{sub}\end{equation}\end{subequations}"
        r"\begin{equation}e\tag{X}\label{tag}\end{equation} See \eqref{one}, \ref{two}, \ref{sub} and \eqref{tag}."
    ).text
    assert "See (1), 2, 3a and (X)." in text


def test_user_macro_with_math_argument(body: Body) -> None:
    assert body(r"\newcommand{\av}[1]{\langle #1\rangle}$\av{x}=1$") == r"$\langle x\rangle=1$"
    assert body(r"\DeclareMathOperator*{\argmin}{arg\,min}$\argmin_x$") == r"$\operatorname*{arg\,min}_x$"
    assert body(r"\let\eps\varepsilon\renewcommand{\epsilon}{\eps}$\epsilon$") == r"$\varepsilon$"


def test_home_made_relations(body: Body) -> None:
    source = r"\def\lsim{\mathrel{\rlap{\lower4pt\hbox{\hskip1pt$\sim$}}\raise1pt\hbox{$<$}}}$a \lsim b$ and \lsim 5"
    assert body(source) == r"$a \stackrel{<}{\sim}b$ and $\stackrel{<}{\sim}$5"
    redefined = r"\renewcommand{\lesssim}{\mathrel{\rlap{\lower4pt\hbox{$\sim$}}\raise1pt\hbox{$<$}}}"
    assert body(redefined + r"$a \lesssim b$ and \lesssim 5") == r"$a \stackrel{<}{\sim}b$ and $\stackrel{<}{\sim}$5"
    assert (
        body(r"\def\gax{{_>\atop^{\sim}}}\newcommand{\ga}{\buildrel > \over \sim}$x \ga y$")
        == r"$x \stackrel{>}{\sim}y$"
    )


def test_the_label_of_an_unnumbered_row_is_that_of_the_next_number(body: Body) -> None:
    text = body(
        r"\begin{equation}x\end{equation}\begin{align}\label{e:two}a &= \nonumber\\ &b\end{align}"
        r"\begin{align}c\label{e:3}\\d\nonumber\end{align}By \ref{e:two} and \ref{e:3}."
    )
    assert "By 2 and 3." in text


def test_symbols_of_the_mnras_class(body: Body) -> None:
    assert r"Now $\pi r \lessapprox \mu$" in body(r"\newcommand{\x}{\umu}Now $\upi r \loa \x$")


@pytest.mark.parametrize(
    ("definition", "use", "expected"),
    [
        (
            r"\def\spose#1{\hbox to 0pt{#1\hss}}\def\lta{\mathrel{\spose{\lower 3pt\hbox{$\mathchar"
            r'"218$}}\raise 2.0pt\hbox{$\mathchar"13C$}}}',
            r"$a\lta b$",
            r"$a\stackrel{<}{\sim}b$",
        ),
        (r"\def\fdg{\hbox{$.\!\!^\circ$}}", r"94\fdg68", "94.68°"),
        (r"\newcommand{\fsec}{\mbox{$.\!\!^{\prime\prime}$}}", r"3\fsec4", "3.4″"),
        (r"\newcommand*\xbar[1]{\hbox{\vbox{\hrule height 0.5pt\kern0.5ex\hbox{\ensuremath{#1}}}}}", r"$\xbar{A}$",
         r"$\overline{A}$"),
    ],
)  # fmt: skip
def test_signs_drawn_out_of_boxes(body: Body, definition: str, use: str, expected: str) -> None:
    assert body(use, preamble=definition) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"$\text{a\%b \& c\_d}$", r"$\text{a\%b \& c\_d}$"),
        (r"$\mbox{\textit{x} and \textbf{y}}$", r"$\text{x and y}$"),
        (r"$\left(\vrule height 10pt width 0pt x\right)$", r"$\left(x\right)$"),
        (r"$\hbox to 0pt{x}$", r"$\text{x}$"),
        (r"$x\rule{0pt}{8pt}$", "$x$"),
    ],
)
def test_text_and_boxes_in_math(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected


def test_a_variable_in_math_is_the_number_in_its_file(body: Body) -> None:
    assert body(r"$H_0=\variable{out/h.txt}$", files={"out/h.txt": b"70.1\n"}) == "$H_0=70.1$"


def test_the_empty_row_behind_the_last_break_has_a_number(body: Body) -> None:
    text = body(
        r"\begin{eqnarray}a&=&b\nonumber\\c&=&d\nonumber\\\end{eqnarray}\begin{equation}x\label{e}\end{equation}\ref{e}"
    )
    assert text.endswith("\n\n2")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"$n_\text{H$_3$}=7$", r"$n_{\text{H}{_3}}=7$"),
        (r"$L^\mbox{ob, $j$}_\mathrm{c}$", r"$L^{\text{ob, }{j}}_\mathrm{c}$"),
        (r"$q_\textrm{max}$", r"$q_\textrm{max}$"),
    ],
)
def test_a_script_of_text_and_math_is_one_script(body: Callable[..., str], source: str, printed: str) -> None:
    assert body(source) == printed


def test_numbers_of_ieee_arrays_are_no_text(body: Callable[..., str]) -> None:
    rows = r"\IEEEyesnumber a &=& b \\ \IEEEyessubnumber* c &=& d \IEEEnonumber \\ \IEEEeqnarraymulticol{3}{l}{x+y}"
    made = body(rf"\begin{{IEEEeqnarray}}{{rCl}}{rows}\end{{IEEEeqnarray}}")
    assert (
        "IEEE" not in made
        and "{3}" not in made
        and made.replace(" ", "") == ("$$\n\\begin{aligned}\na&=b\\\\\nc&=d\\\\\n{x+y}\n\\end{aligned}\n$$")
    )
