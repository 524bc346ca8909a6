"""One Ray head for the whole test session, started with token auth; its start is retried, its log shown on failure."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
STARTS = 3


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
    said = ""
    for _ in range(STARTS):
        gcs, dashboard = free_ports(2)
        command = ["ray", "start", "--head", "--num-cpus=2", "--node-ip-address=127.0.0.1", f"--port={gcs}"]
        command += [
            "--dashboard-host=127.0.0.1",
            f"--dashboard-port={dashboard}",
            f"--temp-dir={temp}",
            "--object-store-memory=200000000",
        ]
        started = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)
        if started.returncode == 0:
            break
        said = started.stdout + started.stderr
        subprocess.run(["ray", "stop", "--force"], env=env, capture_output=True)
        time.sleep(5)
    else:
        logs = sorted(temp.glob("session_latest/logs/raylet*"))
        tails = "\n".join(f"{p.name}: {p.read_text()[-3000:]}" for p in logs)
        pytest.fail(f"Ray did not start in {STARTS} tries\n{said}\n{tails}")
    yield Cluster(f"127.0.0.1:{gcs}", f"http://127.0.0.1:{dashboard}", env)
    subprocess.run(["ray", "stop", "--force"], env=env, capture_output=True, timeout=60)
