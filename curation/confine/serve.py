"""The child's side of `curation.confine.sandbox`: reads a call, answers it, waits for the next."""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import socket
import threading
import time
from typing import Any

from curation.confine import progress
from curation.confine.isolation import Confinement, describe
from curation.confine.limits import Limits
from curation.confine.wire import HEADER_BYTES, pack, unpack
from curation.faults import describe_error
from schemas import Reason

PARENT_POLL_S = 0.5
MAX_FILE_BYTES = 16 * 1024 * 1024
"""What the child may write to one file. Its messages go to an unlinked temporary file of its parent; it has no other."""
SPARE_BYTES = 4 * 1024 * 1024
_spare: list[bytearray] = []
"""Held until a paper has used up the memory, of which its failure needs a little."""


def serve(channel: int, shared: int, parent: int, statm: int, held: Confinement) -> int:
    """Answer calls until the parent closes its end.

    Args:
        channel: descriptor of the child's end of the socket.
        shared: descriptor of the memory in which it says what it is at.
        parent: process id of the parent; the child ends with it.
        statm: descriptor of /proc/self/statm, which is out of reach by now.
        held: what confines this process, for the parent to know.
    """
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    with (
        contextlib.suppress(BrokenPipeError, ConnectionResetError, KeyboardInterrupt),
        socket.socket(fileno=channel) as line,
    ):
        if (request := _receive(line)) is None:
            return 0
        told, module = unpack(request[0])
        limits = Limits(**told)
        with contextlib.suppress(ImportError):  # the call says what is missing
            importlib.import_module(module or __name__)  # what it takes is none of a paper's memory
        mapped, resident = _memory(statm)
        _limit_process(limits, mapped)
        _spare.append(bytearray(SPARE_BYTES))
        progress.share(shared, lambda: _limit_cpu(limits))
        _send(line, pack(("result", {"rss": resident, **describe(held)})))
        while (request := _receive(line)) is not None:
            _limit_cpu(limits)
            _send(line, _bounded(_answer(*request), limits))
    return 0


def _answer(request: bytes, files: list[int]) -> tuple[str, Any]:
    try:
        name, args = unpack(request)
        del request
        module, _, function = name.partition(":")
        return "result", getattr(importlib.import_module(module), function)(*files, *args)
    except ModuleNotFoundError as error:  # no paper does this: the installation lacks something
        return "broken", error.name or str(error)
    except Exception as error:  # the border: one paper becomes one failed row, by the type and place of the error
        return _failure(error, exhausted=isinstance(error, MemoryError | ImportError))
    finally:
        for file in files:
            os.close(file)


def _failure(error: Exception, *, exhausted: bool) -> tuple[str, Any]:
    reason, detail = describe_error(error)
    return "error", {"reason": reason.value, "detail": detail, "exhausted": exhausted}


def _bounded(answer: tuple[str, Any], limits: Limits) -> bytes:
    failure = None
    try:
        payload = pack(answer)
    except (
        Exception
    ) as error:  # a result that is no plain data, or for which no memory is left, belongs to its paper too
        failure = _failure(error, exhausted=True)
    if failure is not None:
        _spare.clear()  # room to say that there is none
        payload = pack(failure)
    if len(payload) > limits.max_result_mb * 1024 * 1024:
        detail = f"the result is larger than {limits.max_result_mb} MiB"
        payload = pack(("error", {"reason": Reason.TOO_LARGE.value, "detail": detail, "exhausted": True}))
    return payload


def _limit_process(limits: Limits, mapped: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, MAX_FILE_BYTES)
    if limits.limit_address_space:
        _lower(resource.RLIMIT_AS, mapped + limits.max_memory_mb * 1024 * 1024)


def _limit_cpu(limits: Limits) -> None:
    """SIGXCPU ends the child when this call has used its CPU seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + limits.max_cpu_s)


def _lower(kind: int, soft: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _memory(statm: int) -> tuple[int, int]:
    """Mapped and resident bytes of this process."""
    page = resource.getpagesize()
    mapped, resident = os.pread(statm, 256, 0).split()[:2]
    return int(mapped) * page, int(resident) * page


def _receive(line: socket.socket) -> tuple[bytes, list[int]] | None:
    """A request and the descriptors that came with it; None at the end."""
    head, files, _, _ = socket.recv_fds(line, HEADER_BYTES, 1)
    head += _read(line, HEADER_BYTES - len(head)) if head else b""
    size = int.from_bytes(head, "big")
    data = _read(line, size)
    return (data, files) if len(head) == HEADER_BYTES and len(data) == size else None


def _read(line: socket.socket, size: int) -> bytes:
    """As many bytes, or fewer at the end."""
    data = bytearray()
    while len(data) < size and (chunk := line.recv(min(1 << 20, size - len(data)))):
        data += chunk
    return bytes(data)


def _send(line: socket.socket, payload: bytes) -> None:
    line.sendall(len(payload).to_bytes(HEADER_BYTES, "big"))
    line.sendall(payload)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    os.killpg(0, signal.SIGKILL)  # the child leads its group: the program that it runs ends too
