"""Why a document was removed: the passages that it shares with the copy that stays, and those that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from curation.text.shingles import normalise

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Passage:
    """A run of words: shared by both texts, or what one has in place of what the other has."""

    shared: bool
    words: int
    ours: str
    theirs: str


def passages(ours: str, theirs: str) -> list[Passage]:
    """Both texts side by side, from the first word to the last: shared runs of words and what differs between them.

    Words are compared as deduplication compares them; the texts are quoted as they are.
    """
    a, b = (list(_WORD.finditer(t)) for t in (ours, theirs))
    left, right = ([normalise(m.group()) for m in words] for words in (a, b))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    found = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        quoted = _quote(ours, a, i1, i2), _quote(theirs, b, j1, j2)
        found.append(Passage(kind == "equal", max(i2 - i1, j2 - j1), *quoted))
    return found


def longest(found: list[Passage], *, shared: bool, count: int) -> Iterator[Passage]:
    """The longest passages of one sort, in the order of the text."""
    mine = [p for p in found if p.shared == shared]
    cut = sorted((p.words for p in mine), reverse=True)[:count]
    left = len(cut)
    for passage in mine:
        if left and passage.words >= cut[-1]:
            left -= 1
            yield passage


def _quote(text: str, words: list[re.Match[str]], start: int, stop: int) -> str:
    return text[words[start].start() : words[stop - 1].end()] if stop > start else ""
