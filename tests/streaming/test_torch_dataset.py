"""The dataset under the real torch and torchdata: every worker mode, resume with the same and with other numbers."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from curation.errors import UserError
from curation.streaming import Mixture, MixtureSource, Reader, Segment
from tests.streaming.releases import write_release

pytestmark = pytest.mark.needs_torch

MODES = [(0, None, False), (2, "fork", False), (3, "fork", True), (1, "spawn", True)]
ROWS = [[30, 30], [36, 12]]


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[..., Any]:
    from curation.streaming.torch_dataset import StreamDataset

    write_release(tmp_path, ROWS)
    return lambda **options: StreamDataset(tmp_path, **{"dp_rank": 0, "dp_size": 1, "lanes": 8, **options})


def loader(dataset: Any, workers: int = 0, context: str | None = None, persistent: bool = False, **options: Any) -> Any:
    from torchdata.stateful_dataloader import StatefulDataLoader

    return StatefulDataLoader(
        dataset,
        **{"batch_size": 4, **options},
        num_workers=workers,
        multiprocessing_context=context,
        persistent_workers=persistent,
    )


def ids(batches: Any) -> list[str]:
    return [i for batch in batches for i in batch["id"]]


def epochs_of(tmp_path: Path, n: int, **options: Any) -> list[list[str]]:
    reader = Reader(tmp_path, lanes=8, **options)
    return [[sample["id"] for sample in reader] for _ in range(n)]


@pytest.mark.parametrize(("workers", "context", "persistent"), MODES)
def test_each_iteration_is_the_next_epoch(dataset: Any, tmp_path: Path, workers, context, persistent) -> None:
    from torch.utils.data import DataLoader

    expected = epochs_of(tmp_path, 3)
    given = dataset()
    plain = DataLoader(
        given, batch_size=4, num_workers=workers, multiprocessing_context=context, persistent_workers=persistent
    )
    for epoch in range(3):
        assert len(given) == 108
        got = ids(plain)
        assert sorted(got) == sorted(expected[epoch])
        first = max(workers, 1)
        streams = [expected[epoch][w::first] for w in range(first)]
        assert got[: 4 * first] == [i for stream in streams for i in stream[:4]]
    assert len({tuple(epoch) for epoch in expected}) == 3


@pytest.mark.parametrize("copied", [lambda d: pickle.loads(pickle.dumps(d)), copy.deepcopy], ids=["pickle", "deepcopy"])
@pytest.mark.parametrize(("workers", "context", "persistent"), MODES)
def test_a_copy_counts_epochs_of_its_own_with_its_workers(
    dataset: Any, tmp_path: Path, copied, workers, context, persistent
) -> None:
    orders = epochs_of(tmp_path, 3)
    original = dataset()
    given = copied(original)
    batches = loader(given, workers, context, persistent)
    assert ids(islice(batches, 1)) == orders[0][:: max(workers, 1)][:4]
    assert ids(islice(batches, 1)) == orders[1][:: max(workers, 1)][:4]
    given.set_epoch(2)
    assert ids(islice(batches, 1)) == orders[2][:: max(workers, 1)][:4]
    assert ids(loader(original)) == orders[0]


@pytest.mark.parametrize(("workers", "context", "persistent"), MODES[:3])
def test_set_epoch_names_the_epoch_in_every_worker(dataset: Any, tmp_path: Path, workers, context, persistent) -> None:
    expected = epochs_of(tmp_path, 5)
    given = dataset()
    batches = loader(given, workers, context, persistent)
    for epoch in (0, 3, 1, 1):
        given.set_epoch(epoch)
        next(iter(batches)) if epoch == 3 else None  # one that is broken off
        given.set_epoch(epoch)
        assert len(given) == 108
        assert sorted(ids(batches)) == sorted(expected[epoch])
        assert ids(islice(batches, 1)) == expected[epoch + 1][:: max(workers, 1)][:4]
    with pytest.raises(UserError, match=r"epoch 1\.5: a whole number"):
        given.set_epoch(1.5)


@pytest.mark.parametrize(("workers", "context", "persistent"), MODES)
def test_no_other_iteration_takes_rows_of_an_epoch(dataset: Any, tmp_path: Path, workers, context, persistent) -> None:
    """A peek, one that is broken off, another loader on the same dataset, seeds that come again."""
    import torch

    orders = epochs_of(tmp_path, 9)
    given = dataset()
    batches = loader(given, workers, context, persistent)
    next(iter(given))
    assert ids(batches) == in_turn(orders[1], workers)
    next(iter(loader(given)))
    next(iter(batches))
    assert ids(batches) == in_turn(orders[4], workers)
    for epoch in (5, 6):
        torch.manual_seed(1)
        assert ids(loader(given, workers, context)) == in_turn(orders[epoch], workers)
    assert ids(loader(given, workers + 1, "fork")) == in_turn(orders[7], workers + 1)
    assert ids(batches) == in_turn(orders[8], workers)


def in_turn(epoch: list[str], workers: int) -> list[str]:
    """An epoch as a loader gives it: batches of four of its workers in turn."""
    parts = [epoch[worker :: max(workers, 1)] for worker in range(max(workers, 1))]
    rounds = range(-(-len(parts[0]) // 4))
    return [i for turn in rounds for part in parts for i in part[4 * turn : 4 * turn + 4]]


@pytest.mark.parametrize(("workers", "context", "persistent"), MODES[:3])
def test_set_epoch_and_a_loaded_state_go_together_or_are_told(
    dataset: Any, tmp_path: Path, workers, context, persistent
) -> None:
    orders = epochs_of(tmp_path, 6)
    batches = loader(dataset(), workers, context, persistent)
    ids(batches)
    got = ids(islice(batches, 5))
    middle = batches.state_dict()
    ids(batches)
    end = batches.state_dict()

    def loaded(state: dict[str, Any], epoch: int) -> tuple[Any, Any]:
        given = dataset()
        batches = loader(given, workers, context, persistent)
        batches.load_state_dict(state)
        given.set_epoch(epoch)
        return given, batches

    given, again = loaded(middle, 1)
    assert got + ids(again) == in_turn(orders[1], workers)
    given.set_epoch(3)
    assert ids(again) == in_turn(orders[3], workers)
    for epoch in (0, 2):
        with pytest.raises(
            UserError, match=rf"set_epoch\({epoch}\): the loader's state goes on in epoch 1; name that one"
        ):
            ids(loaded(middle, epoch)[1])
    assert ids(loaded(end, 5)[1]) == in_turn(orders[5], workers)
    with pytest.raises(UserError, match=r"set_epoch\(0\): this run began or went on in epoch 2"):
        ids(loaded(end, 0)[1])


def test_a_worker_that_comes_late_reads_what_its_peers_read(dataset: Any, tmp_path: Path) -> None:
    """Broken off while worker 1 is still starting, and after."""
    from torch.utils.data import DataLoader

    given = dataset()
    ahead = iter(DataLoader(given, batch_size=4, num_workers=2, worker_init_fn=slowly))
    del ahead
    late = iter(DataLoader(given, batch_size=4, num_workers=2, worker_init_fn=slowly))
    got = next(late)["id"]
    other = ids(loader(given, 2, "fork"))
    orders = epochs_of(tmp_path, 3)
    assert got + ids(late) == in_turn(orders[1], 2) and other == in_turn(orders[2], 2)


def slowly(worker: int) -> None:
    time.sleep(1.5 * worker)


@pytest.mark.parametrize(
    ("workers", "context", "persistent", "stop"),
    [(*mode, stop) for mode, stop in zip(MODES, [7, 1, 26, 2], strict=True)],
)
def test_the_loader_resumes_exactly_with_as_many_workers(dataset: Any, workers, context, persistent, stop) -> None:
    whole = loader(dataset(seed=5), workers, context, persistent)
    expected = [ids(whole), ids(whole)]
    first = loader(dataset(seed=5), workers, context, persistent)
    got = ids(islice(first, stop))
    state = first.state_dict()
    assert max(len(json.dumps(s)) for s in worker_states(state)) < 400
    assert len(json.dumps(state)) < 450 + 450 * max(workers, 1)  # torchdata's own included
    again = loader(dataset(), workers, context, persistent)  # seed and lanes come with the state
    again.load_state_dict(state)
    got += ids(again)
    assert got == expected[0]
    assert ids(again) == expected[1]


def worker_states(state: dict[str, Any]) -> list[Any]:
    from curation.streaming.torch_dataset import _states_in

    return list(_states_in(state))


def test_a_finished_epoch_is_followed_by_the_next(dataset: Any, tmp_path: Path) -> None:
    expected = epochs_of(tmp_path, 3)
    for workers, context in [(0, None), (2, "fork")]:
        first = loader(dataset(), workers, context)
        assert sorted(ids(first)) == sorted(expected[0])
        assert sorted(ids(first)) == sorted(expected[1])
        again = loader(dataset(), workers, context)
        again.load_state_dict(first.state_dict())
        assert sorted(ids(again)) == sorted(expected[2])


@pytest.mark.parametrize(("before", "after"), [((2, 2), (3, 0)), ((2, 0), (3, 2)), ((1, 3), (2, 1)), ((4, 2), (1, 3))])
def test_other_numbers_of_ranks_and_workers_go_on_by_the_state_of_the_job(
    dataset: Any, tmp_path: Path, before: tuple[int, int], after: tuple[int, int]
) -> None:
    expected = epochs_of(tmp_path, 1)[0]
    size, workers = before
    got: list[str] = []
    states = set()
    for rank in range(size):
        given = dataset(dp_rank=rank, dp_size=size)
        batches = loader(given, workers, "fork" if workers else None)
        got += ids(islice(batches, 2 * max(workers, 1)))
        states.add(given.state_from(batches.state_dict()))
    assert len(states) == 1
    state = states.pop()
    assert sorted(got) == sorted(expected[: len(got)]) and state.consumed == len(got)
    size, workers = after
    lengths = set()
    for rank in range(size):
        given = dataset(dp_rank=rank, dp_size=size, lanes=None, state=state)
        rest = ids(loader(given, workers, "fork" if workers else None))
        lengths.add(len(rest))
        got += rest
    assert len(lengths) == 1
    assert set(expected) <= set(got) and len(got) - len(expected) < size  # those of the next epoch


@pytest.fixture
def mixed(tmp_path: Path) -> Callable[..., Any]:
    """Of a dataset over 118 samples of a mixture, or of the Mixture itself."""
    from curation.streaming.torch_dataset import MixtureDataset

    for name, files in {"a": ROWS, "b": [[20, 15]]}.items():
        write_release(tmp_path / name, files)
    sources = {name: MixtureSource(tmp_path / name) for name in "ab"}
    plan = [Segment(80, {"a": 3, "b": 1}), Segment(38, {"b": 1})]
    return lambda make=MixtureDataset, **options: make(
        sources, plan, **{"dp_rank": 0, "dp_size": 1, "lanes": 8, **options}
    )


@pytest.mark.parametrize(("workers", "context", "persistent"), MODES)
def test_mixtures_are_read_and_resumed_in_every_worker_mode(mixed: Any, workers, context, persistent) -> None:
    reader = mixed(Mixture)
    expected = [[sample["id"] for sample in reader] for _ in range(3)]
    assert len({tuple(epoch) for epoch in expected}) == 3 and {len(epoch) for epoch in expected} == {118}
    given = mixed()
    whole = loader(given, workers, context, persistent)
    epochs = [ids(whole) for _ in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [sorted(epoch) for epoch in expected]
    first = loader(mixed(), workers, context, persistent)
    got = ids(islice(first, 2 * max(workers, 1)))
    again = loader(mixed(), workers, context, persistent)
    again.load_state_dict(first.state_dict())
    assert got + ids(again) == epochs[0] and ids(again) == epochs[1]
    state = given.state_from(first.state_dict())
    assert state.consumed == len(got)
    rest = [i for r in range(3) for i in ids(loader(mixed(dp_rank=r, dp_size=3, lanes=None, state=state)))]
    assert sorted(rest) == sorted(expected[0][len(got) :] + expected[1][: len(rest) - 118 + len(got)])


def test_three_ranks_have_equally_many_steps(dataset: Any) -> None:
    for end in ("wrap", "drop", "pad"):
        ranks = [dataset(dp_rank=rank, dp_size=5, epoch_end=end) for rank in range(5)]
        for _ in range(2):
            assert len({len(r) for r in ranks}) == 1
            assert len({len(list(loader(r, 2, "fork"))) for r in ranks}) == 1


def test_a_plain_loader_tells_its_state_by_the_batches_received(dataset: Any, tmp_path: Path) -> None:
    from torch.utils.data import DataLoader

    expected = epochs_of(tmp_path, 2)
    given = dataset()
    plain = DataLoader(given, batch_size=4, num_workers=2)
    assert len(ids(plain)) == 108
    got = ids(islice(plain, 4))
    state = given.state_after(4, batch_size=4, workers=2)
    assert (state.epoch, state.consumed) == (1, 16) and sorted(got) == sorted(expected[1][:16])
    assert got + ids(DataLoader(dataset(lanes=None, state=state), batch_size=4)) == got + expected[1][16:]
    with pytest.raises(UserError, match="multiple of 2 batches"):
        given.state_after(3, batch_size=4, workers=2)


def test_wrong_states_are_told(dataset: Any, tmp_path: Path) -> None:
    given = dataset()
    batches = loader(given, 2, "fork")
    next(iter(batches))
    with pytest.raises(UserError, match="not given equally many batches: take the state after a multiple of 2"):
        given.state_from(batches.state_dict())
    with pytest.raises(UserError, match="no state of a StreamDataset"):
        given.state_from({})
    with pytest.raises(UserError, match="begin a new dataset and loader with state="):
        dataset(dp_rank=0, dp_size=2).load_state_dict(given.state_dict())
    given.load_state_dict(given.state_dict() | {"workers": 3})
    for _ in range(2):
        with pytest.raises(UserError, match="of 1 ranks with 3 workers, this loader is one of 1 with 1"):
            iter(given)
    with pytest.raises(UserError, match="not a state of a StreamDataset"):
        given.load_state_dict({"received": 1})
    later = dataset(state=Reader(tmp_path, lanes=8).next_epoch(given._reader.state()), lanes=None)
    with pytest.raises(UserError, match="went on in epoch 1"):
        later.set_epoch(0)


@pytest.mark.parametrize(
    ("then", "now", "name"),
    [
        ({}, {"skip": [(0, 4, 8)]}, "skip"),
        ({"skip": [(0, 4, 8)]}, {}, "skip"),
        ({"epoch_end": "pad"}, {"epoch_end": "drop"}, "epoch_end"),
    ],
)
def test_a_loader_state_goes_on_under_other_skips_by_the_state_of_the_job(
    dataset: Any, tmp_path: Path, then: dict[str, Any], now: dict[str, Any], name: str
) -> None:
    expected = epochs_of(tmp_path, 1)[0]
    old = dataset(**then)
    batches = loader(old)
    got = ids(islice(batches, 5))
    state = batches.state_dict()
    again = loader(dataset(**now))
    again.load_state_dict(state)
    with pytest.raises(UserError, match=f"taken with another {name}, so"):
        ids(again)
    with pytest.raises(UserError, match=f"taken with another {name}, so"):
        dataset(**now).state_from(state)
    rest = ids(loader(dataset(**now, lanes=None, state=old.state_from(state))))
    assert got + rest == [i for i in expected if "skip" not in then or i not in expected[4:8]]
    same = loader(dataset(**{key: value[::-1] if key == "skip" else value for key, value in then.items()}))
    same.load_state_dict(state)
    assert ids(same) == rest


def test_swapped_states_of_workers_are_refused(dataset: Any) -> None:
    batches = loader(dataset(), 2, "fork")
    ids(islice(batches, 3))
    state = batches.state_dict()
    workers = state["_snapshot"]["_worker_snapshots"]
    workers["worker_0"], workers["worker_1"] = workers["worker_1"], workers["worker_0"]
    again = loader(dataset(), 2, "fork")
    again.load_state_dict(state)
    with pytest.raises(UserError, match=r"worker (0 is given the state of worker 1|1 is given the state of worker 0)"):
        ids(again)


def test_workers_of_several_epochs_are_refused(dataset: Any) -> None:
    batches = loader(dataset(), 2, "fork")
    ids(islice(batches, 3))
    state = batches.state_dict()
    state["_snapshot"]["_worker_snapshots"]["worker_1"]["dataset_state"]["start"]["epoch"] += 1
    again = loader(dataset(), 2, "fork")
    again.load_state_dict(state)
    with pytest.raises(UserError, match="the loader's state has workers of several epochs"):
        ids(again)


LEFT = """
import sys
from torchdata.stateful_dataloader import StatefulDataLoader
from curation.streaming.torch_dataset import StreamDataset
loader = StatefulDataLoader(StreamDataset(sys.argv[1], dp_rank=0, dp_size=1, lanes=8), batch_size=4)
for batch in loader: break
"""


def test_a_script_may_end_within_an_epoch(dataset: Any, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", LEFT, str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_columns_with_nulls_are_collated_as_lists() -> None:
    from curation.streaming.torch_dataset import collate

    assert collate([{"id": "a", "n": None}, {"id": "b", "n": 2}]) == {"id": ["a", "b"], "n": [None, 2]}


def test_the_rank_of_torch_distributed_is_found(dataset: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import torch.distributed

    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    try:
        with caplog.at_level("INFO"):
            assert dataset(dp_rank=None, dp_size=None)._reader.dp_size == 1
        assert "rank 0 of 1, by torch.distributed" in caplog.text
    finally:
        torch.distributed.destroy_process_group()
