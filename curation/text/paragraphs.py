"""Paragraphs and sentences of Arrow texts, hashed by their words: what documents share word for word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curation.text import kernel
from curation.text.buffers import Texts, buffers, fold_tables
from curation.text.kernel import I64, U64


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs or sentences of n documents, in the order of the text.

    Args:
        document: number of the document of each.
        hash: 64 bits over its words, as `normalise` gives them.
        n_words: words of each.
        start, end: UTF-8 bytes of the document's text.
    """

    document: I64
    hash: U64
    n_words: I64
    start: I64
    end: I64


def paragraphs(texts: Texts, min_words: int) -> Paragraphs:
    """The paragraphs of `min_words` words and more: runs of lines between blank ones."""
    return _pieces(texts, min_words, sentences=False)


def sentences(texts: Texts, min_words: int) -> Paragraphs:
    """The sentences of `min_words` words and more, however lines are broken: up to `.`, `!` or `?` before white space.

    They need not be sentences ("et al." ends one): what counts is that the same text gives the same pieces.
    """
    return _pieces(texts, min_words, sentences=True)


def _pieces(texts: Texts, min_words: int, *, sentences: bool) -> Paragraphs:
    data, offsets = buffers(texts)
    n = len(offsets) - 1
    room = int(offsets[-1] - offsets[0]) // 2 + n + 1
    hashes, counts = np.empty(room, np.uint64), np.zeros(n, np.int64)
    sizes, starts, ends = (np.empty(room, np.int64) for _ in range(3))
    min_words = max(min_words, 1)
    found = kernel.paragraphs_of(
        data, offsets, *fold_tables(), min_words, sentences, hashes, sizes, starts, ends, counts
    )
    return Paragraphs(np.repeat(np.arange(n), counts), hashes[:found], sizes[:found], starts[:found], ends[:found])
