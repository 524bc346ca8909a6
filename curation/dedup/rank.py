"""Which copy is best: a declared order, the same for every run.

A journal's version goes before a preprint, a newer version before an older one, a later date before an
earlier one, a longer text before a shorter one; at last the smaller id, so that the order is total.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.errors import ContractError
from curation.step import Inputs

Ints = npt.NDArray[np.int64]

RANK_COLUMNS = ("is_journal", "version", "date", "n_words", "doc_id")
"""Columns of the sort key: bool, int, ISO string, int, string. All but doc_id may be null or missing."""

JOURNAL_PREFIXES = ("doi:", "bibcode:")
"""A paper_id that begins so names the publisher's text; an arXiv paper with a DOI is still a preprint's text."""


def rank_order(table: pa.Table) -> npt.NDArray[np.int64]:
    """Row numbers from the best copy to the worst.

    Args:
        table: any of `RANK_COLUMNS`, doc_id always; a null or missing value is worse than every other.
    """
    keys = [(c, "ascending" if c == "doc_id" else "descending") for c in RANK_COLUMNS if c in table.column_names]
    columns = {c: table[c] for c, _ in keys}
    if "is_journal" in columns:  # null is False; every other null is sorted to the end
        columns["is_journal"] = pc.and_kleene(columns["is_journal"], pc.is_valid(columns["is_journal"]))
    order = pc.sort_indices(pa.table(columns), sort_keys=keys, null_placement="at_end")
    return numbers(order).astype(np.int64)


def is_journal(paper_ids: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Whether each paper_id names a journal's version."""
    marks = [pc.starts_with(paper_ids, prefix) for prefix in JOURNAL_PREFIXES]
    found = pc.or_(*marks)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def ranked(inputs: Inputs) -> tuple[Ints, pa.Array]:
    """Row numbers of the corpus from the best copy to the worst, and the doc_ids by row.

    Args:
        inputs: papers (doc_id, version, date) and documents (doc_id, paper_id, n_words), sorted by doc_id.

    Raises:
        ContractError: the two tables hold other documents.
    """
    documents, papers = inputs["documents"], inputs["papers"]
    if not documents["doc_id"].equals(papers["doc_id"]):
        raise ContractError("deduplication: papers and documents do not hold the same doc_ids")
    ids = documents["doc_id"].combine_chunks()
    columns = {
        "is_journal": is_journal(documents["paper_id"]),
        "version": papers["version"],
        "date": papers["date"],
        "n_words": documents["n_words"],
        "doc_id": ids,
    }
    return rank_order(pa.table(columns)), ids


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Label of the connected component of each of n nodes, by scipy; labels follow the first node of each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def best_place(order: Ints, a: Ints, b: Ints) -> Ints:
    """Rank of every document, or of the best one that exact edges a-b tie it to."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    labels = components(len(order), a, b)
    best = np.full(int(labels.max(initial=-1)) + 1, len(order), np.int64)
    np.minimum.at(best, labels, place)
    return best[labels]
