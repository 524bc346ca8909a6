"""How a process ended says whose failure it is."""

from __future__ import annotations

import signal

import pytest

from curation.confine.ended import by_clock, by_signal, run_program, signal_name
from curation.errors import PaperError
from schemas import Reason

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGXCPU, Reason.TIMEOUT),
        *(
            (own, Reason.CRASHED)
            for own in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
        ),
        *((own, Reason.CRASHED) for own in (signal.SIGTRAP, signal.SIGSYS, signal.SIGPIPE, signal.SIGXFSZ)),
        *(
            (sent, Reason.KILLED)
            for sent in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
        ),
        *((sent, Reason.KILLED) for sent in (signal.SIGUSR1, signal.SIGALRM, signal.SIGRTMIN)),
    ],
)
def test_a_signal_is_the_programs_own_or_was_sent(number: int, reason: Reason) -> None:
    assert by_signal(number) is reason


def test_half_of_the_time_that_it_might_have_had_makes_the_clock_the_papers_own() -> None:
    assert [by_clock(used, 10) for used in (0, 4.99, 5, 10)] == [Reason.STALLED] * 2 + [Reason.TIMEOUT] * 2


def test_signals_are_named() -> None:
    assert (signal_name(9), signal_name(250)) == ("SIGKILL", "signal 250")


def test_a_program_gets_its_input_and_says_what_it_says() -> None:
    done = run_program(["cat"], b"words", 10, ENVIRONMENT)
    assert (done.returncode, done.stdout) == (0, b"words")
    assert run_program(["sh", "-c", "echo no >&2; exit 3"], b"", 10, ENVIRONMENT).stderr == b"no\n"
    assert run_program(["sh", "-c", "kill -SEGV $$"], b"", 10, ENVIRONMENT).returncode == -signal.SIGSEGV


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -KILL $$", Reason.KILLED),
        ("kill -TERM $$", Reason.KILLED),
        ("ulimit -S -t 1; while :; do :; done", Reason.TIMEOUT),
        ("sleep 60", Reason.STALLED),
    ],
)
def test_what_others_did_to_a_program_is_no_failure_of_the_paper(script: str, reason: Reason) -> None:
    with pytest.raises(PaperError, match=r"sh (was ended by SIG|took more than)") as caught:
        run_program(["sh", "-c", f"{script}; true"], b"", 1 if reason is Reason.STALLED else 30, ENVIRONMENT)
    assert caught.value.reason is reason
