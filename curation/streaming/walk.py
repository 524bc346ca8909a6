"""One rank's way along one lane of an epoch, and the round robin over its lanes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle, islice
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.arrays import to_arrow
from curation.streaming.decoded import Decoded, Sample
from curation.streaming.held import Held, Key
from curation.streaming.order import Line

Piece: TypeAlias = tuple[Decoded, NDArray[np.intp], bool]
"""Rows of one row group, and whether they are the last that were asked for."""


class Walk:
    """Takes rows of a lane at rising positions and holds the row groups that it is in, or soon will be.

    Args:
        source: number of the source, part of the keys.
        position: of the first row that will be taken.
    """

    def __init__(self, held: Held, line: Line, *, source: int, epoch: int, place: int, position: int) -> None:
        self._held, self._line, self._lane = held, line, line.lane(place)
        self._of, self._position = (source, epoch), position
        self._here = self._group(position)
        self._next: tuple[Key, int, int] | None = None
        self._cost = 0
        held.hold(self._here[0])

    def _group(self, position: int) -> tuple[Key, int, int]:
        """The row group of a position: its key, its start in the line, and the position at which the lane leaves it."""
        number, start, stop = self._line.group_at(self._lane.at(position))
        last = max(start, self._lane.start) if self._lane.backward else min(stop, self._lane.stop) - 1
        return (*self._of, number), start, self._lane.position(last) + 1

    @property
    def rows_left(self) -> int:
        """Rows of the lane until it leaves this row group."""
        return self._here[2] - self._position

    @property
    def may_look_ahead(self) -> bool:
        """Whether there is a row group after this one that is not begun."""
        return self._next is None and self._here[2] < len(self._lane)

    @property
    def looks_ahead(self) -> bool:
        return self._next is not None

    def start(self) -> None:
        """Begin to decode the first row group."""
        self._held.begin(self._here[0])

    def look_ahead(self) -> bool:
        """Begin to decode the row group after this one; False where there is no room for it."""
        following = self._group(self._here[2])
        cost = self._held.hold_ahead(following[0])
        if cost is None:
            return False
        self._next, self._cost = following, cost
        return True

    def pieces(self, positions: NDArray[np.int64]) -> Iterator[Piece]:
        """The rows at some positions, a row group at a time. What a piece gives must be taken before the next is asked for:
        its row group may go then."""
        sign = -1 if self._lane.backward else 1
        while len(positions):
            if (first := int(positions[0])) >= self._here[2]:
                self._move(first)
            key, start, leaves = self._here
            n = int(np.searchsorted(positions, leaves))
            decoded = self._held.get(key)
            yield decoded, decoded.order[self._lane.at(0) - start + sign * positions[:n]], n == len(positions)
            self._position = int(positions[n - 1]) + 1
            positions = positions[n:]

    def _move(self, position: int) -> None:
        before, begun = self._here, self._next
        self._next = None
        if begun is not None:
            self._held.arrived(begun[0], self._cost)
        if begun is not None and position < begun[2]:
            self._here = begun
        else:
            self._here = self._group(position)
            self._held.hold(self._here[0])
            if begun is not None:
                self._held.let_go(begun[0])
        self._held.let_go(before[0])

    def close(self) -> None:
        """Let go of what is held."""
        if self._next is not None:
            self._held.arrived(self._next[0], self._cost)
        for group in (self._here, self._next):
            if group is not None:
                self._held.let_go(group[0])


class Track(Protocol):
    """What one place of the order gives to a rank, round after round."""

    def samples(self, n: int) -> Iterator[Sample]:
        """The next `n` samples."""

    def table(self, n: int) -> pa.Table:
        """The next `n` samples as a table."""

    def walks(self) -> list[tuple[float, Walk]]:
        """The walks of this track, each with the rounds until it leaves its row group."""

    def close(self) -> None:
        """Let go of what is held."""


class LaneTrack:
    """Every `step`-th row of one lane, from a position on."""

    def __init__(self, walk: Walk, columns: Sequence[str], position: int, step: int) -> None:
        self._walk, self._columns, self._position, self._step = walk, columns, position, step

    def _pieces(self, n: int) -> Iterator[Piece]:
        positions = np.arange(self._position, self._position + n * self._step, self._step)
        self._position += n * self._step
        return self._walk.pieces(positions)

    def samples(self, n: int) -> Iterator[Sample]:
        return samples_of(self._pieces(n), self._columns)

    def table(self, n: int) -> pa.Table:
        return table_of(self._pieces(n))

    def walks(self) -> list[tuple[float, Walk]]:
        return [(self._walk.rows_left / self._step, self._walk)]

    def close(self) -> None:
        self._walk.close()


def samples_of(pieces: Iterable[Piece], columns: Sequence[str], before: Sequence[Sample] = ()) -> Iterator[Sample]:
    """Samples of pieces, after those `before`; only those of the last piece wait for being asked for, for the row groups of the
    others may go."""
    ready = list(before)
    for decoded, rows, last in pieces:
        samples = decoded.samples(columns, rows)
        if last:
            return chain(ready, samples)
        ready.extend(samples)
    return iter(ready)


def table_of(pieces: Iterable[Piece]) -> pa.Table:
    return pa.concat_tables([decoded.arrow(rows) for decoded, rows, _ in pieces])


class RoundRobin:
    """One sample of each track in turn.

    Args:
        count: samples to give; the first tracks give one more where it is no multiple of the tracks.
        at_once: rounds that are made in one go.
        ahead: row groups that are fetched ahead at most.
    """

    def __init__(self, held: Held, tracks: Sequence[Track], count: int, *, at_once: int, ahead: int) -> None:
        self._held, self._tracks, self._count = held, tracks, count
        self._at_once, self._ahead = at_once, ahead

    def _turns(self) -> Iterator[list[int]]:
        """How many samples each track gives, block by block. First one round: its samples come lane by lane."""
        given = 0
        while given < self._count:
            block = min(len(self._tracks) * (self._at_once if given else 1), self._count - given)
            rounds, more = divmod(block, len(self._tracks))
            yield [rounds + (turn < more) for turn in range(len(self._tracks))]
            given += block
            self._held.sweep()
            self._look_ahead()
        for track in self._tracks:
            track.close()

    def _look_ahead(self) -> None:
        walks = [entry for track in self._tracks for entry in track.walks()]
        free = self._ahead - sum(walk.looks_ahead for _, walk in walks)
        for _, walk in sorted((e for e in walks if e[1].may_look_ahead), key=lambda entry: entry[0])[: max(free, 0)]:
            if not walk.look_ahead():
                break

    def _first_round(self, turns: Sequence[int]) -> Iterator[tuple[Track, int]]:
        """The tracks one by one: the first sample waits for one row group, decoded with nothing beside it."""
        for number, (track, n) in enumerate(zip(self._tracks, turns, strict=True)):
            yield track, n
            if not number:
                for _, walk in chain.from_iterable(track.walks() for track in self._tracks):
                    walk.start()

    def samples(self) -> Iterator[Sample]:
        turns_of = self._turns()
        for track, n in self._first_round(next(turns_of)):
            yield from track.samples(n)
        for turns in turns_of:
            # No name for them: iterators that have ended would keep their row groups until the next block is made.
            yield from map(
                next,
                islice(cycle([track.samples(n) for track, n in zip(self._tracks, turns, strict=True)]), sum(turns)),
            )

    def tables(self) -> Iterator[pa.Table]:
        turns_of = self._turns()
        for track, n in self._first_round(next(turns_of)):
            yield track.table(n)
        for turns in turns_of:
            ends = np.cumsum(turns)
            rounds = range(max(turns))
            order = [end - n + turn for turn in rounds for end, n in zip(ends.tolist(), turns, strict=True) if turn < n]
            tables = [track.table(n) for track, n in zip(self._tracks, turns, strict=True) if n]
            yield pa.concat_tables(tables).take(to_arrow(np.array(order)))
