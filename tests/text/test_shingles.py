"""Words, shingles and signatures equal their slow plain twins; datasketch is the oracle of signatures."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.text.buffers import normalise
from curation.text.shingles import (
    Shingling,
    band_keys,
    permutations,
    shingle_sets,
    sketch,
    without_references,
)

CONFIG = Shingling()
TEXTS = [
    "",
    "   ...  ",
    "one",
    "one two three",
    "a b c d e",
    "The Star HD 189733 is variable; the star HD 189733 is variable.",
    "Straße in ÉCOLE: αβγ ΣΑΣ — 星系 galaxy ﬁeld \U0001d6d1 x²",
    "İstanbul'da Σ_x ⓐ Ⱥb",
    "word " * 300,
]
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=6)
words = st.lists(st.sampled_from(["alpha", "beta", "gamma", "Δelta", "eps", "zeta", "eta"]), max_size=40).map(" ".join)


def large(values: list[str]) -> pa.Array:
    return pa.array(values, pa.large_string())


def grams(text: str, n: int = 5) -> set[tuple[str, ...]]:
    w = normalise(text).split()
    return {tuple(w[i : i + n]) for i in range(max(1, len(w) - n + 1))} if w else set()


def oracle(hashes: np.ndarray) -> np.ndarray:
    minhash = MinHash(num_perm=CONFIG.bands * CONFIG.rows, seed=CONFIG.seed, scheme="affine32", hashfunc=lambda x: x)
    minhash.update_batch([int(h) >> 32 for h in hashes])
    return np.asarray(minhash.hashvalues, np.uint32)


def test_every_character_is_folded_as_python_folds_it() -> None:
    every = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    found = sketch(large([f"a{c}b" for c in every]), CONFIG)
    expected = b"".join(xxhash.xxh3_128_digest(normalise(f"a{c}b").encode()) for c in every)
    assert found.exact.tobytes() == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_signatures_equal_datasketch(kind: pa.DataType) -> None:
    found = sketch(pa.array(TEXTS, kind), CONFIG)
    for signature, hashes in zip(found.signatures, shingle_sets(large(TEXTS), CONFIG), strict=True):
        assert np.array_equal(signature, oracle(hashes))
    assert found.n_words.tolist() == [len(normalise(t).split()) for t in TEXTS]


def test_permutations_equal_datasketch() -> None:
    ours, theirs = permutations(7, 200), MinHash(200, seed=7, scheme="affine32").permutations
    assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])


@given(texts)
def test_any_text_equals_its_twins(values: list[str]) -> None:
    found = sketch(large(values), CONFIG)
    sets = shingle_sets(large(values), CONFIG)
    for i, text in enumerate(values):
        folded = normalise(text)
        assert found.exact[i].tobytes() == (xxhash.xxh3_128_digest(folded.encode()) if folded else bytes(16))
        assert len(sets[i]) == len(grams(text))
        assert np.array_equal(found.signatures[i], oracle(sets[i]))


@given(words, words)
def test_shared_hashes_are_shared_shingles(a: str, b: str) -> None:
    x, y = shingle_sets(large([a, b]), CONFIG)
    assert len(np.intersect1d(x, y)) == len(grams(a) & grams(b))


@given(texts, st.integers(0, 6))
@settings(max_examples=30)
def test_slices_chunks_and_nulls_change_nothing(values: list[str], cut: int) -> None:
    whole = sketch(large(values), CONFIG)
    chunked = pa.chunked_array([large(values[:cut]), large(values[cut:])])
    sliced = large([*values, "tail"]).slice(0, len(values))
    padded = large(["head", *values]).slice(1)
    with_null = pa.array([None if v == "" else v for v in values], pa.large_string())
    for other in (chunked, sliced, padded, with_null):
        found = sketch(other, CONFIG)
        assert np.array_equal(found.signatures, whole.signatures)
        assert found.exact.tobytes() == whole.exact.tobytes()


def test_band_keys_are_equal_where_the_band_is() -> None:
    signatures = np.arange(2 * 112, dtype=np.uint32).reshape(2, 112)
    signatures[1, :7] = signatures[0, :7]
    keys = band_keys(signatures, CONFIG)
    assert (keys[0] == keys[1]).tolist() == [True] + [False] * 15
    same = band_keys(np.zeros((1, 112), np.uint32), CONFIG)
    assert len(set(same[0].tolist())) == 16


def test_expected_recall_is_the_s_curve() -> None:
    assert CONFIG.expected_recall(0.8) == pytest.approx(1 - (1 - 0.8**7) ** 16)
    assert CONFIG.expected_recall(1.0) == 1.0 and CONFIG.expected_recall(0.0) == 0.0


def test_references_are_stripped_only_at_the_end() -> None:
    body = "Words of the body. " * 20
    assert without_references(body + "\n## References\n[1] A. Author") == body + "\n"
    assert without_references("References\n" + body) == "References\n" + body
    stripped = Shingling(strip_references=True)
    a, b = shingle_sets(large([body + "\nReferences\nx y z", body + "\n# 7. References\nq r s"]), stripped)
    assert np.array_equal(a, b)


def test_nfkc_folds_ligatures() -> None:
    a, b = shingle_sets(large(["ﬁeld of view", "field of view"]), Shingling(unicode="NFKC"))
    assert np.array_equal(a, b)
