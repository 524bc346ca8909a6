"""The child that reads papers has no secrets, no files and no network, by Landlock and by a mount namespace alike."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.confine.isolation import landlock_abi
from curation.confine.sandbox import Sandbox
from curation.confine.surroundings import KEPT
from curation.confine.wire import pack
from curation.errors import PaperError
from schemas import Reason

PACKAGES = ("curation", "schemas", "tests")
HERE = "tests.confine.misbehaving"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_child_has_no_variable_that_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "SOME_PASSWORD", "LD_PRELOAD", "HOME"):
        monkeypatch.setenv(name, "" if name == "LD_PRELOAD" else "secret-9f3a")
    with Sandbox(packages=PACKAGES) as sandbox:
        found = sandbox.call(f"{HERE}:surroundings")
    environment = found["environment"]
    assert "secret-9f3a" not in str(environment)
    ours = {"PYTHONPATH", "PYTHONUNBUFFERED", "HOME"}
    assert {n for n in environment if not n.endswith("_THREADS") and n != "OMP_THREAD_LIMIT"} <= {*KEPT, *ours}


def test_the_child_stands_in_an_empty_folder_and_holds_no_file_of_its_parent(tmp_path: Path) -> None:
    with (tmp_path / "parent.txt").open("w"), Sandbox(packages=PACKAGES) as sandbox:
        found = sandbox.call(f"{HERE}:surroundings")
    assert found["there"] in ([], "PermissionError", "FileNotFoundError")
    # standard input, output, messages, the socket, memory for its progress, /proc/self/statm
    assert len(found["descriptors"]) == 6


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "/proc/PARENT/environ", "beside.txt"])
def test_the_child_reaches_no_file_and_no_server(tmp_path: Path, port: int, path: str) -> None:
    (tmp_path / "beside.txt").write_text("secret")
    with Sandbox(packages=PACKAGES) as sandbox:
        reached = sandbox.call(
            f"{HERE}:what_is_reachable", str(tmp_path / path.replace("PARENT", str(os.getpid()))), port
        )
        files = sandbox.confinement.files
    assert files.startswith("landlock") == (landlock_abi() > 0)
    assert all(reached.values()) or files == "none", reached
    assert not (tmp_path / "beside.txt.new").exists()


@pytest.mark.parametrize("use_landlock", [True, False])
def test_either_way_of_the_kernel_shuts_a_process_in(tmp_path: Path, port: int, use_landlock: bool) -> None:
    """In a process of its own, which then starts a program: that is shut in as well."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    code = (
        "import json, subprocess, sys\n"
        "from curation.confine.isolation import confine\n"
        "from tests.confine.misbehaving import what_is_reachable\n"
        f"held = confine([sys.prefix, sys.base_prefix], use_landlock={use_landlock})\n"
        f"reached = what_is_reachable({str(secret)!r}, {port})\n"
        f"said = subprocess.run(['cat', {str(secret)!r}], capture_output=True, cwd='/').returncode\n"
        "import numpy\n"
        "print(json.dumps([held.files, held.network, reached, said]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    files, network, reached, said = json.loads(done.stdout)
    if files == "none":  # a chroot or a container that refuses it: then nothing may be promised
        assert reached["read"] is None and said == 0
        return
    assert files.startswith("landlock" if use_landlock else "mount namespace")
    assert network != "none" and all(reached.values()) and said != 0


def test_a_file_is_handed_to_the_child_open(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("one\ntwo\n")
    with (tmp_path / "rows.txt").open("rb") as file, Sandbox(packages=PACKAGES) as sandbox:
        for _ in range(3):
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            assert sandbox.call(f"{HERE}:first_line", file=file.fileno()) == b"one"
        assert len(sandbox.call(f"{HERE}:surroundings")["descriptors"]) == 6


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xc1",
        b"cposix\nsystem\n(S'touch owned'\ntR.",
        pack(["result"]),
        pack({"kind": "result"}),
        pack(["error", {"reason": "no_such_reason", "detail": "x", "exhausted": False}]),
        pack(["error", {"reason": "crashed"}]),
        pack(["other", 1]),
        pack(["broken", "pymupdf"]),
        pack(["broken", "curation.extract"]),
        b"\x91" * 5000 + b"\x01",
    ],
)
def test_an_answer_of_any_form_is_one_failed_paper(answer: bytes) -> None:
    with Sandbox(packages=PACKAGES) as sandbox:
        with pytest.raises(PaperError) as caught:
            sandbox.call(f"{HERE}:take_over", answer)
        assert caught.value.reason is Reason.CRASHED
        assert sandbox.call(f"{HERE}:echo", "next") == "next"
