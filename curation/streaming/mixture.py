"""Several releases, tiers or kinds as one stream, by shares that may change along the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.arrays import to_arrow
from curation.errors import UserError
from curation.streaming.decoded import Decoded, Sample
from curation.streaming.draws import Draws, units
from curation.streaming.epochs import EpochEnd, Epochs, Share, Skip, Stretch
from curation.streaming.held import Held, Key
from curation.streaming.memory import MAX_BYTES, Budget
from curation.streaming.order import ORDER_VERSION, Line
from curation.streaming.reader import Reader
from curation.streaming.state import State, other_order
from curation.streaming.stream import Stream
from curation.streaming.walk import Track, Walk, samples_of, table_of

_SOURCE_EPOCHS = 2**20


@dataclass(frozen=True)
class Source:
    """A tier and kind of a release; `max_repeats` is how often a plan may take its rows on average."""

    folder: Path | str
    tier: str | None = None
    kind: str = "documents"
    max_repeats: float | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of the plan: how many samples, and the weight of each source in them (shares of samples)."""

    samples: int
    weights: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of_tokens(cls, tokens: Mapping[str, float], tokens_per_row: Mapping[str, float]) -> Segment:
        """A segment that takes so many tokens of each source, by their mean number in a row (the data card has it).

        Raises:
            UserError: a source has no mean, or one that is not above 0.
        """
        if wrong := [name for name in tokens if not tokens_per_row.get(name, 0) > 0]:
            raise UserError(f"tokens_per_row of {', '.join(wrong)}: a number above 0")
        rows = {name: n / tokens_per_row[name] for name, n in tokens.items()}
        return cls(round(sum(rows.values())), rows)

    @classmethod
    def of_repeats(cls, repeats: Mapping[str, float], rows: Mapping[str, int]) -> Segment:
        """A segment that takes each source so many times: the points of an up-sampling curve, over sources cut by quality.

        Raises:
            UserError: the rows of a source are not said.
        """
        if wrong := [name for name in repeats if name not in rows]:
            raise UserError(f"rows of {', '.join(wrong)} are not said")
        taken = {name: factor * rows[name] for name, factor in repeats.items()}
        return cls(round(sum(taken.values())), taken)


class Mixture(Stream):
    """One pass over a plan is an epoch: its state, ranks, skips, ends and batches are those of `Reader`.

    In each lane every 64 draws hold each source by its weight to less than one draw, in a seeded order, and so do 64 samples of
    the global order. A source has lanes and epochs of its own: a lane gives each of its rows once before any
    again. A state belongs to the plan and to the very releases in it.

    Args:
        sources: name -> source.
        plan: segments one after the other, say the last with other weights; each ends with a round of the lanes.
        columns, dp_rank, dp_size, seed, lanes, epoch_end, state, shuffle, skip, prefetch, max_bytes: as for `Reader`.

    Raises:
        UserError: what `Reader` raises, a plan without samples, weights of unknown sources, a source with fewer rows than lanes, or
            one that the plan takes more often than its max_repeats.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        plan: Sequence[Segment],
        *,
        columns: Sequence[str] | None = None,
        dp_rank: int = 0,
        dp_size: int = 1,
        seed: int | None = None,
        lanes: int | None = None,
        epoch_end: EpochEnd = "wrap",
        state: State | None = None,
        shuffle: bool | None = None,
        skip: Skip = (),
        prefetch: int = 2,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._names = tuple(sources)
        self._check_plan(plan)
        self._readers = [
            Reader(
                s.folder,
                s.tier,
                kind=s.kind,
                columns=columns,
                seed=seed,
                lanes=1,
                dp_rank=0,
                dp_size=1,
                max_bytes=2**62,
            )
            for s in sources.values()
        ]
        self.name, self.columns = f"mixture of {', '.join(self._names)}", self._readers[0].columns
        self.total = sum(segment.samples for segment in plan)
        rows = [reader.total for reader in self._readers]
        self._budget = Budget([r.sizes for r in self._readers], sum(rows), max_bytes=max_bytes, threads=prefetch)
        self._epochs, self._threads = Epochs(self.total, skip, epoch_end), prefetch
        self._share = Share(dp_rank, dp_size)
        self._units = [units([segment.weights.get(name, 0) for name in self._names]) for segment in plan]
        self._digest = self._plan_digest(plan)
        fewest = 1 << (min(rows).bit_length() - 1)
        state = state or State(
            order=ORDER_VERSION,
            seed=seed or 0,
            epoch=0,
            consumed=0,
            lanes=lanes or max(1, min(self._budget.fitting(), fewest)),
            shuffle=shuffle is not False,
            release=self._digest,
            tier="mixture",
            kind=self._readers[0].files.files[0].kind,
        )
        self.check_state(state)
        self._check_given(state, {"seed": seed, "lanes": lanes, "shuffle": shuffle})
        self._lines: dict[tuple[int, ...], Line] = {}
        self._begin(state)
        self._check_progress(state)
        self._ends = np.cumsum([-(-segment.samples // state.lanes) for segment in plan])
        self._check_repeats(state, [s.max_repeats for s in sources.values()])

    @property
    def rounds(self) -> int:
        """Samples of the longest lane of the plan."""
        return int(self._ends[-1])

    def _check_plan(self, plan: Sequence[Segment]) -> None:
        if not self._names or not plan or any(segment.samples < 1 for segment in plan):
            raise UserError("a mixture needs a source and a plan whose segments have one sample at least")
        if unknown := {name for segment in plan for name in segment.weights} - set(self._names):
            raise UserError(f"weights of {', '.join(sorted(unknown))}: the sources are {', '.join(self._names)}")

    def _plan_digest(self, plan: Sequence[Segment]) -> str:
        files = [(r.manifest.sha256, r.files.files[0].tier, r.files.files[0].kind) for r in self._readers]
        shares = [(segment.samples, taken.tolist()) for segment, taken in zip(plan, self._units, strict=True)]
        return hashlib.sha256(json.dumps([files, shares]).encode()).hexdigest()

    def check_state(self, state: State) -> None:
        """
        Raises:
            UserError: a state is not of this plan and these releases, or a source has fewer rows than its lanes.
        """
        if state.order != ORDER_VERSION:
            raise other_order(state.order)
        if state.release != self._digest:
            raise UserError(
                f"{self.name}: the state is of another plan, or of other releases; go on with those that the run began with"
            )
        if not 0 <= state.consumed < self.total or state.seed < 0:
            raise UserError(f"state {state}: the plan has {self.total} samples, and seeds are not below 0")
        for name, reader in zip(self._names, self._readers, strict=True):
            if reader.total < state.lanes:
                raise UserError(
                    f"{name} has {reader.total} rows, fewer than the {state.lanes} lanes: set lanes to fewer"
                )

    def drawn(self, state: State, epoch: int, place: int, position: int) -> NDArray[np.int64]:
        """How often each source is drawn in a lane before a position of the plan."""
        total, start = np.zeros(len(self._names), np.int64), 0
        for number, end in enumerate(self._ends.tolist()):
            if position > start:
                total += self._draws(state, epoch, number).before(place, min(position, end) - start)
            start = end
        return total

    def drawn_sources(self, state: State, epoch: int, place: int, start: int, stop: int) -> NDArray[np.intp]:
        """The sources of a lane's samples `start` to `stop`."""
        parts, begin = [], 0
        for number, end in enumerate(self._ends.tolist()):
            if max(start, begin) < min(stop, end):
                draws = self._draws(state, epoch, number)
                parts.append(draws.sources(place, max(start, begin) - begin, min(stop, end) - begin))
            begin = end
        return np.concatenate(parts)

    def _draws(self, state: State, epoch: int, segment: int) -> Draws:
        return Draws(self._units[segment], (state.seed, epoch, segment), state.lanes)

    def _check_repeats(self, state: State, most: Sequence[float | None]) -> None:
        long, more = divmod(self.total, state.lanes)
        taken = sum(self.drawn(state, 0, place, long + (place < more)) for place in range(state.lanes))
        for name, reader, limit, n in zip(self._names, self._readers, most, np.asarray(taken).tolist(), strict=True):
            if limit is not None and n > limit * reader.total:
                raise UserError(
                    f"the plan takes {name} {n / reader.total:.2f} times ({n:,} of {reader.total:,} rows), max_repeats is {limit}"
                )

    def walk(self, held: Held, start: State, key: tuple[int, int, int], position: int) -> Walk:
        """The way of a place of the order (`key`: source, epoch, place) along its lane of a source."""
        source, epoch, place = key
        line = self.line(start, source, epoch)
        return Walk(held, line, source=source, epoch=epoch, place=place, position=position)

    def line(self, start: State, source: int, epoch: int) -> Line:
        """The order of a source in an epoch of its own."""
        key = (start.seed, start.lanes, int(start.shuffle), source, epoch)
        if key not in self._lines:
            if len(self._lines) > 4 * len(self._names):
                self._lines.clear()
            self._lines[key] = self._readers[source].line(start, self._key(source, epoch))
        return self._lines[key]

    def _key(self, source: int, epoch: int) -> int:
        return epoch * len(self._names) + source

    def _track(self, held: Held, start: State, stretch: Stretch, place: int, position: int, step: int) -> Track:
        return MixedTrack(self, held, start, stretch.epoch, place, position, step)

    def _decoded(self, start: State, key: Key) -> Decoded:
        source, epoch, number = key
        return self._readers[source].decoded(start, self._key(source, epoch), number)

    def _size(self, key: Key) -> int:
        return int(self._readers[key[0]].sizes[key[2]])

    def _largest(self) -> str:
        reader = max(self._readers, key=lambda reader: int(reader.sizes.max()))
        return str(reader.files.path(reader.groups[int(reader.sizes.argmax())].file))


class MixedTrack:
    """Every `step`-th sample of one lane of a mixture, from a position on."""

    def __init__(
        self, mixture: Mixture, held: Held, start: State, epoch: int, place: int, position: int, step: int
    ) -> None:
        self._mixture, self._held, self._start, self._epoch = mixture, held, start, epoch
        self._place, self._position, self._step = place, position, step
        self._drawn = mixture.drawn(start, epoch, place, position)
        self._walks: dict[int, tuple[int, Walk]] = {}

    def _turns(self, n: int) -> tuple[NDArray[np.intp], dict[int, NDArray[np.int64]]]:
        """The sources of the next `n` samples, and for each source the numbers of its draws in the lane."""
        stop = min(self._position + n * self._step, self._mixture.rounds)
        drawn = self._mixture.drawn_sources(self._start, self._epoch, self._place, self._position, stop)
        mine, numbers = drawn[:: self._step], {}
        for source in set(mine.tolist()):
            is_source = drawn == source
            numbers[source] = (self._drawn[source] + np.cumsum(is_source) - 1)[:: self._step][mine == source]
        self._position += n * self._step
        self._drawn += np.bincount(drawn, minlength=len(self._drawn))
        return mine, numbers

    def _runs(self, source: int, numbers: NDArray[np.int64]) -> Iterator[tuple[Walk, NDArray[np.int64], bool]]:
        """The draws of a source by its epochs: the walk, the positions in its lane, and whether it is the last."""
        first = self._mixture.line(self._start, source, self._epoch * _SOURCE_EPOCHS)
        epochs, positions = np.divmod(numbers, len(first.lane(self._place)))
        for epoch in range(int(epochs[0]), int(epochs[-1]) + 1):
            here = positions[epochs == epoch]
            if not len(here):
                continue
            known = self._walks.get(source)
            if known is None or known[0] != epoch:
                if known is not None:
                    known[1].close()
                key = (source, self._epoch * _SOURCE_EPOCHS + epoch, self._place)
                known = self._walks[source] = epoch, self._mixture.walk(self._held, self._start, key, int(here[0]))
            yield known[1], here, epoch == int(epochs[-1])

    def samples(self, n: int) -> Iterator[Sample]:
        if not n:
            return iter(())
        mine, numbers = self._turns(n)
        columns = self._mixture.columns
        of_source: dict[int, Iterator[Sample]] = {}
        for source, drawn in numbers.items():
            ready: list[Sample] = []
            for walk, positions, last in self._runs(source, drawn):
                samples = samples_of(walk.pieces(positions), columns, ready)
                ready = [] if last else list(samples)
            of_source[source] = samples
        return map(next, [of_source[source] for source in mine.tolist()])

    def table(self, n: int) -> pa.Table:
        mine, numbers = self._turns(n)
        tables = [
            table_of(walk.pieces(positions))
            for source in sorted(numbers)
            for walk, positions, _ in self._runs(source, numbers[source])
        ]
        order = np.empty(n, np.int64)
        order[np.argsort(mine, kind="stable")] = np.arange(n)
        return pa.concat_tables(tables).take(to_arrow(order))

    def walks(self) -> list[tuple[float, Walk]]:
        """The walks, with the rounds until each leaves its row group, were all sources drawn alike."""
        return [(walk.rows_left / self._step, walk) for _, walk in self._walks.values()]

    def close(self) -> None:
        for _, walk in self._walks.values():
            walk.close()
