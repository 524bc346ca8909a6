"""Documents of an index as rows of a scan, and of a scan as rows of an index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers, to_arrow
from curation.dedup.edges import KINDS, Edges
from curation.dedup.rank import Flags, Ints, components
from curation.errors import UserError
from pipelines.dedup.index import Index
from pipelines.dedup.scan import RANKS, Scan


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
    tables = old.documents
    ids = pa.concat_arrays([new.ids, *(t["id"].combine_chunks() for t in tables)])
    order = numbers(pc.sort_indices(ids)).astype(np.int64)
    which = to_arrow(order)
    ids = ids.take(which)
    doubled = ids[1:].filter(pc.equal(ids[1:], ids[:-1]))
    if len(doubled):
        raise UserError(
            f"id {doubled[0].as_py()!r} stands in the new file and in the index; ids must be unique. "
            "Is it a document that was released before?"
        )
    bands = new.keys.shape[1]
    alone = np.concatenate([new.alone, *(t["alone"].to_numpy() for t in tables)])[order]

    def joined(mine: pa.Array, name: str) -> pa.Array:
        return pa.concat_arrays([mine, *(t[name].combine_chunks() for t in tables)]).take(which)

    return Scan(
        ids=ids,
        row=np.concatenate([new.row, *(np.full(len(t), -1) for t in tables)])[order],
        keys=np.concatenate([new.keys, *(_fixed(t["keys"]).view(np.uint64).reshape(-1, bands) for t in tables)])[order],
        like=np.concatenate([new.like, *(numbers(t["like"]) for t in tables)])[order],
        exact=np.concatenate([new.exact, *(_fixed(t["exact"]).view("V16") for t in tables)])[order],
        ranks=pa.table(
            {"alone": to_arrow(alone), **{n: joined(new.ranks[n].combine_chunks(), n) for n in RANKS}, "doc_id": ids}
        ),
        works=joined(new.works, "work_id"),
        alone=alone,
        sources=joined(new.sources, "source"),
        part=np.concatenate([new.part, *(np.full(len(t), k) for k, t in enumerate(tables))])[order],
        place=np.concatenate([new.place, *(numbers(t["place"]) for t in tables)])[order],
        size=np.concatenate([new.size, *(numbers(t["size"]) for t in tables)])[order],
    )


def _fixed(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """Bytes of a column of fixed width."""
    values = column.combine_chunks()
    width = values.type.byte_width
    data = np.frombuffer(values.buffers()[1] or b"", np.uint8)
    return data[values.offset * width : (values.offset + len(values)) * width]


def index_documents(scan: Scan) -> pa.Table:
    """The table `documents` of a release."""
    columns = {
        "id": scan.ids,
        "exact": _binary(scan.exact.view(np.uint8).reshape(len(scan), 16)),
        "keys": _binary(scan.keys.view(np.uint8)),
        "like": to_arrow(scan.like),
        **{n: scan.ranks[n] for n in RANKS},
        "work_id": scan.works,
        "source": scan.sources,
        "alone": to_arrow(scan.alone),
        "place": to_arrow(scan.place),
        "size": to_arrow(scan.size),
    }
    return pa.table(columns)


def _binary(rows: npt.NDArray[np.uint8]) -> pa.Array:
    kind = pa.binary(rows.shape[1])
    return pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
