"""Authors and years of printed references, labels in all their forms, brackets, and ions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from curation.extract.latex.printed_references import leading_authors, year_of
from tests.extract.latex.conftest import FILLER, Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("reference", "authors", "et_al", "year"),
    [
        ("B. P. Schmidt *et al.*, Astrophys. J. **507**, 46 (1998).", ["Schmidt"], True, "1998"),
        ("G. 't Hooft, Nucl. Phys. B72 (1974) 461.", ["'t Hooft"], False, "1974"),
        ("A. Linde, J. Phys. 3, 4 (1987).", ["Linde"], False, "1987"),
        ("R. Hulse and J. Taylor, Z. Astrophys. 4, 1975 (1976).", ["Hulse", "Taylor"], False, "1976"),
        ("see e.g. E. Witten, hep-th/9802150; J. Polchinski, Phys. Rev. 4 (1995) 5.", ["Witten"], False, "1998"),
        ("For a review see V. Sahni, [astro-ph/0403324].", ["Sahni"], False, "2004"),
        ("A. Guth, gr-qc/0012345", ["Guth"], False, "2000"),
        ("K. Olive, arXiv:0711.1234.", ["Olive"], False, "2007"),
        ("M. Perl, `arXiv:1503.00012 [hep-ph]`", ["Perl"], False, "2015"),
        ("Particle Data Group, C. Amsler et al., Phys. Lett. B667 (2008) 1.", ["Particle Data Group"], True, "2008"),
        ("WEINBERG, S., Rev. Mod. Phys. 61, 1 (1989)", ["WEINBERG"], False, "1989"),
        ("Ya.B. Zel'dovich, *Relativity* (Univ. of Chicago Press, Chicago, 2nd ed., 1983), p. 1971.", ["Zel'dovich"], False, "1983"),
        ("L. Landau, E. Lifshitz, Fluid Mechanics, vol. 1987, Pergamon.", ["Landau", "Lifshitz"], False, ""),
        ("D. Spergel, Phys. Rev. 1950, 2003 (1999).", ["Spergel"], False, "1999"),
        ("Abt, H. A. 1981b, PASP, 1993, 4", ["Abt"], False, "1981b"),
        ("Kurtz & Mink 1998, PASP 110, 934", ["Kurtz", "Mink"], False, "1998"),
        ("Bennett et al., 2003, ApJS", ["Bennett"], True, "2003"),
        ("Charles L. Bennett and Gary Hinshaw, Nature 4 (2003) 5", ["Bennett", "Hinshaw"], False, "2003"),
        ("J. Silk, *The Big Bang*, Freeman, New York, 1980.", ["Silk"], False, "1980"),
        ("Dravins, D., Young, A.T., Pub. of the Soc., 1997, 109 (part I), 1998, 110 (part III)", ["Dravins", "Young"], False, "1997"),
        ("Private communication.", [], False, ""),
        ('"The Cosmological Constant", http://www.example.org/1998', [], False, ""),
        ("The solar model of this work.", [], False, ""),
        ("Phys. Rev. D 5, 6 (1975).", [], False, "1975"),
    ],
)  # fmt: skip
def test_authors_and_year_of_a_reference(reference: str, authors: list[str], et_al: bool, year: str) -> None:
    assert leading_authors(reference) == (authors, et_al)
    assert year_of(reference) == year


@pytest.mark.parametrize(
    ("item", "printed"),
    [
        (r"\bibitem[\protect\citeauthoryear{Hale, Pan \& Yu}{Hale et al.}{1994a}]{k} Hale G., 1994a", "(Hale et al. 1994a)"),
        (r"\bibitem[\citeauthoryear{Hale}{1994b}]{k} Hale G., 1994b", "(Hale 1994b)"),
        (r"\bibitem[\protect\astroncite{Hale et~al.}{1994}]{k} Hale, G., 1994", "(Hale et al. 1994)"),
        (r"\bibitem[\protect\citename{Hale \& Pan, }1994]{k} Hale, G., 1994", "(Hale & Pan 1994)"),
        (r"\bibitem[Hale 1994c]{k} Hale, G. 1994c, ApJ", "(Hale 1994c)"),
        (r"\bibitem[Hale et~al.\ 1994]{k} Hale, G. 1994", "(Hale et al. 1994)"),
        (r"\bibitem[HPY94]{k} G. Hale, P. Pan and C. Yu, J. Phys. 4 (1994) 5.", "(Hale et al. 1994)"),
        (r"\bibitem[7]{k} G. Hale, J. Phys. 4 (1994) 5.", "(Hale 1994)"),
        (r"\bibitem{k} No name that is sure.", "[k]"),
        (r"\harvarditem{Hale and Pan}{1994}{k} Hale, G.", "(Hale & Pan 1994)"),
    ],
)  # fmt: skip
def test_labels_of_bibliographies(body: Body, item: str, printed: str) -> None:
    text = body(r"Seen \cite{k}." + rf"\begin{{thebibliography}}{{9}}{item}\end{{thebibliography}}")
    assert text == f"Seen {printed}."


def test_brackets_of_the_author_are_enough(body: Body) -> None:
    items = r"\begin{thebibliography}{9}\bibitem{a} G. Hale, J. Phys. 4 (1994) 5.\bibitem{b} P. Pan (1995).\end{thebibliography}"
    text = body(
        r"As [\cite{a}], (see \cite{a,b}), (e.g.\ \cite[p.~3]{b}) or (not $f(x)$) \cite{a}; (open \cite{b}." + items
    )
    assert text == (
        "As [Hale 1994], (see Hale 1994; Pan 1995), (e.g. Pan 1995, p. 3) or (not $f(x)$) (Hale 1994); (open (Pan 1995)."
    )


def test_a_footnote_is_no_bracket_of_the_author(body: Body) -> None:
    items = r"\begin{thebibliography}{9}\bibitem{a} G. Hale, J. Phys. 4 (1994) 5.\end{thebibliography}"
    text = body(r"Seen\footnote{By \cite{a}, (see \cite{a}).} and (so\footnote{Not \cite{z}.} \cite{a})." + items)
    assert text == "Seen^[By (Hale 1994), (see Hale 1994).] and (so^[Not [z].] Hale 1994)."


def test_citations_of_old_aastex_are_bare(paper: Paper) -> None:
    source = (
        r"\documentstyle[11pt,aasms4]{article}\begin{document}" + FILLER + r"After \cite{h} (\cite{p}) came "
        r"\markcite{h}Hale (1994).\begin{references}\reference{h} Hale, G. 1994, ApJ\reference{p} Pan, P. 1995, AJ"
        r"\end{references}\end{document}"
    )
    from curation.extract.latex import extract_latex

    text = extract_latex({"ms.tex": source.encode()}).text
    assert text.endswith("After Hale 1994 (Pan 1995) came Hale (1994).")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"H\,{\sc i} gas", "H I gas"),
        (r"N{\sc v}, Ne\,{\scshape viii}", "N V, Ne VIII"),
        (r"[N\,\textsc{ii}] and [S\,{\sc iii}]", "[N II] and [S III]"),
        (r"Si~{\small IV} and Al\,{\footnotesize III}", "Si IV and Al III"),
        (r"\textsc{H\,ii} regions, {\rm Ca\,\textsc{ii}}", "H II regions, Ca II"),
        (r"O{\sc\,vi} as \ion{O}{vi}", "O VI as O VI"),
        (r"$N_{\rm H\,{\sc i}}$", r"$N_{\rm H\,{I}}$"),
        (r"{\sc Cloudy}, \textsc{Sextractor} and {\small small words}", "Cloudy, Sextractor and small words"),
        (r"phase \textsc{i}, class {\sc ii}", "phase i, class ii"),
    ],
)
def test_ions_have_one_spelling(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected
