"""Folders of our own below a source are no papers, and a file may be a source."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import NoPapersError, PaperError, UserError
from curation.sources import ours as marks
from curation.sources.content import folder_files
from curation.sources.folder import FolderSource
from curation.sources.listing import list_folder
from curation.sources.unit import Listing, Unit
from curation.step import Inputs

TEX = "\\documentclass{article}\\begin{document}\\section{One}The star is seen through dust.\\end{document}"
TEX_BYTES = len(TEX)
SHARD = b"rows of a shard"
FILE = {"tier": "public", "file": "public/shard-00000.parquet", "rows": 1, "row_groups": [1], "bytes": len(SHARD)}
FILE["sha256"] = hashlib.sha256(SHARD).hexdigest()
EDGES = {"file": "edges-00000.parquet", "bytes": len(SHARD), "sha256": FILE["sha256"]}
STAGE = "papers-0123abcd"
OURS: dict[str, tuple[str, object]] = {
    "run.json": (
        f"{STAGE}/part-00000.parquet",
        {"name": "x", "order": ["papers"], "stages": {"papers": {"folder": STAGE}}, "finished": False},
    ),
    "manifest.json": (str(FILE["file"]), {"format": 1, "name": "x", "files": [FILE]}),
    "index.json": ("edges-00000.parquet", {"format": 3, "releases": [], "edges": EDGES}),
}
"""Mark -> a file that we write in such a folder, and what the mark says."""
FOREIGN = [
    ("run.json", {"script": "run.py"}),
    ("run.json", []),
    ("manifest.json", {"format": 1, "name": "x", "files": ["a.tex"]}),
    ("manifest.json", {"name": "x", "version": "1.0", "manifest_version": 3}),
    ("index.json", {"releases": ["v1"]}),
    ("run.json", {"order": [], "stages": {}}),
    ("run.json", {"order": ["papers"], "stages": {"papers": {"folder": "papers-0"}}}),
    ("run.json", {"order": ["papers"], "stages": {"papers": {"folder": "part"}}}),
    ("run.json", {"order": ["papers"], "stages": {"papers": {"folder": "/"}}}),
    ("manifest.json", {"format": 1, "name": "x", "files": []}),
    ("manifest.json", {"format": 1, "name": "x", "files": [{**FILE, "file": "public/none.parquet"}]}),
    ("run.json", {"order": ["papers"], "stages": {"papers": {"folder": "x" * 300}}}),
    ("manifest.json", {"format": 1, "name": "x", "files": [{**FILE, "file": "x" * 5000}]}),
    (
        "manifest.json",
        {"format": 1, "name": "x", "files": [{**FILE, "file": "part/2301.00009.tex", "bytes": TEX_BYTES}]},
    ),
    ("manifest.json", {"format": 1, "name": "x", "files": [{**FILE, "file": "../shard.parquet"}]}),
    ("manifest.json", {"format": 1, "name": "x", "files": [{**FILE, "file": "/etc/passwd"}, {**FILE, "file": 3}]}),
    ("index.json", {"format": 3, "releases": [], "edges": {"file": "edges-00000.parquet"}}),
    ("index.json", {"format": 3, "releases": [], "edges": {**EDGES, "sha256": "0" * 64}}),
]


def make(folder: Path, mark: str, value: object) -> None:
    """A folder of others with such a mark, a shard, and a paper."""
    (folder / "part").mkdir(parents=True)
    (folder / mark).write_text(json.dumps(value))
    (folder / "part" / "2301.00009.tex").write_text(TEX)
    (folder.parent / "shard.parquet").write_bytes(SHARD)
    (folder / "edges-00000.parquet").write_bytes(SHARD)


def make_ours(folder: Path, mark: str) -> None:
    file, value = OURS[mark]
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_bytes(SHARD)
    (folder / mark).write_text(json.dumps(value))
    (folder / ("README.md" if mark != "index.json" else "shingles-00000.u64")).write_text("beside")


@pytest.mark.parametrize("mark", OURS)
@pytest.mark.parametrize("place", ["own", "deep/er/own", "deep/2301.00007"])
def test_folders_of_our_own_are_left_out_at_any_depth_and_named_first(tmp_path: Path, mark: str, place: str) -> None:
    (tmp_path / "2301.00001.tex").write_text(TEX)
    (tmp_path / "README").write_text("read me")
    make_ours(tmp_path / place, mark)
    found = Listing.whole(list_folder(tmp_path))
    assert [e.member for e in found.entries] == ["2301.00001.tex"]
    assert found.left_out[0].startswith(f"{place}/ (a") and "astrocorpus" in found.left_out[0]
    assert "README" in found.left_out


def test_a_link_to_a_run_is_left_out_like_the_run(tmp_path: Path) -> None:
    (tmp_path / "2301.00001.tex").write_text(TEX)
    make_ours(tmp_path / "runs" / "x", "run.json")
    (tmp_path / "latest").symlink_to(tmp_path / "runs" / "x")
    found = Listing.whole(list_folder(tmp_path))
    assert [e.member for e in found.entries] == ["2301.00001.tex"]
    assert found.left_out == ["latest/ (a run of astrocorpus)", "runs/x/ (a run of astrocorpus)"]


@pytest.mark.parametrize(("mark", "value"), FOREIGN)
def test_files_of_others_that_are_named_so_hide_no_paper(tmp_path: Path, mark: str, value: object) -> None:
    make(tmp_path / "theirs", mark, value)
    for root in (tmp_path, tmp_path / "theirs", tmp_path / "theirs" / "part"):
        assert any("2301.00009" in entry.member for entry in Listing.whole(list_folder(root)).entries)


@pytest.mark.parametrize("mark", OURS)
@pytest.mark.parametrize("place", ["2301.00009.tex", "public/a.parquet", "deep/er/2301.00009.pdf", f"{STAGE}/a.jsonl"])
def test_papers_beside_what_we_wrote_are_listed_and_ours_is_not(tmp_path: Path, mark: str, place: str) -> None:
    own = tmp_path / "own"
    make_ours(own, mark)
    (own / ".lock").touch()
    (own / place).parent.mkdir(parents=True, exist_ok=True)
    if place.endswith("parquet"):
        pq.write_table(pa.table({"id": ["x"], "text": ["Some."]}), own / place)
    else:
        (own / place).write_text(json.dumps({"id": "x", "text": "Some."}))
    row = "#x" if place.endswith(("l", "t")) else ""
    found = Listing.whole(list_folder(tmp_path))
    assert [e.member for e in found.entries] == [f"own/{place}{row}"]
    assert found.left_out == [f"own/ ({marks.own(own).what}; listed: 1 files of others)"]
    if mark == "run.json":
        assert [e.member for e in Listing.whole(list_folder(own)).entries] == [f"{place}{row}"]


UNREADABLE = "/proc/self/mem"
"""A regular file of which every read is an I/O error."""


@pytest.mark.parametrize("mark", OURS)
def test_a_folder_of_our_own_that_cannot_be_told_for_one_is_not_read_as_papers(tmp_path: Path, mark: str) -> None:
    (tmp_path / "2301.00001.tex").write_text(TEX)
    make_ours(tmp_path / "own", mark)
    (tmp_path / "own" / mark).unlink()
    (tmp_path / "own" / mark).symlink_to(UNREADABLE)
    (tmp_path / "latest").symlink_to("own")
    found = Listing.whole(list_folder(tmp_path))
    assert [e.member for e in found.entries] == ["2301.00001.tex", "latest", "own"]
    assert found.unreadable == dict.fromkeys(("latest", "own"), "Input/output error")
    rows = FolderSource(path=str(tmp_path)).run(Inputs({}, {"unit": Unit("folder", tuple(found.entries))}))
    reasons = {row["member"]: row["reason"] for row in rows.to_pylist()}
    assert reasons.pop("2301.00001.tex") is None and set(reasons.values()) <= {"source_changed", "unsafe_archive"}


def test_a_run_in_a_papers_folder_that_cannot_be_told_for_one_fails_the_paper_alone(tmp_path: Path) -> None:
    (tmp_path / "2301.00001" / "runs").mkdir(parents=True)
    (tmp_path / "2301.00001" / "ms.tex").write_text(TEX)
    (tmp_path / "2301.00001" / "runs" / "run.json").symlink_to(UNREADABLE)
    assert Listing.whole(list_folder(tmp_path)).unreadable == {"2301.00001": "Input/output error"}
    with pytest.raises(PaperError, match=r"^io_error: runs cannot be read: Input/output error$"):
        folder_files(tmp_path, "2301.00001")


def test_a_source_in_a_folder_that_cannot_be_told_for_a_run_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "run.json").symlink_to(UNREADABLE)
    with pytest.raises(NoPapersError, match=r"run\.json cannot be read: Input/output error"):
        Listing.whole(list_folder(tmp_path / "papers"))


def test_a_mark_that_is_larger_than_any_of_ours_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ours(tmp_path / "theirs", "manifest.json")
    size = (tmp_path / "theirs" / "manifest.json").stat().st_size
    monkeypatch.setattr(marks, "MAX_MARK_BYTES", size)
    assert marks.ours(tmp_path / "theirs") == marks.RELEASE
    monkeypatch.setattr(marks, "MAX_MARK_BYTES", size - 1)
    assert marks.ours(tmp_path / "theirs") is None
    monkeypatch.undo()
    with (tmp_path / "theirs" / "manifest.json").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "theirs" / "2301.00009.tex").write_text(TEX)
    assert any("2301.00009" in entry.member for entry in Listing.whole(list_folder(tmp_path)).entries)


def test_a_run_inside_a_papers_folder_is_no_part_of_the_paper(tmp_path: Path) -> None:
    (tmp_path / "2301.00001").mkdir()
    (tmp_path / "2301.00001" / "ms.tex").write_text(TEX)
    (tmp_path / "2301.00001" / "fig").mkdir()
    (tmp_path / "2301.00001" / "fig" / "a.tex").write_text("a figure")
    [before] = Listing.whole(list_folder(tmp_path)).entries
    make_ours(tmp_path / "2301.00001" / "runs" / "x", "run.json")
    found = Listing.whole(list_folder(tmp_path))
    assert found.entries == [before] and found.left_out == ["2301.00001/runs/x/ (a run of astrocorpus)"]
    assert folder_files(tmp_path, "2301.00001") == ["fig/a.tex", "ms.tex"]


@pytest.mark.parametrize("inside", ["", "release-0123abcd/public"])
def test_a_source_inside_a_run_folder_is_refused_with_the_way_out(tmp_path: Path, inside: str) -> None:
    (tmp_path / "runs" / "release-0123abcd" / "public").mkdir(parents=True)
    (tmp_path / "runs" / "run.json").write_text(json.dumps(OURS["run.json"][1]))
    (tmp_path / "runs" / ".lock").touch()
    with pytest.raises(UserError, match=r"lies in the run folder .*runs, .*astrocorpus release .*runs --out DIR"):
        Listing.whole(list_folder(tmp_path / "runs" / inside))


def test_a_release_that_is_named_itself_is_read(tmp_path: Path) -> None:
    make_ours(tmp_path, "manifest.json")
    (tmp_path / "public/shard-00000.parquet").unlink()
    (tmp_path / "2301.00001.tex").write_text(TEX)
    assert [e.member for e in Listing.whole(list_folder(tmp_path)).entries] == ["2301.00001.tex"]


def test_a_file_is_a_source_with_the_papers_that_it_has_in_its_folder(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"d{i}", "text": "The star is seen through dust."}) for i in range(3)]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    (tmp_path / "2301.00001.tex").write_text(TEX)
    (tmp_path / "2301.00001.pdf").write_bytes(b"%PDF-1.5")
    whole = {e.member: e for e in Listing.whole(list_folder(tmp_path)).entries}
    alone = FolderSource(source="s", path=str(tmp_path / "rows.jsonl"))
    assert [whole[e.member] for e in alone.entries()] == [whole[f"rows.jsonl#d{i}"] for i in range(3)]
    assert alone.root == tmp_path
    assert [e.member for e in Listing.whole(list_folder(tmp_path / "2301.00001.tex")).entries] == ["2301.00001.tex"]
    (tmp_path / "link").symlink_to(tmp_path / "rows.jsonl")
    assert [e.member for e in Listing.whole(list_folder(tmp_path / "link")).entries] == [
        e.member for e in alone.entries()
    ]


def test_what_is_neither_file_nor_folder_is_no_source(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("pipe", "is neither file nor folder"), ("absent", "is not there")):
        with pytest.raises(UserError, match=said):
            Listing.whole(list_folder(tmp_path / name))
