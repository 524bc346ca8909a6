"""Which epoch an iteration reads, agreed on by processes that ask at any time."""

from __future__ import annotations

import copy
import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curation.errors import UserError
from curation.streaming import Reader
from curation.streaming.iterations import Iteration, Iterations
from tests.streaming.releases import write_release


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    write_release(tmp_path, [[5], [4]])
    return Reader(tmp_path, lanes=2)


def epoch_of(iterations: Iterations, reader: Reader, by: Iteration | None = None) -> int:
    return iterations.begin(reader, by, None)[0].epoch


def test_the_workers_of_an_iteration_are_told_by_seed_start_number_and_turn(reader: Reader) -> None:
    iterations = Iterations(reader.state())
    first = Iteration(seed=7, started=3, workers=2, turn=0)
    assert epoch_of(iterations, reader, first) == 0
    for epoch, other in enumerate(
        [
            Iteration(7, 5, 2, 0),  # the same seed again, by processes started later
            Iteration(8, 3, 2, 0),
            Iteration(7, 3, 3, 0),
            Iteration(7, 3, 2, 1),  # persistent workers
            None,
            None,
        ],
        1,
    ):
        assert epoch_of(iterations, reader, other) == epoch
    assert epoch_of(iterations, reader, Iteration(7, 4, 2, 0)) == 0  # another thread started a process between the two
    assert epoch_of(iterations, reader, first) == 0 and iterations.last().epoch == 6


def test_a_late_worker_is_told_what_held_when_its_iteration_began(reader: Reader) -> None:
    iterations = Iterations(reader.state())
    by = [Iteration(seed, 2 * seed, 2, 0) for seed in range(20)]
    assert [epoch_of(iterations, reader, worker) for worker in by[:10]] == list(range(10))
    iterations.set_epoch(40)
    assert epoch_of(iterations, reader, by[3]) == 3 and iterations.following(reader).epoch == 40
    assert [epoch_of(iterations, reader, worker) for worker in by[10:]] == list(range(40, 50))
    assert epoch_of(iterations, reader, by[9]) == 9


def test_a_loaded_state_is_where_the_run_goes_on_and_a_named_epoch_waits(reader: Reader) -> None:
    iterations = Iterations(reader.state())
    loaded = reader.epoch_start(reader.state(), 5)
    iterations.set_epoch(9)
    for worker in (Iteration(1, 0, 2, 0), Iteration(1, 1, 2, 0)):
        start, refused = iterations.begin(reader, worker, loaded)
        assert start == loaded and refused == (
            "set_epoch(9): the loader's state goes on in epoch 5; name that one, or none"
        )
    assert epoch_of(iterations, reader) == 9 and epoch_of(iterations, reader) == 10
    with pytest.raises(UserError, match=r"set_epoch\(4\): this run began or went on in epoch 5"):
        iterations.set_epoch(4)
    iterations.set_epoch(4 + 1)
    assert iterations.begin(reader, None, loaded) == (loaded, "")
    assert epoch_of(iterations, reader) == 6
    other = replace(loaded, seed=8)
    before, after = Iteration(2, 0, 2, 0), Iteration(3, 0, 2, 0)
    assert epoch_of(iterations, reader, before) == 7
    assert iterations.begin(reader, after, other) == (other, "")
    # A late one of before the state was loaded does not take its place under the new seed.
    assert [iterations.begin(reader, late, None)[0].epoch for late in (before, before, after)] == [6, 6, 5]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_count_together_and_copies_by_themselves(reader: Reader, tmp_path: Path, method: str) -> None:
    iterations = Iterations(reader.state())
    copied = copy.deepcopy(iterations)
    context = multiprocessing.get_context(method)
    found: Any = context.Queue()
    processes = [context.Process(target=count, args=(iterations, tmp_path, found)) for _ in range(3)]
    for process in processes:
        process.start()
    assert sorted(found.get(timeout=60) for _ in range(3 * 20)) == list(range(60))
    for process in processes:
        process.join()
    assert epoch_of(iterations, reader) == 60 and epoch_of(copied, reader) == 0


def count(iterations: Iterations, folder: Path, found: Any) -> None:
    reader = Reader(folder, lanes=2)
    for _ in range(20):
        found.put(epoch_of(iterations, reader))


def test_many_iterations_fit_on_the_page(reader: Reader) -> None:
    iterations = Iterations(reader.epoch_start(reader.state(), 10**15))
    by = [Iteration(2**64 - n, 10**6 + 512 * n, 512, n) for n in range(100)]
    assert [epoch_of(iterations, reader, worker) - 10**15 for worker in by] == list(range(100))
