"""Shingle sets of the documents that are compared: of this release and of those in the index."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from curation.arrays import to_arrow
from curation.dedup.rank import Ints
from curation.text.kernel import U64
from curation.text.shingles import Shingling, shingle_sets
from pipelines.dedup.index import Index
from pipelines.dedup.scan import Scan, each
from pipelines.dedup.shingle_files import ShingleFile, read
from pipelines.document_files import Documents


class ShingleStore:
    """Sets by the number of the document; old ones lie in their index."""

    def __init__(self, old: Index | None, scan: Scan, own: ShingleFile) -> None:
        self._scan = scan
        self._files = [*(old.shingle_files() if old is not None else ()), own.reader()]

    def get(self, node: int) -> U64:
        scan = self._scan
        return read(self._files[int(scan.part[node])], int(scan.place[node]), int(scan.size[node]))


def fill(file: ShingleFile, source: Documents, scan: Scan, nodes: Ints, config: Shingling, threads: int) -> None:
    """Append the shingle sets of some documents of the file, and note their places in the scan: the second reading."""
    if not len(nodes):
        return
    node_at = np.full(int(scan.row.max()) + 1, -1, np.int64)
    node_at[scan.row[nodes]] = nodes

    def picked() -> Iterator[pa.Table]:
        start = 0
        for batch in source.batches(("text",), again=True):
            mine = node_at[start : start + batch.num_rows]
            start += batch.num_rows
            wanted = np.flatnonzero(mine >= 0)
            if len(wanted):
                yield batch.take(to_arrow(wanted)).append_column("node", to_arrow(mine[wanted]))

    def one(batch: pa.Table) -> tuple[list[int], list[U64]]:
        return batch["node"].to_pylist(), shingle_sets(batch["text"], config)

    for found, sets in each(picked(), one, threads):
        scan.place[found], scan.size[found] = file.add(sets)
