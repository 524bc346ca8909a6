"""The rows of benchmark hashes: fields in pieces that do not overlap, formulas and single tokens left out; and what they find, at its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.errors import ConfigError
from curation.withhold.hash_index import FULL, Hashed, HashIndex
from curation.withhold.hashed import (
    field_rows,
    fields_of,
    hash_of,
    hashes_table,
    id_rows,
    item_rows,
    pieces,
    read_hashes,
    said_by_document,
    said_by_pair,
    telling,
    text_rows,
)
from curation.withhold.items import Item, item_digest

Words = list[str]


def words(n: int, stem: str = "word") -> Words:
    """So many distinct tokens."""
    return [f"{stem}{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(n)]


def said(*parts: Sequence[str]) -> Hashed:
    return Hashed(" ".join(token for part in parts for token in part))


@pytest.mark.parametrize(
    ("n", "sizes"),
    [
        (0, []),
        (1, [1]),
        (4, [4]),
        (5, [5]),
        (6, [6]),
        (9, [9]),
        (10, [5, 5]),
        (14, [5, 9]),
        (15, [5, 5, 5]),
        (26, [5, 5, 5, 5, 6]),
    ],
)
def test_a_field_is_cut_into_disjoint_pieces_that_cover_it(n: int, sizes: list[int]) -> None:
    made = list(pieces(words(n)))
    assert [len(gram) for _, gram in made] == sizes
    assert [token for _, gram in made for token in gram] == words(n)
    assert [place for place, _ in made] == [5 * k for k in range(len(sizes))]


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("mass of the old star", True),
        ("x y mass of stars", True),
        ("x y z mass of", False),
        ("x y z mass of star", True),
        ("x y z w mass of", False),
        ("10 20 30 40 50", False),
        ("10 20 30 40 km", True),
        ("\u03b1\u03b2 10 20 30 40", True),
    ],
)
def test_what_tells(text: str, tells: bool) -> None:
    tokens = text.split()
    assert telling(tokens, len(tokens)).tolist() == [tells]
    assert telling(["a", "1", *tokens], len(tokens)).tolist()[-1] is tells
    assert telling(tokens, len(tokens) + 1).tolist() == []


def test_of_a_withheld_text_every_fifth_ngram_is_told_but_formulas() -> None:
    tokens = [*words(5), "x", "y", "z", "1", "2", *words(7, "other")]
    rows = list(text_rows("b", "e", tokens, "d"))
    wanted = [" ".join(tokens[i : i + 5]) for i in (0, 10)]
    assert [row["hash"] for row in rows] == sorted(hash_of(gram.encode()) for gram in wanted)
    assert {(row["place"], row["n"], row["part"], row["digest"]) for row in rows} == {(0, 5, "text", "d")}
    assert list(text_rows("b", "e", words(4), "d")) == []
    assert len(list(text_rows("b", "e", words(5) * 3, "d"))) == 1, "each once"


def test_of_a_field_formulas_are_left_out_and_of_companions_only_single_tokens() -> None:
    formula = ["x", "y", "z", "1", "2"]
    places = [row["place"] for row in field_rows("b", "e", "d", "question", [*words(5), *formula, *words(5)])]
    assert places == [0, 10]
    assert [row["n"] for row in field_rows("b", "e", "d", "choice/0", formula)] == [5]
    assert [row["n"] for row in field_rows("b", "e", "d", "choice/0", ["3", "5"])] == [2]
    assert list(field_rows("b", "e", "d", "choice/0", ["mass"])) == []
    assert list(field_rows("b", "e", "d", "answer", ["mass"])) == []
    assert list(field_rows("b", "e", "d", "answer", formula * 5)) == [], "a long answer is no companion"
    assert len(list(field_rows("b", "e", "d", "answer", formula * 4))) == 4


def test_the_fields_of_an_item() -> None:
    free = Item("a:1", "Why?", (), "since it is", "as told", "a text")
    assert fields_of(free) == {
        "question": "Why?",
        "passage": "a text",
        "explanation": "as told",
        "answer": "since it is",
    }
    choices = Item("a:1", "Why?", ("late", "early"), "late", "it came late")
    assert fields_of(choices) == {
        "question": "Why?",
        "passage": None,
        "choice/0": "early",
        "choice/1": "late",
    }


def test_what_is_said_by_a_document() -> None:
    assert said_by_document("Title", "text") == "Title\n\ntext"
    assert said_by_document(None, "text") == said_by_document("", "text") == "text"
    assert said_by_document("Title", None) == "Title" and said_by_document(None, None) == ""


def test_a_file_of_another_version_or_of_nothing_is_refused(tmp_path: Path) -> None:
    table = hashes_table(id_rows("b", "e", ["doi:1"]))
    path = tmp_path / "hashes.parquet"
    pq.write_table(table, path)
    assert read_hashes(path).equals(table)
    for made in ("2", "4"):
        pq.write_table(table.replace_schema_metadata({"astrocorpus.version": made}), path)
        with pytest.raises(ConfigError, match=f"hashes of version {made}, and 3 is read"):
            read_hashes(path)
    pq.write_table(table.replace_schema_metadata(None), path)
    with pytest.raises(ConfigError, match="hashes of version none"):
        read_hashes(path)
    pq.write_table(table.slice(0, 0), path)
    with pytest.raises(ConfigError, match="holds no hash"):
        read_hashes(path)


def index(
    question: Sequence[str], *choices: Sequence[str], answer: Sequence[str] = (), passage: Sequence[str] = ()
) -> HashIndex:
    item = Item(
        "a:1",
        " ".join(question),
        tuple(map(" ".join, choices)),
        " ".join(answer) or None,
        passage=" ".join(passage) or None,
    )
    return HashIndex(hashes_table(item_rows("b", item)))


def found(made: HashIndex, text: Hashed, anywhere: bool = False, of_pair: bool = False) -> list[str]:
    return [match.rule for match in made.by_fields(text, anywhere, of_pair) if match.found]


def score(made: HashIndex, text: Hashed) -> list[int]:
    return [match.score for match in made.by_fields(text)]


FOUR = [[f"choice{c}", f"of{c}"] for c in "abcd"]
OTHER = words(600, "other")


@pytest.mark.parametrize(
    ("made", "checked"),
    [
        (index(words(21)), 1),
        (index(words(20)), 0),
        (index(words(20), *FOUR), 1),
        (index(words(20), *FOUR[:1]), 0),
        (index(words(20), ["a1"], ["b1"]), 0),
        (index(words(5), answer=words(2)), 1),
        (index(words(5), answer=words(1)), 0),
        (index(words(4), answer=words(2)), 0),
        (index(words(3), passage=words(30)), 1),
        (index(words(3), answer=words(21)), 1),
        (index([*words(10), *("x", "y", "1", "2", "3") * 3, *words(5)]), 1),
        (index([*words(10), *("x", "y", "1", "2", "3") * 4, *"uvwxyz", *words(1), *"uvwxyz"]), 0),
        (index([*words(5), *("x", "y", "1", "2", "3") * 3, *words(5, "last")]), 0),
    ],
)
def test_what_can_be_found(made: HashIndex, checked: int) -> None:
    assert made.checked("b")["text"] == checked and made.checked("other")["text"] == 0


def test_how_much_of_a_long_question_is_enough() -> None:
    long = words(50)
    made = index(long)
    assert found(made, said(OTHER[:90], long[:30], OTHER[90:150])) == ["question"], "6 of 10"
    assert found(made, said(OTHER[:90], long[:29], OTHER[90:150])) == []
    assert found(made, said(long[5:35])) == ["question"]
    three = words(21)
    assert found(index(three), said(three[:15])) == ["question"] and found(index(three), said(three[:14])) == []
    assert score(index(three), said(three[:15])) == [750] and score(made, said(long[:5])) == [100]
    assert score(index(words(55)), said(long[:5])) == [], "less is not told"


def test_two_ngrams_are_no_question_whatever_its_share() -> None:
    formulas = [*words(10), *("x", "y", "1", "2", "3") * 3, *words(5, "last")]
    made = index(formulas)
    assert score(made, said(formulas[:10])) == [666] and found(made, said(formulas[:10])) == []
    assert found(made, said(formulas)) == ["question"]


def test_how_near_the_parts_of_a_long_question_stand() -> None:
    long = words(25)
    made = index(long)
    assert found(made, said(long[:10], OTHER[:35], long[10:15])) == ["question"], "the last begins at 45"
    assert found(made, said(long[:10], OTHER[:40], long[10:15])) == []
    assert found(made, said(long[:10], OTHER[:40], long[10:15]), anywhere=True) == ["question"]


def test_how_near_to_a_short_question_its_answer_stands() -> None:
    asked, answer = words(7), ["quite", "cold"]
    made = index(asked, answer=answer)
    assert found(made, said(asked, OTHER[:193], answer)) == ["question+answer"]
    assert found(made, said(asked, OTHER[:194], answer)) == []
    assert found(made, said(answer, OTHER[:198], asked)) == ["question+answer"]
    assert found(made, said(answer, OTHER[:199], asked)) == []
    assert found(made, said(answer, OTHER[:199], asked), anywhere=True) == ["question+answer"]
    assert found(made, said(asked, OTHER[:300], asked, answer)) == ["question+answer"], "the second time"
    assert found(made, said(asked[:6], answer)) == found(made, said(answer)) == found(made, said(asked)) == []
    assert score(made, said(asked)) == [FULL]


def test_how_many_choices_are_enough() -> None:
    asked = words(12)
    made = index(asked, *FOUR)
    assert found(made, said(asked, *FOUR[1:])) == found(made, said(*FOUR, asked)) == ["question+choices"]
    assert found(made, said(asked, *FOUR[2:])) == found(made, said(asked, FOUR[0], FOUR[0], FOUR[0])) == []
    two = index(asked, FOUR[0], FOUR[1], ["one"], ["two"])
    assert found(two, said(asked, FOUR[0], FOUR[1])) == ["question+choices"]
    assert found(two, said(asked, FOUR[0], ["one"], ["two"])) == []


def in_pair(made: HashIndex, *parts: Sequence[str]) -> list[str]:
    """Rules of a text of a pair; a document finds none of it."""
    assert found(made, said(*parts)) == []
    return found(made, said(*parts), of_pair=True)


def test_a_short_question_that_is_half_of_a_text_of_a_pair_is_enough() -> None:
    asked = words(8)
    made = index(asked)
    assert in_pair(made, asked) == in_pair(made, OTHER[:4], asked, OTHER[4:8]) == ["question"]
    assert in_pair(made, asked, OTHER[:9]) == in_pair(made, asked[:7]) == in_pair(made, [*asked[:7], "new"]) == []
    assert in_pair(index(asked[:7]), asked[:7]) == [], "too few tokens"
    assert in_pair(index(words(20)), words(20)) == ["question"]
    assert in_pair(index(words(15)), words(15)[5:10], words(15)[:5], words(15)[10:]) == [], "out of order"
    (match,) = made.by_fields(said(OTHER[:2], asked), of_pair=True)
    assert match.spans == ((2, 10),)
    assert made.checked("b")["text"] == 0, "in a document it is nothing"
    short = index(words(3), passage=words(12, "passage"))
    assert in_pair(short, words(12, "passage")) == [], "no question"


def test_any_choice_is_enough_beside_a_short_question_in_a_pair() -> None:
    asked = words(6)
    made = index(asked, *FOUR)
    assert in_pair(made, asked, OTHER, FOUR[2]) == in_pair(made, FOUR[0], OTHER, asked) == ["question+choice"]
    assert in_pair(made, asked, OTHER[:300]) == in_pair(made, FOUR[0], OTHER[:300]) == []
    assert in_pair(index(asked, FOUR[0], ["one"]), asked, FOUR[0]) == ["question+choice"]
    assert in_pair(index(asked, ["one"], ["two"]), asked, ["one"]) == [], "single tokens"
    far = found(index(asked, answer=["quite", "cold"]), said(asked, OTHER, ["quite", "cold"]), of_pair=True)
    assert far == ["question+answer"]


def test_the_pieces_of_a_short_question_stand_at_their_places() -> None:
    asked, answer = words(15), ["quite", "cold"]
    made = index(asked, answer=answer)
    assert found(made, said(asked, answer)) == ["question+answer"]
    assert found(made, said(asked[5:10], asked[:5], asked[10:], answer)) == []
    assert found(made, said(asked[:10], ["new"], asked[10:], answer)) == []
    assert found(index(["x", "y", "z", "1", "2", *words(10)], answer=answer), said(words(10), answer)) == [], (
        "begins before the text"
    )


def test_where_a_question_stands() -> None:
    long = words(50)
    text = said(OTHER[:10], long, OTHER[10:20], long[:5], OTHER[20:30], long[:10], ["new"] * 5, long[15:])
    (match,) = index(long).by_fields(text)
    assert match.spans == ((10, 60), (70, 75), (85, 135))
    for foreign, spans in ((17, ((0, 67),)), (18, ((0, 5), (23, 68)))):
        (match,) = index(long).by_fields(said(long[:5], OTHER[:foreign], long[5:]))
        assert match.spans == spans
    asked, answer = words(7), ["quite", "cold"]
    (match,) = index(asked, answer=answer).by_fields(said(answer, OTHER[:5], asked, OTHER[:300], asked, OTHER, answer))
    assert match.spans == ((0, 2), (7, 14), (314, 321))


@pytest.mark.parametrize(
    ("text", "shared", "told"),
    [
        (said(OTHER[:300]), 60, FULL),
        (said(OTHER[:45]), 9, FULL),
        (said(OTHER[:44]), 8, FULL),
        (said(OTHER[:39]), 7, None),
        (said(OTHER[:100], words(100)), 20, 512),
        (said(OTHER[:100], words(110)), 20, 487),
        (said(OTHER[:100], [chr(97 + (k * k + k // 26) % 26) for k in range(400)]), 20, FULL),
        (said(OTHER[:100], words(100) * 9), 20, 500),
    ],
)
def test_how_much_of_a_withheld_text_is_enough(text: Hashed, shared: int, told: int | None) -> None:
    table = hashes_table(text_rows("b", "e", OTHER, "d"))
    assert len(set(table["hash"].to_pylist()) & set(text.hashes.tolist())) == shared
    near = [(match.score, match.found) for match in HashIndex(table).by_copies(text)]
    assert near == ([] if told is None else [(told, told >= 500)])


def test_rows_stand_as_the_page_says() -> None:
    assert list(id_rows("b", "e", ["doi:10.1234/y", "arXiv:2105.00001", "doi:10.1234/y"])) == [
        {"benchmark": "b", "layer": "identity", "entry": "e", "part": "id", "n": 0, "place": 0, "hash": hash_of(key)}
        for key in (b"arXiv:2105.00001", b"doi:10.1234/y")
    ]
    said, row = (
        words(11),
        {"benchmark": "b", "layer": "copy", "entry": "e", "digest": "d", "part": "text", "n": 5, "place": 0},
    )
    made = sorted(hash_of(" ".join(said[i : i + 5]).encode()) for i in (0, 5))
    assert list(text_rows("b", "e", said, "d")) == [{**row, "hash": found} for found in made]
    item = Item("f:3", " ".join(words(12)), ("two words", "one"), "two words")
    asked, chosen = [r for r in item_rows("b", item) if r["part"] == "question"], [("choice/1", "two words")]
    assert [(r["benchmark"], r["layer"], r["entry"], r["n"], r["place"]) for r in asked] == [
        ("b", "text", "f:3", 5, 0),
        ("b", "text", "f:3", 7, 5),
    ]
    assert {r["digest"] for r in asked} == {item_digest(item)}
    others = [(r["part"], r["hash"]) for r in item_rows("b", item) if r["part"] != "question"]
    assert others == [(part, hash_of(text.encode())) for part, text in chosen]


def test_rows_are_in_one_order_and_words_of_a_dictionary_are_sorted() -> None:
    rows = [row for name in ("z", "a") for row in id_rows(name, f"entry of {name}", ["doi:10.1234/y"])]
    made, other = hashes_table(rows), hashes_table(rows[::-1])
    assert made["benchmark"].to_pylist() == ["a", "z"]
    assert made["benchmark"].chunk(0).dictionary.to_pylist() == ["a", "z"]
    assert made.equals(other) and made["benchmark"].chunk(0).indices.equals(other["benchmark"].chunk(0).indices)


def test_what_a_pair_says_in_two_columns_is_compared_once() -> None:
    turns = [{"role": role, "content": content} for role, content in (("user", "Why?"), ("assistant", "So."))]
    pair = {"question": "Why?", "reasoning": None, "answer": "So.", "evidence": "It is so.", "messages": turns}
    once = said_by_pair(pair)
    assert said_by_pair({**pair, "prompt": turns[:1], "completion": turns[1:]}) == once and len(set(once)) == len(once)
    other = [{"role": "assistant", "content": "Another."}]
    more = said_by_pair({**pair, "prompt": turns[:1], "completion": other})
    assert set(more) - set(once) == {"Another.", "Why?\n\nAnother."}
