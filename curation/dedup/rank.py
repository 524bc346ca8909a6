"""Which copy is best: a declared order, the same for every run.

A source that is compared with others goes before one of scope `papers`, a journal's version before a preprint, a newer
version before an older one, a later date before an earlier one, what lies in a bulk tar under a later time there before what lies
under an earlier one (the tar was made anew) or in none, a longer text before a shorter one; at last the smaller id, so that the
order is total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RANK_COLUMNS = ("alone", "is_journal", "version", "date", "as_of", "n_words", "doc_id")
"""Columns of the sort key: bool, bool, int, ISO string, ISO string, int, string. All but alone and doc_id may be null."""
_ASCENDING = ("alone", "doc_id")

JOURNAL_PREFIXES = ("doi:", "bibcode:")
"""A paper_id that begins so names the publisher's text; an arXiv paper with a DOI is still a preprint's text."""


@dataclass(frozen=True)
class Ranking:
    """Documents by row number, as clusters need them.

    Args:
        order: row numbers from the best copy to the worst.
        n_words: words of each (runs of word characters).
        alone: makes no pair with another such document (scope `papers`).
    """

    order: Ints
    n_words: Ints
    alone: Flags


def rank_order(table: pa.Table) -> Ints:
    """Row numbers from the best copy to the worst.

    Args:
        table: `RANK_COLUMNS`; a null value is worse than every other (nulls are sorted to the end), a null is_journal is false.
    """
    keys = [(c, "ascending" if c in _ASCENDING else "descending") for c in RANK_COLUMNS]
    columns = {c: table[c] for c in RANK_COLUMNS}
    columns["is_journal"] = pc.and_kleene(columns["is_journal"], pc.is_valid(columns["is_journal"]))
    order = pc.sort_indices(pa.table(columns), sort_keys=keys)
    return numbers(order).astype(np.int64)


def is_journal(paper_ids: pa.ChunkedArray, said: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each is a journal's version: its paper_id says so, or its source does (null: it does not say)."""
    marks = [pc.starts_with(paper_ids, prefix) for prefix in JOURNAL_PREFIXES]
    return pc.or_kleene(pc.or_(*marks), pc.and_kleene(said, pc.is_valid(said)))


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
