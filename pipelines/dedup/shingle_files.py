"""Sorted shingle hashes on disk, one set after the other: what is written once and read by place."""

from __future__ import annotations

import os
from typing import IO

import numpy as np

from curation.dedup.rank import Ints
from curation.text.kernel import U64


class ShingleFile:
    """A file of shingle sets that grows: little-endian uint64 hashes, nothing else. Where a set lies is told by `add`.

    Args:
        sink: empty, open for reading and writing.
    """

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink, self._end = sink, 0

    def add(self, sets: list[U64]) -> tuple[Ints, Ints]:
        """Append sets; returns the place of each (hashes before it) and its size."""
        sizes = np.array([len(s) for s in sets], np.int64)
        places = self._end + np.cumsum(sizes) - sizes
        self._end += int(sizes.sum())
        self._sink.write(np.concatenate([np.zeros(0, np.uint64), *sets]).astype("<u8", copy=False).data)
        return places, sizes

    def reader(self) -> int:
        """A file number for `read`, once everything was added."""
        self._sink.flush()
        return self._sink.fileno()


def read(file: int, place: int, size: int) -> U64:
    """One set of a file of shingles. Only its bytes are read: a map would bring in what lies around them."""
    return np.frombuffer(os.pread(file, 8 * size, 8 * place), "<u8").astype(np.uint64, copy=False)
