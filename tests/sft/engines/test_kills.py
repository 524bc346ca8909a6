"""1,500 requests to a server that fails at one in three, by a process that is killed three times."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from curation.sft.store import ReplyStore
from tests.conftest import PROJECT
from tests.servers.chat import ChatServer

N, IN_FLIGHT, KILLED_AT = 1500, 48, (200, 600, 1000)
FAULTS = {
    "429": 0.06,
    "500": 0.10,
    "503": 0.02,
    "cut": 0.05,
    "no_json": 0.03,
    "half_json": 0.03,
    "drop": 0.055,
    "timeout": 0.005,
}
KEY = "sk-planted-0123456789abcdef"


def test_no_reply_is_lost_or_paid_twice_though_the_process_is_killed(tmp_path: Path) -> None:
    with ChatServer(faults=FAULTS, retry_after_s=0.03, timeout_s=10.0, latency_s=0.01) as server:
        settings = _settings(tmp_path, server.url)
        paid: Counter[str] = Counter()
        for released in KILLED_AT:
            _killed(settings, released)
            again = sum(count - 1 for count in server.good().values())
            assert again - paid.total() <= IN_FLIGHT, "more than what was in flight was paid again"
            paid = Counter({key: count - 1 for key, count in server.good().items() if count > 1})
        told = _finished(settings)
        assert told["done"] + told["cached"] == N and told["failed"] == 0
        assert sum(count - 1 for count in server.good().values()) <= IN_FLIGHT * len(KILLED_AT)
        assert len(server.good()) == N
        assert not any(served.too_soon for served in server.log)
        assert {served.outcome for served in server.log} == {"ok", *FAULTS}
        assert {served.key_shown for served in server.log} == {f"Bearer {KEY}"}

        rows = [json.loads(line) for line in Path(settings["out"]).read_text().splitlines()]
        assert len({row["key"] for row in rows}) == N and not any(row["error"] for row in rows)
        released_keys = Path(settings["released"]).read_text().split()
        assert set(released_keys) == {row["key"] for row in rows}
        store = ReplyStore(Path(settings["store"]))
        assert len(store) == N
        assert [(r := store.get(row["key"])) and r.text for row in rows] == [row["text"] for row in rows]
        store.close()

        first, asked = Path(settings["out"]).read_bytes(), len(server.log)
        assert _finished(settings) == {"done": 0, "cached": N, "failed": 0, "tries": 0}
        assert Path(settings["out"]).read_bytes() == first

        Path(settings["store"]).rename(tmp_path / "lost")  # another machine, which has the sealed files alone
        assert _finished(settings)["cached"] == N
        assert Path(settings["out"]).read_bytes() == first and len(server.log) == asked
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert KEY.encode() not in path.read_bytes(), path


def _settings(tmp_path: Path, url: str) -> dict[str, Any]:
    engine = {
        "kind": "endpoint",
        "model": "m",
        "licence": "MIT",
        "base_url": url,
        "key_env": "PLANTED",
        "max_in_flight": IN_FLIGHT,
        "timeout_s": 8.0,  # far more than an answer takes on a busy machine: who times out by chance pays again
        "seal_every_s": 1.0,
    }
    paths = {name: str(tmp_path / name) for name in ("store", "place", "released", "out")}
    settings = {"engine": engine, "n": N, **paths}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    return settings


def _started(settings: dict[str, Any]) -> subprocess.Popen[str]:
    folder = Path(settings["store"]).parent
    log = (folder / "log").open("a")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sft.engines.asking", str(folder / "settings.json")],
        cwd=PROJECT,
        env={**os.environ, "PLANTED": KEY, "PYTHONASYNCIODEBUG": "0"},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )


def _killed(settings: dict[str, Any], released: int) -> None:
    """Let it run until so many replies were released in all, then kill it."""
    process, path = _started(settings), Path(settings["released"])
    while not path.exists() or path.read_bytes().count(b"\n") < released:
        assert process.poll() is None, (path.parent / "log").read_text()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _finished(settings: dict[str, Any]) -> dict[str, int]:
    process = _started(settings)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, (Path(settings["store"]).parent / "log").read_text()
    result: dict[str, int] = json.loads(told)
    return result
