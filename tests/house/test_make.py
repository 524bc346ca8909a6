"""`make demo INPUT=...` hands a path on as it is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def demo(tmp_path: Path, *given: str, **env: str) -> list[str]:
    """The arguments that `make demo` gives to Python, here a script that writes them down."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nfor a; do printf "%s\\0" "$a"; done > {tmp_path}/given\n')
    python.chmod(0o755)
    (tmp_path / "installed").touch()
    command = ["make", "demo", f"BIN={python.parent}", f"STAMP={tmp_path / 'installed'}", *given]
    subprocess.run(command, cwd=PROJECT, env=os.environ | env, check=True, capture_output=True)
    return (tmp_path / "given").read_text().split("\0")[:-1]


@pytest.mark.parametrize(
    "path",
    [
        "/plain",
        "/my papers",
        '/it\'s "mine"',
        "/cost $5 or $HOME ${HOME} $(HOME) $(shell touch made) `id`",
        "/a;b&c|d>e*f?[g]~#h\\i!j%k",
        "/two  blanks  ",
        "-x",
        "/größe α",
    ],
)
def test_any_path_arrives_as_it_is(tmp_path, path):
    assert demo(tmp_path, f"INPUT={path}")[2:] == [path], json.dumps(path)
    assert not (PROJECT / "made").exists()


def test_a_path_in_the_environment_and_none(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert demo(tmp_path / "a", INPUT="/my $HOME papers")[2:] == ["/my $HOME papers"]
    assert demo(tmp_path / "b")[2:] == []
