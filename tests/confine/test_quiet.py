"""Who is alone waits for those that run, is joined by nobody, and waits no longer than told."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.confine.quiet import alone, beside_others


@pytest.fixture(autouse=True)
def own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other runs on this machine wait for other files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


class Told:
    """What threads did, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def start(self, name: str, place: Callable[[float], object], for_s: float, wait_s: float = 20) -> threading.Thread:
        def work() -> None:
            with place(wait_s):  # type: ignore[attr-defined]
                self.words.append(f"{name} in")
                time.sleep(for_s)
                self.words.append(f"{name} out")

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + 20
        while words not in self.words and time.monotonic() < deadline:
            time.sleep(0.005)
        assert words in self.words


def test_alone_waits_for_calls_that_run_and_new_ones_wait_for_it() -> None:
    told = Told()
    threads = [told.start("first", beside_others, 0.4), told.start("second", beside_others, 0.4)]
    told.wait_for("first in")
    told.wait_for("second in")
    threads.append(told.start("alone", alone, 0.2))
    time.sleep(0.1)
    threads.append(told.start("late", beside_others, 0))
    for thread in threads:
        thread.join()
    assert set(told.words[:2]) == {"first in", "second in"} and set(told.words[2:4]) == {"first out", "second out"}
    assert told.words[4:] == ["alone in", "alone out", "late in", "late out"]


def test_calls_run_beside_each_other_while_nobody_waits_to_be_alone() -> None:
    told = Told()
    long = told.start("long", beside_others, 0.4)
    told.wait_for("long in")
    with beside_others(5), beside_others(5):
        told.words.append("short")
    long.join()
    assert told.words == ["long in", "short", "long out"]


def test_nobody_waits_longer_than_told() -> None:
    told = Told()
    long = told.start("long", beside_others, 1.0)
    told.wait_for("long in")
    with alone(0.1):
        told.words.append("alone")
        late = told.start("late", beside_others, 0, wait_s=0.1)
        late.join()
    long.join()
    assert told.words == ["long in", "alone", "late in", "late out", "long out"]


def test_who_is_alone_may_call_again() -> None:
    started = time.monotonic()
    with alone(5), alone(5), beside_others(5):
        pass
    with alone(5):
        pass
    assert time.monotonic() - started < 5, "it did not wait for itself"
    told = Told()
    other = told.start("other", alone, 0.3)
    told.wait_for("other in")
    with beside_others(5):
        told.words.append("mine")
    other.join()
    assert told.words == ["other in", "other out", "mine"], "once it was alone, and is so no more"


def test_a_lock_of_another_user_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: another)
    with (tmp_path / f"astrocorpus-{another}-room.lock").open("wb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        started = time.monotonic()
        with alone(30):
            pass
    assert time.monotonic() - started < 15


def test_without_a_place_for_locks_calls_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    with alone(5), beside_others(5):
        pass
