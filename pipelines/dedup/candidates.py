"""Shingle sets of the documents that are compared: the second reading of the file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from curation.arrays import to_arrow
from curation.dedup.rank import Ints
from curation.text.kernel import U64
from curation.text.shingles import Shingling, shingle_sets
from pipelines.dedup.index import Index
from pipelines.dedup.scan import Scan, each
from pipelines.documents import DocumentFile


class ShingleStore:
    """Sorted shingle hashes of candidates: new ones in a temporary file without a name, old ones in their index."""

    def __init__(self, old: Index | None, scan: Scan) -> None:
        self._old, self._scan = old, scan
        self._file = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115  closed by __exit__
        self._place: dict[int, tuple[int, int]] = {}
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, node: int, hashes: U64) -> None:
        self._place[node] = (self._end, hashes.nbytes)
        self._end += hashes.nbytes
        self._file.write(hashes.data)

    def done(self) -> None:
        """Called between the last `add` and the first `get`."""
        self._file.flush()

    def get(self, node: int) -> U64:
        if self._old is not None and node not in self._place:
            return self._old.shingles(int(self._scan.part[node]), int(self._scan.row[node]))
        offset, size = self._place[node]
        return np.frombuffer(os.pread(self._file.fileno(), size, offset), np.uint64)


def fill(store: ShingleStore, source: DocumentFile, scan: Scan, nodes: Ints, config: Shingling, threads: int) -> None:
    """Put the shingle sets of some documents into the store; the second reading of the file."""
    if not len(nodes):
        return
    node_at = np.full(int(scan.row.max()) + 1, -1, np.int64)
    node_at[scan.row[nodes]] = nodes

    def picked() -> Iterator[pa.Table]:
        start = 0
        for batch in source.batches(("text",)):
            mine = node_at[start : start + batch.num_rows]
            start += batch.num_rows
            wanted = np.flatnonzero(mine >= 0)
            if len(wanted):
                yield batch.take(to_arrow(wanted)).append_column("node", to_arrow(mine[wanted]))

    def one(batch: pa.Table) -> tuple[list[int], list[U64]]:
        return batch["node"].to_pylist(), shingle_sets(batch["text"], config)

    for found, sets in each(picked(), one, threads):
        for node, hashes in zip(found, sets, strict=True):
            store.add(node, hashes)
    store.done()
