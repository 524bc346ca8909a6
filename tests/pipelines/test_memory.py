"""Arrow gives back what it frees in everything that runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASKED = "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"


def _backend(imports: str, **env: str) -> str:
    given = {k: v for k, v in os.environ.items() if k != "ARROW_DEFAULT_MEMORY_POOL"}
    command = [sys.executable, "-c", f"{imports}; {ASKED}"]
    return subprocess.run(command, env=given | env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("module", ["pipelines.cli", "pipelines.corpus", "pipelines.engine.task"])
def test_what_runs_takes_memory_from_the_system(module: str) -> None:
    assert _backend(f"import {module}") == "system"


def test_the_library_alone_leaves_the_choice_to_the_one_who_imports_it() -> None:
    assert _backend("import curation.parquet") == _backend("pass")


def test_what_the_user_chose_stays() -> None:
    assert _backend("import pipelines.cli", ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc"
