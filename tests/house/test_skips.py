"""In CI a test is skipped for want of real papers, a GPU or TeX, and for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.conftest import ABSENT

PROJECT = Path(__file__).parents[2]
ALLOWED = """
import pytest
@pytest.mark.needs_shared
def test_papers(): pass
def test_folder(shared): pass
@pytest.mark.needs_tex
def test_tex(): pass
def test_passes(): pass
"""
OTHER = """
import pytest
@pytest.mark.needs_shared
@pytest.mark.skipif(True, reason="Mondays")
def test_monday(): pass
@pytest.mark.needs_gpu
def test_tuesday(): pytest.skip("tired")
def test_wednesday(): pytest.skip("there is no pdflatex here")
def test_passes(): pass
"""
MODULE = """
import pytest
pytest.importorskip("no_such_library")
"""


def run(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", str(folder), "-c", os.devnull, "--rootdir", str(folder)]
    markers = ["-o", "markers=needs_shared\nneeds_gpu\nneeds_tex", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    env = (
        os.environ
        | {"PYTHONPATH": str(PROJECT), "ASTROCORPUS_SHARED": str(folder / "nothing"), "CI": "true", "PATH": ""}
        | env
    )
    return subprocess.run([*command, *markers], env=env, capture_output=True, text=True)


def test_only_absent_papers_and_gpus_are_excused(tmp_path: Path) -> None:
    (tmp_path / "test_allowed.py").write_text(ALLOWED)
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 3 skipped" in done.stdout
    (tmp_path / "test_other.py").write_text(OTHER)
    (tmp_path / "test_module.py").write_text(MODULE)
    done = run(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    for said in (
        "test_monday: Mondays",
        "test_wednesday: there is no pdflatex here",
        "skipped in CI: test_module.py: could not import 'no_such_library'",
    ):
        assert said in done.stdout
    assert "Error" not in done.stderr
    assert run(tmp_path, CI="").returncode == 0


def test_reasons_of_skips_are_printed_and_the_markers_exist() -> None:
    options = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert "-rs" in options["addopts"].split()
    assert set(ABSENT) <= {marker.partition(":")[0] for marker in options["markers"]}
