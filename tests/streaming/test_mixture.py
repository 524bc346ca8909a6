"""Mixtures: shares in every block, each row once before any again, exact resumes, told plans."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.streaming import Mixture, MixtureSource, Segment, State
from curation.streaming.draws import BLOCK, UNITS, Draws, before_blocks, units
from tests.streaming.releases import write_release

WEIGHTS = {"papers": 0.7, "books": 0.25, "pairs": 0.05}


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, MixtureSource]:
    files = {"papers": [[40, 60], [90]], "books": [[30], [25]], "pairs": [[17]]}
    for length, name in LENGTHS.items():
        write_release(tmp_path / name, files[name], tier=name, text_bytes=length)
    return {name: MixtureSource(tmp_path / name) for name in WEIGHTS}


def test_a_segment_has_a_whole_number_of_samples() -> None:
    assert type(Segment(np.int64(3)).samples) is int
    with pytest.raises(UserError, match=r"samples 1000000\.0: a whole number"):
        Segment(1e6)  # type: ignore[arg-type]


LENGTHS = {40: "papers", 60: "books", 80: "pairs"}


@pytest.mark.parametrize("weights", [[1, 1], [0.7, 0.25, 0.05], [1, 0, 3], [0.001, 0.999], [5.1, 3.3, 1.7, 0.2, 8]])
def test_every_block_holds_the_shares_and_the_remainders_are_paid_out(weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    draws = Draws(units(weights), (1, 0, 0), 64)
    counts = np.diff(before_blocks(tuple(draws.units.tolist())), axis=0)
    assert (counts >= 0).all() and (counts.sum(axis=1) == BLOCK).all()
    assert (abs(counts - BLOCK * shares) < 1 + 1e-2).all()
    assert (abs(counts.cumsum(axis=0) - BLOCK * shares * np.arange(1, 1025)[:, None]) < 6).all()
    assert counts.sum(axis=0).tolist() == units(weights).tolist() and units(weights).sum() == UNITS
    for place in (0, 5, 63):
        drawn = draws.sources(place, 0, 300)
        for position in (0, 1, 63, 64, 130, 299):
            counted = np.bincount(drawn[:position], minlength=len(weights))
            assert draws.before(place, position).tolist() == counted.tolist()
            assert draws.sources(place, position, 300).tolist() == drawn[position:].tolist()
    for position in (0, 70):  # the samples of a round over 64 lanes
        column = [int(draws.sources(place, position, position + 1)[0]) for place in range(64)]
        assert (abs(np.bincount(column, minlength=len(weights)) - BLOCK * shares) < 1 + 1e-2).all()
    again = np.bincount(draws.sources(0, UNITS + 3 * BLOCK, UNITS + 4 * BLOCK), minlength=len(weights))
    assert again.tolist() == counts[3].tolist()
    far = 3 * UNITS + 7
    assert draws.before(2, far).sum() == far


def mixture(sources: dict[str, MixtureSource], samples: tuple[int, int] = (500, 130), **options: object) -> Mixture:
    plan = [Segment(samples[0], WEIGHTS), Segment(samples[1], {"books": 1, "pairs": 1})]
    return Mixture(sources, plan, columns=["id", "text"], **{"lanes": 8, **options})  # type: ignore[arg-type]


def test_segments_have_their_shares_and_each_row_comes_once_before_any_again(sources: dict[str, MixtureSource]) -> None:
    stream = mixture(sources)
    got = [(LENGTHS[len(sample["text"])], sample["id"]) for sample in stream]
    assert len(got) == 630
    first, last = Counter(name for name, _ in got[:504]), Counter(name for name, _ in got[504:])
    assert all(abs(first[name] - 504 * share) <= 4 for name, share in WEIGHTS.items())
    assert set(last) == {"books", "pairs"} and abs(last["books"] - last["pairs"]) <= 4
    assert set(Counter(row for row in got if row[0] == "papers").values()) <= {1, 2, 3}
    assert len({row for row in got[:504] if row[0] == "papers"}) == 190
    for block in range(0, 448, 64):
        counted = Counter(name for name, _ in got[block : block + 64])
        assert all(abs(counted[name] - 64 * share) < 1.01 for name, share in WEIGHTS.items())


@pytest.mark.parametrize("lanes", [1, 8, 16])
def test_a_source_gives_each_row_once_an_epoch(tmp_path: Path, lanes: int) -> None:
    write_release(tmp_path, [[40, 60], [90]])
    alone = Mixture({"a": MixtureSource(tmp_path)}, [Segment(3 * 190, {"a": 1})], lanes=lanes)
    rows = [sample["id"] for sample in alone]
    assert len(set(rows[:190])) == 190
    counted = Counter(rows)
    # Lanes are a row longer or shorter, so each epoch they drift apart by one.
    assert set(counted.values()) <= {2, 3, 4} and sum(n != 3 for n in counted.values()) <= 2 * 3 * (lanes - 1)
    assert rows != [sample["id"] for sample in alone]  # the plan's next pass


@pytest.mark.parametrize("seed", range(6))
def test_a_mixture_resumes_exactly_at_any_world_size(sources: dict[str, MixtureSource], seed: int) -> None:
    pick = random.Random(seed)
    options: dict[str, object] = {"seed": seed, "shuffle": seed != 1, "skip": [(0, 30, 41)] if seed % 2 else []}
    whole = mixture(sources, **options)
    expected = [sample["id"] for sample in whole]
    assert len(expected) == 630 - (11 if seed % 2 else 0)
    got: list[str] = []
    state: State | None = None
    while state is None or state.epoch < 1:
        world = pick.randint(1, 16)
        readers = [
            mixture(sources, **options, dp_rank=r, dp_size=world, state=state, prefetch=r % 3) for r in range(world)
        ]
        steps = min(pick.randint(1, 40), len(readers[0]))
        streams = [[sample["id"] for sample in islice(reader, steps)] for reader in readers]
        got += [i for row in zip(*streams, strict=True) for i in row]
        state = State.from_dict(json.loads(json.dumps(readers[0].state().to_dict())))
        assert {reader.state() for reader in readers} == {state}
    expected += [sample["id"] for sample in whole][:16]
    assert got == expected[: len(got)]


def test_workers_and_batches_give_the_same_samples(sources: dict[str, MixtureSource]) -> None:
    whole = mixture(sources)
    start = whole.state()
    expected = [sample["id"] for sample in whole]
    for workers in (1, 3):
        parts = [[s["id"] for s in whole.part(w, workers, start=start)] for w in range(workers)]
        assert parts == [expected[w::workers] for w in range(workers)]
    tables = list(mixture(sources).batches(50))
    assert [i for table in tables for i in table["id"].to_pylist()] == expected


def test_a_plan_that_cannot_be_is_told(sources: dict[str, MixtureSource], tmp_path: Path) -> None:
    capped = sources | {"pairs": MixtureSource(tmp_path / "pairs", max_repeats=2)}
    Mixture(capped, [Segment(300, {"papers": 8, "pairs": 1})], lanes=8)
    with pytest.raises(UserError, match=r"the plan takes pairs 8\.\d\d times \(1[45]\d of 17 rows\), max_repeats is 2"):
        Mixture(capped, [Segment(300, {"papers": 1, "pairs": 1})], lanes=8)
    with pytest.raises(UserError, match="pairs has 17 rows, fewer than the 32 lanes"):
        Mixture(sources, [Segment(10, WEIGHTS)], lanes=32)
    assert Mixture(sources, [Segment(100, WEIGHTS)]).state().lanes == 16
    assert Mixture(sources, [Segment(100, WEIGHTS), Segment(9, WEIGHTS)]).state().lanes == 8
    with pytest.raises(UserError, match="segment 2 of the plan has 3 samples, too few for 16 lanes"):
        Mixture(sources, [Segment(13, WEIGHTS), Segment(3, WEIGHTS)], lanes=16)
    with pytest.raises(UserError, match="ranks count from 0"):
        Mixture(sources, [Segment(10, WEIGHTS)], dp_rank=2, dp_size=2)
    with pytest.raises(UserError, match="weights of other: the sources are papers, books, pairs"):
        Mixture(sources, [Segment(10, {"other": 1})])
    with pytest.raises(UserError, match="one sample at least"):
        Mixture(sources, [])
    for wrong in ({"papers": -1, "books": 2}, {}, {"papers": float("nan")}, {"papers": 1, "books": 1e-9}):
        with pytest.raises(UserError, match="weights"):
            Mixture(sources, [Segment(10, wrong)])
    state = Mixture(sources, [Segment(10, WEIGHTS)]).state()
    with pytest.raises(UserError, match="of another plan, or of other releases"):
        Mixture(sources, [Segment(11, WEIGHTS)], state=state)


def test_a_source_that_no_segment_takes_decides_nothing(sources: dict[str, MixtureSource], tmp_path: Path) -> None:
    write_release(tmp_path / "one", [[1]], text_bytes=100_000)
    plan = [Segment(500, {"papers": 1})]
    alone = Mixture({"papers": sources["papers"]}, plan, columns=["id"])
    given = {"papers": sources["papers"], "one": MixtureSource(tmp_path / "one")}
    beside = Mixture(given, plan, columns=["id"], max_bytes=400_000)
    assert beside.state().lanes == alone.state().lanes == 64
    assert len(list(beside)) == 500
    assert {origin.source for origin in beside.explain_paper("0-0")} == {"papers"}
    with pytest.raises(UserError, match="one has 1 rows, fewer than the 64 lanes"):
        Mixture(given, [Segment(500, {"papers": 1, "one": 1})], columns=["id"], lanes=64)


def test_segments_of_any_length_begin_where_the_plan_says(sources: dict[str, MixtureSource]) -> None:
    """To half a round of the lanes, however many went before."""
    plan = [Segment(9, {"papers": 1}), Segment(9, {"books": 1})] * 10
    got = [LENGTHS[len(sample["text"])] for sample in Mixture(sources, plan, lanes=8)]
    turns = [number for number in range(1, len(got)) if got[number] != got[number - 1]]
    assert len(got) == 180 and len(turns) == 19
    assert all(abs(turn - 9 * number) <= 4 for number, turn in enumerate(turns, 1))


def test_each_sample_of_a_mixture_is_explained(sources: dict[str, MixtureSource]) -> None:
    stream = mixture(sources, (80, 40), skip=[(1, 5, 9)])
    for epoch in range(2):
        origins = list(stream.explain(0, 120))
        got = [sample["id"] for sample in stream]
        live = [o for o in origins if not (epoch == 1 and 5 <= o.sample < 9)]
        assert [o.names["id"] for o in live] == got and {o.epoch for o in origins} == {epoch}
        for o in origins[::9]:
            folder = Path(sources[str(o.source)].folder)
            table = pq.ParquetFile(folder / o.file).read_row_group(o.row_group)
            assert table["id"][o.row].as_py() == o.names["id"] and o.lane == o.sample % 8
        assert {o.source_epoch for o in origins if o.source == "pairs"} == {0, 1}
        stream = mixture(sources, (80, 40), skip=[(1, 5, 9)], state=stream.state(), lanes=8)
    with pytest.raises(UserError, match=r"the epoch has 0 to 119$"):
        stream.explain(120)


def test_a_paper_of_a_mixture_is_found_wherever_the_plan_takes_it(sources: dict[str, MixtureSource]) -> None:
    stream = mixture(sources, (80, 40))
    origins = list(stream.explain(0, 120))
    for source in WEIGHTS:
        name = next(o.names["id"] for o in reversed(origins) if o.source == source)
        expected = [o for o in origins if o.names["id"] == name]
        assert sorted(stream.explain_paper(name), key=lambda o: o.sample) == expected
    assert max(Counter((o.source, o.names["id"]) for o in origins).values()) > 1  # some come again
    assert list(stream.explain_paper("nothing")) == []


def test_plans_are_made_of_token_counts_and_of_repeats() -> None:
    tokens = Segment.of_tokens({"papers": 30_000, "pairs": 1_000}, {"papers": 15_000, "pairs": 100})
    assert (tokens.samples, dict(tokens.weights)) == (12, {"papers": 2, "pairs": 10})
    curve = Segment.of_repeats({"best": 2.5, "rest": 0.5}, {"best": 10, "rest": 40})
    assert (curve.samples, dict(curve.weights)) == (45, {"best": 25, "rest": 20})
    with pytest.raises(UserError, match="tokens_per_row of pairs"):
        Segment.of_tokens({"pairs": 1}, {})
    with pytest.raises(UserError, match="rows of best"):
        Segment.of_repeats({"best": 1}, {})
