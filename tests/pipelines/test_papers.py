"""Real papers, as folders and as archives: every one is accounted for, and the release reads back."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import datasets
import polars as pl
import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import trace

pytestmark = [pytest.mark.needs_shared, pytest.mark.slow]


def as_archives(papers: Path, target: Path) -> Path:
    """Each paper as its one arXiv file, made where there is none."""
    target.mkdir()
    for paper in sorted(p for p in papers.iterdir() if p.is_dir()):
        if (paper / "arxiv.tar.gz").exists():
            shutil.copy(paper / "arxiv.tar.gz", target / f"{paper.name}.tar.gz")
        elif (paper / "single.gz").exists():
            shutil.copy(paper / "single.gz", target / f"{paper.name}.gz")
        else:
            with tarfile.open(target / f"{paper.name}.tar.gz", "w:gz") as tar:
                tar.add(paper / "source", arcname=".")
    return target


@pytest.mark.parametrize("shape", ["folders", "archives"])
def test_every_paper_is_in_the_ledger_and_the_release_reads_back(shared, tmp_path, shape):
    papers = shared / "papers"
    names = {p.name for p in papers.iterdir() if p.is_dir()}
    source = papers if shape == "folders" else as_archives(papers, tmp_path / "archives")
    config = parse_config({"name": "real", "sources": [{"name": "papers", "path": str(source)}]}, Path())
    report = launch(pipeline(config), tmp_path / "run", Options()).report
    tables = RunTables(open_store(tmp_path / "run"))
    assert set(tables.scan("papers").collect()["source_id"]) == names
    for name in names:
        assert {t for t, _ in trace(tables, name)} >= {"papers", "documents"}
    research = report["tiers"]["research"]
    assert research["released"] == len(names)
    files = sorted(str(p) for p in (tmp_path / "run" / report["release"] / "research").glob("*.parquet"))
    assert pl.read_parquet(files).height == len(names)
    loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    assert sorted(loaded["id"]) == sorted(pl.read_parquet(files)["id"])
    assert json.loads((tmp_path / "run" / report["release"] / "manifest.json").read_text())["files"]
