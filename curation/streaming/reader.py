"""A release as a stream of samples for the ranks of a training job, resumed exactly at any world size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle, islice
from math import gcd
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import pyarrow as pa

from curation.errors import UserError
from curation.streaming.order import LaneOrder, lane_length, lane_pieces
from curation.streaming.row_groups import RowGroups
from curation.streaming.state import State
from schemas.manifest import ManifestError, read_manifest

Sample: TypeAlias = dict[str, Any]
Tail: TypeAlias = Literal["short", "drop", "repeat"]

DEFAULT_LANES = 64
_ROWS_AT_ONCE = 64
"""Rows turned into Python objects in one go: enough to amortise the call, few enough to keep a lane small.
Measured with tests/benchmarks/streaming.py: 16 and 256 are no faster on 2 kB and 61 kB documents."""


class Reader:
    """Iterates the rest of the current epoch for one rank; iterating again gives the next epoch.

    The order of an epoch is one global sequence that depends on the release, `seed`, `epoch` and `lanes` only: a
    round robin over lanes (curation.streaming.order). Of what is left of it, rank r of W takes every W-th sample, so
    after k samples on each rank the job has consumed a prefix of k * W samples, and that one number is
    enough to go on with any other world size.

    Where W divides `lanes`, a rank reads the row groups of its own lanes (l mod W = r) and of no other. Any other W up to
    `lanes` is as exact, but each rank then reads every gcd(W, lanes)-th lane: choose `lanes` as a multiple of the
    world sizes in use. Memory is one row group's share for each lane that the rank reads (twice with prefetch).

    Args:
        folder: release folder with manifest.json.
        tier: tier to read; may be left out when the release has one.
        kind: documents, or pairs (then name their columns).
        columns: columns of a sample, a dict.
        rank, world: this rank and the number of ranks; a data-loading worker counts as a rank.
        seed: of the permutations, 0 by default; with `state`, that of the state.
        lanes: lanes of the order, at least `world`, DEFAULT_LANES by default; with `state`, those of the state.
        tail: what the ranks do when the samples left are no multiple of `world`. `short`: some give one sample
            less; `drop`: all stop early; `repeat`: the last ones read the epoch's first samples again.
        state: where to go on.
        shuffle: False reads rows in file order inside each lane, True by default; with `state`, as the state says.
        verify: `size` compares each file's size and row groups with the manifest when it is opened, `sha256` also its digest.
        prefetch: threads that decode row groups ahead; 0 decodes when needed.

    Raises:
        UserError: no manifest, unknown tier or column, empty tier, a file that is not what the manifest says, more
            ranks than lanes, or a state of another release, seed, lanes or shuffle.
    """

    def __init__(
        self,
        folder: Path | str,
        tier: str | None = None,
        *,
        kind: str = "documents",
        columns: Sequence[str] = ("id", "text"),
        rank: int = 0,
        world: int = 1,
        seed: int | None = None,
        lanes: int | None = None,
        tail: Tail = "short",
        state: State | None = None,
        shuffle: bool | None = None,
        verify: Literal["size", "sha256"] = "size",
        prefetch: int = 1,
    ) -> None:
        try:
            self._manifest = read_manifest(Path(folder))
            if tier is None and len(self._manifest.tiers) != 1:
                raise UserError(f"{folder}: name a tier of this release: {', '.join(self._manifest.tiers) or 'none'}")
            tier = tier or self._manifest.tiers[0]
            self._files = self._manifest.of_tier(tier, kind)
        except ManifestError as error:
            raise UserError(str(error)) from error
        state = state or State(
            seed=seed or 0,
            epoch=0,
            consumed=0,
            lanes=DEFAULT_LANES if lanes is None else lanes,
            shuffle=shuffle is not False,
            release=self._manifest.sha256,
            tier=tier,
            kind=kind,
        )
        if (state.release, state.tier, state.kind) != (self._manifest.sha256, tier, kind):
            raise UserError(
                f"{folder}: the state is of {state.kind}, tier {state.tier} of release {state.release[:12]}, this is {kind}, "
                f"tier {tier} of {self._manifest.sha256[:12]}; resume on the release that the run began with"
            )
        for name, given in {"seed": seed, "lanes": lanes, "shuffle": shuffle}.items():
            if given not in (None, of_state := getattr(state, name)):
                raise UserError(f"{folder}: the state goes on with {name} {of_state}, not {given}: leave {name} out")
        self._row_groups = [f.row_groups for f in self._files]
        self._start = state
        self._received = 0
        self.total = sum(f.rows for f in self._files)
        self.columns, self.tail, self.prefetch = tuple(columns), tail, prefetch
        self.verify = verify
        self.rank, self.world = rank, world
        self._check()

    def _check(self) -> None:
        if not 0 <= self.rank < self.world:
            raise UserError(f"rank {self.rank} of {self.world}: ranks count from 0 to world - 1")
        if self.world > self._start.lanes:
            raise UserError(
                f"{self.world} ranks (x workers) but {self._start.lanes} lanes: set lanes to a multiple of the ranks"
            )
        if doubled := {c for c in self.columns if self.columns.count(c) > 1}:
            raise UserError(f"column {', '.join(sorted(doubled))} is asked for twice; name it once")
        if self.tail not in get_args(Tail):
            raise UserError(f"tail {self.tail!r}: one of {', '.join(get_args(Tail))}")
        if self.total == 0:
            raise UserError(f"{self._manifest.folder}: tier {self._start.tier} has no rows")
        if self._start.seed < 0 or not 0 <= self._start.consumed < self.total:
            raise UserError(f"state {self._start}: seed and consumed count from 0; the epoch has {self.total} samples")

    def __len__(self) -> int:
        """Samples that iterating now gives: this rank's share of what is left of the epoch."""
        left = self.total - self.state().consumed
        rounding = {"short": self.world - 1 - self.rank, "drop": 0, "repeat": self.world - 1}
        return (left + rounding[self.tail]) // self.world

    def state(self) -> State:
        """The state for a checkpoint, when every rank has received as many samples as this one."""
        return self.state_after(self._received)

    def state_after(self, received: int, *, workers: int = 1) -> State:
        """The state when each of `workers` on every rank has given `received` samples since the last `iter()`."""
        return self._start.after(received, self.total, self.world * workers, self.tail) if received else self._start

    def __iter__(self) -> Iterator[Sample]:
        self._start, self._received = self.state(), 0
        files = RowGroups(self._manifest, self._files, self.columns, digest=self.verify == "sha256")
        pool = ThreadPoolExecutor(self.prefetch, "astrocorpus-stream") if self.prefetch else None
        try:
            for sample in self._samples(files, pool):
                self._received += 1
                yield sample
        finally:
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
        self._start, self._received = self._next_epoch(), 0

    def _next_epoch(self) -> State:
        return self._start.after(self.total, self.total, self.world, self.tail)

    def _samples(self, files: RowGroups, pool: ThreadPoolExecutor | None) -> Iterator[Sample]:
        count = len(self)
        first = self._start.consumed + self.rank
        fresh = max(0, min(count, (self.total - first + self.world - 1) // self.world))
        common = gcd(self.world, self._start.lanes)
        # Position in the global order -> walk along its lane; the rank meets the same lanes in the same turn for ever.
        starts = [first + turn * self.world for turn in range(min(self._start.lanes // common, fresh))]
        walks = [self._walk(files, pool, g, self.world // common) for g in starts]
        for walk in islice(cycle(walks), fresh):
            yield next(walk)
        for turn in range(fresh, count):
            yield next(self._walk(files, None, (first + turn * self.world) % self.total, self.total))

    def _walk(self, files: RowGroups, pool: ThreadPoolExecutor | None, g: int, step: int) -> Iterator[Sample]:
        """Every `step`-th sample of a lane, from position `g` of the global order on."""
        lanes, epoch = self._start.lanes, self._start.epoch
        position, lane = divmod(g, lanes)
        length = lane_length(self.total, lanes, lane)
        pieces = lane_pieces(self._row_groups, lanes, lane)
        order = LaneOrder.of(pieces, seed=self._start.seed, epoch=epoch, lane=lane, shuffle=self._start.shuffle)

        ahead: Future[pa.Table] | None = None
        while position < length:
            rows = ahead.result() if ahead else _piece(files, order, position, step)
            position += rows.num_rows * step
            ahead = None
            for start in range(0, rows.num_rows, _ROWS_AT_ONCE):
                if pool and ahead is None and position < length and 2 * start >= rows.num_rows - _ROWS_AT_ONCE:
                    ahead = pool.submit(_piece, files, order, position, step)
                chunk = rows.slice(start, _ROWS_AT_ONCE)
                for values in zip(*(column.to_pylist() for column in chunk.columns), strict=True):
                    yield dict(zip(self.columns, values, strict=True))


def _piece(files: RowGroups, order: LaneOrder, position: int, step: int) -> pa.Table:
    """What is left, from `position` of the lane on, of the piece that holds it."""
    index, skip = order.locate(position)
    piece = order.pieces[index]
    return files.read(piece.file, piece.row_group).take(pa.array(order.rows(index)[skip::step]))
