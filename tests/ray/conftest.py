"""One Ray head for the whole test session, started with token auth, a child of the tests that ends with them; it takes jobs
once it is handed out. Its start is retried, its log shown on failure. Its environment has, as a real head's, what stores and engines
want: the keys of a bucket, and one of a language model."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.servers.ports import free_ports
from tests.servers.s3 import S3Server

BIN = Path(sys.executable).parent
LLM_KEY, PLANTED = "LAB_LLM_KEY", f"sk-planted-{secrets.token_hex(12)}"
"""The environment variable of the head that holds the key of a language model, and that key."""
STARTS = 3
START_S = 180


@dataclass(frozen=True)
class Cluster:
    """A head on loopback: its addresses, its job agent's, the environment that its clients need, its folder of logs and the like, and
    the folder where drivers on it keep what belongs to a machine."""

    gcs: str
    dashboard: str
    agent: str
    env: dict[str, str]
    temp: Path
    state: Path


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, s3: S3Server) -> Iterator[Cluster]:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16), "PATH": f"{BIN}:{os.environ['PATH']}"}
    env |= {"RAY_USAGE_STATS_ENABLED": "0"}
    env |= {"RAY_memory_monitor_refresh_ms": "0"}  # else what others do with this machine's memory ends our workers
    env |= {"RAY_worker_niceness": "0"}  # else others on this machine come first
    state = tmp_path_factory.mktemp("state")
    secret = {**s3.env, LLM_KEY: PLANTED, "XDG_STATE_HOME": str(state)}
    temp = Path("/tmp") / f"ray-test-{os.getpid()}"  # a short path: Ray's socket names are limited to 107 bytes
    log = tmp_path_factory.mktemp("ray") / "head.log"
    for _ in range(STARTS):
        gcs, dashboard, agent = free_ports(3)
        command = ["ray", "start", "--head", "--block", "--num-cpus=2", "--node-ip-address=127.0.0.1", f"--port={gcs}"]
        command += [
            "--dashboard-host=127.0.0.1",
            f"--dashboard-port={dashboard}",
            f"--dashboard-agent-listen-port={agent}",
            f"--temp-dir={temp}",
            "--object-store-memory=200000000",
        ]
        with log.open("wb") as sink:
            head = subprocess.Popen(command, env=env | secret, stdout=sink, stderr=subprocess.STDOUT)
        if has_started(head, log, agent):
            break
        end(head)
    else:
        logs = sorted(temp.glob("session_latest/logs/raylet*"))
        tails = "\n".join(f"{p.name}: {p.read_text()[-3000:]}" for p in logs)
        pytest.fail(f"Ray did not start in {STARTS} tries\n{log.read_text()}\n{tails}")
    yield Cluster(f"127.0.0.1:{gcs}", f"http://127.0.0.1:{dashboard}", f"http://127.0.0.1:{agent}", env, temp, state)
    end(head)
    shutil.rmtree(temp, ignore_errors=True)


def has_started(head: subprocess.Popen[bytes], log: Path, agent: int) -> bool:
    """Whether the head says within START_S that it runs, and its agent, without which it takes no jobs, that it is up."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and head.poll() is None:
        if "Ray runtime started" in log.read_text() and is_up(agent):
            return True
        time.sleep(0.2)
    return False


def is_up(agent: int) -> bool:
    """Whether the job agent answers: the head gives up on one that does not come within 10 s (Ray 2.60)."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{agent}/api/local_raylet_healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
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
