"""Exact duplicates: documents whose words are the same, whatever their case, punctuation and line breaks."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pyarrow as pa
import xxhash

from curation.step import ExchangeStep, Inputs, Requires
from schemas import EDGES, Table

KEY = pa.binary(16)
EXACT_EDGES = Table(
    name="exact_edges",
    version=1,
    doc="One row a document and the copy of its words with the smallest doc_id, doc_id < mate.",
    fields=EDGES.fields,
    sort_by=EDGES.sort_by,
)
_WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """The words of a text: runs of word characters, lower case, one space between them.

    They are the words that shingles are made of, so two texts that are equal here have Jaccard 1. Both
    Greek sigmas are one letter: `str.lower` picks one by context, which upper-cased copies would not survive.
    """
    return " ".join(_WORD.findall(text.lower().replace("ς", "σ")))


def exact_key(text: str) -> bytes | None:
    """xxh3-128 of the normalised text; None for a text without words, which is evidence of nothing."""
    words = normalise(text)
    return xxhash.xxh3_128_digest(words.encode("utf-8", "surrogatepass")) if words else None


def exact_keys(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """`exact_key` of every text; null where the text is null or has no words."""
    return pa.array([None if t is None else exact_key(t) for t in texts.to_pylist()], KEY)


def partition_of(keys: pa.Array, partitions: int) -> pa.Array:
    """Partition of each 16-byte key, int32: its first 4 bytes, little-endian, modulo `partitions`."""
    head = np.frombuffer(b"".join(k[:4] for k in keys.to_pylist()), "<u4")
    return pa.array((head % partitions).astype(np.int32))


class ExactEdges(ExchangeStep):
    """Star edges between documents with the same words.

    `jaccard` and `containment` are 1: the words are equal, so their 5-gram sets are. The key has 128 bits:
    among 10^9 documents the chance of one false match is below 10^-20 (birthday bound).
    """

    name: ClassVar[str] = "exact_edges"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id")
    requires: ClassVar[Requires] = {"documents": ("doc_id", "paper_id", "text")}
    provides: ClassVar[Table] = EXACT_EDGES

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key, doc_id; documents without words are left out."""
        documents = inputs["documents"]
        rows = pa.table({"doc_id": documents["doc_id"], "key": exact_keys(documents["text"])}).drop_null()
        keys = rows["key"].combine_chunks()
        return rows.append_column("partition", partition_of(keys, self.partitions))

    def merge(self, rows: pa.Table) -> pa.Table:
        """One edge for each document that is not the first with its key."""
        ids, keys = rows["doc_id"].to_pylist(), rows["key"].to_pylist()
        edges: list[dict[str, object]] = []
        first = 0
        for i in range(1, len(ids)):
            if keys[i] != keys[first]:
                first = i
                continue
            edges.append({"doc_id": ids[first], "mate": ids[i], "kind": "exact", "jaccard": 1.0, "containment": 1.0})
        return EXACT_EDGES.rows(edges)
