"""One Ray head for the whole test session, started with token auth, a child of the tests that ends with them; its start is retried, its log
shown on failure."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

BIN = Path(sys.executable).parent
STARTS = 3
START_S = 180


@dataclass(frozen=True)
class Cluster:
    """A head on loopback: its addresses and the environment that its clients need."""

    gcs: str
    dashboard: str
    env: dict[str, str]


def free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16), "PATH": f"{BIN}:{os.environ['PATH']}"}
    env |= {"RAY_USAGE_STATS_ENABLED": "0"}
    temp = Path("/tmp") / f"ray-test-{os.getpid()}"  # a short path: Ray's socket names are limited to 107 bytes
    log = tmp_path_factory.mktemp("ray") / "head.log"
    for _ in range(STARTS):
        gcs, dashboard = free_ports(2)
        command = ["ray", "start", "--head", "--block", "--num-cpus=2", "--node-ip-address=127.0.0.1", f"--port={gcs}"]
        command += [
            "--dashboard-host=127.0.0.1",
            f"--dashboard-port={dashboard}",
            f"--temp-dir={temp}",
            "--object-store-memory=200000000",
        ]
        with log.open("wb") as sink:
            head = subprocess.Popen(command, env=env, stdout=sink, stderr=subprocess.STDOUT)
        if has_started(head, log):
            break
        end(head)
    else:
        logs = sorted(temp.glob("session_latest/logs/raylet*"))
        tails = "\n".join(f"{p.name}: {p.read_text()[-3000:]}" for p in logs)
        pytest.fail(f"Ray did not start in {STARTS} tries\n{log.read_text()}\n{tails}")
    yield Cluster(f"127.0.0.1:{gcs}", f"http://127.0.0.1:{dashboard}", env)
    end(head)
    shutil.rmtree(temp, ignore_errors=True)


def has_started(head: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether the head says within START_S that it runs."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and head.poll() is None:
        if "Ray runtime started" in log.read_text():
            return True
        time.sleep(0.2)
    return False


def end(head: subprocess.Popen[bytes]) -> None:
    """End this head with the processes that it started, and no other Ray."""
    started = psutil.Process(head.pid).children(recursive=True) if head.poll() is None else []
    head.terminate()
    _, left = psutil.wait_procs(started, timeout=20)
    for process in left:
        process.kill()
    head.kill()
    head.wait()
