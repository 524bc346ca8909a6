"""Retrieval: which question of a benchmark a text asks in other words. TF-IDF over characters and words, all in integers.

What a text is to it:

- its **pieces**: the tokens of `curation.withhold.tokens`, and between them the marks `MARKS`, each on its own;
- its **features**: of every piece with a blank before and behind it all runs of 3, 4 and 5 bytes of UTF-8 (once the whole of it, and
  no longer run, where it is no longer than a run), and every piece and every two pieces in a row, these with double weight;
- the weight of a feature: `tf x idf`. `tf = round(16 x (1 + ln times))` of the times that it stands there, 255 at most;
  `idf = round(16 x (1 + ln((1 + n) / (1 + df))))`, where n texts, the questions of a benchmark and the negatives, have it df times.
  Features are told apart by 20 bits: FNV-1a of 64 bits, `(h ^ h >> 20)` less all but the lowest 20.

The score of two texts is the cosine of their weights in per mille: `floor(1000 x dot / (sqrt(a x a) x sqrt(b x b)))`. The sums are of
integers, and square roots and quotients are what IEEE 754 says, so it is the same on every machine and for any number of threads.
Runs of bytes bear other forms of a word, words the terms and numbers of a question: measured in tests/benchmarks/rephrased.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from curation.text.buffers import Texts, buffers
from curation.text.kernel import I64, U8
from curation.withhold import retrieval_kernel as kernel
from curation.withhold.retrieval_kernel import FEATURES
from curation.withhold.tokens import tokens_of

MARKS = "^=+-<>/|?:;,.!()[]'\"&%*"
"""Marks that count as pieces: without them questions of algebra look alike, and a question like a statement."""
WORD_WEIGHT = 2
SCALE = 16
"""Steps of a weight that stand for 1, so that weights are integers."""
CHUNK = 256
"""Texts that are compared at a time: with 15,000 questions some 60 MB."""
_TF = np.array([0] + [round(SCALE * (1 + math.log(n))) for n in range(1, 256)], np.int64)
_IS_MARK = np.zeros(256, np.uint8)
_IS_MARK[[ord(mark) for mark in MARKS]] = 1

Counts: TypeAlias = Any
"""How often each stretch of text (row) has each feature (column): a sparse matrix of scipy."""


@dataclass(frozen=True)
class Pieces:
    """The pieces of texts, one text after the other.

    Args:
        starts, ends: the UTF-8 bytes of each in its text, end excluded.
        bounds: where those of each text begin; their number at the end.
        said, said_at: what they say (`curation.withhold.retrieval_kernel.pieces_of_all`).
    """

    starts: I64
    ends: I64
    bounds: I64
    said: U8
    said_at: I64

    def tokens(self) -> list[str]:
        """What each piece says."""
        ends, said = (self.said_at[1:] - 1).tolist(), self.said.tobytes()
        return [said[start:end].decode() for start, end in zip(self.said_at[:-1].tolist(), ends, strict=True)]

    def counts(self, firsts: I64, lasts: I64) -> Counts:
        """The features of stretches: the pieces from a first to a last one, which is excluded."""
        from scipy import sparse

        n_bytes = self.said_at[lasts] - self.said_at[firsts]
        features = np.empty(int((3 * n_bytes + 5 * (lasts - firsts)).sum()), np.int64)
        bounds = np.zeros(len(firsts) + 1, np.int64)
        n = kernel.features_of_all(self.said, self.said_at, firsts, lasts, features, bounds)
        counts = sparse.csr_matrix(
            (np.ones(n, np.int64), features[:n], bounds), shape=(len(firsts), 2 * FEATURES), copy=False
        )
        counts.sum_duplicates()
        return counts

    def whole(self) -> Counts:
        """The features of every text."""
        return self.counts(self.bounds[:-1], self.bounds[1:])


def pieces_of(texts: Texts) -> Pieces:
    """The pieces of Arrow texts (null: none)."""
    data, offsets = buffers(texts)
    found = tokens_of(texts)
    room = len(found.hashes) + int(_IS_MARK[data[offsets[0] : offsets[-1]]].sum()) + 1
    said = np.empty(len(found.text) + 2 * room + 1, np.uint8)
    said_at, starts, ends = (np.zeros(room, np.int64) for _ in range(3))
    bounds = np.zeros(len(offsets), np.int64)
    tokens = (found.text, found.ends_in_text, found.starts, found.ends, found.bounds)
    n = kernel.pieces_of_all(data, offsets, *tokens, _IS_MARK, said, said_at, starts, ends, bounds)
    return Pieces(starts[:n].copy(), ends[:n].copy(), bounds, said[: said_at[n]].copy(), said_at[: n + 1].copy())


class Retriever:
    """The questions of a benchmark, ready to be compared with texts.

    Args:
        questions, negatives: their features. The negatives are texts that ask none of the questions; both together say how
            common a feature is.
    """

    def __init__(self, questions: Counts, negatives: Counts) -> None:
        df = sum(np.bincount(c.indices, minlength=2 * FEATURES) for c in (questions, negatives))
        n = questions.shape[0] + negatives.shape[0]
        self._idf = np.array([round(SCALE * (1 + math.log((1 + n) / (1 + d)))) for d in range(n + 1)], np.int64)[df]
        self._idf[FEATURES:] *= WORD_WEIGHT
        weights = self._weights(questions)
        self._norms = _norms(weights)
        self._by_feature = weights.T.tocsr()

    def _weights(self, counts: Counts) -> Counts:
        weights = counts.copy()
        weights.data = _TF[np.minimum(counts.data, len(_TF) - 1)] * self._idf[counts.indices]
        return weights

    def scores(self, counts: Counts) -> Iterator[I64]:
        """Of stretches, up to `CHUNK` at a time: the score of each (row) with each question (column), per mille."""
        for start in range(0, counts.shape[0], CHUNK):
            weights = self._weights(counts[start : start + CHUNK])
            dots = (weights @ self._by_feature).toarray()
            norms = np.outer(_norms(weights), self._norms)
            yield np.floor(1000 * dots / np.maximum(norms, 1)).astype(np.int64)


def _norms(weights: Counts) -> Any:
    """The square root of each row's sum of squares."""
    squares = weights.copy()
    squares.data = squares.data**2
    return np.sqrt(np.asarray(squares.sum(axis=1)).ravel().astype(np.float64))
