"""Pairs that the model that comes with us writes, offline, from papers to a release that `datasets` reads: a few requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import polars as pl
import pytest

from curation.sft.verifiers.evidence import find_quote
from pipelines.cli import main

PAPERS = {
    "Cold rings": "The cold ring of a barred galaxy holds most of the gas that falls in along the bar. Gas in the ring is dense, and young stars "
    "form there in clusters. The clusters heat the gas around them, so that fewer stars form in the next ten million years. Old stars of the bar "
    "cross the ring without any effect on it, since the ring is thin and the stars are far from each other.",
    "Slow winds": "The slow wind of a cool giant star carries dust grains, which form where the air of the star is cold enough. Light of the star "
    "pushes the grains outward, and the grains drag the gas along. A giant that pulsates lifts its gas higher, so that more dust forms and the "
    "wind is stronger. Stars that are hotter than these giants form no dust at all, and their wind is driven by lines of metals.",
    "Late tides": "Tides of a close planet make the orbit round, because they turn energy of the orbit into heat. The heat swells the planet, and a "
    "swollen planet loses gas to its star. Planets far from the star feel weak tides, and their orbits stay long and narrow for the whole life of "
    "the star. A second planet may stretch the orbit again, and then tides go on to heat the planet inside it.",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedded")
    rows = [{"id": f"r{n}", "title": title, "text": text} for n, (title, text) in enumerate(PAPERS.items())]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = {
        "name": "small",
        "sources": [{"name": "rows", "path": "rows.jsonl", "licence": "CC-BY-4.0"}],
        "decide": {"quality": {"min_words": 20}, "tiers": {"public": {"licences": ["CC-BY-4.0"]}}},
        "pairs": {"engine": {"kind": "gguf"}, "chunks": {"min_tokens": 40}},
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    return folder / "run"


def _rows(run: Path, name: str) -> list[dict[str, Any]]:
    return [row for file in sorted(run.glob(f"{name}-*/part-*.parquet")) for row in pl.read_parquet(file).to_dicts()]


def test_every_reply_is_what_its_schema_asks_for(run: Path) -> None:
    asked = [row for name in ("questions", "evidence", "answers") for row in _rows(run, name) if row["keys"]]
    assert 6 <= len(asked) <= 15
    assert [row for row in asked if row["reason"] in ("schema", "no_reply")] == []


def test_pairs_stand_on_sentences_of_their_papers_and_datasets_reads_them(run: Path) -> None:
    release = run / json.loads((run / "report.json").read_text())["release"]
    pairs = datasets.load_dataset(
        "parquet", data_files=str(release / "public-pairs" / "*.parquet"), split="train", cache_dir=str(run / "cache")
    )
    assert len(pairs) >= 3
    texts = {row["doc_id"]: row["text"] for row in _rows(run, "documents")}
    for pair in pairs:
        quotes = pair["evidence"].split("\n")
        assert quotes and all(find_quote(texts[pair["doc_id"]], quote) for quote in quotes)
        assert pair["reasoning"] is None and pair["engine"] == "SmolLM2-135M-Instruct"
        assert pair["completion"] == [{"role": "assistant", "content": pair["answer"]}]
        assert [*pair["prompt"], *pair["completion"]] == pair["messages"]
