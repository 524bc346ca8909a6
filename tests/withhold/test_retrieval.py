from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold.retrieval import CHUNK, MARKS, Retriever, pieces_of
from curation.withhold.tokens import tokens_of

QUESTIONS = (
    "Find the index of <p> in S_5, where p = (1, 2, 5, 4)(2, 3).",
    "Why does the rotation curve of a spiral galaxy stay flat?",
    "Which élément dominates the spectrum of a naïve star?",
)
NEGATIVES = ("How long does lentil soup keep in the fridge?", "The court held that the contract was void.")
TEXT = st.text(st.sampled_from("abé ﬁΣ12^()?.\n$\\{}-"), max_size=40)


def plain_pieces(text: str) -> list[str]:
    """The pieces as the module's docstring says them."""
    found = tokens_of(pa.array([text], pa.large_string()))
    data, at, made = text.encode(), 0, []
    for word, start, end in zip(found.words(), found.starts.tolist(), found.ends.tolist(), strict=True):
        made += [chr(byte) for byte in data[at:start] if chr(byte) in MARKS and byte < 128] + [word]
        at = end
    return made + [chr(byte) for byte in data[at:] if chr(byte) in MARKS and byte < 128]


def plain_hash(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return (value ^ value >> 20) % 2**20


def plain_features(pieces: list[str]) -> Counter[int]:
    """The same of features."""
    found: Counter[int] = Counter()
    for piece in pieces:
        padded = f" {piece} ".encode()
        for size in (3, 4, 5):
            runs = [padded[i : i + size] for i in range(len(padded) - size + 1)]
            found.update(map(plain_hash, runs if len(padded) > size else [padded]))
            if len(padded) <= size:
                break
    for said in (*pieces, *(f"{one} {other}" for one, other in pairwise(pieces))):
        found[2**20 + plain_hash(said.encode())] += 1
    return found


def plain_score(one: Counter[int], other: Counter[int], df: Counter[int], n: int) -> int:
    """And of the score."""

    def weights(counts: Counter[int]) -> dict[int, int]:
        return {
            f: round(16 * (1 + math.log(min(times, 255))))
            * round(16 * (1 + math.log((1 + n) / (1 + df[f]))))
            * (2 if f >= 2**20 else 1)
            for f, times in counts.items()
        }

    a, b = weights(one), weights(other)
    dot = sum(weight * b.get(f, 0) for f, weight in a.items())
    norms = math.sqrt(sum(w * w for w in a.values())) * math.sqrt(sum(w * w for w in b.values()))
    return math.floor(1000 * dot / norms) if norms else 0


def counts(texts: list[str] | tuple[str, ...]):
    return pieces_of(pa.array(texts, pa.large_string())).whole()


def scores(questions, negatives, texts) -> np.ndarray:
    return np.concatenate(list(Retriever(counts(questions), counts(negatives)).scores(counts(texts))))


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_features_are_those_of_plain_python(texts):
    made = counts(texts)
    for row, text in enumerate(texts):
        mine = made[row]
        assert dict(zip(mine.indices.tolist(), mine.data.tolist(), strict=True)) == plain_features(plain_pieces(text))


def test_scores_are_those_of_plain_python():
    texts = [*QUESTIONS, *NEGATIVES, "What is the index of <p> within S_5?", "the the the the", "", "?"]
    features = [plain_features(plain_pieces(text)) for text in (*QUESTIONS, *NEGATIVES)]
    df = Counter(f for found in features for f in found)
    asked = [plain_features(plain_pieces(text)) for text in texts]
    expected = [[plain_score(one, other, df, len(features)) for other in features[:3]] for one in asked]
    assert scores(QUESTIONS, NEGATIVES, texts).tolist() == expected
    assert expected[5][0] > 300 > expected[5][1]


def test_a_text_scores_the_same_whatever_stands_beside_it():
    texts = [f"text {n} asks for the index of <p> in S_{n % 7}" for n in range(CHUNK + 5)]
    together = scores(QUESTIONS, NEGATIVES, texts)
    assert len(together) == len(texts)
    alone = scores(QUESTIONS, NEGATIVES, texts[-1:])
    assert together[-1].tolist() == alone[0].tolist()
    assert scores(QUESTIONS[::-1], NEGATIVES[::-1], texts)[:, ::-1].tolist() == together.tolist()


@pytest.mark.parametrize("other", ("x^5 + 3x^3 in Z_5", "x^5 - 3x^3 in Z_5"))
def test_a_score_is_full_only_of_equal_pieces(other):
    found = scores(("x^5 + 3x^3 in Z_5",), NEGATIVES, (other,))[0, 0]
    assert (found >= 999) == (other == "x^5 + 3x^3 in Z_5")  # 999 where the roots' product is rounded up


def test_spans_of_pieces_are_bytes_of_the_text():
    texts = ["é = ﬁve (5)", "", "naïve?"]
    pieces = pieces_of(pa.array(texts, pa.large_string()))
    assert pieces.bounds.tolist() == [0, 6, 6, 8]
    said = [texts[0].encode()[a:b].decode() for a, b in zip(pieces.starts[:6], pieces.ends[:6], strict=True)]
    assert said == ["é", "=", "ﬁve", "(", "5", ")"]
    assert bytes(pieces.said).decode() == " e = five ( 5 ) naive ? "


def test_slices_of_an_array_and_nulls_have_their_own_pieces():
    array = pa.array(["left out", None, "asked here"], pa.large_string())[1:]
    pieces = pieces_of(array)
    assert pieces.bounds.tolist() == [0, 0, 2]
    assert bytes(pieces.said).decode() == " asked here "
    assert pieces.starts.tolist() == [0, 6]
