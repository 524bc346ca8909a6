"""The source goes at random moments of a run and comes back: the same command ends with the bytes of an undisturbed run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUNS = 20
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler (cc) here")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["root", "paper", pytest.param("eio", marks=needs_cc)])
def test_after_an_outage_the_same_command_ends_as_if_there_had_been_none(kind: str, tmp_path: Path) -> None:
    env = {**os.environ, "OUTAGE_ROOT": str(tmp_path / "source")}
    if kind == "eio":
        library = tmp_path / "outage.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "outage.c", "-ldl"], check=True)
        env["LD_PRELOAD"] = str(library)
    command = [sys.executable, "-m", "tests.engine.outages", kind, str(tmp_path), str(RUNS)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    told = done.stdout.splitlines()
    assert done.returncode == 0, "\n".join([*told, done.stderr[-2000:]])
    assert len(told) == RUNS + 1 and told[0].endswith("14 papers, 0 open failures")
    hit = [line for line in told[1:] if "RunError" in line or "UserError" in line or " 0 open failures |" not in line]
    assert len(hit) >= RUNS / 2, "most moments do hit something"
