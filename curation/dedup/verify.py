"""Verification: the exact Jaccard index of candidates, and of every document with the better copies near it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import Field

from curation.arrays import to_arrow
from curation.dedup.edges import EDGES_BOUND, NEAR, TIES, Edges
from curation.dedup.ids import Ids
from curation.dedup.named import READS, read_ranking
from curation.dedup.rank import Flags, Ints, best_place, components
from curation.errors import ContractError, LimitError
from curation.step import ExchangeStep, Execution, Inputs, Requires, WholeStep
from curation.text import kernel
from curation.text.kernel import U64
from curation.text.shingles import Shingling, shingle_sets
from schemas import DOC_ID, NEAR_EDGES, Table, field

MIN_JACCARD = 0.7
"""A removed document shares at least this much with the copy that stays; below .5 text is lost for good, above .8 late
versions of one paper stay twice (measured: tests/benchmarks/dedup.py)."""

MAX_COPIES = 64
"""Kept copies of a group that a document is compared with, beside its own candidates; bounds the cost of a chained group."""

GROUPS = Table(
    name="groups",
    version=2,
    working=True,
    doc="One row a document with candidates: the group that is compared together, and the place of its best copy.",
    fields=(
        DOC_ID,
        field(
            "group",
            pa.string(),
            "Smallest doc_id of the group: candidates of candidates are one group.",
            nullable=False,
        ),
        field(
            "place",
            pa.int64(),
            "Rank inside the group of the best document with the same words, 0 is best.",
            nullable=False,
        ),
        field("alone", pa.bool_(), "Makes no pair with another such document.", nullable=False),
        field("mates", pa.list_(pa.string()), "Its candidates with a larger doc_id.", nullable=False),
    ),
    sort_by=("doc_id",),
)


def similarity(a: U64, b: U64) -> tuple[float, float]:
    """Jaccard index of two sorted sets, and the share of the smaller one found in the other; 0 for an empty one."""
    if len(a) == 0 or len(b) == 0:
        return 0.0, 0.0
    common = kernel.overlap(a, b)
    return common / (len(a) + len(b) - common), common / min(len(a), len(b))


class _Group:
    """Documents that candidates chain together, compared from the best to the worst."""

    def __init__(self, sets: Callable[[int], U64], alone: Flags, min_jaccard: float) -> None:
        self.sets, self.alone, self.min_jaccard = sets, alone, min_jaccard
        self.held: dict[int, U64] = {}
        self.measured: dict[tuple[int, int], tuple[float, float]] = {}

    def set_of(self, i: int) -> U64:
        if i not in self.held:
            if len(self.held) > 2 * MAX_COPIES:
                self.held.clear()
            self.held[i] = self.sets(i)
        return self.held[i]

    def near(self, i: int, j: int) -> bool:
        """Whether two documents are near duplicates; measured once."""
        if self.alone[i] and self.alone[j]:
            return False
        pair = (i, j) if i < j else (j, i)
        if pair not in self.measured:
            self.measured[pair] = similarity(self.set_of(i), self.set_of(j))
        return self.measured[pair][0] >= self.min_jaccard

    def compare(self, ordered: list[int], mates: dict[int, list[int]]) -> None:
        """Measure every candidate pair, and every document with the kept copies that rank before it."""
        kept: list[int] = []
        is_kept: set[int] = set()
        for i in ordered:
            close = [self.near(i, j) for j in mates[i] if j in is_kept]
            close += [self.near(i, j) for j in kept[:MAX_COPIES]]
            if not any(close):
                kept.append(i)
                is_kept.add(i)
        for i in ordered:
            for j in mates[i]:
                self.near(i, j)


def verify(a: Ints, b: Ints, place: Ints, alone: Flags, sets: Callable[[int], U64], min_jaccard: float) -> Edges:
    """Near edges among documents that candidate pairs chain together.

    Args:
        a, b: candidate pairs.
        place: rank of each document among those of its group, 0 is best.
        alone: documents that make no pair with each other.
        sets: sorted shingle set of a document.
        min_jaccard: pairs below are no edges.
    """
    nodes = np.unique(np.concatenate([a, b]))
    labels = components(len(nodes), np.searchsorted(nodes, a), np.searchsorted(nodes, b))
    mates: dict[int, list[int]] = defaultdict(list)
    for i, j in zip(a.tolist(), b.tolist(), strict=True):
        mates[i].append(j)
        mates[j].append(i)
    by_group = nodes[np.lexsort((place[nodes], labels))]
    ends = np.cumsum(np.bincount(labels)).tolist() if len(nodes) else []
    rows: list[tuple[int, int, float, float]] = []
    start = 0
    for end in ends:
        group = _Group(sets, alone, min_jaccard)
        group.compare(by_group[start:end].tolist(), mates)
        rows += [(i, j, *m) for (i, j), m in group.measured.items() if m[0] >= min_jaccard]
        start = end
    rows.sort()
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return Edges(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.full(len(rows), NEAR, np.int8),
        np.array(columns[2], np.float32),
        np.array(columns[3], np.float32),
    )


class Groups(WholeStep):
    """Which documents are compared with each other, and in which order.

    Places are counted inside a group, so that documents of other groups change no row of it.
    """

    name: ClassVar[str] = "groups"
    version: ClassVar[int] = 4
    requires: ClassVar[Requires] = {
        **READS,
        "exact_edges": ("doc_id", "mate"),
        "candidates": ("doc_id", "mate"),
    }
    streams: ClassVar[tuple[str, ...]] = (*READS, "exact_edges", "candidates")
    provides: ClassVar[Table] = GROUPS

    max_edges: Annotated[int, Field(ge=1, le=EDGES_BOUND), Execution()] = 50_000_000

    def check_rows(self, rows: Mapping[str, int]) -> None:
        """Raises LimitError for more candidate pairs than `max_edges`."""
        if rows["candidates"] > self.max_edges:
            raise LimitError(
                f"step groups: {rows['candidates']:,} candidate pairs, the limit is {self.max_edges:,} (max_edges); "
                "more rows a band make fewer"
            )

    def run(self, inputs: Inputs) -> pa.Table:
        tables = ("exact_edges", "candidates")
        ids = Ids(part[c] for name in tables for part in inputs.stream(name) for c in ("doc_id", "mate"))
        ranking = read_ranking(inputs, ids)
        place = best_place(ranking.order, *_pairs(inputs, "exact_edges", ids))
        a, b = _pairs(inputs, "candidates", ids)
        nodes = np.unique(np.concatenate([a, b]))
        labels = components(len(nodes), np.searchsorted(nodes, a), np.searchsorted(nodes, b))
        first = nodes[np.unique(labels, return_index=True)[1]]
        by_first = np.argsort(a, kind="stable")
        counts = np.bincount(np.searchsorted(nodes, a), minlength=len(nodes))
        offsets = pa.array(np.r_[0, np.cumsum(counts)].astype(np.int32))
        columns = [
            ids.array.take(to_arrow(nodes)),
            ids.array.take(to_arrow(first[labels])),
            to_arrow(places_inside(labels, place[nodes])),
            to_arrow(ranking.alone[nodes]),
            pa.ListArray.from_arrays(offsets, ids.array.take(to_arrow(b[by_first]))),
        ]
        return pa.Table.from_arrays(columns, schema=GROUPS.arrow)


def _pairs(inputs: Inputs, table: str, ids: Ids) -> tuple[Ints, Ints]:
    """The pairs of a table that is streamed, by number."""
    found = [[ids.find(part[c]) for c in ("doc_id", "mate")] for part in inputs.stream(table)]
    a, b = (np.concatenate([np.zeros(0, np.int64), *(pair[k] for pair in found)]) for k in (0, 1))
    return a, b


def places_inside(groups: Ints, places: Ints) -> Ints:
    """Places of the members of groups counted from 0 in each group; equal places stay equal."""
    order = np.lexsort((places, groups))
    begins = np.r_[True, groups[order][1:] != groups[order][:-1]][: len(order)]
    steps = np.r_[True, places[order][1:] != places[order][:-1]][: len(order)] | begins
    count = np.cumsum(steps)
    inside = np.empty(len(order), np.int64)
    inside[order] = count - np.maximum.accumulate(np.where(begins, count, 0))
    return inside


class NearEdges(ExchangeStep):
    """Near duplicates: each candidate pair compared by exact Jaccard index on 64-bit shingle hashes.

    Rows of the exchange hold hashes, not text. A group meets whole in one partition.
    """

    name: ClassVar[str] = "near_edges"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("group", "doc_id")
    requires: ClassVar[Requires] = {
        "documents": ("doc_id", "text"),
        "groups": ("doc_id", "group", "place", "alone", "mates"),
    }
    provides: ClassVar[Table] = NEAR_EDGES

    shingling: Shingling = Shingling()
    min_jaccard: float = Field(default=MIN_JACCARD, ge=0.0, le=1.0)

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, doc_id, group, place, alone, mates, shingles; a row for each document with candidates."""
        documents, groups = inputs["documents"], inputs["groups"].combine_chunks()
        at = pc.index_in(documents["doc_id"].combine_chunks(), value_set=groups["doc_id"].combine_chunks())
        wanted = at.is_valid()
        rows = groups.take(at.filter(wanted))
        sets = shingle_sets(documents["text"].filter(wanted), self.shingling)
        offsets = pa.array(np.r_[0, np.cumsum([len(s) for s in sets])].astype(np.int64))
        hashes = pa.array(np.concatenate([np.zeros(0, np.uint64), *sets]))
        rows = rows.append_column("shingles", pa.LargeListArray.from_arrays(offsets, hashes))
        codes = (
            np.array([xxhash.xxh32_intdigest(g.encode()) for g in rows["group"].to_pylist()], np.int64)
            % self.partitions
        )
        return rows.append_column("partition", pa.array(codes.astype(np.int32)))

    def merge(self, rows: pa.Table) -> pa.Table:
        rows = rows.combine_chunks()
        ids = rows["doc_id"].combine_chunks()
        shingles = rows["shingles"].combine_chunks()
        mates = rows["mates"].combine_chunks()
        b = pc.index_in(mates.flatten(), value_set=ids)
        if b.null_count:
            raise ContractError("step near_edges: a candidate is not in the partition of its group")
        a = mates.value_parent_indices().to_numpy().astype(np.int64)
        place = rows["place"].to_numpy().astype(np.int64)
        offsets, values = shingles.offsets.to_numpy(), shingles.values.to_numpy()
        found = verify(
            a,
            b.to_numpy().astype(np.int64),
            place,
            rows["alone"].to_numpy(),
            lambda i: values[offsets[i] : offsets[i + 1]],
            self.min_jaccard,
        )
        return edge_table(found, ids, NEAR_EDGES)


def edge_table(edges: Edges, ids: pa.Array, table: Table) -> pa.Table:
    """Edges by row number as a table of edges, doc_id < mate."""
    first, second = ids.take(pa.array(edges.a)), ids.take(pa.array(edges.b))
    swap = pc.greater(first, second)
    kinds = pa.array(TIES).take(pa.array(edges.kind.astype(np.int64)))
    columns = [
        pc.if_else(swap, second, first),
        pc.if_else(swap, first, second),
        kinds,
        pa.array(edges.jaccard, mask=np.isnan(edges.jaccard)),
        pa.array(edges.containment, mask=np.isnan(edges.containment)),
    ]
    return pa.Table.from_arrays(columns, schema=table.arrow)
