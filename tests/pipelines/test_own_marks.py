"""Two steps of a user's own, as they would stand outside this tree: many rows a document with a rule on them, and a filler of
findings. Neither needs a change here, and what the second one removes takes its copies along."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.cli import main

PASSAGES = '''
from typing import ClassVar, Literal
import pyarrow as pa
from curation.step import Inputs, MapStep, Requires
from schemas import DOC_ID, ROW_ID, Table, field

class Passages(MapStep):
    """Words of each paragraph."""
    name: ClassVar[str] = "passages"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = Table("passages", 1, "Paragraphs.", (DOC_ID, ROW_ID, field("n", pa.int64(), "Words.")))

    def run(self, inputs: Inputs) -> pa.Table:
        return self.provides.rows(
            {"doc_id": doc_id, "row_id": f"{i:04d}", "n": len(paragraph.split())}
            for doc_id, text in zip(*inputs["documents"].select(["doc_id", "text"]).to_pydict().values(), strict=True)
            for i, paragraph in enumerate((text or "").split("\\n\\n"))
        )
'''
REMOVALS = '''
from typing import Annotated, ClassVar, Literal
import pyarrow as pa
from curation.artefact import Artefact
from curation.step import Inputs, MapStep, Requires
from schemas import FINDINGS, Reason, Table, Verdict

class Removals(MapStep):
    """Papers whose authors asked us to leave them out: a list of their ids."""
    name: ClassVar[str] = "removals"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"papers": ("doc_id", "source_id")}
    provides: ClassVar[Table] = FINDINGS
    asked: Artefact

    def run(self, inputs: Inputs) -> pa.Table:
        asked = set(self.asked.read_text().split())
        return FINDINGS.rows(
            {"doc_id": r["doc_id"], "row_id": "removals", "verdict": Verdict.DROP, "stage": self.name,
             "reason": Reason.REMOVED, "mark": "letter", "evidence": "its authors asked"}
            for r in inputs["papers"].to_pylist() if r["source_id"] in asked
        )
'''
SENTENCE = "The light of the star is that of the dust around it, and we have no sign of a planet in the data of {}. "
ONE, TWO, THREE = (SENTENCE.format(name) * 20 for name in ("the north", "the south", "a third field"))
TEXTS = {
    "2301.00001": f"{ONE}\n\n{TWO}",
    "2301.00002": f"{ONE}\n\n{TWO}",
    "2301.00003": THREE,
    "2301.00004": f"{THREE}\n\nShort.",
}

Run = Callable[..., list[dict[str, str]]]


@pytest.fixture
def ledger(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_docs: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a config with one step of one's own, and gives the ledger of a reason."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    write_docs(TEXTS)

    def run(code: str, name: str, reason: str, step: dict[str, str], decide: dict[str, object]) -> list[dict[str, str]]:
        assert len(code.strip().splitlines()) <= 40
        Path(f"lab_{name.lower()}.py").write_text(code)
        sys.modules.pop(f"lab_{name.lower()}", None)
        own = {"step": f"lab_{name.lower()}.{name}", **step}
        quality = {"max_duplicate_line_fraction": 1.0, "max_top_ngram_fraction": 1.0}
        value = {"name": "own", "sources": [{"name": "s", "path": "docs"}], "steps": [own]}
        Path("own.json").write_text(json.dumps({**value, "decide": {"quality": quality, **decide}}))
        assert main(["run", "own.json", "--run", "run", "--executor", "inline"]) == 0
        capsys.readouterr()
        assert main(["ledger", "run", "--reason", reason, "--tier", "research", "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_rule_looks_at_many_rows_a_document(ledger: Run) -> None:
    rule = {"name": "short passage", "table": "passages", "column": "n", "min": 5, "rows": "any"}
    rows = ledger(PASSAGES, "Passages", "rule", {}, {"rules": [rule]})
    assert [(r["source_id"], r["evidence"]) for r in rows] == [("2301.00004", "short passage: passages.n is 1")]


@pytest.mark.parametrize(
    ("told", "other", "said"),
    [
        ("Verdict.DROP", '"flag"', "verdict 'flag'"),
        ("Reason.REMOVED", '"asked"', "reason 'asked'"),
        ('"mark": "letter"', '"tier": "reserch"', "tier 'reserch'"),
    ],
)
def test_a_filler_of_findings_that_says_no_word_of_ours_is_named(
    ledger: Run, capsys: pytest.CaptureFixture[str], told: str, other: str, said: str
) -> None:
    Path("asked.txt").write_text("2301.00002\n")
    assert told in REMOVALS
    with pytest.raises(AssertionError):  # the run does not end well
        ledger(REMOVALS.replace(told, other), "Removals", "removed", {"asked": "asked.txt"}, {})
    error = " ".join(capsys.readouterr().err.split())
    assert f"step removals, its table findings: {said} of 2301.00002" in error


def test_a_filler_of_findings_removes_a_paper_and_its_copies(ledger: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("asked.txt").write_text("2301.00002\n")
    rows = ledger(REMOVALS, "Removals", "removed", {"asked": "asked.txt"}, {})
    assert {r["source_id"]: r["stage"] for r in rows} == {"2301.00001": "spread", "2301.00002": "removals"}
    assert main(["trace", "run", "2301.00001"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "spread" in told and "same words as" in told
