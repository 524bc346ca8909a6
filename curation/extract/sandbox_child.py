"""The child's side of `curation.extract.sandbox`: reads a call, answers it, waits for the next."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from curation.extract.sandbox import HEADER_BYTES, Limits, describe_error
from schemas import Reason

PARENT_POLL_S = 0.5
MAX_FILE_BYTES = 256 * 1024 * 1024
"""What the child may write to one file: its messages go to an unlinked temporary file, papers never do."""


def main(argv: list[str]) -> int:
    source, sink, parent = (int(value) for value in argv)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    request = _receive(source)
    if request is None:
        return 0
    limits: Limits = pickle.loads(request)
    _limit_process(limits)
    _send(sink, ("result", {"rss": _memory()[1]}))
    while (request := _receive(source)) is not None:
        _limit_cpu(limits)
        answer = _answer(request)
        _send_bounded(sink, answer, limits)
    return 0


def _answer(request: bytes) -> tuple[str, Any]:
    try:
        function, args = pickle.loads(request)
        del request
        module, _, name = function.partition(":")
        return "result", getattr(importlib.import_module(module), name)(*args)
    except ModuleNotFoundError as error:  # no paper does this: the installation lacks something
        return "broken", str(error)
    except Exception as error:  # the border: one paper becomes one failed row, by the type and place of the error
        reason, detail = describe_error(error)
        return "error", {
            "reason": reason.value,
            "detail": detail,
            "exhausted": isinstance(error, MemoryError | ImportError),
        }


def _send_bounded(sink: int, answer: tuple[str, Any], limits: Limits) -> None:
    try:
        payload = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # a result that does not pickle belongs to its paper too
        reason, detail = describe_error(error)
        payload = pickle.dumps(("error", {"reason": reason.value, "detail": detail, "exhausted": True}))
    if len(payload) > limits.max_result_mb * 1024 * 1024:
        detail = f"the result is larger than {limits.max_result_mb} MiB"
        payload = pickle.dumps(("error", {"reason": Reason.TOO_LARGE.value, "detail": detail, "exhausted": True}))
    _write(sink, payload)


def _limit_process(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, MAX_FILE_BYTES)
    if limits.limit_address_space:
        _lower(resource.RLIMIT_AS, _memory()[0] + limits.max_memory_mb * 1024 * 1024)


def _limit_cpu(limits: Limits) -> None:
    """SIGXCPU ends the child when this call has used its CPU seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + limits.max_cpu_s)


def _lower(kind: int, soft: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _memory() -> tuple[int, int]:
    """Mapped and resident bytes of this process."""
    try:
        mapped, resident = Path("/proc/self/statm").read_text().split()[:2]
    except OSError:  # not Linux: peak resident size (bytes on macOS), and no bound from what is mapped
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return 1 << 40, peak
    page = resource.getpagesize()
    return int(mapped) * page, int(resident) * page


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    os._exit(0)


def _receive(source: int) -> bytes | None:
    header = _read(source, HEADER_BYTES)
    return None if header is None else _read(source, int.from_bytes(header, "big"))


def _read(source: int, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        chunk = os.read(source, min(1 << 20, size - len(data)))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


def _send(sink: int, answer: tuple[str, Any]) -> None:
    _write(sink, pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL))


def _write(sink: int, payload: bytes) -> None:
    view = memoryview(len(payload).to_bytes(HEADER_BYTES, "big") + payload)
    while view:
        view = view[os.write(sink, view) :]


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
