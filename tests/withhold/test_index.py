"""Which stretches of texts are compared with items at all."""

from __future__ import annotations

import random

import pyarrow as pa

from curation.withhold.index import LONG, TextIndex
from curation.withhold.items import Item
from tests.withhold.plants import CLEAN, ITEMS, PASSAGE, misread, within
from tests.withhold.plants import LONG as ASKED

WORDS = CLEAN.split()


def stretches(index: TextIndex, *texts: str) -> list[tuple[int, str, int, int]]:
    found, _ = index.candidates(pa.array(texts, pa.large_string()))
    return [(c.text, c.entry.item.item_id, c.first, c.last) for c in found]


def text_of(seed: int, n: int) -> str:
    """So many words of no meaning, of four syllables at most."""
    rng = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return " ".join("".join(rng.choice(syllables) for _ in range(rng.randint(2, 4))) for _ in range(n))


def test_a_stretch_that_holds_the_pairs_of_an_item_and_not_its_text_is_not_compared() -> None:
    index = TextIndex({"B": [ASKED]})
    asked = ASKED.question.split()
    pairs = [" ".join(asked[n : n + 2]) for n in (3, 10)]
    assert stretches(index, f"{CLEAN} {pairs[0]} {' '.join(WORDS[:20])} {pairs[1]} {CLEAN}") == []
    assert {item for _, item, _, _ in stretches(index, within(misread(ASKED.question, 3)))} == {ASKED.item_id}


def test_of_a_long_text_a_stretch_that_is_misread_is_compared_and_one_of_its_pairs_is_not() -> None:
    said = text_of(1, 2 * LONG)
    index = TextIndex({"B": [Item("b:1", "What?", (), "so", None, said)]})
    pairs = [" ".join(said.split()[n : n + 2]) for n in range(0, 2 * LONG, 12)]
    assert stretches(index, f"{' and '.join(pairs)} {text_of(2, LONG)}") == []
    for seed in range(20):
        assert stretches(index, f"{text_of(3, LONG)} {misread(said, seed)} {text_of(4, LONG)}"), seed


def test_a_long_text_reaches_no_farther_than_itself_for_the_question_beside_it() -> None:
    said = text_of(5, 6 * LONG)
    asked = "Which molecule cools the primordial clouds before metals enrich them through supernovae?"
    index = TextIndex({"B": [Item("b:1", asked, (), "hydrogen", None, said)]})
    words = asked.split()
    torn = f" {text_of(6, 2 * LONG)} ".join(" ".join(words[n : n + 4]) for n in (0, 4, 8))
    assert stretches(index, torn) == []
    assert stretches(index, within(asked)) != []


def test_what_is_compared_of_a_text_does_not_depend_on_those_beside_it() -> None:
    index = TextIndex({"B": ITEMS})
    texts = [within(misread(item.question, 7)) for item in ITEMS] + ["", CLEAN, within(str(PASSAGE.passage))]
    alone = {(n, *rest) for n, text in enumerate(texts) for _, *rest in stretches(index, text)}
    assert len({item for _, item, *_ in alone}) == len(ITEMS)
    assert set(stretches(index, *texts)) == alone
