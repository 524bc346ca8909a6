"""Sections, front matter, floats, references, by journal class."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from curation.extract.latex import extract_latex
from tests.extract.latex.conftest import FILLER, Paper

Body = Callable[..., str]


def test_headings_by_depth(body: Body) -> None:
    text = body(r"\section{One}a\subsection*{Two}b\subsubsection[s]{Three $x$}c\paragraph{Run in} d")
    assert "## One" in text and "### Two" in text and "#### Three $x$" in text and "**Run in.** d" in text


def test_chapters_shift_the_depth(body: Body) -> None:
    text = body(r"\chapter{Top}a\section{Below}b")
    assert "## Top" in text and "### Below" in text


def test_article_front_matter(paper: Paper) -> None:
    result = paper(
        r"\begin{abstract}We study things.\end{abstract}\section{Intro}Text.\section*{Acknowledgements}We thank all.",
        preamble=r"\title{A Paper\thanks{money}}\author{A. One \and B. Two}\date{today}",
    )
    assert result.title == "A Paper" and result.authors == "A. One, B. Two"
    assert result.part("abstract") == "We study things."
    assert result.text.startswith("# A Paper\n\n## Abstract\n\nWe study things.")
    assert result.text.endswith("## Intro\n\nText.\n\n## Acknowledgements\n\nWe thank all.")
    assert result.part("acknowledgements") == "## Acknowledgements\n\nWe thank all."


def test_aastex(paper: Paper) -> None:
    result = paper(
        r"\title{Stars}\author[0000-0001]{Ann One}\affiliation{Institute of Stars, Town}\email{a@b.c}"
        r"\author{Bob Two}\altaffiliation{Fellow}\begin{abstract}Abs.\end{abstract}\keywords{stars}"
        r"\section{Intro}Body.\acknowledgments Thanks to all.\facilities{HST(ACS)}\software{astropy}"
        r"\appendix\section{More}Extra text.",
        cls="aastex631",
    )
    assert result.authors == "Ann One; Bob Two"
    assert result.affiliations == "Institute of Stars, Town\nFellow"
    assert result.facilities == "Facilities: HST(ACS)\nSoftware: astropy"
    assert result.part("acknowledgements") == (
        "## Acknowledgments\n\nThanks to all.\n\nFacilities: HST(ACS)\n\nSoftware: astropy"
    )
    assert result.part("appendix") == "## More\n\nExtra text."
    assert result.keywords == "stars"
    for hidden in ("Institute", "a@b.c"):
        assert hidden not in result.text


def test_aa_abstract_has_five_parts(paper: Paper) -> None:
    result = paper(
        r"\title{T}\subtitle{Sub}\author{A\inst{1}}\institute{Place}\abstract{Con.}{Aim.}{Met.}{Res.}{End.}"
        r"\keywords{k}\maketitle Text.\begin{acknowledgements}Ta.\end{acknowledgements}",
        cls="aa",
    )
    assert result.title == "T: Sub"
    abstract = result.part("abstract")
    assert abstract is not None and abstract.startswith("**Context.** Con.") and "**Methods.** Met." in abstract
    assert result.affiliations == "Place" and "Ta." in (result.part("acknowledgements") or "")


def test_mnras(paper: Paper) -> None:
    result = paper(
        r"\title[Short]{Long title}\author[A. et al.]{A. One$^{1}$ and B. Two$^{2}$\\$^{1}$Place}"
        r"\begin{abstract}Abs.\end{abstract}\begin{keywords}k -- l\end{keywords}\section{I}Text.\bsp\label{lastpage}",
        cls="mnras",
    )
    assert result.title == "Long title" and result.part("abstract") == "Abs." and result.keywords == "k – l"


def test_revtex(paper: Paper) -> None:
    result = paper(
        r"\title{T}\author{A}\affiliation{Place}\email[x]{y@z}\pacs{1.2}\begin{abstract}Abs.\end{abstract}\maketitle"
        r"\begin{widetext}Wide text.\end{widetext}\begin{acknowledgments}Ta.\end{acknowledgments}",
        cls="revtex4-2",
    )
    assert result.part("abstract") == "Abs." and "Wide text." in result.text and "1.2" not in result.text


def test_jcappub(paper: Paper) -> None:
    result = paper(
        r"\title{T}\author[a,b]{A. One}\affiliation[a]{Place}\emailAdd{x@y.z}\abstract{Abs text.}\arxivnumber{1}"
        r"\maketitle\section{I}Text.",
        cls="article",
        preamble=r"\usepackage{jcappub}",
    )
    assert result.part("abstract") == "Abs text." and result.affiliations == "Place" and "x@y.z" not in result.text


def test_elsarticle(paper: Paper) -> None:
    result = paper(
        r"\begin{frontmatter}\title{T}\author[a]{A\corref{c}}\ead{x@y}\address[a]{Place}\begin{abstract}Abs.\end{abstract}"
        r"\begin{keyword}one \sep two\end{keyword}\end{frontmatter}\section{I}Text.",
        cls="elsarticle",
    )
    assert result.title == "T" and result.part("abstract") == "Abs." and "x@y" not in result.text


def test_latex_209(paper: Paper) -> None:
    source = (
        r"\documentstyle[12pt,aasms4]{article}\begin{document}\title{Old}\author{A}\affil{Place}\begin{abstract}Abs."
        r"\end{abstract}\section{Intro}" + FILLER + r"{\em emphasis} and \hbox{boxed}.\end{document}"
    )
    result = extract_latex({"old.tex": source.encode()})
    assert result.title == "Old" and "## Intro" in result.text and "*emphasis* and boxed." in result.text


def test_plain_tex() -> None:
    source = (
        r"\magnification=1200 \hsize=6in \def\today{}\centerline{\bf A Plain Title}\beginsection 1. Start"
        "\n\n" + FILLER + r"$$x=y\eqno(1)$$\footnote{*}{noted} \item{(a)} first \vskip 1in \bye ghost"
    )
    result = extract_latex({"p.tex": source.encode()})
    assert "## 1. Start" in result.text and "$$\nx=y\n$$" in result.text and "^[noted]" in result.text
    assert "ghost" not in result.text and "6in" not in result.text


def test_harvmac() -> None:
    source = (
        r"\input harvmac \Title{REPORT-1}{Strings}\newsec{Intro}"
        + FILLER
        + r"See \ref\key{A. Author, Nucl. Phys. B1 (1990) 2.} and \key. \eqn\eq{a=b} with \eq.\foot{aside}\listrefs\bye"
    )
    result = extract_latex({"h.tex": source.encode()})
    assert result.title == "Strings" and "## Intro" in result.text
    assert "See (Author 1990) and (Author 1990)." in result.text and "with (1).^[aside]" in result.text


def test_references_print_numbers(paper: Paper) -> None:
    text = paper(
        r"\section{A}\label{s}\subsection{Data}\label{d}\begin{figure}\caption{C}\label{f}\end{figure}"
        r"\begin{table}\caption{T}\label{t}\end{table}"
        r"See Section~\ref{s}, Section \ref{d}, Fig.~\ref{f}, \autoref{t}, \cref{f}, \Cref{s} and \ref{none}."
    ).text
    assert "See Section 1, Section 1.1, Fig. 1, Table 1, fig. 1, Section 1 and ??." in text


def test_label_before_its_caption(paper: Paper) -> None:
    text = paper(
        r"\section{A}\begin{figure}\label{f}\caption{C}\end{figure}\begin{figure}\caption{D}\label{g}\end{figure}Fig.~\ref{f}, \ref{g}"
    ).text
    assert "Fig. 1, 2" in text


def test_unbalanced_environments_lose_nothing(paper: Paper) -> None:
    text = paper(
        r"\begin{center} inside \begin{itemize}\item one \end{center} after } stray \end{figure} last words"
    ).text
    for words in ("inside", "one", "after", "stray", "last words"):
        assert words in text


def test_argument_that_never_closes_becomes_text(paper: Paper) -> None:
    text = paper("\\footnote{never closed. Many words follow here.\n\n\\section{Still} And the rest.").text
    assert "Many words follow here." in text and "And the rest." in text


def test_title_of_a_supplement_does_not_replace_the_papers(paper: Paper) -> None:
    assert paper(r"\title{Paper}\maketitle Text.\title{Supplement}\maketitle More.").title == "Paper"


def test_a_label_within_the_title_is_the_section_of_that_title(body: Body) -> None:
    text = body(
        r"\section{One \label{s:1}}\begin{equation}a=1\end{equation}\section{Two\label{s:2}}\subsection{\label{s:21}Part}"
        r"See \ref{s:1}, \ref{s:2} and \ref{s:21}; \ref{s:a}.\appendix\section{More \label{s:a}}x"
    )
    assert "See 1, 2 and 2.1; A." in text


def test_revtex_home_pages_and_counted_collaborations_stay_out_of_the_text(paper: Paper) -> None:
    result = paper(
        FILLER,
        preamble=r"\title{T}\author{A. One}\homepage{http://example.org/~one}\collaboration{12}{(The Large Team)}",
    )
    assert "example.org" not in result.text and "Large Team" not in result.text


def test_string_prints_a_name_and_does_not_obey_it(body: Body) -> None:
    text = body(r"Use {\tt\string\begin\{figure\}} here, \texttt{--flag} and \texttt{a---b} there -- yes.")
    assert r"Use `\begin{figure}` here, `--flag` and `a---b` there – yes." in text


def test_an_absent_number_of_showyourwork_is_shown_as_unknown(body: Body) -> None:
    text = body(r"We find \variable{output/n.txt} stars.\begin{table}\variable{output/t.tex}\end{table}")
    assert "We find ?? stars." in text and text.count("??") == 1


def test_a_file_exists_when_the_bundle_has_it(paper: Paper) -> None:
    source = (
        FILLER + r"\IfFileExists{part}{\input{part}}{none} \IfFileExists{absent}{some}{\newcommand{\w}{nothing}}\w."
    )
    text = paper(source, files={"part.tex": b"the other part"}).text
    assert "the other part" in text and "nothing." in text and "none" not in text


def test_endnotes_and_the_dates_of_acm_and_lists_of_symbols(body: Body) -> None:
    text = body(
        r"\received[revised]{12 March}Text\endnote{An aside.} goes\nomenclature[a]{$J$}{Matrix} on.\theendnotes"
    )
    assert text.strip() == "Text^[An aside.] goes on."


def test_parts_of_a_float_are_lettered(body: Body) -> None:
    text = body(
        r"\begin{figure}\begin{subfigure}{.5\textwidth}\includegraphics{a}\caption{Left}\label{l}\end{subfigure}"
        r"\begin{subfigure}{.5\textwidth}\caption{Right}\label{r}\end{subfigure}\caption{Both}\label{b}\end{figure}"
        r"\begin{figure}\subfloat[One\label{o}]{x}\caption{Next}\label{n}\end{figure}"
        r"\begin{figure}\ContinuedFloat\caption{Still next}\end{figure}See \ref{l}, \ref{r}, \ref{b}, \ref{o}, \ref{n}."
    )
    assert "(a) Left\n\n(b) Right\n\n**Figure 1.** Both" in text
    assert "(a) One" in text and "**Figure 2.** Next" in text and "**Figure 2.** Still next" in text
    assert "See 1a, 1b, 1, 2a, 2." in text


def test_references_in_the_words_of_cleveref(body: Body) -> None:
    source = (
        r"\begin{equation}x\label{e}\end{equation}\begin{figure}\caption{C}\label{f}\end{figure}"
        r"\begin{figure}\caption{D}\label{g}\end{figure}\begin{table}\caption{T}\label{t}\end{table}"
        r"See \cref{f,g}, \cref{e,t}, \Cref{f}, \crefrange{f}{g}."
    )
    assert "See figs. 1 and 2, eq. (1) and table 1, Figure 1, figs. 1 to 2." in body(
        source, preamble=r"\usepackage{cleveref}"
    )
    named = body(source, preamble=r"\usepackage[noabbrev,capitalise]{cleveref}\crefname{table}{Tab.}{Tabs.}")
    assert "See Figures 1 and 2, Equation (1) and Tab. 1, Figure 1, Figures 1 to 2." in named


def test_own_names_of_autoref(body: Body) -> None:
    text = body(r"\section{A}\label{a}See \autoref{a}, \nameref{a}.", preamble=r"\def\sectionautorefname{Sect.}")
    assert "See Sect. 1, A." in text


@pytest.mark.parametrize(
    ("cls", "preamble", "figure", "equation"),
    [
        ("aa", "", "A.1", "A.1"),
        ("mnras", "", "A1", "A1"),
        ("aastex631", "", "2", "A1"),
        ("article", "", "2", "2"),
        ("article", r"\renewcommand{\thefigure}{S\arabic{figure}}", "S2", "2"),
    ],
)
def test_numbers_in_an_appendix(paper: Paper, cls: str, preamble: str, figure: str, equation: str) -> None:
    text = paper(
        r"\section{One}Fig.~\ref{f}, Eq.~\ref{e}.\begin{figure}\caption{C}\end{figure}\begin{equation}x\end{equation}"
        r"\appendix\section{App}\begin{equation}y\label{e}\end{equation}\begin{figure}\caption{D}\label{f}\end{figure}",
        cls=cls,
        preamble=preamble,
    ).text
    assert f"Fig. {figure}, Eq. {equation}." in text


def test_no_letter_before_the_first_section_of_an_appendix(paper: Paper) -> None:
    text = paper(
        r"\section{One}\section{Two}Fig.~\ref{f}.\appendix\begin{figure}\caption{D}\label{f}\end{figure}", cls="mnras"
    ).text
    assert "Fig. 1." in text


def test_items_are_numbered_as_asked(body: Body) -> None:
    text = body(
        r"\begin{enumerate}\item a\item b\label{b}\begin{enumerate}\item c\label{c}\end{enumerate}\end{enumerate}"
        r"\begin{enumerate}[label=(\roman*)]\item d\item e\label{e}\end{enumerate}"
        r"\begin{enumerate}[start=3]\item f\end{enumerate}See \ref{b}, \ref{c}, \ref{e}."
    )
    assert "1. a" in text and "(a) c" in text and "(ii) e" in text and "3. f" in text
    assert "See 2, 2a, (ii)." in text


def test_a_label_of_math_names_its_item(body: Body) -> None:
    text = body(r"\begin{description}\item[$\alpha$] the slope\item[$\bullet$] a dot\end{description}")
    assert text == "- **$\\alpha$** the slope\n- a dot"


def test_theorems_share_a_counter(body: Body) -> None:
    preamble = r"\newtheorem{thm}{Theorem}\newtheorem{lem}[thm]{Lemma}\newtheorem*{rem}{Remark}"
    text = body(
        r"\begin{thm}A.\end{thm}\begin{lem}B.\label{l}\end{lem}\begin{rem}C.\end{rem}See \ref{l}.", preamble=preamble
    )
    assert "**Theorem 1.** A." in text and "**Lemma 2.** B." in text and "**Remark.** C." in text and "See 2." in text


def test_a_marked_note_stands_at_its_mark(body: Body) -> None:
    text = body("Here\\footnotemark{} it goes on.\n\nAnother paragraph.\\footnotetext{The note.}")
    assert text == "Here^[The note.] it goes on.\n\nAnother paragraph."


def test_heads_of_a_text_box_are_no_sections(body: Body) -> None:
    text = body(r"\section{One}A.\begin{textbox}\section{Box}B.\end{textbox}\section{Two}\label{t}See \ref{t}.")
    assert "**Box**" in text and "## Box" not in text and "See 2." in text


def test_an_unknown_environment_with_scripts_is_a_display(body: Body) -> None:
    text = body(r"\begin{myeq} a_1 &= \frac{b}{c} \\ d &= e^2 \label{h}\end{myeq} See \ref{h}.")
    assert "$$\n\\begin{aligned} a_1 &= \\frac{b}{c}" in text and "See 1." in text
    assert "words of a text" in body(r"\begin{mybox} Some words of a text \label{a_1} with \ref{a_b}.\end{mybox}")


def test_arguments_of_an_unknown_command_are_words(body: Body) -> None:
    assert body(r"\mycommand{one}{two}{three} more.") == "one two three more."


def test_affiliations_of_one_author_block(paper: Paper) -> None:
    result = paper(
        "Text.", preamble=r"\author[A]{A. One$^{1}$ and B. Two$^2$\\ $^{1}$Institute X\\ $^2$City Y}", cls="mnras"
    )
    assert result.authors == "A. One and B. Two"
    assert result.affiliations == "$^{1}$Institute X\n$^2$City Y"


def test_lists_of_the_paper_and_labels_with_the_number_around_them(body: Callable[..., str]) -> None:
    preamble = r"\usepackage{enumitem}\newlist{steps*}{enumerate}{1}"
    assert body(r"\begin{steps*}[label=(\roman*)]\item a\item b\end{steps*}", preamble=preamble) == "- (i) a\n- (ii) b"
    inner = r"\begin{enumerate}[label=(\alph{enumi}.\roman*),start=7]\item x\end{enumerate}"
    text = body(rf"\begin{{enumerate}}[label=(\alph*),start=12]\item a {inner}\end{{enumerate}}", preamble=preamble)
    assert text == "- (l) a\n\n  - (l.vii) x"


@pytest.mark.parametrize(
    ("package", "source", "printed"),
    [
        ("subfig", r"\subfloat[left]{A\label{a}}", "1a, (a), 1"),
        ("subfig", r"\subfloat[left\label{a}]{A}", "1a, (a), 1"),
        ("subfigure", r"\subfigure[left]{A\label{a}}", "1(a), (a), 1"),
        ("subcaption", r"\begin{subfigure}{3cm}A\caption{left}\label{a}\end{subfigure}", "1a, a, 1"),
        ("subcaption", r"\subcaptionbox{left\label{a}}{A}", "1a, a, 1"),
    ],
)
def test_a_label_of_a_part_names_the_part_as_its_package_does(
    body: Body, package: str, source: str, printed: str
) -> None:
    figure = rf"\begin{{figure}}{source}\caption{{Main}}\label{{m}}\end{{figure}}"
    text = body(rf"{figure}\ref{{a}}, \subref{{a}}, \ref{{m}}", preamble=rf"\usepackage{{{package}}}")
    assert text.endswith(printed) and "(a) left" in text
