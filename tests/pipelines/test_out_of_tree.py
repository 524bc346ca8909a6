"""A step of the user's own, named in the config by its dotted path: it works, or its mistake is told by its name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

STEP = """
import sys
from typing import ClassVar
import pyarrow as pa
import pyarrow.compute as pc
from curation.step import MapStep
from schemas import DOC_ID, Table, field

class {name}(MapStep):
    name: ClassVar[str] = "title_length"
    version: ClassVar[int] = 1
    {requires}
    provides: ClassVar[Table] = Table("title_length", 1, "Length.", (DOC_ID, field("n", pa.int64(), "Length.")))

    def run(self, inputs):
        documents = inputs["documents"]
        {body}
"""
REQUIRES = 'requires: ClassVar[dict] = {"documents": ("doc_id", "text")}'
GOOD = 'return documents.select(["doc_id"]).append_column("n", pc.utf8_length(documents["text"]))'


@pytest.fixture
def launch(tmp_path, monkeypatch, write_docs):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    short = "The light of the star is that of the dust around it, and we see no sign of a planet in the data. " * 3
    long = "The mass of the planet is that of the earth, and we have to see it with the light of a far star. " * 4
    write_docs({"arXiv:2301.00001": short, "arXiv:2301.00002": long})

    def run(name: str, body: str, *options: str, requires: str = REQUIRES, rule: bool = True, **place: str) -> int:
        Path(f"lab_{name.lower()}.py").write_text(STEP.format(name=name, requires=requires, body=body))
        config = {
            "name": "own",
            "sources": [{"name": "docs", "path": "docs"}],
            "steps": [{"step": f"lab_{name.lower()}.{name}", **place}],
        }
        if rule:
            own = {"name": "short", "table": "title_length", "column": "n", "min": 350}
            config["decide"] = {"rules": [own]}
        Path("own.yaml").write_text(json.dumps(config))
        return main(["run", "own.yaml", "--run", str(tmp_path / "run"), *(options or ("--executor", "inline"))])

    return run


def test_a_rule_drops_what_the_step_measured(launch, tmp_path):
    assert launch("Good", GOOD) == 0
    research = json.loads((tmp_path / "run" / "report.json").read_text())["tiers"]["research"]
    assert research["released"] == 1
    assert [(r["reason"], r["count"]) for r in research["reasons"]] == [("rule", 1)]


@pytest.mark.parametrize(("after", "next_one"), [("documents", "signals"), ("sketches", "exact_edges")])
def test_a_step_stands_where_the_config_says(launch, tmp_path, after, next_one):
    assert launch("Placed", GOOD, "--dry-run", after=after) == 0
    assert launch("Placed", GOOD, after=after) == 0
    order = json.loads((tmp_path / "run" / "run.json").read_text())["order"]
    at = order.index("title_length")
    assert (order[at - 1], order[at + 1]) == (after, next_one)


@pytest.mark.parametrize(
    ("after", "before", "next_one"),
    [
        ("findings", "document_findings", "copies"),
        ("components", "copies", "decisions"),
        ("decisions", "decisions", "shard_plan"),
    ],
)
def test_a_step_may_read_findings_copies_and_decisions(launch, tmp_path, after, before, next_one):
    reads = REQUIRES.replace("}", f', "{after}": ("doc_id",)}}')
    assert launch(f"Late{after}", GOOD, requires=reads, rule=False, after=after) == 0
    order = json.loads((tmp_path / "run" / "run.json").read_text())["order"]
    at = order.index("title_length")
    assert (order[at - 1], order[at + 1]) == (before, next_one)


def test_a_step_after_no_table_is_refused(launch, capsys):
    assert launch("Lost", GOOD, after="docs") == 2
    assert (
        "step lab_lost.Lost: after: no step makes a table 'docs' (there are: papers, metadata, documents,"
        in capsys.readouterr().err
    )
    assert launch("Early", GOOD, after="papers") == 2
    assert "reads table 'documents', which no earlier step provides" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        (
            "Raises",
            'raise ValueError("no such star")',
            "step title_length, part 0: ValueError: no such star (lab_raises.py:",
        ),
        ("Nothing", "return None", "step title_length, part 0: returned NoneType, not a pyarrow Table"),
        ("Leaves", "sys.exit(7)", "step title_length, part 0: SystemExit: 7"),
    ],
)
def test_a_step_that_goes_wrong_is_named_with_its_part(launch, tmp_path, capsys, name, body, said):
    assert launch(name, body) == 1
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error
    if name != "Nothing":
        trace = next((tmp_path / "run" / "traces").iterdir()).read_text()
        assert f"lab_{name.lower()}.py" in trace and "Traceback" in trace


def test_a_step_that_goes_wrong_in_a_worker_is_named_too(launch, capsys):
    assert launch("Worker", "1 / 0", "--workers", "1") == 1
    assert "step title_length, part 0: ZeroDivisionError: division by zero (lab_worker.py:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "requires", "said"),
    [("Mute", "", "is not complete: it has no requires"), ("Empty", "requires: ClassVar[dict] = {}", "reads no table")],
)
def test_a_step_that_does_not_say_what_it_reads_is_refused_before_the_run(
    launch, tmp_path, capsys, name, requires, said
):
    assert launch(name, GOOD, requires=requires) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run" / "run.json").exists()
