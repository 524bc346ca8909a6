"""One machine, many children: a call that failed by the machine's fault is tried again with no other of ours beside it.

Every call holds a lock file of the machine together with all others, a second try holds it alone: it waits until the calls
that run have ended, and holds back new ones. All processes of one user on one machine share the files, whatever run or
executor they belong to; the kernel frees them when a process dies. Nobody waits longer than told: a neighbour is no reason
to stop.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

POLL_S = 0.02
_thread = threading.local()


@contextmanager
def beside_others(max_wait_s: float) -> Iterator[None]:
    """Run beside other calls, once none is alone or waits to be. Inside of `alone` it waits for nothing."""
    with ExitStack() as held:
        if not getattr(_thread, "is_alone", False):
            deadline = time.monotonic() + max_wait_s
            with ExitStack() as entering:  # whoever waits to be alone holds the door
                _lock("door", fcntl.LOCK_SH, deadline, entering)
                _lock("room", fcntl.LOCK_SH, deadline, held)
        yield


@contextmanager
def alone(max_wait_s: float) -> Iterator[None]:
    """Run when the calls of others have ended, and before their next ones. Who is alone already waits for nothing."""
    if getattr(_thread, "is_alone", False):
        yield
        return
    with ExitStack() as held:
        deadline = time.monotonic() + max_wait_s
        _lock("door", fcntl.LOCK_EX, deadline, held)
        _lock("room", fcntl.LOCK_EX, deadline, held)
        _thread.is_alone = True
        try:
            yield
        finally:
            _thread.is_alone = False


def _lock(name: str, kind: int, deadline: float, held: ExitStack) -> None:
    """Take a lock until `held` ends; go on without it when it cannot be had by the deadline, or not at all."""
    with suppress(OSError):
        path = Path(tempfile.gettempdir()) / f"astrocorpus-{os.getuid()}-{name}.lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        held.callback(os.close, handle)
        if os.fstat(handle).st_uid != os.getuid():  # whoever made it could hold it for ever
            return
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
                return
            if time.monotonic() > deadline:
                return
            time.sleep(POLL_S)
