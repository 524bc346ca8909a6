"""An index of withheld texts speaks of the works of its benchmark and of what is the same work, and of nothing else that went."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import ConfigError
from curation.parquet import write
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_table, id_rows, joined, text_rows
from curation.withhold.tokens import tokens
from curation.withhold.withheld_texts import read_texts, unread_marks, works_in
from pipelines.cli import main
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.withheld_texts import withheld_works
from tests.release.test_audit_of_a_run import english

REMOVALS = """
from typing import ClassVar, Literal
import pyarrow as pa
from curation.step import Inputs, MapStep, Requires
from schemas import FINDINGS, Reason, Table, Verdict

class Removals(MapStep):
    name: ClassVar[str] = "removals"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"papers": ("doc_id", "source_id")}
    provides: ClassVar[Table] = FINDINGS

    def run(self, inputs: Inputs) -> pa.Table:
        return FINDINGS.rows(
            {"doc_id": r["doc_id"], "row_id": "removals", "verdict": Verdict.DROP, "stage": self.name,
             "reason": Reason.REMOVED, "evidence": "its authors asked"}
            for r in inputs["papers"].to_pylist() if r["source_id"] == "removed"
        )
"""
WORK, QUOTES = english(1, 1500), english(2)
QUESTION = "Which process sets the upper mass limit of stars that form from the primordial gas of minihaloes in the absence of light?"
THESIS = f"{english(3, 600)} {WORK} {english(4, 600)}"
ROWS = {
    "work": WORK,
    "copy": WORK,
    "thesis": THESIS,
    "thesis-copy": THESIS,
    "removed": english(5),
    "removed-copy": english(5),
    "quotes": f"{QUOTES} {QUESTION} A fast process does {english(6, 60)}",
    "quotes-copy": f"{QUOTES} {QUESTION} A fast process does {english(6, 60)}",
    **{f"plain-{i}": english(20 + i) for i in range(4)},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed")
    (folder / "removals_of_a_test.py").write_text(REMOVALS)
    rows = [{"id": name, "text": text} for name, text in ROWS.items()]
    rows[0]["doi"] = "10.1000/work"
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "works.txt").write_text("10.1000/work\n")
    (folder / "items.jsonl").write_text(json.dumps({"question": QUESTION, "answer": "A fast process does"}))
    made = {"name": "made", "sources": "works.txt", "items": "items.jsonl", "adapter": "plain"}
    value: dict[str, Any] = {
        "name": "indexed",
        "sources": [{"name": "rows", "path": "rows.jsonl", "licence": "CC-BY-4.0"}],
        "steps": [{"step": "removals_of_a_test.Removals"}],
        "withhold": {"benchmarks": [made]},
        "decide": {"tiers": {"public": {"licences": ["CC-BY-4.0"]}}},
    }
    (folder / "corpus.yaml").write_text(json.dumps(value))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(folder)])
        assert main(["run", str(folder / "corpus.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    return folder


def test_it_speaks_of_works_and_their_copies_alone(run: Path) -> None:
    tables = RunTables(open_store(run / "run"))
    went = {name.split("~")[0] for name in tables.scan("decisions").collect()["doc_id"]}
    assert went >= set(ROWS) - {f"plain-{i}" for i in range(4)}, "all of them went, each for its reason"
    [(name, works)] = withheld_works(tables).items()
    assert name == "made"
    assert {doc_id.split("~")[0]: is_work for doc_id, is_work in works.items()} == {"work": True, "copy": False}


def test_it_holds_ids_of_works_and_says_of_which_it_was_made(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run / "withheld.parquet"
    assert main(["artefact", "withheld-texts", str(run / "run"), "--out", str(out)]) == 0
    assert "made: 2 withheld works" in capsys.readouterr().out
    table = pq.read_table(out)
    assert set(table["benchmark"].to_pylist()) == {"made"}
    work = next(row["entry"] for row in table.to_pylist() if row["entry"].startswith("work~"))
    told = {row["hash"] for row in table.to_pylist() if row["layer"] == "identity"}
    [doc_id], [doi] = ([row["hash"] for row in id_rows("made", "x", [key])] for key in (work, "doi:10.1000/work"))
    assert doi in told and doc_id not in told, "a doc_id names another paper in another corpus"
    report = json.loads((run / "run/report.json").read_text())["summaries"]["document_findings"]["benchmarks"]
    assert report["made"]["works"] == 1 and works_in(out) == {"made": report["made"]["works_key"]}


def file_of(path: Path, *rows: Any) -> Path:
    pq.write_table(hashes_table(rows), path)
    return path


def test_a_benchmark_reads_its_own_texts_of_an_index_each_once(tmp_path: Path) -> None:
    words = tokens(WORK)
    mine = [*id_rows("A", "w~1", ["arXiv:1901.00001"]), *text_rows("A", "w~1", words, "a" * 64)]
    others = list(text_rows("B", "w~2", tokens(QUOTES), "b" * 64))
    both = file_of(tmp_path / "both.parquet", *mine, *others)
    again = file_of(tmp_path / "again.parquet", *mine)
    one, two = (Benchmark(name="A", texts=files) for files in ((both,), (both, again)))
    assert read_texts(one).equals(read_texts(two)) and read_texts(one).num_rows == len(mine)
    assert set(read_texts(one)["benchmark"].to_pylist()) == {"A"}
    [warning] = unread_marks([one])
    assert "both.parquet, named at A, also holds texts withheld for B" in warning
    assert not list(unread_marks([one, Benchmark(name="B", texts=(both,))]))
    with pytest.raises(ConfigError, match="holds no text withheld for C, but for A, B"):
        read_texts(Benchmark(name="C", texts=(both,)))
    released = hashes_table(row | {"layer": "text"} for row in mine)
    pq.write_table(released, again)
    with pytest.raises(ConfigError, match="is no index of withheld texts: it has rows of layer text"):
        read_texts(two)


def test_equal_rows_are_equal_bytes_however_they_came_together() -> None:
    rows = [row for n in range(5) for row in text_rows("A", f"w~{n}", tokens(english(n, 100)), f"{n}" * 64)]
    whole = hashes_table(rows)
    cut = joined([hashes_table(rows[k::3]) for k in (2, 0, 1)])
    bodies = [BytesIO(), BytesIO()]
    for table, body in zip((whole, cut), bodies, strict=True):
        write(table, body)
    assert bodies[0].getvalue() == bodies[1].getvalue() and whole.nbytes < 60 * whole.num_rows
    index = HashIndex(whole.take(pa.array(range(whole.num_rows - 1, -1, -1)))), HashIndex(whole)
    said = Hashed(english(3, 100))
    assert [[m.entry for m in one.by_copies(said)] for one in index] == [["w~3"]] * 2
