"""`ledger` and `step`: which papers a rule dropped, and one step on one paper again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.cli import main

WORDS = "The light of the star is that of the dust around it, and we see no sign of a planet in the data {}. "
STEP = """
from typing import ClassVar
from curation.step import MapStep
from schemas import DOC_ID, Table, field
import pyarrow as pa

class Length(MapStep):
    name: ClassVar[str] = "length"
    version: ClassVar[int] = 1
    requires: ClassVar[dict] = {"documents": ("doc_id", "text"), "signals": ("n_words",)}
    provides: ClassVar[Table] = Table("length", 1, "Length.", (DOC_ID, field("n", pa.int64(), "Length.")))
    broken: bool = False

    def run(self, inputs):
        rows = zip(inputs["documents"].to_pylist(), inputs["signals"].to_pylist(), strict=True)
        return self.provides.rows({"doc_id": d["doc_id"], "n": len(d["text"]) // (0 if BROKEN else 1)} for d, s in rows)

BROKEN = False
"""


@pytest.fixture
def run(tmp_path: Path, write_docs: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "lab_length", raising=False)
    (tmp_path / "lab_length.py").write_text(STEP)
    folder = write_docs({f"arXiv:2301.{i:05d}": WORDS.format(f"of night {i}") * (3 + i) for i in range(1, 9)})
    with next(folder.glob("*.jsonl")).open("a") as file:
        file.write(json.dumps({"id": "copy", "text": WORDS.format("of night 8") * 11}) + "\n")
    config = {
        "name": "small",
        "sources": [{"name": "docs", "path": folder.name}],
        "steps": [{"step": "lab_length.Length", "after": "signals"}],
        "decide": {"rules": [{"name": "short texts", "table": "length", "column": "n", "min": 700}]},
    }
    Path("corpus.yaml").write_text(yaml.safe_dump(config))
    assert main(["run", "corpus.yaml", "--run", "run", "--executor", "inline"]) == 0
    return "run"


def lines(capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main([*command, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_reasons_are_counted_in_every_tier(run, capsys):
    counted = lines(capsys, "ledger", run)
    assert sum(row["papers"]["research"] for row in counted) == 9
    dropped = [row["reason"] for row in counted if row["verdict"] == "drop" and row["papers"]["research"]]
    assert dropped == ["duplicate", "rule"]
    assert main(["ledger", run, "--tier", "public"]) == 0
    out = capsys.readouterr().out
    assert "licence_unknown" in out and "research" not in out


def test_the_papers_of_a_reason_are_listed_with_their_texts(run, capsys):
    by_reason = lines(capsys, "ledger", run, "--reason", "rule")
    assert by_reason and all(row["evidence"].startswith("short texts: ") for row in by_reason)
    assert by_reason == lines(capsys, "ledger", run, "--reason", "short texts"), "a rule has a name"
    assert all("The light of the star" in row["excerpt"] and len(row["excerpt"]) <= 243 for row in by_reason)
    kept = lines(capsys, "ledger", run, "--reason", "keep")
    assert not {row["doc_id"] for row in kept} & {row["doc_id"] for row in by_reason}
    assert main(["ledger", run, "--reason", "rule"]) == 0
    assert "drop: rule (short texts: length.n is " in capsys.readouterr().out


def test_a_reason_is_looked_for_in_every_tier(run, capsys):
    """As the table counts it; each paper once, with the tiers that leave it out so."""
    unknown = lines(capsys, "ledger", run, "--reason", "licence_unknown")
    assert {tuple(row["tiers"]) for row in unknown} == {("public",)}
    [counted] = [row for row in lines(capsys, "ledger", run) if row["reason"] == "licence_unknown"]
    assert len(unknown) == counted["papers"]["public"] > 0
    kept = lines(capsys, "ledger", run, "--reason", "keep")
    assert {tuple(row["tiers"]) for row in kept} == {("research",)}
    assert main(["ledger", run, "--reason", "licence_unknown", "--sample", "1"]) == 0
    assert "(no further evidence) in public\n" in capsys.readouterr().out


def test_the_table_names_the_rule(run, capsys):
    by = {row["by"]: row["reason"] for row in lines(capsys, "ledger", run)}
    assert by["short texts"] == "rule"
    assert "length" not in by, "the table that the rule looks at"
    assert by["copies"] == "duplicate"


def test_a_sample_is_the_same_every_time(run, capsys):
    first, again = (
        lines(capsys, "ledger", run, "--tier", "public", "--reason", "licence_unknown", "--sample", "2") for _ in "ab"
    )
    assert len(first) == 2 and first == again


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tier", "secret"], "no tier 'secret' in this run; it has research, public"),
        (
            ["--reason", "boring"],
            "no paper is left out as 'boring' in any tier; reasons, rules and benchmarks: duplicate, licence_unknown, rule, short texts",
        ),
        (
            ["--reason", "licence_unknown", "--tier", "research"],
            "in tier research; reasons, rules and benchmarks: duplicate, rule",
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_is(run, capsys, options, said):
    assert main(["ledger", run, *options]) == 2
    assert said in capsys.readouterr().err


def test_a_step_runs_on_one_paper_again_as_it_is_now(run, capsys):
    rows = lines(capsys, "step", run, "length", "2301.00003")
    assert [row["table"] for row in rows] == ["given documents", "given signals", "length"]
    assert rows[2]["n"] == len(rows[0]["text"]) and rows[1]["n_words"] > 0
    Path("lab_length.py").write_text(STEP.replace("BROKEN = False", "BROKEN = True"))
    del sys.modules["lab_length"]
    files = {p: p.stat().st_mtime_ns for p in Path(run).rglob("*")}
    assert main(["step", run, "length", "2301.00003"]) == 1
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err and "lab_length.py" in said.err and "given documents" in said.out
    assert {p: p.stat().st_mtime_ns for p in Path(run).rglob("*")} == files


def test_a_step_that_reads_text_again_reads_the_same(run, capsys):
    [document] = [r for r in lines(capsys, "step", run, "documents", "2301.00002") if r["table"] == "documents"]
    [told] = [r for r in lines(capsys, "trace", run, "2301.00002") if r["table"] == "documents"]
    assert document["text_sha256"] == told["text_sha256"]


@pytest.mark.parametrize(("paper", "reasons"), [("2301.00008", []), ("2301.00001", ["rule"]), ("copy", ["duplicate"])])
def test_a_step_is_given_the_rows_that_speak_of_the_paper_and_no_others(run, capsys, paper, reasons):
    rows = lines(capsys, "step", run, "decisions", paper)
    told = [r for r in lines(capsys, "trace", run, paper) if r["table"] == "decisions" and r["tier"] == "research"]
    assert [r["reason"] for r in rows if r["table"] == "decisions" and r["tier"] == "research"] == reasons
    assert [r["reason"] for r in told] == reasons
    assert all(r["doc_id"] == rows[0]["doc_id"] for r in rows if "doc_id" in r)


def test_what_an_exchange_sends_of_a_paper_is_shown(run, capsys):
    rows = lines(capsys, "step", run, "exact_edges", "2301.00002")
    assert [r["table"] for r in rows] == ["given sketches", "split-exact_edges"]


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("papers", "stage papers reads a source"),
        ("shard_plan", "stage shard_plan reads all papers at once"),
        ("lengths", "no finished stage 'lengths' (it has: papers, metadata, documents, "),
    ],
)
def test_what_cannot_be_run_on_one_paper_is_refused(run, capsys, stage, said):
    assert main(["step", run, stage, "2301.00002"]) == 2
    assert said in capsys.readouterr().err
