"""A release as a stream of samples for the ranks of a training job, resumed exactly at any world size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curation.errors import UserError
from curation.streaming.decoded import Decoded, Sample
from curation.streaming.epochs import EpochEnd, Epochs, Share, Skip, Stretch
from curation.streaming.held import Held, Key
from curation.streaming.lookup import Origin, origin, origins_of, rows_named
from curation.streaming.memory import MAX_BYTES, Budget, decoded_bytes
from curation.streaming.options import Verify, check_options, checked_columns
from curation.streaming.order import ORDER_VERSION, Line, RowGroup, row_groups, row_order
from curation.streaming.row_groups import RowGroups
from curation.streaming.state import State, other_order
from curation.streaming.stream import Stream
from curation.streaming.walk import LaneTrack, Track, Walk
from schemas.manifest import ManifestError, read_manifest


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
        folder: release folder with manifest.json.
        tier: tier to read; may be left out when the release has one.
        kind: documents or pairs.
        columns: columns of a sample, a dict; by default COLUMNS of the kind.
        dp_rank, dp_size: this data-parallel rank and their number. Ranks that work on one sample together (tensor or
            pipeline parallel) share a dp_rank.
        seed: of the permutations, 0 by default; with `state`, that of the state.
        lanes: lanes of the order, by default the largest power of two up to 64 of which one process could read all within
            `max_bytes`, at least `dp_size`; with `state`, those of the state.
        epoch_end: what happens to samples that are left when they are fewer than the ranks: `wrap` goes on into the next epoch, `drop`
            leaves them out, `pad` gives first samples of the epoch once more (curation.streaming.epochs).
        state: where to go on.
        shuffle: False leaves row groups and rows in file order (odd lanes are read backward), True by default; with
            `state`, as the state says.
        skip: (epoch, start, stop) each: samples of the global order that no rank gets, say where a loss went up.
        verify: `size` compares each file's size and row groups with the manifest when it is opened, `sha256` also its digest.
        prefetch: threads that decode row groups ahead; 0 decodes when needed (tests/benchmarks/streaming.py compares them).
        max_bytes: memory for row groups, those being decoded, and rows on their way.

    Raises:
        UserError: no manifest, unknown tier, kind or column, no columns, empty tier, a file that is not what the manifest says, lanes that
            do not fit into memory, or a state of another release, order, seed, lanes or shuffle.
    """

    def __init__(
        self,
        folder: Path | str,
        tier: str | None = None,
        *,
        kind: str = "documents",
        columns: Sequence[str] | None = None,
        dp_rank: int = 0,
        dp_size: int = 1,
        seed: int | None = None,
        lanes: int | None = None,
        epoch_end: EpochEnd = "wrap",
        state: State | None = None,
        shuffle: bool | None = None,
        skip: Skip = (),
        verify: Verify = "size",
        prefetch: int = 2,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        try:
            self.manifest = read_manifest(Path(folder))
            if tier is None and len(self.manifest.tiers) != 1:
                raise UserError(f"{folder}: name a tier of this release: {', '.join(self.manifest.tiers) or 'none'}")
            tier = tier or self.manifest.tiers[0]
            files = self.manifest.of_tier(tier, kind)
        except ManifestError as error:
            raise UserError(str(error)) from error
        self.name, self.columns = str(folder), checked_columns(columns, kind)
        self.total = sum(f.rows for f in files)
        if self.total == 0:
            raise UserError(f"{folder}: tier {tier} has no rows")
        check_options(dp_rank, dp_size, seed, lanes, verify, prefetch, max_bytes)
        self.groups = row_groups([f.row_groups for f in files])
        self.files = RowGroups(self.manifest, files, self.columns, digest=verify == "sha256")
        self._sizes = decoded_bytes(self.files, self.groups)
        self._line: tuple[tuple[int, int, int, bool], Line] | None = None
        self._budget = Budget([self._sizes], self.total, max_bytes=max_bytes, threads=prefetch)
        self._epochs = Epochs(self.total, skip, epoch_end)
        self._share, self._threads = Share(dp_rank, dp_size), prefetch
        if state is None:
            state = State(
                order=ORDER_VERSION,
                seed=seed or 0,
                epoch=0,
                consumed=0,
                lanes=lanes or max(self._budget.fitting(), 1 << (dp_size - 1).bit_length()),
                shuffle=shuffle is not False,
                release=self.manifest.sha256,
                tier=tier,
                kind=kind,
            )
        self.check_state(state)
        self._check_given(state, {"seed": seed, "lanes": lanes, "shuffle": shuffle})
        self._begin(state)
        self._check_progress(state)

    def check_state(self, state: State) -> None:
        """
        Raises:
            UserError: a state is not of this release, tier, kind and order.
        """
        folder, file = self.manifest.folder, self.files.files[0]
        if state.order != ORDER_VERSION:
            raise other_order(state.order)
        if (state.release, state.tier, state.kind) != (self.manifest.sha256, file.tier, file.kind):
            raise UserError(
                f"{folder}: the state is of {state.kind}, tier {state.tier} of release {state.release[:12]}, this is {file.kind}, "
                f"tier {file.tier} of {self.manifest.sha256[:12]}; resume on the release that the run began with, or, where data "
                "was added, finish its epoch there and begin here without a state"
            )
        if not 0 <= state.consumed < self.total or state.seed < 0:
            raise UserError(f"state {state}: the epoch has {self.total} samples, and seeds are not below 0")

    def get(self, name: str) -> list[Sample]:
        """The rows of a paper, by doc_id, paper_id or link; none where the tier has none. Scans these columns of the tier."""
        found = rows_named(self.files, self.groups, name)
        return [sample for number, row in found for sample in self._row(self.groups[number], row)]

    def _row(self, group: RowGroup, row: int) -> Iterator[Sample]:
        decoded = Decoded(self.files.read(group.file, group.number), np.arange(group.rows))
        return decoded.samples(self.columns, np.array([row]))

    def explain(self, sample: int, stop: int | None = None) -> Iterator[Origin]:
        """Where the samples `sample` to `stop` (by default one) of the current epoch's global order come from.

        Raises:
            UserError: the epoch has no such samples.
        """
        stop = sample + 1 if stop is None else stop
        if not 0 <= sample < stop <= self.total:
            raise UserError(f"samples {sample} to {stop}: the epoch has 0 to {self.total}")
        return (origin(self, number) for number in range(sample, stop))

    def explain_paper(self, name: str) -> Iterator[Origin]:
        """Where a paper's rows stand in the current epoch's global order; `name` as for `get`."""
        return origins_of(self, name)

    def line(self, state: State, epoch: int) -> Line:
        """The order of an epoch, with the seed and lanes of a state."""
        key = (state.lanes, state.seed, epoch, state.shuffle)
        if self._line is None or self._line[0] != key:
            rows = [group.rows for group in self.groups]
            self._line = key, Line(rows, state.lanes, seed=state.seed, epoch=epoch, shuffle=state.shuffle)
        return self._line[1]

    def _track(self, held: Held, start: State, stretch: Stretch, place: int, position: int, step: int) -> Track:
        line = self.line(start, stretch.epoch)
        walk = Walk(held, line, source=0, epoch=stretch.epoch, place=place, position=position)
        return LaneTrack(walk, self.columns, position, step)

    def _largest(self) -> str:
        return str(self.files.path(self.groups[int(self._sizes.argmax())].file))

    def _size(self, key: Key) -> int:
        return int(self._sizes[key[2]])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """About how many bytes each row group takes, decoded."""
        return self._sizes

    def _decoded(self, start: State, key: Key) -> Decoded:
        return self.decoded(start, key[1], key[2])

    def decoded(self, start: State, epoch: int, number: int) -> Decoded:
        """A row group in the order of an epoch."""
        group = self.groups[number]
        order = row_order(group.rows, number, seed=start.seed, epoch=epoch, shuffle=start.shuffle)
        return Decoded(self.files.read(group.file, group.number), order)
