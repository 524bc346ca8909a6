"""What papers do to an extractor; called by name inside the sandbox."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from curation.errors import PaperError
from schemas import Reason

echoed: list[object] = []

DESCRIPTORS = 4096
"""Those that are looked at: a child keeps the numbers that its parent had, who may hold many open."""


def echo(value: object) -> object:
    echoed.append(value)
    return value


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(3600)


def leave_mark_and_sleep(log: int) -> None:
    os.write(log, b"x")
    time.sleep(3600)


def burn_and_sleep(cpu_s: float) -> None:
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass
    time.sleep(3600)


def spin_in_programs() -> None:
    for _ in range(9):  # each has the limit of the child once more
        subprocess.run(["/bin/sh", "-c", "while :; do :; done"])


def be_killed(log: int, number: int, times: int) -> str:
    """Ends by a signal as often as told, counted in a file."""
    tries = os.fstat(log).st_size
    os.write(log, b"x")
    if tries < times:
        os.kill(os.getpid(), number)
        time.sleep(60)
    return "alive"


def be_killed_then_say(log: int) -> None:
    if b"killed" not in os.pread(log, 1 << 20, 0):
        os.write(log, b"killed\n")
        os.kill(os.getpid(), signal.SIGKILL)
    os.write(log, b"begin alone\n")
    time.sleep(0.3)
    os.write(log, b"end\n")


def read_then_die_unless_fresh(file: int) -> bytes:
    data = os.read(file, 100)
    if echoed:
        os._exit(5)
    return data


def say(log: int) -> None:
    os.write(log, b"begin\n")
    time.sleep(0.1)
    os.write(log, b"end\n")


def allocate_at_once(size: int) -> int:
    return len(bytearray(size))


def allocate_bit_by_bit(size: int) -> int:
    held = []
    while len(held) * (1 << 20) < size:
        held.append(b"x" * (1 << 20))
    return len(held)


def leave(code: int) -> None:
    os._exit(code)


def segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def complain_and_die() -> None:
    sys.stderr.write("first\nmupdf: cannot go on\n")
    sys.stderr.flush()
    os._exit(3)


def chatter() -> str:
    print("noise on stdout")
    os.write(1, b"\xff" * 100_000)
    return "done"


def refuse() -> None:
    raise PaperError(Reason.NO_MAIN_FILE, "which one?")


def stumble() -> None:
    raise ZeroDivisionError("by a macro")


def not_plain() -> object:
    return threading.Lock()


def take_over(answer: bytes) -> None:
    """What a child sends that a paper rules: any bytes, on every descriptor that is a socket."""
    for descriptor in range(3, DESCRIPTORS):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, len(answer).to_bytes(8, "big") + answer)


def surroundings() -> dict[str, object]:
    """What the child sees of its parent's world without opening a file."""
    try:
        there: object = sorted(p.name for p in Path().iterdir())
    except OSError as error:
        there = type(error).__name__
    return {"environment": dict(os.environ), "there": there, "descriptors": sorted(_open_descriptors())}


def _open_descriptors() -> Iterator[int]:
    for descriptor in range(DESCRIPTORS):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            yield descriptor


def first_line(file: int) -> bytes:
    return os.read(file, 100).splitlines()[0]


def large(size: int) -> bytes:
    return b"x" * size


def recurse() -> None:
    recurse()


def lack() -> None:
    import no_such_module  # type: ignore[import-not-found]  # noqa: F401


def what_is_reachable(path: str, port: int) -> dict[str, str | None]:
    """None for what was possible (to read a file outside, write and list beside it, connect to a server of 127.0.0.1), else
    the error's name."""
    attempts: dict[str, Callable[[], object]] = {
        "read": lambda: Path(path).read_bytes(),
        "write": lambda: Path(f"{path}.new").touch(exist_ok=False),
        "list": lambda: list(Path(path).parent.iterdir()),
        "connect": lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close(),
    }
    return {name: error_of(attempt) for name, attempt in attempts.items()}


def error_of(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return None
