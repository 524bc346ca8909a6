"""When a text holds an item: question, answer and passage are found apart, and what they weigh together decides.

Scores are shares of weight (`curation.withhold.weights`) per mille. A hit says by its rule what was found:

- question: one of more than `SHORT` tokens; or all of it, as it is, one token behind the other.
- question+answer, question+choices: a shorter one says too little alone. It must be there nearly as it is, more so the shorter both
  are (`threshold`; interpolated, as allenai/decon does), with the full text of the right answer or of most of the choices near it, in
  any order; never a letter. One of few characters must be there as it is, or joined to the question by noise; one of a single token
  (`2`, `no`, `both`) must be next to the question but for words that announce it (`The answer is`), for any text has it somewhere near.
- passage, answer, explanation: texts of more than `SHORT` tokens, each for itself.

Nothing is found whose tokens weigh less than `MIN_WEIGHT`, four or five rare words, but a short question that is there in full, or
nearly, with what stands beside it; that must weigh `LEAST_WHOLE`, so that `In this paper we` with its answer `show` finds nothing.

A text may hold an item several times, and more of it than counts: the places of all of that are told, so that masks take it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from curation.withhold.align import Found, find, find_as_it_is
from curation.withhold.index import LEAST_WHOLE, Entry, Part
from curation.withhold.tokens import SHORT

Span: TypeAlias = tuple[int, int]
MIN_SCORE = 800
"""decon's threshold."""
MIN_SHORT_SCORE = 870
"""Of the shortest."""
SHORTEST = 8
MIN_QUESTION = 750
"""Of a question beside its answer, and of an answer beside its question: so much of each."""
MIN_WEIGHT = 30
NEARLY_WHOLE = 920
"""From this score on `LEAST_WHOLE` is enough: a few words, or formulas, with the answer, of which noise spares nearly all."""
MIN_WHOLE = 6
"""Tokens of a question that is there in full, beside an answer of few."""
ADJACENT = 3
"""Tokens between a question and the answer of a statement that both make."""
MAX_ANNOUNCING = 6
"""Tokens between a question and an answer of one token, each a single character or of `ANNOUNCING`; of a question that is not there as
it is one more, which may be its own."""
ANNOUNCING = frozenset(
    (
        *(
            "answer",
            "answers",
            "ans",
            "response",
            "solution",
            "reply",
            "choice",
            "option",
            "correct",
            "right",
            "question",
        ),
        *("the", "is", "are", "assistant", "user", "model", "im", "start", "end", "inst"),
    )
)
"""Words of examinations and chats between a question and its answer."""
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
        spans: first and last token of each piece that counts, both included.
        beside: those of what else of the item stands near.
    """

    rule: str
    score: int
    spans: tuple[Span, ...]
    beside: tuple[Span, ...] = ()

    def at(self, tokens: Sequence[int]) -> Match:
        """The same in the text of which these are the tokens that it was found among."""
        spans, beside = (tuple((tokens[a], tokens[b]) for a, b in told) for told in (self.spans, self.beside))
        return replace(self, spans=spans, beside=beside)

    def places(self) -> tuple[Span, ...]:
        """All that stands there of the item."""
        return (*self.spans, *self.beside)


def threshold(n_tokens: int) -> int:
    """The score that so many tokens must have: the fewer they are, the more of them."""
    missing = max(0, min(SHORT, SHORT - n_tokens))
    return min(MIN_SHORT_SCORE, MIN_SCORE + (MIN_SHORT_SCORE - MIN_SCORE) * missing // (SHORT - SHORTEST))


def matches(entry: Entry, text: Sequence[str]) -> list[Match]:
    """What a stretch of a text holds of an item: all that counts, of every time that it stands there, the best first, of equals the
    one of most pieces."""
    left, found = list(text), []
    while made := list(_matches(entry, left)):
        found += made
        for first, last in {match.spans[0] for match in made}:
            left[first : last + 1] = [""] * (last + 1 - first)
    return sorted(found, key=lambda m: (-m.score, -len(m.spans)))


def _matches(entry: Entry, text: Sequence[str]) -> Iterator[Match]:
    """What counts of an item, the best place of each of its parts; the first span of each is that of its longest part."""
    for rule, part in (("passage", entry.passage), ("answer", entry.answer), ("explanation", entry.explanation)):
        if part is not None and len(part.tokens) > SHORT:
            yield from _alone(rule, part, find(part, text), ())
    question = find(entry.question, text)
    if question.per_mille >= MIN_QUESTION:
        around = NEAR + sum(len(choice.tokens) + 2 for choice in entry.choices)
        answer, choices = (
            [(part, _near(part, entry.question, question, text, around)) for part in parts if part is not None]
            for parts in ((entry.answer,), entry.choices)
        )
        beside = tuple(sorted({(f.first, f.last) for _, places in (*answer, *choices) for f in places}))
        if len(entry.question.tokens) > SHORT:
            yield from _alone("question", entry.question, question, beside)
        told = [(part, [f for f in places if _is_told(part, question, f, text)]) for part, places in answer]
        if told and told[0][1]:
            yield from _together("question+answer", entry.question, question, told, beside)
        there = sum(bool(places) for _, places in choices)
        if there >= 2 and 4 * there >= 3 * len(choices):
            yield from _together("question+choices", entry.question, question, choices, beside)


def _alone(rule: str, part: Part, found: Found, beside: tuple[Span, ...]) -> Iterator[Match]:
    if part.is_of_phrases:
        return
    if found.is_whole or (found.per_mille >= MIN_SCORE and found.weight >= MIN_WEIGHT):
        yield Match(rule, found.per_mille, ((found.first, found.last),), beside)


def _near(part: Part, asked: Part, question: Found, text: Sequence[str], around: int) -> list[Found]:
    """Every place of a part behind or before a question, in the order in which they count. Where the last or the first word of the
    question is misread, the part may be joined to it."""
    behind = question.last + (text[question.last] == asked.tokens[-1])
    before = question.first + (text[question.first] != asked.tokens[0])
    places = []
    for start, end in ((behind, question.last + 1 + around + len(part.tokens)), (max(0, before - around), before)):
        stretch = list(text[start:end])
        while (found := _as_answer(part, stretch)).per_mille >= MIN_QUESTION:
            places.append(found.moved(start))
            stretch[found.first : found.last + 1] = [""] * (found.last + 1 - found.first)
    return places or list(_joined_to(part, asked, question, text))


def _is_told(part: Part, question: Found, found: Found, text: Sequence[str]) -> bool:
    """Whether the place of an answer near a question counts: of one of a single token, whether nothing but what announces it is between."""
    if len(part.tokens) > 1:
        return True
    between = text[question.last + 1 : found.first] or text[found.last + 1 : question.first]
    foreign = sum(len(token) > 1 and token not in ANNOUNCING for token in between)
    return len(between) <= MAX_ANNOUNCING and foreign <= (not question.is_whole)


def _joined_to(part: Part, asked: Part, question: Found, text: Sequence[str]) -> Iterator[Found]:
    """An answer of few characters right behind a question that noise spares nearly all of, joined to its last word or to a letter."""
    said = "".join(part.tokens)
    if question.per_mille < NEARLY_WHOLE or len(said) >= MIN_FUZZY_CHARS:
        return
    start = question.last + (text[question.last] == asked.tokens[-1])
    for first in range(start, min(start + 3, len(text) - len(part.tokens) + 1)):
        last = first + len(part.tokens) - 1
        before, found, behind = "".join(text[first : last + 1]).partition(said)
        room = len(asked.tokens[-1]) + 1 if first == question.last else 1
        if found and 0 < len(before + behind) <= room and not (before + behind).isdigit():
            yield Found(1000, part.total, first, last, False)
            return


def _as_answer(part: Part, text: Sequence[str]) -> Found:
    """The best place of an answer or a choice; one of few characters must stand as it is."""
    is_tiny = sum(map(len, part.tokens)) < MIN_FUZZY_CHARS
    return find_as_it_is(part, text) if is_tiny else find(part, text)


def _together(
    rule: str,
    asked: Part,
    question: Found,
    others: Sequence[tuple[Part, Sequence[Found]]],
    beside: tuple[Span, ...],
) -> Iterator[Match]:
    """A question with its answer or choices, each where it counts first; those without a place are missing."""
    there = [(part, places[0]) for part, places in others if places]
    found_all = (question, *(found for _, found in there))
    weight = sum(found.per_mille * found.total for found in found_all)
    total = question.total + sum(part.total for part, _ in others)
    n_tokens = len(asked.tokens) + sum(len(part.tokens) for part, _ in there)
    score = weight // max(1, total)
    is_next = any(f.is_whole and 0 < f.first - question.last <= ADJACENT + 1 for _, f in there)
    is_whole = question.is_whole and (is_next or len(asked.tokens) >= MIN_WHOLE)
    least = LEAST_WHOLE if is_whole or score >= NEARLY_WHOLE else MIN_WEIGHT
    if weight >= 1000 * least and (is_whole or score >= threshold(n_tokens)):
        spans = {(f.first, f.last) for _, f in there}
        yield Match(rule, score, ((question.first, question.last), *sorted(spans)), beside)
