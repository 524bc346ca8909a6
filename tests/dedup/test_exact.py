"""Exact duplicates: the same words make an edge, other words never do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.bands import Sketches
from curation.dedup.exact import ExactEdges, first_copies
from curation.dedup.scope import Scopes
from tests.dedup.flow import part, run_steps

EVERYONE = Scopes({})


def edges_of(*parts: dict[str, str | None], partitions: int = 3, scope: Scopes = EVERYONE) -> list[tuple[str, str]]:
    """Edges over parts; a document x:a is of source x."""
    made = run_steps(
        [part([{"doc_id": d, "text": t, "source": d.partition(":")[0]} for d, t in p.items()]) for p in parts],
        [Sketches(scope=scope), ExactEdges(partitions=partitions)],
    )["exact_edges"]
    return sorted(zip(made["doc_id"].to_pylist(), made["mate"].to_pylist(), strict=True))


def test_copies_that_differ_in_case_punctuation_and_breaks_meet_across_parts() -> None:
    one: dict[str, str | None] = {"a": "The star, HD 189733, is variable.", "b": "Another text"}
    two: dict[str, str | None] = {"c": "the STAR\n\nHD  189733 is variable", "d": "The star HD 189734 is variable."}
    assert edges_of(one, two) == [("a", "c")]


def test_star_edges_start_at_the_smallest_id() -> None:
    assert edges_of({"c": "x y", "a": "X y", "b": "x Y"}) == [("a", "b"), ("a", "c")]


def test_documents_without_words_are_no_copies_of_each_other() -> None:
    assert edges_of({"a": "", "b": "", "c": "---", "d": "...", "e": None, "f": None}) == []


def test_parts_order_and_partition_count_do_not_matter() -> None:
    texts: dict[str, str | None] = {f"d{i}": f"text {i % 4}" for i in range(12)}
    items = list(texts.items())
    whole = edges_of(texts)
    assert whole == edges_of(dict(items[7:]), dict(items[:7])) == edges_of(dict(reversed(items)), partitions=1)
    assert len(whole) == 8


def test_scopes_say_who_meets_whom() -> None:
    texts: dict[str, str | None] = {
        f"{s}:{i}": "same words" for s in ("arxiv", "ads", "own", "replay", "free") for i in "12"
    }
    found = edges_of(texts, scope=Scopes({"own": "within", "replay": "papers", "free": "off"}))
    assert found == [
        ("ads:1", "ads:2"),
        ("ads:1", "arxiv:1"),
        ("ads:1", "arxiv:2"),
        ("ads:1", "replay:1"),
        ("ads:1", "replay:2"),
        ("own:1", "own:2"),
    ]
    replay: dict[str, str | None] = {"replay:1": "same words", "replay:2": "same words"}
    assert edges_of(replay, scope=Scopes({"replay": "papers"})) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
def test_first_copies_equal_the_plain_loop(rows: list[tuple[int, bool]]) -> None:
    keys = np.frombuffer(b"".join(k.to_bytes(16, "big") for k, _ in rows), "V16")
    alone = np.array([a for _, a in rows], bool)
    expected = []
    for i, (key, _) in enumerate(rows):
        mates = [j for j, (k, a) in enumerate(rows) if k == key and not a]
        expected.append(mates[0] if key and mates else i)
    assert first_copies(keys, alone).tolist() == expected
    assert len(expected) == len(alone)
