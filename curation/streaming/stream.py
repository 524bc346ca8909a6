"""What a reader of one release and a mixture of several have in common: state, epochs, ranks, and the forms of a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from math import gcd

import pyarrow as pa

from curation.errors import UserError
from curation.streaming.batches import Packed, cut, packed
from curation.streaming.decoded import Decoded, Sample
from curation.streaming.epochs import Epochs, Share, Stretch
from curation.streaming.held import Held, Key
from curation.streaming.memory import MAX_LANES, Budget
from curation.streaming.options import Options
from curation.streaming.order import ORDER_VERSION
from curation.streaming.state import State, other_order
from curation.streaming.tier_rows import TierRows
from curation.streaming.walk import RoundRobin, Track


class Stream(ABC):
    """Iterates the rest of the current epoch for one rank; iterating again gives the next epoch. One iteration at a time: another
    goes on behind what the first has given, and ends it.

    Attributes:
        name: what it is called in messages.
        total: samples of an epoch.
        columns: columns of a sample.
    """

    name: str
    total: int
    columns: tuple[str, ...]
    _epochs: Epochs
    _share: Share
    _budget: Budget
    _threads: int

    @property
    @abstractmethod
    def _identity(self) -> tuple[str, str, str]:
        """release, tier and kind of this stream's states."""

    @abstractmethod
    def _default_lanes(self) -> int: ...

    @abstractmethod
    def _check_own(self, state: State) -> None:
        """
        Raises:
            UserError: a state is of another stream, or its lanes do not go with this one.
        """

    @abstractmethod
    def _track(self, held: Held, start: State, stretch: Stretch, place: int, position: int, step: int) -> Track:
        """What a place of the order gives, every `step`-th row from a position on."""

    @abstractmethod
    def _decoded(self, start: State, key: Key) -> Decoded: ...

    @abstractmethod
    def _size(self, key: Key) -> int: ...

    def _set_up(self, options: Options, sources: Sequence[TierRows]) -> None:
        """Begin where the options say, once name, columns and total are known."""
        self._share = Share(options["dp_rank"], options["dp_size"])
        self._epochs = Epochs(self.total, options["skip"], options["epoch_end"])
        self._threads = options["prefetch"]
        self._budget = _budget(options, sources)
        lanes = options["state"].lanes if options["state"] else options["lanes"]
        # The default of lanes is that of one process, so that it is the same for any number of ranks.
        if self._budget.is_tight(lanes or MAX_LANES, self._share.stride if lanes else 1):
            for rows in sources:
                rows.measure()
            self._budget = _budget(options, sources)
        state = options["state"] or self._first_state(options)
        self.check_state(state)
        for name, value in {"seed": options["seed"], "lanes": options["lanes"], "shuffle": options["shuffle"]}.items():
            if value not in (None, of_state := getattr(state, name)):
                raise UserError(f"{self.name}: the state goes on with {name} {of_state}, not {value}: leave {name} out")
        self._begin(state)
        self._check_progress(state)

    def _first_state(self, options: Options) -> State:
        release, tier, kind = self._identity
        return State(
            order=ORDER_VERSION,
            seed=options["seed"] or 0,
            epoch=0,
            consumed=0,
            lanes=options["lanes"] or self._default_lanes(),
            shuffle=options["shuffle"] is not False,
            release=release,
            tier=tier,
            kind=kind,
        )

    def _begin(self, state: State) -> None:
        self._start, self._received, self._turn = state, 0, object()

    def _ended(self) -> UserError:
        text = "another iteration was begun meanwhile, which goes on behind this one; take a reader for each"
        return UserError(f"{self.name}: {text}")

    def check_state(self, state: State) -> None:
        """
        Raises:
            UserError: a state is not of this stream and order.
        """
        if state.order != ORDER_VERSION:
            raise other_order(state.order)
        self._check_own(state)
        if not 0 <= state.consumed < self.total or state.seed < 0:
            raise UserError(f"state {state}: the epoch has {self.total} samples, and seeds are not below 0")

    def _check_progress(self, state: State) -> None:
        if self._epochs.end == "drop" and self.total < self._share.world:
            raise UserError(
                f"{self.name}: {self.total} rows for {self._share.world} ranks: epoch_end='drop' would give nothing, "
                "for ever; use wrap or pad, or fewer ranks"
            )
        self._budget.check(state.lanes, self._share.stride)

    def _checked_samples(self, sample: int, stop: int | None) -> range:
        stop = sample + 1 if stop is None else stop
        if not 0 <= sample < stop <= self.total:
            raise UserError(f"samples {sample} to {stop - 1}: the epoch has 0 to {self.total - 1}")
        return range(sample, stop)

    def __len__(self) -> int:
        """Samples that iterating now gives: this rank's share of what is left of the epoch."""
        return self.steps(self.state())

    @property
    def dp_size(self) -> int:
        return self._share.world

    @property
    def counts_by(self) -> dict[str, str]:
        """What a count of samples from a state on depends on, beside the state and the ranks."""
        return {"epoch_end": self._epochs.end, "skip": self._epochs.skip_digest}

    def state(self) -> State:
        """The state for a checkpoint, when every rank has received as many samples as this one."""
        return self.state_after(self._received)

    def state_after(self, received: int) -> State:
        """The state when every rank has received `received` samples since the last `iter()`."""
        return self.after(self._start, received, self._share.world) if received else self._start

    def steps(self, state: State) -> int:
        """Samples that every rank gets of what is left of a state's epoch."""
        return self._epochs.steps(state, self._share.world)

    def after(self, state: State, steps: int, dp_size: int) -> State:
        """The state when each of `dp_size` ranks has received `steps` samples more."""
        return self._epochs.after_steps(state, steps, dp_size)

    def next_epoch(self, state: State) -> State:
        """The state when every rank has received all that is left of the state's epoch."""
        return self.after(state, self.steps(state), self._share.world)

    def epoch_start(self, state: State, epoch: int) -> State:
        """The state in which an epoch begins that the state stands in or before; where it stands in it, the state."""
        return self._epochs.begin(state, epoch, self._share.world)

    def __iter__(self) -> Iterator[Sample]:
        self._begin(self.state())
        turn = self._turn
        for sample in self._samples(self._start, self._share):
            if turn is not self._turn:
                raise self._ended()
            self._received += 1
            yield sample
        if turn is not self._turn:
            raise self._ended()
        self._begin(self.next_epoch(self._start))

    def part(self, worker: int, workers: int, *, start: State, received: int = 0) -> Iterator[Sample]:
        """What one of several workers of this rank gives of the rest of an epoch; the reader's own state stays.

        Args:
            worker, workers: this worker, which takes every `workers`-th of the rank's samples, and their number.
            start: where the epoch begins or goes on.
            received: samples that this worker has given since.

        Raises:
            UserError: the worker's lanes do not fit into memory.
        """
        share = replace(self._share, worker=worker, workers=workers)
        self._budget.check(start.lanes, share.stride)
        return self._samples(start, share, received)

    def _samples(self, start: State, share: Share, received: int = 0) -> Iterator[Sample]:
        try:
            yield from chain.from_iterable(robin.samples() for robin in self._robins(start, share, received))
        except UnicodeDecodeError as error:
            raise UserError(f"{self.name}: a text is not UTF-8 ({error}); build the release again") from error

    def batches(self, rows: int) -> Iterator[pa.Table]:
        """The same samples as Arrow tables of `rows` rows; the last of an epoch may be shorter.

        Raises:
            UserError: `rows` is below 1.
        """
        if rows < 1:
            raise UserError(f"batches of {rows} rows: 1 at least")
        self._begin(self.state())
        turn = self._turn
        for batch in cut((t for robin in self._robins(self._start, self._share) for t in robin.tables()), rows):
            if turn is not self._turn:
                raise self._ended()
            self._received += batch.num_rows
            yield batch
        if turn is not self._turn:
            raise self._ended()
        self._begin(self.next_epoch(self._start))

    def packed(self, rows: int) -> Iterator[dict[str, Packed]]:
        """The same batches as numpy: a column each, its values end to end and where each row begins (curation.streaming.batches)."""
        return map(packed, self.batches(rows))

    def _robins(self, start: State, share: Share, received: int = 0) -> Iterator[RoundRobin]:
        """What is left of the epoch of a state, a stretch of the order at a time."""
        held = Held(
            partial(self._decoded, start),
            self._size,
            max_bytes=self._budget.held_bytes,
            ahead_bytes=self._budget.ahead_bytes(start.lanes // gcd(share.stride, start.lanes)),
            threads=self._threads,
        )
        try:
            for stretch in self._epochs.stretches(start, share, received):
                yield self._robin(held, start, stretch, share.stride)
                held.sweep()
        finally:
            held.close()

    def _robin(self, held: Held, start: State, stretch: Stretch, stride: int) -> RoundRobin:
        common = gcd(stride, start.lanes)
        count = -(-(stretch.stop - stretch.first) // stride)
        tracks: list[Track] = []
        # The rank meets the same lanes in the same turn for ever.
        for turn in range(min(start.lanes // common, count)):
            position, place = divmod(stretch.first + turn * stride, start.lanes)
            tracks.append(self._track(held, start, stretch, place, position, stride // common))
        return RoundRobin(held, tracks, count, at_once=self._budget.rounds(len(tracks)), ahead=max(4, len(tracks) // 2))


def _budget(options: Options, sources: Sequence[TierRows]) -> Budget:
    largest = max(sources, key=lambda rows: rows.largest)
    return Budget(
        [rows.sizes for rows in sources],
        sum(rows.total for rows in sources),
        top=largest.largest,
        where=largest.largest_file,
        max_bytes=options["max_bytes"],
        threads=options["prefetch"],
    )
