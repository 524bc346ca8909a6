"""Shingle sets of a release on disk: one Arrow file, its rows in the order of the documents' file."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from curation.arrays import numbers, to_arrow
from curation.dedup.rank import Ints
from curation.text.kernel import U64


class ShingleWriter:
    """Writes the shingle sets of one release, in the order of its file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = pa.schema([pa.field("shingles", pa.large_list(pa.uint64()))])
        self._writer = pa.ipc.new_file(str(path), self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def add(self, sets: list[U64]) -> None:
        offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
        values = np.concatenate([np.zeros(0, np.uint64), *sets])
        column = pa.LargeListArray.from_arrays(to_arrow(offsets), to_arrow(values))
        self._writer.write_batch(pa.record_batch([column], schema=self._schema))


class ShingleReader:
    """Shingle sets of one release by row. Only the wanted bytes are read: a map would bring in what lies around them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            mapped.madvise(mmap.MADV_RANDOM)
            self._starts, self._chunks = self._layout(mapped)

    @staticmethod
    def _layout(mapped: mmap.mmap) -> tuple[Ints, list[tuple[Ints, int]]]:
        """First row of each chunk; list offsets of each, and the place of its values in the file."""
        buffer = pa.py_buffer(mapped)
        column = pa.ipc.open_file(buffer).read_all()["shingles"]
        starts = np.cumsum([0, *map(len, column.chunks)], dtype=np.int64)
        chunks = []
        for chunk in column.chunks:
            values = chunk.values.buffers()[1]
            place = values.address - buffer.address if values is not None else 0
            chunks.append((numbers(chunk.offsets).copy(), place))
        return starts, chunks

    def get(self, row: int) -> U64:
        chunk = int(np.searchsorted(self._starts, row, side="right")) - 1
        offsets, place = self._chunks[chunk]
        at = row - int(self._starts[chunk])
        start, stop = int(offsets[at]), int(offsets[at + 1])
        return np.frombuffer(os.pread(self._file.fileno(), 8 * (stop - start), place + 8 * start), np.uint64)
