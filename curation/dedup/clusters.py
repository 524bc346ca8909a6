"""Clusters of duplicates: components of verified edges, then each member against a better-ranked copy.

A chain a-b-c of near duplicates says nothing of a and c, and unverified chains have deleted whole sources
(marin issue #6854). So a component, the cluster of the tables, decides nothing: inside it, documents are taken from the best
to the worst rank, and one becomes a duplicate only of a copy that was kept before it and that an edge ties it to. What no
kept copy is close to is kept itself, and later members are compared with it too.

A claim (`curation.dedup.identity`) makes its own document a duplicate, and no other; where the texts are alike, too, the two are of
one work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from curation.dedup.edges import CLAIM, CONTAINED, CROWD, CROWD_CLAIM, EXACT, IDENTITY, MARKS_ONLY, NEAR, Edges, Floats
from curation.dedup.rank import Flags, Ints, Ranking, components

MIN_WORK_WORDS = 100
"""A text of fewer words does not speak for a work: two works with one notice of withdrawal are not one work. Notices have
some dozens of words ("This paper has been withdrawn by the author due to ..."), an abstract alone has 150 to 250."""


@dataclass(frozen=True)
class Clustering:
    """What became of each of n documents.

    Args:
        family: best-ranked document that edges lead to, as a row number; a document without edges is its own.
        head: the kept copy that the document is a duplicate of; itself when it is kept.
        kind: place in `KINDS` of the edge to the head, -1 for a kept document.
        jaccard, containment: of the edge to the head, NaN when not measured.
    """

    family: Ints
    head: Ints
    kind: npt.NDArray[np.int8]
    jaccard: Floats
    containment: Floats

    @classmethod
    def alone(cls, n: int) -> Clustering:
        """Of n documents without edges."""
        nan = np.full(n, np.nan, np.float32)
        return cls(np.arange(n), np.arange(n), np.full(n, -1, np.int8), nan, nan.copy())

    def among(self, nodes: Ints, n: int) -> Clustering:
        """The same among n documents, of which these are the ones of `nodes`."""
        made = Clustering.alone(n)
        made.family[nodes], made.head[nodes], made.kind[nodes] = nodes[self.family], nodes[self.head], self.kind
        made.jaccard[nodes], made.containment[nodes] = self.jaccard, self.containment
        return made


Outcome: TypeAlias = tuple[int, int, float, float]
"""Head, kind, Jaccard index and containment of a document."""
_NOT_MEASURED = (float("nan"), float("nan"))


class Families:
    """Documents and what their verified edges make of them: copies, works, and who is near whom.

    An exact copy ties two works together only when the text has `MIN_WORK_WORDS`: notices are no works.

    Args:
        ranking: the documents, best those that edges name and no others: all arrays here have a place for each.
        edges: verified pairs; a pair that is not there counts as not similar. Those of `MARKS_ONLY` make no family.

    Fields:
        rank: place of each, 0 is best; whoever makes a claim that stands alone comes after all who make none.
        given_rank: the same by the ranking alone.
        claims: edges of claims that no likeness of the texts bears out.
        crowds: label of the crowd of each, alone one of its own; crowd_claims: edges to them.
        tied: label of what edges join that neither measure likeness nor are of a text in another.
    """

    def __init__(self, ranking: Ranking, edges: Edges) -> None:
        n = len(ranking.order)
        self.rank = np.empty(n, np.int64)
        self.rank[ranking.order] = np.arange(n)
        self.n_words, self.alone = ranking.n_words, ranking.alone
        a, b = edges.a, edges.b
        exact, near, identity = (edges.kind == kind for kind in (EXACT, NEAR, IDENTITY))
        work = identity | (exact & (ranking.n_words[a] >= MIN_WORK_WORDS))
        self.copies = components(n, a[exact], b[exact])
        works = components(n, a[work], b[work])
        is_claim = edges.kind == CLAIM
        borne_out = is_claim & self._borne_out(edges, works)
        work |= borne_out
        self.works = components(n, a[work], b[work])
        between = identity & self.alone[a] & self.alone[b]
        self.alone_works = components(n, a[between], b[between])
        self.claims = edges.of(is_claim & ~borne_out)
        self.given_rank, self.rank = self.rank, self._after_whom_they_name()
        duplicate = ~np.isin(edges.kind, MARKS_ONLY)
        self.family = _best_of(components(n, a[duplicate], b[duplicate]), self.rank)
        self.contained, self.crowd_claims = (edges.of(edges.kind == kind) for kind in (CONTAINED, CROWD_CLAIM))
        crowd, tied = edges.kind == CROWD, ~near & (edges.kind != CONTAINED)
        self.crowds, self.tied = (components(n, a[some], b[some]) for some in (crowd, tied))
        self._link(self.copies[a[near]], self.copies[b[near]], edges.jaccard[near], edges.containment[near])

    def _borne_out(self, edges: Edges, works: Ints) -> Flags:
        """Which edges go from a document to a work that is its own by more than a claim: its text is near one of that work or holds
        it, or the work says the same of it. That it stands in one is no proof: an excerpt would take the place of the whole."""
        n = len(works)
        near, claim = edges.kind == NEAR, edges.kind == CLAIM
        held = edges.of(edges.kind == CONTAINED)  # a lies in b
        texts = np.r_[edges.a[near], edges.b[near], held.b]
        others = np.r_[edges.b[near], edges.a[near], held.a]
        alike = np.isin(self.copies[edges.a] * n + works[edges.b], np.unique(self.copies[texts] * n + works[others]))
        said = np.unique(works[edges.a[claim]] * n + works[edges.b[claim]])
        answered = np.isin(works[edges.b] * n + works[edges.a], said)
        found: Flags = alike | answered | (works[edges.a] == works[edges.b])
        return found

    def _after_whom_they_name(self) -> Ints:
        """The rank when those who make a claim follow all others that are compared as they are."""
        claims = np.isin(np.arange(len(self.rank)), self.claims.a)
        rank = np.empty_like(self.rank)
        rank[np.lexsort((self.rank, claims, self.alone))] = np.arange(len(rank))
        return rank

    def _link(self, a: Ints, b: Ints, jaccard: Floats, containment: Floats) -> None:
        """Near edges by copies of a text, both ways, those of one text together, the closest first."""
        best = np.full(int(self.copies.max(initial=-1)) + 1, len(self.rank), np.int64)
        np.minimum.at(best, self.copies, self.rank)
        apart = a != b
        ends = np.r_[a[apart], b[apart]], np.r_[b[apart], a[apart]]
        jaccard, containment = np.tile(jaccard[apart], 2), np.tile(containment[apart], 2)
        order = np.lexsort((best[ends[1]], -containment, -jaccard, ends[0]))
        self.mates, self.jaccard, self.containment = ends[1][order], jaccard[order], containment[order]
        self.starts = np.searchsorted(ends[0][order], np.arange(len(best) + 1))

    def cluster(self, active: Flags | None = None) -> Clustering:
        """From the best rank to the worst: who is kept, and of whom the others are duplicates.

        Args:
            active: the documents that count; default all. The others are nobody's duplicate and nobody's head.
        """
        result = Clustering.alone(len(self.rank))
        result.family[:] = self.family
        wanted = np.argsort(self.rank, kind="stable")
        for i, (head, kind, j, c) in _Walk(self).outcomes(wanted if active is None else wanted[active[wanted]]):
            result.head[i], result.kind[i], result.jaccard[i], result.containment[i] = head, kind, j, c
        return result

    def places(self) -> Ints:
        """Place of each document in its family, 0 is best."""
        order = np.lexsort((self.rank, self.family))
        family = self.family[order]
        starts = np.flatnonzero(np.r_[True, family[1:] != family[:-1]][: len(order)])
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
        return places


def _best_of(labels: Ints, rank: Ints) -> Ints:
    """For each node the best-ranked node with the same label."""
    by_rank = np.argsort(rank, kind="stable")
    first = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    first[labels[by_rank][::-1]] = by_rank[::-1]
    return first[labels]


class _Walk:
    """One walk from the best rank to the worst. A document that is `alone` is nobody's head but of other versions of its
    work: better ones come before it, and those after it are alone too."""

    def __init__(self, families: Families) -> None:
        self.families = families
        self.first: dict[int, tuple[int, Outcome]] = {}
        """By text: the document that its later copies follow, and what became of it."""
        self.kept: dict[int, int] = {}
        """By text: the copy that is kept."""
        self.heads: dict[int, int] = {}
        """By work: the kept document that stands for it, of the same work or of one that is close to its best version."""
        self.alone_heads: dict[int, int] = {}
        """By work that only documents which are alone name: the one that stands for them."""
        self.claimed: dict[int, list[int]] = {}
        """By document: the works that it claims to be of."""
        for i, named in zip(families.claims.a.tolist(), families.claims.b.tolist(), strict=True):
            self.claimed.setdefault(i, []).append(int(families.works[named]))

    def outcomes(self, order: Ints) -> Iterator[tuple[int, Outcome]]:
        """Outcome of every document in its turn."""
        families = self.families
        copies, works, alone = families.copies.tolist(), families.works.tolist(), families.alone.tolist()
        alone_works = families.alone_works.tolist()
        n_words = families.n_words.tolist()
        for i in order.tolist():
            text, work = copies[i], works[i]
            if text in self.first:
                first, outcome = self.first[text]
                if outcome[1] != IDENTITY or works[first] == work:
                    yield i, (first, EXACT, 1.0, 1.0) if outcome[0] == first else outcome
                    continue
            claimed = [self.heads[w] for w in self.claimed.get(i, ()) if w != work and w in self.heads]
            if claimed and work not in self.heads:  # it goes by its own word, which is nobody else's
                yield i, (min(claimed, key=lambda head: int(families.rank[head])), IDENTITY, *_NOT_MEASURED)
                continue
            outcome = self._outcome(i, text, work)
            yield i, outcome
            if alone[i]:
                self.alone_heads.setdefault(alone_works[i], outcome[0])
                continue
            self.first[text] = i, outcome
            if outcome[0] == i:
                self.kept[text] = i
            if outcome[0] == i or n_words[i] >= MIN_WORK_WORDS:
                self.heads.setdefault(work, outcome[0])

    def _outcome(self, i: int, text: int, work: int) -> Outcome:
        """Outcome of a document that follows no copy of its text; itself when no kept copy is close."""
        families = self.families
        start, stop = families.starts[text], families.starts[text + 1]
        close = [(k, self.kept[m]) for k, m in enumerate(families.mates[start:stop].tolist(), start) if m in self.kept]
        head = self.heads.get(work, self.alone_heads.get(int(families.alone_works[i])))
        if head is not None:
            k = next((k for k, m in close if m == head), None)
            measured = _NOT_MEASURED if k is None else (float(families.jaccard[k]), float(families.containment[k]))
            return (head, IDENTITY, *measured)
        if not close:
            return i, -1, *_NOT_MEASURED
        k, head = close[0]
        return head, NEAR, float(families.jaccard[k]), float(families.containment[k])
