"""Marks spread over what verified edges tie to a marked document, and say the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.edges import TIES
from curation.dedup.spread import Spread, spread
from tests.dedup.test_clusters import NAN, families

Tie = tuple[int, int, str, float]


def told(n: int, ties: Sequence[Tie], *marked: int, short: Sequence[int] = ()) -> dict[int, tuple[int, str]]:
    """Document -> the one that led to it and their tie."""
    found = spread(families(list(range(n)), *ties, short=short), np.isin(np.arange(n), marked))
    return {
        r: (s, TIES[k]) for r, s, k in zip(found.row.tolist(), found.source.tolist(), found.kind.tolist(), strict=True)
    }


TREE: tuple[Tie, ...] = (
    (0, 1, "identity", NAN),  # 0 is marked, 1 another version
    (1, 2, "exact", 1.0),
    (2, 3, "near", 0.8),
    (3, 4, "near", 0.9),  # two steps: not reached
    (3, 5, "identity", NAN),
    (5, 6, "exact", 1.0),
    (1, 7, "near", 0.7),  # a notice
    (7, 8, "identity", NAN),
)


def whole(n: int, ties: Sequence[Tie], *marked: int) -> Spread:
    return spread(families(list(range(n)), *ties), np.isin(np.arange(n), marked))


def test_marks_spread_over_copies_and_versions_and_one_step_near() -> None:
    assert told(9, TREE, 0, short=(7,)) == {
        1: (0, "identity"),
        2: (0, "identity"),  # a copy of a version is a version
        3: (1, "near"),
        5: (3, "identity"),
        6: (3, "identity"),
        7: (1, "near"),
    }
    assert set(told(9, TREE, 0)) == {1, 2, 3, 5, 6, 7, 8}
    found = whole(9, TREE, 0)
    assert found.origin.tolist() == [0] * 7
    assert found.score[found.row == 3] == pytest.approx(0.8) and np.isnan(found.score[found.row == 1]).all()


def test_a_marked_document_is_not_reached_and_nothing_marked_reaches_nothing() -> None:
    assert set(told(9, TREE, 0, 1)) == set(told(9, TREE, 0)) - {1}
    assert told(9, TREE) == told(9, TREE, *range(9)) == {}


def test_marks_spread_to_what_holds_a_marked_text_and_to_what_stands_in_it_one_step_only() -> None:
    # 0 is marked; 1 holds it, 2 holds 1; 3 stands in 0, 4 holds 3; 5 is a copy of 1
    ties: tuple[Tie, ...] = (
        (0, 1, "contained", 0.9),
        (1, 2, "contained", 0.9),
        (3, 0, "contained", 0.9),
        (3, 4, "contained", 0.9),
        (1, 5, "exact", 1.0),
    )
    assert told(6, ties, 0) == {1: (0, "contained"), 3: (0, "contained"), 5: (0, "contained")}
    assert told(6, ties, 0, short=(0,)) == {}, "that a notice stands in a text says nothing of it"
    assert told(6, ties, 0, short=(3,)) == {1: (0, "contained"), 5: (0, "contained")}


def test_near_and_contained_never_follow_each_other() -> None:
    ties: tuple[Tie, ...] = (
        (0, 1, "near", 0.8),
        (1, 2, "contained", 0.9),
        (0, 3, "contained", 0.9),
        (3, 4, "near", 0.8),
    )
    assert told(5, ties, 0) == {1: (0, "near"), 3: (0, "contained")}


def test_of_several_near_ones_the_closest_is_told() -> None:
    ties: tuple[Tie, ...] = ((0, 2, "near", 0.75), (1, 2, "near", 0.9))
    assert told(3, ties, 0, 1) == {2: (1, "near")}
    assert told(3, tuple((b, a, k, j) for a, b, k, j in reversed(ties)), 0, 1) == {2: (1, "near")}


def test_a_marked_notice_leads_to_the_other_versions_of_its_work() -> None:
    assert told(3, ((0, 1, "identity", NAN), (1, 2, "exact", 1.0)), 0, short=(0, 1, 2)) == {
        1: (0, "identity"),
        2: (1, "exact"),
    }


tie = st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from(TIES), st.floats(0.5, 0.99)).filter(
    lambda t: t[0] != t[1]
)


@given(st.lists(tie, max_size=14), st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_the_way_of_every_mark_is_one_of_edges_from_a_marked_document(
    ties: list[Tie], marked: set[int], short: set[int]
) -> None:
    """Against the plain rule: exact and identity freely, one step near or contained, then exact and identity again."""
    same: dict[int, set[int]] = {i: {i} for i in range(9)}
    for a, b, kind, _ in ties:
        if kind in ("exact", "identity"):
            same[a].add(b)
            same[b].add(a)
    steps = {(a, b) for a, b, kind, _ in ties if kind in ("near", "contained")}
    steps |= {(b, a) for a, b in steps}

    def closure(of: set[int]) -> set[int]:
        while (more := set().union(*(same[i] for i in of)) if of else set()) - of:
            of = of | more
        return of

    at_most = closure(closure(marked) | {b for a, b in steps if a in closure(marked)})
    found = spread(families(list(range(9)), *ties, short=sorted(short)), np.isin(np.arange(9), sorted(marked)))
    assert set(found.row.tolist()) <= at_most - marked
    assert set(found.origin.tolist()) <= marked
    reached = marked | set(found.row.tolist())
    for a, b, kind, _ in ties:
        if kind == "exact":
            assert (a in reached) == (b in reached), "copies go together"
    if not short:
        assert reached == at_most
