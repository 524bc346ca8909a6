"""What goes with a withdrawn paper: the same words under no name of their own, and rows of its arXiv id that no record speaks of.

A withdrawal is a word on a paper, not on a topic: nothing near goes, nor an article of the same DOI, which its journal has not
withdrawn. But the text itself must not be released through a copy. One that is called by an id of its own stays: papers are
withdrawn for being another's text, or because they were submitted twice. So does a later version of the same id, and one whose
own record says that it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.dedup.clusters import Families
from curation.dedup.edges import EXACT, IDENTITY
from curation.dedup.ids import Ids
from curation.dedup.rank import Flags
from curation.dedup.spread import Spread

READS = ("version", "links", "claims", "n_records")
"""What is read of metadata, of documents that ties of words or ids lead to."""
_ARXIV = "arXiv:"


def spread_withdrawn(families: Families, marked: Flags, ids: Ids, metadata: Iterable[pa.Table]) -> Spread:
    """How a withdrawal spreads.

    Args:
        marked: the withdrawn documents.
        metadata: doc_id and `READS`, part by part.
    """
    mine = np.flatnonzero(np.isin(families.tied, families.tied[marked]))
    known = Ids([pa.chunked_array([ids.array.take(pa.array(mine))])])
    papers = known.gather((part.select(["doc_id", *READS]) for part in metadata), "metadata").to_pylist()
    way = _Way({i: _Paper(paper) for i, paper in zip(mine.tolist(), papers, strict=True)}, families)
    way.go(np.flatnonzero(marked).tolist())
    rows = sorted(way.found)
    source, origin, kind = (np.array([way.found[row][k] for row in rows], np.int64) for k in range(3))
    score = np.where(kind == EXACT, 1.0, np.nan).astype(np.float32)
    return Spread(np.array(rows, np.int64), source, origin, kind.astype(np.int8), score)


class _Paper:
    """What a document is called.

    Args:
        row: `READS` of it.

    Fields:
        named: ids that are its own by place or record; arxiv: the arXiv ids among them.
        said: all its ids.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.version: int | None = row["version"]
        self.has_record = row["n_records"] > 0
        self.said = {link for link in row["links"] if not link.startswith("sha256:")}
        self.named = self.said - {*(row["claims"] or ())}
        self.arxiv = {link for link in self.named if link.startswith(_ARXIV)}

    def is_later(self, than: int | None) -> bool:
        """Whether it is known to be of a later version than one, None being the latest."""
        return self.version is not None and than is not None and self.version > than


class _Way:
    """Who led to whom, from the withdrawn documents on. Each text and each arXiv id is followed once, so that many copies cost no
    more than their number."""

    def __init__(self, papers: Mapping[int, _Paper], families: Families) -> None:
        self.papers = papers
        self.found: dict[int, tuple[int, int, int]] = {}
        """Document -> the one before it, the first one, and the kind of their tie."""
        self.texts = families.copies
        self.of_text: defaultdict[int, list[int]] = defaultdict(list)
        self.of_arxiv: defaultdict[str, list[int]] = defaultdict(list)
        for i, paper in papers.items():
            self.of_text[int(self.texts[i])].append(i)
            for link in sorted(paper.said):
                if link.startswith(_ARXIV):
                    self.of_arxiv[link].append(i)

    def go(self, marked: list[int]) -> None:
        """From some documents on, which lead before all that are led to."""
        origin = {i: i for i in marked}
        open_ = list(marked)
        for i in open_:  # grows on the way
            ties = [(j, EXACT) for j in self._with_words(i, origin)]
            ties += [(j, IDENTITY) for arxiv in sorted(self.papers[i].arxiv) for j in self._with_id(arxiv, origin)]
            for j, kind in ties:
                if j not in origin:
                    origin[j] = origin[i]
                    self.found[j] = (i, origin[i], kind)
                    open_.append(j)

    def _with_words(self, i: int, reached: Mapping[int, int]) -> Iterator[int]:
        """Those that say the same words and are called by no id that is not among those of the withdrawn."""
        same = self.of_text.pop(int(self.texts[i]), [])
        theirs = [self.papers[j] for j in same if j in reached]
        said = defaultdict[str, list[int | None]](list)
        for paper in theirs:
            for link in paper.said:
                said[link].append(paper.version)
        for j in same:
            paper = self.papers[j]
            if paper.named <= said.keys() and not any(paper.is_later(_latest(said[link])) for link in paper.arxiv):
                yield j

    def _with_id(self, arxiv: str, reached: Mapping[int, int]) -> Iterator[int]:
        """Those of an arXiv id that no record of theirs speaks of, and that are of no later version."""
        same = self.of_arxiv.pop(arxiv, [])
        last = _latest([self.papers[j].version for j in same if j in reached and arxiv in self.papers[j].arxiv])
        for j in same:
            paper = self.papers[j]
            if not (paper.has_record and arxiv in paper.arxiv) and not paper.is_later(last):
                yield j


def _latest(versions: list[int | None]) -> int | None:
    """The latest of some; None where one is not known, which speaks of the paper as it is."""
    known = [version for version in versions if version is not None]
    return max(known) if known and len(known) == len(versions) else None
