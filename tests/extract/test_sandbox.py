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
from collections.abc import Iterator

import psutil
import pytest

from curation.errors import PaperError, RunError
from curation.extract.sandbox import Limits, Sandbox
from schemas import Reason

HERE = "tests.extract.misbehaving"
PACKAGES = ("curation", "schemas", "tests")
TIGHT = Limits(max_wall_s=20, max_cpu_s=10, max_memory_mb=256, max_result_mb=8)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(TIGHT, PACKAGES) as made:
        yield made


def failure(sandbox: Sandbox, function: str, *args: object) -> PaperError:
    with pytest.raises(PaperError) as caught:
        sandbox.call(f"{HERE}:{function}", *args)
    return caught.value


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


def test_a_paper_that_waits_ends_by_the_clock() -> None:
    with Sandbox(Limits(max_wall_s=0.5), PACKAGES) as sandbox:
        sandbox.call(f"{HERE}:echo", 0)
        assert failure(sandbox, "sleep").reason is Reason.TIMEOUT
        assert sandbox.pid is None


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
        "from curation.extract.sandbox import Sandbox\n"
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
