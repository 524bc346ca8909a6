"""Which source each sample of a mixture is of: closed forms, so that any place in it is found at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from curation.errors import UserError
from curation.streaming.order import permutation

BLOCK = 64
"""Draws in which every lane has each source by its share, to less than one draw."""
_BLOCKS = 1024
"""Blocks after which the remainders of the shares have been paid out exactly."""
UNITS = BLOCK * _BLOCKS
_BLOCK_ORDER = 2
"""Spawn key of the permutation of a block; 0 and 1 are those of curation.streaming.order."""


def units(weights: Sequence[float]) -> NDArray[np.int64]:
    """Weights as numbers of UNITS, by the largest remainder.

    Raises:
        UserError: no weight is above 0, one is below, or so small beside the others that it would never be drawn.
    """
    given = np.asarray(weights, np.float64)
    if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
        raise UserError(f"weights {list(weights)}: numbers not below 0, and one above")
    exact = given / given.sum() * UNITS
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: UNITS - int(whole.sum())]] += 1
    if ((whole == 0) & (given > 0)).any():
        raise UserError(
            f"weights {list(weights)}: one is below 1 in {UNITS:,} of all and would never be drawn; leave it out"
        )
    return whole


@lru_cache(maxsize=32)
def before_blocks(units: tuple[int, ...]) -> NDArray[np.int64]:
    """How often each source is drawn before each block, and in all: (_BLOCKS + 1, sources).

    What the shares have beyond whole draws goes round: a comb of teeth 1 apart, set off by the reversed bits of the
    block's number, takes the sources whose stretch of the remainders it meets.
    """
    whole, rest = np.divmod(np.array(units), _BLOCKS)
    ends = np.concatenate([[0], np.cumsum(rest)])
    block = np.arange(_BLOCKS)
    bits = np.zeros_like(block)
    for bit in range(10):
        bits |= (block >> bit & 1) << (9 - bit)
    teeth = -((bits[:, None] - ends) // _BLOCKS)  # teeth before each end
    counts = whole + np.diff(teeth, axis=1)
    return np.concatenate([np.zeros((1, len(units)), np.int64), np.cumsum(counts, axis=0)])


@dataclass(frozen=True)
class Draws:
    """The draws of every lane in one segment.

    All lanes read the same blocks, each turned by its part of 64, so that 64 samples of the global order hold the shares as well
    (from a multiple of 64 on, where the lanes are a power of two up to 64).

    Args:
        units: of each source, UNITS together.
        key: seed, epoch and number of the segment.
        lanes: of the order.
    """

    units: NDArray[np.int64]
    key: tuple[int, int, int]
    lanes: int

    def before(self, place: int, position: int) -> NDArray[np.int64]:
        """How often each source is drawn in a lane before a position."""
        block, rest = divmod(position, BLOCK)
        periods, blocks = divmod(block, _BLOCKS)
        drawn: NDArray[np.int64] = periods * self.units + before_blocks(tuple(self.units.tolist()))[blocks]
        if rest:
            drawn += np.bincount(self._block(place, block)[:rest], minlength=len(self.units))
        return drawn

    def sources(self, place: int, start: int, stop: int) -> NDArray[np.intp]:
        """The sources of the draws `start` to `stop` of a lane."""
        first = start // BLOCK
        blocks = [self._block(place, block) for block in range(first, -(-stop // BLOCK))]
        return np.concatenate(blocks)[start - first * BLOCK : stop - first * BLOCK]

    def _block(self, place: int, block: int) -> NDArray[np.intp]:
        counts = np.diff(before_blocks(tuple(self.units.tolist()))[block % _BLOCKS :][:2], axis=0)[0]
        drawn = np.repeat(np.arange(len(counts)), counts)[permutation(BLOCK, *self.key, _BLOCK_ORDER, block)]
        return np.roll(drawn, -(place * BLOCK // self.lanes))
