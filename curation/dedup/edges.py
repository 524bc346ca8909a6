"""Verified pairs of documents: by id, as tables have them, and by number, as clustering takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.dedup.ids import Ids
from curation.dedup.rank import Flags, Ints
from curation.errors import ContractError

Floats = npt.NDArray[np.float32]

EDGE_COLUMNS = ("doc_id", "mate", "kind", "jaccard", "containment")
KINDS = ("exact", "identity", "near")
"""Kinds of edges between duplicates, the one that explains most first. Exact and identity are transitive, near is not."""
TIES = (*KINDS, "contained", "claim", "crowd", "crowd_claim")
"""All kinds of edges. Nothing is a duplicate because it mostly stands in a longer text, or because of an id that a crowd bears: only
marks spread over such edges. A claim says that `a` is of the work of `b`, and nothing of `b` (`curation.dedup.identity`)."""
EXACT, IDENTITY, NEAR, CONTAINED, CLAIM, CROWD, CROWD_CLAIM = range(7)
MARKS_ONLY = (CONTAINED, CROWD, CROWD_CLAIM)
"""Kinds of edges that make no duplicate and no component."""
EDGES_BOUND = 10_000_000_000
"""Bound of the limits themselves: what no machine holds is a slip of the pen."""


@dataclass(frozen=True)
class Edges:
    """Verified pairs of documents, as row numbers.

    Args:
        a, b: the two documents; of claims who makes it, and one that it names.
        kind: place in `TIES`.
        jaccard, containment: of their shingle sets; NaN when not measured (identity).
    """

    a: Ints
    b: Ints
    kind: npt.NDArray[np.int8]
    jaccard: Floats
    containment: Floats

    def nodes(self) -> Ints:
        """The documents that they name, ascending."""
        return np.unique(np.concatenate([self.a, self.b]))

    def of(self, which: Flags) -> Edges:
        """Some of them."""
        return Edges(self.a[which], self.b[which], self.kind[which], self.jaccard[which], self.containment[which])

    def among(self, nodes: Ints) -> Edges:
        """The same by place in `nodes`, which are ascending and hold all ends."""
        a, b = np.searchsorted(nodes, self.a), np.searchsorted(nodes, self.b)
        return Edges(a, b, self.kind, self.jaccard, self.containment)


def joined(*edges: Edges) -> Edges:
    """Several sets of edges as one."""
    return Edges(
        np.concatenate([np.zeros(0, np.int64), *(e.a for e in edges)]),
        np.concatenate([np.zeros(0, np.int64), *(e.b for e in edges)]),
        np.concatenate([np.zeros(0, np.int8), *(e.kind for e in edges)]),
        np.concatenate([np.zeros(0, np.float32), *(e.jaccard for e in edges)]),
        np.concatenate([np.zeros(0, np.float32), *(e.containment for e in edges)]),
    )


def numbered(edges: pa.Table, ids: Ids) -> Edges:
    """Edges by doc_id as edges by number.

    Args:
        edges: `EDGE_COLUMNS`.

    Raises:
        ContractError: an edge names a document that is not there, or is of no known kind.
    """
    a, b = (ids.find(edges[c]) for c in ("doc_id", "mate"))
    kind = pc.index_in(edges["kind"].combine_chunks(), value_set=pa.array(TIES))
    if kind.null_count or min(a.min(initial=0), b.min(initial=0)) < 0:
        raise ContractError("deduplication: an edge names an unknown document or kind")
    measures = [
        numbers(edges[c].cast(pa.float32()).combine_chunks().fill_null(float("nan")))
        for c in ("jaccard", "containment")
    ]
    return Edges(a, b, numbers(kind).astype(np.int8), measures[0], measures[1])
