"""Floats, short verbatim marks and signs of packages: what a paper declares itself is printed as it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("preamble", "env", "caption"),
    [
        (r"\usepackage{float}\newfloat{chart}{tbp}{loc}", "chart", "**chart 1.** Of a coast."),
        (r"\usepackage{float}\newfloat{plan}{tbp}{lop}[section]\floatname{plan}{Plan}", "plan", "**Plan 1.** Of a coast."),
        (r"\usepackage{newfloat}\DeclareFloatingEnvironment{sketch}", "sketch", "**Sketch 1.** Of a coast."),
        (r"\usepackage{newfloat}\DeclareFloatingEnvironment[fileext=lom,name={Sea Map}]{seamap}", "seamap", "**Sea Map 1.** Of a coast."),
        (
            r"\usepackage{newfloat}\DeclareFloatingEnvironment{sketch}\SetupFloatingEnvironment{sketch}{name=Drawing}",
            "sketch",
            "**Drawing 1.** Of a coast.",
        ),
        (r"\usepackage{caption}\DeclareCaptionType[fileext=los]{plan}[Plan][Plans]", "plan", "**Plan 1.** Of a coast."),
        (r"\usepackage{trivfloat}\trivfloat{plan}", "plan", "**Plan 1.** Of a coast."),
    ],
)  # fmt: skip
def test_a_float_has_the_name_that_the_paper_gives(body: Body, preamble: str, env: str, caption: str) -> None:
    source = rf"See \ref{{f}}. \begin{{{env}}}[h]\caption{{Of a coast.}}\label{{f}}\end{{{env}}}"
    text = body(source, preamble=preamble)
    assert text.startswith("See 1.") and caption in text


def test_own_floats_are_counted_apart(body: Body) -> None:
    source = r"\begin{figure}\caption{One.}\end{figure}\begin{plan}\caption{Two.}\end{plan}\captionof{plan}{Three.}"
    text = body(source, preamble=r"\usepackage{caption}\DeclareCaptionType{plan}[Plan]")
    assert "**Figure 1.** One." in text and "**Plan 1.** Two." in text and "**Plan 2.** Three." in text


def test_a_short_verbatim_mark_is_text_where_it_is_alone(body: Body) -> None:
    assert body(r"\MakeShortVerb{\|}Set |a_b| and one | alone.") == "Set `a_b` and one | alone."


def test_a_brace_over_rows_leaves_its_text(body: Body) -> None:
    table = r"\begin{tabular}{ll}a & \rdelim\}{2}{3mm}[both]\\ b & \end{tabular}\begin{tabular}{ll}\ldelim({2}{*} & c\\ & d\end{tabular}"
    text = body(table, preamble=r"\usepackage{bigdelim}")
    assert "| a | both |" in text and "{" not in text and "3mm" not in text and "*" not in text


def test_letters_of_a_formula_change_their_case(body: Body) -> None:
    assert body(r"$\uppercase{b}+\MakeLowercase{X}$").replace("{", "").replace("}", "") == "$B+x$"


@pytest.mark.parametrize("package", [r"\usepackage{natbib}", ""])
def test_an_unknown_key_in_round_brackets_has_no_others(paper: Paper, package: str) -> None:
    assert "as seen (see lost) here" in paper(r"as seen (see \cite{lost}) here", preamble=package).text


@pytest.mark.parametrize(
    ("spec", "shown"),
    [("2", True), ("2-", True), ("0", False), ("handout:0", False), ("beamer:1|handout:0", True), ("article", False)],
)
def test_slides_show_what_one_of_them_shows(body: Body, spec: str, shown: bool) -> None:
    text = body(rf"\begin{{frame}}Words \only<{spec}>{{seen}} end.\end{{frame}}", cls="beamer")
    assert ("seen" in text) == shown and "<" not in text


def test_a_blocks_title_and_a_theorem_of_beamer(body: Body) -> None:
    text = body(
        r"\begin{frame}\begin{block}<1->{Name}Inside\end{block}\begin{theorem}<1>Words\end{theorem}\end{frame}",
        cls="beamer",
    )
    assert "**Name**\n\nInside" in text and "**Theorem.** Words" in text
