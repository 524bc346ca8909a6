"""Candidates: documents whose signatures agree in a whole band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.exact import partition_of
from curation.dedup.rank import Flags, Ints
from curation.dedup.scope import Scopes
from curation.step import ExchangeStep, Inputs, MapStep, Requires
from curation.text.kernel import U32, U64
from curation.text.shingles import Shingling, band_keys, sketch
from schemas import DOC_ID, Table, field

ALL_PAIRS_UP_TO = 8
"""Documents of a bucket of which every pair is a candidate; in a larger one cost stays linear."""
NEIGHBOURS = 2
"""Documents after it that a document of a larger bucket is paired with, in the order of likeness."""

SKETCHES = Table(
    name="sketches",
    version=3,
    working=True,
    doc="One row a document: what deduplication needs of its text. Null keys for a document without words or out of scope.",
    fields=(
        DOC_ID,
        field("n_all_words", pa.int64(), "Words of the text, those of math, tables and code included."),
        field("exact_key", pa.binary(), "xxh3-128 of the lower-cased words, mixed with the scope's salt; 16 bytes."),
        field("signature", pa.binary(), "MinHash signature, uint32 little-endian (datasketch affine32)."),
        field("salt", pa.uint64(), "Namespace of its keys; 0 is the common one.", nullable=False),
        field("alone", pa.bool_(), "Makes no pair with another such document.", nullable=False),
    ),
)
CANDIDATES = Table(
    name="candidates",
    version=2,
    working=True,
    doc="One row a pair of documents that share a band of their signatures, not yet compared; doc_id < mate.",
    fields=(
        DOC_ID,
        field("mate", pa.string(), "doc_id of the other document.", nullable=False),
        field("capped", pa.bool_(), "Of a bucket so large that not every pair of it is here.", nullable=False),
    ),
    sort_by=("doc_id", "mate"),
)


class Sketches(MapStep):
    """Signature and exact key of every document; the only step of deduplication that reads all text."""

    name: ClassVar[str] = "sketches"
    version: ClassVar[int] = 3
    requires: ClassVar[Requires] = {"papers": ("doc_id", "source"), "documents": ("doc_id", "text")}
    provides: ClassVar[Table] = SKETCHES

    shingling: Shingling = Shingling()
    scope: Scopes = Scopes({})

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        found = sketch(documents["text"], self.shingling)
        space = self.scope.namespaces(inputs["papers"]["source"])
        exact = space.exact(found.exact)
        empty = exact == np.zeros((), exact.dtype)
        columns = [
            documents["doc_id"],
            pa.array(found.n_words),
            pa.array([bytes(k) for k in exact], pa.binary(), mask=empty),
            pa.array([s.astype("<u4").tobytes() for s in found.signatures], pa.binary(), mask=empty),
            pa.array(space.salt),
            pa.array(space.alone),
        ]
        return pa.Table.from_arrays(columns, schema=SKETCHES.arrow)


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs, and what they were made from.

    Args:
        a, b: the two documents, a < b.
        largest: documents of the largest bucket.
        capped: buckets of which not every pair was made.
        in_capped: documents in such buckets, ascending.
    """

    a: Ints
    b: Ints
    largest: int
    capped: int
    in_capped: Ints


def likeness(signatures: U32) -> U64:
    """A key that puts like documents side by side when they are sorted by it: the low bytes of 8 values of each signature."""
    values = np.linspace(0, signatures.shape[1] - 1, 8).astype(np.int64)
    return np.ascontiguousarray(signatures[:, values].astype(np.uint8)).view(">u8").ravel().astype(np.uint64)


def turned(likeness: U64, band: int) -> U64:
    """The key as one band sorts by it: begun at another value, so that bands part documents in different ways."""
    left = np.uint64(8 * (band % 8))
    return likeness << left | likeness >> (np.uint64(64) - left) if left else likeness


def bucket_pairs(keys: U64, like: U64, nodes: Ints, alone: Flags) -> Pairs:
    """Candidate pairs among documents of which some have the same key: all pairs of a bucket of up to `ALL_PAIRS_UP_TO`.

    In a larger one, which a text that many documents share makes, each is paired with the first and with its neighbours by
    likeness.

    Args:
        keys: key of each document in one band.
        like: `likeness` of each, turned by the band.
        nodes: number of each document, ascending.
        alone: documents that make no pair with each other.
    """
    order = np.lexsort((alone, keys)) if alone.any() else np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    a, b = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= ALL_PAIRS_UP_TO)]).tolist():
        members = order[starts[sizes == size][:, None] + np.arange(size)[None, :]]
        i, j = np.triu_indices(size, 1)
        a.append(members[:, i].ravel())
        b.append(members[:, j].ravel())
    large = np.flatnonzero(sizes > ALL_PAIRS_UP_TO)
    crowd = order[np.repeat(sizes > ALL_PAIRS_UP_TO, sizes)]
    if len(large):
        bucket = np.repeat(large, sizes[large])
        a.append(order[starts[bucket]])
        b.append(crowd)
        sorted_ = crowd[np.lexsort((like[crowd], bucket))]
        for step in range(1, NEIGHBOURS + 1):
            together = bucket[:-step] == bucket[step:]
            a.append(sorted_[:-step][together])
            b.append(sorted_[step:][together])
    left, right = np.concatenate(a), np.concatenate(b)
    allowed = (left != right) & ~(alone[left] & alone[right])
    left, right = nodes[left[allowed]], nodes[right[allowed]]
    largest = int(sizes.max(initial=0))
    return Pairs(np.minimum(left, right), np.maximum(left, right), largest, len(large), np.sort(nodes[crowd]))


def candidate_pairs(keys: U64, like: U64, nodes: Ints, alone: Flags) -> Pairs:
    """Candidates over all bands, each pair once, ascending.

    Args:
        keys: one row for each document, one column for each band.
        like: `likeness` of each document.
        nodes: number of each document, ascending.
        alone: documents that make no pair with each other.
    """
    n = int(nodes.max(initial=-1)) + 1
    pairs, in_capped, largest, capped = np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0
    for band in range(keys.shape[1]):
        found = bucket_pairs(np.ascontiguousarray(keys[:, band]), turned(like, band), nodes, alone)
        pairs = np.union1d(pairs, found.a * n + found.b)
        in_capped = np.union1d(in_capped, found.in_capped)
        largest, capped = max(largest, found.largest), capped + found.capped
    a, b = np.divmod(pairs, max(n, 1))
    return Pairs(a, b, largest, capped, in_capped)


class Candidates(ExchangeStep):
    """Pairs of documents that share a band: expected recall by `Shingling.expected_recall`.

    Copies of one text fall into the same buckets; only the one that exact edges start at is a candidate, or all when they are
    alone and no exact edges tie them.
    """

    name: ClassVar[str] = "candidates"
    version: ClassVar[int] = 2
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "alone", "doc_id")
    requires: ClassVar[Requires] = {"sketches": ("doc_id", "exact_key", "signature", "salt", "alone")}
    provides: ClassVar[Table] = CANDIDATES

    shingling: Shingling = Shingling()

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, key (8 bytes), like, doc_id, exact_key, alone; a row for each document and band."""
        rows = inputs["sketches"].drop_null().combine_chunks()
        values = self.shingling.bands * self.shingling.rows
        signatures = np.frombuffer(b"".join(rows["signature"].to_pylist()), "<u4").reshape(-1, values)
        keys = band_keys(signatures.astype(np.uint32), self.shingling) ^ rows["salt"].to_numpy()[:, None]
        which = pa.array(np.repeat(np.arange(rows.num_rows), self.shingling.bands))
        flat = pa.array([k.tobytes() for k in keys.astype(">u8").ravel()], pa.binary())
        like = likeness(signatures)
        like = np.stack([turned(like, band) for band in range(self.shingling.bands)], axis=1).ravel()
        table = rows.select(["doc_id", "exact_key", "alone"]).take(which)
        table = table.append_column("key", flat).append_column("like", pa.array(like))
        return table.append_column("partition", partition_of(flat, self.partitions))

    def merge(self, rows: pa.Table) -> pa.Table:
        rows = rows.combine_chunks()
        pairs = pc.binary_join_element_wise(rows["key"], rows["exact_key"], b"")
        codes = pairs.combine_chunks().dictionary_encode().indices.to_numpy()
        alone = rows["alone"].to_numpy()
        first = np.zeros(len(codes), bool)
        first[np.unique(codes, return_index=True)[1]] = True
        # rows of one key and text stand together, those that are alone last: exact edges tie them to the first one, unless
        # that is alone too
        stands_alone = np.zeros(int(codes.max(initial=-1)) + 1, bool)
        stands_alone[codes[first]] = alone[first]
        rows = rows.take(pa.array(np.flatnonzero(first | stands_alone[codes])))
        ids = rows["doc_id"].combine_chunks()
        buckets = rows["key"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.uint64)
        found = bucket_pairs(buckets, rows["like"].to_numpy(), np.arange(len(ids)), rows["alone"].to_numpy())
        capped = pa.array(np.isin(found.a, found.in_capped) & np.isin(found.b, found.in_capped))
        table = pa.table({"doc_id": ids.take(pa.array(found.a)), "mate": ids.take(pa.array(found.b)), "capped": capped})
        table = table.group_by(["doc_id", "mate"]).aggregate([("capped", "max")])
        return table.rename_columns(CANDIDATES.columns).cast(CANDIDATES.arrow)
