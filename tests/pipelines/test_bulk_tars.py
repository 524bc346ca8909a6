"""Runs over arXiv's bulk tars: the texts of the same papers as files, and what a new tar or another member makes anew."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curation.errors import RunError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.extract.pdfs import prose_pdf
from tests.sources.tars import BLOCK, bundle, document, entry, single, tar_of, write_tar

JANUARY = {
    "2301/2301.00001.gz": single("one"),
    "2301/2301.00002.gz": bundle("two"),
    "2301/2301.00003.pdf": prose_pdf(2),
}
OLD = {"0001/astro-ph0001001.gz": single("old")}


def go(folder: Path, run: Path, **source: Any) -> RunTables:
    value = {"name": "bulk", "sources": [{"name": "arxiv", "path": str(folder), **source}], "extract": {"ocr": "none"}}
    launch(pipeline(parse_config(value, folder)), run, Options(executor="inline"))
    return RunTables(open_store(run))


def texts(tables: RunTables) -> dict[str, tuple[str, str | None]]:
    """arXiv id -> status and text_sha256."""
    known = tables.scan("metadata").select("doc_id", "paper_id")
    rows = tables.scan("documents").join(known, on="doc_id").collect().iter_rows(named=True)
    return {row["paper_id"]: (row["status"], row["text_sha256"]) for row in rows}


def documents(run: Path) -> set[str]:
    return {file.name for file in run.glob("documents-*/part-*.parquet")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tar(tmp_path / "tars" / "src" / "arXiv_src_2301_001.tar", JANUARY)
    write_tar(tmp_path / "tars" / "src" / "arXiv_src_0001_001.tar", OLD, "0001")
    return tmp_path / "tars"


def test_tars_and_single_files_give_the_same_texts(folder: Path, tmp_path: Path) -> None:
    for name, data in {**JANUARY, "astro-ph/0001001.gz": OLD["0001/astro-ph0001001.gz"]}.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_bytes(data)
    found = texts(go(folder, tmp_path / "run"))
    assert found == texts(go(tmp_path / "files", tmp_path / "run-of-files"))
    assert sorted(found) == ["arXiv:2301.00001", "arXiv:2301.00002", "arXiv:2301.00003", "arXiv:astro-ph/0001001"]
    assert {status for status, _ in found.values()} == {"ok"}


def test_real_papers_in_a_tar_give_the_texts_that_they_give_as_files(shared: Path, tmp_path: Path) -> None:
    found = [*shared.glob("papers/*/arxiv.tar.gz"), *shared.glob("papers/*/single.gz")]
    papers = sorted(found, key=lambda file: file.stat().st_size)[:5]
    files = {f"2301/2301.{number:05}.gz": file.read_bytes() for number, file in enumerate(papers, 1)}
    write_tar(tmp_path / "tars" / "src" / "arXiv_src_2301_001.tar", files)
    for name, data in files.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_bytes(data)
    in_tar = texts(go(tmp_path / "tars", tmp_path / "run"))
    assert in_tar == texts(go(tmp_path / "files", tmp_path / "run-of-files"))
    assert len(in_tar) == 5 and {status for status, _ in in_tar.values()} == {"ok"}


def test_every_text_leads_to_its_bytes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go(folder, tmp_path / "run")
    for id_, data in {
        "2301.00002": JANUARY["2301/2301.00002.gz"],
        "astro-ph/0001001": OLD["0001/astro-ph0001001.gz"],
    }.items():
        capsys.readouterr()
        assert main(["trace", str(tmp_path / "run"), id_, "--json"]) == 0
        told: dict[str, Mapping[str, Any]] = {}
        for line in capsys.readouterr().out.splitlines():
            row = json.loads(line)
            told[row["table"]] = row
        place, paper = told["bytes"], told["papers"]
        found = (folder / place["tar"]).read_bytes()[place["offset"] : place["offset"] + place["length"]]
        assert found == data and sha256(found).hexdigest() == paper["content_sha256"]


def test_a_second_month_is_the_only_part_that_is_extracted(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    before = texts(go(folder, run))
    made = documents(run)
    write_tar(folder / "src" / "arXiv_src_2302_001.tar", {"2302/2302.00001.gz": single("new")}, "2302")
    after = texts(go(folder, run))
    assert len(documents(run) - made) == 1
    assert {id_: text for id_, text in after.items() if id_ in before} == before
    assert sorted(set(after) - set(before)) == ["arXiv:2302.00001"]


def test_a_rewritten_tar_is_read_again_where_it_changed(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    before = texts(go(folder, run, part_papers=1))
    made = documents(run)
    changed = {"2301/2301.00001.gz": bundle("another"), **dict(list(JANUARY.items())[1:])}
    write_tar(folder / "src" / "arXiv_src_2301_001.tar", changed)
    after = texts(go(folder, run, part_papers=1))
    assert len(documents(run) - made) == 1
    assert {id_ for id_ in after if after[id_] != before[id_]} == {"arXiv:2301.00001"}


def test_a_tar_cut_after_the_run_stops_the_next(folder: Path, tmp_path: Path) -> None:
    many = {f"2303/2303.{n:05}.gz": single(str(n)) for n in range(1, 13)}
    tar = write_tar(folder / "src" / "arXiv_src_2303_001.tar", many, "2303")
    go(folder, tmp_path / "run")
    tar.write_bytes(tar.read_bytes()[: 3 * BLOCK])
    with pytest.raises(RunError, match=r"of the last run|no longer"):
        go(folder, tmp_path / "run")


def test_what_no_text_can_be_made_of_has_a_reason_of_its_own(tmp_path: Path) -> None:
    def packed(**files: bytes) -> bytes:
        return gzip.compress(tar_of({name.replace("__", "."): data for name, data in files.items()}, None))

    stub = b"%auto-ignore\nThis paper has been withdrawn."
    withdrawn = rb"\documentclass{article}\begin{document}This paper has been withdrawn by the authors.\end{document}"
    files = {
        "2301.00001.gz": (single("one"), None),
        "2301.00002.gz": (gzip.compress(stub), "withdrawn_stub"),
        "2301.00003.gz": (packed(a__tex=stub, b__tex=stub), "withdrawn_stub"),
        "2301.00004.gz": (gzip.compress(withdrawn), "withdrawn_stub"),
        "2301.00005.gz": (packed(macros__tex=rb"%auto-ignore \def\x{y}", z__tex=document("five")), None),
        "2301.00006.gz": (gzip.compress(b"%!PS-Adobe-2.0\n%%Title: a paper\n"), "postscript"),
        "2301.00007.gz": (packed(ms__ps=b"%!PS-Adobe-2.0\n", README__txt=b"x"), "postscript"),
        "2301.00008.gz": (gzip.compress(b"<!DOCTYPE html><html><body>Not here</body></html>"), "html"),
        "2301.00009.gz": (gzip.compress(b""), "empty_file"),
        "2301.00010.gz": (b"", "empty_file"),
        "2301.00011.gz": (packed(a__dat=b"1 2"), "unknown_format"),
        "2301.00012.gz": (single("one")[:-9], "bad_archive"),
    }
    write_tar(tmp_path / "tars" / "x.tar", {f"2301/{name}": data for name, (data, _) in files.items()})
    tables = go(tmp_path / "tars", tmp_path / "run")
    members = tables.scan("papers").select("doc_id", "member")
    rows = tables.scan("documents").join(members, on="doc_id").collect().iter_rows(named=True)
    found = {row["member"].rpartition("/")[2]: row["reason"] for row in rows}
    assert found == {name: reason for name, (_, reason) in files.items()}


def test_hostile_members_beside_honest_ones_are_rows_of_the_ledger(tmp_path: Path) -> None:
    bad = entry("../../2301.00008.gz", b"x") + entry("2301/2301.00007.gz", b"\x1f\x8b broken")
    damage = b"\xff" * 1024 + entry("2301/2301.00009.gz", b"x") + bytes(1024)
    (tmp_path / "tars").mkdir()
    (tmp_path / "tars" / "x.tar").write_bytes(bad + tar_of(JANUARY)[:-1024] + damage)
    tables = go(tmp_path / "tars", tmp_path / "run")
    found = texts(tables)
    assert [found[f"arXiv:{name[5:15]}"][0] for name in JANUARY] == ["ok"] * 3
    failed = tables.scan("documents").filter(pl.col("status") == "failed").collect()
    assert sorted(failed["reason"]) == ["bad_archive", "unknown_format", "unsafe_archive"]


def test_what_lies_behind_damage_in_a_file_is_warned_of(folder: Path, tmp_path: Path) -> None:
    tar = folder / "src" / "arXiv_src_2301_001.tar"
    rows = "".join(json.dumps({"id": f"r{i}", "text": sha256(b"%d" % i).hexdigest() * 9}) + "\n" for i in range(2000))
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    go(folder, tmp_path / "whole")
    whole = tar.read_bytes()
    tar.write_bytes(whole[: whole.index(b"2301/2301.00003.pdf") + 300])
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress(rows.encode())[:20_000])
    go(folder, tmp_path / "cut")
    told = {run: json.loads((tmp_path / run / "report.json").read_text()) for run in ("whole", "cut")}
    assert not any("damage" in warning for warning in told["whole"]["warnings"])
    [warning] = [warning for warning in told["cut"]["warnings"] if "damage" in warning]
    assert warning.startswith("source arxiv: ") and "rows.jsonl.gz is cut" in warning
    assert "src/arXiv_src_2301_001.tar: broken tar" in warning
    assert told["cut"]["summaries"]["papers of arxiv"] == {"damaged": 2}
