"""A pair as the conversation that trainers read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.text.chat_marks import chat_mark

# the switch of Llama-Nemotron-Post-Training: https://huggingface.co/datasets/nvidia/Llama-Nemotron-Post-Training-Dataset
DETAILED_ON = "detailed thinking on"
DETAILED_OFF = "detailed thinking off"


def holds_marks(text: str) -> bool:
    """Whether a text holds marks that only templates may write: inside a text one would end a turn, or begin one, so it is in no pair."""
    return chat_mark(text) is not None


def render(
    question: str,
    answer: str,
    reasoning: str | None = None,
    *,
    system_on: str = DETAILED_ON,
    system_off: str = DETAILED_OFF,
) -> list[dict[str, str]]:
    """Messages of role and content only: system, user, assistant.

    Reasoning stands inside the assistant's content, as `<think>`, a line, `</think>`, an empty line, the answer, because
    most chat templates silently drop a key of its own. Without reasoning the system prompt asks for an answer at once. No text begins or
    ends with white space, which templates trim, each in its own way: so what they render reads back as it was.

    Raises:
        ValueError: question or answer is empty, or a part brings think marks or marks of a chat template of its own.
    """
    if not question.strip() or not answer.strip():
        raise ValueError("a pair needs a question and an answer")
    for part in (question, answer, reasoning or ""):
        if mark := chat_mark(part):
            kind = "think marks" if "think" in mark else f"the mark {mark}"
            raise ValueError(f"a part of the pair holds {kind} of its own")
    thought = reasoning.strip() if reasoning else ""
    said = answer.strip()
    content = f"<think>\n{thought}\n</think>\n\n{said}" if thought else said
    return [
        {"role": "system", "content": system_on if thought else system_off},
        {"role": "user", "content": question.strip()},
        {"role": "assistant", "content": content},
    ]


def prompt_and_completion(messages: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Conversations in the two columns of trainers that learn from completions alone: all turns but the last, and the last, as TRL's
    SFTTrainer takes them (conversational prompt-completion, https://huggingface.co/docs/trl/dataset_formats).

    Raises:
        ValueError: the last turn of one is not the assistant's.
    """
    column = messages.combine_chunks()
    turns, lengths = column.flatten(), np.asarray(pc.fill_null(pc.list_value_length(column), 0), np.int64)
    ends = np.cumsum(lengths)
    is_last = np.zeros(len(turns), bool)
    is_last[ends[lengths > 0] - 1] = True
    last = turns.filter(pa.array(is_last))
    if len(last) < len(column) or set(pc.unique(last.field("role")).to_pylist()) - {"assistant"}:
        raise ValueError("a conversation to learn from ends with the assistant")
    halves = (turns.filter(pa.array(~is_last)), lengths - 1), (last, np.ones(len(column), np.int64))
    prompt, completion = (
        pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(n)), pa.int32()), said) for said, n in halves
    )
    return prompt, completion
