"""Citations from .bbl and .bib, in three styles."""

from __future__ import annotations

import pytest

from curation.extract.latex import LatexOptions
from curation.extract.latex.bibliography import leading_authors
from tests.extract.latex.conftest import Paper

BIB = rb"""
@article{one, author = {Smith, Anna}, year = 2012, title = {The {Title} of One}, journal = {ApJ}, volume = 1, pages = {2--3}}
@article{two, author = "Jones, B. and de la Cruz, C.", year = "1999"}
@article{many, author = {M{\"u}ller, A. and B, C. and D, E.}, year = {2020}}
@misc{team, author = {{Planck Collaboration} and Aghanim, N. and others}, date = {2018-07-01}}
@article{sameA, author={Zed, A.}, year=2001, title={A}}
@article{sameB, author={Zed, A.}, year=2001, title={B}}
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\citet{one} said", "Smith (2012) said"),
        (r"seen \citep{one,two}", "seen (Smith 2012; Jones & de la Cruz 1999)"),
        (r"\citep[e.g.,][Sect.~2]{many}", "(e.g., Müller et al. 2020, Sect. 2)"),
        (r"\citep[p.~3]{one}", "(Smith 2012, p. 3)"),
        (r"\citealt{team}", "Planck Collaboration et al. 2018"),
        (r"\citeauthor{two} in \citeyear{two}", "Jones & de la Cruz in 1999"),
        (r"\citet{sameA} and \citet{sameB}", "Zed (2001a) and Zed (2001b)"),
        (r"\defcitealias{one}{Paper I}\citetalias{one}", "Paper I"),
        (r"\defcitealias{one}{Paper I}\citepalias[see][Sect.~3]{one}", "(see Paper I, Sect. 3)"),
        (r"\citet{one,two}", "Smith (2012); Jones & de la Cruz (1999)"),
        (r"\citet{sameA,sameB}", "Zed (2001a, 2001b)"),
        (r"\parencites[see][]{one}[p.~2]{two}", "(see Smith 2012; Jones & de la Cruz 1999, p. 2)"),
        (r"\textcites{one}{two}", "Smith (2012); Jones & de la Cruz (1999)"),
        (r"\citep{missing}", "[missing]"),
    ],
)
def test_from_bib(paper: Paper, source: str, expected: str) -> None:
    text = paper("Cite: " + source + r"\bibliography{refs}", cls="mnras", files={"refs.bib": BIB}).text
    assert expected in text


def test_cite_is_textual_in_author_year_classes_only(paper: Paper) -> None:
    assert "by Smith (2012)." in paper(r"by \cite{one}.", cls="mnras", files={"r.bib": BIB}).text
    assert "by (Smith 2012)." in paper(r"by \cite{one}.", cls="revtex4", files={"r.bib": BIB}).text


def test_a_note_puts_the_whole_citation_in_brackets(paper: Paper) -> None:
    """natbib's manual, 2.4: `\\cite` is `\\citet`, and with a note `\\citep`; the bare names have their notes behind a comma."""
    body = r"by \cite[p. 2]{one} and \cite[see][]{one}, of \citeauthor[A]{one}, in \citeyear[B]{one}."
    text = paper(body, cls="mnras", files={"r.bib": BIB}).text
    assert text.endswith("by (Smith 2012, p. 2) and (see Smith 2012), of Smith, A, in 2012, B.")


@pytest.mark.parametrize(
    "item",
    [
        r"\bibitem[Smith et al.(2012)]{k} Smith, A., Jones, B., Doe, C. 2012, ApJ, 1, 2",
        r"\bibitem[{{Smith} {et~al.}(2012){Smith}, {Jones}, \& {Doe}}]{k} {Smith}, A., {Jones}, B. 2012, \apj, 1, 2",
        r"\bibitem [{\citenamefont {Smith}\ \emph {et~al.}(2012)\citenamefont {Smith}, \citenamefont {Jones}}]{k} "
        r"\bibfield {author} {\bibinfo {author} {A.~Smith}}, \bibinfo{journal}{PRL} (\bibinfo{year}{2012})",
        r"\bibitem{k} A. Smith et al., Phys. Rev. D 12, 34 (2012).",
        r"\bibitem[\protect\citeauthoryear{Smith et al.}{2012}]{k} Smith A. et al., 2012, MNRAS, 1, 2",
    ],
)
def test_from_bbl(paper: Paper, item: str) -> None:
    result = paper(r"Seen \citep{k}.\begin{thebibliography}{9}" + item + r"\end{thebibliography}")
    assert "Seen (Smith et al. 2012)." in result.text
    assert result.references is not None and "Smith" in result.references and "Phys" not in result.text


def test_bbl_beside_the_main_file(paper: Paper) -> None:
    bbl = rb"\begin{thebibliography}{}\bibitem[Doe(2001)]{d}Doe J., 2001, A, 1\end{thebibliography}"
    result = paper(r"\citet{d} says. \bibliography{x}", files={"ms.bbl": bbl})
    assert "Doe (2001) says." in result.text and result.references == "- Doe J., 2001, A, 1"


def test_biblatex(paper: Paper) -> None:
    bbl = (
        b"\\entry{d}{article}{}\n\\name{author}{1}{}{%\n{{hash=1}{%\nfamily={Doe},\nfamilyi={D\\bibinitperiod},\ngiven={Jane}}}%\n}\n"
        b"\\field{title}{On things}\n\\field{year}{2005}\n\\endentry\n"
    )
    result = paper(r"\textcite{d} and \parencite[see][]{d}. \printbibliography", files={"ms.bbl": bbl})
    assert "Doe (2005) and (see Doe 2005)." in result.text


def test_styles(paper: Paper) -> None:
    source = r"As \citet{one} say \citep{two}."
    keyed = paper(source, files={"r.bib": BIB}, options=LatexOptions(cite_style="key")).text
    dropped = paper(source, files={"r.bib": BIB}, options=LatexOptions(cite_style="drop")).text
    assert "As [@one] say [@two]." in keyed
    assert "As Smith (2012) say." in dropped


def test_reference_list_is_made_from_the_bib(paper: Paper) -> None:
    result = paper(r"\citet{one}", files={"r.bib": BIB})
    assert result.references == "- Smith (2012). The Title of One. ApJ, 1, 2–3."
    assert "The Title of One" not in result.text


def test_revtex_notes_within_a_key_belong_to_the_list(paper: Paper) -> None:
    source = r"We cite \citep{*[see][{, and more}]one,[By][]two} here.\bibliography{r}"
    assert "We cite (Smith 2012; Jones & de la Cruz 1999) here." in paper(source, files={"r.bib": BIB}).text


@pytest.mark.parametrize(
    ("reference", "names"),
    [
        ("Planck Collaboration, N. Aghanim, et al., A&A 2020", "Planck Collaboration et al."),
        ("Smith, A. B., Jones, C., & Wu, D. 2010, ApJ", "Smith, Jones, Wu"),
        ("Li, X., Wu, Y. 2011", "Li, Wu"),
        ("van den Bosch, F. 2005, MNRAS", "van den Bosch"),
        ("F. van den Bosch, C. de la Cruz, Nature 2001", "van den Bosch, de la Cruz"),
        ("F. Weber, A Review of Searches, Int. J. Mod. Phys. A32 (2017)", "Weber"),
        ("Q.-H. Cao, C. S. Li, and H. Zhang, Effective", "Cao, Li, Zhang"),
        ("Abt, H. A. et al. 1990", "Abt et al."),
        ("O'Neil J. E., Bailer-Jones C., 1994, ApJ", "O'Neil, Bailer-Jones"),
        ("Smith AB, Jones C. A title. 2001", "Smith, Jones"),
        ("John Smith and Mary K. Jones, A book", "Smith, Jones"),
    ],
)
def test_names_at_the_head_of_a_reference(reference: str, names: str) -> None:
    found, et_al = leading_authors(reference)
    assert ", ".join(found) + (" et al." if et_al else "") == names


def test_letters_follow_the_names_of_all_authors(paper: Paper) -> None:
    bib = rb"""@article{x, author={Zed, A. and Young, B. and Xu, C.}, year=2001, title={A}}
@article{y, author={Zed, A. and Abel, B. and Xu, C.}, year=2001, title={B}}"""
    text = paper(r"\citet{x} and \citet{y}.", cls="mnras", files={"r.bib": bib}).text
    assert "Zed et al. (2001b) and Zed et al. (2001a)." in text


def test_names_of_a_bib_file_with_ties_and_math_accents(paper: Paper) -> None:
    bib = rb"@article{x, author={Mary~Abadi and Bo$\check{s}$njak, Z.}, year=2001, title={A}}"
    assert "(Abadi & Bošnjak 2001)" in paper(r"\citep{x}.", files={"r.bib": bib}).text


def test_the_long_label_of_natbib_is_the_full_list(paper: Paper) -> None:
    text = paper(
        r"\usepackage{natbib}\citet*{k}.\begin{thebibliography}{9}"
        r"\bibitem[Roe et al.(1999)Roe, Poe, and Doe]{k} Roe, A. 1999\end{thebibliography}"
    ).text
    assert "Roe, Poe & Doe (1999)." in text


def test_natbib_alone_is_in_author_year_mode(paper: Paper) -> None:
    for label, printed in (("[Roe(1999)]", "Roe (1999) showed"), ("", "(Roe 1999) showed")):
        listed = rf"\begin{{thebibliography}}{{9}}\bibitem{label}{{k}} Roe, A. 1999\end{{thebibliography}}"
        assert printed in paper(r"\cite{k} showed." + listed, preamble=r"\usepackage{natbib}").text
