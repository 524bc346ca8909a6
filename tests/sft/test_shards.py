"""Pairs beside the documents of a release."""

from __future__ import annotations

import pytest

from curation.release.shards import SHARD_PLAN, Shards
from curation.sft.shards import PairShards
from curation.step import Inputs
from schemas import DOCUMENTS, METADATA, PAPERS


@pytest.mark.parametrize(
    ("known", "own", "title"),
    [("Of the record", "Of the text", "Of the record"), (None, "Of the text", "Of the text"), (None, None, None)],
)
def test_questions_name_a_paper_by_the_title_under_which_it_is_released(
    known: str | None, own: str | None, title: str | None
) -> None:
    row = {"doc_id": "d", "source": "s"}
    tables = {
        "papers": PAPERS.rows([{**row, "source_id": "d", "member": "d", "content_kind": "text", "status": "ok"}]),
        "metadata": METADATA.rows(
            [{**row, "paper_id": "arXiv:2301.00001", "title": known, "n_records": 0, "links": []}]
        ),
        "documents": DOCUMENTS.rows([{"doc_id": "d", "status": "ok", "title": own, "text": "Words."}]),
        "shard_plan": SHARD_PLAN.rows([{"doc_id": "d", "key": 1, "partition": 0, "tiers": ["a"]}]),
    }
    released, asked = (step.split(Inputs(tables)) for step in (Shards(tiers=("a",)), PairShards(tiers=("a",))))
    assert released["title"].to_pylist() == asked["title"].to_pylist() == [title]
