"""The whole chain over the demo's papers: same bytes whatever the order, workers, seed or the moment of a crash."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
import yaml

from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo import __main__ as demo
from pipelines.launch import Options, launch
from tests.engine.runs import receipts, release_files, run_process, temp_files

pytestmark = pytest.mark.slow
MOMENTS = 8


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Path:
    """The demo in small parts, its scans left unread (OCR takes most of the time and writes one row)."""
    value = yaml.safe_load((demo.HERE / "demo.yaml").read_text())
    value["sources"][0] |= {
        "path": str(demo.HERE / "papers"),
        "metadata": str(demo.HERE / "metadata.jsonl"),
        "part_papers": 5,
    }
    value["extract"] = {"ocr": "off"}
    value["dedup"] = {"partitions": 3}
    path = tmp_path_factory.mktemp("chain") / "config.yaml"
    path.write_text(yaml.safe_dump(value))
    return path


@pytest.fixture(scope="module")
def reference(config) -> dict[str, bytes]:
    launch(pipeline(load_config(config)), config.parent / "reference", Options(executor="inline"))
    return release_files(config.parent / "reference")


@pytest.mark.parametrize(("executor", "workers", "seed"), [("local", 1, "1"), ("local", 3, "2")])
def test_executors_workers_and_hash_seeds_give_the_same_bytes(config, reference, tmp_path, executor, workers, seed):
    assert run_process(config, tmp_path / "run", executor, workers, seed=seed) == 0
    assert release_files(tmp_path / "run") == reference


def test_shuffled_input_in_other_parts_gives_the_same_bytes(config, reference, tmp_path):
    files = sorted((demo.HERE / "papers").iterdir())
    random.Random(1).shuffle(files)
    (tmp_path / "papers").mkdir()
    for file in files:
        (shutil.copytree if file.is_dir() else shutil.copy)(file, tmp_path / "papers" / file.name)
    loaded = load_config(config, [f"sources.0.path={tmp_path / 'papers'}", "sources.0.part_papers=3"])
    launch(pipeline(loaded), tmp_path / "run", Options(executor="inline"))
    assert release_files(tmp_path / "run") == reference


def test_killed_at_any_write_then_rerun_gives_the_same_bytes(config, reference, tmp_path):
    for moment in random.Random(2).sample(range(1, 180), MOMENTS):
        run = tmp_path / str(moment)
        assert run_process(config, run, "inline", 1, moment) == -9
        finished = receipts(run)
        launch(pipeline(load_config(config)), run, Options(executor="inline"))
        assert release_files(run) == reference, moment
        assert not temp_files(run)
        assert {k: receipts(run)[k] for k in finished} == finished


def test_new_papers_extract_only_themselves(config, tmp_path):
    papers = tmp_path / "papers"
    shutil.copytree(demo.HERE / "papers", papers)
    held_back = ["2301.00002.tar.gz", "2301.00012.gz", "2301.00017.tar.gz"]
    for name in held_back:
        shutil.move(papers / name, tmp_path / name)
    loaded = load_config(config, [f"sources.0.path={papers}"])
    launch(pipeline(loaded), tmp_path / "run", Options(executor="inline"))
    for name in held_back:
        shutil.move(tmp_path / name, papers / name)
    report = launch(pipeline(loaded), tmp_path / "run", Options(executor="inline")).report
    did = {s["stage"]: (s["computed"], s["cached"]) for s in report["stages"]}
    assert did["papers"] == did["documents"] == did["signals"] == did["sketches"] == (1, 4)
    launch(pipeline(loaded), tmp_path / "fresh", Options(executor="inline"))
    assert release_files(tmp_path / "run") == release_files(tmp_path / "fresh")
    assert json.loads(release_files(tmp_path / "run")["manifest"])["files"]
