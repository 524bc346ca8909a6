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
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import names, numbers, to_arrow
from curation.dedup.bands import Flags, candidate_pairs
from curation.dedup.clusters import KINDS, Clustering, Edges, check_limits, cluster
from curation.dedup.exact import first_copies
from curation.dedup.rank import Ints, best_place, components, rank_order
from curation.dedup.scope import Scopes
from curation.dedup.verify import MIN_JACCARD, NEAR_EDGES, edge_table, verify
from curation.errors import UserError
from curation.text.kernel import U64
from curation.text.shingles import Shingling, band_keys, shingle_sets, sketch, unicode_version
from pipelines.dedup_index import RANKS, Index, ShingleWriter, write_index
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
        ids: sorted; `row` says where each stands in the file of its release.
        keys: band keys, a row for each document.
        exact: keys of exact copies.
        ranks: the columns of the rank, doc_id last.
        works: work_id of each document; null when the file has none.
        alone: makes no pair with another such document.
        sources: name of each one's source; null when the file has none.
        part: release that each came with, as the index counts them; the file's own is the last.
    """

    ids: pa.Array
    row: Ints
    keys: U64
    exact: npt.NDArray[np.void]
    ranks: pa.Table
    works: pa.Array
    alone: Flags
    sources: pa.Array
    part: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Found:
    """The outcome: one entry a document of the scan, and what was seen on the way.

    Args:
        candidates: pairs that were compared.
        largest_bucket: documents that shared one band.
        part: number of this release; documents of an index have smaller ones.
    """

    scan: Scan
    edges: Edges
    clustering: Clustering
    candidates: int
    largest_bucket: int
    part: int

    def table(self) -> pa.Table:
        """The result by id, as `RESULT`."""
        found, ids = self.clustering, self.scan.ids
        keep = found.head == np.arange(len(ids))
        kinds = names(KINDS)
        columns = [
            ids,
            to_arrow(keep),
            ids.take(to_arrow(found.family)),
            ids.take(to_arrow(found.head, keep)),
            kinds.take(to_arrow(np.where(found.kind < 0, len(KINDS), found.kind).astype(np.int64))),
            to_arrow(found.jaccard, np.isnan(found.jaccard)),
            to_arrow(found.containment, np.isnan(found.containment)),
        ]
        table = pa.Table.from_arrays(columns, schema=RESULT)
        return table if self.part == 0 else table.append_column("change", self._changes(keep))

    def _changes(self, keep: Flags) -> pa.Array:
        """What a new release changed: its copies of old documents, and old ones that it supersedes."""
        is_new = self.scan.part == self.part
        mate_is_new = is_new[self.clustering.head]
        code = np.where(~keep & is_new & ~mate_is_new, 0, np.where(~keep & ~is_new & mate_is_new, 1, 2))
        return names(("new_copy_of_old", "old_superseded_by_new")).take(to_arrow(code))

    def summary(self) -> str:
        """The outcome in a line or two, for people."""
        found = self.clustering
        n, removed = len(found.head), int((found.kind >= 0).sum())
        by_kind = ", ".join(f"{int((found.kind == k).sum()):,} {name}" for k, name in enumerate(KINDS))
        text = f"{n:,} documents: {n - removed:,} kept, {removed:,} removed ({by_kind})."
        text += f" {self.candidates:,} pairs compared; largest bucket {self.largest_bucket:,}, "
        text += f"largest cluster {int(np.bincount(found.head).max(initial=0)):,} documents."
        if self.part:
            changes = self._changes(found.kind < 0).to_pylist()
            text += f" New copies of old: {changes.count('new_copy_of_old'):,}; "
            text += f"old superseded by new: {changes.count('old_superseded_by_new'):,}."
        return text

    def _number(self, name: str) -> int:
        at = pc.index(self.scan.ids, name).as_py()
        if at < 0:
            raise UserError(f"no document has the id {name!r}")
        return int(at)

    def mate_of(self, name: str) -> str | None:
        """Id of the copy that stays in place of a document; None for a document that is kept."""
        at = self._number(name)
        head = int(self.clustering.head[at])
        return None if head == at else str(self.scan.ids[head].as_py())

    def kind_of(self, name: str) -> str:
        """How a removed document matched: exact, identity or near."""
        return KINDS[int(self.clustering.kind[self._number(name)])]

    def texts(self, source: DocumentFile, wanted: tuple[str, ...]) -> dict[str, pa.Array]:
        """Texts of documents of the file by id, each an array of one.

        Raises:
            UserError: the text is in an index only.
        """
        found: dict[str, pa.Array] = {}
        for batch in source.batches(("id", "text")):
            ids = batch["id"].to_pylist()
            found.update({i: batch["text"].slice(ids.index(i), 1).combine_chunks() for i in wanted if i in ids})
        if missing := [i for i in wanted if i not in found]:
            raise UserError(f"the text of {', '.join(missing)} is not in {source.path}: an index holds no text")
        return found


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


def read(
    source: DocumentFile,
    config: Shingling,
    scopes: Scopes,
    threads: int,
    writer: ShingleWriter | None = None,
    part: int = 0,
) -> Scan:
    """Read a file once: ids, ranks, band keys, exact keys.

    Args:
        writer: takes the shingle sets of all documents, for an index.
        part: number of this release.

    Raises:
        UserError: an id is null or stands twice.
    """

    def one(batch: pa.Table) -> tuple[pa.Table, Ints, U64, bytes, list[U64]]:
        found = sketch(batch["text"], config)
        sets = shingle_sets(batch["text"], config) if writer is not None else []
        keys = band_keys(found.signatures, config)
        return batch.drop_columns(["text"]), found.n_words, keys, found.exact.tobytes(), sets

    tables, words, keys, exact = [], [], [], []
    for table, n_words, batch_keys, batch_exact, sets in each(source.batches(), one, threads):
        tables.append(table)
        words.append(n_words)
        keys.append(batch_keys)
        exact.append(batch_exact)
        if writer is not None:
            writer.add(sets)
    if not tables:
        raise UserError(f"{source.path} holds no documents")
    table = pa.concat_tables(tables).combine_chunks()
    if table["id"].null_count:
        raise UserError(f"{source.path}: {table['id'].null_count} documents have no id")
    row = numbers(pc.sort_indices(table["id"])).astype(np.int64)
    table = table.append_column("n_words", to_arrow(np.concatenate(words))).take(to_arrow(row)).combine_chunks()
    ids = table["id"].combine_chunks()
    doubled = ids[1:].filter(pc.equal(ids[1:], ids[:-1]))
    if len(doubled):
        raise UserError(f"{source.path}: id {doubled[0].as_py()!r} stands there more than once; ids must be unique")
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
        alone=space.alone,
        sources=sources,
        part=np.full(len(ids), part, np.int64),
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
    max_removed_share: float = 0.9,
    max_cluster: int = 10_000,
    index: Path | None = None,
    index_out: Path | None = None,
) -> Found:
    """Find the duplicates of a file, and among it and the documents of an index.

    Args:
        identity: documents with the same work_id are one work, whatever their likeness.
        index: folder of documents released before; the outcome is that of a run over all of them.
        index_out: folder of the index to write.

    Raises:
        UserError: ids are null or not unique; identity without work_id; an index made with other parameters.
        LimitError: more edges than `max_edges`, or a guard.
    """
    parameters = {
        "shingling": config.model_dump(),
        "unicode": unicode_version(),
        "min_jaccard": min_jaccard,
        "identity": identity,
        "scopes": scopes.model_dump(),
    }
    old = Index.open(index, parameters) if index is not None else None
    part = len(old.parts) if old is not None else 0
    shingles = (index_out or Path()) / f"shingles-{part:05d}.arrow"
    with ShingleWriter(shingles) if index_out is not None else nullcontext() as writer:
        scan = read(source, config, scopes, threads, writer, part)
    if identity and scan.works.null_count == len(scan):
        raise UserError(f"{source.path} has no column work_id, which --identity needs")
    if old is not None:
        scan = with_old(scan, old)
    order = rank_order(scan.ranks)
    first = first_copies(scan.exact, scan.alone)
    exact = star(first, "exact")
    originals = np.flatnonzero((first == np.arange(len(scan))) & (scan.exact != np.zeros((), "V16")))
    a, b, largest = candidate_pairs(scan.keys[originals], originals, scan.alone[originals])
    place = best_place(order, exact.a, exact.b)
    touched = meets_new(len(scan), a, b, first, scan.part == part)
    known = old_edges(old, scan.ids, touched[first]) if old is not None else star(np.arange(0), "near")
    a, b = a[touched[a]], b[touched[a]]
    with ShingleStore(old, scan) as store:
        nodes = np.unique(np.concatenate([a, b]))
        fill(store, source, scan, nodes[scan.part[nodes] == part], config, threads)
        near = joined(known, verify(a, b, place, scan.alone, store.get, min_jaccard))
    works = star(first_equal(scan.works), "identity") if identity else star(np.arange(0), "identity")
    edges = joined(exact, works, near)
    clustering = cluster(order, edges, max_edges)
    check_limits(clustering, scan.ids, scan.sources, max_removed_share, max_cluster)
    if index_out is not None:
        parts = (*(old.parts if old is not None else ()), shingles)
        write_index(index_out, parameters, index_documents(scan), edge_table(near, scan.ids, NEAR_EDGES), parts)
    return Found(scan, edges, clustering, len(a), largest, part)


def meets_new(n: int, a: Ints, b: Ints, first: Ints, is_new: Flags) -> Flags:
    """Documents in a group of candidates that a new document, or a copy of one, is in."""
    labels = components(n, a, b)
    marked = np.zeros(n, bool)
    marked[first[is_new]] = True
    hit = np.zeros(int(labels.max(initial=-1)) + 1, bool)
    hit[labels[marked]] = True
    return hit[labels]


def old_edges(old: Index, ids: pa.Array, again: Flags) -> Edges:
    """Near edges of the index between documents that need no new comparison."""
    a, b = (
        numbers(pc.index_in(old.edges[c].combine_chunks(), value_set=ids)).astype(np.int64) for c in ("doc_id", "mate")
    )
    stay = ~again[a]
    measures = [numbers(old.edges[c]).astype(np.float32)[stay] for c in ("jaccard", "containment")]
    return Edges(a[stay], b[stay], np.full(int(stay.sum()), KINDS.index("near"), np.int8), *measures)


def with_old(new: Scan, old: Index) -> Scan:
    """One scan of the documents of an index and the new ones.

    Raises:
        UserError: an id stands in both.
    """
    table = old.documents
    ids = pa.concat_arrays([new.ids, table["id"].combine_chunks()])
    both = pc.index_in(new.ids, value_set=table["id"].combine_chunks()).drop_null()
    if len(both):
        raise UserError(
            f"id {table['id'][both[0].as_py()].as_py()!r} stands in the new file and in the index; ids must be unique"
        )
    order = numbers(pc.sort_indices(ids)).astype(np.int64)
    which = to_arrow(order)
    ids = ids.take(which)
    ranks = {}
    for name, kind in RANKS.items():
        mine = (
            new.ranks[name].cast(kind)
            if name in new.ranks.column_names
            else pa.chunked_array([pa.nulls(len(new), kind)])
        )
        ranks[name] = pa.chunked_array([*mine.chunks, *table[name].chunks]).combine_chunks().take(which)
    keys = np.frombuffer(b"".join(table["keys"].to_pylist()), np.uint64).reshape(len(table), -1)
    exact = np.frombuffer(b"".join(table["exact"].to_pylist()), "V16")
    return Scan(
        ids=ids,
        row=np.concatenate([new.row, numbers(table["row"])])[order],
        keys=np.concatenate([new.keys, keys])[order],
        exact=np.concatenate([new.exact, exact])[order],
        ranks=pa.table({**ranks, "doc_id": ids}),
        works=pa.concat_arrays([new.works, table["work_id"].combine_chunks()]).take(which),
        alone=np.concatenate([new.alone, table["alone"].to_numpy()])[order],
        sources=pa.concat_arrays([new.sources, table["source"].combine_chunks()]).take(which),
        part=np.concatenate([new.part, numbers(table["part"])])[order],
    )


def index_documents(scan: Scan) -> pa.Table:
    """The table `documents` of an index."""
    nothing = pa.nulls(len(scan))
    ranks = {n: scan.ranks[n] if n in scan.ranks.column_names else nothing.cast(k) for n, k in RANKS.items()}
    keys = pa.Array.from_buffers(
        pa.binary(scan.keys.shape[1] * 8), len(scan), [None, pa.py_buffer(np.ascontiguousarray(scan.keys))]
    )
    exact = pa.Array.from_buffers(pa.binary(16), len(scan), [None, pa.py_buffer(scan.exact.tobytes())])
    columns = {"id": scan.ids, "exact": exact, "keys": keys, **ranks, "work_id": scan.works, "source": scan.sources}
    return pa.table({**columns, "alone": to_arrow(scan.alone), "part": to_arrow(scan.part), "row": to_arrow(scan.row)})


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
    places = codes.fill_null(0).to_numpy(zero_copy_only=False)
    first = np.full(len(values) + 1, len(values), np.int64)
    np.minimum.at(first, places[known], own[known])
    return np.where(known, first[places], own)


def joined(*edges: Edges) -> Edges:
    """Several sets of edges as one."""
    return Edges(
        np.concatenate([e.a for e in edges]),
        np.concatenate([e.b for e in edges]),
        np.concatenate([e.kind for e in edges]),
        np.concatenate([e.jaccard for e in edges]),
        np.concatenate([e.containment for e in edges]),
    )
