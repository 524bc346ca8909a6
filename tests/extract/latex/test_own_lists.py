"""Lists whose labels the paper chose, and theorems in boxes: each item has the label that TeX prints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Body = Callable[..., str]
_TWO = r"\begin{enumerate}\item one\item\label{it} two\end{enumerate} See \ref{it}."


@pytest.mark.parametrize(
    ("preamble", "source", "printed"),
    [
        (r"\usepackage{enumitem}\setlist[enumerate]{label=(\alph*)}", _TWO, ["- (a) one", "- (b) two", "See (b)."]),
        (
            r"\usepackage{enumitem}\setlist[enumerate,1]{label=\Roman*.}\setlist[enumerate,2]{label=(\arabic*)}",
            r"\begin{enumerate}\item one\begin{enumerate}\item inner\end{enumerate}\end{enumerate}",
            ["- I. one", "- (1) inner"],
        ),
        (
            r"\usepackage{enumitem}\newlist{phases}{enumerate}{1}\setlist[phases]{label=Phase \arabic*:}",
            r"\begin{phases}\item one\item two\end{phases}",
            ["- Phase 1: one", "- Phase 2: two"],
        ),
        (r"\usepackage{enumitem}\setlist[itemize]{noitemsep}", _TWO, ["1. one", "2. two", "See 2."]),
        (r"\renewcommand{\labelenumi}{[\roman{enumi}]}", _TWO, ["- [i] one", "- [ii] two", "See 2."]),
        (r"\renewcommand{\theenumi}{\Alph{enumi}}", _TWO, ["- A. one", "- B. two", "See B."]),
        (r"\renewcommand\labelenumii{\theenumii)}", r"\begin{enumerate}\item one\begin{enumerate}\item in\end{enumerate}\end{enumerate}",
         ["1. one", "- a) in"]),
        (
            r"\newcounter{hyp}\newenvironment{hyps}{\begin{list}{(H\arabic{hyp})}{\usecounter{hyp}}}{\end{list}}",
            r"\begin{hyps}\item one\item\label{it} two\end{hyps}\begin{hyps}\item three\end{hyps}",
            ["(H1)** one", "(H2)** two", "(H1)** three"],
        ),
        (
            r"\usepackage{enumitem}",
            r"\begin{enumerate}[label=(\alph*)]\item one\item two\end{enumerate}Words."
            r"\begin{enumerate}[resume*]\item three\label{it}\end{enumerate}By \ref{it}.",
            ["- (a) one", "- (b) two", "Words.", "- (c) three", "By (c)."],
        ),
        ("", r"\begin{list}{--}{}\item one\item[own] two\end{list}", ["- one", "own** two"]),
        (r"\usepackage{tasks}", r"\begin{tasks}(2)\task one\task two\end{tasks}", ["- a) one", "- b) two"]),
        (r"\usepackage{outlines}", r"\begin{outline}\1 one \2 two \1 three\end{outline}", ["- one", "- two", "- three"]),
    ],
)  # fmt: skip
def test_items_have_the_labels_that_the_paper_chose(body: Body, preamble: str, source: str, printed: list[str]) -> None:
    text = body(source, preamble=preamble).replace("\\", "")
    found = [text.find(words) for words in printed]
    assert -1 not in found and found == sorted(found)


def test_a_theorem_in_a_box_has_its_number_and_its_label(body: Body) -> None:
    preamble = r"\usepackage{tcolorbox}\newtcbtheorem[number within=section]{law}{Law}{colback=white}{th}"
    text = body(r"\section{First}\begin{law}{Of motion}{mo}Words.\end{law} See \ref{th:mo}.", preamble=preamble)
    assert "**Law 1.1: Of motion.** Words." in text and text.endswith("See 1.1.")
    text = body(
        r"\begin{claim}Words.\end{claim}",
        preamble=r"\usepackage{mdframed}\newmdtheoremenv[linewidth=1pt]{claim}{Claim}",
    )
    assert text == "**Claim 1.** Words."


def test_quotation_marks_of_a_t1_font_only_there(body: Body) -> None:
    assert body("<<so>> and ,,thus``", preamble=r"\usepackage[T1]{fontenc}") == '«so» and „thus"'
    assert "«" not in body("a<<b", preamble=r"\usepackage[OT1]{fontenc}")
    assert body("$a<<b$", preamble=r"\usepackage[T1]{fontenc}") == "$a<<b$"
