"""The config section `dedup`, and the steps that it makes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from curation.dedup.bands import Candidates, Sketches
from curation.dedup.containment import MIN_CONTAINMENT, Contained, PassagePairs, SharedSentences
from curation.dedup.edges import EDGES_BOUND
from curation.dedup.exact import ExactEdges
from curation.dedup.identity import PAPERS_BOUND, IdentityEdges
from curation.dedup.limits import CLUSTER_BOUND, MAX_EDGES
from curation.dedup.scope import Scopes
from curation.dedup.verify import MIN_JACCARD, Groups, NearEdges
from curation.step import MAX_PARTITIONS, Execution, Step
from curation.text.shingles import Shingling


class Dedup(BaseModel):
    """What counts as a duplicate.

    Args:
        shingling: words a shingle, bands and rows, folding.
        min_jaccard: likeness of a duplicate with the copy that stays.
        scope: which sources are compared with which.
        max_papers: more papers than this with one id are no versions of one work.
        partitions: of the exchanges.
        max_edges: clustering raises beyond.
        containment: mark documents that lie in longer ones: what is withheld or removed takes them along, nothing else does.
        min_containment: share of the shorter one's 5-grams found in the longer one, from which on a mark goes from one to the other:
            half, since then most of one text is the other's (a thesis with the greater part of a paper, a split file, a reprint).
        max_removed_share: a source of 100 documents and more that would lose a larger share stops the run.
        max_cluster: a larger cluster stops the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shingling: Shingling = Shingling()
    min_jaccard: float = Field(default=MIN_JACCARD, ge=0.0, le=1.0)
    scope: Scopes = Scopes({})
    max_papers: int = Field(default=3, ge=1, le=PAPERS_BOUND)
    partitions: int = Field(default=16, ge=1, le=MAX_PARTITIONS)
    containment: bool = True
    min_containment: float = Field(default=MIN_CONTAINMENT, ge=0.0, le=1.0)
    max_edges: Annotated[int, Field(ge=1, le=EDGES_BOUND), Execution()] = MAX_EDGES
    max_removed_share: float = Field(default=0.9, ge=0.0, le=1.0)
    max_cluster: int = Field(default=10_000, ge=2, le=CLUSTER_BOUND)

    def steps(self) -> tuple[Step, ...]:
        """The steps from documents to edges, in their order."""
        shingling, partitions = self.shingling, self.partitions
        marks: list[Step] = []
        if self.containment:
            marks += [SharedSentences(partitions=partitions, scope=self.scope), PassagePairs()]
            marks.append(
                Contained(
                    shingling=shingling,
                    partitions=partitions,
                    min_containment=self.min_containment,
                    min_jaccard=self.min_jaccard,
                )
            )
        return (
            Sketches(shingling=shingling, scope=self.scope),
            ExactEdges(partitions=partitions),
            IdentityEdges(partitions=partitions, max_papers=self.max_papers, scope=self.scope),
            Candidates(shingling=shingling, partitions=partitions),
            Groups(),
            NearEdges(shingling=shingling, min_jaccard=self.min_jaccard, partitions=partitions),
            *marks,
        )
