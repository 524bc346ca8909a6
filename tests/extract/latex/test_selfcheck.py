"""The reader's own doubt: what it says in warnings, and what a second reading brings back."""

from __future__ import annotations

from curation.extract.latex.extract import extract_latex
from curation.extract.latex.selfcheck import check
from tests.extract.latex.conftest import FILLER, Paper

LINES = [f"The {word} line and the {word} word of the {word} text are the {word} that we look for, $x$." for word in
         ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")]  # fmt: skip


def test_a_text_that_ends_early_is_told(paper: Paper) -> None:
    source = "\n\n".join(LINES)
    whole = check([source], source, unclosed_math=0, resynced=False, budget_spent=False)
    assert whole.trusted and not whole.ended_early and whole.warnings() == []
    cut = check([source], "\n\n".join(LINES[:8]), unclosed_math=0, resynced=False, budget_spent=False)
    assert cut.ended_early and not cut.trusted
    assert cut.warnings()[0] == "self-check: the last 33% of the main file are missing"
    scattered = check([source], "\n\n".join(LINES[1::2]), unclosed_math=0, resynced=False, budget_spent=False)
    assert not scattered.ended_early  # much is missing, and not at the end


def test_a_conditional_that_never_ends_costs_no_text(paper: Paper) -> None:
    body = "\n\n".join(LINES[:8]) + "\n\n\\iffalse\n\n\\section{Later}\n\n" + "\n\n".join(LINES[8:])
    result = paper(body)
    assert LINES[7] in result.text and "## Later" in result.text and LINES[11] in result.text
    assert "a conditional never ends: read on behind it" in result.warnings
    assert result.route == "latex-resync" and not result.is_doubted


def test_a_conditional_that_ends_is_believed(paper: Paper) -> None:
    result = paper("\n\n".join(LINES[:8]) + "\n\n\\iffalse Hidden. \\fi\n\n" + "\n\n".join(LINES[8:]))
    assert "Hidden" not in result.text and LINES[11] in result.text and result.warnings == []


def test_what_stands_behind_the_end_of_the_document_is_not_missed(paper: Paper) -> None:
    behind = "\\end{document}\n" + "\n\n".join(LINES)
    source = "\\documentclass{article}\\begin{document}" + FILLER + behind
    assert extract_latex({"ms.tex": source.encode()}).warnings == []


def test_an_output_far_larger_than_its_source_is_told(paper: Paper) -> None:
    preamble = rf"\newcommand{{\a}}{{{LINES[0]} }}" + "".join(
        rf"\newcommand{{\{new}}}{{{chr(92) + old + '{}'}{chr(92) + old + '{}'}{chr(92) + old + '{}'}{chr(92) + old + '{}'}}}"
        for old, new in ("ab", "bc", "cd", "de")
    )
    result = paper(r"\e", preamble=preamble)
    assert result.is_doubted
    assert any("times as many words as the source has" in w for w in result.warnings)


def test_names_that_nobody_defined_and_marks_that_stay_open_are_told(paper: Paper) -> None:
    result = paper(r"\strange " * 12 + r"\odd and see \ref{nowhere}, \cite{nobody}.")
    assert r"\strange is not defined, and is used 12 times" in result.warnings
    assert not any(r"\odd" in w for w in result.warnings)
    assert "?? stands for a reference or a number that is not known (1)" in result.warnings
    assert "cited works that are not in the bibliography (1)" in result.warnings
