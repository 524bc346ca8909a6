"""Exact duplicates: documents whose words are the same, whatever their case, punctuation and line breaks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.dedup.rank import Ints
from curation.step import ExchangeStep, Inputs, Requires
from curation.text.shingles import KEY_BYTES
from schemas import EXACT_EDGES, Table


def first_copies(keys: npt.NDArray[np.void], alone: npt.NDArray[np.bool_]) -> Ints:
    """For each document the first one with the same key; itself where the key is zero (no words, or out of scope).

    Args:
        keys: 16 bytes each, as `Sketch.exact`.
        alone: documents that make no pair with each other; they come last, and a class of them alone is none.
    """
    halves = np.frombuffer(keys.tobytes(), np.uint64).reshape(-1, 2)
    order = np.lexsort((alone, halves[:, 0], halves[:, 1]))
    ordered = halves[order]
    starts = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)][: len(order)]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    return np.where(halves.any(axis=1) & ~(alone & alone[first]), first, np.arange(len(order)))


def partition_of(keys: pa.Array, partitions: int) -> pa.Array:
    """Partition of each 16-byte key, int32: its first 4 bytes, little-endian, modulo `partitions`."""
    head = np.frombuffer(b"".join(k[:4] for k in keys.to_pylist()), "<u4")
    return pa.array((head % partitions).astype(np.int32))


class ExactEdges(ExchangeStep):
    """Star edges between documents with the same words (`curation.text.buffers.normalise`).

    They are the words that shingles are made of, and a text without words is evidence of nothing.

    `jaccard` and `containment` are 1: the words are equal, so their 5-gram sets are. The key has 128 bits:
    among 10^9 documents the chance of one false match is below 10^-20 (birthday bound).
    """

    name: ClassVar[str] = "exact_edges"
    version: ClassVar[int] = 2
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id")
    requires: ClassVar[Requires] = {"sketches": ("doc_id", "exact_key", "alone")}
    provides: ClassVar[Table] = EXACT_EDGES

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key, doc_id, alone; documents without words are left out."""
        sketches = inputs["sketches"]
        rows = sketches.select(["doc_id", "exact_key", "alone"]).rename_columns(["doc_id", "key", "alone"]).drop_null()
        keys = rows["key"].combine_chunks()
        return rows.append_column("partition", partition_of(keys, self.partitions))

    def merge(self, rows: pa.Table) -> pa.Table:
        """One edge for each document that is not the first with its key."""
        keys = np.frombuffer(b"".join(rows["key"].to_pylist()), f"V{KEY_BYTES}")
        first = first_copies(keys, rows["alone"].to_numpy())
        copies = np.flatnonzero(first != np.arange(len(first)))
        ids, ones = rows["doc_id"].combine_chunks(), np.ones(len(copies), np.float32)
        columns = [
            ids.take(pa.array(first[copies])),
            ids.take(pa.array(copies)),
            pa.array(["exact"] * len(copies), pa.string()),
            pa.array(ones),
            pa.array(ones),
        ]
        return pa.Table.from_arrays(columns, schema=EXACT_EDGES.arrow)
