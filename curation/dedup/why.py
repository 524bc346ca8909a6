"""Why a document was removed: the passages that it shares with the copy that stays, and those that differ."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from curation.text.buffers import normalise

_WORD = re.compile(r"\w+")
ANCHOR_WORDS = 5
MAX_GAP_WORDS = 500
"""Between anchors, longer stretches are shown as different: comparing them word by word takes their product of steps."""

Words = list[str]
Span = tuple[bool, int, int, int, int]
"""Whether it is shared, and the words that it takes of each text: from, to, from, to."""


@dataclass(frozen=True)
class Passage:
    """A run of words: shared by both texts, or what one has in place of what the other has."""

    shared: bool
    words: int
    ours: str
    theirs: str


def passages(ours: str, theirs: str, unicode: Literal["none", "NFKC"] = "none") -> list[Passage]:
    """Both texts side by side, from the first word to the last: shared runs of words and what differs between them.

    Words are compared as deduplication compares them (`Shingling.unicode`); the texts are quoted as they are.
    """
    a, b = (list(_WORD.finditer(t)) for t in (ours, theirs))
    left, right = ([_folded(m.group(), unicode) for m in words] for words in (a, b))
    return [
        Passage(shared, max(i2 - i1, j2 - j1), _quote(ours, a, i1, i2), _quote(theirs, b, j1, j2))
        for shared, i1, i2, j1, j2 in _spans(left, right)
    ]


def longest(found: list[Passage], *, shared: bool, count: int) -> Iterator[Passage]:
    """The longest passages of one sort, in the order of the text."""
    mine = [p for p in found if p.shared == shared]
    cut = sorted((p.words for p in mine), reverse=True)[:count]
    left = len(cut)
    for passage in mine:
        if left and passage.words >= cut[-1]:
            left -= 1
            yield passage


def _folded(word: str, unicode: str) -> str:
    return normalise(unicodedata.normalize("NFKC", word) if unicode == "NFKC" else word)


def _spans(left: Words, right: Words) -> Iterator[Span]:
    """Runs that grow from anchors, and what lies between them."""
    i, j = 0, 0
    for at, other in [*_anchors(left, right), (len(left), len(right))]:
        if at < i or other < j:
            continue
        start, begin = at, other
        while start > i and begin > j and left[start - 1] == right[begin - 1]:
            start, begin = start - 1, begin - 1
        yield from _gap(left, right, (i, start, j, begin))
        i, j = at, other
        while i < len(left) and j < len(right) and left[i] == right[j]:
            i, j = i + 1, j + 1
        if i > start:
            yield True, start, i, begin, j


def _gap(left: Words, right: Words, span: tuple[int, int, int, int]) -> Iterator[Span]:
    i1, i2, j1, j2 = span
    if i1 == i2 and j1 == j2:
        return
    if max(i2 - i1, j2 - j1) > MAX_GAP_WORDS:
        yield False, i1, i2, j1, j2
        return
    matcher = SequenceMatcher(None, left[i1:i2], right[j1:j2], autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        yield kind == "equal", i1 + a1, i1 + a2, j1 + b1, j1 + b2


def _anchors(left: Words, right: Words) -> list[tuple[int, int]]:
    """Places of shingles that stand once in each text, the longest row of them in the same order (patience diff)."""
    places = []
    for words in (left, right):
        grams = [tuple(words[k : k + ANCHOR_WORDS]) for k in range(len(words) - ANCHOR_WORDS + 1)]
        counts = Counter(grams)
        places.append({g: k for k, g in enumerate(grams) if counts[g] == 1})
    ours, theirs = places
    pairs = [(k, theirs[g]) for g, k in ours.items() if g in theirs]
    ends: list[int] = []  # of the best row of each length: where its last pair stands in their text
    last: list[int] = []  # and the number of that pair
    before: list[int] = []  # of each pair: the one before it in its row
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(other)
            last.append(number)
        else:
            ends[length], last[length] = other, number
    row, number = [], last[-1] if last else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]


def _quote(text: str, words: list[re.Match[str]], start: int, stop: int) -> str:
    return text[words[start].start() : words[stop - 1].end()] if stop > start else ""
