"""When a text holds an item: question, answer and passage are found apart, and what they weigh together decides.

Scores are shares of weight (`curation.withhold.weights`) per mille. A hit says by its rule what was found:

- question: one of more than `SHORT` tokens; or all of it, as it is, one token behind the other.
- question+answer, question+choices: a shorter one says too little alone. It must be there nearly as it is, more so the shorter both
  are (`threshold`; interpolated, as allenai/decon does), with the full text of the right answer or of most of the choices near it, in
  any order; never a letter.
- passage, answer, explanation: texts of more than `SHORT` tokens, each for itself.

Nothing is found whose tokens weigh less than `MIN_WEIGHT`, four or five rare words, but a question that is there in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.withhold.align import Found, find, find_whole
from curation.withhold.index import SHORT, Entry, Part

MIN_SCORE = 800
"""decon's threshold."""
MIN_SHORT_SCORE = 870
"""Of the shortest."""
SHORTEST = 8
MIN_QUESTION = 750
"""Of a question beside its answer, and of an answer beside its question: so much of each."""
MIN_WEIGHT = 30
MIN_WHOLE = 6
"""Tokens of a question that is there in full, beside an answer of few."""
ADJACENT = 3
"""Tokens between a question and the answer of a statement that both make."""
MIN_FUZZY_CHARS = 5
"""Of an answer; a shorter one is there as it is."""
NEAR = 40
"""Tokens between a question and its answer, the choices not counted."""


@dataclass(frozen=True)
class Match:
    """What a text holds of an item.

    Args:
        rule: what was found.
        score: per mille.
        spans: first and last token of each piece, both included.
    """

    rule: str
    score: int
    spans: tuple[tuple[int, int], ...]


def threshold(n_tokens: int) -> int:
    """The score that so many tokens must have: the fewer they are, the more of them."""
    missing = max(0, min(SHORT, SHORT - n_tokens))
    return min(MIN_SHORT_SCORE, MIN_SCORE + (MIN_SHORT_SCORE - MIN_SCORE) * missing // (SHORT - SHORTEST))


def match(entry: Entry, text: Sequence[str]) -> Match | None:
    """What a stretch of a text holds of an item: the best that counts, of equals the one of most pieces."""
    return max(_matches(entry, text), key=lambda m: (m.score, len(m.spans)), default=None)


def _matches(entry: Entry, text: Sequence[str]) -> Iterator[Match]:
    for rule, part in (("passage", entry.passage), ("answer", entry.answer), ("explanation", entry.explanation)):
        if part is not None and len(part.tokens) > SHORT:
            yield from _alone(rule, part, find(part, text))
    question = find(entry.question, text)
    if len(entry.question.tokens) > SHORT:
        yield from _alone("question", entry.question, question)
    if question.per_mille >= MIN_QUESTION:
        around = NEAR + sum(len(choice.tokens) + 2 for choice in entry.choices)
        yield from _with_answer(entry, question, text, around)
        yield from _with_choices(entry, question, text, around)


def _alone(rule: str, part: Part, found: Found) -> Iterator[Match]:
    if found.is_whole or (found.per_mille >= MIN_SCORE and found.weight >= MIN_WEIGHT):
        yield Match(rule, found.per_mille, ((found.first, found.last),))


def _with_answer(entry: Entry, question: Found, text: Sequence[str], around: int) -> Iterator[Match]:
    if entry.answer is None:
        return
    answer = _near(entry.answer, question, text, around)
    if answer is not None:
        yield from _together("question+answer", entry.question, question, [(entry.answer, answer)], [])


def _with_choices(entry: Entry, question: Found, text: Sequence[str], around: int) -> Iterator[Match]:
    found = [(choice, _near(choice, question, text, around)) for choice in entry.choices]
    there = [(choice, place) for choice, place in found if place is not None]
    if len(there) >= 2 and 4 * len(there) >= 3 * len(found):
        yield from _together("question+choices", entry.question, question, there, [c for c, p in found if p is None])


def _near(part: Part, question: Found, text: Sequence[str], around: int) -> Found | None:
    """A part before or behind a question; None where it is not there."""
    before, behind = max(0, question.first - around), question.last + 1
    for start, end in ((behind, behind + around + len(part.tokens)), (before, question.first)):
        stretch = text[start:end]
        if sum(map(len, part.tokens)) < MIN_FUZZY_CHARS:
            place = find_whole(part.tokens, stretch)
            found = Found(part.total, part.total, place, place + len(part.tokens) - 1, True) if place >= 0 else None
        else:
            found = find(part, stretch)
        if found is not None and found.per_mille >= MIN_QUESTION:
            return Found(found.weight, found.total, found.first + start, found.last + start, found.is_whole)
    return None


def _together(
    rule: str, asked: Part, question: Found, there: Sequence[tuple[Part, Found]], missing: Sequence[Part]
) -> Iterator[Match]:
    weight = question.weight + sum(found.weight for _, found in there)
    total = question.total + sum(found.total for _, found in there) + sum(part.total for part in missing)
    n_tokens = len(asked.tokens) + sum(len(part.tokens) for part, _ in there)
    score = 1000 * weight // total if total else 0
    is_next = any(f.is_whole and 0 < f.first - question.last <= ADJACENT + 1 for _, f in there)
    is_whole = question.is_whole and (is_next or len(asked.tokens) >= MIN_WHOLE)
    if is_whole or (score >= threshold(n_tokens) and weight >= MIN_WEIGHT):
        spans = sorted({(f.first, f.last) for f in (question, *(found for _, found in there))})
        yield Match(rule, score, tuple(spans))
