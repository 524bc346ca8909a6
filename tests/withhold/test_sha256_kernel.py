"""The compiled sha256 is sha256, whatever the length of an n-gram."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold.sha256_kernel import ngram_hashes
from curation.withhold.tokens import tokens_of


@given(
    st.lists(st.sampled_from("aZ9é銀").flatmap(lambda c: st.integers(1, 80).map(lambda n: c * n)), max_size=12),
    st.integers(1, 5),
)
def test_every_n_gram_has_the_hash_that_hashlib_gives(words: list[str], n: int) -> None:
    tokens = tokens_of(pa.array([" ".join(words)], pa.large_string()))
    out = np.zeros(max(len(words) - n + 1, 0), np.uint64)
    ngram_hashes(tokens.text, tokens.ends_in_text, n, out)
    said = tokens.words()
    grams = (" ".join(said[i : i + n]).encode() for i in range(len(said) - n + 1))
    assert out.tolist() == [int.from_bytes(hashlib.sha256(gram).digest()[:8], "big") for gram in grams]


def test_lengths_around_a_block() -> None:
    for size in (0, 1, 54, 55, 56, 63, 64, 65, 118, 119, 120, 127, 128, 200):
        tokens = tokens_of(pa.array(["x" * size], pa.large_string()))
        out = np.zeros(1 if size else 0, np.uint64)
        ngram_hashes(tokens.text, tokens.ends_in_text, 1, out)
        assert out.tolist() == ([int.from_bytes(hashlib.sha256(b"x" * size).digest()[:8], "big")] if size else [])
