"""What nothing defines: an assignment prints nothing, a relation in the text stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Body = Callable[..., str]


@pytest.mark.parametrize(
    "assignment",
    [
        r"\panelwidth=8cm ",
        r"\panelwidth = 3.5 true in ",
        r"\gapskip=-2pt plus 1fil minus .5pt ",
        r"\half=.5\hsize ",
        r"\figureheight=\baselineskip ",
        r"\wide=12mm ",
    ],
)
def test_an_assignment_to_an_undefined_register_prints_nothing(body: Body, assignment: str) -> None:
    assert body(f"Dust {assignment}and gas.") == "Dust and gas."
    assert body(f"{assignment}Dust and gas.") == "Dust and gas."
    assert body(rf"\newcommand{{\setup}}{{{assignment}}}Dust \setup and gas.") == "Dust and gas."


def test_a_number_alone_on_its_line_is_assigned(body: Body) -> None:
    assert body("\\doublepenalty=200\nDust and gas.") == "Dust and gas."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"At \D=5 pc the gas ends.", "At =5 pc the gas ends."),
        (r"A ratio \q=3 is high.", "A ratio =3 is high."),
        (r"Here \q=x holds.", "Here =x holds."),
        (r"An angle \tilt=5 degrees.", "An angle =5 degrees."),
    ],
)
def test_a_relation_in_the_text_stays(body: Body, source: str, expected: str) -> None:
    assert body(source) == expected
