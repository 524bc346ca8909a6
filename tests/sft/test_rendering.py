from __future__ import annotations

import pytest

from curation.sft import render


def test_an_immediate_answer_switches_thinking_off() -> None:
    assert render("Q?", "A.") == [
        {"role": "system", "content": "detailed thinking off"},
        {"role": "user", "content": "Q?"},
        {"role": "assistant", "content": "A."},
    ]


def test_reasoning_stands_inside_the_content() -> None:
    messages = render("Q?", "A.", " because ", system_on="think")
    assert messages[0] == {"role": "system", "content": "think"}
    assert messages[2]["content"] == "<think>\nbecause\n</think>\n\nA."


def test_empty_reasoning_is_none() -> None:
    assert render("Q?", "A.", "  ") == render("Q?", "A.")


@pytest.mark.parametrize(
    "parts", [("", "A."), ("Q?", " "), ("Q?", "</think> A."), ("Q <think>", "A."), ("Q?", "A.", "x</think>")]
)
def test_parts_that_would_break_the_format_are_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"pair"):
        render(*parts)
