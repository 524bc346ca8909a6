"""How much of a part of an item a stretch of a text holds, and where."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest

from curation.withhold import align
from curation.withhold.align import Found, find, find_as_it_is, find_whole
from curation.withhold.index import Part
from curation.withhold.tokens import tokens
from tests.withhold.plants import CLEAN, LONG, misread


def part(text: str, weight: int = 5) -> Part:
    words = tuple(tokens(text))
    return Part(words, (weight,) * len(words))


def prose(n: int, seed: int) -> list[str]:
    """Words that come as often as those of a language do: few often, many once."""
    rng = random.Random(seed)
    letters = "aeiounrstldcmphgbfvwy"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(3000)]
    return rng.choices(vocabulary, weights=[1 / (k + 3) for k in range(3000)], k=n)


def said(text: list[str], found: Found) -> str:
    return " ".join(text[found.first : found.last + 1])


def test_what_stands_there_as_it_is_is_whole() -> None:
    text = tokens(f"{CLEAN} {LONG.question} {CLEAN}")
    found = find(part(LONG.question), text)
    assert found == find_as_it_is(part(LONG.question), text)
    assert (found.per_mille, found.is_whole, said(text, found)) == (1000, True, " ".join(tokens(LONG.question)))
    assert (found.weight, found.total) == (5 * len(tokens(LONG.question)),) * 2
    assert (found.moved(7).first, found.moved(7).last) == (found.first + 7, found.last + 7)


def test_nothing_is_found_of_nothing_and_in_nothing() -> None:
    for empty in (find(part(""), ["a"]), find(part("radio waves"), []), find_as_it_is(part("radio waves"), ["radio"])):
        assert (empty.per_mille, empty.first, empty.last, empty.is_whole) == (0, 0, -1, False)
    assert find_whole([], ["a"]) == -1
    assert (find_whole(["a"], ["a", "b", "a"]), find_whole(["a"], ["a", "b", "a"], 1)) == (0, 2)
    assert find_whole(["b", "a"], ["a", "b"]) == -1


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("heat comes rom the sun t earth by the process of radiation", "heat comes rom the sun t earth by the process of"),
        ("and heatt comes from thhe sun to earth by thee process off radiation", "heatt comes from thhe sun to earth by thee process off"),
        ("cold is not heat cones frorn the sum to earth by tbe process of radiation", "heat cones frorn the sum to earth by tbe process of"),
    ],
)  # fmt: skip
def test_a_short_part_is_fitted_to_its_words_whatever_noise_makes_of_their_length(text: str, stands: str) -> None:
    words = tokens(text)
    found = find(part("Heat comes from the Sun to Earth by the process of"), words)
    assert said(words, found) == stands
    assert 880 <= found.per_mille < 1000


def test_a_part_joined_to_its_neighbour_is_found_in_it() -> None:
    words = tokens("the combined surface areadecreases quickly")
    found = find(part("decreases"), words)
    assert (found.per_mille, said(words, found)) == (1000, "areadecreases")


def test_a_long_part_may_lack_words_and_have_others_between_but_not_many() -> None:
    words = tokens(LONG.question)
    foreign = tokens(CLEAN)
    for n, whole in ((11, True), (12, False)):
        text = [*foreign, *words[:15], *["xyzzyplugh"] * n, *words[15:]]
        found = find(part(LONG.question), text)
        assert (found.per_mille > 990) is whole, n


def test_a_number_is_no_other_number_and_a_short_word_no_other_word() -> None:
    rows = align._similar(["1999", "halo", "red", "red"], ["1998", "ha1o", "rad", "red"])
    assert rows.tolist() == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]]
    assert align._similar([], ["a"]).tolist() == [[0]]


@pytest.mark.parametrize("n", [900, 2000])
def test_a_long_passage_is_found_in_stretches_as_at_once(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words = prose(n, 1)
    noisy = tokens(misread(" ".join(words), 2))
    text = [*prose(n, 3), *noisy, *prose(n, 4)]
    cut = find(part(" ".join(words)), text)
    assert abs(cut.first - n) <= 5 and abs(cut.last - n - len(noisy)) <= 5
    monkeypatch.setattr(align, "STRETCH", n)
    assert abs(find(part(" ".join(words)), text).per_mille - cut.per_mille) <= 5
    assert cut.per_mille > 900


def test_a_passage_that_stands_twice_is_found_in_one_place() -> None:
    words = prose(1500, 1)
    one, two = (tokens(misread(" ".join(words), seed)) for seed in (2, 3))
    text = [*prose(200, 4), *one, *prose(200, 5), *two]
    found = find(part(" ".join(words)), text)
    assert found.per_mille > 900 and abs(found.last - found.first - len(one)) <= 10


def test_a_passage_of_many_pages_takes_little_memory() -> None:
    words = prose(4000, 1)
    text = [*prose(4000, 2), *tokens(misread(" ".join(words), 3)), *prose(4000, 4)]
    tracemalloc.start()
    found = find(part(" ".join(words)), text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.per_mille > 900
    assert peak < 40 << 20


def test_what_is_not_there_is_not_found_in_stretches() -> None:
    assert find(part(" ".join(prose(1000, 1))), prose(3000, 2)).per_mille < 300
    assert find(part(" ".join(prose(1000, 1))), ["" for _ in range(500)]).per_mille == 0
    assert np.all(align._partners(part(" ".join(prose(1000, 1))), ["zzzz"]) == -1)
