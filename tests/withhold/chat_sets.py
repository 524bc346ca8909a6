"""Items of a benchmark as chat sets have them: templates of many wordings, choices in another order, answers that are letters."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curation.withhold.items import Item

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Asked:
    """An item as it is asked.

    Args:
        question, answer: of the item.
        choices: in another order than the item has them.
        letter: of the answer among them; `A` where it is none of them.
    """

    question: str
    choices: tuple[str, ...]
    answer: str
    letter: str

    def listed(self, form: str, between: str = "\n") -> str:
        """The choices, each in a form with `{a}` for its letter, `{n}` for its number and `{c}` for itself."""
        pairs = enumerate(zip(LETTERS, self.choices, strict=False), start=1)
        return between.join(form.format(a=a, n=n, c=c) for n, (a, c) in pairs)


def asked(item: Item, seed: str) -> Asked:
    """An item with its choices shuffled."""
    choices = list(item.choices)
    random.Random(f"{seed}{item.item_id}").shuffle(choices)
    answer = item.answer or (choices[0] if choices else "")
    letter = LETTERS[choices.index(answer)] if answer in choices else "A"
    return Asked(item.question, tuple(choices), answer, letter)


Template = Callable[[Asked], tuple[str, str]]
"""What the user says, and what the assistant does."""
FLAN: dict[str, Template] = {
    "options": lambda a: (f"Q: {a.question}\nOPTIONS:\n{a.listed('- {c}')}\nA:", a.answer),
    "options-first": lambda a: (f"OPT: {a.listed('- {c}', ' ')}\n\nNow answer this. {a.question}", a.answer),
    "pick": lambda a: (
        f"{a.question}\n\nPick one answer from the following.\n{a.listed('({a}). {c}')};",
        f"({a.letter}).",
    ),
    "numbered": lambda a: (
        f"Problem: {a.question}\n\nOptions are:\n {a.listed('[{n}]. {c}', chr(10) + ' ')}",
        a.answer,
    ),
    "exam": lambda a: (
        f"The following are questions of an examination (with answers).\n\n{a.question}\n{a.listed('{a}. {c}')}\nAnswer:",
        a.letter,
    ),
    "sentence": lambda a: (
        f"Let's think: {a.question} Possible answers: {a.listed('{c}', '; ')}.",
        f"The answer is {a.answer}.",
    ),
    "question-mark": lambda a: (
        f"Question with options to choose from: {a.question}?\n{a.listed('{a}) {c}', '  ')}",
        a.letter,
    ),
    "reversed": lambda a: (
        f"Write a question whose answer is: {a.answer}",
        f"{a.question} {a.listed('({a}) {c}', ' ')}",
    ),
}
NEMOTRON: dict[str, Template] = {
    "boxed": lambda a: (
        "Solve the following problem. Make sure to put the answer (and only the answer) inside \\boxed{}.\n\n"
        f"{a.question}\n\n{a.listed('{a}. {c}')}",
        f"<think>\nWe need to weigh the options one by one.\n</think>\n\n\\boxed{{{a.letter}}}",
    ),
    "correct-answer": lambda a: (
        f"What is the correct answer to this question: {a.question}\nChoices:\n{a.listed('({a}) {c}')}\n"
        "Let's think step by step: ",
        f"<think>\nOkay, so I have to find which of them it is.\n</think>\n\nThe correct answer is ({a.letter}).",
    ),
    "last-line": lambda a: (
        "Answer the following multiple choice question. The last line of your response should be in the following format: "
        f"'Answer: A/B/C/D' (e.g. 'Answer: A').\n\n{a.question}\n\n{a.listed('{a}) {c}')}",
        f"After some thought it is clear.\n\nAnswer: {a.letter}",
    ),
    "step": lambda a: (
        f"{a.question}\n\nBelow is a list of choices. Choose the best one and give only its letter.\n{a.listed('{a}: {c}')}",
        a.letter,
    ),
    "json": lambda a: (
        json.dumps({"instruction": "Choose.", "input": a.question, "choices": list(a.choices)}, ensure_ascii=False),
        json.dumps({"choice": a.letter}),
    ),
    "explained": lambda a: (
        f'I am preparing for a test and came across this: "{a.question}" My options are {a.listed("{a}) {c}", ", ")}. Which one is right?',
        f"Good luck with your test! The right option is {a.letter}, {a.answer}, since the others do not hold.",
    ),
    "persona": lambda a: (
        f"You are a patient teacher. A pupil asks:\n\n> {a.question}\n\nand offers\n\n{a.listed('* {c}')}",
        f"**{a.answer}**",
    ),
}
TEMPLATES = {**{f"flan/{n}": t for n, t in FLAN.items()}, **{f"nemotron/{n}": t for n, t in NEMOTRON.items()}}


def rows_of(items: Sequence[Item], n_templates: int = len(TEMPLATES)) -> dict[str, tuple[str, str]]:
    """Items in `n_templates` templates each, in turn: by `<item_id>|<template>` what the user says, and what the assistant does."""
    names, made = sorted(TEMPLATES), {}
    for number, item in enumerate(items):
        for name in (names[(number + k) % len(names)] for k in range(n_templates)):
            made[f"{item.item_id}|{name}"] = TEMPLATES[name](asked(item, name))
    return made
