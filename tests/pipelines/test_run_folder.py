"""Where a run may lie, and what it does when it lies below its own source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.errors import UserError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch

INLINE = Options(executor="inline")
NUMBERS = ("one", "two", "three")
TEXTS = {
    f"2301.{i:05d}": f"We observed the star of the {number} spectra for {number} nights in the north and in the south. "
    + f"The light curve of the {number} planets that orbit it shows no sign of a moon and is that of a quiet star. " * 3
    for i, number in enumerate(NUMBERS, 1)
}


def test_a_run_below_its_source_reads_itself_never(tmp_path: Path, write_docs: Callable[..., Path]) -> None:
    folder = write_docs(TEXTS)
    chosen = pipeline(parse_config({"name": "c", "sources": [{"name": "s", "path": str(folder)}]}, folder))
    for run in ("runs/c", "runs/c", "other"):
        report = launch(chosen, folder / run, INLINE).report
        assert report["papers"]["in"] == 3
        assert f"{run}/ (a run of astrocorpus)" in report["left_out"]["s"]["first"]
    assert main(["release", str(folder / "other"), "--out", str(folder / "release")]) == 0
    report = launch(chosen, folder / "runs" / "c", INLINE).report
    assert report["papers"]["in"] == 3 and sum(s["computed"] for s in report["stages"]) == 0
    assert report["left_out"]["s"]["first"] == [
        "other/ (a run of astrocorpus)",
        "release/ (a release of astrocorpus)",
        "runs/c/ (a run of astrocorpus)",
    ]


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("held", ["notes.txt", "data/x.parquet", "run.json", ".hidden"])
def test_a_folder_of_other_things_is_no_run_folder(
    tmp_path: Path, write_docs: Callable[..., Path], held: str, dry: bool
) -> None:
    folder = write_docs(TEXTS)
    chosen = pipeline(parse_config({"name": "c", "sources": [{"name": "s", "path": str(folder)}]}, folder))
    file = tmp_path / "run" / held
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    with pytest.raises(UserError, match=r"run is no run folder: it holds .* Give --run a folder of its own"):
        launch(chosen, tmp_path / "run", Options(executor="inline", dry_run=dry))
    assert [p for p in (tmp_path / "run").rglob("*") if p.is_file()] == [file]


def test_a_run_that_was_killed_before_its_first_part_goes_on(tmp_path: Path, write_docs: Callable[..., Path]) -> None:
    folder = write_docs(TEXTS)
    chosen = pipeline(parse_config({"name": "c", "sources": [{"name": "s", "path": str(folder)}]}, folder))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()
    (tmp_path / "run" / ".tmp-1-abcd-run.json").touch()
    assert launch(chosen, tmp_path / "run", INLINE).report["papers"]["in"] == 3


def test_a_config_may_name_a_file_as_its_source(tmp_path: Path, write_docs: Callable[..., Path]) -> None:
    folder = write_docs(TEXTS)
    (folder / "other.txt").write_text("another paper " * 30)
    (tmp_path / "c.yaml").write_text(json.dumps({"name": "c", "sources": [{"name": "s", "path": "docs/docs.jsonl"}]}))
    assert main(["run", str(tmp_path / "c.yaml"), "--run", str(tmp_path / "run"), "--executor", "inline"]) == 0
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["papers"]["in"] == report["tiers"]["research"]["documents_in"] == 3
