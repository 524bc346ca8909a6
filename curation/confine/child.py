"""A child process: started, asked, watched, ended. `curation.confine.sandbox` says when."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from curation.confine import progress
from curation.confine.ended import by_clock, by_signal, signal_name
from curation.confine.isolation import Confinement
from curation.confine.limits import Limits
from curation.confine.surroundings import environment, readable
from curation.confine.wire import HEADER_BYTES, answer_of, pack
from curation.errors import PaperError, RunError
from curation.faults import SHORT
from schemas import Reason

POLL_S = 0.025
"""How often the resident size is read. A child that touches fresh memory gains about 25-100 MB in that time."""
COUNT_S = 0.25
"""How often the CPU time of the child and of the programs that it started is added up."""
START_WALL_S = 120.0
MAX_STEPS = 10
"""How many times its limits a call may take that says step after step: a stretch of rows takes a second or two."""
FOREIGN = frozenset({Reason.STALLED, Reason.KILLED})
"""What the machine or others did to a child: tried once more, with no other call beside it."""


class Request:
    """A call on its way: what is sent, an open file with it, and the CPU seconds that it may use."""

    def __init__(self, payload: bytes, file: int | None, max_cpu_s: float) -> None:
        self.payload, self.max_cpu_s = payload, max_cpu_s
        self._file = file
        self._place = 0 if file is None else os.lseek(file, 0, os.SEEK_CUR)

    @property
    def has_file(self) -> bool:
        return self._file is not None

    def files(self) -> list[int]:
        """The file, at the place where it was: whoever tried before has moved it."""
        if self._file is None:
            return []
        os.lseek(self._file, self._place, os.SEEK_SET)
        return [self._file]


class Child:
    def __init__(self, limits: Limits, packages: Sequence[str], called: str) -> None:
        self.limits = limits
        self.owner = os.getpid()
        with contextlib.ExitStack() as made, _told_as_ours():
            self._errors = made.enter_context(tempfile.TemporaryFile("a+b"))
            self._line, theirs = socket.socketpair()
            made.enter_context(self._line)
            self._line.setblocking(False)
            shared, self._progress = progress.create()
            self._empty = Path(tempfile.mkdtemp(prefix="astrocorpus-"))
            made.callback(self._empty.rmdir)
            module = ["-P", "-m", "curation.confine"]
            handed = (theirs.fileno(), shared)
            try:
                self.process = subprocess.Popen(
                    [sys.executable, *module, *map(str, handed), str(os.getpid()), json.dumps(readable(packages))],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._errors,
                    pass_fds=handed,
                    env=environment(),
                    cwd=self._empty,
                    start_new_session=True,
                )
            finally:
                theirs.close()
                os.close(shared)
            made.pop_all()  # all of it lives as long as the child
        self._steps = 0
        self._is_renewed = False
        self._ps = psutil.Process(self.process.pid)
        self._deadline = time.monotonic() + START_WALL_S
        self._max_rss: int | None = None
        self._max_cpu_s = math.inf
        self._cpu_before_s = self.cpu_s = 0.0
        self._next_count = self._deadline
        self.served = 0
        try:
            _, hello = self._exchange(pack((asdict(limits), called)), [])
            self._max_rss = int(hello["rss"]) + limits.max_memory_mb * 1024 * 1024
            self.confinement = Confinement(str(hello["files"]), str(hello["network"]))
        except (PaperError, psutil.Error, KeyError, TypeError) as error:
            self.kill()
            if isinstance(error, PaperError) and error.reason in FOREIGN:
                raise PaperError(error.reason, f"while it started: {error.detail}") from error
            raise RunError(f"the child process for extraction does not start: {error}") from error
        finally:
            self._empty.rmdir()  # the child, which stands in it, can neither list nor fill it

    def is_fresh(self) -> bool:
        """True when the child lives and belongs to this process (a fork would share the socket)."""
        return self.owner == os.getpid() and not self._has_ended()

    def _has_ended(self) -> bool:
        """Whether the child is dead; it is not reaped, so that its group can still be told from others."""
        if self.process.returncode is not None:
            return True
        try:
            return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _kill_group(self) -> None:
        """End the child and the programs that it started, which may have outlived it."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask(self, request: Request) -> tuple[str, Any]:
        self._errors.truncate(0)
        self._cpu_before_s, self.cpu_s, self._max_cpu_s = cpu_seconds(self._ps), 0.0, request.max_cpu_s
        self._is_renewed, self._cpu_at_start_s = request.has_file, self._cpu_before_s
        self._deadline = time.monotonic() + self.limits.max_wall_s
        self._last_deadline = time.monotonic() + MAX_STEPS * self.limits.max_wall_s
        self._next_count = time.monotonic() + COUNT_S
        answer = self._exchange(request.payload, request.files())
        self._count()
        self.served += 1
        return answer

    def _exchange(self, payload: bytes, files: Sequence[int]) -> tuple[str, Any]:
        self._send(len(payload).to_bytes(HEADER_BYTES, "big"), files)
        self._send(payload)
        size = int.from_bytes(self._receive(HEADER_BYTES), "big")
        bound = self.limits.max_result_mb * 1024 * 1024
        if size > bound:
            raise PaperError(Reason.TOO_LARGE, f"the result is larger than {self.limits.max_result_mb} MiB")
        return answer_of(self._receive(size))

    def _send(self, payload: bytes, files: Sequence[int] = ()) -> None:
        view = memoryview(payload)
        while view:
            _, writable, _ = select.select([], [self._line], [], POLL_S)
            if writable:
                try:
                    if files:
                        view, files = view[socket.send_fds(self._line, [view], files) :], ()
                    else:
                        view = view[self._line.send(view[: 1 << 20]) :]
                except BlockingIOError:
                    continue
                except (BrokenPipeError, ConnectionResetError):
                    self._died()
            else:
                self._watch()

    def _receive(self, size: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < size:
            readable, _, _ = select.select([self._line], [], [], POLL_S)
            if readable:
                try:
                    chunk = self._line.recv(min(1 << 20, size - len(chunks)))
                except ConnectionResetError:
                    chunk = b""
                if not chunk:
                    self._died()
                chunks += chunk
            self._watch()
        return bytes(chunks)

    def _watch(self) -> None:
        """Raise when the child is past its wall-clock, CPU or memory limit.

        Where it reads a file step by step, each step that it says has the limits anew, all together MAX_STEPS times.
        """
        now = time.monotonic()
        if self._is_renewed and (steps := progress.read(self._progress)[0]) != self._steps:
            self._steps, self._deadline = steps, min(now + self.limits.max_wall_s, self._last_deadline)
            with contextlib.suppress(psutil.Error):
                self._cpu_before_s, self.cpu_s = cpu_seconds(self._ps), 0.0
                if self._cpu_before_s - self._cpu_at_start_s > MAX_STEPS * self._max_cpu_s:
                    raise PaperError(Reason.TIMEOUT, self._too_long())
        if now > self._deadline:
            self._count()
            reason = by_clock(self.cpu_s, min(self._max_cpu_s, self.limits.max_wall_s))
            raise PaperError(reason, f"no result within {self.limits.max_wall_s:g} s")
        if now > self._next_count:
            self._next_count = now + COUNT_S
            self._count()
            if self.cpu_s > self._max_cpu_s:
                raise PaperError(Reason.TIMEOUT, self._too_long())
        if self._max_rss is not None:
            with contextlib.suppress(psutil.Error):
                if self._resident_bytes() > self._max_rss:
                    raise PaperError(Reason.OUT_OF_MEMORY, f"took more than {self.limits.max_memory_mb} MiB of memory")

    def _too_long(self) -> str:
        """In the limits' words: what was measured differs from run to run, and stands in no table."""
        left = "what was left of " if self._max_cpu_s < self.limits.max_cpu_s else ""
        return f"used more than {left}{self.limits.max_cpu_s} s of CPU time"

    def _resident_bytes(self) -> int:
        """Of the child, and where its address space has no bound also of the programs that it runs."""
        running = [] if self.limits.limit_address_space else _children(self._ps)
        return int(sum(process.memory_info().rss for process in (self._ps, *map(psutil.Process, running))))

    def _count(self) -> None:
        with contextlib.suppress(psutil.Error):  # it has just died
            self.cpu_s = max(self.cpu_s, cpu_seconds(self._ps) - self._cpu_before_s)

    def _died(self) -> None:
        """Raise for a child that has closed its pipe: by exit status or signal."""
        deadline = time.monotonic() + 5
        while not (has_ended := self._has_ended()) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        self._kill_group()
        code = self.process.wait() if has_ended else None
        if code == -signal.SIGXCPU:
            raise PaperError(Reason.TIMEOUT, self._too_long())
        reason, how = Reason.CRASHED, f"ended with exit code {code}"
        if code is not None and code < 0:
            reason, how = by_signal(-code), f"was ended by {signal_name(-code)}"
        if reason is Reason.KILLED:
            raise PaperError(
                reason, f"the extraction process {how}, from outside; the kernel does so for want of memory"
            )
        last = self._last_words()
        raise PaperError(reason, f"the extraction process {how}{': ' + last if last else ''}")

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def reached(self) -> tuple[int, int, int]:
        """The last step that the child said; it may be dead."""
        return progress.read(self._progress)[1:]

    def kill(self) -> None:
        if self.owner != os.getpid():
            return
        self._kill_group()
        self._line.close()
        self._errors.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)


@contextlib.contextmanager
def _told_as_ours() -> Iterator[None]:
    """What keeps a process from being made, as the machine's failure or the installation's.

    Raises:
        PaperError: KILLED, the machine is short of something.
        RunError: any other error.
    """
    try:
        yield
    except OSError as error:
        if error.errno in SHORT | {errno.ENOMEM}:
            raise PaperError(Reason.KILLED, f"the machine starts no process: {error.strerror}") from error
        raise RunError(f"cannot start a child process for extraction: {error}") from error


def cpu_seconds(process: psutil.Process) -> float:
    """CPU seconds of a process, of all that it started and waited for, and of what it started that still runs.

    Raises:
        psutil.Error: it has ended.
    """
    total = float(sum(process.cpu_times()[:4]))
    for pid in _children(process):
        with contextlib.suppress(psutil.Error):
            total += cpu_seconds(psutil.Process(pid))
    return total


def _children(process: psutil.Process) -> list[int]:
    """Running children; psutil's own way reads all processes of the machine."""
    try:
        tasks = list(Path(f"/proc/{process.pid}/task").iterdir())
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return [child.pid for child in process.children()]
