"""Which samples of which epoch the ranks take next: arithmetic on the global order, without reading anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import index
from typing import Literal, TypeAlias

from curation.errors import UserError
from curation.streaming.numbers import whole
from curation.streaming.state import State

EpochEnd: TypeAlias = Literal["wrap", "drop", "pad"]
Skip: TypeAlias = Sequence[tuple[int, int, int]]


@dataclass(frozen=True)
class Share:
    """Who reads: rank `rank` of `world`, and of its samples every `workers`-th from `worker` on."""

    rank: int
    world: int
    worker: int = 0
    workers: int = 1

    @property
    def stride(self) -> int:
        return self.world * self.workers

    @property
    def first(self) -> int:
        return self.rank + self.world * self.worker


@dataclass(frozen=True)
class Stretch:
    """Samples `first`, `first + stride`, ... before `stop` of an epoch's global order."""

    epoch: int
    first: int
    stop: int


class Epochs:
    """The epochs of a tier with `total` rows, less the samples to skip.

    Args:
        total: rows of the tier.
        skip: (epoch, start, stop) each: samples of the global order of that epoch that no rank gets.
        end: what the ranks do when the samples left in an epoch are no multiple of their number. All give equally
            many: `wrap` takes the first samples of the next epoch, which then begins behind them, so that nothing is lost or
            repeated; `drop` leaves out up to world - 1 samples; `pad` gives first samples of the same epoch once more.

    Raises:
        UserError: a range of `skip` is none.
    """

    def __init__(self, total: int, skip: Skip, end: EpochEnd) -> None:
        self.total, self.end = total, end
        self._skip: dict[int, list[tuple[int, int]]] = {}
        for entry in skip:
            epoch, start, stop = _checked_skip(entry)
            self._skip.setdefault(epoch, []).append((start, stop))

    @property
    def skip_digest(self) -> str:
        """What names the samples to skip, in whatever order they were given; under other ones a count of samples is another place."""
        ranges = sorted((epoch, *entry) for epoch, entries in self._skip.items() for entry in set(entries))
        return hashlib.sha256(json.dumps(ranges).encode()).hexdigest()[:16]

    def live(self, epoch: int, start: int = 0) -> list[tuple[int, int]]:
        """What is left of an epoch from sample `start` on, as ranges that are not skipped."""
        ranges = []
        for first, stop in sorted(self._skip.get(epoch, ())):
            if start < (before := min(first, self.total)):
                ranges.append((start, before))
            start = max(start, stop)
        return [*ranges, (start, self.total)] if start < self.total else ranges

    def left(self, state: State) -> int:
        """Samples left in the state's epoch."""
        return sum(stop - start for start, stop in self.live(state.epoch, state.consumed))

    def steps(self, state: State, world: int) -> int:
        """Samples that every rank gets of what is left of the state's epoch."""
        left = self.left(state)
        return left // world if self.end == "drop" else -(-left // world)

    def after(self, state: State, samples: int) -> State:
        """The state `samples` (of all ranks together) further on; those beyond the epoch count for the next where it wraps."""
        samples = whole("samples", samples)
        epoch, at = state.epoch, state.consumed
        while samples:
            for start, stop in self.live(epoch, at):
                taken = min(samples, stop - start)
                samples, at = samples - taken, start + taken
                if not samples:
                    break
            else:
                epoch, at = epoch + 1, 0
                if self.end != "wrap":
                    break
        return replace(state, epoch=epoch, consumed=at)

    def after_steps(self, state: State, steps: int, world: int) -> State:
        """The state when every rank has received `steps` samples more. An epoch with no further step is finished: the
        state is then in the next."""
        after = self.after(state, steps * world)
        if not self.steps(after, world):
            return replace(after, epoch=after.epoch + 1, consumed=0)
        return after

    def begin(self, state: State, epoch: int, world: int) -> State:
        """The state in which an epoch behind the state's begins, when every rank has received all that comes before."""
        while state.epoch < epoch:
            before = min([epoch, *(skipped for skipped in self._skip if skipped > state.epoch)]) - 1
            if before == state.epoch or state.epoch in self._skip:
                state = self.after_steps(state, self.steps(state, world), world)
                continue
            # All epochs until there are whole, so what the ranks are past of them is known without walking through them.
            over = (state.consumed - (before - state.epoch) * self.total) % world if self.end == "wrap" else 0
            state = self.after_steps(self.after(replace(state, epoch=before, consumed=0), over), 0, world)
        return state

    def stretches(self, state: State, share: Share, received: int) -> Iterator[Stretch]:
        """What a worker reads of the rest of the state's epoch, after `received` samples of it, in order."""
        end = self.steps(state, share.world) * share.world
        wanted = share.first + received * share.stride
        epoch, ranges, passed = state.epoch, self.live(state.epoch, state.consumed), 0
        while wanted < end:
            for start, stop in ranges:
                if wanted < end and (first := start + wanted - passed) < stop:
                    yield Stretch(epoch, first, min(stop, start + end - passed))
                    wanted += -(-(stop - first) // share.stride) * share.stride
                passed += stop - start
            if self.end == "wrap":
                epoch += 1
            ranges = self.live(epoch)


def _checked_skip(entry: Sequence[int]) -> list[int]:
    try:
        numbers = [index(number) for number in entry]
    except TypeError:
        numbers = []
    if len(numbers) != 3 or min(numbers) < 0 or numbers[1] >= numbers[2]:
        raise UserError(f"skip {entry!r}: (epoch, first sample, sample after the last), counted from 0")
    return numbers
