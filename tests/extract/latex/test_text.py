"""Running text: characters, fonts, notes, verbatim, packages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            r"Erd\H{o}s, Mart{\'\i}nez, \v{S}koda, M\"uller, \AA ngstr\"om, {\ss}, \'{E}, \c{c}",
            "Erdős, Martínez, Škoda, Müller, Ångström, ß, É, ç",
        ),
        ("``quoted'' and `single', 1--2, yes---no", "\"quoted\" and 'single', 1–2, yes—no"),
        (r"{\it Kepler} and \textbf{bold} and {\bf also}", "*Kepler* and **bold** and **also**"),
        (r"Bold{\bf er} and \texttt{emcee}", "Bolder and `emcee`"),
        (r"\verb|a_b\c| works", r"`a_b\c` works"),
        (r"100\% of \$5 \& more \#1 a\_b", r"100% of \$5 & more #1 a_b"),
        ("text % comment\nmore\n% whole line\ntext", "text more text"),
        (r"seen\begin{comment} hidden \end{comment} after", "seen after"),
        (r"Text\footnote{A note.} goes on", "Text^[A note.] goes on"),
        (r"\added{new} \deleted{old} \replaced{right}{wrong} \todo{do it} \textcolor{red}{kept}", "new right kept"),
        (r"\SI{12.3}{\kilo\metre\per\second}", r"$12.3\,\mathrm{km\,s^{-1}}$"),
        (r"\qty{1.5e-3}{\kg\m\squared}", r"$1.5 \times 10^{-3}\,\mathrm{kg\,m^{2}}$"),
        (r"\num{12345} and \ang{3;4;5}", r"$12345$ and $3^{\circ} 4^{\prime} 5^{\prime\prime}$"),
        (r"\ce{H2O} and \ce{^{13}CO}", r"$\mathrm{H_{2}O}$ and $\mathrm{{}^{13}CO}$"),
        (r"\ion{Fe}{ii} and \ion{H}{1}", "Fe II and H I"),
        (r"0\farcs5 and 12\arcsec\ and 3\fdg25", "0.5″ and 12″ and 3.25°"),
        (r"\href{https://x.org/a_b%20c}{the site} and \url{https://y.org/~me}", "the site and https://y.org/~me"),
        (r"3\,000 K and 10\,km", "3000 K and 10 km"),
        (r"\mbox{unbroken} \underline{under} \textsc{caps} \small tiny", "unbroken under caps tiny"),
        (r"published in \apj\ and \mnras", "published in ApJ and MNRAS"),
        (r"\unknowncommand[opts]{its text} stays", "its text stays"),
        (r"\vspace{1cm}\hskip 3pt plus 1fil word \setlength{\parindent}{0pt}\parskip=3pt plus 1pt end", "word end"),
    ],
)
def test_text_as_the_reader_sees_it(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected


def test_lists(body: Body) -> None:
    text = body(r"\begin{itemize}\item one \item two\begin{enumerate}\item in \end{enumerate}\end{itemize}")
    assert "- one" in text and "- two" in text and "1. in" in text
    assert "- **Term** meaning" in body(r"\begin{description}\item[Term] meaning\end{description}")


def test_theorem_and_proof(body: Body) -> None:
    text = body(r"\newtheorem{thm}{Theorem}\begin{thm}[Gauss] It holds.\end{thm}\begin{proof}Trivial.\end{proof}")
    assert "**Theorem 1 (Gauss).** It holds." in text and "**Proof.** Trivial." in text


def test_code_is_verbatim(body: Body) -> None:
    text = body("\\begin{lstlisting}[language=Python]\nx = a_b % 2  # {not tex}\n\\end{lstlisting}")
    assert "```python\nx = a_b % 2  # {not tex}\n```" in text
    assert "```c\nint x;\n```" in body("\\begin{minted}{c}\nint x;\n\\end{minted}")
    assert "```\n\\raw{tex}\n```" in body("\\begin{verbatim}\n\\raw{tex}\n\\end{verbatim}")


def test_listing_has_its_caption_and_number(body: Body) -> None:
    text = body(
        "See Listing~\\ref{l}.\n\\begin{lstlisting}[label={l},caption=My \\emph{code}, language=C]\nx;\n\\end{lstlisting}"
    )
    assert text == "See Listing 1.\n\n**Listing 1.** My *code*\n\n```c\nx;\n```"


def test_algorithm_is_indented_code(body: Body) -> None:
    text = body(
        r"\begin{algorithm}\caption{Search}\begin{algorithmic}\State start \For{$i<n$}\If{$x$}\State step"
        r"\EndIf\EndFor\State \Return $y$\end{algorithmic}\end{algorithm}"
    )
    assert "**Algorithm 1.** Search" in text
    assert "start\nfor $i<n$ do\n    if $x$ then\n        step\n    end if\nend for\nreturn $y$" in text


def test_algorithm2e(body: Body) -> None:
    text = body(r"\begin{algorithm}\KwIn{data $d$}\For{$i$}{work\; \If{done}{stop\;}}\caption{Loop}\end{algorithm}")
    assert "**Algorithm 1.** Loop" in text
    assert "Input: data $d$\nfor $i$ do\n    work\n    if done then\n        stop" in text


def test_acronyms_are_written_out_once(body: Body) -> None:
    text = body(r"\gls{gp} then \gls{gp} and \glspl{gp}", preamble=r"\newacronym{gp}{GP}{Gaussian process}")
    assert text == "Gaussian process (GP) then GP and GPs"


def test_text_behind_the_end_is_not_read(paper: Paper) -> None:
    assert "ghost" not in paper("seen \\end{document} ghost text").text


def test_variable_of_showyourwork_reads_its_file(paper: Paper) -> None:
    assert "we find 42.5 days" in paper(r"we find \variable{output/p.txt} days", files={"output/p.txt": b"42.5\n"}).text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\abs{x} + \qty(\dv{y}{x})", r"\left| x \right| + \left( \frac{\mathrm{d}y}{\mathrm{d}x} \right)"),
        (r"\pdv[2]{f}{x}", r"\frac{\partial ^{2}f}{\partial x^{2}}"),
        (r"\dv*{y}{t}", r"{\mathrm{d}y}/{\mathrm{d}t}"),
        (r"\vb{E}\cross\vu*{n}", r"\mathbf{E}\times \hat{\boldsymbol{n}}"),
        (r"\braket{a}{b}", r"\left \langle a\middle| b \right \rangle"),
        (r"\mqty(1&2\\3&4)", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
        (r"\cos[-1](x)", r"\cos^{-1}\left( x \right)"),
        (r"\pqty{x} \bqty{y}", r"\left( x \right) \left[ y \right]"),
        (r"\abs\Big{a} \qty\big{x}", r"\Big| a \Big| \big\{ x \big\}"),
        (r"\eval(x|_0^1", r"\left( x \right|_0^1"),
    ],
)
def test_physics_package_is_expanded(body: Body, source: str, expected: str) -> None:
    assert body(f"${source}$", preamble=r"\usepackage{physics}") == f"${expected}$"


def test_names_of_the_physics_package_stay_the_papers_own(body: Body) -> None:
    assert body(r"$\div x \sin[2](x)$") == r"$\div x \sin[2](x)$"
    assert body(r"$\abs{x}$", preamble=r"\usepackage{physics}\renewcommand{\abs}[1]{|#1|}") == "$|x|$"


def test_float_does_not_cut_its_paragraph(body: Body) -> None:
    text = body("The sentence begins\n\\begin{figure}\\caption{A plot.}\\end{figure}\nand ends here.")
    assert text.startswith("The sentence begins and ends here.")
    assert "**Figure 1.** A plot." in text


def test_the_self_check_takes_money_for_no_formula(paper: Paper) -> None:
    prose = "The whole survey had a price that nobody in the team had thought of before the start. "
    check = paper(r"It was \$1. " + prose * 2 + r"We paid \$3, \verb|$| and \verb|\x\y|.").check
    assert check is not None and check.found == 1.0 and check.control_words_per_1k == 0


def test_lowered_boxes_of_logos_are_text(paper: Paper) -> None:
    preamble = (
        r"\def\ptmTeX{T\kern-.1667em\lower.5ex\hbox{E}\kern-.075emX}"
        r"\newcommand{\AMSx}{$\mathcal{A}$\kern-.1667em\lower.5ex\hbox{$\mathcal{M}$}\kern-.125em$\mathcal{S}$}"
    )
    text = paper(r"In \ptmTeX{} and \AMSx\ we trust.", preamble=preamble).text
    assert r"In TEX and $\mathcal{A} \mathcal{M} \mathcal{S}$ we trust." in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\SI{500}{\ps}", r"$500\,\mathrm{ps}$"),
        (r"\SI{2}{\uA}", r"$2\,\mathrm{\mu A}$"),
        (r"\qtyproduct{2 x 3}{\m}", r"$2\,\mathrm{m} \times 3\,\mathrm{m}$"),
        (r"\SIlist{1;2;3}{\s}", r"$1\,\mathrm{s}$, $2\,\mathrm{s}$ and $3\,\mathrm{s}$"),
        (r"\ce{Na+}", r"$\mathrm{Na^{+}}$"),
        (r"\ce{SO4^2-}", r"$\mathrm{SO_{4}^{2-}}$"),
        (r"code (\faGithub), here", "code, here"),
        (r"?`Que? !`No!", "¿Que? ¡No!"),
        (r"\font\big=cmr10 scaled 1200 \big Large", "Large"),
        (r"\begin{color}{red}x\end{color}", "x"),
        (r"\newcounter{cc}\stepcounter{cc}no.\thecc", "no.1"),
        (r"\# one", r"\# one"),
    ],
)
def test_small_commands(body: Body, source: str, expected: str) -> None:
    assert body(source, preamble=r"\usepackage{siunitx,mhchem,fontawesome}") == expected


def test_rounds_of_review_in_aastex(body: Body) -> None:
    source = r"\replaced{ten}{twenty} \edit1{new} old"
    assert body(source, cls="aastex631") == "twenty new old"
    assert body(r"\replaced{new}{old}", preamble=r"\usepackage{changes}") == "new"


def test_an_abbreviation_of_a_style_file_counts(body: Body) -> None:
    files = {"my.sty": rb"\newcommand{\kms}{KILO}\newcommand{\ion}[2]{[#1]}"}
    assert body(r"3 \kms, \ion{O}{iii}", preamble=r"\usepackage{my}", files=files) == "3 KILO, O III"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\err{1.2}{0.3}", "1.2 0.3"),
        (r"\newcommand{\val}{\err{1.2}{0.3}}\val", "1.2 0.3"),
        (r"\err{a_{1}}{2}{\bf 3} x", "a_1 2 **3** x"),
        (r"\mystery{M31}{7}", "M31 7"),
        (r"\plotit{fig_3}{the words}", "the words"),
        (r"5\,\GeV\ and $E=3\,\GeV$", r"5 GeV and $E=3\,\mathrm{GeV}$"),
        (r"5\,\Mearths{} heavy", "5 Mearths heavy"),
        (r"8$\farcs$5 and 8{\farcs}5", "8.5″ and 8.5″"),
        (r"$8\farcs$", r"$8.^{\prime\prime}$"),
    ],
)
def test_numbers_beside_undefined_names_stay_whole(body: Body, source: str, expected: str) -> None:
    assert expected in body(source)


def test_an_undefined_name_without_a_number_before_it_prints_nothing(body: Body) -> None:
    assert body(r"Words \GeV\ and \mystery stay.") == "Words and stay."


def test_a_backslash_before_a_blank_line_leaves_the_paragraph_break(body: Callable[..., str]) -> None:
    assert body("First part.\\\n\nSecond part,\\\nhere.") == "First part.\n\nSecond part, here."


def test_a_note_of_a_citation_ends_where_tex_ends_it(body: Callable[..., str]) -> None:
    assert body(r"\cite[as [q{]} says]{Moe}. \cite[cf. [r]{Moe}") == "[Moe, as [q] says]. [Moe, cf. [r]"


def test_objects_of_a_catalogue_print_their_text(body: Callable[..., str]) -> None:
    assert body(r"\object[NGC 224]{Andromeda}, \objectname[M33]{Triangulum}, \object{M 81}", cls="aastex") == (
        "Andromeda, Triangulum, M 81"
    )


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"5\,\celsius{} and 3\,\ohm", "5 °C and 3 Ω"),
        (r"\textalpha{}, \textOmega, \textvarsigma", "α, Ω, ς"),
        (r"\Checkmark{} or \XSolidBrush", "✓ or ✗"),
        (r"4\textperthousand{} of \textyen 7", "4‰ of ¥7"),
    ],
)
def test_signs_of_packages(body: Body, source: str, printed: str) -> None:
    assert body(source).replace("\u2009", " ") == printed


def test_a_formula_of_chemformula_is_one_of_mhchem(body: Body) -> None:
    assert body(r"Of \ch{CO2} we", preamble=r"\usepackage{chemformula}") == r"Of $\mathrm{CO_{2}}$ we"


def test_accents_by_their_place_in_the_font(body: Body) -> None:
    assert body(r'R\accent"7F uckert, {\accent19 e}t\accent19e, \accent18\i') == "Rückert, été, ì"


def test_settings_of_soul_print_nothing(body: Body) -> None:
    preamble = r"\usepackage{soul}\sodef\an{}{.4em}{1em plus1em}{2em plus.1em minus.1em}\setulcolor{red}"
    assert body(r"\setstcolor{blue}\ul{under} it", preamble=preamble) == "under it"


def test_a_backslash_before_the_end_of_verb_in_a_box(body: Body) -> None:
    preamble = r"\newbox\slash\setbox\slash\hbox{\verb|\|}"
    assert (
        body(r"x\copy\slash y \mbox{\verb|a_b|} and \mbox{\verb+\+} z", preamble=preamble) == r"x`\`y `a_b` and `\` z"
    )


def test_the_encoding_of_a_font_is_no_text(body: Body) -> None:
    assert body(r"{\fontencoding{T1}\selectfont so} on") == "so on"


def test_complex_numbers_with_a_power_or_two_signs(body: Body) -> None:
    """siunitx 3: pdflatex prints 3i x 10^4, (1 + 2i) x 10^3, 123 +- 234i."""
    assert body(r"\num{3ie4}", preamble=r"\usepackage{siunitx}") == r"$3\mathrm{i} \times 10^{4}$"
    assert body(r"\num{1+2ie3}", preamble=r"\usepackage{siunitx}") == r"$(1 + 2\mathrm{i}) \times 10^{3}$"
    assert body(r"\num{123+-234i}", preamble=r"\usepackage{siunitx}") == r"$123 \pm 234\mathrm{i}$"
