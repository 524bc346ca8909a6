"""The order in which a release is read: closed forms only, so that any place in it is found at once.

The rows of a tier, laid end to end in manifest order, are cut into `lanes` runs whose lengths differ by one row
at most. A lane is thus a block of row groups; a row group on a border belongs to both neighbours, each with
rows of its own. Cutting at rows rather than at row groups is what keeps the closed form: sample `g` of an epoch is
sample `g // lanes` of lane `g % lanes`, whatever the release (runs longer by a row come first).

Inside a lane the pieces of row groups are permuted, and the rows inside each piece. Permutations are the stable
argsort of raw PCG64 output: numpy promises that stream for all versions (NEP 19), but not that of
`Generator.permutation`, and a run must resume after an upgrade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PIECES = 0xFFFF_FFFF
"""Spawn key of the permutation of a lane's pieces; pieces themselves count from 0."""


@dataclass(frozen=True)
class Piece:
    """Rows `start` to `stop` of one row group: what one lane owns of it."""

    file: int
    row_group: int
    start: int
    stop: int

    @property
    def rows(self) -> int:
        return self.stop - self.start


def permutation(n: int, *key: int) -> NDArray[np.intp]:
    """A permutation of 0..n-1 that depends on the key alone, on any machine and numpy version."""
    bits = np.random.PCG64(np.random.SeedSequence(key)).random_raw(n)
    return np.argsort(bits, kind="stable")


def lane_length(total: int, lanes: int, lane: int) -> int:
    """Samples of a lane in an epoch of `total` samples."""
    return (total - lane + lanes - 1) // lanes


def lane_pieces(row_groups: Sequence[Sequence[int]], lanes: int, lane: int) -> list[Piece]:
    """The pieces of row groups that a lane owns, in manifest order.

    Args:
        row_groups: rows of each row group, for each file.
    """
    total = sum(map(sum, row_groups))
    short, longer = divmod(total, lanes)
    first = lane * short + min(lane, longer)
    last = first + lane_length(total, lanes, lane)
    pieces, offset = [], 0
    for file, groups in enumerate(row_groups):
        for group, rows in enumerate(groups):
            start, stop = max(first, offset), min(last, offset + rows)
            if start < stop:
                pieces.append(Piece(file, group, start - offset, stop - offset))
            offset += rows
            if offset >= last:
                return pieces
    return pieces


@dataclass(frozen=True)
class LaneOrder:
    """The permuted pieces of one lane in one epoch."""

    pieces: tuple[Piece, ...]
    ends: NDArray[np.int64]
    key: tuple[int, int, int]
    shuffle: bool

    @classmethod
    def of(cls, pieces: Sequence[Piece], *, seed: int, epoch: int, lane: int, shuffle: bool = True) -> LaneOrder:
        key = (seed, epoch, lane)
        order = permutation(len(pieces), *key, _PIECES) if shuffle else range(len(pieces))
        permuted = tuple(pieces[i] for i in order)
        return cls(permuted, np.cumsum([p.rows for p in permuted], dtype=np.int64), key, shuffle)

    def locate(self, position: int) -> tuple[int, int]:
        """The place (in `pieces`) of the lane's sample `position`, and the samples before it in that piece."""
        index = int(np.searchsorted(self.ends, position, side="right"))
        return index, position - (int(self.ends[index - 1]) if index else 0)

    def rows(self, index: int) -> NDArray[np.intp]:
        """Rows of the row group, in the order in which piece `index` gives them."""
        piece = self.pieces[index]
        if not self.shuffle:
            return np.arange(piece.start, piece.stop)
        return piece.start + permutation(piece.rows, *self.key, index)
