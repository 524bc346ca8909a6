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


def told(
    n: int, ties: Sequence[Tie], *marked: int, short: Sequence[int] = (), down: Sequence[int] | None = None
) -> dict[int, tuple[int, str]]:
    """Document -> the one that led to it and their tie; `down`: the marked ones that lead to what stands in them, by default all."""
    flags = np.isin(np.arange(n), marked)
    found = spread(
        families(list(range(n)), *ties, short=short), flags, flags if down is None else np.isin(np.arange(n), down)
    )
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
    flags = np.isin(np.arange(n), marked)
    return spread(families(list(range(n)), *ties), flags, flags)


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


def test_a_mark_of_a_passage_does_not_lead_to_what_stands_in_its_container_and_one_of_a_work_does() -> None:
    # 1 holds 0, 2 holds 1; 3 is a copy of 1, in which 4 stands, and 5 is near 1
    ties: tuple[Tie, ...] = (
        (0, 1, "contained", 0.9),
        (1, 2, "contained", 0.9),
        (1, 3, "exact", 1.0),
        (4, 3, "contained", 0.8),
        (1, 5, "near", 0.8),
    )
    goes_on = {2: (1, "contained"), 3: (1, "exact"), 5: (1, "near")}
    assert told(6, ties, 1, down=()) == goes_on
    assert told(6, ties, 1, down=(1,)) == {**goes_on, 0: (1, "contained"), 4: (1, "contained")}
    # of two marked ones with one text each leads its own way
    assert 0 in told(6, ties, 1, 3, down=(3,)) and 0 not in told(6, ties, 1, 2, down=(2,))


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


class Plain:
    """The rule in plain sets, of texts that all speak for their work."""

    def __init__(self, ties: list[Tie]) -> None:
        self.ties = ties
        self.texts = self._joined("exact")
        works = self._joined("exact", "identity")
        claims = [(a, b) for a, b, kind, _ in ties if kind == "claim"]
        alike = {(a, b) for a, b, kind, _ in ties if kind == "near"}
        alike |= {(b, a) for a, b in alike} | {(b, a) for a, b, kind, _ in ties if kind == "contained"}
        self.borne_out = [
            (a, b)
            for a, b in claims
            if b in works[a]
            or any(x in self.texts[a] and y in works[b] for x, y in alike)
            or any(x in works[b] and y in works[a] for x, y in claims)
        ]
        self.works = self._joined("exact", "identity", more=self.borne_out)
        self.crowds = self._joined("crowd")
        self.to = {i: set[int]() for i in range(9)}
        for a, b, kind, _ in ties:
            if kind in ("claim", "crowd_claim"):
                for one in self.works[b] if kind == "claim" else self.works[b] | self.crowds[b]:
                    self.to[one].add(a)

    def _joined(self, *kinds: str, more: Sequence[tuple[int, int]] = ()) -> dict[int, set[int]]:
        found = {i: {i} for i in range(9)}
        for a, b in [*((a, b) for a, b, kind, _ in self.ties if kind in kinds), *more]:
            both = found[a] | found[b]
            for i in both:
                found[i] = both
        return found

    def closure(self, of: set[int]) -> set[int]:
        while more := {j for i in of for j in (*self.texts[i], *self.works[i], *self.crowds[i], *self.to[i])} - of:
            of = of | more
        return of

    def reached(self, marked: set[int]) -> set[int]:
        first = self.closure(marked)
        steps = {(a, b) for a, b, kind, _ in self.ties if kind in ("near", "contained")}
        return self.closure(first | {b for a, b in steps | {(b, a) for a, b in steps} if a in first})


@given(st.lists(tie, max_size=14), st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_the_way_of_every_mark_is_one_of_edges_from_a_marked_document(
    ties: list[Tie], marked: set[int], short: set[int]
) -> None:
    """Against the plain rule: copies, works, claims and crowds freely, one step near or contained, then these again."""
    flags = np.isin(np.arange(9), sorted(marked))
    found = spread(families(list(range(9)), *ties, short=sorted(short)), flags, flags)
    at_most = Plain(ties).reached(marked)
    assert set(found.origin.tolist()) <= marked
    reached = marked | set(found.row.tolist())
    for a, b, kind, _ in ties:
        if kind == "exact":
            assert (a in reached) == (b in reached), "copies go together"
    if not short:
        assert reached == at_most
    elif not any(kind == "claim" for _, _, kind, _ in ties):  # a short text may make a claim be one that it was not
        assert reached <= at_most


def test_a_claim_leads_to_who_makes_it_and_never_to_whom_it_names() -> None:
    claim: tuple[Tie, ...] = ((1, 0, "claim", NAN), (0, 2, "identity", NAN))
    assert told(3, claim, 0) == {1: (0, "claim"), 2: (0, "identity")}
    assert told(3, claim, 2) == {0: (2, "identity"), 1: (2, "claim")}
    assert told(3, claim, 1) == {}
    # a chain of claims, however long, the wrong way round
    chain = tuple((i, i + 1, "claim", NAN) for i in range(8))
    assert set(told(9, chain, 8)) == set(range(8)) and told(9, chain, 0) == {}
    assert set(whole(9, chain, 8).origin.tolist()) == {8}


@pytest.mark.parametrize(
    ("tie", "is_alike"),
    [
        ((1, 2, "near", 0.8), True),
        ((2, 1, "contained", 0.9), True),  # the claimant holds it
        ((1, 2, "contained", 0.9), False),  # an excerpt
        ((3, 2, "near", 0.8), False),  # of another's text
        ((0, 1, "claim", NAN), True),  # each names the other
    ],
)
def test_a_claim_that_the_texts_bear_out_makes_one_work(tie: Tie, is_alike: bool) -> None:
    ties: tuple[Tie, ...] = ((1, 0, "claim", NAN), (0, 2, "identity", NAN), tie)
    made = families([1, 0, 2, 3], *ties)
    assert (made.works[1] == made.works[0]) == is_alike
    assert made.cluster().head.tolist()[:3] == ([1, 1, 1] if is_alike else [0, 0, 0])


def test_a_crowd_hands_a_mark_on_over_a_short_text_and_makes_no_duplicate() -> None:
    crowd: tuple[Tie, ...] = (
        (0, 1, "crowd", NAN),
        (0, 2, "crowd", NAN),
        (3, 0, "crowd_claim", NAN),
    )
    assert told(4, crowd, 1, short=(0,)) == {0: (1, "crowd"), 2: (1, "crowd"), 3: (1, "crowd_claim")}
    assert told(4, crowd, 3) == {}
    made = families([3, 2, 1, 0], *crowd)
    assert made.cluster().head.tolist() == made.family.tolist() == [0, 1, 2, 3]
