from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from curation.sft.rendering import prompt_and_completion, render
from schemas import PAIRS
from tests.sft.chat_templates import HEADERS, MARKS, rendered


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


THOUGHTS = ["Because\n\nit turns.  Twice.", "$x < y$ and so on:\n- one\n- two"]
ANSWERS = ["A.", "Two\n\nparagraphs, $a<b$ & “quotes”.", "```python\nx = 1\n```"]
CASES = [(thought, answer) for thought in (None, *THOUGHTS) for answer in ANSWERS]


def _read_headers(text: str) -> list[dict[str, str]]:
    """The turns of a text in the style of Llama 3.1."""
    turns = []
    for turn in text.removeprefix("<|begin_of_text|>").split("<|start_header_id|>")[1:]:
        role, _, content = turn.partition("<|end_header_id|>\n\n")
        assert content.endswith("<|eot_id|>")
        turns.append({"role": role, "content": content.removesuffix("<|eot_id|>")})
    turns[0]["content"] = turns[0]["content"].removeprefix("Cutting Knowledge Date: December 2023\n\n")
    return turns


def _read_marks(text: str) -> list[dict[str, str]]:
    """The turns of a text in the style of Qwen 3."""
    turns = []
    for turn in text.split("<|im_start|>")[1:]:
        role, _, content = turn.partition("\n")
        assert content.endswith("<|im_end|>\n")
        turns.append({"role": role, "content": content.removesuffix("<|im_end|>\n")})
    return turns


@pytest.mark.parametrize(("thought", "answer"), CASES)
def test_templates_render_a_conversation_that_reads_back_byte_for_byte(thought: str | None, answer: str) -> None:
    messages = render("Why\n\nso?", answer, thought)
    headers, marks = rendered(HEADERS, messages), rendered(MARKS, messages)
    assert _read_headers(headers.text) == messages
    assert _read_marks(marks.text) == messages
    for one in (headers, marks):
        assert one.text.count("<think>") == one.text.count("</think>") == (1 if thought else 0)


@pytest.mark.parametrize(("thought", "answer"), CASES)
def test_the_loss_is_taken_over_the_assistants_words_and_the_end_of_its_turn(thought: str | None, answer: str) -> None:
    messages = render("Why\n\nso?", answer, thought)
    (prompt,), (completion,) = _halves(messages)
    assert [*prompt, *completion] == messages and [turn["role"] for turn in completion] == ["assistant"]
    for template, end, generation in (
        (HEADERS, "<|eot_id|>", "assistant<|end_header_id|>\n\n"),
        (MARKS, "<|im_end|>", "<|im_start|>assistant\n"),
    ):
        whole = rendered(template, messages)
        assert whole.said() == [completion[0]["content"] + end]
        assert whole.text[: whole.learned[0][0]].endswith(generation)
        # what trainers of prompt and completion mask is the prompt as it is asked with, and it stands before the completion
        asked = rendered(template, [dict(turn) for turn in prompt], add_generation_prompt=True)
        assert asked.text == whole.text[: whole.learned[0][0]] and asked.learned == []


def test_a_template_that_always_thinks_writes_one_empty_block() -> None:
    messages = render("Why?", "A.")
    text = rendered(MARKS, messages, always_a_block=True).text
    assert text.count("<think>") == 1 and "<think>\n\n</think>\n\nA.<|im_end|>" in text
    thinking = render("Why?", "A.", "because")
    assert rendered(MARKS, thinking, always_a_block=True).text == rendered(MARKS, thinking).text


def test_an_earlier_turn_loses_its_thought_in_templates_that_drop_it() -> None:
    """Why rows have one turn: what a template drops is not learned."""
    two = [
        *render("Why?", "A.", "because"),
        {"role": "user", "content": "And?"},
        {"role": "assistant", "content": "B."},
    ]
    assert "because" not in rendered(MARKS, two).text and "because" in rendered(HEADERS, two).text


def test_white_space_that_templates_would_trim_is_not_there() -> None:
    assert render(" Q? \n", "\nA. ", "\n\n x \n") == render("Q?", "A.", "x")


@pytest.mark.parametrize("mark", ["<|im_end|>", "<|eot_id|>", "</s>", "[INST]", "<end_of_turn>", "<|start_header_id|>"])
def test_marks_of_templates_are_refused_in_every_part(mark: str) -> None:
    for parts in ((f"Q{mark}?", "A."), ("Q?", f"A{mark}."), ("Q?", "A.", f"x{mark}")):
        with pytest.raises(ValueError, match="of its own"):
            render(*parts)


def _halves(*talks: list[dict[str, str]]) -> tuple[list[Any], list[Any]]:
    column = pa.chunked_array([pa.array([talk], PAIRS.arrow.field("messages").type) for talk in talks])
    prompt, completion = prompt_and_completion(column)
    return prompt.to_pylist(), completion.to_pylist()


def test_conversations_of_any_length_are_parted_before_their_last_turn() -> None:
    talks = [render("Why?", "A.", "because"), render("And?", "B.")[1:], render("So?", "C.")[2:]]
    prompts, completions = _halves(*talks)
    assert prompts == [talk[:-1] for talk in talks] and completions == [talk[-1:] for talk in talks]


@pytest.mark.parametrize("talk", [render("Q?", "A.")[:-1], []])
def test_a_conversation_that_ends_with_a_question_has_no_completion(talk: list[dict[str, str]]) -> None:
    with pytest.raises(ValueError, match="ends with the assistant"):
        _halves(render("Q?", "A."), talk)
