"""Clusters: every duplicate is tied to the kept copy by an edge; the best copy is kept; limits hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.clusters import KINDS, Clusters, Edges, cluster
from curation.dedup.exact import EXACT_EDGES
from curation.dedup.identity import IDENTITY_EDGES
from curation.dedup.verify import NEAR_EDGES
from curation.errors import ContractError, LimitError
from curation.step import Inputs
from schemas import DOCUMENTS, DUPLICATES, PAPERS


def edges(*rows: tuple[int, int, str, float]) -> Edges:
    return Edges(
        np.array([r[0] for r in rows], np.int64),
        np.array([r[1] for r in rows], np.int64),
        np.array([KINDS.index(r[2]) for r in rows], np.int8),
        np.array([r[3] for r in rows], np.float32),
        np.array([r[3] for r in rows], np.float32),
    )


def heads(order: list[int], *rows: tuple[int, int, str, float]) -> list[int]:
    return [int(h) for h in cluster(np.array(order), edges(*rows), 100).head]


def run(papers: list[dict[str, object]], pairs: list[tuple[str, str]], **config: int) -> list[dict[str, object]]:
    """The step over papers (doc_id, paper_id, version, date, n_words) and exact pairs."""
    base = {"source": "s", "member": "m", "status": "ok", "paper_id": "arXiv:1"}
    papers = sorted(papers, key=lambda p: str(p["doc_id"]))
    tables = {
        "papers": PAPERS.rows({**base, **{k: v for k, v in p.items() if k != "n_words"}} for p in papers),
        "documents": DOCUMENTS.rows(
            {
                "doc_id": p["doc_id"],
                "paper_id": p.get("paper_id", "arXiv:1"),
                "status": "ok",
                "n_words": p.get("n_words"),
            }
            for p in papers
        ),
        "identity_edges": IDENTITY_EDGES.empty(),
        "near_edges": NEAR_EDGES.empty(),
        "exact_edges": EXACT_EDGES.rows(
            {"doc_id": a, "mate": b, "kind": "exact", "jaccard": 1.0, "containment": 1.0} for a, b in pairs
        ),
    }
    table = Clusters(**config).run(Inputs(tables))
    assert table.schema.equals(DUPLICATES.arrow)
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


def test_the_journal_version_is_best_then_the_newest_then_the_longest() -> None:
    rows = run(
        [
            {"doc_id": "a", "version": 1, "date": "2020-01-01"},
            {"doc_id": "b", "version": 3, "date": "2021-01-01"},
            {"doc_id": "c", "paper_id": "doi:10.1/x", "date": "2019-01-01"},
            {"doc_id": "d", "version": 1, "date": "2020-01-01", "n_words": 10},
            {"doc_id": "e", "version": 9},
        ],
        [("a", "b"), ("a", "c"), ("a", "d")],
    )
    by_id = {r["doc_id"]: r for r in rows}
    assert {d: r["rank"] for d, r in by_id.items()} == {"c": 0, "b": 1, "d": 2, "a": 3}
    assert {r["cluster"] for r in rows} == {"c"}
    assert {r["cluster_size"] for r in rows} == {4}
    assert by_id["c"]["mate"] is None and by_id["c"]["kind"] is None
    assert by_id["a"]["mate"] == "c" and by_id["a"]["kind"] == "exact" and by_id["a"]["jaccard"] == 1.0


def test_no_edges_give_no_rows() -> None:
    assert run([{"doc_id": "a"}], []) == []


def test_too_many_edges_stop_the_run() -> None:
    with pytest.raises(LimitError, match="limit is 1"):
        run([{"doc_id": d} for d in "abc"], [("a", "b"), ("b", "c")], max_edges=1)


def test_an_edge_to_an_unknown_document_breaks_the_contract() -> None:
    with pytest.raises(ContractError, match="unknown document"):
        run([{"doc_id": "a"}], [("a", "z")])


def test_the_end_of_a_chain_is_kept_when_it_is_far_from_the_best_copy() -> None:
    found = cluster(np.array([0, 1, 2, 3]), edges((0, 1, "near", 0.8), (1, 2, "near", 0.8), (2, 3, "near", 0.9)), 10)
    assert found.head.tolist() == [0, 0, 2, 2]
    assert found.family.tolist() == [0, 0, 0, 0]


def test_the_closest_kept_copy_is_the_mate() -> None:
    assert heads([0, 1, 2], (0, 2, "near", 0.8), (1, 2, "near", 0.9)) == [0, 1, 1]


def test_exact_copies_share_the_edges_of_each_other() -> None:
    # 1 and 2 have the same words; 1 is the better copy, but the near edge was found at 2
    found = cluster(np.array([0, 1, 2]), edges((1, 2, "exact", 1.0), (0, 2, "near", 0.8)), 10)
    assert found.head.tolist() == [0, 0, 0]
    assert [KINDS[k] if k >= 0 else None for k in found.kind] == [None, "near", "near"]
    assert found.jaccard[1] == pytest.approx(0.8)


def test_identity_needs_no_likeness_and_keeps_its_own_reason() -> None:
    nan = float("nan")
    found = cluster(
        np.array([2, 1, 0]), edges((0, 1, "identity", nan), (1, 2, "identity", nan), (1, 2, "near", 0.9)), 10
    )
    assert found.head.tolist() == [2, 2, 2]
    assert [int(k) for k in found.kind] == [KINDS.index("identity")] * 2 + [-1]
    assert np.isnan(found.jaccard[0]) and found.jaccard[1] == pytest.approx(0.9)


pair = st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(KINDS), st.floats(0.5, 0.99)).filter(
    lambda t: t[0] != t[1]
)


@given(st.lists(pair, max_size=20), st.permutations(range(10)), st.randoms())
def test_members_are_tied_to_a_better_kept_copy_whatever_the_order_of_edges(rows, order, random) -> None:  # type: ignore[no-untyped-def]
    rows = list({(min(a, b), max(a, b), k): (a, b, k, j) for a, b, k, j in rows}.values())
    found = cluster(np.array(order), edges(*rows), 100)
    rank = {node: place for place, node in enumerate(order)}
    for i, head in enumerate(found.head.tolist()):
        assert found.head[head] == head
        assert rank[head] <= rank[i]
        assert found.family[head] == found.family[i]
    random.shuffle(rows)
    again = cluster(np.array(order), edges(*rows), 100)
    assert again.head.tolist() == found.head.tolist() and again.family.tolist() == found.family.tolist()
