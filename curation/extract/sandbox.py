"""One paper at a time in a child process with CPU, wall-clock and memory limits.

The child is started once and serves call after call; it is replaced after a paper that it did not survive. It is a plain
`python -m curation.extract.sandbox_child` with two pipes, so it works inside daemonic pool workers and Ray workers, and
it holds nothing of its parent but the import path. It ends with its parent: it reads end-of-file while it waits, and
while it works a thread of it watches for a new parent.

Memory is bounded twice. RLIMIT_AS (what the child has mapped after its imports, plus the limit) makes one large
allocation fail at once, before a page of it is touched; the parent polls the resident size, which bounds what many small
allocations and C libraries take. `limit_address_space=False` leaves only the second for code that reserves more than it
uses (numba, onnxruntime).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from curation.errors import AstrocorpusError, PaperError, RunError
from schemas import Reason

HEADER_BYTES = 8
POLL_S = 0.025
"""How often the resident size is read. A child that touches fresh memory gains about 25-100 MB in that time."""
START_WALL_S = 120.0
RESOURCE_REASONS = frozenset({Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""Failures that another try may not repeat, because they depend on the machine."""

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What one call may use.

    Args:
        max_wall_s: seconds by the clock.
        max_cpu_s: CPU seconds of the child, whole seconds, all its threads together.
        max_memory_mb: resident MiB above what the child holds after its start.
        max_result_mb: MiB of the pickled result.
    """

    max_wall_s: float = 60.0
    max_cpu_s: int = 60
    max_memory_mb: int = 2048
    max_result_mb: int = 256
    limit_address_space: bool = True


class Sandbox:
    """Calls functions in a child process that may die without harm.

    `call("package.module:function", *args)` returns what the function returns. Arguments and results are pickled. A
    `Sandbox` that is pickled arrives without its child.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: _Child | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"limits": self.limits, "_child": None}

    def call(self, function: str, *args: Any) -> Any:
        """The result of `function(*args)`, computed in the child.

        Raises:
            PaperError: as the function raised it; TIMEOUT, OUT_OF_MEMORY or CRASHED when the child did not survive;
                TOO_LARGE for a result past `max_result_mb`; EXTRACT_ERROR for any other exception, by type and place.
            RunError: the child does not start, or a module that it needs is not installed.
        """
        if self._child is not None and not self._child.is_fresh():
            self.close()
        if self._child is None:
            self._child = _Child(self.limits)
        try:
            kind, value = self._child.ask((function, args))
        except BaseException:
            self.close()  # after a limit, an interrupt or a crash the child's state is unknown
            raise
        if kind == "result":
            return value
        if kind == "broken":
            raise RunError(
                f"extraction cannot run here: {value}; install what is missing (astrocorpus doctor lists it)"
            )
        if value.get("exhausted"):
            self.close()
        raise PaperError(Reason(value["reason"]), value["detail"])

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._child.process.pid if self._child else None

    def close(self) -> None:
        """End the child; the next call starts a fresh one."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # at interpreter exit modules may be gone
            self.close()


class _Child:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.owner = os.getpid()
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (lives as long as the child)
        child_in, self._to_child = os.pipe()
        self._from_child, child_out = os.pipe()
        os.set_blocking(self._to_child, False)
        try:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "curation.extract.sandbox_child",
                    str(child_in),
                    str(child_out),
                    str(os.getpid()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(child_in, child_out),
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"cannot start a child process for extraction: {error}") from error
        finally:
            os.close(child_in)
            os.close(child_out)
        self._ps = psutil.Process(self.process.pid)
        self._deadline = time.monotonic() + START_WALL_S
        self._max_rss: int | None = None
        try:
            _, hello = self._exchange(pickle.dumps(limits))
        except (PaperError, psutil.Error) as error:
            self.kill()
            raise RunError(f"the child process for extraction does not start: {error}") from error
        self._max_rss = int(hello["rss"]) + limits.max_memory_mb * 1024 * 1024

    def is_fresh(self) -> bool:
        """True when the child lives and belongs to this process (a fork would share the pipes)."""
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(self, request: object) -> tuple[str, Any]:
        payload = pickle.dumps(request, protocol=pickle.HIGHEST_PROTOCOL)
        self._errors.truncate(0)
        self._deadline = time.monotonic() + self.limits.max_wall_s
        return self._exchange(payload)

    def _exchange(self, payload: bytes) -> tuple[str, Any]:
        self._send(len(payload).to_bytes(HEADER_BYTES, "big") + payload)
        size = int.from_bytes(self._receive(HEADER_BYTES), "big")
        bound = self.limits.max_result_mb * 1024 * 1024
        if size > bound:
            raise PaperError(Reason.TOO_LARGE, f"the result is larger than {self.limits.max_result_mb} MiB")
        kind, value = pickle.loads(self._receive(size))
        return kind, value

    def _send(self, payload: bytes) -> None:
        view = memoryview(payload)
        while view:
            _, writable, _ = select.select([], [self._to_child], [], POLL_S)
            if writable:
                try:
                    view = view[os.write(self._to_child, view[: 1 << 20]) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    self._died()
            else:
                self._watch()

    def _receive(self, size: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < size:
            readable, _, _ = select.select([self._from_child], [], [], POLL_S)
            if readable:
                chunk = os.read(self._from_child, min(1 << 20, size - len(chunks)))
                if not chunk:
                    self._died()
                chunks += chunk
            self._watch()
        return bytes(chunks)

    def _watch(self) -> None:
        """Raise when the child is past its wall-clock or memory limit."""
        if time.monotonic() > self._deadline:
            raise PaperError(Reason.TIMEOUT, f"no result within {self.limits.max_wall_s:g} s")
        if self._max_rss is not None:
            with contextlib.suppress(psutil.Error):
                if self._ps.memory_info().rss > self._max_rss:
                    raise PaperError(Reason.OUT_OF_MEMORY, f"took more than {self.limits.max_memory_mb} MiB of memory")

    def _died(self) -> None:
        """Raise for a child that has closed its pipe: by exit status or signal."""
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = None
        if code == -signal.SIGXCPU:
            raise PaperError(Reason.TIMEOUT, f"used more than {self.limits.max_cpu_s} s of CPU time")
        if code == -signal.SIGKILL:
            raise PaperError(Reason.OUT_OF_MEMORY, "killed from outside, most probably for memory")
        how = f"ended with exit code {code}"
        if code is not None and code < 0:
            how = f"was ended by {_signal_name(-code)}"
        last = self._last_words()
        raise PaperError(Reason.CRASHED, f"the extraction process {how}{': ' + last if last else ''}")

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def kill(self) -> None:
        if self.owner != os.getpid():
            return
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        for descriptor in (self._to_child, self._from_child):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._errors.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _environment() -> dict[str, str]:
    """The parent's environment, with its import path: a worker may have got the code by another way than installation."""
    here = str(Path(__file__).resolve().parent.parent.parent)
    path = dict.fromkeys([here, *(p or str(Path.cwd()) for p in sys.path)])
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
    return {**single, **os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}


def describe_error(error: Exception) -> tuple[Reason, str]:
    """The ledger's words for any exception of one paper: its reason, else type, text and place."""
    if isinstance(error, PaperError):
        return error.reason, error.detail
    if isinstance(error, MemoryError):
        return Reason.OUT_OF_MEMORY, "an allocation was refused"
    if isinstance(error, AstrocorpusError):
        return Reason.EXTRACT_ERROR, str(error)
    if isinstance(error, RecursionError):
        return Reason.EXTRACT_ERROR, "nested too deeply (RecursionError)"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    text = " ".join(str(error).split())[:300]
    return Reason.EXTRACT_ERROR, f"{type(error).__name__}: {text}{place}"
