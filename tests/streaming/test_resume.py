"""Two epochs stopped anywhere, each time with other numbers of ranks and workers: nothing lost, nothing repeated, one order."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.streaming import Mixture, MixtureSource, Reader, Segment, State
from tests.streaming.releases import write_release

FILES = st.lists(st.lists(st.integers(1, 9), max_size=4), min_size=1, max_size=3).filter(lambda f: sum(map(sum, f)) > 3)
SKIPS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60), st.integers(1, 9)), max_size=2).map(
    lambda skips: [(epoch, start, start + n) for epoch, start, n in skips]
)
WEIGHTS = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda w: {"a": w[0], "b": w[1]})


def got_by(make: Callable[..., Any], state: State | None, world: int, workers: int, steps: int) -> list[str]:
    """The samples of so many steps in global order, each rank's from its workers in turn, or without any."""
    ranks = []
    for rank in range(world):
        reader = make(dp_rank=rank, dp_size=world, state=state)
        parts = [reader.part(worker, workers, start=reader.state()) for worker in range(workers)]
        samples = (next(parts[step % workers]) for step in range(steps)) if workers else islice(reader, steps)
        ranks.append([sample["id"] for sample in samples])
    return [sample for step in zip(*ranks, strict=True) for sample in step]


def check(make: Callable[..., Any], data: st.DataObject, *, least: int = 0) -> list[str]:
    """Stops, and goes on with the state alone, until two epochs are read; returns what was read of them. It stops after `least`
    samples or more."""
    alone = make(dp_rank=0, dp_size=1, state=None)
    expected: list[str] = []
    state, got = None, list[str]()
    while state is None or state.epoch < 2:
        world, workers = data.draw(st.integers(1, 16), label="world"), data.draw(st.integers(0, 4), label="workers")
        reader = make(dp_rank=0, dp_size=world, state=state)
        least_steps = min(least // world, len(reader))
        steps = data.draw(st.integers(least_steps, len(reader)), label="steps") or len(reader)
        got += got_by(make, state, world, workers, steps)
        state = reader.after(reader.state(), steps, world)
        state = State.from_dict(json.loads(json.dumps(state.to_dict())))
    while len(expected) < len(got):
        expected += [sample["id"] for sample in alone]
    assert got == expected[: len(got)]
    return got


@settings(max_examples=30, deadline=None)
@given(
    files=FILES,
    lanes=st.sampled_from([1, 2, 3, 8]),
    seed=st.integers(0, 3),
    shuffle=st.booleans(),
    skip=SKIPS,
    data=st.data(),
)
def test_a_release(
    files: list[list[int]], lanes: int, seed: int, shuffle: bool, skip: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = write_release(Path(folder), files)

        def make(state: State | None, **ranks: int) -> Reader:
            given = {} if state else {"lanes": lanes, "seed": seed, "shuffle": shuffle}
            return Reader(folder, skip=skip, prefetch=0, state=state, **given, **ranks)  # type: ignore[arg-type]

        got = check(make, data)
        for epoch in range(2):
            gone = len({n for e, start, stop in skip if e == epoch for n in range(start, min(stop, len(rows)))})
            mine, got = got[: len(rows) - gone], got[len(rows) - gone :]
            assert len(set(mine)) == len(mine) and set(mine) <= set(rows)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("large")
    return folder, write_release(folder, [[5000]] * 12)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 3), start=st.integers(0, 60_000), data=st.data())
def test_a_release_of_sixty_thousand_rows(
    large: tuple[Path, list[str]], seed: int, start: int, data: st.DataObject
) -> None:
    folder, rows = large
    skip = [(1, start, start + 1000)]

    def make(state: State | None, **ranks: int) -> Reader:
        given = {} if state else {"seed": seed}
        return Reader(folder, skip=skip, columns=["id"], prefetch=0, state=state, **given, **ranks)  # type: ignore[arg-type]

    got = check(make, data, least=15_000)
    assert set(got[:60_000]) == set(rows)
    second = got[60_000 : 120_000 - min(1000, 60_000 - start)]
    assert len(set(second)) == len(second) and got[:60_000] != second


@settings(max_examples=12, deadline=None)
@given(
    files=st.tuples(FILES, FILES),
    weights=st.tuples(WEIGHTS, WEIGHTS),
    samples=st.tuples(st.integers(8, 60), st.integers(8, 40)),
    lanes=st.sampled_from([1, 2, 4]),
    seed=st.integers(0, 3),
    skip=SKIPS,
    data=st.data(),
)
def test_a_mixture(
    files: tuple[list[list[int]], ...],
    weights: tuple[dict[str, float], ...],
    samples: tuple[int, ...],
    lanes: int,
    seed: int,
    skip: list[tuple[int, int, int]],
    data: st.DataObject,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, shards in zip("ab", files, strict=True):
            write_release(Path(folder) / name, shards)
        sources = {name: MixtureSource(Path(folder) / name) for name in "ab"}
        plan = [Segment(n, shares) for n, shares in zip(samples, weights, strict=True)]

        def make(state: State | None, **ranks: int) -> Mixture:
            given = {} if state else {"lanes": lanes, "seed": seed}
            return Mixture(sources, plan, columns=["id"], skip=skip, prefetch=0, state=state, **given, **ranks)  # type: ignore[arg-type]

        check(make, data)
