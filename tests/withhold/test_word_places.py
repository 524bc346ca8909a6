"""Words by their places are those of the text, each read once however often somebody asks around it."""

from __future__ import annotations

import random

from curation.withhold.items import Item
from curation.withhold.number_match import MAX_TIMES, NumberIndex
from curation.withhold.tokens import tokens
from curation.withhold.word_places import WordPlaces


def text_of(n: int) -> str:
    draw = random.Random(5)
    return " ".join("".join(draw.choices("abcdé𝐚ﬁ-", k=draw.randint(1, 9))) for _ in range(n))


def test_words_between_two_places_are_those_that_begin_there() -> None:
    text = text_of(3_000)
    places = WordPlaces(text, lambda word: word)
    ends = [n for n, character in enumerate(text) if character == " "]
    for first, last in [(0, 5), (100, 900), (700, 701), (650, 2_900), (2_990, len(ends) - 1)]:
        assert places.between(ends[first], ends[last]) == set(tokens(text[ends[first] : ends[last]]))
    assert places.between(-50, len(text) + 50) == set(tokens(text))
    assert WordPlaces("", str).between(-150, 150) == set()


def test_a_word_is_read_once() -> None:
    text, read = text_of(3_000), list[str]()

    def named(word: str) -> str:
        read.append(word)
        return word

    places = WordPlaces(text, named)
    for start in range(0, len(text), 10):
        places.between(start - 150, start + 400)
    assert len(read) < 1.1 * len(tokens(text))


def test_values_said_over_and_over_hide_no_item_behind_them() -> None:
    item = Item("b.csv:1", "A crate of 5.23 kg slides for 7.81 s along a ramp. How far?", (), "it stops")
    again = "5.23 kg, " * (3 * MAX_TIMES)
    index = NumberIndex({"B": [item]})
    assert not list(index.held(f"{again} 7.81 s"))
    told = f"{again} a crate slides along the ramp for 7.81 s"
    (held,) = index.held(told)
    assert told[: held.found[0].start].count("5.23") > MAX_TIMES and len(held.found) > 1
