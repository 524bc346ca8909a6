"""Adapters: how the rows of published benchmarks name the parts of an item. One function a layout, by name in `ADAPTERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, TypeAlias

from curation.withhold.tokens import SHORT, tokens

Row: TypeAlias = Mapping[str, Any]
AdapterName: TypeAlias = Literal["plain", "astromlab1", "gpqa", "mmlu", "mmlu_pro", "sciq", "free"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class NoItem(ValueError):
    """A row is no item of this layout; says why."""


@dataclass(frozen=True)
class Parts:
    """The texts of an item; `answer` is the right choice in full, or the free answer, never a letter."""

    question: str
    choices: tuple[str, ...] = ()
    answer: str | None = None
    explanation: str | None = None
    passage: str | None = None


@dataclass(frozen=True)
class Adapter:
    """A layout.

    Args:
        parts: the parts of a row. Raises NoItem.
        columns: of a CSV file without a header, the names of its columns; None where the first record is the header.
    """

    parts: Callable[[Row], Parts]
    columns: tuple[str, ...] | None = None


def text_of(value: Any) -> str | None:
    """A value as text without white space around it; None for null, NaN and what is empty.

    Raises:
        NoItem: it is an object, true or false: how it reads nobody says.
    """
    if value is None or value != value:  # NaN is not itself
        return None
    if isinstance(value, Mapping | bool):
        raise NoItem(f"a text is needed where it has {str(value)[:60]}")
    if isinstance(value, list | tuple):
        return "; ".join(t for v in value if (t := text_of(v))) or None
    return str(value).strip() or None


def needed(row: Row, *keys: str) -> str:
    """The first of some keys that has a text. Raises NoItem."""
    for key in keys:
        if text := text_of(row.get(key)):
            return text
    raise NoItem(f"it has no {' or '.join(keys)} (its keys are {', '.join(map(str, row)) or 'none'})")


def chosen(choices: Sequence[str], answer: Any) -> str | None:
    """The choice that an answer names by its letter, its place from 0 or its own text; a text beside choices stays as it is.

    Raises:
        NoItem: it names a choice that is not there.
    """
    said = text_of(answer)
    if said is None or not choices or said in choices:
        return said
    if isinstance(answer, float) and answer.is_integer():
        said = str(int(answer))
    if len(said) == 1 and said.upper() in LETTERS:
        place = LETTERS.index(said.upper())
    elif said.isascii() and said.removeprefix("-").isdigit():
        place = int(said)
    else:
        return said
    if not 0 <= place < len(choices):
        raise NoItem(f"its answer is {said!r}, and it has {len(choices)} choices")
    return choices[place]


def placed(choices: Sequence[str], answer: Any) -> str | None:
    """As `chosen`, of layouts whose answer is always a letter or a place: that a choice reads the same says nothing.

    None where the choice says nothing.

    Raises:
        NoItem: it names no choice.
    """
    said = text_of(answer)
    if said is None:
        raise NoItem("it has no answer")
    if not (said.isascii() and (said.isdigit() or (len(said) == 1 and said.upper() in LETTERS))):
        raise NoItem(f"its answer {said!r} is neither a letter nor a place")
    place = int(said) if said.isdigit() else LETTERS.index(said.upper())
    if place >= len(choices):
        raise NoItem(f"its answer is {said!r}, and it has {len(choices)} choices")
    return choices[place] if is_said(choices[place]) else None


def lettered(row: Row) -> list[str]:
    """What stands under A, B, C ... as far as there are such keys, by its place; empty where nothing does."""
    return [text_of(row[letter]) or "" for letter in takewhile(lambda key: key in row, LETTERS)]


def listed(value: Any) -> tuple[list[str], list[str]]:
    """Choices by their place, and their labels where they have some: a list of texts or of `{label, text}`, `{text: [..], label: [..]}`, or
    `{A: .., B: ..}`; empty where nothing stands.

    Raises:
        NoItem: it is nothing of that, or its labels name one choice twice or not at all.
    """
    if isinstance(value, Mapping) and isinstance(value.get("text"), list | tuple):
        texts, labels = list(value["text"]), list(value.get("label") or ())
    elif isinstance(value, Mapping) and set(value) == set(LETTERS[: len(value)]):
        texts, labels = lettered(value), []
    elif isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value):
        if not all(isinstance(v, Mapping) and "text" in v for v in value):
            raise NoItem(f"its choices are not all `{{label, text}}`: {str(value)[:60]}")
        texts, labels = [v["text"] for v in value], [v["label"] for v in value if "label" in v]
    elif isinstance(value, list | tuple):
        texts, labels = list(value), []
    elif isinstance(value, Mapping) or text_of(value) is not None:
        raise NoItem(f"its choices are no list but {str(value)[:60]!r}")
    else:
        texts, labels = [], []
    names = [text_of(label) or "" for label in labels]
    if names and (len(names) != len(texts) or "" in names or len(set(names)) < len(names)):
        raise NoItem(f"its {len(texts)} choices have the labels {', '.join(names)}")
    return [text_of(text) or "" for text in texts], names


def choices_of(row: Row) -> tuple[list[str], list[str]]:
    """The choices of a row and their labels, as `listed`, under `choices`, `options` or A, B, C, or in its question.

    Raises:
        NoItem: they are no choices, or stand in two places that differ.
    """
    asked = row.get("question")
    inner = asked.get("choices") if isinstance(asked, Mapping) else None
    found = [*map(listed, (row.get("choices"), row.get("options"), inner)), (lettered(row), [])]
    said = [made for made in found if said_of(made[0])]
    if any(texts != said[0][0] for texts, _ in said):
        raise NoItem("it has choices in two places (choices, options, A B C ..., question), and they differ")
    return max(said, key=lambda made: len(made[1]), default=([], []))


def place_of(labels: Sequence[str], answer: Any) -> Any:
    """The place of the choice that an answer names by its label; any other answer as it is."""
    said = text_of(answer)
    return labels.index(said) if said in labels else answer


def said_of(choices: Sequence[str]) -> tuple[str, ...]:
    """Choices without those that are empty or `N/A`, which some sets fill up with."""
    return tuple(text for text in choices if is_said(text))


def is_said(text: str | None) -> bool:
    """Whether a choice says something."""
    return text not in (None, "", "N/A")


def _plain(row: Row) -> Parts:
    asked, (choices, labels) = row.get("question"), choices_of(row)
    answer = row.get("answer") if text_of(row.get("answer")) is not None else row.get("answerKey")
    question = needed(asked, "stem") if isinstance(asked, Mapping) else needed(row, "question", "question_stem")
    said = text_of(answer)
    if said in labels:
        right = placed(choices, place_of(labels, said))
    elif labels and said is not None and said not in choices:
        raise NoItem(f"its answer {said!r} is none of its choices, of the labels {', '.join(labels)}")
    else:
        right = chosen(choices, answer)
    explanation, passage = text_of(row.get("explanation")), text_of(row.get("passage"))
    return Parts(question, said_of(choices), right if is_said(right) else None, explanation, passage)


def _astromlab1(row: Row) -> Parts:
    return Parts(needed(row, "question"), tuple(needed(row, letter) for letter in "ABCD"))


def _gpqa(row: Row) -> Parts:
    right = needed(row, "Correct Answer")
    wrong = tuple(needed(row, f"Incorrect Answer {n}") for n in (1, 2, 3))
    return Parts(needed(row, "Question"), (right, *wrong), right, text_of(row.get("Explanation")))


def _mmlu(row: Row) -> Parts:
    choices, labels = choices_of(row)
    if not said_of(choices):
        raise NoItem("it has neither choices nor A, B, C, D")
    return Parts(needed(row, "question"), said_of(choices), placed(choices, place_of(labels, row.get("answer"))))


def _mmlu_pro(row: Row) -> Parts:
    options = row.get("options")
    if not isinstance(options, list | tuple):
        raise NoItem("it has no list `options`")
    texts, labels = listed(options)
    answer = row.get("answer_index") if text_of(row.get("answer")) is None else row.get("answer")
    return Parts(
        needed(row, "question"),
        said_of(texts),
        placed(texts, place_of(labels, answer)),
        text_of(row.get("cot_content")),
    )


def _sciq(row: Row) -> Parts:
    right = needed(row, "correct_answer")
    wrong = tuple(needed(row, f"distractor{n}") for n in (1, 2, 3))
    return Parts(needed(row, "question"), (right, *wrong), right, passage=text_of(row.get("support")))


def _free(row: Row) -> Parts:
    question = needed(row, "question", "problem")
    if said_of(choices_of(row)[0]):
        raise NoItem("it has choices, which this layout does not read: name the layout plain")
    answer = text_of(row.get("final_answer")) or text_of(row.get("answer"))
    explanation = text_of(row.get("solution")) or text_of(row.get("explanation"))
    if answer and explanation is None and "####" in answer:  # the steps, then the answer behind four marks
        steps, _, answer = (part.strip() for part in answer.rpartition("####"))
        explanation = steps or None
    if not answer and not explanation:
        raise NoItem("it has neither answer, final_answer nor solution")
    if not answer and explanation is not None and len(tokens(explanation)) <= SHORT:
        answer, explanation = explanation, None
    passage = text_of(row.get("context")) or text_of(row.get("passage"))
    return Parts(question, (), answer, explanation, passage)


ADAPTERS: Mapping[str, Adapter] = {
    "plain": Adapter(_plain),
    "astromlab1": Adapter(_astromlab1),
    "gpqa": Adapter(_gpqa),
    "mmlu": Adapter(_mmlu, ("question", "A", "B", "C", "D", "answer")),
    "mmlu_pro": Adapter(_mmlu_pro),
    "sciq": Adapter(_sciq),
    "free": Adapter(_free),
}
"""Layouts by name.

- plain: `question` (also `question_stem`, or `{stem, choices}`), any of `choices`, `options` or A, B, C ..., `answer` or `answerKey` (text,
  label, letter or place from 0), `explanation`, `passage`.
- astromlab1: `question,A,B,C,D`, as AstroMLab-1 is published, without a key.
- gpqa: `Question`, `Correct Answer`, `Incorrect Answer 1` to 3, `Explanation`.
- mmlu: CSV without a header (question, A, B, C, D, letter), or rows of `question`, `choices` and `answer`, a place.
- mmlu_pro: `question`, `options`, `answer` (letter) or `answer_index`, `cot_content`.
- sciq: `question`, `correct_answer`, `distractor1` to 3, `support`, which is the passage.
- free: `question` or `problem`, no choices; `final_answer` or `answer`; `solution`, which is the answer where it is short and there is no other;
  `context`: olympiads, and sums with `####`.
"""
