"""Guards of deduplication: they stop a run before a mistake removes a source or takes the memory of the node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.arrays import numbers
from curation.dedup.rank import Flags, Ints
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


def figures(
    clusters: Ints,
    ids: pa.Array,
    sources: pa.Array | pa.ChunkedArray,
    totals: Mapping[str | None, int],
    removed: Mapping[str, Flags],
) -> dict[str, Any]:
    """What the guards look at, as JSON.

    Args:
        clusters, ids, sources: of the documents that edges name: the number of the best one of its cluster, doc_id, and source,
            which is null where it is unknown; that counts as one source.
        totals: documents of each source, those without edges among them.
        removed: tier -> which of them are removed as copies.

    Returns:
        `largest`: the best document of each of the largest clusters -> its documents. `lost`: tier -> source ("" for null) ->
        its `documents`, how many are `lost`, and its own `largest`; of sources of `MIN_SOURCE_DOCUMENTS` and more.
    """
    if isinstance(sources, pa.ChunkedArray):
        sources = sources.combine_chunks()
    encoded = sources.dictionary_encode(null_encoding="encode")
    which = numbers(encoded.indices)
    lost: dict[str, dict[str, Any]] = {tier: {} for tier in removed}
    for i, name in enumerate(encoded.dictionary.to_pylist()):
        if totals[name] < MIN_SOURCE_DOCUMENTS:
            continue
        largest = _largest(clusters[which == i], ids)
        for tier, flags in removed.items():
            count = int(np.count_nonzero(flags & (which == i)))
            lost[tier][name or ""] = {"documents": totals[name], "lost": count, "largest": largest}
    return {"largest": _largest(clusters, ids), "lost": lost}


def check_figures(found: Mapping[str, Any], max_removed_share: float, max_cluster: int) -> None:
    """Stop before a mistake removes a source.

    Args:
        found: of `figures`.

    Raises:
        LimitError: a source loses more than the share, or a cluster is larger than `max_cluster`; the text shows the largest
            clusters.
    """
    if max(found["largest"].values(), default=0) > max_cluster:
        raise LimitError(
            f"deduplication: a cluster is larger than {max_cluster:,} (max_cluster); the largest: {_words(found['largest'])}. "
            "Look at them, strip what they share, or raise the limit"
        )
    for sources in found["lost"].values():
        for name, told in sources.items():
            if told["lost"] > max_removed_share * told["documents"]:
                who = f"source {name!r}" if name else "documents without a source"
                raise LimitError(
                    f"deduplication: {who} would lose {told['lost']:,} of {told['documents']:,} documents, more than the share "
                    f"{max_removed_share} (max_removed_share); its largest clusters: {_words(told['largest'])}"
                )


def _largest(clusters: Ints, ids: pa.Array) -> dict[str, int]:
    """The largest clusters: the best document of each -> documents."""
    sizes = np.bincount(clusters, minlength=len(ids))
    largest = np.argsort(-sizes, kind="stable")[:5].tolist()
    return {ids[i].as_py(): int(sizes[i]) for i in largest if sizes[i] > 1}


def _words(largest: Mapping[str, int]) -> str:
    by_size = sorted(largest.items(), key=lambda cluster: (-cluster[1], cluster[0]))
    return ", ".join(f"{best} ({count:,} documents)" for best, count in by_size)
