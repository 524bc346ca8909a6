"""The arithmetic of epochs, skips and ends, beside a plain twin that counts samples one by one."""

from __future__ import annotations

from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import UserError
from curation.streaming.epochs import Epochs, Share
from curation.streaming.order import ORDER_VERSION
from curation.streaming.state import State


def state(epoch: int = 0, consumed: int = 0) -> State:
    return State(ORDER_VERSION, 0, epoch, consumed, 8, True, "r", "research", "documents")


def twin(total: int, skip: list[tuple[int, int, int]], end: str, at: State, world: int) -> list[tuple[int, int]]:
    """All samples, in global order, that the ranks get of the rest of the epoch."""
    gone = {(e, n) for e, start, stop in skip for n in range(start, stop)}
    rest = [(at.epoch, n) for n in range(at.consumed, total) if (at.epoch, n) not in gone]
    missing = -len(rest) % world
    if end == "drop":
        return rest[: len(rest) // world * world]
    if end == "pad":
        first = [(at.epoch, n) for n in range(total) if (at.epoch, n) not in gone]
        return rest + [first[i % len(first)] for i in range(missing)]
    following = ((e, n) for e in count(at.epoch + 1) for n in range(total) if (e, n) not in gone)
    return rest + list(islice(following, missing))


def test_skips_are_named_alike_in_any_order() -> None:
    skips = [(0, 4, 8), (2, 0, 3), (0, 1, 2)]
    assert Epochs(9, skips, "wrap").skip_digest == Epochs(9, [*skips[::-1], skips[0]], "wrap").skip_digest
    assert Epochs(9, skips, "wrap").skip_digest != Epochs(9, skips[:2], "wrap").skip_digest


SKIPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 25), st.integers(1, 9)), max_size=4).map(
    lambda skips: [(e, start, start + n) for e, start, n in skips]
)


@settings(max_examples=300, deadline=None)
@given(
    total=st.integers(1, 30),
    skip=SKIPS,
    end=st.sampled_from(["wrap", "drop", "pad"]),
    epoch=st.integers(0, 2),
    data=st.data(),
    world=st.integers(1, 16),
    workers=st.integers(1, 4),
)
def test_what_ranks_and_workers_read_is_the_rest_of_the_epoch(
    total: int, skip: list[tuple[int, int, int]], end: str, epoch: int, data: st.DataObject, world: int, workers: int
) -> None:
    epochs = Epochs(total, skip, end)  # type: ignore[arg-type]
    at = state(epoch, data.draw(st.integers(0, total - 1)))
    expected = twin(total, skip, end, at, world)
    steps = epochs.steps(at, world)
    assert steps * world == len(expected)
    received = data.draw(st.integers(0, 3))
    for rank in range(world):
        for worker in range(workers):
            share = Share(rank, world, worker, workers)
            mine = expected[rank::world][worker::workers]
            stretches = list(epochs.stretches(at, share, received))
            got = [(s.epoch, n) for s in stretches for n in range(s.first, s.stop, share.stride)]
            assert got == mine[received:]
    if end == "wrap" and steps:
        after = epochs.after_steps(at, steps, world)
        assert (after.epoch, after.consumed) == ((e := expected[-1])[0], e[1] + 1) or after.consumed == 0
        assert after.epoch > at.epoch


def test_an_epoch_without_a_further_step_is_finished() -> None:
    assert Epochs(10, [], "drop").after_steps(state(0, 0), 3, 3).epoch == 1
    assert Epochs(10, [(0, 9, 10)], "wrap").after_steps(state(0, 0), 3, 3).epoch == 1
    assert Epochs(10, [(0, 0, 10)], "wrap").after_steps(state(0, 0), 0, 1).epoch == 1
    assert Epochs(10, [], "wrap").after_steps(state(0, 9), 1, 4) == state(1, 3)
    assert Epochs(3, [], "wrap").after_steps(state(0, 0), 1, 8) == state(2, 2)
    assert Epochs(3, [], "wrap").after_steps(state(0, 0), 1, 9) == state(3, 0)


@settings(max_examples=300, deadline=None)
@given(
    total=st.integers(1, 12),
    skip=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 14)), max_size=3),
    end=st.sampled_from(["wrap", "drop", "pad"]),
    ahead=st.integers(0, 12),
    data=st.data(),
    world=st.integers(1, 30),
)
def test_a_later_epoch_begins_where_walking_through_all_before_it_ends(
    total: int, skip: list[tuple[int, int, int]], end: str, ahead: int, data: st.DataObject, world: int
) -> None:
    epochs = Epochs(total, [(e, start, start + n) for e, start, n in skip], end)  # type: ignore[arg-type]
    at = walked = state(data.draw(st.integers(0, 3)), data.draw(st.integers(0, total - 1)))
    while walked.epoch < at.epoch + ahead:
        walked = epochs.after_steps(walked, epochs.steps(walked, world), world)
    assert epochs.begin(at, at.epoch + ahead, world) == walked


def test_an_epoch_far_ahead_is_found_at_once() -> None:
    assert Epochs(10, [(7, 0, 5)], "wrap").begin(state(0, 4), 10**12, 3) == state(10**12, 2)


@pytest.mark.parametrize("skip", [[(0, 5, 5)], [(0, -1, 5)], [(0, 5)], [(0, 1.5, 2)]])
def test_a_range_that_is_none_is_told(skip: list[tuple[int, ...]]) -> None:
    with pytest.raises(UserError, match=r"skip .*\(epoch, first sample, sample after the last\)"):
        Epochs(10, skip, "wrap")  # type: ignore[arg-type]
