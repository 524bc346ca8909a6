"""A pair as the conversation that trainers read."""

from __future__ import annotations

# the switch of Llama-Nemotron-Post-Training: https://huggingface.co/datasets/nvidia/Llama-Nemotron-Post-Training-Dataset
DETAILED_ON = "detailed thinking on"
DETAILED_OFF = "detailed thinking off"


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
    most chat templates silently drop a key of its own. Without reasoning the system prompt asks for an answer at once.

    Raises:
        ValueError: question or answer is empty, or a part brings think marks of its own.
    """
    if not question.strip() or not answer.strip():
        raise ValueError("a pair needs a question and an answer")
    if any(mark in part for mark in ("<think>", "</think>") for part in (question, answer, reasoning or "")):
        raise ValueError("a part of the pair holds think marks of its own")
    thought = reasoning.strip() if reasoning else ""
    content = f"<think>\n{thought}\n</think>\n\n{answer}" if thought else answer
    return [
        {"role": "system", "content": system_on if thought else system_off},
        {"role": "user", "content": question},
        {"role": "assistant", "content": content},
    ]
