"""What `select:` of a source takes of its members, and what a run tells of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation.errors import ConfigError, UserError
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.ledger import find
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, Outcome, launch
from tests.sources.tars import single, tar_of, write_tar

RECORDS = [
    {"id": "2301.00001", "categories": "astro-ph.CO gr-qc", "update_date": "2023-01-05"},
    {"id": "2301.00002", "categories": "hep-th", "update_date": "2023-01-05"},
    {"id": "2301.00003", "categories": "hep-ph astro-ph.HE", "update_date": "2023-01-06"},
    {"id": "2301.00005", "categories": "astro-ph.GA", "update_date": "2023-01-07"},
    {"id": "math/0001001", "categories": "math.AG", "update_date": "2000-01-01"},
]
PAPERS = {f"2301/2301.0000{n}.gz": single(str(n)) for n in (1, 2, 3, 4)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tar(tmp_path / "tars" / "arXiv_src_2301_001.tar", PAPERS)
    (tmp_path / "snapshot.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return tmp_path


def go(folder: Path, select: dict[str, Any], *, path: str = "tars", dry_run: bool = False) -> Outcome:
    source = {"name": "arxiv", "path": path, "metadata": "snapshot.jsonl", "select": select}
    value = {"name": "chosen", "sources": [source], "extract": {"ocr": "none"}}
    config = parse_config(value, folder)
    return launch(pipeline(config), folder / "run", Options(executor="inline", dry_run=dry_run))


def members(folder: Path) -> list[str]:
    return sorted(RunTables(open_store(folder / "run")).scan("papers").collect()["member"])


ASTRO = {"categories": ["astro-ph.*"]}


def test_only_members_of_wanted_records_are_listed(folder: Path) -> None:
    go(folder, ASTRO)
    assert members(folder) == [f"arXiv_src_2301_001.tar#2301/2301.0000{n}.gz" for n in (1, 3)]


def test_a_selection_tells_what_it_took_and_what_not(folder: Path) -> None:
    report = go(folder, ASTRO).report
    chosen, named = [join for join in report["joins"] if join["kind"] == "selection"]
    assert chosen["name"] == "arxiv: categories astro-ph.*"
    assert chosen["given"] == {
        "what": "wanted records", "count": 3, "matched": 2, "unmatched": 1, "samples": ["2301.00005"]
    }  # fmt: skip
    assert (chosen["papers"]["count"], chosen["papers"]["matched"]) == (4, 2)
    assert chosen["papers"]["samples"] == ["arXiv_src_2301_001.tar#2301/2301.00002.gz"]
    assert (named["given"]["count"], named["given"]["matched"]) == (5, 3)
    assert (named["papers"]["count"], named["papers"]["matched"]) == (4, 3)
    assert named["papers"]["samples"] == ["arXiv_src_2301_001.tar#2301/2301.00004.gz"]


def test_a_dry_run_tells_it_before_anything_is_read(folder: Path) -> None:
    joins = go(folder, ASTRO, dry_run=True).joins
    assert [(j.given.count, j.given.matched, j.papers.matched) for j in joins if j.kind == "selection"] == [
        (3, 2, 2),
        (5, 3, 3),
    ]
    assert not list((folder / "run").rglob("part-*"))


def test_a_folder_of_files_is_chosen_from_as_tars_are(folder: Path) -> None:
    for name, data in PAPERS.items():
        (folder / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / name).write_bytes(data)
    go(folder, ASTRO, path="files")
    assert members(folder) == ["2301/2301.00001.gz", "2301/2301.00003.gz"]


def test_dates_and_categories_select_together(folder: Path) -> None:
    go(folder, {"categories": ["astro-ph", "hep-th"], "to": "2023-01-05"})
    assert [name[-4:-3] for name in members(folder)] == ["1", "2"]


def test_a_selection_that_takes_nothing_stops_the_run(folder: Path) -> None:
    with pytest.raises(
        UserError, match=r"takes none of 4 members.*1 are wanted, and 3 members have a record.*math/0001001"
    ):
        go(folder, {"categories": ["math.*"]})
    assert not list((folder / "run").rglob("part-*"))


def test_a_selection_without_metadata_is_refused(folder: Path) -> None:
    value = {"name": "x", "sources": [{"name": "arxiv", "path": "tars", "select": ASTRO}]}
    with pytest.raises(ConfigError, match="records of `metadata`, which is not given"):
        pipeline(parse_config(value, folder))


def test_what_is_damaged_in_a_tar_stays_in_the_ledger(folder: Path) -> None:
    tar = folder / "tars" / "arXiv_src_2301_001.tar"
    whole = tar_of(PAPERS).rstrip(b"\0")
    tar.write_bytes(whole + bytes(-len(whole) % 512) + b"\xff" * 512)
    go(folder, ASTRO)
    damaged = [name for name in members(folder) if "#~" in name]
    assert len(damaged) == 1 and len(members(folder)) == 3


def test_another_category_adds_papers_and_makes_no_others_anew(folder: Path) -> None:
    go(folder, ASTRO)
    before = {file.name for file in (folder / "run").glob("documents-*/part-*.parquet")}
    go(folder, {"categories": ["astro-ph.*", "hep-th"]})
    after = {file.name for file in (folder / "run").glob("documents-*/part-*.parquet")}
    assert len(after - before) == 1 and len(members(folder)) == 3


def test_trace_says_that_a_selection_left_papers_out(folder: Path) -> None:
    go(folder, ASTRO)
    tables = RunTables(open_store(folder / "run"))
    with pytest.raises(
        UserError, match=r"no paper '2301.00002'.* leaves out has no row: arxiv: categories astro-ph\.\* \(took 2 of 4"
    ):
        find(tables, "2301.00002")
    assert len(find(tables, "2301.00001")) == 1
