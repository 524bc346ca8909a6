"""Ray gives the same bytes: the README's `ray job submit` line, run literally, and after a worker died. What ends a run is
told in words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.config import load_config, parse_config
from pipelines.corpus import pipeline
from pipelines.demo import __main__ as demo
from pipelines.launch import Options, launch
from tests.engine.driver_steps import Shouts, loud_pipeline
from tests.engine.runs import release_files, temp_files
from tests.engine.steps import text_pipeline

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[2]


def manifest(run: Path) -> bytes:
    report = json.loads((run / "report.json").read_text())
    return (run / report["release"] / "manifest.json").read_bytes()


def submit_line() -> str:
    """The README's `ray job submit` command, its continued lines joined."""
    readme = (PROJECT / "README.md").read_text()
    return re.search(r"ray job submit .*?(?=\n\n)", readme, re.DOTALL).group().replace("\\\n", " ")


def test_the_readme_waits_until_jobs_are_taken(cluster):
    wait = re.search(r"until curl .*? done", (PROJECT / "README.md").read_text()).group()
    assert "http://127.0.0.1:52365" in wait  # Ray's own port where the head is started as the README says
    line = wait.replace("http://127.0.0.1:52365", cluster.agent)
    assert subprocess.run(["bash", "-c", line], timeout=60, capture_output=True).stdout == b"success"


def submit(cluster, config: Path | str, run: Path) -> str:
    line = submit_line()
    assert "pipelines/demo/demo.yaml" in line and "/shared/runs/demo" in line
    line = line.replace("pipelines/demo/demo.yaml", str(config)).replace("/shared/runs/demo", str(run))
    env = {**cluster.env, "RAY_ADDRESS": cluster.dashboard}
    done = subprocess.run(["bash", "-c", line], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=600)
    return done.stdout + done.stderr if done.returncode else ""


def test_the_readme_line_gives_the_bytes_of_local(cluster, tmp_path):
    failed = submit(cluster, "pipelines/demo/demo.yaml", tmp_path / "ray")
    assert not failed, failed[-4000:]
    launch(pipeline(load_config(demo.HERE / "demo.yaml")), tmp_path / "local", Options())
    assert manifest(tmp_path / "ray") == manifest(tmp_path / "local")


@pytest.mark.needs_shared
def test_real_papers_on_ray_give_the_bytes_of_local(cluster, shared, tmp_path):
    value = {"name": "real", "sources": [{"name": "papers", "path": str(shared / "papers"), "part_papers": 5}]}
    config = tmp_path / "real.yaml"
    config.write_text(json.dumps(value))
    failed = submit(cluster, config, tmp_path / "ray")
    assert not failed, failed[-4000:]
    launch(pipeline(parse_config(value, tmp_path)), tmp_path / "local", Options())
    assert manifest(tmp_path / "ray") == manifest(tmp_path / "local")


def test_a_run_folder_in_rays_copy_is_refused(cluster):
    failed = submit(cluster, "pipelines/demo/demo.yaml", Path("runs/ray"))
    assert "give --run as an absolute path" in " ".join(failed.split())


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(
            f"{'abcde'[i % 5]} text number {i} of the small corpus, with a few words."
        )
    return folder


def drive(cluster, texts, run, step: str = "Texts", max_task_s: int = 600, address: str = "") -> str:
    """What a driver says when its run ends with an error; empty when all is well."""
    env = {**cluster.env, "RAY_ADDRESS": address or cluster.gcs, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.ray.driver", str(texts), str(run), step, str(max_task_s)]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=300)
    return done.stderr if done.returncode else ""


def test_a_worker_that_dies_costs_a_retry_only(cluster, texts, tmp_path):
    mark = tmp_path / "died"
    assert not drive(cluster, texts, tmp_path / "ray", f'DiesOnce{{"mark": "{mark}"}}')
    assert mark.exists()
    assert not temp_files(tmp_path / "ray")
    launch(text_pipeline(texts), tmp_path / "inline", Options(executor="inline"))
    ours, theirs = release_files(tmp_path / "ray"), release_files(tmp_path / "inline")
    assert ours == theirs


def test_a_step_may_ask_for_all_memory_of_a_node(cluster, texts, tmp_path):
    env = {**cluster.env, "RAY_ADDRESS": cluster.gcs, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.ray.driver", str(texts), str(tmp_path / "run"), "Greedy", "600"]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr
    said = re.findall(r"step documents: a task may take 1,000,000,000 MB, and no node .* gets all of one", done.stderr)
    assert len(said) == 1  # once a stage


def test_a_driver_stage_has_the_bytes_of_inline(cluster, texts, tmp_path):
    step = Shouts(log=str(tmp_path), parts_in_flight=2)
    env = {**cluster.env, "RAY_ADDRESS": cluster.gcs, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.engine.driver_steps", str(texts), str(tmp_path / "ray"), "ray"]
    command.append(step.model_dump_json())
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr
    launch(loud_pipeline(texts, step), tmp_path / "inline", Options(executor="inline"))
    assert release_files(tmp_path / "ray") == release_files(tmp_path / "inline")
    shouts = [
        [f.read_bytes() for f in sorted((tmp_path / r).glob("shouts-*/part-*.parquet"))] for r in ("ray", "inline")
    ]
    assert shouts[0] == shouts[1] and len(shouts[0]) == 4


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("DiesAlways", r"RunError: a Ray worker died 4 times on documents-\S*/part-0000\d; look at the memory"),
        ("NeedsMuch", r"RunError: step documents asks for 1,000,001,02. MB a task, and no node"),
        ("NeedsCpus", "RunError: step documents needs 3 CPUs a task, and no node has more than 2"),
        ("Hangs", r"RunError: no task ended in 30 s; .*: documents-"),
    ],
)
def test_what_ends_a_run_is_told(cluster, texts, tmp_path, step, said):
    error = drive(cluster, texts, tmp_path / "run", step, 30 if step == "Hangs" else 600)
    assert re.search(said, error), error
    assert "Traceback" not in error


def test_the_address_of_a_dashboard_is_told(cluster, texts, tmp_path):
    error = drive(cluster, texts, tmp_path / "run", address=cluster.dashboard)
    assert "a dashboard, which takes `ray job submit`; to run from here set it to HOST:6379" in error
    assert "Traceback" not in error


def test_a_model_server_of_the_driver_is_held_on_its_node_and_never_beside_more_than_there_is(cluster):
    env = {**cluster.env, "RAY_ADDRESS": cluster.gcs, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.ray.held"]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    (cpus, memory), (cpus_left, memory_left) = told["before"], told["during"]
    assert cpus - cpus_left == 1 and memory - memory_left == pytest.approx(told["memory_mb"], abs=2)
    assert told["none"] == told["during"]
    assert "were not free in 1 s" in told["waits"] and "--entrypoint-num-cpus" in told["waits"]
    assert told["said"] == [f"the model waits for {cpus:g} CPUs and 1 MB on the driver's node"] * 2
    assert told["never"].startswith("the model takes 1000 CPUs, and the driver's node gives Ray 2")
