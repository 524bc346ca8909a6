"""A release leaves its run whole or tier by tier, goes on after an interruption, and is published as it stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo.__main__ import HERE
from pipelines.launch import Options, launch
from tests.release.hub_stand_in import Hub, hub_environment, hub_stand_in


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    launch(pipeline(load_config(HERE / "demo.yaml")), folder, Options(executor="inline"))
    return folder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    with hub_stand_in() as stand_in:
        hub_environment(stand_in, monkeypatch)
        yield stand_in


def export(run: Path, out: Path, *options: str) -> int:
    return main(["release", str(run), "--out", str(out), *options])


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_one_tier_is_released_with_its_own_card_and_published_for_all(
    run: Path, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(run, tmp_path / "out", "--tier", "public") == 0
    report = json.loads((run / "report.json").read_text())["tiers"]["public"]
    assert f"public {report['released']} documents, public {report['pairs']} pairs" in capsys.readouterr().out
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert [t["tier"] for t in card["tiers"]] == ["public"]
    assert "research" not in (tmp_path / "out" / "README.md").read_text()
    assert main(["publish", str(tmp_path / "out"), "hf://datasets/owner/open", "--public"]) == 0
    assert not hub.repos["owner/open"].private
    assert sorted(hub.files("owner/open")) == sorted(files(tmp_path / "out"))


def test_a_file_of_equal_size_and_other_content_is_copied_again(run: Path, tmp_path: Path) -> None:
    assert export(run, tmp_path / "out") == 0
    whole = files(tmp_path / "out")
    shard = next((tmp_path / "out" / "research").glob("*.parquet"))
    shard.write_bytes(bytes(shard.stat().st_size))
    assert export(run, tmp_path / "out") == 0
    assert files(tmp_path / "out") == whole


def test_a_copy_that_was_cut_off_goes_on(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(run, tmp_path / "whole") == 0
    out = tmp_path / "out"
    shutil.copytree(tmp_path / "whole" / "research", out / "research")
    next((out / "research").glob("*.parquet")).rename(out / "research" / ".tmp-1-0-shard-00000.parquet")
    (out / ".card.html.tmp").write_text("<html>")
    assert export(run, out) == 0
    assert files(out) == files(tmp_path / "whole")
    (out / "manifest.json").unlink()
    (out / "notes.txt").write_text("mine")
    assert export(run, out) == 2
    assert "holds something else (notes.txt)" in " ".join(capsys.readouterr().err.split())
    assert export(run, out / "notes.txt") == 2
    assert "notes.txt is a file; --out names a folder" in " ".join(capsys.readouterr().err.split())


def test_a_disk_that_fills_while_the_card_is_written_is_told(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".README.md.tmp").symlink_to("/dev/full")
    assert export(run, out) == 1
    assert "README.md cannot be written (No space left on device)" in " ".join(capsys.readouterr().err.split())
    assert not list(out.rglob("*.tmp"))
    assert export(run, out) == 0


def test_nothing_is_released_of_a_tier_without_documents(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "run"
    rules = "decide.tiers={research: {}, public: {licences: [none]}}"
    assert main(["run", str(HERE / "demo.yaml"), "--run", str(empty), "--executor", "inline", "--set", rules]) == 0
    assert export(empty, tmp_path / "out", "--tier", "public") == 2
    assert "released no document in tier public" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
