"""A run whose benchmarks mask and report: what is released, and what run, ledger, trace and card tell of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main

STEP = """
from typing import ClassVar, Literal
import pyarrow as pa
from curation.step import Inputs, MapStep, Requires
from schemas import HITS, Table

class Found(MapStep):
    name: ClassVar[str] = "found"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = HITS

    def run(self, inputs: Inputs) -> pa.Table:
        rows = []
        for row in inputs["documents"].to_pylist():
            for mark, words in (("exam", "coldest planet"), ("told", "warmest star")):
                at = row["text"].encode().find(words.encode())
                if at >= 0:
                    spans = [{"start": at, "end": at + len(words)}]
                    rows.append({"doc_id": row["doc_id"], "row_id": "found/" + mark, "mark": mark, "layer": "text",
                                 "rule": "question", "spans": spans})
        return HITS.rows(rows)
"""
PLAIN = "".join(f"The field number {n} of the survey was seen in the night of the day {n * n}. " for n in range(40))
QUESTION = "Which of them is the coldest planet of all? "
TEXTS = {
    "2301.00001": f"{PLAIN[:600]}\n\n{QUESTION}It is told elsewhere. {PLAIN}",
    "2301.00002": f"This one has the warmest star. {PLAIN.replace('field', 'plate')}",
    "2301.00003": PLAIN.replace("field", "region"),
    "2301.00004": PLAIN.replace("field", "corner"),
}


def as_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_docs: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    write_docs(TEXTS)
    Path("lab_found.py").write_text(STEP)
    Path("works.txt").write_text("2301.00004\n")
    row = {"question": "What is the mass of a neutrino that nobody has seen?", "answer": "None of these at all"}
    Path("items.jsonl").write_text(json.dumps(row) + "\n")
    exam = {"name": "exam", "sources": "works.txt", "mode": "mask"}
    told = {"name": "told", "items": "items.jsonl", "adapter": "plain", "mode": "report"}
    value: dict[str, Any] = {
        "name": "modes",
        "sources": [{"name": "s", "path": "docs"}],
        "steps": [{"step": "lab_found.Found"}],
        "withhold": {"benchmarks": [exam, told]},
        "decide": {"quality": {"max_duplicate_line_fraction": 1.0, "max_top_ngram_fraction": 1.0}, "tiers": {"t": {}}},
        "pairs": {},
    }
    Path("c.yaml").write_text(json.dumps(value))
    assert main(["run", "c.yaml", "--run", "run", "--executor", "inline"]) == 0
    assert "with passages masked" in capsys.readouterr().out
    return tmp_path / "run"


def test_a_masked_passage_is_released_nowhere_and_everybody_is_told(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.loads((run / "report.json").read_text())
    tier = report["tiers"]["t"]
    assert (tier["documents_in"], tier["released"], tier["masked"], tier["withheld"]) == (4, 3, 1, 1)
    told = report["summaries"]["document_findings"]["benchmarks"]
    counts = {name: [mine[key] for key in ("mode", "documents", "withheld", "works")] for name, mine in told.items()}
    assert counts == {"exam": ["mask", 2, 1, 1], "told": ["report", 1, 0, 0]}
    assert report["summaries"]["texts"]["masked"] == {"exam": 1} and report["withheld_sources"] == 1
    release = pl.read_parquet(run / f"{report['release']}/t/*.parquet")
    texts = dict(release.select("source_id", "text").iter_rows())
    assert set(texts) == {"2301.00001", "2301.00002", "2301.00003"}, "a work of the list cannot be masked"
    assert "[withheld] It is told elsewhere." in texts["2301.00001"]
    assert "warmest star" in texts["2301.00002"], "a report leaves the text as it is"
    for file in (run / report["release"]).rglob("*"):
        assert file.is_dir() or b"coldest planet" not in file.read_bytes()
    assert "Of 1 of those released" in (run / report["release"] / "README.md").read_text()
    assert "passages that a benchmark masks" in (run / report["release"] / "card.html").read_text()

    assert main(["ledger", "run", "--reason", "masked", "--json"]) == 0
    [row] = as_lines(capsys)
    assert (row["source_id"], row["verdict"], row["evidence"]) == ("2301.00001", "keep", "exam: 1 passages masked")
    assert main(["ledger", "run", "--reason", "exam", "--json"]) == 0
    assert sorted(r["source_id"] for r in as_lines(capsys)) == ["2301.00001", "2301.00004"]
    assert main(["ledger", "run", "--reason", "keep", "--json"]) == 0
    assert sorted(r["source_id"] for r in as_lines(capsys)) == sorted(texts)
    assert main(["ledger", "run", "--json"]) == 0
    counts = {(r["verdict"], r["reason"], r["by"]): r["papers"]["t"] for r in as_lines(capsys)}
    assert counts == {
        ("keep", None, None): 2,
        ("keep", "masked", "exam"): 1,
        ("withhold", "benchmark_source", "exam"): 1,
    }
    assert main(["trace", "run", "2301.00001"]) == 0
    out = capsys.readouterr().out
    assert "t: keep (exam: 1 passages masked)" in out and "\n  texts" in out


def test_another_mode_reads_no_paper_again(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(Path("c.yaml").read_text())
    value["withhold"]["benchmarks"][0]["mode"] = "withhold"
    Path("c.yaml").write_text(json.dumps(value))
    assert main(["run", "c.yaml", "--run", "run", "--executor", "inline"]) == 0
    report = json.loads((run / "report.json").read_text())
    assert {t["masked"] for t in report["tiers"].values()} == {0} and report["tiers"]["t"]["withheld"] == 2
    computed = {s["stage"] for s in report["stages"] if s["computed"]}
    assert "documents" not in computed and not any(stage.endswith("_hits") for stage in computed), computed
