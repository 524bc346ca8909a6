"""Several releases, tiers or kinds, or parts of them, as one stream, by shares that may change along the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Unpack

import numpy as np

from curation.errors import UserError
from curation.streaming.decoded import Decoded
from curation.streaming.epochs import Stretch
from curation.streaming.held import Held, Key
from curation.streaming.mixed_track import MixedTrack, source_epoch
from curation.streaming.options import Options, settled
from curation.streaming.origins import Origin, origin
from curation.streaming.plan import MixtureSource, Plan, Segment
from curation.streaming.state import State
from curation.streaming.stream import Stream
from curation.streaming.tier_rows import TierRows
from curation.streaming.walk import Track, Walk


class Mixture(Stream):
    """One pass over a plan is an epoch: its state, ranks, skips, ends and batches are those of `Reader`.

    In each lane every 64 draws hold each source by its weight to less than one draw, in a seeded order, and so do 64 samples of
    the global order. A source has lanes and epochs of its own: a lane gives each of its rows once before any
    again. A state belongs to the plan and to the very releases in it.

    Parts of one tier are sources of their own by their filters. Each source decodes the row groups in which it has rows.

    Args:
        sources: name -> source.
        plan: segments one after the other, say the last with other weights.
        columns: of a sample, of every source.
        options: as for `Reader` (curation.streaming.options.Options).

    Raises:
        UserError: what `Reader` raises, a plan without samples, weights of unknown sources, a source or segment with fewer rows than
            lanes, or one that the plan takes more often than its max_repeats.
    """

    def __init__(
        self,
        sources: Mapping[str, MixtureSource],
        plan: Sequence[Segment],
        *,
        columns: Sequence[str] | None = None,
        **options: Unpack[Options],
    ) -> None:
        chosen = settled(options)
        self.plan = Plan(tuple(sources), plan)
        self.sources = [
            TierRows(s.folder, s.tier, kind=s.kind, columns=columns, filters=s.filters, verify=chosen["verify"])
            for s in sources.values()
        ]
        self.name, self.columns = f"mixture of {', '.join(self.plan.names)}", self.sources[0].columns
        self.total = self.plan.total
        names = [(rows.digest, rows.tier, rows.kind) for rows in self.sources]
        self._digest = hashlib.sha256(json.dumps([names, self.plan.to_list()]).encode()).hexdigest()
        self._most = [s.max_repeats for s in sources.values()]
        self._set_up(chosen, [self.sources[number] for number in self.plan.used])

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self._digest, "mixture", self.sources[0].kind

    def _default_lanes(self) -> int:
        fewest = min(self.plan.fewest, *(self.sources[number].total for number in self.plan.used))
        return max(1, min(self._budget.fitting(), 1 << (fewest.bit_length() - 1)))

    def _check_own(self, state: State) -> None:
        if (state.release, state.tier, state.kind) != self._identity:
            raise UserError(
                f"{self.name}: the state is of another plan, or of other releases; go on with those that the run began with"
            )
        for number in self.plan.used:
            name, rows = self.plan.names[number], self.sources[number]
            if rows.total < state.lanes:
                raise UserError(f"{name} has {rows.total} rows, fewer than the {state.lanes} lanes: set lanes to fewer")
        self.plan.check(state.lanes)
        self._check_repeats(state)

    def _check_repeats(self, state: State) -> None:
        if all(limit is None for limit in self._most):
            return
        state = replace(state, epoch=0)
        taken = np.sum([self.plan.taken(state, place) for place in range(state.lanes)], axis=0).tolist()
        for name, rows, limit, n in zip(self.plan.names, self.sources, self._most, taken, strict=True):
            if limit is not None and n > limit * rows.total:
                raise UserError(
                    f"the plan takes {name} {n / rows.total:.2f} times ({n:,} of {rows.total:,} rows), max_repeats is {limit}"
                )

    def explain(self, sample: int, stop: int | None = None) -> Iterator[Origin]:
        """As `Reader.explain`, with the source of each sample."""
        state = self.state()
        return (self._origin(state, number) for number in self._checked_samples(sample, stop))

    def _origin(self, state: State, sample: int) -> Origin:
        position, place = divmod(sample, state.lanes)
        source = int(self.plan.sources(state, state.epoch, place, position, position + 1)[0])
        drawn = int(self.plan.drawn(state, state.epoch, place, position)[source])
        epoch, own = divmod(drawn, self.lane_rows(state, source, place))
        rows = self.sources[source]
        number, row = rows.at(state, self._key(source, source_epoch(state.epoch, epoch)), place, own)
        found = origin(rows, state, sample, number, row)
        return replace(found, source=self.plan.names[source], source_epoch=epoch)

    def explain_paper(self, name: str) -> Iterator[Origin]:
        """As `Reader.explain_paper`: each time that the plan takes a row of the paper, source by source."""
        state = self.state()
        for source in self.plan.used:
            for number, row in self.sources[source].named(name):
                for sample in self._samples_of(state, source, number, row):
                    yield self._origin(state, sample)

    def _samples_of(self, state: State, source: int, number: int, row: int) -> Iterator[int]:
        """The samples of the epoch that are a row of a source."""
        most = max(
            -(-int(self.plan.taken(state, place)[source]) // self.lane_rows(state, source, place))
            for place in range(state.lanes)
        )
        for epoch in range(most):
            key = self._key(source, source_epoch(state.epoch, epoch))
            own, place = divmod(self.sources[source].sample_of(state, key, number, row), state.lanes)
            drawn = epoch * self.lane_rows(state, source, place) + own
            position = self.plan.position_of(state, place, source, drawn)
            if position is not None:
                yield position * state.lanes + place

    def lane_rows(self, state: State, source: int, place: int) -> int:
        """Rows of a source in its lane at a place, the same in each of its epochs."""
        return len(self.sources[source].line(state, self._key(source, 0)).lane(place))

    def walk(self, held: Held, start: State, source: int, epoch: int, place: int, position: int) -> Walk:
        """The way along a source's lane in an epoch of its own (`source_epoch`)."""
        line = self.sources[source].line(start, self._key(source, epoch))
        return Walk(held, line, source=source, epoch=epoch, place=place, position=position)

    def _key(self, source: int, epoch: int) -> int:
        """What permutes a source in an epoch of its own: two sources of one release have other orders."""
        return epoch * len(self.sources) + source

    def _track(self, held: Held, start: State, stretch: Stretch, place: int, position: int, step: int) -> Track:
        return MixedTrack(self, held, start, stretch.epoch, place, position, step)

    def _decoded(self, start: State, key: Key) -> Decoded:
        source, epoch, number = key
        return self.sources[source].decoded(start, self._key(source, epoch), number)

    def _size(self, key: Key) -> int:
        return int(self.sources[key[0]].sizes[key[2]])
