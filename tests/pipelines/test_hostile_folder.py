"""A folder of everything that is no paper: each entry has a row with a reason, and the one paper is released."""

from __future__ import annotations

import gzip
import io
import os
import tarfile

import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import ledger

BODY = "The star of the disc is seen through the dust, and the light that we measure is that of the gas around it. " * 4


@pytest.mark.slow
def test_every_odd_entry_is_a_row_with_a_reason(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "paper.tex").write_text(
        rf"\documentclass{{article}}\begin{{document}}\section{{One}}{BODY}\end{{document}}"
    )
    os.mkfifo(folder / "pipe.tex")
    (folder / "link.tex").symlink_to("/etc/hostname")
    (folder / "loop").symlink_to(".")
    (folder / "junk.tar.gz").write_bytes(os.urandom(5000))
    (folder / "zero.pdf").touch()
    os.close(os.open(os.fsencode(folder) + b"/bad\xff.tex", os.O_CREAT))
    (folder / "docs.jsonl").write_text('{"id": "a"}\n{broken\n')
    (folder / "bomb.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    with tarfile.open(folder / "evil.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("../x.tex")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    config = parse_config({"name": "odd", "sources": [{"name": "odd", "path": str(folder)}]}, tmp_path)
    launch(pipeline(config), tmp_path / "run", Options(executor="inline"))
    rows = list(ledger(RunTables(open_store(tmp_path / "run")), "research").iter_rows(named=True))
    verdicts = {row["source_id"]: (row["verdict"], row["reason"]) for row in rows}
    assert verdicts.pop("paper") == ("keep", None)
    assert len(verdicts) >= 9
    assert all(verdict == "fail" and reason for verdict, reason in verdicts.values()), verdicts
