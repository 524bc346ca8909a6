"""Shingle sets of the documents that are compared: of this release and of those in the index."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import IO, cast

import numpy as np
import pyarrow as pa

from curation.arrays import to_arrow
from curation.dedup.rank import Ints
from curation.errors import UserError
from curation.place import Place
from curation.text.kernel import U64
from curation.text.shingles import Shingling, shingle_sets
from pipelines.dedup.index import Index
from pipelines.dedup.scan import Scan, each
from pipelines.dedup.shingle_files import ShingleFile, read
from pipelines.document_files import Documents

GAP = 1 << 15
RUN = 1 << 23
"""Hashes between two sets of an index in a bucket that are fetched rather than asked for apart (256 kB), and of one request (64 MB)."""


class ShingleStore:
    """Sets by the number of the document; old ones lie in their index.

    Args:
        nodes: the documents that are asked for. Their sets are copied from an index that is no folder of this machine.
    """

    def __init__(self, old: Index | None, scan: Scan, own: ShingleFile, nodes: Ints) -> None:
        self._scan = scan
        self._files = [*(_files(old, scan, nodes) if old is not None else ()), own.reader()]

    def get(self, node: int) -> U64:
        scan = self._scan
        return read(self._files[int(scan.part[node])], int(scan.place[node]), int(scan.size[node]))


def _files(old: Index, scan: Scan, nodes: Ints) -> Iterator[int]:
    """A file number a release of an index; they stay open until the process ends."""
    for part, release in enumerate(old.releases):
        name = release["shingles"]["file"]
        if (path := old.place.local(name)) is not None:
            yield os.open(path, os.O_RDONLY)
            continue
        with tempfile.TemporaryFile() as file:
            copy = ShingleFile(cast(IO[bytes], file))
            for run in _runs(scan, nodes[scan.part[nodes] == part]):
                scan.place[run], _ = copy.add(_sets(old.place, name, scan.place[run], scan.size[run]))
            yield os.dup(copy.reader())


def _runs(scan: Scan, nodes: Ints) -> Iterator[Ints]:
    """Documents in the order of their sets, those whose sets lie near each other together."""
    nodes = nodes[np.argsort(scan.place[nodes], kind="stable")]
    first, after = scan.place[nodes], scan.place[nodes] + scan.size[nodes]
    start = 0
    for at in range(1, len(nodes) + 1):
        if at == len(nodes) or first[at] - after[at - 1] > GAP or after[at] - first[start] > RUN:
            yield nodes[start:at]
            start = at


def _sets(place: Place, name: str, places: Ints, sizes: Ints) -> list[U64]:
    """Sets that lie near each other, by one request. Raises UserError when the file is shorter than its index says."""
    start, end = int(places[0]), int((places + sizes).max())
    hashes = np.frombuffer(place.range(name, 8 * start, 8 * end), "<u8")
    if len(hashes) != end - start:
        raise UserError(f"{place.where(name)} is not what index.json says it is; make the index anew")
    return [hashes[p - start : p - start + s] for p, s in zip(places.tolist(), sizes.tolist(), strict=True)]


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
