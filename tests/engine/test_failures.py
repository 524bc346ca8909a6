"""What goes wrong around a run: full disk, unwritable folder, dying workers, Ctrl-C."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curation.errors import RunError, UserError
from pipelines.engine.store import Store, open_store
from pipelines.launch import Options, launch
from schemas.files import TEMP_PREFIX
from tests.engine.steps import DiesAlways, DiesOnce, text_pipeline

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    return folder


def test_full_disk_stops_the_run_and_leaves_no_temp_file(texts, tmp_path, monkeypatch):
    fsync, calls = os.fsync, iter(range(1000))

    def full(handle: int) -> None:
        if next(calls) > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="no space left"):
        launch(text_pipeline(texts), tmp_path / "run", Options(executor="inline"))
    assert not list((tmp_path / "run").rglob(f"{TEMP_PREFIX}*"))
    monkeypatch.undo()
    assert launch(text_pipeline(texts), tmp_path / "run", Options(executor="inline")).report["papers"]["in"] == 12


def test_a_worker_that_dies_costs_a_retry_only(texts, tmp_path):
    pipeline = text_pipeline(texts, documents=DiesOnce(mark=str(tmp_path / "died")))
    report = launch(pipeline, tmp_path / "run", Options(workers=2)).report
    assert (tmp_path / "died").exists()
    assert report["tiers"]["public"]["released"] == 12


def test_a_worker_that_always_dies_stops_the_run_with_advice(texts, tmp_path):
    with pytest.raises(RunError, match="fewer --workers"):
        launch(text_pipeline(texts, documents=DiesAlways()), tmp_path / "run", Options(workers=1))


def test_a_run_folder_that_cannot_be_made_is_the_users_error(texts, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        launch(text_pipeline(texts), tmp_path / "file" / "run", Options(executor="inline"))


def test_schemes_that_no_store_knows_are_the_users_error():
    with pytest.raises(UserError, match="gs://bucket/run"):
        open_store("gs://bucket/run")


def test_a_write_that_raises_leaves_what_was_there(tmp_path):
    store = Store(tmp_path)
    store.write_json("a.json", {"n": 1})

    def fill(sink):
        sink.write(b"half")
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        store.write("a.json", fill)
    assert store.read_json("a.json") == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_ctrl_c_stops_cleanly_and_the_next_run_resumes(texts, tmp_path):
    for i in range(12, 400):
        (texts / f"p{i:03d}.txt").write_text(f"paper number {i} about stars")
    command = [sys.executable, "-m", "tests.engine.driver", str(texts), str(tmp_path / "run"), "local", "2"]
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 300
    while not list((tmp_path / "run").glob("papers-*/part-*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode != 0
    assert not list((tmp_path / "run").rglob(f"{TEMP_PREFIX}*"))
    report = launch(text_pipeline(texts), tmp_path / "run", Options(executor="inline")).report
    assert report["papers"]["in"] == 400 and report["stages"][0]["cached"] > 0
