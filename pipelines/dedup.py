"""Deduplicate one file of documents: the steps' own functions over batches, memory bounded by the batch.

The file is read twice: once for signatures, once for the shingle hashes of candidates, which wait in a temporary file. What
stays in memory is about 250 bytes a document.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.bands import candidate_pairs
from curation.dedup.clusters import KINDS, Clustering, Edges, cluster
from curation.dedup.exact import first_copies
from curation.dedup.rank import Ints, best_place, rank_order
from curation.dedup.scope import Namespaces, Scopes
from curation.dedup.verify import MIN_JACCARD, verify
from curation.errors import UserError
from curation.text.kernel import U64
from curation.text.shingles import Shingling, band_keys, shingle_sets, sketch
from pipelines.documents import DocumentFile

T = TypeVar("T")
MAX_EDGES = 20_000_000
NO_SCOPES = Scopes({})

RESULT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),
        pa.field("mate", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("jaccard", pa.float32()),
        pa.field("containment", pa.float32()),
    ]
)
"""id; keep; cluster: id of the best document that edges lead to; mate: the kept copy that a removed one was compared with;
kind of that edge, their Jaccard index and containment."""


@dataclass(frozen=True)
class Scan:
    """What is known of all documents after one reading, sorted by id.

    Args:
        ids: sorted; `row` says where each stands in the file.
        keys: band keys, a row for each document.
        exact: keys of exact copies.
        ranks: the columns of the rank, doc_id last.
        works: work_id of each document; null when the file has none.
        space: where each document is compared.
        sources: name of each one's source; null when the file has none.
    """

    ids: pa.Array
    row: Ints
    keys: U64
    exact: npt.NDArray[np.void]
    ranks: pa.Table
    works: pa.Array
    space: Namespaces
    sources: pa.Array

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Found:
    """The outcome: one entry a document of the scan, and what was seen on the way."""

    scan: Scan
    edges: Edges
    clustering: Clustering
    candidates: int
    largest_bucket: int
    facts: dict[str, Any] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """The result by id, as `RESULT`."""
        found, ids = self.clustering, self.scan.ids
        keep = found.head == np.arange(len(ids))
        names = pa.array([*KINDS, None], pa.string())
        columns = [
            ids,
            pa.array(keep),
            ids.take(pa.array(found.family)),
            ids.take(pa.array(found.head, mask=keep)),
            names.take(pa.array(np.where(found.kind < 0, len(KINDS), found.kind).astype(np.int64))),
            pa.array(found.jaccard, mask=np.isnan(found.jaccard)),
            pa.array(found.containment, mask=np.isnan(found.containment)),
        ]
        return pa.Table.from_arrays(columns, schema=RESULT)


class ShingleStore:
    """Sorted shingle hashes of candidates in a temporary file that has no name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=1 << 20)  # noqa: SIM115  closed by __exit__
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
        offset, size = self._place[node]
        return np.frombuffer(os.pread(self._file.fileno(), size, offset), np.uint64)


def each(batches: Iterator[pa.Table], work: Callable[[pa.Table], T], threads: int) -> Iterator[T]:
    """Work done on every batch by threads, in order; few batches are held at a time."""
    if threads == 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[T]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read(source: DocumentFile, config: Shingling, scopes: Scopes, threads: int) -> Scan:
    """Read a file once: ids, ranks, band keys, exact keys.

    Raises:
        UserError: an id is null or stands twice.
    """

    def one(batch: pa.Table) -> tuple[pa.Table, Ints, U64, bytes]:
        found = sketch(batch["text"], config)
        return batch.drop_columns(["text"]), found.n_words, band_keys(found.signatures, config), found.exact.tobytes()

    tables, words, keys, exact = [], [], [], []
    for table, n_words, batch_keys, batch_exact in each(source.batches(), one, threads):
        tables.append(table)
        words.append(n_words)
        keys.append(batch_keys)
        exact.append(batch_exact)
    if not tables:
        raise UserError(f"{source.path} holds no documents")
    table = pa.concat_tables(tables).combine_chunks()
    if table["id"].null_count:
        raise UserError(f"{source.path}: {table['id'].null_count} documents have no id")
    row = pc.sort_indices(table["id"]).to_numpy().astype(np.int64)
    table = table.append_column("n_words", pa.array(np.concatenate(words))).take(pa.array(row)).combine_chunks()
    ids = table["id"].combine_chunks()
    doubled = np.flatnonzero(pc.equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False))
    if len(doubled):
        raise UserError(
            f"{source.path}: id {ids[int(doubled[0])].as_py()!r} stands there more than once; ids must be unique"
        )
    ranks = table.select([c for c in ("is_journal", "version", "date", "n_words") if c in table.column_names])
    works, sources = (
        table[c].combine_chunks() if c in table.column_names else pa.nulls(len(ids), pa.string())
        for c in ("work_id", "source")
    )
    space = scopes.namespaces(sources)
    return Scan(
        ids=ids,
        row=row,
        keys=space.bands(np.concatenate(keys)[row]),
        exact=space.exact(np.frombuffer(b"".join(exact), "V16")[row]),
        ranks=ranks.append_column("doc_id", ids),
        works=works,
        space=space,
        sources=sources,
    )


def deduplicate(
    source: DocumentFile,
    config: Shingling,
    *,
    min_jaccard: float = MIN_JACCARD,
    identity: bool = False,
    scopes: Scopes = NO_SCOPES,
    threads: int = 2,
    max_edges: int = MAX_EDGES,
) -> Found:
    """Find the duplicates of a file.

    Args:
        identity: documents with the same work_id are one work, whatever their likeness.

    Raises:
        UserError: ids are null or not unique; identity without work_id.
        LimitError: more edges than `max_edges`.
    """
    scan = read(source, config, scopes, threads)
    if identity and scan.works.null_count == len(scan):
        raise UserError(f"{source.path} has no column work_id, which --identity needs")
    order = rank_order(scan.ranks)
    first = first_copies(scan.exact, scan.space.alone)
    exact = star(first, "exact")
    originals = np.flatnonzero((first == np.arange(len(scan))) & (scan.exact != np.zeros((), "V16")))
    a, b, largest = candidate_pairs(scan.keys[originals], originals, scan.space.alone[originals])
    place = best_place(order, exact.a, exact.b)
    with ShingleStore() as store:
        fill(store, source, scan, np.unique(np.concatenate([a, b])), config, threads)
        near = verify(a, b, place, scan.space.alone, store.get, min_jaccard)
    works = star(first_equal(scan.works), "identity") if identity else star(np.arange(len(scan)), "identity")
    edges = joined(exact, works, near)
    return Found(scan, edges, cluster(order, edges, max_edges), len(a), largest)


def fill(store: ShingleStore, source: DocumentFile, scan: Scan, nodes: Ints, config: Shingling, threads: int) -> None:
    """Put the shingle sets of some documents into the store; the second reading of the file."""
    if not len(nodes):
        return
    node_at = np.full(len(scan), -1, np.int64)
    node_at[scan.row[nodes]] = nodes

    def picked() -> Iterator[pa.Table]:
        start = 0
        for batch in source.batches(("text",)):
            mine = node_at[start : start + batch.num_rows]
            start += batch.num_rows
            wanted = np.flatnonzero(mine >= 0)
            if len(wanted):
                yield batch.take(pa.array(wanted)).append_column("node", pa.array(mine[wanted]))

    def one(batch: pa.Table) -> tuple[list[int], list[U64]]:
        return batch["node"].to_pylist(), shingle_sets(batch["text"], config)

    for found, sets in each(picked(), one, threads):
        for node, hashes in zip(found, sets, strict=True):
            store.add(node, hashes)
    store.done()


def star(first: Ints, kind: str) -> Edges:
    """Edges from the first of each class to its other members; Jaccard 1 for exact, unknown for identity."""
    others = np.flatnonzero(first != np.arange(len(first)))
    measure = np.full(len(others), 1.0 if kind == "exact" else np.nan, np.float32)
    return Edges(first[others], others, np.full(len(others), KINDS.index(kind), np.int8), measure, measure)


def first_equal(values: pa.Array) -> Ints:
    """For each value the first row that holds it; itself for null."""
    own = np.arange(len(values))
    codes = values.dictionary_encode().indices
    known = codes.is_valid().to_numpy(zero_copy_only=False)
    numbers = codes.fill_null(0).to_numpy(zero_copy_only=False)
    first = np.full(len(values) + 1, len(values), np.int64)
    np.minimum.at(first, numbers[known], own[known])
    return np.where(known, first[numbers], own)


def joined(*edges: Edges) -> Edges:
    """Several sets of edges as one."""
    return Edges(
        np.concatenate([e.a for e in edges]),
        np.concatenate([e.b for e in edges]),
        np.concatenate([e.kind for e in edges]),
        np.concatenate([e.jaccard for e in edges]),
        np.concatenate([e.containment for e in edges]),
    )
