"""One lane of a mixture: which of its sources gives the next samples, and where in the source's own lane they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.arrays import to_arrow
from curation.streaming.decoded import Sample
from curation.streaming.held import Held
from curation.streaming.state import State
from curation.streaming.walk import Walk, samples_of, table_of

if TYPE_CHECKING:
    from curation.streaming.mixture import Mixture

_SOURCE_EPOCHS = 2**20


def source_epoch(epoch: int, number: int) -> int:
    """The epoch of a source that an epoch of the mixture reads as its number `number`: another order each time."""
    return epoch * _SOURCE_EPOCHS + number


class MixedTrack:
    """Every `step`-th sample of one lane of a mixture, from a position on."""

    def __init__(
        self, mixture: Mixture, held: Held, start: State, epoch: int, place: int, position: int, step: int
    ) -> None:
        self._mixture, self._held, self._start, self._epoch = mixture, held, start, epoch
        self._place, self._position, self._step = place, position, step
        self._drawn = mixture.plan.drawn(start, epoch, place, position)
        self._walks: dict[int, tuple[int, Walk]] = {}

    def _turns(self, n: int) -> tuple[NDArray[np.intp], dict[int, NDArray[np.int64]]]:
        """The sources of the next `n` samples, and for each source the numbers of its draws in the lane."""
        plan = self._mixture.plan
        stop = min(self._position + n * self._step, plan.rounds(self._start.lanes))
        drawn = plan.sources(self._start, self._epoch, self._place, self._position, stop)
        mine, numbers = drawn[:: self._step], {}
        for source in set(mine.tolist()):
            is_source = drawn == source
            numbers[source] = (self._drawn[source] + np.cumsum(is_source) - 1)[:: self._step][mine == source]
        self._position += n * self._step
        self._drawn += np.bincount(drawn, minlength=len(self._drawn))
        return mine, numbers

    def _runs(self, source: int, numbers: NDArray[np.int64]) -> Iterator[tuple[Walk, NDArray[np.int64], bool]]:
        """The draws of a source by its epochs: the walk, the positions in its lane, and whether it is the last."""
        epochs, positions = np.divmod(numbers, self._mixture.lane_rows(self._start, source, self._place))
        for epoch in range(int(epochs[0]), int(epochs[-1]) + 1):
            here = positions[epochs == epoch]
            if not len(here):
                continue
            known = self._walks.get(source)
            if known is None or known[0] != epoch:
                if known is not None:
                    known[1].close()
                walk = self._mixture.walk(
                    self._held, self._start, source, source_epoch(self._epoch, epoch), self._place, int(here[0])
                )
                known = self._walks[source] = epoch, walk
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
