"""The release index: what a killed, failed or repeated round leaves, and what is noticed at the next one."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from tests.dedup.test_command import dedup, documents, kept, write
from tests.dedup.test_near import corpus

Paths = list[Path]


@pytest.fixture
def rounds(tmp_path: Path) -> Paths:
    """Three files of documents whose duplicates lie across them."""
    rows = documents(corpus(seed=11, works=40))
    random.Random(4).shuffle(rows)
    cuts = [rows[:40], rows[40:60], rows[60:]]
    write(tmp_path / "full.parquet", rows)
    return [write(tmp_path / f"{k}.parquet", cut) for k, cut in enumerate(cuts)]


def outcome(path: Path, index: Path, *options: str) -> pa.Table:
    out = path.with_suffix(".out")
    return dedup(path, out, "--index", str(index), *options).drop_columns(["change"])


def whole(index: Path) -> bool:
    """Whether the folder holds what index.json names, the lock, and nothing else."""
    found = json.loads((index / "index.json").read_bytes())
    named = {e["file"] for r in found["releases"] for e in r.values()} | {found["edges"]["file"]}
    return {p.name for p in index.iterdir()} == named | {"index.json", ".lock"}


def test_making_an_index_anew_leaves_those_that_share_its_files(tmp_path: Path, rounds: Paths) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    dedup(rounds[0], tmp_path / "r", "--index-out", str(a))
    dedup(rounds[1], tmp_path / "r", "--index", str(a), "--index-out", str(b))
    expected = outcome(rounds[2], b)
    rows = pq.read_table(rounds[0])
    pq.write_table(rows.take(list(reversed(range(len(rows))))), tmp_path / "other.parquet")
    shutil.rmtree(a)
    dedup(tmp_path / "other.parquet", tmp_path / "r", "--index-out", str(a))
    assert outcome(rounds[2], b).equals(expected)
    assert outcome(rounds[1], a, "--index-out", str(tmp_path / "c")).num_rows == 60
    assert outcome(rounds[2], b).equals(expected)
    assert whole(a) and whole(b)


def test_a_failed_run_leaves_the_index(tmp_path: Path, rounds: Paths) -> None:
    index = tmp_path / "index"
    dedup(rounds[0], tmp_path / "r", "--index-out", str(index))
    before = {p.name: p.read_bytes() for p in index.iterdir() if p.name != ".lock"}
    rows = pq.read_table(rounds[1])
    pq.write_table(pa.concat_tables([rows, rows.slice(0, 1)]), tmp_path / "doubled.parquet")
    for options in ([], ["--index", str(index)]):
        arguments = ["dedup", str(tmp_path / "doubled.parquet"), "--index-out", str(index), *options]
        assert main(arguments) == 2
        assert {p.name: p.read_bytes() for p in index.iterdir() if p.name != ".lock"} == before


def test_a_round_in_place_can_be_killed_at_every_rename(tmp_path: Path, rounds: Paths) -> None:
    index, expected = tmp_path / "index", {}
    dedup(rounds[0], tmp_path / "r", "--index-out", str(index))
    expected = kept(dedup(tmp_path / "full.parquet", tmp_path / "full.out"))
    arguments = ["dedup", str(rounds[1]), "--index", str(index), "--index-out", str(index)]
    moments = 0
    while True:
        moments += 1
        command = [sys.executable, "-m", "tests.dedup.killed", str(moments), *arguments]
        code = subprocess.run(command, capture_output=True).returncode
        added = len(json.loads((index / "index.json").read_bytes())["releases"]) == 2
        outcome(rounds[2] if added else rounds[1], index)
        if added:
            break
        assert code == -9
    assert moments == 8  # after the last of shingles, documents, edges, index.json
    assert not whole(index)
    assert main(arguments) == 2  # the same round twice: its ids are there
    assert whole(index)
    assert kept(outcome(rounds[2], index)) == expected


@pytest.mark.parametrize("pattern", ["documents-*.parquet", "edges-*.parquet", "shingles-*.u64"])
def test_a_file_that_changed_is_refused(
    tmp_path: Path, rounds: Paths, capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    index = tmp_path / "index"
    dedup(rounds[0], tmp_path / "r", "--index-out", str(index))
    (file,) = index.glob(pattern)
    file.write_bytes(file.read_bytes()[:-8])
    arguments = ["dedup", str(rounds[1]), "--out", str(tmp_path / "r"), "--index", str(index)]
    assert main(arguments) == 2
    assert f"{file.name} is not what index.json says" in " ".join(capsys.readouterr().err.split())
    file.unlink()
    assert main(arguments) == 2


def test_a_month_without_documents_changes_nothing(tmp_path: Path, rounds: Paths) -> None:
    index, other = tmp_path / "index", tmp_path / "other"
    first = dedup(rounds[0], tmp_path / "r", "--index-out", str(index))
    before = {p.name: p.read_bytes() for p in index.iterdir() if p.name != ".lock"}
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert outcome(tmp_path / "empty.jsonl", index, "--index-out", str(index)).equals(first)
    assert {p.name: p.read_bytes() for p in index.iterdir() if p.name != ".lock"} == before
    outcome(tmp_path / "empty.jsonl", index, "--index-out", str(other))
    assert outcome(rounds[1], other).equals(outcome(rounds[1], index))


def test_an_index_where_none_can_be_is_the_users_error(tmp_path: Path, rounds: Paths) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["dedup", str(rounds[0]), "--index-out", str(tmp_path / "file")]) == 2
    assert main(["dedup", str(rounds[0]), "--index-out", str(tmp_path / "file" / "below")]) == 2


def test_no_folder_but_an_index_that_is_added_to_is_written(tmp_path: Path, rounds: Paths, capsys) -> None:
    a, b, mine = tmp_path / "a", tmp_path / "b", tmp_path / "mine"
    dedup(rounds[0], tmp_path / "r", "--index-out", str(a))
    dedup(rounds[1], tmp_path / "r", "--index", str(a), "--index-out", str(b))
    mine.mkdir()
    shutil.copy(rounds[0], mine / "documents-00000.parquet")
    before = {p: p.read_bytes() for folder in (a, b, mine) for p in folder.iterdir() if p.name != ".lock"}
    for options, said in (
        (["--index-out", str(a)], "holds another index"),
        (["--index", str(a), "--index-out", str(b)], "holds another index"),
        (["--index-out", str(mine)], "is no index and not empty (it holds documents-00000.parquet)"),
    ):
        assert main(["dedup", str(rounds[2]), *options]) == 2
        assert said in " ".join(capsys.readouterr().err.split())
        assert {p: p.read_bytes() for folder in (a, b, mine) for p in folder.iterdir() if p.name != ".lock"} == before
