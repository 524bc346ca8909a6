"""Papers on formats beside LaTeX: AMS-TeX's preprint style, phyzzx, plain TeX."""

from __future__ import annotations

import pytest

from curation.extract.latex.extract import LatexExtracted, extract_latex
from tests.extract.latex.conftest import FILLER


def read(source: str) -> LatexExtracted:
    return extract_latex({"ms.tex": source.replace("FILLER", FILLER).encode()})


@pytest.fixture(scope="module")
def amsppt() -> LatexExtracted:
    return read(
        r"""\input amstex
\documentstyle{amsppt}
\magnification=\magstep1 \NoBlackBoxes \pagewidth{6in}
\topmatter
\title Orbits near a disc\endtitle
\author P. Pan\endauthor
\affil Institute of Discs\endaffil
\email p\@pan.org\endemail
\thanks Paid by all.\endthanks
\abstract We follow orbits.\endabstract
\keywords orbits\endkeywords
\endtopmatter
\document
\head 1. First words\endhead
FILLER as in \cite{1} and \cite{K, p.~5}.
\subhead 1.1 Details\endsubhead
\proclaim{Lemma 4} Orbits close.\endproclaim
\demo{Proof} By sight.\qed\enddemo
$$\align u&=v \tag 1.1\\ w&=\frac{1}{2} \tag 1.2\endalign$$
with $\Bbb R$, $\Cal L$.\footnote{A note.}
\roster\item one thing \item"(b$'$)" another\endroster
\Refs
\ref\no 1\by G. Hale\paper On discs\jour J. Phys.\vol 3\yr 1990\pages 4--5\endref
\ref\key K\by K. Poe\book All discs\publ Press\publaddr Rome\yr 1991\endref
\endRefs
\enddocument
Nothing of this.
"""
    )


def test_front_matter_of_amsppt(amsppt: LatexExtracted) -> None:
    assert (amsppt.title, amsppt.authors, amsppt.affiliations) == ("Orbits near a disc", "P. Pan", "Institute of Discs")
    assert amsppt.part("abstract") == "We follow orbits." and amsppt.keywords == "orbits"
    for hidden in ("pan.org", "Paid", "magstep", "6in", "Nothing of this"):
        assert hidden not in amsppt.text


def test_body_of_amsppt(amsppt: LatexExtracted) -> None:
    text = amsppt.text
    assert "## 1. First words" in text and "### 1.1 Details" in text
    assert "as in (Hale 1990) and (Poe 1991, p. 5)." in text
    assert "**Lemma 4.** Orbits close.\n\n**Proof.** By sight." in text
    assert r"\begin{aligned}u&=v \\ w&=\frac{1}{2} \end{aligned}" in " ".join(text.split())
    assert r"with $\mathbb{R}$, $\mathcal{L}$.^[A note.]" in text
    assert "- **(1)** one thing\n" in text and "another" in text and '"' not in text
    assert amsppt.undefined_macros == []


def test_references_of_amsppt_as_they_are_printed(amsppt: LatexExtracted) -> None:
    assert amsppt.references == (
        "- G. Hale, *On discs*, J. Phys. 3 (1990), 4–5.\n- K. Poe, *All discs*, Press, Rome, 1991."
    )


def test_phyzzx() -> None:
    result = read(
        r"""\input phyzzx
\PHYSREV \Pubnum{LAB-12}
\titlepage
\title{Strings near a disc}
\author{P. Pan\foot{Paid by all.}}
\address{Institute of Discs}
\abstract
We follow strings.
\endpage
\chapter{First words}
FILLER as shown\REF\hale{G. Hale, Phys. Rev. 3 (1990) 4.}\refmark\hale\ and \Ref\poe{K. Poe, Phys. Rev. 5 (1991) 6.}
\section{Details}
$$u=v\eqn\first$$ and $$\eqalign{w&=z\cr k&=l\cr}\eqn\second$$ so \first\ and \second.
\FIG\disc{A disc.}In Fig.~\disc.
\ack
Thanks to all.
\refout \figout
\bye
"""
    )
    text = result.text
    assert result.title == "Strings near a disc" and result.affiliations == "Institute of Discs"
    assert result.part("abstract") == "We follow strings."
    assert "## First words" in text and "### Details" in text
    assert "as shown (Hale 1990) and (Poe 1991)" in text.replace("\n", " ")
    assert "so (1) and (2)." in text and "In Fig. 1." in text and "**Figure 1.** A disc." in text
    assert result.part("acknowledgements") == "## Acknowledgments\n\nThanks to all."
    assert "LAB-12" not in text and result.undefined_macros == []


def test_plain_tex_papers() -> None:
    text = read(
        r"""\magnification=1200 \font\big=cmbx12 \nopagenumbers
\centerline{\big A paper on discs}
\bigskip
FILLER
\beginsection 1. Words

Text with $u=v$.
\proclaim Theorem 2. All is flat.\par
More.\midinsert\vskip 3in{\bf Fig. 1.} A disc.\endinsert
\line{left\hfil right}
{\narrower\noindent Narrow words.\par}
\vfill\eject
Last words.
\bye
"""
    ).text
    assert "## 1. Words" in text and "Theorem 2. All is flat." in text and "\n\nMore.\n\n**Fig. 1.** A disc." in text
    assert "left right" in text and "Narrow words." in text and text.endswith("Last words.")
    assert "cmbx" not in text and "1200" not in text and "3in" not in text


def test_styles_of_latex_209() -> None:
    source = (
        r"\documentstyle[prd,aps]{revtex}\begin{document}FILLER\widetext Text $\bbox{k}+\case{1}{2}+\case34+\openone$."
    )
    text = read(source + r"\narrowtext\begin{figure}\picplace{5cm}\caption{A disc.}\end{figure}\end{document}").text
    assert r"Text $\boldsymbol{k}+\tfrac{1}{2}+\tfrac{3}{4}+\mathbb{1}$." in text
    assert text.endswith("**Figure 1.** A disc.") and "5cm" not in text
