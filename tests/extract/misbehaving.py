"""What papers do to an extractor; called by name inside the sandbox."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from curation.errors import PaperError
from schemas import Reason


def echo(value: object) -> object:
    return value


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(3600)


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


def unpicklable() -> object:
    return threading.Lock()


def large(size: int) -> bytes:
    return b"x" * size


def recurse() -> None:
    recurse()


def lack() -> None:
    import no_such_module  # type: ignore[import-not-found]  # noqa: F401
