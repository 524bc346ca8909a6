"""What a display equation of a PDF shows is kept in the run, and goes into no file of a release."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from tests.extract.sheets import cut_by


def test_characters_of_equations_stay_in_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "2301.00001.pdf").write_bytes(cut_by("equation")[0])
    config = tmp_path / "config.json"
    quality = {"max_duplicate_line_fraction": 1.0, "max_top_ngram_fraction": 1.0}
    sections = {"decide": {"quality": quality}, "extract": {"ocr": "none"}, "release": {}}
    config.write_text(json.dumps({"name": "shown", "sources": [{"name": "s", "path": "papers"}], **sections}))
    run = tmp_path / "run"
    assert main(["run", str(config), "--run", str(run), "--executor", "inline"]) == 0
    [shown] = RunTables(open_store(str(run))).scan("equations").collect().to_dicts()
    assert (shown["number"], shown["page"]) == ("7", 1) and "=" in shown["raw"]
    capsys.readouterr()
    assert main(["trace", str(run), "2301.00001", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row for row in told if row["table"] == "equations"] == [{"table": "equations", **shown}]
    [release] = run.glob("release-*")
    files = [path for path in release.rglob("*") if path.is_file()]
    [shard] = [path for path in files if "research" in path.parts and path.suffix == ".parquet"]
    [text] = pq.read_table(shard)["text"].to_pylist()
    assert "$$[equation 7]$$" in text
    for line in shown["raw"].split("\n"):
        assert line not in text
        assert not any(line in path.read_text("utf-8", "replace") for path in files)
