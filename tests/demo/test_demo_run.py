"""The demo: every paper meets its fate, and each step makes what it made before unless its version says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo import __main__ as demo
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import ledger
from tests.golden import FILE, golden, main, unexcused

FATES = json.loads((demo.HERE / "fates.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    launch(pipeline(load_config(demo.HERE / "demo.yaml")), folder, Options(executor="inline"))
    return folder


@pytest.mark.parametrize("tier", ["research", "public"])
def test_every_paper_meets_its_fate(run, tier):
    rows = ledger(RunTables(open_store(run)), tier)
    got = {r["source_id"]: "released" if r["verdict"] == "keep" else r["reason"] for r in rows.iter_rows(named=True)}
    assert got == {source_id: fate[tier] for source_id, fate in FATES.items()}


def test_every_released_paper_came_by_the_expected_route(run):
    papers = RunTables(open_store(run)).scan("papers").select("doc_id", "source_id")
    routes = RunTables(open_store(run)).scan("documents").select("doc_id", "route")
    got = dict(papers.join(routes, on="doc_id").select("source_id", "route").collect().iter_rows())
    assert got == {source_id: fate["route"] for source_id, fate in FATES.items()}


def test_the_release_reads_back_with_polars_and_datasets(run, tmp_path):
    import datasets

    report = json.loads((run / "report.json").read_text())
    files = sorted(str(p) for p in (run / report["release"] / "public").glob("*.parquet"))
    frame = pl.read_parquet(files)
    assert frame.height == report["tiers"]["public"]["released"]
    loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    assert sorted(loaded["id"]) == sorted(frame["id"])
    assert all(len(text) > 200 for text in loaded["text"])
    files = sorted(str(p) for p in (run / report["release"] / "public-pairs").glob("*.parquet"))
    pairs = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    for pair in pairs.select_columns(["prompt", "completion", "messages", "answer"]):
        assert [*pair["prompt"], *pair["completion"]] == pair["messages"]
        assert pair["completion"] == [{"role": "assistant", "content": pair["answer"]}]
    assert pairs.num_rows == report["tiers"]["public"]["pairs"] > 0


def test_changed_output_needs_a_new_version(run):
    recorded, now = json.loads(FILE.read_text()), golden(run)
    assert not unexcused(recorded, now), "other output of equal input under an equal version: bump the step's version"
    assert now == recorded, "a new version, or other input: record it with `python -m tests.golden RUN` on a demo run"


def test_changed_output_of_equal_input_is_not_recorded_under_an_equal_version(run, tmp_path, capsys):
    file, now = tmp_path / "golden.json", golden(run)

    def recorded(**changes: object) -> dict:
        return {**now, "signals": {**now["signals"], **changes}}

    for changed in ("sha256", "told"):
        file.write_text(json.dumps(recorded(**{changed: "other"})))
        before = file.read_text()
        assert main(run, file) == 1 and "signals" in capsys.readouterr().out
        assert file.read_text() == before
    # a step before it changed what it does not read: no excuse
    file.write_text(
        json.dumps({**recorded(sha256="other"), "documents": {**now["documents"], "sha256": "o", "reads": "o"}})
    )
    assert main(run, file) == 1
    for excuse in ({"steps": {"signals": 0}}, {"reads": "other"}):
        file.write_text(json.dumps(recorded(sha256="other", **excuse)))
        assert main(run, file) == 0 and json.loads(file.read_text()) == now


def test_demo_over_a_folder_of_ones_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    body = (
        "A star is born in the cloud, and the gas that it does not take is blown away by the light of the first days. "
        * 4
    )
    (mine / "paper.tex").write_text(
        rf"\documentclass{{article}}\begin{{document}}\section{{One}}{body}\end{{document}}"
    )
    assert demo.main([str(mine)]) == 0
    assert "released" in capsys.readouterr().out
    assert demo.main([str(tmp_path / "nothing")]) == 2
