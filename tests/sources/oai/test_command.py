"""`astrocorpus sources harvest` as processes: the pace over all of them, one at a time, killed at any moment."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from curation.place import open_place
from curation.sources.fold_files import lines_of
from curation.sources.oai.keep import RECORDS
from tests.sources.oai.server import Item, Reply, Server, xml

SET = "physics:astro-ph"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path, server: Server) -> Start:
    def started(folder: str, *more: str, interval_s: float = 0.0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pipelines.cli", "sources", "harvest", where(tmp_path, folder), "--set", SET]
        command += ["--url", server.url, "--interval-s", str(interval_s), *more]
        environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
        return subprocess.Popen(
            command,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
        )

    return started


def where(tmp_path: Path, folder: str) -> str:
    return folder if "://" in folder else str(tmp_path / folder)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out, error


def records(folder: Path | str) -> dict[str, Any]:
    found = [json.loads(line) for _, line in lines_of(open_place(str(folder)), RECORDS)]
    assert len({r["id"] for r in found}) == len(found), "a record stands there twice"
    return {r["id"]: (r["update_date"], r.get("title")) for r in found}


def filled(server: Server, count: int) -> dict[str, Any]:
    chosen = random.Random(5)
    days = [f"2024-{month:02d}-{day:02d}" for month in (1, 2) for day in range(1, 29)]
    server.put(*(Item(f"2301.{n:05d}", chosen.choice(days), f"Title {n}") for n in range(1, count + 1)))
    return {i.id: (i.day, i.title) for i in server.items.values()}


def test_requests_of_all_processes_are_spaced_by_the_servers_clock(
    server: Server, start: Start, tmp_path: Path
) -> None:
    """The server notes when a request comes, before it answers; the client waits from the end of the answer, so the next one
    comes later by more than the interval, however busy the machine. Also when it is told off, redirected, or another process."""
    filled(server, 12)
    server.on_request = lambda number, _: {
        4: (503, {"Retry-After": "0"}, b""),
        5: (302, {"Location": f"{server.url}?x=1"}, b""),
        6: (500, {}, b""),
    }.get(number)
    for folder in ("one", "two"):
        assert ended(start(folder, interval_s=0.25))[0] == 0
    gaps = [after - before for before, after in pairwise(server.came)]
    assert len(gaps) > 16 and min(gaps) > 0.25
    assert (
        records(tmp_path / "one")
        == records(tmp_path / "two")
        == {i.id: (i.day, i.title) for i in server.items.values()}
    )


def test_second_harvester_is_refused_with_the_name_of_the_first(server: Server, start: Start, tmp_path: Path) -> None:
    filled(server, 3)
    told = threading.Event()
    server.on_request = lambda number, _: (told.wait(300), None)[1] if number == 1 else None
    first = start("one")
    while not server.asked:
        time.sleep(0.02)
    for folder in ("one", "two"):
        code, _, error = ended(start(folder))
        assert code == 2 and f"another harvest into {tmp_path / 'one'}" in error and f"process {first.pid} on" in error
    assert len(server.asked) == 1, "it asked nothing"
    first.kill()
    told.set()
    ended(first)
    assert ended(start("one"))[0] == 0, "a dead one holds nothing"


@pytest.mark.parametrize("when", ["before", "in the middle", "after"])
def test_killed_at_any_request_it_goes_on_without_gap_or_double(
    server: Server, start: Start, tmp_path: Path, when: str
) -> None:
    """Killed -9 around every third request: as it asks, with half of the answer, or when the whole answer was sent."""
    truth = filled(server, 30)
    running: list[subprocess.Popen[str]] = []
    kills = [0]

    def kill(number: int, arguments: dict[str, str]) -> Reply | None:
        if number % 4 or kills[0] == 4:
            return None
        kills[0] += 1
        if when == "before":
            running[-1].send_signal(signal.SIGKILL)
            return None
        status, headers, body = _xml(server, arguments)
        if when == "in the middle":
            running[-1].send_signal(signal.SIGKILL)
            return status, headers | {"Content-Length": str(len(body))}, body[: len(body) // 2]
        _kill_soon(running[-1])
        return status, headers, body

    server.on_request = kill
    for _ in range(12):
        running.append(start("h"))
        if ended(running[-1])[0] == 0:
            break
    assert kills[0] == 4
    assert records(tmp_path / "h") == truth
    assert not list((tmp_path / "h" / "pages").iterdir())


def _xml(server: Server, arguments: dict[str, str]) -> Reply:
    return xml(server.answer(arguments), server.today, arguments)


def _kill_soon(process: subprocess.Popen[str]) -> None:
    """A moment after the answer: while its page or state is written, or a later one is asked for."""
    threading.Timer(random.Random(process.pid).uniform(0.002, 0.03), process.send_signal, (signal.SIGKILL,)).start()


def test_folder_on_s3_is_held_killed_and_gone_on_with(server: Server, start: Start, s3_uri: str) -> None:
    truth = filled(server, 12)
    running: list[subprocess.Popen[str]] = []

    def kill(number: int, _: dict[str, str]) -> None:
        if number == 6:
            second = start(s3_uri)
            code, _, error = ended(second)
            assert code == 2 and f"another harvest into {s3_uri}" in error
            running[-1].send_signal(signal.SIGKILL)

    server.on_request = kill
    for _ in range(2):
        running.append(start(s3_uri))
        code, _, error = ended(running[-1])
    assert code == 0, error
    assert records(s3_uri) == truth
    assert not open_place(s3_uri).children("pages").files


def test_interrupted_it_says_how_to_go_on(server: Server, start: Start, tmp_path: Path) -> None:
    asked = threading.Event()
    server.on_request = lambda number, _: asked.set() if number == 4 else None
    process = start("h", interval_s=1.0)
    assert asked.wait(60)
    process.send_signal(signal.SIGINT)
    code, _, error = ended(process)
    assert code == 1 and f"stopped; what came is kept in {tmp_path / 'h'}: the same command goes on there" in error


def test_retry_after_is_waited_for(server: Server, start: Start) -> None:
    server.on_request = lambda number, _: (503, {"Retry-After": "1"}, b"") if number == 1 else None
    assert ended(start("h"))[0] == 0
    assert server.came[1] - server.came[0] >= 1


def test_a_folder_of_something_else_is_refused_and_left_alone(server: Server, tmp_path: Path) -> None:
    stray = tmp_path / "lab" / "runs" / ".tmp-1-part-00000.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"what a run is writing")
    command = ["sources", "harvest", str(tmp_path / "lab"), "--url", server.url, "--interval-s", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *command], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2 and "is no folder of a harvest (it holds 'runs')" in done.stderr
    assert stray.exists()


def test_harvest_of_another_server_or_format_needs_a_folder_of_its_own(server: Server, start: Start) -> None:
    assert ended(start("h"))[0] == 0
    code, _, error = ended(start("h", "--prefix", "oai_dc"))
    assert code == 2 and "begin another one in a folder of its own" in error


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--from", "yesterday"], "--from yesterday is no day; write YYYY-MM-DD"),
        (["--url", "ftp://x"], "is no address of a server"),
        (["--url", "https://[x"], "is no address of a server"),
        (["--url", "https://OAIPMH.arXiv.org./oai", "--interval-s", "2.9"], "arXiv allows one request in 3 s"),
        *(
            (["--url", url], "--url names a user or a password")
            for url in ("https://me:secret@127.0.0.1/oai", "ftp://me:secret@x/", "https://me:secret@[x", "me:secret@x")
        ),
        (["--url", "https://oaipmh.arxiv.org/oai", "--interval-s", "1"], "arXiv allows one request in 3 s"),
        (["--into", "nowhere.jsonl"], "nowhere.jsonl is not there"),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(server: Server, start: Start, more: list[str], words: str) -> None:
    code, _, error = ended(start("h", *more))
    assert code == 2 and words in error and "secret" not in error
    assert not server.asked


def test_what_came_is_told_and_folded_into_a_snapshot(server: Server, start: Start, tmp_path: Path) -> None:
    filled(server, 4)
    server.put(Item("2301.00005", "2024-02-01", is_deleted=True), Item("x-y-z", "2024-02-01"))
    snapshot = tmp_path / "snapshot.jsonl.gz"
    old = [
        {"id": "0704.0001", "title": "Old", "update_date": "2008-11-26"},
        {"id": "2301.00005", "title": "To go", "update_date": "2023-01-01"},
        {"id": "2301.00001", "title": "Older", "update_date": "2023-01-01"},
    ]
    snapshot.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in old).encode()))
    code, out, error = ended(start("h", "--into", str(snapshot)))
    assert code == 0
    assert f"{tmp_path / 'h' / RECORDS}: 5 papers: 5 new, 0 changed, 0 same, 0 untouched; 1 deleted now" in out
    assert f"{snapshot}: 6 papers: 3 new, 2 changed, 0 same, 1 untouched; 1 deleted now" in out
    assert "1 records name no paper of arXiv" in error
    lines = [json.loads(line) for line in gzip.decompress(snapshot.read_bytes()).splitlines()]
    assert [r["id"] for r in lines] == ["0704.0001", *(f"2301.{n:05d}" for n in range(1, 6))]
    assert lines[-1] == {
        "id": "2301.00005",
        "title": "To go",
        "update_date": "2024-02-01",
        "is_deleted": True,
        "is_withdrawn": True,
    }
    before = snapshot.read_bytes()
    assert ended(start("h", "--into", str(snapshot)))[0] == 0
    assert snapshot.read_bytes() == before
