"""One paper at a time in a child process with CPU, wall-clock and memory limits, without secrets, files or network.

The child is started once and serves call after call; it is replaced after a paper that it did not survive. It is a plain
`python -m curation.extract.sandbox_child` with a socket, so it works inside daemonic pool workers and Ray workers. It ends
with its parent: it reads end-of-file while it waits, and while it works a thread of it watches for a new parent.

What it reads is sent to it, bytes or an open file: it is shut out of the file system and the network
(curation.extract.confine), starts in an empty folder that is gone, and has the few environment variables of KEPT. What
comes back is plain data in msgpack, which cannot run code here, whatever a paper made of the child.

Memory is bounded twice. RLIMIT_AS (what the child has mapped after its imports, plus the limit) makes one large
allocation fail at once, before a page of it is touched; the parent polls the resident size, which bounds what many small
allocations and C libraries take. `limit_address_space=False` leaves only the second for code that reserves more than it
uses (numba, onnxruntime).
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import json
import math
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgpack
import psutil

from curation.errors import AstrocorpusError, PaperError, RunError
from curation.extract import progress
from curation.extract.confine import Confinement
from curation.extract.ended import by_clock, by_signal, signal_name
from curation.extract.quiet import alone, beside_others
from curation.sources.outage import words_of
from schemas import Reason

HEADER_BYTES = 8
POLL_S = 0.025
"""How often the resident size is read. A child that touches fresh memory gains about 25-100 MB in that time."""
COUNT_S = 0.25
"""How often the CPU time of the child and of the programs that it started is added up."""
START_WALL_S = 120.0
MAX_STEPS = 10
"""How many times its limits a call may take that says step after step: a stretch of rows takes a second or two."""
MAX_CONTAINERS = 2_000_000
START_PAUSES_S = (0.1, 0.5)
"""A child that dies while it starts is started again after each of these."""
RESOURCE_REASONS = frozenset({Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""The paper's own failures by what it takes, whatever its text holds: no other route is asked after one."""
_CHILDS = frozenset({Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""Failures that may come from what a child keeps of papers before."""
_UNREAD = frozenset({Reason.IO_ERROR, Reason.SOURCE_CHANGED})
_FOREIGN = frozenset({Reason.STALLED, Reason.KILLED})
_SHORT = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT})
"""Errors of a machine that is short of processes, open files or space."""
_BROKEN = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT})

PACKAGES = ("curation", "schemas")
"""What the child imports of ours; other packages lie in the folders of this Python."""
HELPERS = ("pandoc", "tesseract")
"""Programs that the child may start, wherever they lie."""
KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX"),
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
)
"""Environment variables of the parent that the child has too: none that holds a secret anywhere."""
THREADS = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")


@dataclass(frozen=True)
class Limits:
    """What one call may use.

    Args:
        max_wall_s: seconds by the clock.
        max_cpu_s: CPU seconds of the child and the programs that it starts, whole seconds, all threads together.
        max_memory_mb: resident MiB above what the child holds after its start.
        max_result_mb: MiB of the result as it is sent.
    """

    max_wall_s: float = 60.0
    max_cpu_s: int = 60
    max_memory_mb: int = 2048
    max_result_mb: int = 128
    limit_address_space: bool = True


class _Request:
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


class Sandbox:
    """Calls functions in a child process that may die without harm.

    `call("package.module:function", *args)` returns what the function returns. Arguments and results are plain data: None,
    bool, int, float, str, bytes, lists, dicts. A `Sandbox` that is pickled arrives without its child.

    Args:
        packages: top-level packages beside the installed ones that the child may import; PACKAGES when None.
    """

    def __init__(self, limits: Limits | None = None, packages: Sequence[str] | None = None) -> None:
        self.limits = limits or Limits()
        self.packages = tuple(PACKAGES if packages is None else packages)
        self.cpu_s = 0.0
        """CPU seconds of the last try of the last call, since the last step that it said."""
        self.reached: tuple[int, int, int] = (0, 0, 0)
        """What a call that failed was at: position and number of items, as `progress.at` said it in the child."""
        self._child: _Child | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"limits": self.limits, "packages": self.packages, "cpu_s": 0.0, "reached": (0, 0, 0), "_child": None}

    def call(self, function: str, *args: Any, file: int | None = None, max_cpu_s: float | None = None) -> Any:
        """The result of `function(*args)`, computed in the child.

        What may not be the function's own failure is tried once more in a fresh child: a limit of memory or a crash when the
        child had served other calls, and what the machine did (STALLED, KILLED), that with no other call beside it.

        Args:
            file: an open descriptor, which the function gets as its first argument: the child opens nothing itself.
            max_cpu_s: less CPU time than the limits allow.

        Raises:
            PaperError: as the function raised it; TIMEOUT, OUT_OF_MEMORY or CRASHED when the child did not survive;
                STALLED when it got no CPU time, KILLED when it was ended or kept from starting by others;
                TOO_LARGE for a result past `max_result_mb`; EXTRACT_ERROR for any other exception, by type and place.
            RunError: no child can ever start, or a module that it needs is not installed.
        """
        request = _Request(pack((function, args)), file, min(max_cpu_s or math.inf, self.limits.max_cpu_s))
        try:
            with beside_others(self.limits.max_wall_s):
                return self._call(request)
        except PaperError as error:
            if error.reason not in _FOREIGN:
                raise
        self.close()
        with alone(self.limits.max_wall_s):
            return self._call(request)

    def _call(self, request: _Request) -> Any:
        child = self._started()
        try:
            return self._ask(child, request)
        except PaperError as error:
            if error.reason not in _CHILDS or child.served == 0:
                raise
        self.close()
        return self._ask(self._started(), request)

    def _ask(self, child: _Child, request: _Request) -> Any:
        try:
            kind, value = child.ask(request)
        except BaseException:
            self.reached = child.reached()
            self.close()  # after a limit, an interrupt or a crash the child's state is unknown
            raise
        finally:
            self.cpu_s = child.cpu_s
        if kind == "result":
            return value
        if kind == "broken" and not _is_there(str(value)):
            raise RunError(
                f"extraction cannot run here: {value}; install what is missing (astrocorpus doctor lists it)"
            )
        if kind == "broken":  # says a child that a paper took over, or a package of ours that lacks a part
            self.close()
            raise PaperError(Reason.CRASHED, f"the extraction process misses {str(value)[:80]}, which is there")
        self.reached = child.reached()
        if value["exhausted"]:
            self.close()
        raise PaperError(Reason(value["reason"]), value["detail"])

    def _started(self) -> _Child:
        if self._child is not None and not self._child.is_fresh():
            self.close()
        for pause in START_PAUSES_S:
            if self._child is not None:
                break
            with contextlib.suppress(PaperError, RunError):
                self._child = _Child(self.limits, self.packages)
                break
            time.sleep(pause)
        self._child = self._child or _Child(self.limits, self.packages)
        return self._child

    @property
    def confinement(self) -> Confinement:
        """What holds the child on this machine; starts it where there is none."""
        return self._started().confinement

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
    def __init__(self, limits: Limits, packages: Sequence[str]) -> None:
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
            module = ["-P", "-m", "curation.extract.sandbox_child"]
            handed = (theirs.fileno(), shared)
            try:
                self.process = subprocess.Popen(
                    [sys.executable, *module, *map(str, handed), str(os.getpid()), json.dumps(_readable(packages))],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._errors,
                    pass_fds=handed,
                    env=_environment(),
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
            _, hello = self._exchange(pack(asdict(limits)), [])
            self._max_rss = int(hello["rss"]) + limits.max_memory_mb * 1024 * 1024
            self.confinement = Confinement(str(hello["files"]), str(hello["network"]))
        except (PaperError, psutil.Error, KeyError, TypeError) as error:
            self.kill()
            if isinstance(error, PaperError) and error.reason in _FOREIGN:
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

    def ask(self, request: _Request) -> tuple[str, Any]:
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
        return _answer(self._receive(size))

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
        if error.errno in _SHORT | {errno.ENOMEM}:
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


def _is_there(module: str) -> bool:
    """Whether the package of a module can be found here; the module itself is not imported."""
    top = module.partition(".")[0]
    try:
        return top.isidentifier() and importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _environment() -> dict[str, str]:
    """What the child needs to find its code, and nothing else: a worker may have got the code by another way than
    installation, so the import path is this process's own."""
    here = str(Path(__file__).resolve().parent.parent.parent)
    path = dict.fromkeys([here, *(p for p in sys.path if Path(p).is_absolute())])
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1", "HOME": "/"}
    return kept | dict.fromkeys(THREADS, "1") | own


def _readable(packages: Sequence[str]) -> list[str]:
    """Folders and files of code that the child reads: this Python, installed packages, ours, and programs to start.

    Not all of a prefix: pip.conf and .condarc, which may hold credentials, lie there too.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix))
    python = [f"{prefix}/{part}" for prefix in prefixes for part in ("bin", "lib", "lib64", "share", "pyvenv.cfg")]
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    ours = [place for name in packages for place in _places_of(name)]
    programs = [str(Path(found).resolve()) for name in HELPERS if (found := shutil.which(name))]
    named = [path for name in ("LD_LIBRARY_PATH", "TESSDATA_PREFIX") for path in os.environ.get(name, "").split(":")]
    paths = [*python, *installed, *ours, *programs, *named]
    return [path for path in dict.fromkeys(paths) if Path(path).is_absolute() and path != "/"]


def _places_of(package: str) -> Iterator[str]:
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        yield str(Path(place).resolve())


def pack(value: object) -> bytes:
    """Plain data as bytes for the border. A lone surrogate goes through and is cleaned where the text is kept."""
    return msgpack.packb(value, unicode_errors="surrogatepass")  # type: ignore[no-any-return]


def unpack(data: bytes) -> Any:
    """What `pack` packed; data only, whoever made it, in at most MAX_CONTAINERS lists and maps: an empty map is one byte here
    and 64 in memory.

    Raises:
        ValueError: it is not msgpack, or more.
    """
    count = 0

    def counted(value: Any) -> Any:
        nonlocal count
        count += 1
        if count > MAX_CONTAINERS:
            raise ValueError(f"over {MAX_CONTAINERS:,} lists and maps")
        return value

    try:
        return msgpack.unpackb(
            data, unicode_errors="surrogatepass", strict_map_key=False, object_hook=counted, list_hook=counted
        )
    except (msgpack.UnpackException, UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"no message: {error}") from error


def _answer(data: bytes) -> tuple[str, Any]:
    """A child's answer in its form. A child that a paper took over may send anything.

    Raises:
        PaperError: CRASHED when it has another form.
    """
    try:
        kind, value = unpack(data)
        if kind == "error":
            value = {
                "reason": Reason(value["reason"]),
                "detail": str(value["detail"]),
                "exhausted": bool(value["exhausted"]),
            }
        elif kind not in ("result", "broken"):
            raise ValueError(f"kind {str(kind)[:20]!r}")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PaperError(Reason.CRASHED, f"the extraction process answered in no known form: {error}") from error
    return kind, value


def describe_error(error: Exception) -> tuple[Reason, str]:
    """The ledger's words for any exception of one paper: its reason, else type, text and place."""
    if isinstance(error, PaperError):
        return error.reason, error.detail
    if isinstance(error, MemoryError):
        return Reason.OUT_OF_MEMORY, "an allocation was refused"
    if isinstance(error, OSError) and error.errno in _SHORT | _BROKEN:
        return Reason.IO_ERROR, words_of(error)
    if isinstance(error, AstrocorpusError):
        return Reason.EXTRACT_ERROR, str(error)
    if isinstance(error, RecursionError):
        return Reason.EXTRACT_ERROR, "nested too deeply (RecursionError)"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    text = words_of(error) if isinstance(error, OSError) else " ".join(str(error).split())[:300]
    return Reason.EXTRACT_ERROR, f"{type(error).__name__}: {text}{place}"
