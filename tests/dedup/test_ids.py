"""Documents by number: found by id and by nothing else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curation.dedup import ids as module
from curation.dedup.edges import numbered
from curation.dedup.ids import Ids
from curation.errors import ContractError
from schemas import NEAR_EDGES


def column(*ids: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(ids, pa.string())])


@pytest.fixture(params=[False, True])
def one_hash(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is, and with one hash for all ids."""
    if request.param:
        monkeypatch.setattr(module, "hashes", lambda ids: np.zeros(len(ids), np.uint64))


@pytest.mark.usefixtures("one_hash")
def test_ids_are_sorted_and_each_is_found_by_its_own_name() -> None:
    ids = Ids([column("c", "a"), column(), column("b", "a")])
    assert ids.array.to_pylist() == ["a", "b", "c"] and len(ids) == 3
    assert ids.find(pa.array(["b", "x", "a", "c", "", "b"])).tolist() == [1, -1, 0, 2, -1, 1]
    assert ids.find(pa.chunked_array([["b"], ["a"]])).tolist() == [1, 0]
    assert Ids([]).find(column("a")).tolist() == [-1]


@pytest.mark.usefixtures("one_hash")
def test_rows_are_gathered_from_whatever_part_they_are_in() -> None:
    ids = Ids([column("c", "a", "b")])
    parts = [pa.table({"doc_id": d, "n": n}) for d, n in ((["x", "b"], [9, 2]), ([], []), (["c", "a"], [3, 1]))]
    parts[1] = parts[0].slice(0, 0)
    assert ids.gather(parts, "t")["n"].to_pylist() == [1, 2, 3]
    for wrong in (parts[:2], [*parts, parts[0]]):
        with pytest.raises(ContractError, match="t does not have one row for each document"):
            ids.gather(wrong, "t")
    assert Ids([]).gather(parts, "t").num_rows == 0


def test_an_edge_to_an_unknown_document_or_of_an_unknown_kind_breaks_the_contract() -> None:
    edge = {"doc_id": "a", "mate": "b", "kind": "near", "jaccard": 0.5, "containment": None}
    found = numbered(NEAR_EDGES.rows([edge]), Ids([column("a", "b")]))
    assert (found.a.tolist(), found.b.tolist(), found.jaccard.tolist()) == ([0], [1], [0.5])
    assert np.isnan(found.containment).all()
    for wrong in ({"mate": "z"}, {"doc_id": "z"}, {"kind": "far"}):
        with pytest.raises(ContractError, match="unknown document or kind"):
            numbered(NEAR_EDGES.rows([{**edge, **wrong}]), Ids([column("a", "b")]))
