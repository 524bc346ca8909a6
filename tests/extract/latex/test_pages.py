"""What belongs to pages, files and other languages, and is no text of a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"left\twocolumn[Wide words]right\onecolumn below", "left\n\nWide words\n\nright\n\nbelow"),
        (r"left\newpage right\clearpage below", "left\n\nright\n\nbelow"),
        (r"left\vfill\eject right", "left\n\nright"),
        (r"\begin{overpic}[width=5cm]{plot.pdf}\put(3,4){label}\end{overpic}words", "words"),
        (r"$\begin{array}{c}\includegraphics[width=4cm]{p1}\\ \mbox{top}\end{array}$ words", "top words"),
        (r"$\begin{array}{cc}\psfig{file=a.ps}&\epsfbox{b.eps}\end{array}$words", "words"),
        (r"\IEEEPARstart{W}{e} say", "We say"),
        (r"\lettrine[lines=2]{W}{e} say", "We say"),
        (r"infra\hyp{}red and\fshyp or", "infra-red and/or"),
        (r"\foreignquote{german}{Wort} and \begin{otherlanguage*}{german}Wort\end{otherlanguage*}", "“Wort” and Wort"),
        (r"\thesaurus{03(11.01.2; 12.03.3)}words", "words"),
    ],
)
def test_page_make_up_is_no_text(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected


def test_included_files_stand_on_pages_of_their_own(body: Body) -> None:
    files = {"one.tex": b"First file.", "two.tex": b"Second file.", "off.tex": b"Never."}
    assert body(r"\include{one}\include{two}", files=files) == "First file.\n\nSecond file."
    chosen = body(r"\include{one}\include{off}\include{two}", preamble=r"\includeonly{one,two.tex}", files=files)
    assert chosen == "First file.\n\nSecond file."
    assert body(r"\input{one}\input{two}", files=files) == "First file.Second file."


def test_environments_that_comment_sty_hides_or_shows(body: Body) -> None:
    source = "A.\n\\begin{draft}\nHidden % words.\n\\end{draft}\nB."
    assert body(source, preamble=r"\usepackage{comment}\excludecomment{draft}") == "A. B."
    assert body(source, preamble=r"\excludecomment{draft}\includecomment{draft}") == "A. Hidden B."
    shown = r"\specialcomment{draft}{\emph{Note:} }{ (end)}"
    assert body("\\begin{draft}\nWords.\n\\end{draft}", preamble=shown) == "*Note:* Words. (end)"


def test_an_address_by_a_name_of_its_own(body: Body) -> None:
    preamble = r"\usepackage{url}\urldef{\home}\url{http://a.org/~me_x#p%20}\urldef\mine\path|a_b@c.org|"
    text = body(r"See \footnote{\home} or \mine.", preamble=preamble.replace(r"{\home}", r"\home"))
    assert text == "See^[http://a.org/~me_x#p%20] or a_b@c.org."


def test_first_and_later_forms_of_terms(body: Body) -> None:
    preamble = (
        r"\newglossaryentry{ox}{name={ox},plural={oxen},description={a draught animal}}"
        r"\newglossaryentry{kev}{name={kiloelectronvolt},first={kiloelectronvolt (keV)},text={keV},description={}}"
        r"\newacronym[longplural={nuclei of galaxies}]{ng}{NG}{nucleus of a galaxy}"
    )
    text = body(
        r"\Glspl{ox}, \gls{ox}; \gls{kev}, \gls{kev}; \glspl{ng}, \gls{ng}['s], \acrlong{ng}, \glsentrydesc{ox}, \GLS{ox}.",
        preamble=preamble,
    )
    assert text == (
        "Oxen, ox; kiloelectronvolt (keV), keV; nuclei of galaxies (NGs), NG's, nucleus of a galaxy, a draught animal, OX."
    )


def test_acronyms_of_the_package_acronym(body: Body) -> None:
    preamble = r"\newacro{LF}[Lum-F]{luminosity function}\acrodef{IR}{infrared}"
    text = body(r"\acp{LF}, \ac{LF}, \acl{LF}, \acresetall\ac{LF}, \Ac{IR}, \acs{IR}, \acfp{LF}.", preamble=preamble)
    assert text == (
        "luminosity functions (Lum-Fs), Lum-F, luminosity function, luminosity function (Lum-F), Infrared (IR), IR, "
        "luminosity functions (Lum-Fs)."
    )


_LIST = (
    r"\begin{acronym}\acro{svm}[SVM]{support vector machine\acroextra{ (see below)}}\acro{no}[NO]{never used}"
    r"\acro{k}{kilonova}\end{acronym}"
)


def test_a_list_at_the_end_defines_the_acronyms_used_before_it(body: Body) -> None:
    text = body(r"An \ac{svm}, the \ac{svm}, \acp{k}." + _LIST, preamble=r"\usepackage{acronym}")
    assert text == (
        "An support vector machine (SVM), the SVM, kilonovas (ks).\n\n"
        "- **SVM** support vector machine (see below)\n- **NO** never used\n- **k** kilonova"
    )


def test_a_list_of_used_acronyms_has_those_used_behind_it(body: Body) -> None:
    text = body(_LIST + r"An \acl{svm}, a \acs{k}.", preamble=r"\usepackage[printonlyused]{acronym}")
    assert text == ("- **SVM** support vector machine (see below)\n- **k** kilonova\n\nAn support vector machine, a k.")


def test_which_forms_count_as_a_first_use(body: Body) -> None:
    source = r"\acs{LF}, \ac{LF}; \acl{IR}, \ac{IR}; \acf{UV}, \ac{UV}."
    acronym = r"\usepackage{acronym}\newacro{LF}{lum}\newacro{IR}{infrared}\newacro{UV}{violet}"
    assert body(source, preamble=acronym) == "LF, lum (LF); infrared, infrared (IR); violet (UV), UV."
    acro = (
        r"\usepackage{acro}\DeclareAcronym{LF}{short=LF,long=lum,long-plural-form=lums of all}"
        r"\DeclareAcronym{IR}{short=IR,long=infrared}\DeclareAcronym{UV}{short=UV,long=violet}"
    )
    assert body(source + r" \aclp{LF}", preamble=acro) == "LF, LF; infrared, IR; violet (UV), UV. lums of all"


def test_a_page_break_in_a_cell_keeps_its_row(paper: Paper) -> None:
    text = paper(r"\begin{longtable}{ll}a & b\newpage\\ c & d\end{longtable}").text
    assert "| a | b |" in text and "| c | d |" in text
