"""A driver that was taken over, or a worker of it, goes on: nothing that the new one names changes, and nothing of the old is read."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curation.errors import RunError
from curation.place import Place, open_place, s3_lease
from data_cards import _write as write_page
from pipelines.cli import main
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.seal import SEALERS, sealed
from pipelines.engine.store import open_store
from pipelines.engine.task import execute
from pipelines.launch import Options, launch
from tests.engine.runs import release_files
from tests.engine.steps import Waits, text_pipeline
from tests.engine.tasks import FOLDER, Say, do, say

PART = f"{FOLDER}/part-00000"


@pytest.fixture(params=["folder", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "run") if request.param == "folder" else request.getfixturevalue("s3_uri")


class Stopped(Say):
    """Stops its process when its rows are made and nothing is written."""

    def run(self) -> Receipt:
        os.kill(os.getpid(), signal.SIGSTOP)
        return super().run()


def stopped(task: Say) -> Callable[[], None]:
    """Start a worker that stops before it writes; returns what lets it go on to its end."""
    old = Stopped(**vars(task))
    if (child := os.fork()) == 0:
        try:
            execute(old)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])

    def go_on() -> None:
        os.kill(child, signal.SIGCONT)
        assert os.waitpid(child, 0)[1] == 0

    return go_on


def stamps(place: Place) -> dict[str, str]:
    """Every file and what tells that it was not written again."""
    return {file.name: f"{file.stamp} {place.read(file.name)!r}" for file in place.list()}


@pytest.mark.parametrize("word", ["dust", "star"])
def test_a_worker_that_goes_on_after_a_take_over_changes_nothing(root: str, word: str) -> None:
    """Of other inputs, or of the same."""
    go_on = stopped(say(root, word))
    made = do(say(root, "star"))
    place = open_place(root)
    before = stamps(place)
    assert before.keys() == {f"{PART}.parquet", f"{PART}.json", f"{FOLDER}/letters/part-00000.parquet"}
    go_on()
    after = stamps(place)
    assert {name: after[name] for name in before} == before, "what the new driver's receipt names is as it was"
    strays = after.keys() - before.keys()
    assert len(strays) == (0 if word == "star" else 2) and not any(name.endswith(".json") for name in strays)
    assert do(replace(say(root, "sand"), target=f"{PART}.r1")).file not in strays | before.keys()
    assert open_store(root).read_as(f"{PART}.json", Receipt.from_json) == made


@pytest.mark.parametrize("word", ["dust", "star"])
def test_what_a_worker_left_before_the_take_over_is_not_read(root: str, word: str) -> None:
    """Two words with one first letter would share a side table."""
    old = execute(say(root, word))
    place = open_place(root)
    before = stamps(place)
    new = do(say(root, "star"))
    assert new.file == (old.file if word == "star" else f"{PART}.r1.parquet"), "only what is the same to the byte"
    assert {name: stamps(place)[name] for name in before} == before
    for file, size in new.files():
        assert place.size(file) == size
    assert open_store(root).read_table(new.file, ["word"])["word"].to_pylist() == ["star"]


def test_of_two_receipts_of_one_name_the_second_stops_its_run(root: str) -> None:
    old = execute(say(root, "star"))
    new = do(replace(say(root, "star"), digests={"documents": "of other inputs, with the same rows"}))
    assert new.file == old.file
    with pytest.raises(RunError, match=r"part-00000\.json was written by another process meanwhile"):
        list(sealed(open_store(root), [old]))
    assert open_store(root).read_as(f"{PART}.json", Receipt.from_json) == new


def test_who_lost_the_lease_writes_no_receipt_and_removes_nothing(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store, task = open_store(s3_uri), say(s3_uri, "star")
    with store.lock():
        receipt = execute(task)
        monkeypatch.setattr(s3_lease, "_TRUSTED_S", 0.0)
        for write in (
            lambda: list(sealed(store, [receipt])),
            lambda: list(sealed(store, [receipt], [receipt.file])),
            lambda: store.remove(receipt.file),
            lambda: store.remove_folder(FOLDER),
            lambda: write_page(store.below("release"), "card.html", "a card"),
        ):
            with pytest.raises(RunError, match="the lease"):
                write()
    assert not store.exists(f"{PART}.json") and store.exists(receipt.file) and not store.exists("release/card.html")


def test_receipts_are_written_side_by_side_and_all_before_an_error_is_told(tmp_path: Path) -> None:
    tasks = [say(tmp_path, "star", part=i) for i in range(2 * SEALERS)]

    def made():
        yield from map(execute, tasks)
        raise RunError("a later part")

    told = []
    with pytest.raises(RunError, match="a later part"):
        for receipt in sealed(open_store(tmp_path), made()):
            assert (tmp_path / f"{receipt.target}.json").exists()
            told.append(receipt.part)
    assert told == list(range(len(told))) and len(list(tmp_path.glob(f"{FOLDER}/*.json"))) == len(tasks)


def test_a_run_that_was_taken_over_and_goes_on_leaves_the_other_one_as_it_is(
    s3_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker, cut off, cannot read a paper: a file of it in the place of the new one's would lose the paper."""
    monkeypatch.setattr(s3_lease, "RENEW_S", 0.2)
    texts, place = tmp_path / "texts", open_place(s3_uri)
    texts.mkdir()
    for i in range(12):
        (texts / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    told: list[BaseException] = []

    def old() -> None:
        try:
            launch(text_pipeline(texts, documents=Waits(wait_in=str(tmp_path))), s3_uri, Options(executor="inline"))
        except RunError as error:
            told.append(error)

    running = threading.Thread(target=old)
    running.start()
    while not (tmp_path / "waiting").exists():
        assert running.is_alive()
        time.sleep(0.02)
    with place.writing(".lock") as sink:
        sink.write(json.dumps({"free": True}).encode())
    launch(text_pipeline(texts), s3_uri, Options(executor="inline"))
    wanted, before = release_files(s3_uri), stamps(place)
    (tmp_path / "go").touch()
    running.join()
    assert len(told) == 1 and "was taken over by another run" in str(told[0])
    after = stamps(place)
    assert {name: after[name] for name in before if name != ".lock"} == {
        name: stamp for name, stamp in before.items() if name != ".lock"
    }
    [stray] = after.keys() - before.keys()
    assert stray.endswith("/part-00001.r1.parquet"), "without a receipt"

    report = launch(text_pipeline(texts), s3_uri, Options(executor="inline")).report
    assert not any(stage["computed"] or stage["asked_again"] for stage in report["stages"])
    assert release_files(s3_uri) == wanted and report["papers"]["in"] == report["tiers"]["public"]["released"] == 12
    assert main(["gc", s3_uri, "--yes"]) == 0 and place.size(stray) is None
    manifest = Manifest.from_json(json.loads(place.read(f"{stray.partition('/')[0]}/{MANIFEST}")))
    assert all(place.size(file) == size for part in manifest.parts for file, size in part.files())
