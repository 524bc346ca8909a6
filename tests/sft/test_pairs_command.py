"""`astrocorpus pairs` before it asks anything: what is wrong is told before a paper is read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.rings import rings_config, write_rings
from tests.sft.scripted import answer

PROJECT = Path(__file__).parents[2]
ENGINE = {"kind": "endpoint", "model": "m", "licence": "MIT"}
JUDGE = {**ENGINE, "model": "judge", "key_env": "JUDGE_KEY"}
STAGES = ("questions", "evidence", "chains", "answers", "recheck", "judge")


def _config(folder: Path, url: str, **pairs: Any) -> Path:
    (folder / "rows.jsonl").write_text(json.dumps({"id": "a", "text": "A short text of a star."}) + "\n")
    config = {
        "name": "c",
        "sources": [{"name": "rows", "path": "rows.jsonl"}],
        "decide": {"tiers": {"t": {}}},
        "pairs": {"engine": {**ENGINE, "base_url": url}, **pairs},
    }
    file = folder / "c.yaml"
    file.write_text(json.dumps(config))
    return file


@pytest.mark.parametrize("stage", STAGES)
def test_a_key_that_is_not_set_stops_the_run_before_it_begins(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with ChatServer() as server:
        config = _config(tmp_path, server.url, **{stage: {"engine": {**JUDGE, "base_url": server.url}}})
        assert main(["pairs", str(config), "--run", str(tmp_path / "run"), "--executor", "inline"]) == 2
        told = " ".join(capsys.readouterr().err.split())
        assert (
            "its engine judge: the environment variable JUDGE_KEY, which holds the key of the endpoint, is not set"
            in told
        )
        assert not server.log and not [file for file in tmp_path.rglob("*") if file.suffix == ".parquet"]
        assert main(["doctor", str(config)]) == 1
        told = " ".join(capsys.readouterr().out.split())
        assert told.count("is not set; set it where") == 1 and "engine of questions" in told
        monkeypatch.setenv("JUDGE_KEY", "of two\nlines")
        assert main(["pairs", str(config), "--run", str(tmp_path / "run"), "--executor", "inline"]) == 2
        assert "JUDGE_KEY holds no key" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ({}, "and not both are here"),
        ({"usd_per_million_prompt_tokens": 1}, "or bound what is asked by max_tokens, which needs none"),
        ({"usd_per_million_prompt_tokens": 0, "usd_per_million_completion_tokens": 0}, "is never reached where both"),
    ],
)
def test_a_budget_that_nothing_counts_by_is_refused(
    prices: dict[str, float], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "http://127.0.0.1:9/v1"
    config = _config(tmp_path, url, engine={**ENGINE, "base_url": url, "max_usd": 5, **prices})
    assert main(["pairs", str(config), "--run", str(tmp_path / "run")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "max_usd" in said and told in said


def test_a_run_that_ends_without_a_pair_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = _config(tmp_path, "http://127.0.0.1:9/v1", chunks={"kinds": ["table"]})
    write_rings(tmp_path / "rows.jsonl", ("Aurel",))
    command = ["--run", str(tmp_path / "run"), "--executor", "inline"]
    assert main(["pairs", str(config), *command]) == 0
    assert "WARNING: tier t releases no pair; the card tells" in capsys.readouterr().out
    without = json.loads(config.read_text())
    del without["pairs"]
    config.write_text(json.dumps(without))
    assert main(["run", str(config), *command]) == 0
    assert "releases no pair" not in capsys.readouterr().out


def test_the_module_is_the_command(tmp_path: Path) -> None:
    config = _config(tmp_path, "http://127.0.0.1:9/v1", engine={**JUDGE, "base_url": "http://127.0.0.1:9/v1"})
    command = [sys.executable, "-m", "pipelines.pairs", f"--config={config}", "--run", str(tmp_path / "run")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "environment variable JUDGE_KEY" in " ".join(done.stderr.split())


def test_papers_that_failed_or_went_are_asked_for_as_by_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("Aurel", "Borva", "Caldr", "Dorve", "Elmir")
    write_rings(tmp_path / "rows.jsonl", names)
    with ChatServer(answer) as server:
        engine = {**ENGINE, "model": "scripted", "base_url": server.url}
        (tmp_path / "c.yaml").write_text(json.dumps(rings_config("rows.jsonl", engine)))
        command = ["pairs", str(tmp_path / "c.yaml"), "--run", str(tmp_path / "run"), "--executor", "inline"]
        assert main(command) == 0
        asked = len(server.log)
        capsys.readouterr()
        assert main([*command[:1], "--retry-failed", "timeout", *command[1:]]) == 0
        assert "--retry-failed: no paper failed as timeout, so none was opened again" in capsys.readouterr().err
        assert main([*command, "--retry-failed", "tired"]) == 2
        assert "no failure reason 'tired'" in capsys.readouterr().err
        write_rings(tmp_path / "rows.jsonl", names[:1])
        assert main(command) == 1
        assert "--accept-removed" in " ".join(capsys.readouterr().err.split())
        assert main([*command, "--accept-removed"]) == 0
        assert len(server.log) == asked, "what stays was answered before"
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["papers"]["in"] == 1 and report["tiers"]["t"]["pairs"] == 2
