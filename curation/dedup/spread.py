"""How a mark spreads: what says the same as a marked document is marked with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curation.dedup.clusters import MIN_WORK_WORDS, Families
from curation.dedup.edges import CONTAINED, EXACT, NEAR, Floats
from curation.dedup.rank import Flags, Ints
from curation.dedup.ways import free_ways


@dataclass(frozen=True)
class Spread:
    """Documents that a mark reached, ascending, and how.

    Args:
        row: the document.
        source: the one that led to it.
        origin: the marked one where that way begins.
        kind: place in `TIES` of its tie to the source.
        score: Jaccard index of the tie, containment for `contained`, NaN where nothing is measured.
    """

    row: Ints
    source: Ints
    origin: Ints
    kind: npt.NDArray[np.int8]
    score: Floats


def spread(families: Families, marked: Flags, down: Flags) -> Spread:
    """What says the same as some marked documents: their copies and versions, and what claims to be one or bears an id with them;
    what is near these, holds them or stands in them; and the copies and versions of that.

    Near and contained are taken one step, as they are not transitive. A text below `MIN_WORK_WORDS` leads to no other version of
    its work unless it is marked itself, and holding it says nothing. A claim leads to who makes it, never to whom it names.

    Args:
        down: those of the marked ones whose mark is of the whole text: it, its copies and versions lead to what stands in them. A mark for
            one passage of a container says nothing of its other pieces.
    """
    way = _Way(families, marked)
    way.copies()
    way.freely()
    holds = _Way(families, marked & down)
    holds.copies()
    holds.freely()
    way.one_step(holds.reached())
    way.freely()
    row = np.flatnonzero(way.source >= 0)
    return Spread(row, way.source[row], way.origins()[row], way.kind[row], way.score[row])


class _Way:
    """A mark on its way: of each document the one that led to it, -1 for those that are marked themselves or not reached."""

    def __init__(self, families: Families, marked: Flags) -> None:
        n = len(families.rank)
        self.families, self.marked = families, marked
        self.speaks = marked | (families.n_words >= MIN_WORK_WORDS)
        self.source, self.kind = np.full(n, -1), np.full(n, -1, np.int8)
        self.score = np.full(n, np.nan, np.float32)

    def copies(self) -> None:
        labels = self.families.copies
        self._reach(_first_of(labels, self.reached())[labels], EXACT, 1.0)

    def freely(self) -> None:
        rows, sources, kinds = free_ways(self.families, self.reached(), self.speaks)
        self.source[rows], self.kind[rows] = sources, kinds
        self.score[rows] = np.where(kinds == EXACT, 1.0, np.nan)

    def one_step(self, holds: Flags) -> None:
        """Near and contained, both from what is reached by now, and to what stands in a text only from some of these."""
        families, copies = self.families, self.families.copies
        reached, down = _first_of(copies, self.reached()), _first_of(copies, holds)
        ends = np.repeat(np.arange(len(reached)), np.diff(families.starts))
        near = _closest(reached, ends, families.mates, families.jaccard)
        held = families.contained
        held = held.of(np.minimum(families.n_words[held.a], families.n_words[held.b]) >= MIN_WORK_WORDS)
        a, b = copies[held.a], copies[held.b]  # a lies in b
        leads = down[b] >= 0
        shares = np.r_[held.containment, held.containment[leads]]
        contained = _closest(reached, np.r_[a, b[leads]], np.r_[b, a[leads]], shares)
        for (source, score), kind in ((near, NEAR), (contained, CONTAINED)):
            self._reach(source[copies], kind, score[copies])

    def origins(self) -> Ints:
        """Of each document that is reached the marked one where its way begins. Each round doubles the steps that are taken, since
        claims may make a way as long as the corpus."""
        origin = np.where(self.source >= 0, self.source, np.arange(len(self.source)))
        while np.any(origin != (further := origin[origin])):
            origin = further
        return origin

    def reached(self) -> Flags:
        reached: Flags = self.marked | (self.source >= 0)
        return reached

    def _reach(self, found: Ints, kind: int, score: Floats | float) -> None:
        new = (found >= 0) & ~self.reached()
        self.source[new], self.kind[new] = found[new], kind
        self.score[new] = np.broadcast_to(score, len(new))[new]


def _closest(reached: Ints, ends: Ints, mates: Ints, scores: Floats) -> tuple[Ints, Floats]:
    """For each text the document that leads to it over the pair of highest score, -1 when none does, and that score.

    Args:
        reached: for each text a document of it that is reached, or -1.
        ends, mates, scores: pairs of texts, both ways.
    """
    hits = np.flatnonzero(reached[ends] >= 0)
    hits = hits[np.argsort(scores[hits], kind="stable")]  # of several the closest is written last
    source, score = np.full(len(reached), -1), np.full(len(reached), np.nan, np.float32)
    source[mates[hits]], score[mates[hits]] = reached[ends[hits]], scores[hits]
    return source, score


def _first_of(labels: Ints, of: Flags) -> Ints:
    """For each label the first of some nodes that has it, -1 when none has."""
    first = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    nodes = np.flatnonzero(of)[::-1]
    first[labels[nodes]] = nodes
    return first
