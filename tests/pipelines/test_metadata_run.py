"""A snapshot is joined beside the texts: another one reads no paper again, and touches the parts whose records changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curation.errors import UserError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch

OPEN, CLOSED = "http://creativecommons.org/licenses/by/4.0/", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
WORDS = (
    "The star number {0} is seen through the dust of its disc, and its light number {0} is that of the gas around it. "
)
INLINE = Options(executor="inline")
METADATA = ("snapshot", "records", "joined", "metadata")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "papers").mkdir()
    for i in range(6):
        (tmp_path / "papers" / f"2301.0000{i + 1}.txt").write_text(WORDS.format(i) * 3)
    return tmp_path


def run(folder: Path, records: list[Mapping[str, Any]], **source: Any) -> dict[str, Any]:
    (folder / "meta.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    given = {"name": "s", "path": "papers", "metadata": "meta.jsonl", "part_papers": 2, **source}
    config = {"name": "c", "sources": [given], "extract": {"ocr": "none"}}
    config["decide"] = {"quality": {"max_top_ngram_fraction": 1, "max_duplicate_line_fraction": 1}}
    return dict(launch(pipeline(parse_config(config, folder)), folder / "run", INLINE).report)


def computed(report: Mapping[str, Any]) -> dict[str, int]:
    return {stage["stage"]: stage["computed"] for stage in report["stages"]}


def licences(folder: Path) -> dict[str, str | None]:
    parts = [json.loads(p.read_text())["file"] for p in sorted((folder / "run").glob("metadata-*/part-*.json"))]
    newest = {file.split(".")[0]: file for file in parts}
    rows = pl.concat(pl.read_parquet(folder / "run" / file) for file in newest.values())
    return dict(zip(rows["paper_id"], rows["licence"], strict=True))


def test_another_snapshot_extracts_nothing_again_and_remakes_parts_whose_records_changed(folder: Path) -> None:
    records = [{"id": f"2301.0000{i + 1}", "license": OPEN, "title": f"On star {i}"} for i in range(6)]
    report = run(folder, records)
    assert [join["papers"]["matched"] for join in report["joins"] if join["kind"] == "metadata"] == [6]
    assert set(licences(folder).values()) == {"CC-BY-4.0"} and report["tiers"]["public"]["released"] == 6
    done = computed(run(folder, records))
    assert sum(done.values()) == 0
    records[5] = {**records[5], "license": CLOSED}
    report = run(folder, [*reversed(records), {"id": "0704.0001"}])
    done = computed(report)
    assert (done["papers"], done["documents"], done["signals"], done["metadata"]) == (0, 0, 0, 1)
    assert licences(folder)["arXiv:2301.00006"] == "arXiv-nonexclusive-1.0"
    assert report["tiers"]["public"]["released"] == 5


def test_a_snapshot_without_a_record_stops_the_run_and_is_named(folder: Path) -> None:
    for allowed in ({}, {"allow_unmatched": True}):
        with pytest.raises(UserError, match=r"^source 's': its metadata holds no record$"):
            run(folder, [], **allowed)
    assert run(folder, [{"id": "2301.00001", "license": OPEN}])["tiers"]["public"]["released"] == 1


def test_trace_finds_a_paper_by_any_of_its_ids(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, [{"id": "2301.00001", "doi": "10.1086/518646", "bibcode": "2012ARA&A..50..455K"}])
    for name in (
        "2301.00001",
        "arXiv:2301.00001v2",
        "10.1086/518646",
        "https://doi.org/10.1086/518646",
        "2012ARA&A..50..455K",
    ):
        assert main(["trace", str(folder / "run"), name]) == 0
        assert "paper_id: arXiv:2301.00001" in capsys.readouterr().out


def test_a_source_may_have_a_licence_of_its_own(folder: Path) -> None:
    records = [{"id": "2301.00001", "license": OPEN}, {"id": "2301.00002", "license": "see text"}, {"id": "2301.00003"}]
    report = run(folder, records, licence="CC0-1.0")
    [warning] = [w for w in report["warnings"] if "state another licence" in w]
    assert warning.startswith("source s: 1 papers state another licence than its `licence: CC0-1.0`")
    assert licences(folder) == {
        "arXiv:2301.00001": None,
        "arXiv:2301.00002": None,
        **{f"arXiv:2301.0000{i}": "CC0-1.0" for i in range(3, 7)},
    }


def test_another_licence_of_a_source_reads_no_paper_again(folder: Path) -> None:
    run(folder, [{"id": "2301.00001", "license": OPEN}])
    anew = {
        stage
        for stage, n in computed(run(folder, [{"id": "2301.00001", "license": OPEN}], licence="CC0-1.0")).items()
        if n
    }
    assert "metadata" in anew
    assert not anew & {"papers", "snapshot", "records", "documents", "signals", "sketches"}
