"""Marks of chat templates in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.text.chat_marks import chat_mark, without_chat_marks
from curation.text.words import words

MARKS = [
    *("<think>", "</think>", "<|im_start|>", "<|endoftext|>", "<|start_header_id|>", "[INST]", "[/INST]", "<s>", "</s>"),
    *("<<SYS>>", "<</SYS>>", "<start_of_turn>", "<\uff5cUser\uff5c>", "<tool_call>", "[TOOL_CALLS]", "<unused12>"),
]  # fmt: skip
PIECES = [*MARKS, "<", ">", "<|", "|>", "[", "]", "think", "s", "INST", "/", " ", "\n", "x"]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_a_string_like_others_and_keeps_its_words(mark: str) -> None:
    text = f"a{mark}b"
    broken = without_chat_marks(text)
    assert chat_mark(text) == mark and chat_mark(broken) is None
    assert mark not in broken and broken.replace(" ", "") == text
    assert words(f"a {mark} b") == words(without_chat_marks(f"a {mark} b"))


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_text_holds_a_mark_afterwards(text: str) -> None:
    broken = without_chat_marks(text)
    assert chat_mark(broken) is None and not any(mark in broken for mark in MARKS)
    assert without_chat_marks(broken) == broken


@pytest.mark.parametrize(
    "text", ["p < s > q", "x<y>z", "[Inst]", "[1]", "<em>", "a|b|c", "<thinking about>", "< think>"]
)
def test_what_is_no_mark_stays(text: str) -> None:
    assert without_chat_marks(text) == text and chat_mark(text) is None


@pytest.mark.parametrize("mark", [r"<\<SYS>>", r"<\|im_start|>", r"<\|im_start\|>"])
def test_a_mark_behind_an_escape_is_broken_too(mark: str) -> None:
    assert without_chat_marks(mark).replace("\\", "") in ("<< SYS>>", "< |im_start|>")
