"""Files of a run that something cut, spoiled or removed: said by name, and made anew in their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from curation.errors import RunError, UserError
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import release_files, trace
from tests.engine.steps import text_pipeline

INLINE = Options(executor="inline")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    return folder


@pytest.fixture
def run(texts: Path, tmp_path: Path) -> Path:
    launch(text_pipeline(texts), tmp_path / "run", INLINE)
    return tmp_path / "run"


def table_files(run: Path) -> list[str]:
    return sorted(p.relative_to(run).as_posix() for kind in ("parquet", "arrow") for p in run.rglob(f"*.{kind}"))


@pytest.mark.parametrize("table", ["papers", "documents", "split-prefix", "decisions", "release"])
def test_a_cut_or_removed_file_is_made_again_in_its_place(texts, run, table):
    before, files = release_files(run), table_files(run)
    broken = [run / file for file in files if file.startswith(f"{table}-")]
    broken[0].write_bytes(broken[0].read_bytes()[:50])
    broken[-1].unlink()
    report = launch(text_pipeline(texts), run, INLINE).report
    assert release_files(run) == before and table_files(run) == files
    assert {s["stage"] for s in report["stages"] if s["computed"]} == {table.removeprefix("split-")}


def test_a_spoiled_part_stops_the_next_stage_with_its_name(texts, run):
    part = min(run.glob("documents-*/part-00001.parquet"))
    part.write_bytes(b"x" * part.stat().st_size)
    (texts / "new.txt").write_text("a new paper, so that decisions are made again")
    with pytest.raises(RunError, match=r"documents-\w+/part-00001\.parquet cannot be read.*run again"):
        launch(text_pipeline(texts), run, INLINE)
    part.unlink()
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 13


@pytest.mark.parametrize("file", ["documents-*/part-00001.parquet", "split-release-*/part-00001.arrow"])
def test_a_flipped_bit_in_a_text_is_released_nowhere(texts, run, file):
    [part] = run.glob(file)
    body = bytearray(part.read_bytes())
    for at in range(0, len(body) // 2, 16):  # pages and batches, not the footer
        body[at] ^= 1
    part.write_bytes(body)
    for folder in (*run.glob("release-*"), *(run.glob("split-release-*") if "documents" in file else ())):
        shutil.rmtree(folder)
    with pytest.raises(RunError, match=r"part-00001\.\w+ cannot be read.*run again"):
        launch(text_pipeline(texts), run, INLINE)


@pytest.mark.parametrize("body", ["{}", "null", "[1]", '{"part": 1}', "no json"])
@pytest.mark.parametrize("name", ["papers-*/part-00000.json", "papers-*/unit-00000.json"])
def test_receipts_and_units_that_hold_something_else_are_named(texts, run, name, body):
    file = next(run.glob(name))
    (file.parent / "_manifest.json").unlink()  # which says the same of every receipt
    file.write_text(body)
    with pytest.raises(RunError, match=rf"{file.name}.*delete it and run again"):
        launch(text_pipeline(texts), run, INLINE)
    file.unlink()
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 12


def test_files_of_other_names_are_nobodys_receipts(texts, run):
    folder = next(run.glob("papers-*"))
    for name in ("part-00000.rx.json", "part-00000 (copy).json", "unit-x.json", "part-.json"):
        (folder / name).write_text("{}")
    assert sum(s["computed"] for s in launch(text_pipeline(texts), run, INLINE).report["stages"]) == 0


def test_reading_a_run_says_which_file_is_gone(texts, run):
    manifest = next(run.glob("decisions-*/_manifest.json"))
    manifest.unlink()
    with pytest.raises(RunError, match=r"decisions-\w+/_manifest\.json is gone; run again"):
        list(trace(RunTables(open_store(run)), "p05"))
    launch(text_pipeline(texts), run, INLINE)
    for part in run.glob("decisions-*/part-*.parquet"):
        part.unlink()
    with pytest.raises(RunError, match=r"decisions-\w+/part-\d+\.parquet is gone"):
        list(trace(RunTables(open_store(run)), "p05"))
    (run / "run.json").write_text(json.dumps({"name": "x"}))
    with pytest.raises(RunError, match=r"run\.json does not hold"):
        RunTables(open_store(run))
    with pytest.raises(UserError, match="holds no run"):
        RunTables(open_store(run / "nothing"))
