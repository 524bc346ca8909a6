"""Multiple choice: four options that only knowledge tells apart, one of them right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import permutations

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed, shown
from curation.text import words

LETTERS = "ABCD"
MAX_LENGTH_RATIO = 1.6
"""Words of the right option, of those of the longest wrong one: who always takes the longest learns nothing of the sky."""
MIN_LENGTH_RATIO = 0.4
"""The same of the shortest wrong one."""
_SLACK = 4
"""Words by which short options may differ."""
_ALL = re.compile(
    r"\b(?:all|none|both|neither|either|two|any) of (?:the )?(?:above|these|those|options|other)|\b(?:both|neither) [A-D]\b|\b[A-D] (?:and|or|nor) [A-D]\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\A\s*\(?[A-Da-d][).:]\s+")
_LETTER = re.compile(
    r"\A\W*(?:(?:the )?(?:correct |right |final |best )?(?:answer|option|choice)\s*(?:is|:)?\s*)?[(\[*]*([A-D])(?![A-Za-z'’])",
    re.IGNORECASE,
)
_ORDERS = tuple(permutations(range(len(LETTERS))))


def letter_of(text: str) -> int | None:
    """The option that an answer names, as a number from 0; None: it begins with no letter of one."""
    found = _LETTER.match(text)
    if not found or (found[1].islower() and not re.match(r"\A\W*[a-d]\W*\Z", text)):
        return None
    return LETTERS.index(found[1].upper())


def order_of(key: str) -> tuple[int, ...]:
    """An order of four options that a key draws, each of the 24 as often: the right one stands at every letter alike."""
    return _ORDERS[int.from_bytes(sha256(key.encode()).digest()[:8], "big") % len(_ORDERS)]


def placed(options: Sequence[str], right: int, key: str) -> tuple[tuple[str, ...], int]:
    """Options in the order that a key draws, and where the right one came to stand."""
    order = order_of(key)
    return tuple(options[n] for n in order), order.index(right)


def options_sound(candidate: Candidate) -> Verdict:
    """Four options, all different, none of which speaks of the others; the answer names the right one."""
    if candidate.kind is not QuestionKind.CHOICE:
        return failed("options for a question that is no choice") if candidate.options else NOT_CONCERNED
    options = candidate.options
    if len(options) != len(LETTERS) or candidate.right is None or not 0 <= candidate.right < len(options):
        return failed(f"{len(options)} options, the right one {candidate.right}")
    plain = [" ".join(words(_LABEL.sub("", option))) or option.strip() for option in options]
    if not all(option.strip() for option in options) or len(set(plain)) < len(plain):
        return failed("two options say the same, or one says nothing")
    for option in options:
        if found := _ALL.search(option):
            return failed(f"an option speaks of others: {shown(found.group())!r}")
    named = letter_of(candidate.answer)
    if named is None:
        said = [n for n, option in enumerate(options) if option.strip().rstrip(".").lower() in candidate.answer.lower()]
        named = said[0] if len(said) == 1 else None
    if named is None:
        return failed(f"the answer names no option: {shown(candidate.answer)!r}")
    if named != candidate.right:
        return failed(f"the answer names {LETTERS[named]}, and {LETTERS[candidate.right]} is right")
    return PASSED


def options_balanced(candidate: Candidate) -> Verdict:
    """The right option is neither the longest by far nor the shortest."""
    if (
        candidate.kind is not QuestionKind.CHOICE
        or candidate.right is None
        or not 0 <= candidate.right < len(candidate.options)
    ):
        return NOT_CONCERNED
    lengths = [len(words(option)) for option in candidate.options]
    right = lengths.pop(candidate.right)
    ratio = right / max(1, *lengths)
    if right > MAX_LENGTH_RATIO * max(lengths) and right - max(lengths) > _SLACK:
        return failed(f"the right option has {right} words, the others at most {max(lengths)}", ratio)
    if right < MIN_LENGTH_RATIO * min(lengths) and min(lengths) - right > _SLACK:
        return failed(f"the right option has {right} words, the others at least {min(lengths)}", ratio)
    return Verdict(PASSED.passed, score=ratio)


def reanswered(candidate: Candidate) -> Verdict:
    """Asked again with the options in other orders, the model chooses the same one most of the time."""
    if candidate.kind is not QuestionKind.CHOICE or not candidate.picks:
        return NOT_CONCERNED
    same = sum(1 for pick in candidate.picks if pick == candidate.right)
    share = same / len(candidate.picks)
    told = f"the right option was chosen {same} of {len(candidate.picks)} times"
    return Verdict(True, score=share) if 2 * same > len(candidate.picks) else failed(told, share)
