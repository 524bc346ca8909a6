"""The plan of a mixture: what it takes from where, and which source each of its samples is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.errors import UserError
from curation.streaming.draws import Draws, units
from curation.streaming.filters import Filter
from curation.streaming.numbers import whole
from curation.streaming.state import State


@dataclass(frozen=True)
class MixtureSource:
    """Rows of a release that a mixture takes.

    Attributes:
        folder, tier, kind, filters: as for `Reader`; two sources may be parts of one tier, told apart by filters.
        max_repeats: how often a plan may take its rows on average. Each lane gives its own rows once each before any again,
            and lanes do not draw a source equally often: of 432 rows in 64 lanes, drawn 429 times, 49 came twice (in 8 lanes 4).
    """

    folder: Path | str
    tier: str | None = None
    kind: str = "documents"
    max_repeats: float | None = None
    filters: Sequence[Filter] = ()


@dataclass(frozen=True)
class Segment:
    """A stretch of the plan: how many samples, and the weight of each source in them (shares of samples).

    Raises:
        UserError: samples is no whole number.
    """

    samples: int
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", whole("samples", self.samples))

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


class Plan:
    """The segments one after the other; each begins with the round of the lanes that is nearest.

    Attributes:
        names: of the sources, in the order of their numbers. used: the numbers of those that a segment takes from.
        total: samples. fewest: of the shortest segment.

    Raises:
        UserError: there is no source or no sample, or weights are wrong or of unknown sources.
    """

    def __init__(self, names: Sequence[str], segments: Sequence[Segment]) -> None:
        self.names, self._samples = tuple(names), [segment.samples for segment in segments]
        if not self.names or not segments or any(n < 1 for n in self._samples):
            raise UserError("a mixture needs a source and a plan whose segments have one sample at least")
        if unknown := {name for segment in segments for name in segment.weights} - set(self.names):
            raise UserError(f"weights of {', '.join(sorted(unknown))}: the sources are {', '.join(self.names)}")
        self._units = [units([segment.weights.get(name, 0) for name in self.names]) for segment in segments]
        self.used: list[int] = np.flatnonzero(np.any(self._units, axis=0)).tolist()
        self.total, self.fewest = sum(self._samples), min(self._samples)

    def to_list(self) -> list[Any]:
        """What names the plan, as JSON types: samples, and shares as they are drawn."""
        return [(n, shares.tolist()) for n, shares in zip(self._samples, self._units, strict=True)]

    def check(self, lanes: int) -> None:
        """
        Raises:
            UserError: a segment has no round of so many lanes.
        """
        ends = [0, *self._ends(lanes)]
        for number, samples in enumerate(self._samples):
            if ends[number] == ends[number + 1]:
                raise UserError(
                    f"segment {number + 1} of the plan has {samples} samples, too few for {lanes} lanes: set lanes to fewer"
                )

    def rounds(self, lanes: int) -> int:
        """Rounds of the lanes, the last not whole where the samples are no multiple of them."""
        return self._ends(lanes)[-1]

    def _ends(self, lanes: int) -> list[int]:
        """The rounds before which each segment ends: the nearest, and for the last those of all samples."""
        nearest = [int((2 * samples + lanes) // (2 * lanes)) for samples in np.cumsum(self._samples)]
        return [*nearest[:-1], -(-self.total // lanes)]

    def drawn(self, state: State, epoch: int, place: int, position: int) -> NDArray[np.int64]:
        """How often each source is drawn in a lane before a position of the plan."""
        total, start = np.zeros(len(self.names), np.int64), 0
        for number, end in enumerate(self._ends(state.lanes)):
            if position > start:
                total += self._draws(state, epoch, number).before(place, min(position, end) - start)
            start = end
        return total

    def sources(self, state: State, epoch: int, place: int, start: int, stop: int) -> NDArray[np.intp]:
        """The sources of a lane's samples `start` to `stop`."""
        parts, begin = [], 0
        for number, end in enumerate(self._ends(state.lanes)):
            if max(start, begin) < min(stop, end):
                draws = self._draws(state, epoch, number)
                parts.append(draws.sources(place, max(start, begin) - begin, min(stop, end) - begin))
            begin = end
        return np.concatenate(parts)

    def taken(self, state: State, place: int) -> NDArray[np.int64]:
        """How often each source is drawn in a lane in the whole plan."""
        rounds, more = divmod(self.total, state.lanes)
        return self.drawn(state, state.epoch, place, rounds + (place < more))

    def position_of(self, state: State, place: int, source: int, number: int) -> int | None:
        """The position in a lane of draw `number` of a source, counted from 0; None where the plan has no such."""
        if number >= self.taken(state, place)[source]:
            return None
        low, high = 0, self.rounds(state.lanes)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (
                (low, middle) if self.drawn(state, state.epoch, place, middle)[source] > number else (middle, high)
            )
        return low

    def _draws(self, state: State, epoch: int, segment: int) -> Draws:
        return Draws(self._units[segment], (state.seed, epoch, segment), state.lanes)
