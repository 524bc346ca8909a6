"""A release as a stream of samples for the ranks of a training job, resumed exactly at any world size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Unpack

import numpy as np

from curation.errors import UserError
from curation.streaming.decoded import Decoded, Sample
from curation.streaming.epochs import Stretch
from curation.streaming.filters import Filter
from curation.streaming.held import Held, Key
from curation.streaming.options import Options, settled
from curation.streaming.order import RowGroup
from curation.streaming.origins import Origin, origin
from curation.streaming.state import State
from curation.streaming.stream import Stream
from curation.streaming.tier_rows import TierRows
from curation.streaming.walk import LaneTrack, Track, Walk


class Reader(Stream):
    """Iterates the rest of the current epoch for one rank; iterating again gives the next epoch.

    The order of an epoch is one global sequence that depends on the release, `seed`, `epoch` and `lanes` only
    (curation.streaming.order). Of what is left of it, rank r of W takes every W-th sample, so after k samples on each
    rank the job has consumed a prefix of k * W samples, and that one number is enough to go on with any other world
    size. All ranks get equally many samples.

    Where W divides `lanes`, a rank reads neighbouring lanes of its own and the row groups in them. Any other W is as exact, but
    each rank then reads every gcd(W, lanes)-th lane: take 48 lanes for 3, 6 or 12 ranks. A rank holds one decoded row
    group for each lane that it reads, and those fetched ahead, within `max_bytes`.

    Args:
        folder: release folder with manifest.json, or `s3://bucket/prefix` (a str; needs boto3).
        tier: tier to read; may be left out when the release has one.
        kind: documents or pairs.
        columns: columns of a sample, a dict; by default COLUMNS of the kind.
        filters: (column, operator, value) each, as `("source", "==", "arxiv")`: only rows that pass all. Their columns are
            read once, before the first sample.
        options: dp_rank, dp_size, seed, lanes, shuffle, epoch_end, state, skip, verify, prefetch, max_bytes
            (curation.streaming.options.Options).

    Raises:
        UserError: no manifest, unknown tier, kind, column or option, no columns, no rows, a file that is not what the manifest says,
            lanes that do not fit into memory, or a state of another release, order, seed, lanes or shuffle.
    """

    def __init__(
        self,
        folder: Path | str,
        tier: str | None = None,
        *,
        kind: str = "documents",
        columns: Sequence[str] | None = None,
        filters: Sequence[Filter] = (),
        **options: Unpack[Options],
    ) -> None:
        chosen = settled(options)
        self.rows = TierRows(folder, tier, kind=kind, columns=columns, filters=filters, verify=chosen["verify"])
        self.name, self.columns, self.total = str(folder), self.rows.columns, self.rows.total
        self._set_up(chosen, [self.rows])

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self.rows.digest, self.rows.tier, self.rows.kind

    def _default_lanes(self) -> int:
        return max(self._budget.fitting(), 1 << (self.dp_size - 1).bit_length())

    def _check_own(self, state: State) -> None:
        digest, tier, kind = self._identity
        if (state.release, state.tier, state.kind) != self._identity:
            raise UserError(
                f"{self.name}: the state is of {state.kind}, tier {state.tier} of release {state.release[:12]}, this is {kind}, "
                f"tier {tier} of {digest[:12]}; resume on the release (and with the filters) that the run began with, or, where "
                "data was added, finish its epoch there and begin here without a state"
            )

    def get(self, name: str) -> list[Sample]:
        """The rows of a paper, none where the tier has none, by a scan of the columns of names.

        Args:
            name: doc_id, paper_id, pair_id or the source's own id; or arXiv id, DOI or bibcode in any spelling, a version or not.
        """
        found = self.rows.named(name)
        return [sample for number, row in found for sample in self._row(self.rows.groups[number], row)]

    def _row(self, group: RowGroup, row: int) -> Iterator[Sample]:
        table = self.rows.files.read(group.file, group.number)
        return Decoded(table, np.arange(table.num_rows)).samples(self.columns, np.array([row]))

    def explain(self, sample: int, stop: int | None = None) -> Iterator[Origin]:
        """Where the samples `sample` to `stop` (by default one) of the current epoch's global order come from.

        Raises:
            UserError: the epoch has no such samples.
        """
        state = self.state()
        return (self._origin(state, number) for number in self._checked_samples(sample, stop))

    def _origin(self, state: State, sample: int) -> Origin:
        position, place = divmod(sample, state.lanes)
        return origin(self.rows, state, sample, *self.rows.at(state, state.epoch, place, position))

    def explain_paper(self, name: str) -> Iterator[Origin]:
        """Where a paper's rows stand in the current epoch's global order; `name` as for `get`."""
        state = self.state()
        for number, row in self.rows.named(name):
            yield origin(self.rows, state, self.rows.sample_of(state, state.epoch, number, row), number, row)

    def _track(self, held: Held, start: State, stretch: Stretch, place: int, position: int, step: int) -> Track:
        line = self.rows.line(start, stretch.epoch)
        walk = Walk(held, line, source=0, epoch=stretch.epoch, place=place, position=position)
        return LaneTrack(walk, self.columns, position, step)

    def _size(self, key: Key) -> int:
        return int(self.rows.sizes[key[2]])

    def _decoded(self, start: State, key: Key) -> Decoded:
        return self.rows.decoded(start, key[1], key[2])
