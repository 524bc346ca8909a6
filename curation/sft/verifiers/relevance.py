"""Relevance: a question asks about its passage, and the answer says something of it that the question did not.

Words are compared, not meanings: what is rejected has hardly any in common, so that questions in words of their own stay. A judge sees the rest.
"""

from __future__ import annotations

import re

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed, shown
from curation.sft.verifiers.evidence import find_quote
from curation.text import sentences, words
from curation.withhold.weights import FUNCTION_WORDS

MIN_KNOWN = 0.2
"""Terms of a question that the passage about its evidence, or the paper's title, must have, of all. Of 40 questions to eight passages, asked
as freely as can be, all have as many; beside the other seven passages .92 have fewer (tests/sft/free_questions.py)."""
AROUND = 400
"""Characters before and behind a quote that count as the passage about it: in a long chunk every question finds some of its terms."""
MIN_TERMS = 2
MIN_SAID_AGAIN = 0.5
"""Terms of a question that an answer says again, of all, when it may be nothing else: `By shocks.` answers `By shocks or by tides?`."""
MIN_NEW = 0.2
"""Terms of such an answer that are new, of all."""
_ROWS = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
"""A table that is asked about, which holds what may be its answer."""
MIN_ANSWERED = 0.2
"""Terms of an answer that passage or question must have, of all: of answers that stand all have half, of those to other passages .95 have fewer."""
MIN_ANSWER_TERMS = 4
MAX_UNIT = 3
"""Letters of a term that may be a unit: km, kpc, dex, Myr."""
MIN_RESTATED = 0.8
"""Terms of an answer that its quotes have, of all, when it only restates them."""
MARGIN = 3
"""So many more terms of the question another sentence of the passage has than what is quoted: then that one was asked for. Of 44 answers that are
the right sentence of their passage none is left out, of 86 that are another one .28: who asks in words of his own is believed (tests/sft/free_questions.py)."""
_STEM = 6
"""Letters by which words are known again: compress, compresses, compression; galactic and galaxy are two."""
_OF_ASKING = """answer approximately article astronomers author authors briefly calculate cause caused causes certain compare comparison
compute consider contrast define derive describe determine different discuss distinguish effect estimate evaluate example explain
explained explains follow following follows give given happen happens identify importance important instrument key known large likely list
long main mean means measured mechanism name observation observational observationally observations outline paper play plays possible
predict primary process property provide quantity reason relate relation relationship responsible result role show significance
significant size small state suggest summarise summarize test type typical value values"""
_ASKING = frozenset(_OF_ASKING.split())
"""Words of asking, which say nothing of what is asked."""
_REASONED = re.compile(
    r"\A\W*(?:why|explain|how (?:do|does|did|can|could|is|are|was|were|would|might|may|will|has|have))\b", re.IGNORECASE
)
"""Questions that a number alone does not answer."""
_OFFERED = re.compile(
    r"\A\W*(?:is|are|was|were|do|does|did|can|could|has|have|will|would|should)\b|\bor\b|\bwhich of\b",
    re.IGNORECASE,
)
"""Questions that hold what may be their answer: whether it is so, and which of some things."""


def terms(text: str) -> frozenset[str]:
    """Words of a text that tell what it is about, by their first letters and without an s of the plural."""
    said = (word for word in words(text) if len(word) > 1 or word.isdigit())
    return frozenset(_stem(word) for word in said if word not in FUNCTION_WORDS and word not in _ASKING)


def _stem(word: str) -> str:
    if not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    return word[:_STEM]


def on_passage(candidate: Candidate) -> Verdict:
    """The question asks about something of its passage: near its evidence, where it has some; and the answer speaks of what either does."""
    asked, said = terms(candidate.question), terms(candidate.answer)
    if candidate.kind is not QuestionKind.CHOICE and len(said) >= MIN_ANSWER_TERMS:
        known = len(said & (asked | terms(f"{candidate.title}\n{candidate.passage}"))) / len(said)
        if known < MIN_ANSWERED:
            return failed(f"passage and question have {known:.0%} of the answer's terms", known)
    if len(asked) < MIN_TERMS:
        return NOT_CONCERNED
    missing = asked - terms(f"{candidate.title}\n{_about(candidate)}")
    share = (len(asked) - len(missing)) / len(asked)
    if share < MIN_KNOWN:
        return failed(
            f"the passage has {share:.0%} of the question's terms: no {', '.join(sorted(missing)[:5])}", share
        )
    return Verdict(True, score=share)


def _about(candidate: Candidate) -> str:
    """The passage about the quotes; all of it where none is found."""
    passage, places = candidate.passage, _places(candidate)
    return "\n".join(passage[max(0, start - AROUND) : end + AROUND] for start, end in places) or passage


def _places(candidate: Candidate) -> list[tuple[int, int]]:
    """Where the quotes stand in the passage, in characters; those that are not there have no place."""
    return [place for quote in candidate.quotes if (place := find_quote(candidate.passage, quote))]


def says_more(candidate: Candidate) -> Verdict:
    """The answer is more than the question once more: it has terms of its own, and where a reason is asked for others than numbers."""
    if candidate.kind is QuestionKind.CHOICE or _OFFERED.search(candidate.question):
        return NOT_CONCERNED
    asked, said = terms(_ROWS.sub("", candidate.question)), terms(candidate.answer)
    is_value = candidate.kind is QuestionKind.NUMERIC
    has_number = any(map(str.isdigit, "".join(said if is_value else said - asked)))
    if has_number and not is_value and _REASONED.search(candidate.question):
        said = frozenset(term for term in said if len(term) > MAX_UNIT and not any(map(str.isdigit, term)))
        if not said:
            return failed(f"a number where a reason is asked for: {shown(candidate.answer)!r}", 0.0)
    elif has_number:
        return Verdict(True, score=1.0)
    if not asked or len(said & asked) < MIN_SAID_AGAIN * len(asked):
        return PASSED
    share = len(said - asked) / len(said)
    if share < MIN_NEW:
        return failed(f"the answer only repeats the question: {shown(candidate.answer)!r}", share)
    return Verdict(True, score=share)


def to_the_point(candidate: Candidate) -> Verdict:
    """An answer that only restates what is quoted was asked for it: no other sentence of the passage has far more of the question's terms."""
    said, quoted = terms(candidate.answer), terms("\n".join(candidate.quotes))
    if (
        candidate.kind in (QuestionKind.CHOICE, QuestionKind.TABLE)
        or not said
        or len(said & quoted) < MIN_RESTATED * len(said)
    ):
        return NOT_CONCERNED
    asked, places = terms(candidate.question) - terms(candidate.title), _places(candidate)
    mine, others = [quoted, said], list[frozenset[str]]()
    for start, end in sentences(candidate.passage):
        text = candidate.passage[start:end]
        is_quoted = any(start < b and a < end for a, b in places)
        (mine if is_quoted else others).append(terms(text))
    have = len(asked.intersection(frozenset().union(*mine)))
    most = max((len(asked & other) for other in others), default=0)
    if most - have >= MARGIN:
        return failed(
            f"it restates a quote with {have} terms of the question, and another sentence has {most}", have / len(asked)
        )
    return Verdict(True, score=have / len(asked) if asked else 1.0)
