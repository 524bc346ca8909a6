"""Clusters of duplicates: components of verified edges, then each member against a better-ranked copy.

A chain a-b-c of near duplicates says nothing of a and c, and unverified chains have deleted whole sources
(marin issue #6854). So a component is only a family: inside it, documents are taken from the best to the worst
rank, and one becomes a duplicate only of a copy that was kept before it and that an edge ties it to. What no kept
copy is close to is kept itself, and later members are compared with it too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.dedup.rank import Ints, components, ranked
from curation.errors import ContractError, LimitError
from curation.step import Execution, Inputs, Requires, WholeStep
from schemas import DUPLICATES, Table

Floats = npt.NDArray[np.float32]

EDGE_COLUMNS = ("doc_id", "mate", "kind", "jaccard", "containment")
KINDS = ("exact", "identity", "near")
"""Kinds of edges, the one that explains most first. Exact and identity are transitive, near is not."""


@dataclass(frozen=True)
class Edges:
    """Verified pairs of documents, as row numbers.

    Args:
        a, b: the two documents.
        kind: place in `KINDS`.
        jaccard, containment: of their shingle sets; NaN when not measured (identity).
    """

    a: Ints
    b: Ints
    kind: npt.NDArray[np.int8]
    jaccard: Floats
    containment: Floats


@dataclass(frozen=True)
class Clustering:
    """What became of each of n documents.

    Args:
        family: smallest-ranked document that edges lead to, as a row number; a document without edges is its own.
        head: the kept copy that the document is a duplicate of; itself when it is kept.
        kind: place in `KINDS` of the edge to the head, -1 for a kept document.
        jaccard, containment: of the edge to the head, NaN when not measured.
    """

    family: Ints
    head: Ints
    kind: npt.NDArray[np.int8]
    jaccard: Floats
    containment: Floats


def cluster(order: Ints, edges: Edges, max_edges: int) -> Clustering:
    """Families and kept copies.

    Args:
        order: row numbers from the best copy to the worst (`rank_order`).
        edges: verified pairs; a pair that is not there counts as not similar.
        max_edges: more edges than this raise, instead of taking the memory of the node.

    Raises:
        LimitError: too many edges.
    """
    if len(edges.a) > max_edges:
        raise LimitError(
            f"clustering: {len(edges.a):,} edges, the limit is {max_edges:,} (max_edges). So many duplicates mostly mean "
            "one text in many documents: look at the largest clusters, or raise the limit"
        )
    n = len(order)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    touched = np.unique(np.concatenate([edges.a, edges.b]))
    local = np.searchsorted(touched, edges.a), np.searchsorted(touched, edges.b)
    kept = _Greedy(touched, rank[touched], local, edges)
    result = Clustering(
        family=np.arange(n),
        head=np.arange(n),
        kind=np.full(n, -1, np.int8),
        jaccard=np.full(n, np.nan, np.float32),
        containment=np.full(n, np.nan, np.float32),
    )
    result.family[touched] = touched[_best_of(components(len(touched), *local), rank[touched])]
    kept.fill(result)
    return result


def _best_of(labels: Ints, rank: Ints) -> Ints:
    """For each node the best-ranked node with the same label."""
    by_rank = np.argsort(rank, kind="stable")
    first = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    first[labels[by_rank][::-1]] = by_rank[::-1]
    return first[labels]


class _Greedy:
    """The walk from the best rank to the worst, over the documents that have edges."""

    def __init__(self, nodes: Ints, rank: Ints, ends: tuple[Ints, Ints], edges: Edges) -> None:
        self.nodes, self.order = nodes, np.argsort(rank, kind="stable")
        exact, identity = edges.kind == KINDS.index("exact"), edges.kind == KINDS.index("identity")
        n = len(nodes)
        self.copies = _best_of(components(n, ends[0][exact], ends[1][exact]), rank)
        transitive = exact | identity
        self.works = components(n, ends[0][transitive], ends[1][transitive])
        self.near: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
        known = ~exact & ~np.isnan(edges.jaccard)
        self.similar: dict[tuple[int, int], tuple[float, float]] = {}
        for a, b, kind, j, c in zip(
            self.copies[ends[0]][known].tolist(),
            self.copies[ends[1]][known].tolist(),
            edges.kind[known].tolist(),
            edges.jaccard[known].tolist(),
            edges.containment[known].tolist(),
            strict=True,
        ):
            if a == b:
                continue
            measured = max((j, c), self.similar.get((a, b), (0.0, 0.0)))
            self.similar[a, b] = self.similar[b, a] = measured
            if kind == KINDS.index("near"):
                self.near[a][b] = self.near[b][a] = measured
        self.rank = rank

    def fill(self, result: Clustering) -> None:
        """Write head, kind, jaccard and containment of every document with edges."""
        heads: dict[int, tuple[int, int, float, float]] = {}
        work_heads: dict[int, int] = {}
        for i in self.order.tolist():
            first = int(self.copies[i])
            if first != i:
                head, kind, j, c = heads[first]
                found = (first, KINDS.index("exact"), 1.0, 1.0) if head == first else (head, kind, j, c)
            else:
                found = self._original(i, heads, work_heads)
            heads[i] = found
            if found[0] == i:
                work_heads.setdefault(int(self.works[i]), i)
        nodes = self.nodes
        for i, (head, kind, j, c) in heads.items():
            at = nodes[i]
            result.head[at], result.kind[at] = nodes[head], kind
            result.jaccard[at], result.containment[at] = j, c

    def _original(
        self, i: int, heads: dict[int, tuple[int, int, float, float]], work_heads: dict[int, int]
    ) -> tuple[int, int, float, float]:
        """Head of a document that is the best of its exact copies; itself when no kept copy is close."""
        nan = float("nan")
        work = work_heads.get(int(self.works[i]))
        if work is not None:
            j, c = self.similar.get((i, work), (nan, nan))
            return work, KINDS.index("identity"), j, c
        close = [(-j, int(self.rank[m]), m, c) for m, (j, c) in self.near[i].items() if m in heads and heads[m][0] == m]
        if not close:
            return i, -1, nan, nan
        minus_j, _, mate, c = min(close)
        return mate, KINDS.index("near"), -minus_j, c


class Clusters(WholeStep):
    """The table of duplicates: for each document that has one, its cluster and its place in it.

    A cluster is a kept copy (its best-ranked member) and the documents that edges tie to it directly; so every member was
    compared with the best-ranked copy. `mate` is that copy, null for the copy itself.
    """

    name: ClassVar[str] = "duplicates"
    version: ClassVar[int] = 2
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "version", "date"),
        "documents": ("doc_id", "paper_id", "n_words"),
        "exact_edges": EDGE_COLUMNS,
        "identity_edges": EDGE_COLUMNS,
        "near_edges": EDGE_COLUMNS,
    }
    provides: ClassVar[Table] = DUPLICATES

    max_edges: Annotated[int, Execution()] = 20_000_000
    max_removed_share: Annotated[float, Execution()] = 0.9
    max_cluster: Annotated[int, Execution()] = 10_000

    def run(self, inputs: Inputs) -> pa.Table:
        order, ids = ranked(inputs)
        tables = [inputs[name] for name in self.requires if name.endswith("_edges")]
        found = cluster(order, numbered(pa.concat_tables(tables), ids), self.max_edges)
        check_limits(found, ids, inputs["papers"]["source"], self.max_removed_share, self.max_cluster)
        return duplicates(found, order, ids, inputs["documents"]["paper_id"].combine_chunks())


MIN_SOURCE_DOCUMENTS = 100
"""Sources of fewer documents may lose any share: a small source may be all copies."""


def check_limits(
    found: Clustering, ids: pa.Array, sources: pa.Array | pa.ChunkedArray, max_removed_share: float, max_cluster: int
) -> None:
    """Stop before a mistake removes a source.

    Args:
        sources: name of each document's source; null where it is unknown, which counts as one source.

    Raises:
        LimitError: a source of `MIN_SOURCE_DOCUMENTS` and more loses more than the share, or a cluster is larger than
            `max_cluster`; the text shows the largest clusters.
    """
    sizes = np.bincount(found.head, minlength=len(ids))
    largest = np.argsort(-sizes, kind="stable")[:5].tolist()
    shown = ", ".join(f"{ids[i].as_py()} ({sizes[i]:,} documents)" for i in largest if sizes[i] > 1)
    if len(ids) and sizes.max() > max_cluster:
        raise LimitError(
            f"deduplication: a cluster is larger than {max_cluster:,} (max_cluster); the largest: {shown}. "
            "Look at them, strip what they share, or raise the limit"
        )
    if isinstance(sources, pa.ChunkedArray):
        sources = sources.combine_chunks()
    encoded = sources.dictionary_encode(null_encoding="encode")
    which = numbers(encoded.indices)
    total = np.bincount(which, minlength=len(encoded.dictionary))
    removed = np.bincount(which[found.head != np.arange(len(ids))], minlength=len(encoded.dictionary))
    for i in np.flatnonzero((total >= MIN_SOURCE_DOCUMENTS) & (removed > max_removed_share * total)).tolist():
        raise LimitError(
            f"deduplication: source {encoded.dictionary[i].as_py()!r} would lose {removed[i]:,} of {total[i]:,} documents, "
            f"more than the share {max_removed_share} (max_removed_share); the largest clusters: {shown}"
        )


def numbered(edges: pa.Table, ids: pa.Array) -> Edges:
    """Edges by doc_id as edges by row number of `ids`.

    Raises:
        ContractError: an edge names a document that is not there, or is of no known kind.
    """
    ends = [pc.index_in(edges[c].combine_chunks(), value_set=ids) for c in ("doc_id", "mate")]
    kind = pc.index_in(edges["kind"].combine_chunks(), value_set=pa.array(KINDS))
    if any(array.null_count for array in (*ends, kind)):
        raise ContractError("step duplicates: an edge names an unknown document or kind")
    measures = [
        edges[c].combine_chunks().cast(pa.float32()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
        for c in ("jaccard", "containment")
    ]
    a, b = (e.to_numpy(zero_copy_only=False).astype(np.int64) for e in ends)
    return Edges(a, b, kind.to_numpy(zero_copy_only=False).astype(np.int8), measures[0], measures[1])


def duplicates(found: Clustering, order: Ints, ids: pa.Array, paper_ids: pa.Array) -> pa.Table:
    """The DUPLICATES table of a clustering: members of clusters of two and more."""
    sizes = np.bincount(found.head, minlength=len(order))
    members = order[sizes[found.head[order]] > 1]
    members = members[np.argsort(found.head[members], kind="stable")]
    head = found.head[members]
    starts = np.nonzero(np.r_[True, head[1:] != head[:-1]])[0] if len(head) else np.zeros(0, np.int64)
    place = np.arange(len(head)) - np.repeat(starts, np.diff(np.r_[starts, len(head)]))
    is_head = head == members
    names = pa.array([*KINDS, None], pa.string())

    def measured(values: Floats) -> pa.Array:
        return pa.array(values[members], pa.float32(), mask=np.isnan(values[members]))

    columns = [
        ids.take(pa.array(members)),
        paper_ids.take(pa.array(members)),
        ids.take(pa.array(head)),
        pa.array(sizes[head], pa.int64()),
        pa.array(place, pa.int64()),
        names.take(pa.array(np.where(found.kind[members] < 0, len(KINDS), found.kind[members]).astype(np.int64))),
        ids.take(pa.array(head, mask=is_head)),
        measured(found.jaccard),
        measured(found.containment),
    ]
    return pa.Table.from_arrays(columns, schema=DUPLICATES.arrow).sort_by("doc_id")
