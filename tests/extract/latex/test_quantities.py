"""No wrong number and no wrong unit: every notation as TeX prints it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.extract.latex.conftest import Paper
from tests.extract.latex.quantities import Quantity, flat, printed, quantities

PREAMBLES = sorted({q.preamble for q in quantities()})


def group(preamble: str) -> list[Quantity]:
    return [q for q in quantities() if q.preamble == preamble]


def test_there_are_enough_notations() -> None:
    assert len(quantities()) >= 500
    assert len({q.source for q in quantities()}) >= 480


@pytest.mark.parametrize("preamble", PREAMBLES)
def test_a_notation_gives_what_it_prints(paper: Paper, preamble: str) -> None:
    """One paper of all, parted by a word, and for each what stands between: a notation spoils none of its neighbours."""
    among = group(preamble)
    source = "\n\n".join(f"{{{q.source}}}\n\nPARTED\n" for q in among)
    found = paper(source, preamble=preamble).text.split("for the extractor,")[-1].split("PARTED")
    assert [text.strip() for text in found[:-1]] == [q.text for q in among]


def test_what_is_expected_has_the_signs_that_are_printed() -> None:
    assert [q for q in quantities() if flat(q.text) != flat(q.print)] == []


@pytest.mark.needs_tex
@pytest.mark.parametrize("preamble", PREAMBLES)
def test_tex_prints_it(preamble: str, tmp_path: Path) -> None:
    among = group(preamble)
    pages = printed(preamble, [q.source for q in among], tmp_path)
    assert [flat(page) for page in pages] == [flat(q.print) for q in among]


@pytest.mark.parametrize("unit", [r"\degree", r"\arcminute", r"\arcsecond", r"\percent", r"\metre"])
def test_a_separate_uncertainty_stands_in_brackets_before_any_unit(body: Callable[..., str], unit: str) -> None:
    text = body(rf"\SI{{12.3(4)}}{{{unit}}}", preamble=r"\usepackage{siunitx}\sisetup{separate-uncertainty}")
    assert text.startswith(r"$(12.3 \pm 0.4)")
