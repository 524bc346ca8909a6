"""What a verifier looks at, and what it says: one pair that is not yet released, and a verdict on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class QuestionKind(StrEnum):
    """What a question asks for."""

    CONCEPT = "concept"
    MECHANISM = "mechanism"
    DERIVATION = "derivation"
    NUMERIC = "numeric"
    COMPARISON = "comparison"
    DESIGN = "design"
    """How one would observe it."""
    CHOICE = "choice"
    """Four options, A to D, one of them right."""
    TABLE = "table"
    SUMMARY = "summary"
    METADATA = "metadata"
    """Of the paper itself: its instrument, sample, subject."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair before it is released.

    Args:
        kind: what the question asks for.
        question: as the model will be asked, without options.
        answer: the final answer; of a choice the letter, or the letter and the words of the option.
        passage: text of the chunk, verbatim.
        reasoning: the chain that led to the answer; None for a pair without one.
        quotes: evidence, as quoted or taken by sentence number.
        options: texts of A, B, C, D; empty but for a choice.
        right: number of the right option, from 0.
        value: the answer's number with unit and uncertainty, as extraction gave it.
        expression: the formula, with numbers put in, that gives the value.
        finish_reason: how the model's text ended; "stop" is whole.
        title: of the paper, where the question names it.
        votes: final answers of other samples of the same request.
        picks: options chosen when the question was asked again in other orders, as numbers of `options`; -1: none.
    """

    kind: QuestionKind
    question: str
    answer: str
    passage: str
    reasoning: str | None = None
    quotes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    right: int | None = None
    value: str | None = None
    expression: str | None = None
    finish_reason: str = "stop"
    title: str = ""
    votes: tuple[str, ...] = ()
    picks: tuple[int, ...] = ()

    def said(self) -> tuple[str, ...]:
        """All that the pair will say: question, options, reasoning, answer."""
        return tuple(text for text in (self.question, *self.options, self.reasoning, self.answer) if text)


class Verdict(NamedTuple):
    """What a verifier says of a pair.

    Args:
        passed: False rejects it; None: the verifier does not concern such a pair.
        detail: why, in words, for people.
        score: what was measured, where something was.
    """

    passed: bool | None
    detail: str = ""
    score: float | None = None


PASSED = Verdict(True)
NOT_CONCERNED = Verdict(None)
Check: TypeAlias = Callable[[Candidate], Verdict]


def failed(detail: str, score: float | None = None) -> Verdict:
    """A verdict that rejects a pair."""
    return Verdict(False, detail, score)


def shown(text: str, most: int = 60) -> str:
    """A stretch of a text for a verdict's detail, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
