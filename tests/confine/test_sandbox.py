"""A paper may do anything to its child process; it costs one failed paper and nothing else."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from curation.confine.limits import Limits
from curation.confine.sandbox import Sandbox
from curation.errors import PaperError, RunError
from schemas import Reason

HERE = "tests.confine.misbehaving"
PACKAGES = ("curation", "schemas", "tests")
TIGHT = Limits(max_wall_s=60, max_cpu_s=10, max_memory_mb=256, max_result_mb=8)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(TIGHT, PACKAGES) as made:
        yield made


def failure(sandbox: Sandbox, function: str, *args: object, file: int | None = None) -> PaperError:
    with pytest.raises(PaperError) as caught:
        sandbox.call(f"{HERE}:{function}", *args, file=file)
    return caught.value


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Opens files that children write to, each of its own."""
    handles: list[int] = []

    def make() -> int:
        handles.append(os.open(tmp_path / f"log{len(handles)}", os.O_RDWR | os.O_CREAT | os.O_APPEND))
        return handles[-1]

    yield make
    for handle in handles:
        os.close(handle)


def read(handle: int) -> str:
    return os.pread(handle, 1 << 20, 0).decode()


def test_one_child_serves_many_calls(sandbox: Sandbox) -> None:
    pids = {sandbox.call(f"{HERE}:pid") for _ in range(5)}
    assert pids == {sandbox.pid}
    assert os.getpid() not in pids
    blob = os.urandom(3 << 20)
    assert sandbox.call(f"{HERE}:echo", blob) == blob


def test_a_paper_that_spins_ends_by_cpu_time() -> None:
    with Sandbox(Limits(max_wall_s=60, max_cpu_s=1), PACKAGES) as sandbox:
        error = failure(sandbox, "spin")
        assert error.reason is Reason.TIMEOUT
        assert "CPU" in error.detail
        assert sandbox.call(f"{HERE}:echo", 1) == 1


def test_a_paper_that_gets_no_cpu_time_is_stalled(log: Callable[[], int]) -> None:
    tries = log()
    with Sandbox(Limits(max_wall_s=0.5), PACKAGES) as sandbox:
        sandbox.call(f"{HERE}:echo", 0)
        assert failure(sandbox, "leave_mark_and_sleep", file=tries).reason is Reason.STALLED
        assert sandbox.pid is None
    assert read(tries) == "xx", "asked once more, not for ever"


@pytest.mark.parametrize(("burnt_s", "reason"), [(0.6, Reason.TIMEOUT), (0.2, Reason.STALLED)])
def test_half_of_the_cpu_limit_makes_the_clock_the_papers_own(burnt_s: float, reason: Reason) -> None:
    with Sandbox(Limits(max_wall_s=5, max_cpu_s=1), PACKAGES) as sandbox:
        assert failure(sandbox, "burn_and_sleep", burnt_s).reason is reason


def test_programs_that_a_paper_starts_use_its_time() -> None:
    with Sandbox(Limits(max_wall_s=60, max_cpu_s=1), PACKAGES) as sandbox:
        error = failure(sandbox, "spin_in_programs")
        assert (error.reason, 1 < sandbox.cpu_s < 6) == (Reason.TIMEOUT, True)


def test_a_call_may_have_less_time_than_the_limits() -> None:
    with Sandbox(Limits(max_wall_s=60, max_cpu_s=60), PACKAGES) as sandbox:
        with pytest.raises(PaperError, match="more than what was left of 60 s of CPU time"):
            sandbox.call(f"{HERE}:spin", max_cpu_s=1)
        assert 1 < sandbox.cpu_s < 5


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_we_did_not_send_is_no_fault_of_the_paper(
    sandbox: Sandbox, log: Callable[[], int], number: signal.Signals
) -> None:
    error = failure(sandbox, "be_killed", number.value, 99, file=log())
    assert (error.reason, number.name in error.detail) == (Reason.KILLED, True)
    assert sandbox.call(f"{HERE}:be_killed", number.value, 1, file=log()) == "alive"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE])
def test_a_crash_is_asked_again_only_in_a_fresh_child(
    sandbox: Sandbox, log: Callable[[], int], number: signal.Signals
) -> None:
    assert failure(sandbox, "be_killed", number.value, 1, file=log()).reason is Reason.CRASHED
    sandbox.call(f"{HERE}:echo", 0)
    assert sandbox.call(f"{HERE}:be_killed", number.value, 1, file=log()) == "alive"


def test_a_second_try_reads_its_file_from_where_the_first_did(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("header one two")
    with (tmp_path / "rows").open("rb") as rows:
        rows.seek(7)
        sandbox.call(f"{HERE}:echo", 0)
        assert sandbox.call(f"{HERE}:read_then_die_unless_fresh", file=rows.fileno()) == b"one two"


def test_a_second_try_has_the_machine_to_itself(log: Callable[[], int]) -> None:
    """While a call that was killed is tried again no other call of this machine runs."""
    shared = log()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        killed = pool.submit(_in_thread, shared, 1, "be_killed_then_say")
        others = [pool.submit(_in_thread, shared, 40, "say") for _ in range(2)]
        for future in (killed, *others):
            future.result()
    told = read(shared).split()
    assert told.count("begin") == told.count("end") == 81
    alone = told.index("alone")
    assert told[alone - 1 : alone + 2] == ["begin", "alone", "end"], "none began before it had ended"
    assert told[:alone].count("begin") - told[:alone].count("end") == 1
    assert told[alone:].count("begin") > 0, "it did not wait until nobody had anything to do"


def _in_thread(log: int, times: int, function: str) -> None:
    with Sandbox(TIGHT, PACKAGES) as sandbox:
        for _ in range(times):
            sandbox.call(f"{HERE}:{function}", file=log)


def test_a_child_killed_while_it_starts_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    starts = _kill_at_start(monkeypatch, times=2)
    with Sandbox(TIGHT, PACKAGES) as sandbox:
        assert sandbox.call(f"{HERE}:echo", 1) == 1
    assert len(starts) == 3


def test_a_child_that_is_always_killed_while_it_starts_is_a_failed_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    _kill_at_start(monkeypatch, times=99)
    with Sandbox(TIGHT, PACKAGES) as sandbox, pytest.raises(PaperError, match="while it started") as caught:
        sandbox.call(f"{HERE}:echo", 1)
    assert caught.value.reason is Reason.KILLED


def test_a_child_that_can_never_start_stops_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "python").write_text("#!/bin/sh\necho broken installation >&2\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    with Sandbox(TIGHT, PACKAGES) as sandbox, pytest.raises(RunError, match="broken installation"):
        sandbox.call(f"{HERE}:echo", 1)


def _kill_at_start(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """The next children are killed as soon as they are there; pids of all."""
    started: list[int] = []
    popen = subprocess.Popen

    def start(*args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        process = popen(*args, **kwargs)
        started.append(process.pid)
        if len(started) <= times:
            process.kill()
        return process

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def test_eight_gigabytes_at_once_are_refused(sandbox: Sandbox) -> None:
    first = sandbox.call(f"{HERE}:pid")
    assert failure(sandbox, "allocate_at_once", 8 << 30).reason is Reason.OUT_OF_MEMORY
    assert sandbox.call(f"{HERE}:pid") != first


@pytest.mark.parametrize("limit_address_space", [True, False])
def test_eight_gigabytes_bit_by_bit_never_get_resident(limit_address_space: bool) -> None:
    with Sandbox(Limits(max_memory_mb=256, limit_address_space=limit_address_space), PACKAGES) as sandbox:
        child = psutil.Process(sandbox.call(f"{HERE}:pid"))
        peak = 0
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            future = pool.submit(sandbox.call, f"{HERE}:allocate_bit_by_bit", 8 << 30)
            while not future.done():
                try:
                    peak = max(peak, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    break
                time.sleep(0.005)
            with pytest.raises(PaperError) as caught:
                future.result()
        assert caught.value.reason is Reason.OUT_OF_MEMORY
        assert peak < 1 << 30


@pytest.mark.parametrize("function", ["segfault", "leave"])
def test_a_dead_child_is_one_failed_paper(sandbox: Sandbox, function: str) -> None:
    error = failure(sandbox, function, *([0] if function == "leave" else []))
    assert error.reason is Reason.CRASHED
    assert ("SIGSEGV" in error.detail) == (function == "segfault")
    assert sandbox.call(f"{HERE}:echo", "next paper") == "next paper"


def test_last_words_of_a_dead_child_are_kept(sandbox: Sandbox) -> None:
    assert "mupdf: cannot go on" in failure(sandbox, "complain_and_die").detail


def test_output_of_libraries_does_not_disturb_the_pipe(sandbox: Sandbox) -> None:
    assert sandbox.call(f"{HERE}:chatter") == "done"


def test_errors_keep_reason_type_and_place(sandbox: Sandbox) -> None:
    first = sandbox.call(f"{HERE}:pid")
    error = failure(sandbox, "refuse")
    assert (error.reason, error.detail) == (Reason.NO_MAIN_FILE, "which one?")
    error = failure(sandbox, "stumble")
    assert error.reason is Reason.EXTRACT_ERROR
    assert "ZeroDivisionError: by a macro (misbehaving.py:" in error.detail
    assert "deeply" in failure(sandbox, "recurse").detail
    assert failure(sandbox, "no_such_function").reason is Reason.EXTRACT_ERROR
    assert sandbox.call(f"{HERE}:pid") == first, "a plain error does not cost the child"


def test_results_are_bounded(sandbox: Sandbox) -> None:
    assert failure(sandbox, "large", 9 << 20).reason is Reason.TOO_LARGE
    assert failure(sandbox, "not_plain").reason is Reason.EXTRACT_ERROR
    assert sandbox.call(f"{HERE}:large", 7 << 20) == b"x" * (7 << 20)


def test_a_missing_module_stops_the_run(sandbox: Sandbox) -> None:
    with pytest.raises(RunError, match="no_such_module"):
        sandbox.call(f"{HERE}:lack")


def test_a_child_killed_while_it_waits_is_replaced(sandbox: Sandbox) -> None:
    pid = sandbox.call(f"{HERE}:pid")
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(5)
    assert sandbox.call(f"{HERE}:echo", 1) == 1


def test_pickled_sandbox_arrives_without_its_child(sandbox: Sandbox) -> None:
    sandbox.call(f"{HERE}:pid")
    copy = pickle.loads(pickle.dumps(sandbox))
    assert copy.pid is None
    assert copy.limits == sandbox.limits


def _in_worker(value: int) -> int:
    with Sandbox(TIGHT, PACKAGES) as sandbox:
        return int(sandbox.call(f"{HERE}:echo", value))


def test_works_inside_daemonic_pool_workers() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_in_worker, [1, 2]) == [1, 2]


@pytest.mark.parametrize("function", ["spin", "sleep"])
def test_child_ends_with_a_killed_parent(function: str) -> None:
    code = (
        "import sys, threading, time\n"
        "from curation.confine.sandbox import Sandbox\n"
        f"s = Sandbox(packages={PACKAGES!r})\n"
        f"print(s.call('{HERE}:pid'), flush=True)\n"
        f"s.call('{HERE}:{function}')\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    try:
        child.wait(timeout=10)
    except psutil.TimeoutExpired:
        child.kill()
        pytest.fail("the child outlived its parent")
