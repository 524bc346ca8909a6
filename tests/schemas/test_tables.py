"""The tables explain themselves and build rows that fit them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from schemas import DECISIONS, DOC_ID, TABLES, Table


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_field_is_documented(table):
    assert table.doc
    for field in table.fields:
        assert field.metadata[b"doc"].decode().endswith("."), field.name


def test_people_are_told_of_every_table_of_a_run_and_of_no_other(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").touch()
    pq.write_table(
        pa.table({"hash": pa.array([], pa.uint64()), "n_words": pa.array([], pa.int64())}), tmp_path / "n.parquet"
    )
    (tmp_path / "q.csv").write_text("question,answer\nWhich star is the brightest of all?,Sirius\n")
    source = {"name": "s", "path": ".", "metadata": "papers.jsonl"}
    value = {"name": "all", "sources": [source], "boilerplate": {"artefact": "n.parquet"}}
    value["withhold"] = {
        "benchmarks": [{"name": "ARAA", "rule": "araa", "mode": "mask", "items": "q.csv", "adapter": "plain"}]
    }
    made, released = [], set()
    judged = {"withhold": {**value["withhold"], "judge": {"engine": {"kind": "gguf"}}}}
    for more in ({"pairs": {}}, {"pairs": {"engine": {"kind": "gguf"}, "recheck": {}, "judge": {}}, **judged}):
        run = pipeline(parse_config({**value, **more}, tmp_path))
        made += [run.sources[0].provides, *(table for stage in run.stages for table in stage.step.tables())]
        assert run.release is not None
        released |= {step.released.name for step in run.release.steps}
    assert {table.name for table in made if not table.working} | released == set(TABLES)


def test_rows_with_an_unknown_key_are_refused():
    with pytest.raises(KeyError, match="no column"):
        DECISIONS.rows([{"doc_id": "x", "colour": "red"}])


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "Digits", "a-b", "9", "."])
def test_a_name_that_would_leave_the_run_folder_is_refused(name):
    with pytest.raises(ValueError, match="lower-case letters"):
        Table(name, 1, "Nothing.", (DOC_ID,))


def test_rows_fill_what_is_missing_with_null():
    table = DECISIONS.rows(
        [{"doc_id": "x", "row_id": "public", "tier": "public", "verdict": "drop", "stage": "s", "reason": "licence"}]
    )
    assert table.schema.equals(DECISIONS.arrow, check_metadata=True)
    assert table["score"].null_count == 1
    assert isinstance(table, pa.Table)


def test_the_tables_print_for_people():
    out = subprocess.run([sys.executable, "-m", "schemas", "papers"], capture_output=True, text=True, check=True)
    assert "| `doc_id` | string, never null |" in out.stdout
    assert subprocess.run([sys.executable, "-m", "schemas", "nothing"], capture_output=True).returncode == 2
    out = subprocess.run([sys.executable, "-m", "schemas", "--help"], capture_output=True, text=True, check=True)
    assert "TABLE" in out.stdout and ", ".join(TABLES) in out.stdout


def test_a_reader_of_the_tables_may_go_away():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "schemas"], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
