"""What code of a paper would try if it ran in the child that reads papers; called by name inside the sandbox.

Each attempt that gets anywhere is in the result, with what it got.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

_PTRACE_ATTACH, _PTRACE_DETACH = 16, 17
_KEYCTL, _USER_KEYRING, _DESCRIBE = 250, -4, 6


def attempts(secret: str, pid: int, parent: int, port: int, unix: str, canary: str) -> dict[str, str]:
    """Everything that should fail, by name, where it did not.

    Args:
        secret: a file outside.
        pid: a process of the same user that has secrets; its working directory and its input are outside.
        parent: the process that started the child.
        port: of a server on 127.0.0.1.
        unix: path of a socket that somebody listens on.
        canary: a file to make.
    """
    outside, folder = Path(secret), Path(secret).parent
    tries: dict[str, Callable[[], object]] = {
        **{f"read {path}": lambda path=path: Path(path).read_bytes()[:80] for path in _files(secret, pid, parent)},
        **{f"list {path}": lambda path=path: [p.name for p in Path(path).iterdir()][:5] for path in (folder, "/", "/tmp", "/proc", "/etc", "/root", "/home", "/var", "/run")},
        "read by a program": lambda: _said(["cat", secret, f"/proc/{pid}/environ"]),
        "read by a program's option": lambda: _said(["sort", f"--files0-from={secret}"]),
        "write": lambda: Path(canary).write_text("x"),
        "write beside": lambda: Path(f"{secret}.new").write_text("x"),
        "write here": lambda: Path("here").write_text("x"),
        "write over": lambda: os.truncate(secret, 0),
        "make a folder": lambda: (folder / "made").mkdir(),
        "make a link": lambda: (folder / "link").symlink_to(secret),
        "link": lambda: (folder / "hard").hardlink_to(secret),
        "rename": lambda: outside.rename(f"{secret}.old"),
        "remove": lambda: outside.unlink(),
        "make a pipe": lambda: os.mkfifo(f"{folder}/pipe"),
        "TCP": lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close(),
        "UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
        "unix socket": lambda: socket.socket(socket.AF_UNIX).connect(unix),
        "abstract socket": lambda: socket.socket(socket.AF_UNIX).connect(f"\0{Path(unix).name}"),
        "signal another": lambda: os.kill(pid, signal.SIGCONT),
        "signal the parent": lambda: os.kill(parent, signal.SIGCONT),
        "trace another": lambda: _trace(pid),
        "trace the parent": lambda: _trace(parent),
        "mount": lambda: _called(ctypes.CDLL(None, use_errno=True).mount(b"/", b"/mnt", None, 4096, None)),
    }  # fmt: skip
    found = {}
    for name, attempt in tries.items():
        with contextlib.suppress(OSError):
            if (got := attempt()) != b"":
                found[name] = repr(got)[:200]
    return found


def _files(secret: str, pid: int, parent: int) -> list[str]:
    ways = (
        "environ",
        "cwd/vault",
        "fd/0",
        f"root{secret}",
        "mem",
        "maps",
        "cmdline",
        "mountinfo",
        f"task/{pid}/environ",
    )
    ours = [f"/proc/{p}/{way}" for p in (pid, parent, "self", "thread-self", 1) for way in ways]
    return [
        secret,
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        *ours,
        f"/proc/self/fd/0/../{secret}",
        "/dev/mem",
        "/dev/kmsg",
    ]


def _said(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, cwd="/", timeout=10)
    if done.returncode != 0:
        raise OSError(done.returncode)
    return done.stdout[:80]


def _trace(pid: int) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    _called(libc.ptrace(_PTRACE_ATTACH, pid, None, None))
    with contextlib.suppress(OSError):
        libc.ptrace(_PTRACE_DETACH, pid, None, None)
    return "attached"


def _called(result: int) -> str:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "done"
