"""Credentials are looked for and tried, and shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.place import open_place
from pipelines.cli import main
from tests.conftest import forget_clients
from tests.servers.s3 import KEY, SECRET
from tests.sources.tars import single, tar_of


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that folds no cell."""
    monkeypatch.setenv("COLUMNS", "400")


def told(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert KEY not in captured.out + captured.err and SECRET not in captured.out + captured.err
    return " ".join(captured.out.split())


def test_a_store_is_listed_with_the_credentials_that_are_found(s3_uri: str, tmp_path: Path, capsys, monkeypatch):
    with open_place(s3_uri).writing("src/arXiv_src_2301_001.tar") as sink:
        sink.write(tar_of({"2301/2301.00001.gz": single("one")}))
    config = tmp_path / "c.yaml"
    config.write_text(json.dumps({"name": "x", "sources": [{"name": "far", "path": f"{s3_uri}/src"}]}))
    assert main(["doctor", str(config)]) == 0
    out = told(capsys)
    assert "S3 credentials found by env" in out and "source far" in out and "can be listed" in out
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    forget_clients()
    assert main(["doctor", str(config)]) == 1
    assert "S3 refuses this" in told(capsys)


def test_what_a_source_names_is_there_or_told(tmp_path: Path, capsys):
    (tmp_path / "papers").mkdir()
    (tmp_path / "m.jsonl").touch()
    config = tmp_path / "c.yaml"
    for path, metadata, code in (("papers", "m.jsonl", 0), ("paper", "m.jsonl", 1), ("papers", "n.jsonl", 1)):
        config.write_text(json.dumps({"name": "x", "sources": [{"name": "near", "path": path, "metadata": metadata}]}))
        assert main(["doctor", str(config)]) == code
        out = told(capsys)
        for key, name in (("path", path), ("metadata", metadata)):
            is_there = (tmp_path / name).exists()
            assert f"{tmp_path / name} {'can be read' if is_there else 'is not there'}" in out
            assert (f"mend the source's `{key}`" in out) is not is_there


def test_a_place_is_asked_before_a_run_writes_there(s3_uri: str, capsys):
    assert main(["doctor", "--place", s3_uri]) == 0
    assert f"{s3_uri} holds nothing" in told(capsys)
    assert main(["doctor", "--place", "s3://no-such-bucket/x"]) == 1
    assert "there is no such bucket" in told(capsys)


def test_a_profile_that_is_not_there_is_told(capsys, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert main(["doctor"]) == 0
    assert "not to be used (ProfileNotFound)" in told(capsys)
    monkeypatch.delenv("AWS_PROFILE")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    assert main(["doctor"]) == 0
    assert "S3 credentials none" in told(capsys)
