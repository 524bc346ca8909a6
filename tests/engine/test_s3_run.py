"""A run folder on s3://: the bytes of a local run, whatever is killed or cut on the way, and one driver at a time."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from curation.errors import RunError, UserError
from curation.place import Place, open_place, s3_lease
from pipelines.cli import main
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo.__main__ import HERE
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import release_files, run_process
from tests.engine.steps import DiesOnce, text_pipeline
from tests.servers.s3 import BUCKET, client

INLINE = Options(executor="inline")
KILLS = (2, 3, 5, 6, 7, 8, 9, 10, 11, 12)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    return folder


@pytest.fixture(scope="module")
def wanted(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    run = tmp_path_factory.mktemp("local") / "run"
    launch(text_pipeline(texts), run, INLINE)
    return release_files(run)


def test_the_demo_has_the_release_and_the_card_of_a_local_run_and_is_read_there(
    s3_uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local = tmp_path / "run"
    for run in (s3_uri, local):
        launch(pipeline(load_config(HERE / "demo.yaml")), run, INLINE)
    assert release_files(s3_uri) == release_files(local)
    there, here = open_place(s3_uri), open_place(local)
    release = json.loads(there.read("report.json"))["release"]
    assert there.read(f"{release}/card.html") == here.read(f"{release}/card.html")
    assert {f.name for f in there.list()} == {f.name for f in here.list()}

    told = {}
    for run in (s3_uri, str(local)):
        for command in ("trace {} 2301.00001", "ledger {}", "gc {}", "step {} metadata 2301.00001"):
            assert main(command.format(run).split()) == 0
        told[run] = capsys.readouterr().out.replace(run, "RUN")
    assert told[s3_uri] == told[str(local)] and "research: keep" in told[s3_uri]

    with there.writing("old-01234567/part-00000.parquet") as sink:
        sink.write(b"of another config")
    assert main(["gc", s3_uri, "--yes"]) == 0 and there.children("old-01234567") == ([], [])
    assert main(["card", s3_uri]) == 0 and there.read(f"{release}/card.html") == here.read(f"{release}/card.html")
    for out in (f"{s3_uri}-out", str(tmp_path / "out")):
        assert main(["release", s3_uri, "--out", out]) == 0
    assert contents(open_place(f"{s3_uri}-out")) == contents(open_place(tmp_path / "out"))


def contents(place: Place) -> dict[str, bytes]:
    return {file.name: place.read(file.name) for file in place.list()}


def test_a_driver_that_is_killed_at_ten_moments_ends_with_the_bytes_of_an_undisturbed_run(
    s3, s3_uri: str, texts: Path, wanted: dict[str, bytes]
) -> None:
    for number, moment in enumerate(KILLS):
        executor = "local" if number in (4, 8) else "inline"
        assert run_process(texts, s3_uri, executor, 2, moment) == -9, "a dead one's lease is taken over at once"
    assert run_process(texts, s3_uri, "inline", 1) == 0
    assert release_files(s3_uri) == wanted
    open_multiparts = client(s3.port).list_multipart_uploads(Bucket=BUCKET, Prefix=s3_uri.split("/", 3)[3])
    assert not open_multiparts.get("Uploads")


def test_a_killed_worker_does_no_harm(s3_uri: str, texts: Path, wanted: dict[str, bytes], tmp_path: Path) -> None:
    steps = text_pipeline(texts, documents=DiesOnce(mark=str(tmp_path / "mark")))
    launch(steps, s3_uri, Options(executor="local", workers=2))
    assert (tmp_path / "mark").exists() and release_files(s3_uri) == wanted


def test_a_network_that_is_cut_for_20_s_in_the_middle_of_a_run_is_waited_for(
    s3_uri: str, s3_proxy, texts: Path, wanted: dict[str, bytes]
) -> None:
    def cut() -> None:
        while len(s3_proxy.requests) < 200:
            if over.wait(0.01):
                return  # the run has ended, or failed
        s3_proxy.cut()
        time.sleep(20)
        s3_proxy.mend()

    over = threading.Event()
    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        launch(text_pipeline(texts), s3_uri, INLINE)
    finally:
        before = len(s3_proxy.requests)
        over.set()
        cutter.join()
    assert before > 200 and release_files(s3_uri) == wanted


def test_a_second_driver_is_refused_and_one_that_lost_its_lease_writes_no_more(
    s3_uri: str, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(s3_uri)
    with store.lock():
        with pytest.raises(UserError, match=r"another run is writing to s3://.* \(process \d+ on "):
            launch(text_pipeline(texts), s3_uri, INLINE)
        assert store.update_json("run.json", {"order": [], "stages": {}})
        monkeypatch.setattr(s3_lease, "_TRUSTED_S", 0.0)
        with pytest.raises(RunError, match=r"the lease .* could not be renewed"):
            store.update_json("run.json", {"order": [1], "stages": {}})
        with pytest.raises(RunError, match="the lease"):
            store.write_json("report.json", {})
    assert not store.exists("report.json")


def test_a_manifest_that_another_one_wrote_is_not_overwritten(s3_uri: str) -> None:
    mine, theirs = open_store(s3_uri), open_store(s3_uri)
    assert mine.update_json("a/_manifest.json", {"n": 1})
    assert theirs.update_json("a/_manifest.json", {"n": 2})
    with pytest.raises(RunError, match="was written by another process meanwhile"):
        mine.update_json("a/_manifest.json", {"n": 3})
    assert open_store(s3_uri).read_json("a/_manifest.json") == {"n": 2}
