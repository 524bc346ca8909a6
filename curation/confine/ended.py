"""How a process ended, and whose failure that is: the paper's that it worked on, or the machine's."""

from __future__ import annotations

import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence

from curation.errors import PaperError
from schemas import Reason

OWN_SIGNALS = frozenset(
    {
        *(signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP),
        *(signal.SIGSYS, signal.SIGPIPE, signal.SIGXFSZ),
    }
)
"""Signals by which a program ends itself; any other was sent."""


def by_signal(number: int) -> Reason:
    """TIMEOUT for the limit of CPU time, CRASHED for a signal of its own, KILLED for one that others sent."""
    if number == signal.SIGXCPU:
        return Reason.TIMEOUT
    return Reason.CRASHED if number in OWN_SIGNALS else Reason.KILLED


def by_clock(cpu_s: float, might_s: float) -> Reason:
    """TIMEOUT when a process that the clock ended had at least half of the CPU time that it might have had, else STALLED."""
    return Reason.TIMEOUT if cpu_s >= might_s / 2 else Reason.STALLED


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def run_program(
    command: Sequence[str], data: bytes, max_s: float, env: Mapping[str, str], cwd: str = "/"
) -> subprocess.CompletedProcess[bytes]:
    """Run a program on a paper, with its bytes as standard input.

    Returns:
        what it said; it may have failed or crashed by itself.

    Raises:
        PaperError: TIMEOUT or STALLED after `max_s` seconds by the clock, TIMEOUT at a limit of CPU time, KILLED.
    """
    name = command[0].rpartition("/")[2]
    before = _cpu_of_children_s()
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=max_s, env=env, cwd=cwd)
    except subprocess.TimeoutExpired as error:
        reason = by_clock(_cpu_of_children_s() - before, max_s)
        raise PaperError(reason, f"{name} took more than {max_s:g} s") from error
    if done.returncode < 0 and (reason := by_signal(-done.returncode)) is not Reason.CRASHED:
        raise PaperError(reason, f"{name} was ended by {signal_name(-done.returncode)}")
    return done


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
