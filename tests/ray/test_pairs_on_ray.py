"""Pairs under `ray job submit` with a run folder in a bucket: what a killed driver had answered is kept, the bytes are those of a local
run, and the key of the language model is told nobody."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from curation.place import open_place
from curation.place.s3 import forget_clients
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from tests.engine.runs import release_files
from tests.ray.conftest import LLM_KEY, PLANTED, Cluster
from tests.ray.test_ray import submit_line
from tests.servers.chat import ChatServer
from tests.servers.s3 import BUCKET
from tests.sft.rings import rings_config, write_rings
from tests.sft.scripted import answer

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[2]
NAMES = ("Aurel", "Borva", "Caldr", "Dorve", "Elmir")
IN_FLIGHT = 2
KILLED_AT = 12
"""Answers after which the driver is killed: in the middle of a stage."""
API = ("jobs/", "v0/tasks?detail=1", "v0/actors?detail=1", "v0/workers?detail=1", "v0/jobs?detail=1")
"""What a head tells of its jobs, tasks and processes."""


@dataclass(frozen=True)
class Ran:
    """What was done: a local run, and one in a bucket whose driver was killed and followed by another."""

    local: Path
    remote: str
    config: Path
    said: list[str]
    first: int
    second: int
    repaid: int
    api: str


def _answer(body: Mapping[str, Any]) -> str:
    """One paper's questions are refused, by an error that shows the key."""
    return "400" if "Elmir" in str(body["messages"]) and "Say yes" not in str(body) else answer(body)


def _submit(cluster: Cluster, config: Path, run: str) -> subprocess.Popen[str]:
    """The README's line, for pairs."""
    line = submit_line().replace("pipelines.corpus", "pipelines.pairs")
    line = line.replace("pipelines/demo/demo.yaml", str(config)).replace("/shared/runs/demo", run)
    env = {**cluster.env, "RAY_ADDRESS": cluster.dashboard}
    return subprocess.Popen(
        ["bash", "-c", line], cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _driver(run: str) -> psutil.Process | None:
    """The driver of a run, on the head."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[1:3] == ["-m", "pipelines.pairs"] and run in words:
            return process
    return None


def _told(cluster: Cluster) -> str:
    """What the head tells who asks it."""
    said = []
    for path in API:
        asked = urllib.request.Request(f"{cluster.dashboard}/api/{path}")
        asked.add_header("Authorization", f"Bearer {cluster.env['RAY_AUTH_TOKEN']}")
        with urllib.request.urlopen(asked, timeout=60) as reply:
            said.append(reply.read().decode())
    return "\n".join(said)


@pytest.fixture(scope="module")
def ran(cluster: Cluster, s3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("pairs")
    forget_clients()
    write_rings(folder / "rows.jsonl", NAMES)
    remote, config = f"s3://{BUCKET}/pairs-on-ray", folder / "c.yaml"
    with pytest.MonkeyPatch.context() as patch, ChatServer(_answer, faults={"429": 0.1, "cut": 0.05}) as server:
        for name, value in {**s3.env, LLM_KEY: PLANTED}.items():
            patch.setenv(name, value)
        engine = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": server.url}
        engine |= {"key_env": LLM_KEY, "max_in_flight": IN_FLIGHT, "seal_every_s": 3600}
        config.write_text(json.dumps(rings_config(str(folder / "rows.jsonl"), engine, judge={})))
        launch(pipeline(load_config(config)), folder / "run", Options(executor="inline"))
        good, asked = server.good(), len(server.log)

        server.latency_s = 0.2
        job = _submit(cluster, config, remote)
        while sum(server.good().values()) < sum(good.values()) + KILLED_AT:
            assert job.poll() is None, job.communicate()[0]
            time.sleep(0.02)
        server.holds = True  # it does not end while it is looked for
        driver = _driver(remote)
        assert driver is not None
        driver.kill()
        said = [job.communicate(timeout=300)[0]]
        assert job.returncode != 0
        server.holds, server.latency_s = False, 0.0
        first = len(server.log) - asked
        job = _submit(cluster, config, remote)
        said.append(job.communicate(timeout=300)[0])
        assert job.returncode == 0, said[-1][-4000:]
        repaid = sum((server.good() - good - good).values())
        yield Ran(folder / "run", remote, config, said, first, len(server.log) - asked - first, repaid, _told(cluster))


def _tables(run: Path | str) -> dict[str, bytes]:
    place = open_place(run)
    return {
        f.name: place.read(f.name)
        for f in place.list()
        if f.name.endswith((".parquet", ".arrow")) and "engines/" not in f.name
    }


def test_the_bytes_are_those_of_a_local_run(ran: Ran) -> None:
    local, remote = _tables(ran.local), _tables(ran.remote)
    assert {name.partition("-")[0] for name in local} >= {
        "questions",
        "evidence",
        "chains",
        "answers",
        "pair_judgements",
        "pairs",
    }
    assert sorted(remote) == sorted(local)
    assert [name for name in local if local[name] != remote[name]] == []
    assert release_files(ran.remote) == release_files(ran.local)
    assert any("t-pairs/" in name for name in release_files(ran.local))


def test_a_killed_driver_loses_what_was_in_flight(ran: Ran) -> None:
    assert ran.first >= KILLED_AT and ran.second > 0
    assert ran.repaid <= IN_FLIGHT
    stages = json.loads(open_place(ran.remote).read("report.json"))["stages"]
    engines = [stage["engine"] for stage in stages if "engine" in stage]
    now, before, in_all = (sum(e[when]["requests"] for e in engines) for when in ("this_run", "from_store", "in_all"))
    assert now + before == in_all and before >= KILLED_AT - IN_FLIGHT and now > 0


def test_replies_lie_on_the_drivers_disk_and_sealed_in_the_bucket(ran: Ran, cluster: Cluster) -> None:
    place = open_place(ran.remote)
    assert (cluster.state / "astrocorpus/engines" / place.read("engines/id.txt").decode() / "replies.sqlite").exists()
    names = [file.name for file in place.list()]
    assert not [name for name in names if "sqlite" in name]
    assert [name for name in names if name.startswith("engines/replies/") and name.endswith(".parquet")]


def test_the_key_is_told_nobody(ran: Ran, cluster: Cluster) -> None:
    assert ran.config.name == "c.yaml" and LLM_KEY in ran.config.read_text()
    place = open_place(ran.remote)
    told = {"said": "\n".join(ran.said).encode(), "api": ran.api.encode()}
    told |= {f"{ran.remote}/{file.name}": place.read(file.name) for file in place.list()}
    folders = (ran.local, cluster.state, cluster.temp, ran.config.parent)
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
    told |= {str(path): path.read_bytes() for path in files}
    assert any(b"[key]" in body for body in told.values()), "the server shows it, and it is hidden"
    assert "pipelines.pairs" in ran.api and any("job-driver" in name for name in told)
    assert [name for name, body in told.items() if PLANTED.encode() in body] == []
