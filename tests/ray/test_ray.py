"""Ray gives the same bytes: the README's `ray job submit` line, run literally, and a worker that dies."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.config import load_config, parse_config
from pipelines.corpus import pipeline
from pipelines.demo import __main__ as demo
from pipelines.launch import Options, launch

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[2]


def manifest(run: Path) -> bytes:
    report = json.loads((run / "report.json").read_text())
    return (run / report["release"] / "manifest.json").read_bytes()


def submit_line() -> str:
    """The README's `ray job submit` command, its continued lines joined."""
    readme = (PROJECT / "README.md").read_text()
    return re.search(r"ray job submit .*?(?=\n\n)", readme, re.DOTALL).group().replace("\\\n", " ")


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
