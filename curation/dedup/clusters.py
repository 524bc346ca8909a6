"""Clusters of duplicates: components of verified edges, then each member against a better-ranked copy.

A chain a-b-c of near duplicates says nothing of a and c, and unverified chains have deleted whole sources
(marin issue #6854). So a component, the cluster of the tables, decides nothing: inside it, documents are taken from the best
to the worst rank, and one becomes a duplicate only of a copy that was kept before it and that an edge ties it to. What no
kept copy is close to is kept itself, and later members are compared with it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.arrays import numbers
from curation.dedup.families import families_report, near_families
from curation.dedup.rank import Flags, Ints, Ranking, components, ranked
from curation.errors import ContractError, LimitError
from curation.step import Execution, Inputs, Requires, WholeStep
from schemas import DUPLICATES, Table

Floats = npt.NDArray[np.float32]

EDGE_COLUMNS = ("doc_id", "mate", "kind", "jaccard", "containment")
KINDS = ("exact", "identity", "near")
"""Kinds of edges, the one that explains most first. Exact and identity are transitive, near is not."""
EXACT, IDENTITY, NEAR = range(3)
MAX_EDGES = 20_000_000
EDGES_BOUND = 10_000_000_000
CLUSTER_BOUND = 1_000_000_000
"""Bounds of the limits themselves: what no machine holds is a slip of the pen."""

MIN_WORK_WORDS = 100
"""A text of fewer words does not speak for a work: two works with one notice of withdrawal are not one work. Notices have
some dozens of words ("This paper has been withdrawn by the author due to ..."), an abstract alone has 150 to 250."""


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
        family: best-ranked document that edges lead to, as a row number; a document without edges is its own.
        head: the kept copy that the document is a duplicate of; itself when it is kept.
        kind: place in `KINDS` of the edge to the head, -1 for a kept document.
        jaccard, containment: of the edge to the head, NaN when not measured.
    """

    family: Ints
    head: Ints
    kind: npt.NDArray[np.int8]
    jaccard: Floats
    containment: Floats


Outcome: TypeAlias = tuple[int, int, float, float]
"""Head, kind, Jaccard index and containment of a document."""


class Families:
    """Documents and what their verified edges make of them: copies, works, and who is near whom.

    An exact copy ties two works together only when the text has `MIN_WORK_WORDS`: notices are no works.

    Args:
        ranking: all documents.
        edges: verified pairs; a pair that is not there counts as not similar.
    """

    def __init__(self, ranking: Ranking, edges: Edges) -> None:
        self.ranking = ranking
        rank = np.empty(len(ranking.order), np.int64)
        rank[ranking.order] = np.arange(len(rank))
        self.nodes = nodes = np.unique(np.concatenate([edges.a, edges.b]))
        a, b = np.searchsorted(nodes, edges.a), np.searchsorted(nodes, edges.b)
        self.rank, self.n_words, self.alone = rank[nodes], ranking.n_words[nodes], ranking.alone[nodes]
        exact, near = edges.kind == EXACT, edges.kind == NEAR
        work = (edges.kind == IDENTITY) | (exact & (ranking.n_words[edges.a] >= MIN_WORK_WORDS))
        n = len(nodes)
        self.copies = components(n, a[exact], b[exact])
        self.works = components(n, a[work], b[work])
        between = (edges.kind == IDENTITY) & self.alone[a] & self.alone[b]
        self.alone_works = components(n, a[between], b[between])
        self.family = _best_of(components(n, a, b), self.rank)
        self._link(self.copies[a[near]], self.copies[b[near]], edges.jaccard[near], edges.containment[near])

    def _link(self, a: Ints, b: Ints, jaccard: Floats, containment: Floats) -> None:
        """Near edges by copies of a text, both ways, those of one text together, the closest first."""
        best = np.full(int(self.copies.max(initial=-1)) + 1, len(self.rank), np.int64)
        np.minimum.at(best, self.copies, self.rank)
        apart = a != b
        ends = np.r_[a[apart], b[apart]], np.r_[b[apart], a[apart]]
        jaccard, containment = np.tile(jaccard[apart], 2), np.tile(containment[apart], 2)
        order = np.lexsort((best[ends[1]], -containment, -jaccard, ends[0]))
        self.mates, self.jaccard, self.containment = ends[1][order], jaccard[order], containment[order]
        self.starts = np.searchsorted(ends[0][order], np.arange(len(best) + 1))

    def cluster(self, active: Flags | None = None) -> Clustering:
        """From the best rank to the worst: who is kept, and of whom the others are duplicates.

        Args:
            active: the documents that count; default all. The others are nobody's duplicate and nobody's head.
        """
        n = len(self.ranking.order)
        result = Clustering(
            family=np.arange(n),
            head=np.arange(n),
            kind=np.full(n, -1, np.int8),
            jaccard=np.full(n, np.nan, np.float32),
            containment=np.full(n, np.nan, np.float32),
        )
        nodes = self.nodes
        result.family[nodes] = nodes[self.family]
        wanted = np.argsort(self.rank, kind="stable")
        for i, (head, kind, j, c) in _Walk(self).outcomes(wanted if active is None else wanted[active[nodes[wanted]]]):
            at = nodes[i]
            result.head[at], result.kind[at] = nodes[head], kind
            result.jaccard[at], result.containment[at] = j, c
        return result

    def spread(self, marked: Flags) -> tuple[Ints, Ints, npt.NDArray[np.int8], Floats]:
        """What says the same as some marked documents: their copies and versions, near copies of these, and theirs.

        Near is taken one step, as it is not transitive; a text below `MIN_WORK_WORDS` leads to no other version of its work
        unless it is marked itself.

        Returns:
            Row numbers; for each the document that led to it, the kind of their tie, and its Jaccard index or NaN.
        """
        nodes, n = self.nodes, len(self.nodes)
        source, kind, jaccard = np.full(n, -1), np.full(n, -1, np.int8), np.full(n, np.nan, np.float32)
        start = marked[nodes]
        speaks = start | (self.n_words >= MIN_WORK_WORDS)

        def reach(found: Ints, how: int, j: Floats | float) -> None:
            new = (found >= 0) & (source < 0) & ~start
            source[new], kind[new] = found[new], how
            jaccard[new] = np.broadcast_to(j, n)[new]

        def copies() -> None:
            reach(_first_of(self.copies, start | (source >= 0))[self.copies], EXACT, 1.0)

        def versions() -> None:
            reach(_first_of(self.works, (start | (source >= 0)) & speaks)[self.works], IDENTITY, np.nan)

        copies()
        versions()
        copies()
        reached = _first_of(self.copies, start | (source >= 0))
        ends = np.repeat(np.arange(len(reached)), np.diff(self.starts))
        hits = np.flatnonzero(reached[ends] >= 0)
        hits = hits[np.argsort(self.jaccard[hits], kind="stable")]  # of several the closest is written last
        near, measured = np.full(len(reached), -1), np.full(len(reached), np.nan, np.float32)
        near[self.mates[hits]], measured[self.mates[hits]] = reached[ends[hits]], self.jaccard[hits]
        reach(near[self.copies], NEAR, measured[self.copies])
        versions()
        copies()
        found = np.flatnonzero(source >= 0)
        return nodes[found], nodes[source[found]], kind[found], jaccard[found]


def _first_of(labels: Ints, of: Flags) -> Ints:
    """For each label the first of some nodes that has it, -1 when none has."""
    first = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    nodes = np.flatnonzero(of)[::-1]
    first[labels[nodes]] = nodes
    return first


def _best_of(labels: Ints, rank: Ints) -> Ints:
    """For each node the best-ranked node with the same label."""
    by_rank = np.argsort(rank, kind="stable")
    first = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    first[labels[by_rank][::-1]] = by_rank[::-1]
    return first[labels]


class _Walk:
    """One walk from the best rank to the worst. A document that is `alone` is nobody's head but of other versions of its
    work: better ones come before it, and those after it are alone too."""

    def __init__(self, families: Families) -> None:
        self.families = families
        self.first: dict[int, tuple[int, Outcome]] = {}
        """By text: the document that its later copies follow, and what became of it."""
        self.kept: dict[int, int] = {}
        """By text: the copy that is kept."""
        self.heads: dict[int, int] = {}
        """By work: the kept document that stands for it, of the same work or of one that is close to its best version."""
        self.alone_heads: dict[int, int] = {}
        """By work that only documents which are alone name: the one that stands for them."""

    def outcomes(self, order: Ints) -> Iterator[tuple[int, Outcome]]:
        """Outcome of every document in its turn."""
        families = self.families
        copies, works, alone = families.copies.tolist(), families.works.tolist(), families.alone.tolist()
        alone_works = families.alone_works.tolist()
        n_words = families.n_words.tolist()
        for i in order.tolist():
            text, work = copies[i], works[i]
            if text in self.first:
                first, outcome = self.first[text]
                if outcome[1] != IDENTITY or works[first] == work:
                    yield i, (first, EXACT, 1.0, 1.0) if outcome[0] == first else outcome
                    continue
            outcome = self._outcome(i, text, work)
            yield i, outcome
            if alone[i]:
                self.alone_heads.setdefault(alone_works[i], outcome[0])
                continue
            self.first[text] = i, outcome
            if outcome[0] == i:
                self.kept[text] = i
            if outcome[0] == i or n_words[i] >= MIN_WORK_WORDS:
                self.heads.setdefault(work, outcome[0])

    def _outcome(self, i: int, text: int, work: int) -> Outcome:
        """Outcome of a document that follows no copy of its text; itself when no kept copy is close."""
        families, nan = self.families, float("nan")
        start, stop = families.starts[text], families.starts[text + 1]
        close = [(k, self.kept[m]) for k, m in enumerate(families.mates[start:stop].tolist(), start) if m in self.kept]
        head = self.heads.get(work, self.alone_heads.get(int(families.alone_works[i])))
        if head is not None:
            k = next((k for k, m in close if m == head), None)
            measured = (nan, nan) if k is None else (float(families.jaccard[k]), float(families.containment[k]))
            return (head, IDENTITY, *measured)
        if not close:
            return i, -1, nan, nan
        k, head = close[0]
        return head, NEAR, float(families.jaccard[k]), float(families.containment[k])


class Clusters(WholeStep):
    """The table of duplicates: for each document that edges tie to another, its cluster and its place in it.

    `mate` is the kept copy that a duplicate was compared with, null for a document that is kept.
    """

    name: ClassVar[str] = "duplicates"
    version: ClassVar[int] = 4
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "version", "date", "is_journal"),
        "documents": ("doc_id", "paper_id", "n_words"),
        "sketches": ("doc_id", "n_words", "alone"),
        "exact_edges": EDGE_COLUMNS,
        "identity_edges": EDGE_COLUMNS,
        "near_edges": EDGE_COLUMNS,
    }
    provides: ClassVar[Table] = DUPLICATES

    max_edges: Annotated[int, Field(ge=1, le=EDGES_BOUND), Execution()] = MAX_EDGES
    max_removed_share: Annotated[float, Field(ge=0.0, le=1.0), Execution()] = 0.9
    max_cluster: Annotated[int, Field(ge=2, le=CLUSTER_BOUND), Execution()] = 10_000

    def run(self, inputs: Inputs) -> pa.Table:
        ranking, ids = ranked(inputs)
        edges = all_edges(inputs, ids)
        check_edges(edges, self.max_edges)
        found = Families(ranking, edges).cluster()
        check_limits(found, ids, inputs["papers"]["source"], self.max_removed_share, self.max_cluster)
        return duplicates(found, ranking.order, ids, inputs["documents"]["paper_id"].combine_chunks())

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """The large families of near duplicates (`curation.dedup.families`)."""
        found = near_families(*(made["duplicates"][name] for name in ("doc_id", "kind", "mate", "cluster")))
        return {"near_families": families_report(found)}


MIN_SOURCE_DOCUMENTS = 100
"""Sources of fewer documents may lose any share: a small source may be all copies."""


def check_edges(edges: Edges, max_edges: int) -> None:
    """Stop instead of taking the memory of the node.

    Raises:
        LimitError: too many edges.
    """
    if len(edges.a) > max_edges:
        raise LimitError(
            f"clustering: {len(edges.a):,} edges, the limit is {max_edges:,} (max_edges). So many duplicates mostly mean "
            "one text in many documents: look at the largest clusters, or raise the limit"
        )


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
    sizes = np.bincount(found.family, minlength=len(ids))
    if len(ids) and sizes.max() > max_cluster:
        raise LimitError(
            f"deduplication: a cluster is larger than {max_cluster:,} (max_cluster); the largest: {_largest(sizes, ids)}. "
            "Look at them, strip what they share, or raise the limit"
        )
    if isinstance(sources, pa.ChunkedArray):
        sources = sources.combine_chunks()
    encoded = sources.dictionary_encode(null_encoding="encode")
    which = numbers(encoded.indices)
    total = np.bincount(which, minlength=len(encoded.dictionary))
    removed = found.head != np.arange(len(ids))
    lost = np.bincount(which[removed], minlength=len(encoded.dictionary))
    for i in np.flatnonzero((total >= MIN_SOURCE_DOCUMENTS) & (lost > max_removed_share * total)).tolist():
        name = encoded.dictionary[i].as_py()
        mine = np.bincount(found.family[which == i], minlength=len(ids))
        raise LimitError(
            f"deduplication: {'documents without a source' if name is None else f'source {name!r}'} would lose {lost[i]:,} of "
            f"{total[i]:,} documents, more than the share {max_removed_share} (max_removed_share); its largest "
            f"clusters: {_largest(mine, ids)}"
        )


def _largest(sizes: Ints, ids: pa.Array) -> str:
    """The largest clusters, by the best document of each."""
    largest = np.argsort(-sizes, kind="stable")[:5].tolist()
    return ", ".join(f"{ids[i].as_py()} ({sizes[i]:,} documents)" for i in largest if sizes[i] > 1)


EDGE_TABLES = ("exact_edges", "identity_edges", "near_edges")


def all_edges(inputs: Inputs, ids: pa.Array) -> Edges:
    """Edges of all kinds, by row number of `ids`."""
    return numbered(pa.concat_tables([inputs[name].select(list(EDGE_COLUMNS)) for name in EDGE_TABLES]), ids)


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
    sizes = np.bincount(found.family, minlength=len(order))
    members = order[sizes[found.family[order]] > 1]
    members = members[np.argsort(found.family[members], kind="stable")]
    family, head = found.family[members], found.head[members]
    starts = np.nonzero(np.r_[True, family[1:] != family[:-1]])[0] if len(family) else np.zeros(0, np.int64)
    place = np.arange(len(family)) - np.repeat(starts, np.diff(np.r_[starts, len(family)]))
    is_kept = head == members
    names = pa.array([*KINDS, None], pa.string())

    def measured(values: Floats) -> pa.Array:
        return pa.array(values[members], pa.float32(), mask=np.isnan(values[members]))

    columns = [
        ids.take(pa.array(members)),
        paper_ids.take(pa.array(members)),
        ids.take(pa.array(family)),
        pa.array(sizes[family], pa.int64()),
        pa.array(place, pa.int64()),
        names.take(pa.array(np.where(found.kind[members] < 0, len(KINDS), found.kind[members]).astype(np.int64))),
        ids.take(pa.array(head, mask=is_kept)),
        measured(found.jaccard),
        measured(found.containment),
    ]
    return pa.Table.from_arrays(columns, schema=DUPLICATES.arrow).sort_by("doc_id")
