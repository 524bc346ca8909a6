"""A run that makes pairs: what benchmarks leave out of them, and where that is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main

TITLE = "On closed orbits of stars"
FILLER = "".join(f"The plate number {n} of the survey was seen in the night of the day {n * n}. " for n in range(40))
PERIOD, MASS = (
    "The orbital period of the outer ring is 1.7 h in all of the data.",
    "We find that the mass is 12 times larger.",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A paper that holds no item, since what an item asks stands far apart in it; a question that is made of it does."""
    text = f"## Results\n\n{FILLER}\n\n{PERIOD} {FILLER}\n\n{MASS}"
    row = {"id": "r1", "title": TITLE, "text": text}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    item = {"question": "What is, around the quiet dwarf, the orbital period of the outer ring?", "answer": "1.7 h"}
    (tmp_path / "exam.jsonl").write_text(json.dumps(item) + "\n")
    return tmp_path


def _run(folder: Path, mode: str) -> dict[str, Any]:
    exam = {"name": "exam", "items": "exam.jsonl", "adapter": "plain", "mode": mode}
    config = {
        "name": "pairs",
        "sources": [{"name": "rows", "path": "rows.jsonl", "licence": "CC-BY-4.0"}],
        "withhold": {"benchmarks": [exam]},
        "decide": {
            "quality": {"max_duplicate_line_fraction": 1, "max_top_ngram_fraction": 1},
            "tiers": {"t": {}, "u": {"licences": ["CC0-1.0"]}},
        },
        "pairs": {},
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    told: dict[str, Any] = json.loads((folder / "run" / "report.json").read_text())
    return told


def _answers(folder: Path, report: dict[str, Any]) -> list[str]:
    shards = folder / "run" / report["release"] / "t-pairs" / "*.parquet"
    answers: list[str] = pl.read_parquet(shards)["answer"].to_list()
    return answers


def test_a_pair_that_asks_an_item_is_left_out_counted_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _run(folder, "mask")
    assert _answers(folder, report) == [MASS]
    counts = {tier: (told["released"], told["pairs"], told["pairs_withheld"]) for tier, told in report["tiers"].items()}
    assert counts == {"t": (1, 1, 1), "u": (0, 0, 0)}
    assert " ".join(capsys.readouterr().out.split()).count("withheld: pairs -1 0") == 1
    [join] = [join for join in report["joins"] if join["kind"] == "withheld pairs"]
    assert (join["name"], join["papers"]["count"], join["papers"]["matched"]) == ("exam", 2, 1)
    told = report["summaries"]["pair_decisions"]
    assert told == {
        "benchmarks": {"exam": {"mode": "mask", "pairs": 1, "left_out": 1}},
        "left": {"benchmark_overlap": 1},
    }
    card = (folder / "run" / report["release"] / "card.html").read_text()
    assert "withheld pairs" in card and "pair_decisions" in card
    assert main(["trace", str(folder / "run"), "r1"]) == 0
    out = capsys.readouterr().out
    assert "pair_hits" in out and "pair_decisions" in out and "outer ring" in out
    for file in (folder / "run" / report["release"]).rglob("*"):
        assert file.is_dir() or b"quiet dwarf" not in file.read_bytes()


def test_a_mode_that_reports_releases_the_pair_and_looks_at_nothing_again(folder: Path) -> None:
    _run(folder, "withhold")
    report = _run(folder, "report")
    assert sorted(_answers(folder, report)) == sorted([PERIOD, MASS])
    assert report["tiers"]["t"]["pairs_withheld"] == 0
    told = report["summaries"]["pair_decisions"]["benchmarks"]
    assert told == {"exam": {"mode": "report", "pairs": 1, "left_out": 0}}
    computed = {stage["stage"] for stage in report["stages"] if stage["computed"]}
    assert "pair_decisions" in computed and not {"pairs", "pair_hits"} & computed
