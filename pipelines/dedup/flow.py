"""Deduplicate files of documents: the steps' own functions over batches, memory bounded by the batch.

The files are read twice: once for signatures, once for the shingle hashes of candidates, which wait in a temporary file. What
stays in memory is about 500 bytes a document (band keys 128, ids and ranks the most of the rest; 530 at the peak, measured with
240,000 documents).
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers, to_arrow
from curation.dedup.bands import candidate_pairs
from curation.dedup.clusters import Clustering, Families
from curation.dedup.edges import KINDS, Edges, joined
from curation.dedup.exact import first_copies
from curation.dedup.limits import MAX_EDGES, check_edges, check_figures, figures
from curation.dedup.rank import Flags, Ints, Ranking, best_place, rank_order
from curation.dedup.scope import Scopes
from curation.dedup.verify import MIN_JACCARD, edge_table, verify
from curation.errors import UserError
from curation.text.shingles import Shingling
from pipelines.dedup.candidates import ShingleStore, fill
from pipelines.dedup.index import Address, open_round
from pipelines.dedup.index_rows import index_documents, meets_new, old_edges, with_old
from pipelines.dedup.result import Found
from pipelines.dedup.scan import Scan, read
from pipelines.document_files import Documents
from schemas import NEAR_EDGES

NO_SCOPES = Scopes({})


def deduplicate(
    source: Documents,
    config: Shingling,
    *,
    min_jaccard: float = MIN_JACCARD,
    identity: bool = False,
    scopes: Scopes = NO_SCOPES,
    threads: int = 2,
    max_edges: int = MAX_EDGES,
    max_removed_share: float = 0.9,
    max_cluster: int = 10_000,
    index: Address | None = None,
    index_out: Address | None = None,
) -> Found:
    """Find the duplicates of files, and among them and the documents of an index.

    Args:
        identity: documents with the same work_id are one work, whatever their likeness.
        index: folder or address of documents released before; the outcome is that of a run over all of them.
        index_out: folder or address of the index to write.

    Raises:
        UserError: a share is out of bounds; ids are null or not unique; identity without work_id; an index made with other parameters.
        LimitError: more edges than `max_edges`, or a guard.
    """
    for name, share in (("min_jaccard", min_jaccard), ("max_removed_share", max_removed_share)):
        if not 0.0 <= share <= 1.0:
            raise UserError(f"{name}: {share} is not a number from 0.0 to 1.0")
    parameters = {
        "shingling": config.model_dump(),
        "unicode": unicodedata.unidata_version,
        "min_jaccard": min_jaccard,
        "identity": identity,
        "scopes": scopes.model_dump(),
    }
    with open_round(index, index_out, parameters) as made:
        old = made.old
        part = len(old.releases) if old is not None else 0
        new = read(source, config, scopes, threads, made.shingles if index_out is not None else None, part)
        if identity and len(new) and new.works.null_count == len(new):
            raise UserError(f"{source.name}: no document has a work_id, which --identity needs")
        scan = with_old(new, old) if old is not None else new
        _check_scopes(scopes, scan)
        order = rank_order(scan.ranks.append_column("as_of", pa.nulls(len(scan), pa.string())))  # none lies in a tar
        first = first_copies(scan.exact, scan.alone)
        exact = star(first, "exact")
        originals = np.flatnonzero((first == np.arange(len(scan))) & (scan.exact != np.zeros((), "V16")))
        pairs = candidate_pairs(scan.keys[originals], scan.like[originals], originals, scan.alone[originals])
        a, b = pairs.a, pairs.b
        place = best_place(order, exact.a, exact.b)
        touched = meets_new(len(scan), a, b, first, scan.part == part)
        known = old_edges(old, scan.ids, touched[first]) if old is not None else star(np.arange(0), "near")
        a, b = a[touched[a]], b[touched[a]]
        nodes = np.unique(np.concatenate([a, b]))
        if index_out is None:
            fill(made.shingles, source, scan, nodes[scan.part[nodes] == part], config, threads)
        store = ShingleStore(old, scan, made.shingles, nodes)
        near = joined(known, verify(a, b, place, scan.alone, store.get, min_jaccard))
        works = work_edges(scan) if identity else star(np.arange(0), "identity")
        edges = joined(exact, works, near)
        check_edges(len(edges.a), max_edges)
        clustering = _cluster(scan, order, edges)
        totals = {count["values"]: count["counts"] for count in scan.sources.value_counts().to_pylist()}
        removed = {"": clustering.head != np.arange(len(scan))}
        found = figures(clustering.family, scan.ids, scan.sources, totals, removed)
        check_figures(found, max_removed_share, max_cluster)
        if index_out is not None:
            made.documents, made.edges = index_documents(new), edge_table(near, scan.ids, NEAR_EDGES)
    return Found(scan, edges, clustering, len(a), pairs, part)


def _cluster(scan: Scan, order: Ints, edges: Edges) -> Clustering:
    """Clusters among the documents that edges name; all others stay."""
    nodes = edges.nodes()
    mine = np.zeros(len(scan), bool)
    mine[nodes] = True
    ranking = Ranking(
        np.searchsorted(nodes, order[mine[order]]), numbers(scan.ranks["n_words"])[nodes], scan.alone[nodes]
    )
    return Families(ranking, edges.among(nodes)).cluster().among(nodes, len(scan))


def _check_scopes(scopes: Scopes, scan: Scan) -> None:
    there = sorted(s for s in pc.unique(scan.sources).to_pylist() if s)
    if unknown := [s for s in scopes.root if s not in there]:
        raise UserError(
            f"scope: no document has the source {', '.join(map(repr, unknown))}; sources: {', '.join(there) or 'none'}"
        )


def star(first: Ints, kind: str) -> Edges:
    """Edges from the first of each class to its other members; Jaccard 1 for exact, unknown for identity."""
    others = np.flatnonzero(first != np.arange(len(first)))
    measure = np.full(len(others), 1.0 if kind == "exact" else np.nan, np.float32)
    return Edges(first[others], others, np.full(len(others), KINDS.index(kind), np.int8), measure, measure)


def work_edges(scan: Scan) -> Edges:
    """Edges between documents of one work_id; those that are alone (scope papers) meet one that is not, or each other within
    their source."""
    alone = to_arrow(scan.alone)
    own_source = pc.if_else(alone, pc.binary_join_element_wise(scan.sources, scan.works, "\0"), None)
    found = joined(star(first_equal(scan.works, ~scan.alone), "identity"), star(first_equal(own_source), "identity"))
    swap = found.a > found.b
    return replace(found, a=np.where(swap, found.b, found.a), b=np.where(swap, found.a, found.b))


def first_equal(values: pa.Array, heads: Flags | None = None) -> Ints:
    """For each value the first row that holds it; itself for null.

    Args:
        heads: rows that may be the first; default all. A row whose value no such row holds is its own.
    """
    own = np.arange(len(values))
    codes = values.dictionary_encode().indices
    known = codes.is_valid().to_numpy(zero_copy_only=False)
    places = codes.fill_null(0).to_numpy(zero_copy_only=False)
    first = np.full(len(values) + 1, len(values), np.int64)
    leads = known if heads is None else known & heads
    np.minimum.at(first, places[leads], own[leads])
    return np.where(known & (first[places] < len(values)), first[places], own)
