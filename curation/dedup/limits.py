"""Guards of deduplication: they stop a run before a mistake removes a source or takes the memory of the node."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from curation.arrays import numbers
from curation.dedup.clusters import Clustering
from curation.dedup.rank import Ints
from curation.errors import LimitError

MAX_EDGES = 20_000_000
EDGE_BYTES = 1_100
"""Memory that clustering takes for an edge; documents without edges take none (measured: 400 k documents with 300 k edges)."""
CLUSTER_BOUND = 1_000_000_000
"""Bound of the limit itself: what no machine holds is a slip of the pen."""
MIN_SOURCE_DOCUMENTS = 100
"""Sources of fewer documents may lose any share: a small source may be all copies."""


def check_edges(count: int, max_edges: int) -> None:
    """Stop instead of taking the memory of the node.

    Raises:
        LimitError: too many edges.
    """
    if count > max_edges:
        raise LimitError(
            f"clustering: {count:,} edges, the limit is {max_edges:,} (max_edges); they would take about "
            f"{count * EDGE_BYTES / 1e9:.1f} GB of memory. So many duplicates mostly mean one text in many documents: look at "
            "the largest clusters, or raise the limit"
        )


def check_limits(
    found: Clustering,
    ids: pa.Array,
    sources: pa.Array | pa.ChunkedArray,
    totals: Mapping[str | None, int],
    max_removed_share: float,
    max_cluster: int,
) -> None:
    """Stop before a mistake removes a source.

    Args:
        ids, sources: of the documents that were clustered; the source is null where it is unknown, which counts as one source.
        totals: documents of each source, those without edges among them.

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
    removed = found.head != np.arange(len(ids))
    lost = np.bincount(which[removed], minlength=len(encoded.dictionary))
    for i, name in enumerate(encoded.dictionary.to_pylist()):
        total = totals[name]
        if total < MIN_SOURCE_DOCUMENTS or lost[i] <= max_removed_share * total:
            continue
        mine = np.bincount(found.family[which == i], minlength=len(ids))
        raise LimitError(
            f"deduplication: {'documents without a source' if name is None else f'source {name!r}'} would lose {lost[i]:,} of "
            f"{total:,} documents, more than the share {max_removed_share} (max_removed_share); its largest "
            f"clusters: {_largest(mine, ids)}"
        )


def _largest(sizes: Ints, ids: pa.Array) -> str:
    """The largest clusters, by the best document of each."""
    largest = np.argsort(-sizes, kind="stable")[:5].tolist()
    return ", ".join(f"{ids[i].as_py()} ({sizes[i]:,} documents)" for i in largest if sizes[i] > 1)
