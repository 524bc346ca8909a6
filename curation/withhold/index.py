"""The index of items: where in texts stretches lie that may hold one of them.

Its seeds are pairs: a content word with the next one or the next but one, each by its first four letters, or by its last four. So
no n-gram without a letter and none of formulas finds an item that has words, and of a text in which OCR read one character in twenty wrongly, two
of three pairs are whole (of runs of five words one in four). Texts are looked up at every word, not at every tenth as allenai/decon
does. A stretch that has enough of them is a candidate where it also holds so much of the item's runs of four characters, of a long
text eight, whatever blanks stand between: comparing costs a thousand times as much as that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.text.buffers import Texts
from curation.text.kernel import I64, U64
from curation.withhold import search_kernel
from curation.withhold.items import Item
from curation.withhold.phrases import NO_PHRASES, are_phrases, in_phrases
from curation.withhold.tokens import SHORT, tokens_of
from curation.withhold.weights import FUNCTION_WORDS, weights

MAX_ITEMS_OF_A_SEED = 40
"""A pair that more items of a benchmark hold is a phrase of its examiners, and finds nothing."""
LEAST_WEIGHT = 20
"""Of the seeds in a stretch, or `LEAST_SHARE` per cent of those of the item."""
LEAST_LEFT = 30
"""Of a long text beside phrases: as `curation.withhold.match` asks of what it finds."""
LEAST_WHOLE = 20
"""Of a short question with its answer or choices, all there as it is: of 648 published items the lightest has 22."""
LEAST_SHARE = 6
SHARE = 45
"""Per cent of the grams of a question that stand near, where it is compared at all. Of 648 published items in papers, with one character in twenty
misread, that `curation.withhold.match` finds, 99.9 per cent have as many, with one in ten 98; of stretches of papers that hold seeds of other
items, one in fifty."""
LONG, LONG_SHARE = 60, 35
"""Tokens of a text that is long (`search_kernel.LONG_GRAMS`), and the same of one."""
MIN_GRAMS, MAX_GRAMS = 8, 64
"""A part with fewer says nothing by them, and its item is compared wherever its seeds are; of one with more, so many count."""
MISSES = 11
"""Foreign tokens between two that match: decon's bound."""
SLACK = MISSES + 1
FEW_SEEDS, RARE = 4, 8
"""An item with fewer in question and answer is looked up by each of its words of this weight, too, and by runs of `search_kernel.NGRAM` tokens as they stand there:
questions of formulas and function words have nothing else."""
MIN_SEEDS = 3
"""Seeds that an item keeps whatever their number of items."""
BATCH_BYTES = 1 << 20
"""Of texts that are tokens at a time: what a task holds of them does not grow with its part."""
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True)
class Part:
    """One text of an item, by tokens and their weights."""

    tokens: tuple[str, ...]
    weights: tuple[int, ...]
    is_of_phrases: bool = False
    """Whether hardly anything is left of a long text beside phrases that many texts share."""

    @property
    def total(self) -> int:
        """Its weight."""
        return sum(self.weights)


@dataclass(frozen=True)
class Entry:
    """An item as it is matched; of choices those that have a token, the right one too."""

    benchmark: str
    item: Item
    question: Part
    choices: tuple[Part, ...]
    answer: Part | None
    explanation: Part | None
    passage: Part | None

    def parts(self) -> tuple[Part, ...]:
        """All of them."""
        others = (self.answer, self.explanation, self.passage)
        return (self.question, *self.choices, *(part for part in others if part is not None))

    def tells(self) -> bool:
        """Whether `curation.withhold.match` has a rule for it: a long text, or a question with an answer or with choices that is heavy
        enough with them."""
        long = (self.question, self.answer, self.explanation, self.passage)
        answer = self.answer.total if self.answer is not None else None
        choices = sum(choice.total for choice in self.choices) if len(self.choices) >= 2 else None
        beside = [self.question.total + weight for weight in (answer, choices) if weight is not None]
        return max(beside, default=0) >= LEAST_WHOLE or any(
            part is not None and len(part.tokens) > SHORT for part in long
        )

    def reach(self) -> int:
        """How far from a seed the item may go on, in tokens."""
        asked = len(self.question.tokens) + sum(len(choice.tokens) + 2 for choice in self.choices)
        others = (self.answer, self.explanation, self.passage)
        return max(asked, *(len(part.tokens) for part in others if part is not None), 0) + SLACK


@dataclass(frozen=True)
class Candidate:
    """A stretch of a text that may hold an item: tokens `first` to `last` begin seeds of it."""

    text: int
    entry: Entry
    first: int
    last: int


class TextIndex:
    """Items of benchmarks, ready to be looked for in texts.

    Args:
        items: by benchmark. What one benchmark finds does not depend on the others.
        phrases: by benchmark, hashes of phrases that many texts share (`curation.withhold.phrases`).

    Attributes:
        entries: all items.
        wordless: those without a seed, such as questions of symbols alone: no text is compared with them.
        untold: of the others those that no rule finds: a short question without answer and choices, or one that weighs too little with them.
        of_phrases: items of which a long text is nothing but phrases that many texts share, so that it is not looked for alone.
        in_phrases: by benchmark, the runs of tokens of long texts that are such phrases, and weigh nothing.
        set_aside: by benchmark, the runs of three tokens that too many of its items hold.
    """

    def __init__(self, items: Mapping[str, Sequence[Item]], phrases: Mapping[str, U64] | None = None) -> None:
        parts = _Parts([(name, item) for name in sorted(items) for item in items[name]], phrases or {})
        self.entries = parts.entries
        self.in_phrases = {name: parts.in_phrases[name] for name in items}
        self.of_phrases = [e for e in parts.entries if any(part.is_of_phrases for part in e.parts())]
        kept, self.set_aside, self._has_ngrams = parts.seeds()
        count = np.bincount(parts.item_of_piece[kept.piece], minlength=len(parts.entries))
        self.untold = [e for e, n in zip(parts.entries, count, strict=True) if n and not e.tells()]
        self.wordless = [e for e, n in zip(parts.entries, count, strict=True) if not n]
        weight = np.bincount(kept.piece, kept.weight, minlength=parts.n)
        self._least = np.minimum(LEAST_WEIGHT, weight * LEAST_SHARE // 100).astype(np.int64)
        keys, self._posted = _groups(kept.key)
        self._postings = np.stack([kept.piece, kept.weight], 1)
        self._slots, self._table, self._filter = _table(keys)
        self._of_piece, self._reach = parts.item_of_piece.tolist(), parts.reach
        self._is_long, self._gram_bounds, self._gram_bits = parts.grams()

    def candidates(self, texts: Texts) -> tuple[list[Candidate], int]:
        """The stretches of texts that may hold an item, in order of text and item, and the number of tokens of all."""
        found: list[Candidate] = []
        n_tokens = 0
        for number, batch in batches(texts):
            tokens = tokens_of(batch)
            n_tokens += len(tokens.hashes)
            hits = search_kernel.find_hits(
                tokens.text,
                tokens.ends_in_text,
                tokens.hashes,
                tokens.bounds,
                *function_words(),
                self._slots,
                self._table,
                self._filter,
                self._posted,
                self._postings,
                self._has_ngrams,
            )
            order = np.argsort(hits[:, 0].copy())
            rows, made = search_kernel.candidates(
                tokens.text,
                tokens.ends_in_text,
                tokens.bounds,
                hits[order, 0],
                hits[order, 1],
                self._postings,
                self._least,
                self._reach,
                self._is_long,
                self._gram_bounds,
                self._gram_bits,
                SHARE,
                LONG_SHARE,
            )
            stretches = sorted({(n, self._of_piece[k], first, last) for n, k, first, last in rows[:made].tolist()})
            found += [Candidate(number + n, self.entries[i], first, last) for n, i, first, last in stretches]
        return found, n_tokens


def batches(texts: Texts) -> Iterator[tuple[int, Texts]]:
    """Texts in their order, `BATCH_BYTES` at a time or one that is longer, and the number of the first of each."""
    ends = np.cumsum(numbers(pc.fill_null(pc.binary_length(texts), 0)).astype(np.int64))
    first = 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        after = max(first + 1, int(np.searchsorted(ends, before + BATCH_BYTES, "right")))
        yield first, texts.slice(first, after - first)
        first = after


@dataclass(frozen=True)
class _Seeds:
    """Seeds by key and piece: hash, number of the piece, weight of its tokens."""

    key: U64
    piece: I64
    weight: I64

    def take(self, which: Any) -> _Seeds:
        return _Seeds(self.key[which], self.piece[which], self.weight[which])


def _texts_of(item: Item) -> tuple[str, ...]:
    """The texts of an item: question, choices, answer, explanation, passage."""
    return (item.question, *item.choices, *(text or "" for text in (item.answer, item.explanation, item.passage)))


class _Parts:
    """The content words of all parts of all items as arrays: one after the other.

    A piece is what of an item is looked for by itself: its question with choices and answer, and each other text of more than `SHORT` tokens.
    """

    def __init__(self, items: Sequence[tuple[str, Item]], phrases: Mapping[str, U64]) -> None:
        self.in_phrases: Counter[str] = Counter()
        self._benchmarks = [name for name, _ in items]
        texts = [_texts_of(item) for _, item in items]
        made = tokens_of(pa.array([text for own in texts for text in own], pa.large_string()))
        words, bounds = made.words(), made.bounds.tolist()
        firsts = np.r_[0, np.cumsum([len(own) for own in texts])].tolist()
        weighed = self._weighed(words, [bounds[first] for first in firsts])
        of_phrases = self._set_aside(words, weighed, bounds, firsts, phrases)
        self.entries: list[Entry] = []
        pieces: list[list[int]] = []
        of_piece: list[int] = []
        for (name, item), first, end in zip(items, firsts[:-1], firsts[1:], strict=True):
            spans = [(bounds[k], bounds[k + 1]) for k in range(first, end)]
            parts = [Part(tuple(words[a:b]), tuple(weighed[a:b]), a in of_phrases) for a, b in spans]
            answer, explanation, passage = (part if part.tokens else None for part in parts[-3:])
            choices = tuple(part for part in parts[1:-3] if part.tokens)
            self.entries.append(Entry(name, item, parts[0], choices, answer, explanation, passage))
            long = [k for k in range(end - 3, end) if bounds[k + 1] - bounds[k] > SHORT]
            pieces += [[k for k in range(first, end - 2) if k not in long], *([k] for k in long)]
            of_piece += [len(self.entries) - 1] * (1 + len(long))
        (stems, tails), places = np.zeros((2, len(words)), np.uint64), np.zeros(len(words), np.int64)
        slots, table = function_words()
        n = search_kernel.stems_of(
            made.text, made.ends_in_text, made.hashes, 0, len(words), slots, table, stems, tails, places
        )
        places = places[:n]
        part = np.repeat(np.arange(firsts[-1]), np.diff(made.bounds))[places]
        self._hashes, self._weighed_all, self._bounds = made.hashes, np.array(weighed, np.int64), made.bounds
        self.n, self.item_of_piece = len(pieces), np.array(of_piece, np.int64)
        self._first = np.array([parts[0] for parts in pieces], np.int64)
        self._piece_of_part = np.full(firsts[-1], -1)
        self._piece_of_part[[k for parts in pieces for k in parts]] = np.repeat(np.arange(self.n), [*map(len, pieces)])
        self._is_choice = np.ones(firsts[-1], np.bool_)
        self._is_choice[[k for first, end in pairwise(firsts) for k in (first, *range(end - 3, end))]] = False
        lengths = np.diff(made.bounds)
        self.reach = np.array([sum(lengths[k] + 2 for k in parts) + SLACK for parts in pieces], np.int64)
        self._stem, self._tail, self._part = stems[:n], tails[:n], part
        self._text, self._text_ends = made.text, made.ends_in_text
        self._piece = self._piece_of_part[part]
        self._weight = self._weighed_all[places]

    def _set_aside(
        self,
        words: Sequence[str],
        weighed: list[int],
        bounds: Sequence[int],
        firsts: Sequence[int],
        phrases: Mapping[str, U64],
    ) -> set[int]:
        """Tokens of long texts that stand in phrases weigh nothing from here on; returns where texts begin of which too little is left."""
        found: set[int] = set()
        for name, first, end in zip(self._benchmarks, firsts[:-1], firsts[1:], strict=True):
            for a, b in pairwise(bounds[first : end + 1]):
                begins = are_phrases(words[a:b], phrases.get(name, NO_PHRASES)) if b - a > SHORT else NO_PHRASES
                if not begins.any():
                    continue
                self.in_phrases[name] += int(begins.sum())
                for k in np.flatnonzero(in_phrases(words[a:b], phrases[name])).tolist():
                    weighed[a + k] = 0
                if sum(weighed[a:b]) < LEAST_LEFT:
                    found.add(a)
        return found

    def _weighed(self, words: Sequence[str], bounds: Sequence[int]) -> list[int]:
        """The weight of every token, among the items of its benchmark; `bounds` says where the tokens of each item begin."""
        made: list[int] = []
        spans = list(pairwise(bounds))
        known = {
            name: weights(words[a:b] for (a, b), own in zip(spans, self._benchmarks, strict=True) if own == name)
            for name in set(self._benchmarks)
        }
        for (a, b), name in zip(spans, self._benchmarks, strict=True):
            weight = known[name]
            made += [weight[word] for word in words[a:b]]
        return made

    def _ngrams(self, few: npt.NDArray[np.bool_]) -> _Seeds:
        """The runs of `search_kernel.NGRAM` tokens inside the parts of some pieces."""
        part = np.repeat(np.arange(len(self._bounds) - 1), np.diff(self._bounds))
        key = search_kernel.ngrams_of(self._hashes)
        a, b = slice(0, len(key)), slice(search_kernel.NGRAM - 1, search_kernel.NGRAM - 1 + len(key))
        piece = self._piece_of_part[part[a]]
        summed = np.r_[0, np.cumsum(self._weighed_all)]
        weight = summed[search_kernel.NGRAM : search_kernel.NGRAM + len(key)] - summed[a]
        return _Seeds(key, piece, weight).take((part[a] == part[b]) & (piece >= 0) & few[piece])

    def seeds(self) -> tuple[_Seeds, dict[str, int], bool]:
        """The seeds that find something, by key and piece, the number of those of each benchmark that do not, and whether some are
        n-grams."""
        found: list[_Seeds] = []
        asked: list[I64] = []
        for gap in (1, 2):
            a, b = slice(0, max(0, len(self._stem) - gap)), slice(gap, None)
            one = (self._part[a] == self._part[b]) & (self._piece[a] >= 0)
            for side in (self._stem, self._tail):
                key = search_kernel.seeds_of(side[a], side[b])
                found.append(_Seeds(key, self._piece[a], self._weight[a] + self._weight[b]).take(one))
                asked.append(self._piece[a][one & ~self._is_choice[self._part[a]]])
        few = np.bincount(np.concatenate(asked), minlength=self.n) < FEW_SEEDS
        alone = search_kernel.seeds_of(self._stem, np.zeros_like(self._stem))
        is_rare = (self._piece >= 0) & few[self._piece] & (self._weight >= RARE)
        found.append(_Seeds(alone, self._piece, self._weight).take(is_rare))
        found.append(self._ngrams(few))
        has_ngrams = len(found[-1].key) > 0
        all_ = _Seeds(*(np.concatenate([getattr(s, name) for s in found]) for name in ("key", "piece", "weight")))
        all_ = all_.take(np.lexsort((all_.piece, all_.key)))
        if len(all_.key):
            all_ = all_.take(np.r_[True, (all_.key[1:] != all_.key[:-1]) | (all_.piece[1:] != all_.piece[:-1])])
        names = sorted(set(self._benchmarks))
        benchmark = np.array([names.index(name) for name in self._benchmarks], np.uint64)[
            self.item_of_piece[all_.piece]
        ]
        _, group, size = np.unique(all_.key ^ (benchmark * _ODD), return_inverse=True, return_counts=True)
        common = size[group] > MAX_ITEMS_OF_A_SEED
        aside = {name: len(set(group[common & (benchmark == k)].tolist())) for k, name in enumerate(names)}
        rank = _rank(all_.piece, size[group])
        return all_.take(~common | (rank < MIN_SEEDS)), aside, has_ngrams

    def grams(self) -> tuple[npt.NDArray[np.bool_], I64, U64]:
        """The grams of each piece, those of its question or long text: which are long, where the grams of each begin, and they."""
        made = [self._grams_of(part) for part in self._first]
        return (
            np.diff(self._bounds)[self._first] > LONG,
            np.cumsum([0, *map(len, made)]),
            np.concatenate([*made, np.zeros(0, np.uint64)]),
        )

    def _grams_of(self, part: int) -> U64:
        """The grams of a part, the lowest of many, none of few."""
        lo, hi = self._bounds[part : part + 2]
        bits = search_kernel.bits_of(self._text, self._text_ends, lo, hi, hi - lo > LONG)
        return bits[:MAX_GRAMS] if len(bits) >= MIN_GRAMS else bits[:0]


def _rank(item: I64, by: I64) -> I64:
    """Of each seed its place among those of its item, by an order."""
    order = np.lexsort((by, item))
    rank = np.empty(len(item), np.int64)
    rank[order] = np.arange(len(item)) - np.searchsorted(item[order], item[order])
    return rank


def _groups(keys: U64) -> tuple[U64, I64]:
    """The distinct values of a sorted array, and where each begins; the length at the end."""
    firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    return keys[firsts], np.r_[firsts, len(keys)].astype(np.int64)


def _table(keys: U64) -> tuple[I64, U64, U64]:
    """An open table of keys and its filter, as `search_kernel.fill` makes them."""
    size = 1 << max(6, int(2 * len(keys)).bit_length())
    slots, table, filter_bits = np.full(size, -1, np.int64), np.zeros(size, np.uint64), np.zeros(size // 8, np.uint64)
    search_kernel.fill(keys, slots, table, filter_bits)
    return slots, table, filter_bits


@lru_cache(maxsize=1)
def function_words() -> tuple[I64, U64]:
    """The table of the function words."""
    slots, table, _ = _table(tokens_of(pa.array(sorted(FUNCTION_WORDS))).hashes)
    return slots, table
