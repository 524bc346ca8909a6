"""Pairs of a corpus that changes: only what is new is asked about, and what goes takes its pairs along. The model is scripted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.rings import TITLES, rings_config, write_rings
from tests.sft.scripted import answer

KEY = "sk-planted-0123456789abcdef"
NAMES = ("Aurel", "Borva", "Caldr")
LATER = ("Dorve", "Elmir")


def _run(folder: Path, url: str, benchmarks: list[dict[str, Any]] | None = None, **pairs: Any) -> list[dict[str, Any]]:
    engine = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": url, "key_env": "PLANTED"}
    config = rings_config("rows", engine, **pairs)
    config["withhold"] = {"benchmarks": [{"name": "AstroMLab-1", "rule": "araa"}, *(benchmarks or [])]}
    (folder / "c.yaml").write_text(json.dumps(config))
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    release = json.loads((folder / "run" / "report.json").read_text())["release"]
    files = sorted((folder / "run" / release / "t-pairs").glob("*.parquet"))
    return [row for file in files for row in pl.read_parquet(file).to_dicts()]


def _of(pairs: list[dict[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return sorted(
        (pair for pair in pairs if pair["doc_id"].split("~")[0] in names), key=lambda pair: str(pair["pair_id"])
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANTED", KEY)
    (tmp_path / "rows").mkdir()
    write_rings(tmp_path / "rows" / "october.jsonl", NAMES)
    return tmp_path


def test_a_month_later_only_new_papers_are_asked_about_and_a_withheld_one_takes_its_pairs_with_it(folder: Path) -> None:
    with ChatServer(answer) as server:
        first = _run(folder, server.url)
        asked = len(server.log)
        assert {pair["doc_id"].split("~")[0] for pair in first} == set(NAMES)

        write_rings(folder / "rows" / "november.jsonl", LATER)
        second = _run(folder, server.url)
        bodies = [json.dumps(served.body) for served in server.log[asked:]]
        assert bodies and all(any(name in body for name in LATER) for body in bodies)
        assert not any(name in body for name in NAMES for body in bodies)
        assert _of(second, NAMES) == _of(first, NAMES) and {p["doc_id"].split("~")[0] for p in second} == {
            *NAMES,
            *LATER,
        }

        asked = len(server.log)
        (folder / "works.jsonl").write_text(json.dumps({"title": TITLES["Borva"]}) + "\n")
        third = _run(folder, server.url, [{"name": "mine", "sources": "works.jsonl"}])
        assert len(server.log) == asked, "what was answered is not asked again"
        assert _of(third, ("Borva",)) == [] and _of(second, ("Borva",))
        kept = ("Aurel", "Caldr", *LATER)
        assert _of(third, kept) == _of(second, kept) == _of(third, (*NAMES, *LATER))


def test_a_question_that_a_benchmark_asks_in_other_words_is_not_answered(folder: Path) -> None:
    item = {
        "question": "In the galaxy around it, what does a ring do there, and what is known about it?",
        "answer": "rest",
    }
    (folder / "exam.jsonl").write_text(json.dumps(item) + "\n")
    exam = {"name": "exam", "items": "exam.jsonl", "adapter": "plain"}
    with ChatServer(answer) as server:
        pairs = _run(folder, server.url, [exam])
        asked = [str(served.body) for served in server.log]
    assert {pair["question"].split(" ")[0] for pair in pairs} == {"How"} and len(pairs) == len(NAMES)
    assert [body for body in asked if "What is known" in body] == [], "nothing dear is paid for it"
    told = json.loads((folder / "run" / "report.json").read_text())["summaries"]["question_verdicts"]
    assert told == {"rows": 6, "kept": 3, "left": {"contaminated": 3}}


def test_a_verifier_that_changes_asks_nothing_and_drops_what_it_drops(folder: Path) -> None:
    with ChatServer(answer) as server:
        before = _run(folder, server.url)
        asked = len(server.log)
        after = _run(folder, server.url, verify={"cut": [], "least": {"leads": 2.0}})
        assert len(server.log) == asked
    assert before and len(after) < len(before)


def test_the_key_is_in_no_file_and_no_word_of_a_run(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ChatServer(
        lambda body: "401" if "Borva" in str(body) and "schema" not in str(body) else answer(body)
    ) as server:
        with pytest.raises(AssertionError):
            _run(folder, server.url)  # stopped by a refusal, which servers like to answer with the key
        assert {served.key_shown for served in server.log} == {f"Bearer {KEY}"}
    with ChatServer(answer) as server:
        assert _run(folder, server.url)
    told = capfd.readouterr()
    assert "401" in told.err and KEY not in told.out + told.err
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
