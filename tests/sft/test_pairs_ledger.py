"""`ledger --pairs` and `trace` of a pair: what became of each question and answer, why, and by whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.rings import TITLES, rings_config, write_rings
from tests.sft.scripted import answer

NAMES = ("Aurel", "Borva", "Caldr")


def _answer(body: Mapping[str, Any]) -> str:
    """It knows nothing of Caldr's turn, and makes up a number for Borva's."""
    asked = body["messages"][-1]["content"]
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("name")
    if schema is None and "How long does Ring Caldr" in asked:
        return "It cannot be told."
    said = answer(body)
    return said.replace(" Myr", "7 Myr") if schema is None and "How long does Ring Borva" in asked else said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("ledger")
    write_rings(folder / "rows.jsonl", NAMES)
    with ChatServer(_answer) as server:
        engine = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": server.url}
        judge = {"engine": {**engine, "model": "strict", "licence": "gemma"}, "gates": []}
        kinds = {"per_chunk": 3, "kinds": ["concept", "numeric", "mechanism"]}
        config = rings_config("rows.jsonl", engine, questions=kinds, judge=judge)
        config["decide"]["tiers"] = {"t": {}, "public": {"licences": ["CC-BY-4.0"]}}
        config["decide"]["rules"] = [
            {
                "name": "rings",
                "tiers": ["t"],
                "table": "metadata",
                "column": "title",
                "one_of": [TITLES["Borva"], TITLES["Caldr"]],
            }
        ]
        (folder / "c.yaml").write_text(json.dumps(config))
        assert main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    return str(folder / "run")


def _lines(capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main([*command, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


LEFT = {("question_verdicts", "self_contained"): 3, ("chains", "schema"): 1, ("pair_verdicts", "numbers"): 1}


def test_every_question_and_answer_is_counted_once_in_each_tier(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    counted = _lines(capsys, "ledger", run, "--pairs")
    told = {(row["by"], row["reason"]): row["pairs"] for row in counted}
    made = 3 * len(NAMES) - sum(LEFT.values())
    assert told == {
        **{why: {"t": count, "public": count} for why, count in LEFT.items()},
        (None, None): {"t": 2, "public": 0},
        ("metadata", "rule"): {"t": 2, "public": 0},
        ("pairs", "licence"): {"t": 0, "public": made},
    }
    assert {tier: sum(row["pairs"][tier] for row in counted) for tier in ("t", "public")} == {"t": 9, "public": 9}
    assert main(["ledger", run, "--pairs", "--tier", "public"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["verdict", "reason", "by", "public"] and ["drop", "numbers", "pair_verdicts", "1"] in lines


def test_those_of_a_reason_or_stage_are_listed_with_the_question_and_why(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [wrong] = _lines(capsys, "ledger", run, "--pairs", "--reason", "numbers")
    assert wrong["excerpt"] == "How long does Ring Borva take for one turn?" and "question" not in wrong
    assert "102.57 Myr" in wrong["evidence"] and wrong["tiers"] == ["t", "public"] and wrong["verdict"] == "drop"
    assert wrong["name"] == f"{wrong['doc_id']}/{wrong['row_id']}"
    assert [wrong] == _lines(capsys, "ledger", run, "--pairs", "--reason", "pair_verdicts", "--sample", "5")
    closed = _lines(capsys, "ledger", run, "--pairs", "--reason", "licence")
    assert len(closed) == 4 and {row["name"] == row["row_id"] for row in closed} == {True}
    assert all("strict has the licence gemma" in row["evidence"] for row in closed)
    assert len(_lines(capsys, "ledger", run, "--pairs", "--reason", "keep", "--sample", "1")) == 1
    assert main(["ledger", run, "--pairs", "--reason", "schema"]) == 0
    assert "drop: schema (the reply ended by stop) in t, public" in capsys.readouterr().out
    assert main(["ledger", run, "--pairs", "--reason", "boring"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert (
        "no question or answer is left out as 'boring'" in told and "pair_verdicts" in told and "verbatim" not in told
    )


def test_a_pair_is_traced_from_its_passage_to_its_file(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = _lines(capsys, "ledger", run, "--pairs", "--reason", "keep")[0]
    rows = _lines(capsys, "trace", run, kept["row_id"])
    assert _lines(capsys, "trace", run, kept["row_id"][:8]) == rows
    by = {row["table"]: row for row in rows}
    assert (
        Counter(row["table"] for row in rows) == {name: 4 if name == "replies" else 1 for name in by}
        and list(by)
        == [
            "metadata",
            "chunks",
            "questions",
            "question_verdicts",
            "evidence",
            "chains",
            "answers",
            "pair_verdicts",
            "pair_judgements",
            "pairs",
            "pair_origins",
            "pair_decisions",
            "replies",
            "release",
        ][: len(by)]
    )
    assert by["questions"]["question"] == by["pairs"]["question"] == kept["excerpt"]
    assert by["questions"]["model"] == by["questions"]["served"][0] == "scripted" and by["chunks"]["spans"]
    assert by["pair_verdicts"]["verbatim"] is True and by["pair_judgements"]["model"] == "strict"
    replies = [row for row in rows if row["table"] == "replies"]
    assert [row["key"] for row in replies] == by["pair_origins"]["keys"]
    assert all(row["prompt_tokens"] > 0 and "text" not in row for row in replies)
    assert (by["release"]["tier"], by["release"]["file"].endswith(".parquet")) == ("t", True)
    assert main(["trace", run, kept["row_id"]]) == 0
    out = capsys.readouterr().out
    assert f"of {kept['doc_id']}" in out and "  t: keep\n" in out
    assert "  public: drop: licence (strict has the licence gemma" in out and "paper_id: " in out


def test_what_no_pair_was_made_of_is_traced_by_its_row(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    [wrong] = _lines(capsys, "ledger", run, "--pairs", "--reason", "numbers")
    tables = [row["table"] for row in _lines(capsys, "trace", run, wrong["name"])]
    assert tables[-6:] == ["answers", "pair_verdicts", *["replies"] * 4] and "pairs" not in tables
    assert main(["trace", run, wrong["name"]]) == 0
    out = capsys.readouterr().out
    assert out.count(f"drop: numbers ({wrong['evidence']})") == 2 and "102.57 Myr" in out
    question = wrong["name"].rpartition("/")[0]
    assert [row["table"] for row in _lines(capsys, "trace", run, question)] == tables
    asked = _lines(capsys, "ledger", run, "--pairs", "--reason", "self_contained")[0]
    tables = [row["table"] for row in _lines(capsys, "trace", run, asked["name"])]
    assert tables == ["metadata", "chunks", "questions", "question_verdicts", "replies"]
    for name in (f"{wrong['doc_id']}/0/00", "f" * 16):
        assert main(["trace", run, name]) == 2
        assert ("no question or answer" in capsys.readouterr().err) == ("/" in name)


def test_pairs_by_rule_are_told_too_and_a_run_without_any_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (
        "We find that the ring of Elmir turns once in 31.5 Myr around the centre of its galaxy, as its gas tells us."
    )
    write_rings(tmp_path / "rows.jsonl", ("Elmir",))
    row = json.loads((tmp_path / "rows.jsonl").read_text())
    (tmp_path / "rows.jsonl").write_text(json.dumps({**row, "text": f"{row['text']}\n{found}\n"}) + "\n")
    config = rings_config("rows.jsonl", {})
    config["pairs"] = {}
    command = ["run", str(tmp_path / "c.yaml"), "--run", str(tmp_path / "run"), "--executor", "inline"]
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    assert main(command) == 0
    run = str(tmp_path / "run")
    [counted] = _lines(capsys, "ledger", run, "--pairs")
    kept = _lines(capsys, "ledger", run, "--pairs", "--reason", "keep")
    assert counted["verdict"] == "keep" and counted["pairs"] == {"t": len(kept)} and kept
    assert [row["table"] for row in _lines(capsys, "trace", run, kept[0]["name"])] == ["metadata", "pairs", "release"]
    del config["pairs"]
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    assert main([*command[:3], str(tmp_path / "none"), *command[4:]]) == 0
    assert main(["ledger", str(tmp_path / "none"), "--pairs"]) == 2
    assert "has no section `pairs`" in " ".join(capsys.readouterr().err.split())
