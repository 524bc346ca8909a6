"""How much of a part of an item a stretch of a text holds: by its tokens and by its characters, the better of both.

By tokens: in their order, with misses, as allenai/decon expands, so that words put in, left out or changed cost what they weigh. A
token is found where the text has it, or one that OCR may have made of it: of four characters or more, a third of them wrong at
most, no number for a number; and where a line or a misread character has parted or joined two. By characters (parts of up to
`MAX_CHARACTERWISE` tokens): the stretch that is most alike, so that noise costs what it changes; two unrelated sentences of one
length are alike by half.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment, ratio
from rapidfuzz.process import cdist

from curation.text.kernel import I64, U8
from curation.withhold import align_kernel
from curation.withhold.index import MISSES, Part
from curation.withhold.tokens import SHORT

MIN_SIMILARITY = 0.65
MIN_FUZZY_CHARS = 4
MAX_CHARACTERWISE = 120
STRETCH = 400
"""Tokens that are aligned at a time."""
BESIDE = 50
"""Tokens of a stretch's neighbours that are aligned with it, since at its ends a common word may be taken for one farther away."""
DRIFT = 100
"""Tokens by which a stretch may be longer or shorter in a text, and begin elsewhere than its pairs say."""
COMMON = 20
"""A pair of tokens that a text has more often does not tell where a stretch begins."""
MIN_ALIKE = 70
SURELY_ALIKE = 950
"""Per mille: no other way finds more that matters."""


@dataclass(frozen=True)
class Found:
    """A part in a text.

    Args:
        per_mille: the share of its weight that was found.
        total: its weight.
        first, last: the tokens of the text between which they stand, both included; of nothing found last < first.
        is_whole: every token is there as it is, one behind the other.
    """

    per_mille: int
    total: int
    first: int
    last: int
    is_whole: bool

    @property
    def weight(self) -> int:
        """The weight that was found."""
        return self.per_mille * self.total // 1000

    def moved(self, by: int) -> Found:
        """The same in a text of which so many tokens stand before."""
        return replace(self, first=self.first + by, last=self.last + by)


def find(part: Part, text: Sequence[str]) -> Found:
    """Where a stretch of a text holds a part best."""
    whole = find_as_it_is(part, text)
    if whole.is_whole or not part.tokens or not text:
        return whole
    alike = _by_characters(part, text) if len(part.tokens) <= MAX_CHARACTERWISE else whole
    if len(part.tokens) <= SHORT or alike.per_mille >= SURELY_ALIKE:
        return alike
    return max(_by_tokens(part, text), alike, key=lambda found: found.per_mille)


def find_as_it_is(part: Part, text: Sequence[str]) -> Found:
    """Where all tokens of a part stand one behind the other."""
    place = find_whole(part.tokens, text)
    if place < 0:
        return _nothing(part)
    return Found(1000, part.total, place, place + len(part.tokens) - 1, True)


def _nothing(part: Part) -> Found:
    return Found(0, part.total, 0, -1, False)


def _by_characters(part: Part, text: Sequence[str]) -> Found:
    """The stretch of the text whose characters are most like those of a part; nothing where it is under `MIN_ALIKE` per cent."""
    said = " ".join(part.tokens)
    place = partial_ratio_alignment(said, " ".join(text), score_cutoff=MIN_ALIKE)
    if place is None or place.src_end <= place.src_start or place.dest_end <= place.dest_start:
        return _nothing(part)
    ends = np.cumsum([len(token) + 1 for token in text])
    first, last = np.searchsorted(ends, [place.dest_start, place.dest_end - 1], side="right").tolist()
    share = 10 * place.score * min(len(said), place.src_end - place.src_start) / len(said)
    alike, first, last = _fitted(said, text, first, min(last, len(text) - 1))
    return Found(round(max(share, 10 * alike)), part.total, first, last, False)


def _fitted(said: str, text: Sequence[str], first: int, last: int) -> tuple[float, int, int]:
    """A stretch of tokens, grown or shrunk at its ends as long as that makes it more like a part: how alike it is, per cent, and it.
    Noise makes a part longer or shorter, and the stretch of its length then takes in what stands beside it, or leaves its end out."""
    best = (ratio(said, " ".join(text[first : last + 1])), first, last)
    while True:
        _, first, last = best
        ends = ((first + 1, last), (first, last - 1), (first - 1, last), (first, last + 1))
        able = [(a, b) for a, b in ends if 0 <= a <= b < len(text)]
        better = max(((ratio(said, " ".join(text[a : b + 1])), a, b) for a, b in able), default=best)
        if better[0] <= best[0]:
            return best
        best = better


def _by_tokens(part: Part, text: Sequence[str]) -> Found:
    """The heaviest run of a part's tokens with at most `MISSES` foreign ones between two."""
    best, run = (0, 0, -1), (0, 0, -1)
    for weight, place in zip(part.weights, _partners(part, text).tolist(), strict=True):
        if place < 0:
            continue
        goes_on = run[0] and 0 <= place - run[2] <= MISSES + 1
        run = (run[0] + weight, run[1], place) if goes_on else (weight, place, place)
        best = max(best, run, key=lambda r: r[0])
    return Found(1000 * best[0] // max(1, part.total), part.total, best[1], best[2], False)


def _partners(part: Part, text: Sequence[str]) -> I64:
    """For every token of a part the place of the one that it is in a text; -1 where it has none. A long part is cut into stretches, each
    looked for where most of its pairs of tokens stand as they are: tables of all tokens with all of a text would fill the memory."""
    if len(part.tokens) <= STRETCH:
        return _aligned(part.tokens, part.weights, text)
    pairs: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(_pairs(text)):
        pairs[pair].append(place)
    partner, after = np.full(len(part.tokens), -1, np.int64), 0
    for start in range(0, len(part.tokens), STRETCH):
        first, end = max(0, start - BESIDE), start + STRETCH + BESIDE
        tokens = part.tokens[first:end]
        lo = max(0, _begin(tokens, pairs, after) - DRIFT)
        mine = _aligned(tokens, part.weights[first:end], text[lo : lo + len(tokens) + 3 * DRIFT])[start - first :][
            :STRETCH
        ]
        partner[start : start + STRETCH] = np.where(mine >= 0, mine + lo, -1)
        after = max(after, int(partner.max()) + 1 - BESIDE)
    return partner


def _begin(tokens: Sequence[str], pairs: Mapping[str, Sequence[int]], after: int) -> int:
    """Where tokens begin in a text, in steps of `DRIFT`: where most of their pairs say so, or half as many and nearer to a place."""
    votes: Counter[int] = Counter()
    for n, pair in enumerate(_pairs(tokens)):
        places = pairs.get(pair, ())
        if len(places) <= COMMON:
            votes.update((place - n) // DRIFT for place in places)
    most = max(votes.values(), default=0)
    likely = (step * DRIFT for step, count in votes.items() if 2 * count >= most)
    return min(likely, key=lambda place: (abs(place - after), place), default=after)


def _aligned(tokens: Sequence[str], weights: Sequence[int], text: Sequence[str]) -> I64:
    return align_kernel.aligned(
        _similar(tokens, text),
        _similar(_pairs(tokens), text),
        _similar(tokens, _pairs(text)),
        np.array(weights, np.int64),
    )


def find_whole(tokens: Sequence[str], text: Sequence[str], start: int = 0) -> int:
    """Where all tokens stand one behind the other; -1: nowhere."""
    if not tokens:
        return -1
    first, wanted = tokens[0], list(tokens)
    for place in range(start, len(text) - len(wanted) + 1):
        if text[place] == first and list(text[place : place + len(wanted)]) == wanted:
            return place
    return -1


def _pairs(tokens: Sequence[str]) -> list[str]:
    """Each token with the next."""
    return [a + b for a, b in pairwise(tokens)]


def _similar(tokens: Sequence[str], others: Sequence[str]) -> U8:
    """Whether a token may be another one, misread; rows and columns."""
    if not tokens or not others:
        return np.zeros((max(1, len(tokens)), max(1, len(others))), np.uint8)
    (rows, row_of), (columns, column_of) = (np.unique(np.array(side), return_inverse=True) for side in (tokens, others))
    ratio = cdist(rows.tolist(), columns.tolist(), scorer=Levenshtein.normalized_similarity, dtype=np.float32)
    is_word = [
        np.array([len(t) >= MIN_FUZZY_CHARS and not t.isdigit() for t in side.tolist()]) for side in (rows, columns)
    ]
    similar: U8 = ((ratio >= 1) | ((ratio >= MIN_SIMILARITY) & np.outer(*is_word))).astype(np.uint8)
    return similar[np.ix_(row_of, column_of)]
