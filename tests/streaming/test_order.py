"""The order in closed form, beside a plain twin that lays the rows out one by one."""

from __future__ import annotations

import random
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from curation.streaming.order import Line, lanes_at_places, permutation, row_groups, row_order


def twin(rows: list[int], lanes: int, seed: int, epoch: int, shuffle: bool) -> list[tuple[int, int]]:
    """The (row group, row) of every sample, from the rule as DESIGN states it."""
    order = permutation(len(rows), seed, epoch, 0) if shuffle else range(len(rows))
    line = [
        (int(g), int(r))
        for g in order
        for r in (permutation(rows[g], seed, epoch, 1, int(g)) if shuffle else range(rows[g]))
    ]
    reversed_bits = [int(format(j, f"0{lanes.bit_length() - 1}b")[::-1], 2) if lanes > 1 else 0 for j in range(lanes)]
    lengths = [0] * lanes
    for j in range(lanes):
        lengths[reversed_bits[j]] = len(line) // lanes + (j < len(line) % lanes)
    cut = [line[sum(lengths[:n]) : sum(lengths[: n + 1])] for n in range(lanes)]
    cut = [lane[::-1] if n % 2 else lane for n, lane in enumerate(cut)]
    return [cut[reversed_bits[g % lanes]][g // lanes] for g in range(len(line))]


@pytest.mark.parametrize("lanes", [1, 2, 4, 8, 32, 64])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sample_is_where_the_rule_says(lanes: int, shuffle: bool) -> None:
    pick = random.Random(lanes)
    for _ in range(10):
        rows = [pick.randint(1, 20) for _ in range(pick.randint(1, 12))]
        seed, epoch = pick.randint(0, 9), pick.randint(0, 9)
        line = Line(rows, lanes, seed=seed, epoch=epoch, shuffle=shuffle)
        got = []
        for sample in range(sum(rows)):
            at = line.lane(sample % lanes).at(sample // lanes)
            group, start, stop = line.group_at(at)
            assert start <= at < stop == start + rows[group]
            assert line.sample_at(at) == sample and line.start_of(group) == start
            order = row_order(rows[group], group, seed=seed, epoch=epoch, shuffle=shuffle)
            got.append((group, int(order[at - start])))
        assert got == twin(rows, lanes, seed, epoch, shuffle)
        assert len(set(got)) == sum(rows)


def test_the_places_of_a_rank_are_neighbouring_lanes() -> None:
    for lanes, world in [(64, 1), (64, 8), (64, 64), (8, 2), (48, 3), (48, 6), (48, 12), (96, 3), (40, 5)]:
        at_places = lanes_at_places(lanes)
        assert sorted(at_places) == list(range(lanes))
        for rank in range(world):
            own = sorted(at_places[rank::world])
            assert own == list(range(own[0], own[0] + lanes // world)), (lanes, world)
    assert list(lanes_at_places(8)) == [0, 4, 2, 6, 1, 5, 3, 7]


def test_neighbours_come_to_their_border_at_the_same_time() -> None:
    line = Line([10] * 7, 8, seed=3, epoch=1, shuffle=True)
    lanes = sorted((line.lane(place) for place in range(8)), key=lambda lane: lane.start)
    for left, right in pairwise(lanes):
        assert left.stop == right.start and left.backward != right.backward
        assert abs(left.position(left.stop - 1) - right.position(right.start)) <= 1


def test_row_groups_without_rows_stand_in_no_line() -> None:
    groups = row_groups([[0, 3], [], [0], [2, 0]])
    assert [(g.file, g.number, g.rows) for g in groups] == [(0, 1, 3), (3, 0, 2)]


@pytest.mark.parametrize("world", [2, 4, 8])
def test_a_rank_sees_other_row_groups_each_epoch_by_chance(world: int) -> None:
    """Row groups that rank 0 reads in epoch 0 and again in epoch 1: one in `world`, within three sigma."""
    groups, again, seen = 512, 0, 0
    for seed in range(20):
        own = []
        for epoch in (0, 1):
            line = Line([16] * groups, 64, seed=seed, epoch=epoch, shuffle=True)
            places = [line.lane(place) for place in range(0, 64, world)]
            own.append({line.group_at(at)[0] for lane in places for at in range(lane.start, lane.stop)})
        again += len(own[0] & own[1])
        seen += len(own[0])
    share = seen / 20 / groups
    assert abs(again - seen * share) < 3 * sqrt(seen * share * (1 - share))


def test_permutations_are_uniform_and_depend_on_every_key() -> None:
    firsts = np.bincount([permutation(5, seed, 0)[0] for seed in range(5000)], minlength=5)
    assert (abs(firsts - 1000) < 3 * sqrt(5000 * 0.2 * 0.8)).all()
    orders = {tuple(permutation(60, *key)) for key in [(0, 0), (0, 1), (1, 0), (0, 0, 1), (2**63 - 1, 0)]}
    assert len(orders) == 5
