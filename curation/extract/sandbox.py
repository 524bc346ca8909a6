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
import importlib.util
import json
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
from curation.extract.confine import Confinement
from schemas import Reason

HEADER_BYTES = 8
POLL_S = 0.025
"""How often the resident size is read. A child that touches fresh memory gains about 25-100 MB in that time."""
START_WALL_S = 120.0
RESOURCE_REASONS = frozenset({Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""Failures that another try may not repeat, because they depend on the machine."""

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
        max_cpu_s: CPU seconds of the child, whole seconds, all its threads together.
        max_memory_mb: resident MiB above what the child holds after its start.
        max_result_mb: MiB of the result as it is sent.
    """

    max_wall_s: float = 60.0
    max_cpu_s: int = 60
    max_memory_mb: int = 2048
    max_result_mb: int = 256
    limit_address_space: bool = True


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
        self._child: _Child | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"limits": self.limits, "packages": self.packages, "_child": None}

    def call(self, function: str, *args: Any, file: int | None = None) -> Any:
        """The result of `function(*args)`, computed in the child.

        Args:
            file: an open descriptor, which the function gets as its first argument: the child opens nothing itself.

        Raises:
            PaperError: as the function raised it; TIMEOUT, OUT_OF_MEMORY or CRASHED when the child did not survive;
                TOO_LARGE for a result past `max_result_mb`; EXTRACT_ERROR for any other exception, by type and place.
            RunError: the child does not start, or a module that it needs is not installed.
        """
        child = self._started()
        try:
            kind, value = child.ask(pack((function, args)), [] if file is None else [file])
        except BaseException:
            self.close()  # after a limit, an interrupt or a crash the child's state is unknown
            raise
        if kind == "result":
            return value
        if kind == "broken":
            raise RunError(
                f"extraction cannot run here: {value}; install what is missing (astrocorpus doctor lists it)"
            )
        if value["exhausted"]:
            self.close()
        raise PaperError(Reason(value["reason"]), value["detail"])

    def _started(self) -> _Child:
        if self._child is not None and not self._child.is_fresh():
            self.close()
        if self._child is None:
            self._child = _Child(self.limits, self.packages)
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
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (lives as long as the child)
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        self._empty = Path(tempfile.mkdtemp(prefix="astrocorpus-"))
        module = ["-P", "-m", "curation.extract.sandbox_child"]
        try:
            self.process = subprocess.Popen(
                [sys.executable, *module, str(theirs.fileno()), str(os.getpid()), json.dumps(_readable(packages))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                cwd=self._empty,
                start_new_session=True,
            )
        except OSError as error:
            self._empty.rmdir()
            raise RunError(f"cannot start a child process for extraction: {error}") from error
        finally:
            theirs.close()
        self._ps = psutil.Process(self.process.pid)
        self._deadline = time.monotonic() + START_WALL_S
        self._max_rss: int | None = None
        try:
            _, hello = self._exchange(pack(asdict(limits)), [])
            self._max_rss = int(hello["rss"]) + limits.max_memory_mb * 1024 * 1024
            self.confinement = Confinement(str(hello["files"]), str(hello["network"]))
        except (PaperError, psutil.Error, KeyError, TypeError) as error:
            self.kill()
            raise RunError(f"the child process for extraction does not start: {error}") from error
        finally:
            self._empty.rmdir()  # the child, which stands in it, can neither list nor fill it

    def is_fresh(self) -> bool:
        """True when the child lives and belongs to this process (a fork would share the socket)."""
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(self, request: bytes, files: Sequence[int]) -> tuple[str, Any]:
        self._errors.truncate(0)
        self._deadline = time.monotonic() + self.limits.max_wall_s
        return self._exchange(request, files)

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
        self._line.close()
        self._errors.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _environment() -> dict[str, str]:
    """What the child needs to find its code, and nothing else: a worker may have got the code by another way than
    installation, so the import path is this process's own."""
    here = str(Path(__file__).resolve().parent.parent.parent)
    path = dict.fromkeys([here, *(p for p in sys.path if Path(p).is_absolute())])
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1", "HOME": "/"}
    return kept | dict.fromkeys(THREADS, "1") | own


def _readable(packages: Sequence[str]) -> list[str]:
    """Folders and files of code that the child reads: this Python, installed packages, ours, and programs to start."""
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    ours = [place for name in packages for place in _places_of(name)]
    programs = [str(Path(found).resolve()) for name in HELPERS if (found := shutil.which(name))]
    named = [path for name in ("LD_LIBRARY_PATH", "TESSDATA_PREFIX") for path in os.environ.get(name, "").split(":")]
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, *installed, *ours, *programs, *named]
    return [path for path in dict.fromkeys(paths) if Path(path).is_absolute() and path != "/"]


def _places_of(package: str) -> Iterator[str]:
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        yield str(Path(place).resolve())


def pack(value: object) -> bytes:
    """Plain data as bytes for the border. A lone surrogate goes through and is cleaned where the text is kept."""
    return msgpack.packb(value, unicode_errors="surrogatepass")  # type: ignore[no-any-return]


def unpack(data: bytes) -> Any:
    """What `pack` packed; data only, whoever made it.

    Raises:
        ValueError: it is not msgpack.
    """
    try:
        return msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)
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
