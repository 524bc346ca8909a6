"""What a run that makes pairs tells of its engines: what was paid now, what was there, and in no table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.rings import rings_config, write_rings
from tests.sft.scripted import answer

NAMES, LATER = ("Aurel", "Borva", "Caldr"), ("Dorve", "Elmir")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows").mkdir()
    write_rings(tmp_path / "rows" / "october.jsonl", NAMES)
    return tmp_path


def _run(folder: Path, url: str, engine: Mapping[str, object]) -> None:
    named = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": url, **engine}
    (folder / "c.yaml").write_text(json.dumps(rings_config("rows", named)))
    assert main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0


def _engines(folder: Path) -> dict[str, dict[str, Any]]:
    stages = json.loads((folder / "run" / "report.json").read_text())["stages"]
    return {stage["stage"]: stage["engine"] for stage in stages if "engine" in stage}


def test_a_run_tells_what_it_paid_and_what_was_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = {"usd_per_million_prompt_tokens": 2.0, "usd_per_million_completion_tokens": 10.0}
    with ChatServer(answer, faults={"429": 0.2}) as server:
        _run(folder, server.url, prices)
        first, good, tries = _engines(folder), sum(server.good().values()), len(server.log)
        assert list(first) == ["questions", "evidence", "chains", "answers"]
        assert sum(e["this_run"]["requests"] for e in first.values()) == good > 0
        assert sum(e["this_run"]["retries"] for e in first.values()) == tries - good > 0
        for told in first.values():
            now, in_all = told["this_run"], told["in_all"]
            assert (now["requests"], now["prompt_tokens"]) == (in_all["requests"], in_all["prompt_tokens"])
            usd = in_all["prompt_tokens"] * 2e-6 + in_all["completion_tokens"] * 1e-5
            assert now["usd"] == pytest.approx(usd, abs=2e-6) and in_all["usd"] == pytest.approx(usd, abs=2e-6)
            assert told["from_store"] == {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0, "usd": 0.0}
        said = capsys.readouterr().out
        total = [line for line in said.splitlines() if line.startswith("all stages asked scripted:")]
        assert len(total) == 1 and f" {good} requests ({good} now, {tries - good} tries more)" in total[0]
        assert total[0].count("USD 0.0") == 2 and said.count(" asked scripted: ") == 5

        write_rings(folder / "rows" / "november.jsonl", LATER)
        _run(folder, server.url, prices)
        second = _engines(folder)
        for stage, told in second.items():
            assert told["from_store"] == first[stage]["in_all"], "the part that is there tells what it took"
            assert told["this_run"]["requests"] + told["from_store"]["requests"] == told["in_all"]["requests"]
        release = json.loads((folder / "run" / "report.json").read_text())["release"]
        card = (folder / "run" / release / "card.html").read_text()
        assert f'<td class="mono">scripted</td><td class="n">{second["chains"]["in_all"]["requests"]}</td>' in card
        assert "2e-06" not in card and "usd" not in card.lower(), "prices change, a card does not"

        _run(folder, server.url, {})  # all is there: no engine is opened, and without prices none is told
        third = _engines(folder)
        assert {stage: told["in_all"]["requests"] for stage, told in third.items()} == {
            stage: told["in_all"]["requests"] for stage, told in second.items()
        }
        assert not any(told["this_run"]["requests"] for told in third.values())
        assert third["chains"]["in_all"]["usd"] is None and third["chains"]["this_run"]["usd"] is None
    files = [pl.read_parquet_schema(file) for file in (folder / "run").rglob("*.parquet")]
    assert files and not any(
        {"usd", "retries", "prompt_tokens"} & set(schema) for schema in files if "key" not in schema
    )


def test_a_run_tells_where_another_model_answered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def falls_back(body: Mapping[str, Any]) -> str:
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        return {"question": "any/Scripted-2026-01-01", "evidence": "", "answer": "scripted"}.get(schema, "fall\nback")

    with ChatServer(answer, model=falls_back) as server:
        _run(folder, server.url, {})
        told, asked = _engines(folder), {stage: one["in_all"]["requests"] for stage, one in _engines(folder).items()}
        assert {stage: one["served"] for stage, one in told.items()} == {
            "questions": {"any/Scripted-2026-01-01": asked["questions"]},
            "evidence": {},
            "chains": {"fallback": asked["chains"]},
            "answers": {"scripted": asked["answers"]} if asked["answers"] else {},
        }
        assert {stage for stage, one in told.items() if one["others"]} == {"chains"}
        report = json.loads((folder / "run" / "report.json").read_text())
        [warning] = [line for line in report["warnings"] if "another model" in line]
        assert (
            f"(fallback {asked['chains']})" in warning and "served_as" in warning and "warnings" not in told["chains"]
        )
        said = capsys.readouterr().out
        assert f"{asked['chains']} answered by another model" in said
        for name in ("card.html", "README.md"):
            card = (folder / "run" / report["release"] / name).read_text().replace("\\", "")
            assert (
                f"scripted; answered by fallback (licence not named): {asked['chains']}" in card
                and "say that another model" in card
            )
        first = len(server.log)

        _run(folder, server.url, {"served_as": ["Fallback"]})  # nothing is asked again for it
        assert len(server.log) == first and _engines(folder)["chains"]["served"] == {"fallback": asked["chains"]}
        assert not _engines(folder)["chains"]["others"]
        assert "another model" not in (folder / "run" / "report.json").read_text()

        _run(folder, server.url, {"other_models": {"fall*": "gemma"}})
        assert len(server.log) == first and _engines(folder)["chains"]["other_licences"] == {"fallback": "gemma"}
        report = json.loads((folder / "run" / "report.json").read_text())
        assert not any("another model" in line for line in report["warnings"])
        card = (folder / "run" / report["release"] / "card.html").read_text()
        assert f"scripted; answered by fallback (gemma): {asked['chains']}" in card
