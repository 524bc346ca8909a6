"""`astrocorpus pairs --dry-run`: what would be asked, with nothing sent and nothing written."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.rings import rings_config, write_rings
from tests.sft.scripted import answer

NAMES, LATER = ("Aurel", "Borva", "Caldr"), ("Dorve", "Elmir")
PRICES = {"usd_per_million_prompt_tokens": 2.0, "usd_per_million_completion_tokens": 10.0}
ASKS = re.compile(
    r"(\w+) asks scripted: at most ([\d,]+) requests? of ([\d,]+) tokens, answers of about ([\d,]+) \(at most ([\d,]+)\), (.*)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows").mkdir()
    write_rings(tmp_path / "rows" / "october.jsonl", NAMES)
    return tmp_path


def _pairs(folder: Path, url: str, *options: str, engine: dict[str, Any] | None = None, **pairs: Any) -> int:
    named = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": url, **PRICES, **(engine or {})}
    (folder / "c.yaml").write_text(json.dumps(rings_config("rows", named, **pairs)))
    return main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline", *options])


def _ahead(out: str) -> dict[str, tuple[int, ...]]:
    """Stage -> requests, tokens of them, of answers about and at most."""
    lines = [match.groups() for line in out.splitlines() if (match := ASKS.fullmatch(line))]
    return {stage: tuple(int(n.replace(",", "")) for n in counts) for stage, *counts, _ in lines}


def test_what_would_be_asked_is_told_before_anything_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer(answer) as server:
        assert _pairs(folder, server.url, "--dry-run", judge={}, chains={"samples": 2}) == 0
        said = capsys.readouterr().out
        assert not server.log and not (folder / "run").exists()
        ahead = _ahead(said)
        requests = {stage: counts[0] for stage, counts in ahead.items()}
        assert requests == {"questions": 6, "evidence": 6, "chains": 12, "answers": 6, "pair_judgements": 12}
        assert "told by all of them, of which 3 are released with 3 passages" in said

        assert _pairs(folder, server.url, judge={}, chains={"samples": 2}) == 0
        came = Counter(str(s.body.get("response_format", {}).get("json_schema", {}).get("name")) for s in server.log)
        names = {"questions": "question", "evidence": "evidence", "chains": "None", "answers": "answer"}
        assert came["question"] == requests["questions"]
        assert all(came[name] <= requests[stage] for stage, name in names.items()) and came["evidence"] > 0
        asked = [s.body for s in server.log if "question" in str(s.body.get("response_format"))]
        written = sum(len(m["content"]) for body in asked for m in body["messages"])
        assert 0.2 < ahead["questions"][1] / written < 0.6, "tokens of characters of the very requests"
        assert ahead["questions"][3] == 6 * 400 and ahead["questions"][2] < ahead["questions"][3]


def test_where_all_is_there_nothing_is_asked_and_later_only_new_papers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        assert _pairs(folder, server.url) == 0
        asked = len(server.log)
        capsys.readouterr()
        assert _pairs(folder, server.url, "--dry-run") == 0
        assert "nothing is to be asked" in capsys.readouterr().out
        write_rings(folder / "rows" / "november.jsonl", LATER)
        before = {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("*")}
        assert _pairs(folder, server.url, "--dry-run") == 0
        said = capsys.readouterr().out
        assert _ahead(said)["questions"][0] == 4 and "2 papers are to be asked about" in said
        assert len(server.log) == asked
        assert {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("*")} == before
        assert _pairs(folder, server.url) == 0
        assert sum("question" in str(s.body.get("response_format")) for s in server.log[asked:]) == 4


def test_prices_and_budgets_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://127.0.0.1:9/v1"
    assert _pairs(folder, url, "--dry-run", engine={"max_usd": 0.001}) == 0
    said = capsys.readouterr().out
    [line] = [line for line in said.splitlines() if line.startswith("chains asks")]
    _, tokens, about, most = _ahead(said)["chains"]
    assert line.endswith(
        f"about USD {tokens * 2e-6 + about * 1e-5:.4f} (at most USD {tokens * 2e-6 + most * 1e-5:.4f})"
    )
    assert "max_usd of scripted is 0.001, and about 0.0" in said
    assert _pairs(folder, url, "--dry-run", engine=dict.fromkeys(PRICES)) == 0
    assert capsys.readouterr().out.count("no price in the config") == 5
    (folder / "c.yaml").write_text(json.dumps({**rings_config("rows", {}), "pairs": {}}))
    assert main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--dry-run"]) == 0
    assert "no model makes the pairs of this config" in capsys.readouterr().out


def test_of_many_papers_some_are_read_and_stand_for_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = json.loads((folder / "rows" / "october.jsonl").read_text().splitlines()[0])
    words = ("red", "blue", "dim", "bright", "far", "near", "old", "young")
    rows = [
        {"id": f"r{n}", "title": f"Paper {n}", "text": row["text"].replace("Aurel", f"Aurel{n} {words[n % 8]}")}
        for n in range(100)
    ]
    (folder / "rows" / "october.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert _pairs(folder, "http://127.0.0.1:9/v1", "--dry-run") == 0
    said = capsys.readouterr().out
    told = re.search(r"100 papers are to be asked about; told by (\d+) of them", said)
    assert told and 5 < int(told[1]) < 40
    assert 100 <= _ahead(said)["questions"][0] <= 200
