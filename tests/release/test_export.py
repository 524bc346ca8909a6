"""A release leaves its run whole or tier by tier, goes on after an interruption, and is published as it stands."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli import main
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo.__main__ import HERE
from pipelines.launch import Options, launch
from tests.data_cards.card_release import word_tokenizer
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
    assert main(["publish", str(tmp_path / "out"), "hf://datasets/owner/open", "--public"]) == 2
    assert main(["artefact", "withheld-texts", str(run), "--out", str(tmp_path / "withheld.parquet")]) == 0
    (tmp_path / "benchmarks.yaml").write_text(
        "withhold: {benchmarks: [{name: AstroMLab-1, rule: araa, texts: withheld.parquet}]}"
    )
    assert main(["audit", str(tmp_path / "out"), "--benchmark", str(tmp_path / "benchmarks.yaml")]) == 0
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
    (out / ".tmp-1-0-card.html").write_text("<html>")
    for stray in out.rglob(".tmp-*"):
        os.utime(stray, (0, 0))  # one that is younger may be another's, who writes now
    assert export(run, out) == 0
    assert files(out) == files(tmp_path / "whole")
    (out / "manifest.json").unlink()
    (out / "notes.txt").write_text("mine")
    assert export(run, out) == 2
    assert "holds something else (notes.txt)" in " ".join(capsys.readouterr().err.split())
    assert export(run, out / "notes.txt") == 2
    assert "notes.txt is a file; --out names a folder" in " ".join(capsys.readouterr().err.split())


def test_a_disk_that_fills_while_the_card_is_written_is_told(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, fsync = tmp_path / "out", os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name.endswith("README.md"):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert export(run, out) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "no space left while writing" in told and "README.md" in told
    assert not list(out.rglob(".tmp*"))
    assert export(run, out) == 0


def test_nothing_is_released_of_a_tier_without_documents(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "run"
    rules = "decide.tiers={research: {}, public: {licences: [GFDL-1.3]}}"
    assert main(["run", str(HERE / "demo.yaml"), "--run", str(empty), "--executor", "inline", "--set", rules]) == 0
    assert export(empty, tmp_path / "out", "--tier", "public") == 2
    assert "released no document in tier public" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_a_tier_public_with_rows_that_its_licences_do_not_name_does_not_leave_the_run(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    path = copy / json.loads((copy / "report.json").read_text())["release"] / "manifest.json"
    manifest = json.loads(path.read_text())
    assert "CC-BY-4.0" in manifest["licences"]["public"] and "research" not in manifest["licences"]
    path.write_text(json.dumps(manifest | {"licences": {"public": ["CC0-1.0"]}}))
    for options in ([], ["--tier", "public"]):
        assert export(copy, tmp_path / "out", *options) == 2
        assert "tier public may not hold licence CC-BY-" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
    assert export(copy, tmp_path / "inside", "--tier", "research") == 0
    assert json.loads((tmp_path / "inside/manifest.json").read_text())["licences"] == {}


def figures(folder: Path) -> list[tuple[int | None, int | None]]:
    tiers = json.loads((folder / "card.json").read_text())["tiers"]
    return [(t["figures"]["cpt_tokens"], t["figures"]["sft_tokens"]) for t in tiers]


def test_counted_tokens_stay_counted(run: Path, tmp_path: Path) -> None:
    tokenizer = str(word_tokenizer(tmp_path / "words" / "tokenizer.json"))
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    assert export(copy, tmp_path / "bare") == 0
    assert figures(tmp_path / "bare") == [(None, None), (None, None)]
    assert main(["card", str(copy), "--tokenizer", tokenizer]) == 0
    again = ["run", str(HERE / "demo.yaml"), "--run", str(copy), "--executor", "inline"]
    assert main(again) == 0
    assert export(copy, tmp_path / "all") == 0
    counted = figures(tmp_path / "all")
    assert all(cpt and sft for cpt, sft in counted)
    assert export(copy, tmp_path / "public", "--tier", "public") == 0
    assert figures(tmp_path / "public") == counted[1:]
    assert main(["card", str(tmp_path / "bare"), "--tokenizer", tokenizer]) == 0
    assert files(tmp_path / "bare") == files(tmp_path / "all")
    assert export(run, tmp_path / "told", "--tokenizer", tokenizer) == 0
    assert files(tmp_path / "told") == files(tmp_path / "all")
    assert main([*again, "--set", f"card.tokenizer={tokenizer}", "--run", str(tmp_path / "new")]) == 0
    assert export(tmp_path / "new", tmp_path / "from-config") == 0
    assert files(tmp_path / "from-config") == files(tmp_path / "all")


def test_a_tokenizer_that_is_none_is_told_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    rest = ["--run", str(tmp_path / "run"), "--set", f"card.tokenizer={tmp_path}/tokenizer.json"]
    assert main(["run", str(HERE / "demo.yaml"), *rest]) == 2
    assert "is no tokenizer.json" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run").exists()


def paper(folder: Path, subject: str, ending: str = "") -> None:
    folder.mkdir(parents=True)
    text = " ".join(
        f"The {subject} number {i} of our list was seen to move by {i * i} mas in year {i}." for i in range(30)
    )
    begin = rf"\documentclass{{article}}\title{{The motion of every {subject}}}\begin{{document}}\maketitle"
    (folder / "ms.tex").write_text(rf"{begin} {text} {ending}\end{{document}}")


def test_a_withheld_work_counts_once_whatever_its_versions_copies_and_failures(tmp_path: Path) -> None:
    """Planted: two versions of one work, a copy of it under a name of its own, and a source that cannot be read."""
    papers = tmp_path / "papers"
    paper(papers / "2001.00001v1", "star")
    paper(papers / "2001.00001v2", "star", "We add a note.")
    paper(papers / "copied", "star")
    paper(papers / "2001.00003", "galaxy")
    (papers / "2001.00002.pdf").write_bytes(b"%PDF-1.4 broken")
    sources = [{"arxiv_id": "2001.00001", "title": "The motion of every star"}, {"arxiv_id": "2001.00002"}]
    (tmp_path / "sources.jsonl").write_text("".join(json.dumps(s) + "\n" for s in sources))
    config = {
        "name": "held",
        "sources": [{"name": "papers", "path": "papers"}],
        "withhold": {"benchmarks": [{"name": "exam", "sources": "sources.jsonl"}]},
        "decide": {"quality": {"max_top_ngram_fraction": 1}},
    }
    (tmp_path / "corpus.yaml").write_text(json.dumps(config))
    run = tmp_path / "run"
    assert main(["run", str(tmp_path / "corpus.yaml"), "--run", str(run), "--executor", "inline"]) == 0
    assert pl.read_parquet(run / "list_hits-*/*.parquet")["doc_id"].n_unique() == 4
    assert json.loads((run / "report.json").read_text())["withheld_sources"] == 2
