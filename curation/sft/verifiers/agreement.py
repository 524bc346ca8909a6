"""Agreement: whether the chain leads to the answer, and whether other samples came to the same."""

from __future__ import annotations

from curation.sft.verifiers.candidate import NOT_CONCERNED, Candidate, QuestionKind, Verdict, failed, shown
from curation.sft.verifiers.options import LETTERS, letter_of
from curation.sft.verifiers.relevance import terms
from curation.sft.verifiers.values import Stated, agree, stated
from curation.text import words
from curation.withhold.weights import FUNCTION_WORDS

MIN_LED = 0.25
"""Content words of an answer in words that its chain has, of all: a chain about something else has a tenth."""
MIN_ALIKE = 0.5
"""Content words that two answers in words share (F1) when they say the same."""
MIN_VOTES = 0.5
"""Samples that say what the answer says, of all, the answer among them."""
_END = 0.4
"""The part of a chain, from its end, in which its result must stand."""


def leads(candidate: Candidate) -> Verdict:
    """The end of the chain says what the answer says: its number, its option, or its words."""
    chain = candidate.reasoning
    if chain is None:
        return NOT_CONCERNED
    end = chain[int(len(chain) * (1 - _END)) :]
    if candidate.kind is QuestionKind.CHOICE and candidate.right is not None and candidate.options:
        return _to_option(candidate, chain, end)
    if candidate.kind is QuestionKind.NUMERIC and (said := stated(candidate.answer)):
        thought = stated(chain)
        if any(_same(said[0], number) for number in thought):
            return Verdict(True, score=1.0)
        return failed(f"no number of the chain is {shown(candidate.answer)!r}", 0.0)
    told = terms(candidate.answer)
    if not told:
        return NOT_CONCERNED
    share = len(told & terms(chain)) / len(told)
    return (
        Verdict(True, score=share)
        if share >= MIN_LED
        else failed(f"the chain has {share:.0%} of the answer's words", share)
    )


def _to_option(candidate: Candidate, chain: str, end: str) -> Verdict:
    right = candidate.right or 0
    named = [letter for letter in LETTERS if _names(end, letter)] or [
        letter for letter in LETTERS if _names(chain, letter)
    ]
    if named:
        last = max(named, key=lambda letter: _last_named(chain, letter))
        return (
            Verdict(True, score=1.0)
            if last == LETTERS[right]
            else failed(f"the chain ends at {last}, the answer is {LETTERS[right]}", 0.0)
        )
    thought = _content(chain)
    shares = [len(_content(option) & thought) / max(1, len(_content(option))) for option in candidate.options]
    best = max(range(len(shares)), key=lambda n: (shares[n], n == right))
    return (
        Verdict(True, score=shares[right])
        if best == right
        else failed(f"the chain speaks of option {LETTERS[best]}", shares[right])
    )


def _names(text: str, letter: str) -> bool:
    return _last_named(text, letter) >= 0


def _last_named(text: str, letter: str) -> int:
    """Where an option is named last: `option B`, `(B)`, `B.` at an end."""
    forms = (
        f"option {letter}",
        f"Option {letter}",
        f"choice {letter}",
        f"({letter})",
        f"answer is {letter}",
        f"answer: {letter}",
        f"**{letter}**",
    )
    found = [
        at
        for form in forms
        if (at := text.rfind(form)) >= 0 and not text[at + len(form) : at + len(form) + 1].isalpha()
    ]
    return max(found, default=-1)


def vote(candidate: Candidate) -> Verdict:
    """At least half of the samples say what the answer says."""
    if not candidate.votes:
        return NOT_CONCERNED
    same = 1 + sum(1 for other in candidate.votes if says_the_same(candidate, other))
    share = same / (1 + len(candidate.votes))
    told = f"{same} of {1 + len(candidate.votes)} samples say {shown(candidate.answer)!r}"
    return Verdict(True, score=share) if share >= MIN_VOTES else failed(told, share)


def says_the_same(candidate: Candidate, other: str) -> bool:
    """Whether another answer to the same question says what the candidate's says."""
    if candidate.kind is QuestionKind.CHOICE:
        return letter_of(other) == letter_of(candidate.answer)
    if candidate.kind is QuestionKind.NUMERIC:
        one, two = stated(candidate.answer), stated(other)
        return bool(one and two) and _same(one[0], two[0])
    one_words, two_words = _content(candidate.answer), _content(other)
    both = len(one_words & two_words)
    return both > 0 and 2 * both / (len(one_words) + len(two_words)) >= MIN_ALIKE


def _same(one: Stated, other: Stated) -> bool:
    bare = not one.unit.dimensions or not other.unit.dimensions
    return (
        agree(one, other)
        or agree(other, one)
        or (bare and abs(one.value - other.value) <= max(one.rounding, other.rounding, 1e-9) * 1.000001)
    )


def _content(text: str) -> set[str]:
    return {word for word in words(text) if word not in FUNCTION_WORDS and len(word) > 1}
