"""The rows of one tier and kind of a release, or those of them that filters leave: what a stream takes its samples from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curation.arrays import to_arrow
from curation.errors import UserError
from curation.streaming.decoded import Decoded
from curation.streaming.filters import Chosen, Filter, checked_filters, digest_of, passing
from curation.streaming.memory import estimated_bytes, measured_bytes
from curation.streaming.named import rows_named, spellings
from curation.streaming.options import Verify, checked_columns
from curation.streaming.order import Line, row_groups, row_order
from curation.streaming.row_groups import RowGroups
from curation.streaming.state import State
from schemas.files import Files
from schemas.manifest import ManifestError, read_manifest

_LINES = 8
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/")
"""s3://bucket/release, which as a path is s3:/bucket/release."""


def _place(folder: Path | str) -> Path | Files:
    """Where a release lies. Raises UserError for an address of another scheme than s3, or one that a path has spoiled."""
    text = str(folder)
    if isinstance(folder, str) and text.startswith("s3://"):
        from curation.place import open_place  # and boto3: only where asked for

        return open_place(text)
    if _ADDRESS.match(text):
        raise UserError(
            f"{text}: a release is read from a folder, or from s3://bucket/prefix (as a str); copy it there"
        )
    return Path(folder)


class TierRows:
    """Row groups, their order in an epoch, and their rows decoded in it.

    Attributes:
        manifest: of the release. tier, kind: that are read.
        digest: names the rows: sha256 of manifest.json, with filters of the rows that they leave, too.
        columns: of a sample.
        files: reads row groups.
        groups: the row groups with rows to read, and how many these are.
        sizes: about how many bytes the rows of each take, decoded.
        largest: about how many bytes the largest row group takes, whole. largest_file: that it is in.
        total: rows.

    Args:
        folder, tier, kind, columns, filters: as for `Reader`.

    Raises:
        UserError: as for `Reader`.
    """

    def __init__(
        self,
        folder: Path | str,
        tier: str | None,
        *,
        kind: str,
        columns: Sequence[str] | None,
        filters: Sequence[Filter],
        verify: Verify,
    ) -> None:
        try:
            self.manifest = read_manifest(_place(folder))
            if tier is None and len(self.manifest.tiers) != 1:
                raise UserError(f"{folder}: name a tier of this release: {', '.join(self.manifest.tiers) or 'none'}")
            self.tier, self.kind = tier or self.manifest.tiers[0], kind
            files = self.manifest.of_tier(self.tier, kind)
        except ManifestError as error:
            raise UserError(str(error)) from error
        self.columns, wanted = checked_columns(columns, kind), checked_filters(filters)
        self.groups = row_groups([f.row_groups for f in files])
        if not self.groups:
            raise UserError(f"{folder}: tier {self.tier} has no rows")
        filtered = list(dict.fromkeys(column for column, _, _ in wanted))
        self.files = RowGroups(self.manifest, files, self.columns, also=filtered, digest=verify == "sha256")
        self.digest = self.manifest.sha256
        self._whole = self.groups
        self._chosen = self._choose(wanted, filtered) if wanted else None
        self._size(estimated_bytes(self.files, self._whole))
        self.total = sum(group.rows for group in self.groups)
        self._lines: dict[tuple[int, int, int, bool], Line] = {}

    def _choose(self, filters: Sequence[Filter], columns: Sequence[str]) -> Chosen:
        found = [passing(self.files.read(g.file, g.number, columns), filters) for g in self.groups]
        self.digest = digest_of(self.digest, tuple(found))
        some = [number for number, rows in enumerate(found) if len(rows)]
        if not some:
            raise UserError(f"{self.manifest.place.uri}: no row of tier {self.tier} passes {list(filters)}")
        self._whole = tuple(self.groups[number] for number in some)
        self.groups = tuple(replace(self.groups[number], rows=len(found[number])) for number in some)
        return tuple(found[number] for number in some)

    def measure(self) -> None:
        """Take the sizes from the footers of all files.

        Raises:
            UserError: a file is not what the manifest says.
        """
        self._size(measured_bytes(self.files, self._whole))

    def _size(self, whole: NDArray[np.int64]) -> None:
        self.largest, self.largest_file = int(whole.max()), self.files.where(self._whole[int(whole.argmax())].file)
        shares = np.array([read.rows / group.rows for read, group in zip(self.groups, self._whole, strict=True)])
        self.sizes: NDArray[np.int64] = np.ceil(whole * shares).astype(np.int64)

    def rows(self, number: int) -> NDArray[np.int32]:
        """The rows of a row group that are read, as numbers in the file's row group."""
        return self._chosen[number] if self._chosen else np.arange(self.groups[number].rows, dtype=np.int32)

    def line(self, state: State, epoch: int) -> Line:
        """The order of an epoch, with the seed and lanes of a state."""
        key = (state.lanes, state.seed, epoch, state.shuffle)
        if key not in self._lines:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            counts = [group.rows for group in self.groups]
            self._lines[key] = Line(counts, state.lanes, seed=state.seed, epoch=epoch, shuffle=state.shuffle)
        return self._lines[key]

    def order(self, state: State, epoch: int, number: int) -> NDArray[np.intp]:
        """The order in which the rows of a row group stand in the line, as places in `rows`."""
        return row_order(self.groups[number].rows, number, seed=state.seed, epoch=epoch, shuffle=state.shuffle)

    def decoded(self, state: State, epoch: int, number: int) -> Decoded:
        """A row group in the order of an epoch."""
        group = self.groups[number]
        table = self.files.read(group.file, group.number)
        if self._chosen:
            table = table.take(to_arrow(self._chosen[number])).combine_chunks()
        return Decoded(table, self.order(state, epoch, number))

    def at(self, state: State, epoch: int, place: int, position: int) -> tuple[int, int]:
        """(number of the row group, row in it) of the row at a position of a lane."""
        line = self.line(state, epoch)
        at = line.lane(place).at(position)
        number, start, _ = line.group_at(at)
        return number, int(self.rows(number)[self.order(state, epoch, number)[at - start]])

    def sample_of(self, state: State, epoch: int, number: int, row: int) -> int:
        """The number in the epoch's order of a row of a row group; the inverse of `at`."""
        line = self.line(state, epoch)
        in_order = self.rows(number)[self.order(state, epoch, number)]
        return line.sample_at(line.start_of(number) + int(np.flatnonzero(in_order == row)[0]))

    def named(self, name: str) -> Iterator[tuple[int, int]]:
        """(number of the row group, row in it) of the rows of a name (`Reader.get`), by a scan of the columns of names."""
        wanted = spellings(name)
        for number, group in enumerate(self.groups):
            found = rows_named(self.files, group, wanted)
            yield from ((number, row) for row in found if self._chosen is None or row in self._chosen[number])
