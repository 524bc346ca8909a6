"""The release index on a real S3 server: it holds what one in a folder holds, whatever is killed, and has one writer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curation.place import Place, open_place
from pipelines.cli import main
from pipelines.dedup import candidates
from pipelines.engine.store import Store
from tests.dedup.test_command import dedup
from tests.dedup.test_index import Paths, outcome, rounds
from tests.servers.s3 import to_bucket

__all__ = ["rounds"]


def there(place: Place) -> dict[str, bytes]:
    return {file.name: place.read(file.name) for file in place.list() if file.name != ".lock"}


def build(rounds: Paths, index: str, out: Path) -> None:
    """An index of the first two rounds."""
    dedup(rounds[0], out, "--index-out", index)
    dedup(rounds[1], out, "--index", index, "--index-out", index)


@pytest.fixture
def local(tmp_path: Path, rounds: Paths) -> Path:
    build(rounds, str(tmp_path / "index"), tmp_path / "r")
    return tmp_path / "index"


def test_an_index_in_a_bucket_has_the_bytes_of_one_in_a_folder_and_finds_the_same(
    tmp_path: Path, rounds: Paths, local: Path, s3_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = f"{s3_uri}/index"
    build(rounds, far, tmp_path / "r")
    assert there(open_place(far)) == there(open_place(local))
    expected = outcome(rounds[2], local)
    for gap, run in ((candidates.GAP, candidates.RUN), (0, candidates.RUN), (candidates.GAP, 1)):
        monkeypatch.setattr(candidates, "GAP", gap)
        monkeypatch.setattr(candidates, "RUN", run)
        assert dedup(rounds[2], tmp_path / "far", "--index", far).drop_columns(["change"]).equals(expected)


def test_an_index_goes_from_folder_to_bucket_and_back(
    tmp_path: Path, rounds: Paths, s3_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    near, far, back = tmp_path / "near", f"{s3_uri}/far", tmp_path / "back"
    dedup(rounds[0], tmp_path / "r", "--index-out", str(near))
    dedup(rounds[1], tmp_path / "r", "--index", str(near), "--index-out", far)
    dedup(rounds[1], tmp_path / "r", "--index", str(near), "--index-out", str(tmp_path / "same"))
    assert there(open_place(far)) == there(open_place(tmp_path / "same"))
    (tmp_path / "empty.jsonl").write_bytes(b"")
    dedup(tmp_path / "empty.jsonl", tmp_path / "r", "--index", far, "--index-out", str(back))
    assert outcome(rounds[2], back).equals(outcome(rounds[2], tmp_path / "same"))
    place = open_place(far)
    before = there(place)
    for options, said in (
        (["--index-out", far], "holds another index"),
        (["--index", str(near), "--index-out", far], "holds another index"),
        (["--index", f"{s3_uri}/none"], f"{s3_uri}/none is no index"),
        (["--index-out", s3_uri], "is no index and not empty (it holds far)"),
    ):
        assert main(["dedup", str(rounds[2]), "--out", str(tmp_path / "x"), *options]) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert there(place) == before


def test_a_file_in_a_bucket_that_changed_is_refused(
    tmp_path: Path, rounds: Paths, local: Path, s3_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = to_bucket(local, s3_uri)
    for name, data in there(place).items():
        if name == "index.json":
            continue
        place.remove(name)
        for damage, said in ((None, "is gone"), (data[:-8], "is not what index.json says it is")):
            if damage is not None:
                place.put_if_absent(name, damage)
            assert main(["dedup", str(rounds[2]), "--out", str(tmp_path / "x"), "--index", place.uri]) == 2
            assert f"{name} {said}" in " ".join(capsys.readouterr().err.split())
        place.remove(name)
        place.put_if_absent(name, data)


def test_an_index_in_a_bucket_has_one_writer(
    tmp_path: Path, rounds: Paths, s3_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    far = f"{s3_uri}/index"
    dedup(rounds[0], tmp_path / "r", "--index-out", far)
    before = there(open_place(far))
    with Store(open_place(far)).lock():
        assert main(["dedup", str(rounds[1]), "--index", far, "--index-out", far]) == 2
        assert f"is writing to {far}" in " ".join(capsys.readouterr().err.split())
    assert there(open_place(far)) == before


def test_a_round_that_is_killed_leaves_the_index_and_the_next_one_goes_on(
    tmp_path: Path, rounds: Paths, local: Path, s3_uri: str
) -> None:
    far = f"{s3_uri}/index"
    dedup(rounds[0], tmp_path / "r", "--index-out", far)
    arguments = ["dedup", str(rounds[1]), "--index", far, "--index-out", far]
    named = open_place(far).read("index.json")
    for moment in (4, 6, 9):  # behind the put of the lock and of shingles, of documents, and before that of index.json
        command = [sys.executable, "-m", "tests.dedup.killed", str(moment), *arguments]
        assert subprocess.run(command, capture_output=True).returncode == -9
        assert open_place(far).read("index.json") == named
    assert len(there(open_place(far))) > 1 + 3, "what was left half done is there until the next round"
    assert main(arguments) == 0
    found, expected = there(open_place(far)), there(open_place(local))
    assert len(json.loads(found["index.json"])["releases"]) == 2 and found == expected
