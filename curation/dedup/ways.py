"""The ways that a mark takes freely: from a document to its copies and versions, to who claims to be one, and to a crowd of one id."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from curation.dedup.clusters import Families
from curation.dedup.edges import CLAIM, CROWD, CROWD_CLAIM, EXACT, IDENTITY
from curation.dedup.rank import Flags, Ints

_KINDS = np.array([EXACT, IDENTITY, CROWD, CLAIM, CROWD_CLAIM], np.int8)
"""What leads to a document: its text, work, crowd, a claim of its own, or one to be among a crowd."""
_TEXT, _WORK, _CROWD, _CLAIM, _CROWD_CLAIM = range(1, 6)
_Steps: TypeAlias = list[tuple[Ints, Ints]]


def free_ways(families: Families, reached: Flags, speaks: Flags) -> tuple[Ints, Ints, npt.NDArray[np.int8]]:
    """The documents that such ways lead to from those that are reached, each by a shortest one.

    A document leads to its text, and where it speaks to its work and crowd; these lead to their documents, and a work or crowd
    to who claims to be of it. So the search takes time by the documents and edges, however long the ways are.

    Args:
        speaks: those that lead to other texts.

    Returns:
        the new documents, ascending, the one before each on its way, and the place in `TIES` of their tie.
    """
    is_mine = np.isin(families.tied, families.tied[reached])
    mine = np.flatnonzero(is_mine)
    n = len(mine)
    docs, speaking = np.arange(n), np.flatnonzero(speaks[mine])
    text, work, crowd = (
        n * sort + np.unique(labels[mine], return_inverse=True)[1]
        for sort, labels in ((_TEXT, families.copies), (_WORK, families.works), (_CROWD, families.crowds))
    )
    steps: _Steps = [
        (docs, text),
        (text, docs),
        *((speaking, of[speaking]) for of in (work, crowd)),
        *((of, docs) for of in (work, crowd)),
    ]
    for sort, edges, whose in (
        (_CLAIM, families.claims, (work,)),
        (_CROWD_CLAIM, families.crowd_claims, (work, crowd)),
    ):
        edges = edges.of(is_mine[edges.a])
        by, named = (np.searchsorted(mine, ends) for ends in (edges.a, edges.b))
        steps += [(n * sort + by, by), *((of[named], n * sort + by) for of in whose)]
    before = _search(6 * n, steps, np.flatnonzero(reached[mine]))
    new = np.flatnonzero((before[:n] >= 0) & (before[:n] < 6 * n))
    tie = before[new]
    source = before[tie]
    while len(far := np.flatnonzero(source >= n)):
        source[far] = before[source[far]]
    return mine[new], mine[source], _KINDS[tie // n - 1] if n else _KINDS[:0]


def _search(n: int, steps: _Steps, begin: Ints) -> Ints:
    """Of each of n nodes the one before it on a shortest way from some: n for those where ways begin, below 0 where none leads."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    steps = [*steps, (np.full(len(begin), n), begin)]
    ends = np.concatenate([a for a, _ in steps]), np.concatenate([b for _, b in steps])
    graph = csr_array((np.ones(len(ends[0]), np.int8), ends), shape=(n + 1, n + 1))
    graph.sort_indices()  # of ways equally long the first is taken
    before: Ints = breadth_first_order(graph, n, return_predecessors=True)[1][:n].astype(np.int64)
    return before
