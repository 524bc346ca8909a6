"""Tables without rules of their own width that stand side by side below one caption, and those that only look so."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend

NAMES = ["Name Mass", "Alpha 120", "Beta 981", "Gamma 776", "Delta 654", "Kappa 223"]
OTHERS = ["Line Flux", "Halpha 3.5", "Hbeta 2.5", "Oxygen 1.2", "Sulfur 4.5", "Iron 7.1"]
NUMBERS = ["Flux Width", "310 3.5", "815 2.5", "227 1.2", "604 4.5", "118 7.1"]
MASSES = ["Name Mass", "Omega 310", "Sigma 815", "Theta 227", "Lambda 604", "Zeta 118"]


def pipes(rows: list[str]) -> str:
    first, *rest = [f"| {' | '.join(row.split())} |" for row in rows]
    return "\n".join([first, "| " + " | ".join("---" for _ in rows[0].split()) + " |", *rest])


def text_of(backend: Backend, left: list[str], right: list[str], gap: float, rules: list[tuple[float, float]]) -> str:
    """A page with a caption and two blocks of cells side by side; each rule from x to x, below their heads."""
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 80, sentence(120))
    y = made.justified(LEFT, RIGHT, y, sentence(90, 7), indent=15) + 20
    made.put(LEFT, y, "Table 1. What is known of the members.", 9, "bold")
    for n, (one, other) in enumerate(zip(left, right, strict=True)):
        for x, cell in zip((150, 198, 220 + gap, 268 + gap), [*one.split(), *other.split()], strict=True):
            made.put(x, y + 20 + 12 * n, cell, 9)
    for x0, x1 in rules:
        made.page.draw_line((x0, y + 23), (x1, y + 23), width=0.5)
    y = made.justified(LEFT, RIGHT, y + 130, sentence(120, 3), indent=15)
    made.justified(LEFT, RIGHT, y, sentence(120, 11), indent=15)
    return extract_pdf(made.document.tobytes(), backend=backend).text


@any_backend
@pytest.mark.parametrize(
    ("right", "gap", "rules"),
    [
        pytest.param(OTHERS, 45, [], id="names-on-both-sides"),
        pytest.param(MASSES, 45, [], id="the-same-head"),
        pytest.param(NUMBERS, 70, [(149, 221), (288, 364)], id="a-rule-each"),
    ],
)
def test_two_tables_side_by_side_are_two(
    backend: Backend, right: list[str], gap: float, rules: list[tuple[float, float]]
) -> None:
    text = text_of(backend, NAMES, right, gap, rules)
    assert pipes(NAMES) in text
    assert pipes(right) in text


@any_backend
@pytest.mark.parametrize(
    ("right", "gap", "rules"),
    [
        pytest.param(OTHERS, 45, [(150, 335)], id="a-rule-across"),
        pytest.param(NUMBERS, 70, [], id="no-names-on-the-right"),
        pytest.param(OTHERS, 45, [(265, 331)], id="a-rule-above-one-half"),
        pytest.param(OTHERS, 18, [], id="as-far-apart-as-the-others"),
    ],
)
def test_a_table_with_a_wide_gutter_is_one(
    backend: Backend, right: list[str], gap: float, rules: list[tuple[float, float]]
) -> None:
    text = text_of(backend, NAMES, right, gap, rules)
    assert pipes([f"{one} {other}" for one, other in zip(NAMES, right, strict=True)]) in text
