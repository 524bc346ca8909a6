"""How many bytes a reader will hold, known before it reads a row."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
from numpy.typing import NDArray

from curation.errors import UserError
from curation.streaming.order import RowGroup
from curation.streaming.row_groups import RowGroups

MAX_BYTES = 2**30
MAX_LANES = 64
_BLOCK_BYTES = 8 * 2**20
"""Rows made in one go for all lanes. Measured with tests/benchmarks/streaming.py: more is no faster on 2 kB and 60 kB rows."""
_MAX_ROUNDS = 64
_TOO_LARGE = 2**50
"""A damaged footer may say any size; sums of these stay numbers."""
_IN_THE_MAKING = 2
"""Times its size that a row group takes while a thread decodes it: Arrow doubles a growing buffer."""
_ROOM = 4
"""Times the need that there must be for one file to speak for all: texts unfold 2 (hex) to 8 times (few words)."""
_KEPT_FREE = 8
"""One byte in so many is left to the allocator, which keeps freed memory for a while: with 64 lanes of 16 MiB and two threads
the process grew by 9 % more than Arrow held (mimalloc; jemalloc 3 %)."""


def estimated_bytes(files: RowGroups, groups: Sequence[RowGroup]) -> NDArray[np.int64]:
    """About how many bytes each row group takes, decoded, at the cost of one footer.

    The manifest says how many bytes a file has and how they fall on its row groups; how far they unfold is that of the file with the
    largest row group. All columns count, so that the lanes do not depend on those in use.

    Raises:
        UserError: that file is not what the manifest says.
    """
    packed = np.array([files.files[g.file].bytes / files.files[g.file].rows * g.rows for g in groups])
    probe = groups[int(packed.argmax())].file
    return _sizes(packed * sum(files.decoded_bytes(probe)) / files.files[probe].bytes, groups)


def measured_bytes(files: RowGroups, groups: Sequence[RowGroup]) -> NDArray[np.int64]:
    """The same, by the footers of all files.

    Raises:
        UserError: a file is not what the manifest says.
    """
    decoded = {file: files.decoded_bytes(file) for file in {group.file for group in groups}}
    return _sizes(np.array([decoded[group.file][group.number] for group in groups], np.float64), groups)


def _sizes(decoded: NDArray[np.float64], groups: Sequence[RowGroup]) -> NDArray[np.int64]:
    sizes: NDArray[np.int64] = np.minimum(np.ceil(decoded), _TOO_LARGE).astype(np.int64)
    sizes += 8 * np.array([group.rows for group in groups])
    return sizes


class Budget:
    """What may be held within `max_bytes`.

    Args:
        sizes: decoded bytes of what is held of the row groups of each source that is read at the same time.
        rows: rows of all sources.
        top: decoded bytes of the largest row group, whole. where: its file.
        threads: that decode ahead.
    """

    def __init__(
        self, sizes: Sequence[NDArray[np.int64]], rows: int, *, top: int, where: object, max_bytes: int, threads: int
    ) -> None:
        self.max_bytes, self._where = max_bytes, where
        self._largest = [np.sort(s)[::-1][:4096] for s in sizes]
        self._usable = max_bytes - max_bytes // _KEPT_FREE
        self._block = min(_BLOCK_BYTES, self._usable // 8)
        self._row_bytes = max(1.0, sum(float(s.sum()) for s in sizes) / max(rows, 1))
        self._ahead = threads * top
        self._making = max(threads, 1) * _IN_THE_MAKING * top

    @property
    def held_bytes(self) -> int:
        """Bytes of row groups that may be held."""
        return self._usable - self._making - 2 * self._block

    def ahead_bytes(self, lanes: int) -> int:
        """How many of them may be row groups that none of so many lanes is in yet."""
        return self.held_bytes - self._in_lanes(lanes)

    def _in_lanes(self, lanes: int) -> int:
        return sum(int(s[:lanes].sum()) for s in self._largest)

    def need(self, lanes: int) -> int:
        """The least `max_bytes` for so many lanes of one process: a row group of each source for each of them, one ahead for each
        thread, those in the making, rows on their way, and what the allocator keeps."""
        groups = self._in_lanes(lanes) + self._ahead + self._making
        usable = min(-(-groups * 4 // 3), groups + 2 * _BLOCK_BYTES)
        return -(-usable * _KEPT_FREE // (_KEPT_FREE - 1))

    def fitting(self, stride: int = 1) -> int:
        """The most lanes, a power of two up to MAX_LANES, of which a process of every `stride`-th sample holds its share; 0 for none."""
        lanes = MAX_LANES
        while lanes and self.need(lanes // gcd(lanes, stride)) > self.max_bytes:
            lanes //= 2
        return lanes

    def is_tight(self, lanes: int, stride: int) -> bool:
        """Whether what lanes need must be known by more than one file's word."""
        return self.need(lanes // gcd(lanes, stride)) * _ROOM > self.max_bytes

    def rounds(self, lanes: int) -> int:
        """Rounds over so many lanes that are made in one go."""
        return max(1, min(_MAX_ROUNDS, int(self._block / self._row_bytes / lanes)))

    def check(self, lanes: int, stride: int) -> None:
        """Compare what lanes need with what there may be.

        Raises:
            UserError: the lanes that a process of every `stride`-th sample reads do not fit; it says how many do.
        """
        own = lanes // gcd(lanes, stride)
        if (need := self.need(own)) <= self.max_bytes:
            return
        fitting = self.fitting(stride)
        mend = f"lanes={fitting} fits" if fitting else "not even one lane fits"
        raise UserError(
            f"{lanes} lanes do not fit into max_bytes={self.max_bytes:,}: this process reads {own} of them and holds a row group of "
            f"each, {need:,} bytes with what is being decoded; {mend}, or set max_bytes={need} (the largest row group: {self._where})"
        )
