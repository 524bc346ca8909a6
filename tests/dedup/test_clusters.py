"""Clusters: every duplicate is tied to the kept copy by an edge; the best copy is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.clusters import MIN_WORK_WORDS, Clustering, Families
from curation.dedup.edges import KINDS, TIES, Edges
from curation.dedup.rank import Ranking


def edges(*rows: tuple[int, int, str, float]) -> Edges:
    return Edges(
        np.array([r[0] for r in rows], np.int64),
        np.array([r[1] for r in rows], np.int64),
        np.array([TIES.index(r[2]) for r in rows], np.int8),
        np.array([r[3] for r in rows], np.float32),
        np.array([r[3] for r in rows], np.float32),
    )


def families(
    order: list[int], *rows: tuple[int, int, str, float], alone: Sequence[int] = (), short: Sequence[int] = ()
) -> Families:
    """Documents of `MIN_WORK_WORDS`, but for the short ones."""
    n_words = np.full(len(order), MIN_WORK_WORDS)
    n_words[list(short)] -= 1
    flags = np.isin(np.arange(len(order)), list(alone))
    return Families(Ranking(np.array(order), n_words, flags), edges(*rows))


def cluster(order: list[int], *rows: tuple[int, int, str, float]) -> Clustering:
    return families(order, *rows).cluster()


def heads(order: list[int], *rows: tuple[int, int, str, float]) -> list[int]:
    return [int(h) for h in cluster(order, *rows).head]


def test_the_end_of_a_chain_is_kept_when_it_is_far_from_the_best_copy() -> None:
    found = cluster([0, 1, 2, 3], (0, 1, "near", 0.8), (1, 2, "near", 0.8), (2, 3, "near", 0.9))
    assert found.head.tolist() == [0, 0, 2, 2]
    assert found.family.tolist() == [0, 0, 0, 0]


def test_the_closest_kept_copy_is_the_mate() -> None:
    assert heads([0, 1, 2], (0, 2, "near", 0.8), (1, 2, "near", 0.9)) == [0, 1, 1]


def test_exact_copies_share_the_edges_of_each_other() -> None:
    # 1 and 2 have the same words; 1 is the better copy, but the near edge was found at 2
    found = cluster([0, 1, 2], (1, 2, "exact", 1.0), (0, 2, "near", 0.8))
    assert found.head.tolist() == [0, 0, 0]
    assert [KINDS[k] if k >= 0 else None for k in found.kind] == [None, "near", "near"]
    assert found.jaccard[1] == pytest.approx(0.8)


def test_identity_needs_no_likeness_and_keeps_its_own_reason() -> None:
    nan = float("nan")
    found = cluster([2, 1, 0], (0, 1, "identity", nan), (1, 2, "identity", nan), (1, 2, "near", 0.9))
    assert found.head.tolist() == [2, 2, 2]
    assert [int(k) for k in found.kind] == [KINDS.index("identity")] * 2 + [-1]
    assert np.isnan(found.jaccard[0]) and found.jaccard[1] == pytest.approx(0.9)


NAN = float("nan")


def test_works_with_one_notice_are_no_work() -> None:
    # versions 1 and 2 of two works, 0-1 and 2-3; version 2 of both is the same notice
    ties = ((0, 1, "identity", NAN), (2, 3, "identity", NAN), (1, 3, "exact", 1.0))
    assert families([1, 3, 0, 2], *ties, short=(1, 3)).cluster().head.tolist() == [1, 1, 2, 1]
    assert families([1, 3, 0, 2], *ties).cluster().head.tolist() == [1, 1, 1, 1]
    # nor does a copy of a notice follow it to what superseded it
    assert families([0, 1, 3, 2], *ties, short=(1, 3)).cluster().head.tolist() == [0, 0, 3, 3]


def test_an_old_version_goes_when_the_newest_is_near_another_work() -> None:
    # 0 is a journal's text, 3 > 2 > 1 are versions of a preprint, of which only the last is near it
    ties = ((1, 2, "identity", NAN), (1, 3, "identity", NAN), (0, 3, "near", 0.9))
    found = families([0, 3, 2, 1], *ties).cluster()
    assert found.head.tolist() == [0, 0, 0, 0]
    assert [KINDS[k] for k in found.kind[1:]] == ["identity", "identity", "near"]
    assert families([0, 3, 2, 1], *ties, short=(3,)).cluster().head.tolist() == [0, 2, 2, 0]


def test_what_is_dropped_is_nobodys_head_and_ties_still_hold() -> None:
    # the best copy 0 is out: 1 and 2 are exact copies through it, 3 and 4 are near both it and each other, 5 only it
    ties = ((0, 1, "exact", 1.0), (0, 2, "exact", 1.0), (0, 3, "near", 0.9), (0, 4, "near", 0.8), (3, 4, "near", 0.7))
    graph = families(list(range(7)), *ties, (5, 6, "near", 0.8))
    assert graph.cluster().head.tolist() == [0, 0, 0, 0, 0, 5, 5]
    found = graph.cluster(np.array([False, True, True, True, True, False, True]))
    assert found.head.tolist() == [0, 1, 1, 1, 1, 5, 6]
    assert found.jaccard[3] == pytest.approx(0.9)
    found = graph.cluster(np.array([False, False, False, True, True, True, True]))
    assert found.head.tolist() == [0, 1, 2, 3, 3, 5, 5]


def test_documents_that_are_alone_are_nobodys_head() -> None:
    ties = ((0, 1, "exact", 1.0), (0, 2, "exact", 1.0), (0, 3, "near", 0.9))
    graph = families([0, 1, 2, 3], *ties, alone=(1, 2, 3))
    assert graph.cluster().head.tolist() == [0, 0, 0, 0]
    assert graph.cluster(np.array([False, True, True, True])).head.tolist() == [0, 1, 2, 3]


def test_documents_that_are_alone_are_versions_of_each_other_only_by_a_tie_of_their_own() -> None:
    through_0 = ((0, 1, "identity", NAN), (0, 2, "identity", NAN))
    without_0 = np.array([False, True, True])
    assert families([0, 1, 2], *through_0, alone=(1, 2)).cluster().head.tolist() == [0, 0, 0]
    assert families([0, 1, 2], *through_0, alone=(1, 2)).cluster(without_0).head.tolist() == [0, 1, 2]
    own = (*through_0, (1, 2, "identity", NAN))
    assert families([0, 1, 2], *own, alone=(1, 2)).cluster(without_0).head.tolist() == [0, 1, 1]


pair = st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(KINDS), st.floats(0.5, 0.99)).filter(
    lambda t: t[0] != t[1]
)


@given(st.lists(pair, max_size=20), st.permutations(range(10)), st.randoms())
def test_members_are_tied_to_a_better_kept_copy_whatever_the_order_of_edges(rows, order, random) -> None:  # type: ignore[no-untyped-def]
    rows = list({(min(a, b), max(a, b), k): (a, b, k, j) for a, b, k, j in rows}.values())
    found = cluster(order, *rows)
    rank = {node: place for place, node in enumerate(order)}
    for i, head in enumerate(found.head.tolist()):
        assert found.head[head] == head
        assert rank[head] <= rank[i]
        assert found.family[head] == found.family[i]
    random.shuffle(rows)
    again = cluster(order, *rows)
    assert again.head.tolist() == found.head.tolist() and again.family.tolist() == found.family.tolist()
