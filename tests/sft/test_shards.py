"""Pairs beside the documents of a release."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from curation.release.shards import SHARD_PLAN, Shards
from curation.sft.shards import PairShards
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
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


ASKED = (
    "We find that the epicyclic frequency equals twice the angular frequency at the guiding centre, so that the resulting figure "
    "returns to itself after a single revolution around the nucleus."
)
OTHER = "We find that the dispersion of forty candidate members is larger than expected for a cluster in virial equilibrium."


def test_a_pair_that_holds_an_item_is_released_to_no_tier(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps({"question": "Does the orbit close?", "answer": ASKED}) + "\n")
    row = {"doc_id": "d", "paper_id": "arXiv:2301.00001", "title": "On closed orbits of stars", "status": "ok"}
    text = f"# On closed orbits of stars\n\n## Kinematics\n\n{ASKED} {OTHER}\n"
    columns = {**row, "text": text, "text_sha256": None, "sections": None, "tiers": ["a"], "key": 1}
    rows = pa.table({name: [value] for name, value in columns.items()})
    plain = PairShards(tiers=("a",))
    asked = PairShards(tiers=("a",), benchmarks=(Benchmark(name="B", items=(items,), adapter="plain"),))
    made = {step: step.merge(rows).select(["answer", "tiers"]).to_pylist() for step in (plain, asked)}
    assert made[plain] == [{"answer": ASKED, "tiers": ["a"]}, {"answer": OTHER, "tiers": ["a"]}]
    assert made[asked] == [{"answer": ASKED, "tiers": []}, {"answer": OTHER, "tiers": ["a"]}]
    assert plain.identity() != asked.identity()
