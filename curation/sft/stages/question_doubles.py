"""Which question stays of those that ask the same, over the whole corpus, before anything dear is paid for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from curation.artefact import Artefact, is_of_config
from curation.dedup.rank import components
from curation.errors import ConfigError
from curation.sft.alike import MIN_ALIKE
from curation.sft.released_questions import ReleasedQuestions, read_questions
from curation.sft.stages.question_edges import QUESTION_EDGES, QuestionEdges, QuestionEdgesBeside
from curation.step import MAX_PARTITIONS, Inputs, Requires, Step, WholeStep
from schemas import QUESTION_DOUBLES, PairReason, Table

Node: TypeAlias = tuple[bool, str, str, str]
"""A question as it is ordered: not released, date, doc_id, row_id."""


class Doubles(BaseModel):
    """Questions of several documents that ask the same: one stays. Released ones always do, then those of the older paper.

    Args:
        min_alike: share of the words of their subjects that two share at least, where numbers, names, opposites and what is asked
            are the same.
        released: questions that earlier releases asked, one file or several of `astrocorpus artefact questions RELEASE`: they stay, and
            new ones that ask the same go.
        partitions: of the exchange in which questions meet: one for 100,000 or so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_alike: float = Field(default=MIN_ALIKE, gt=0, le=1)
    released: tuple[Artefact, ...] = ()
    partitions: int = Field(default=4, ge=1, le=MAX_PARTITIONS)

    @field_validator("released", mode="before")
    @classmethod
    def _one_or_several(cls, files: Any) -> Any:
        return files if isinstance(files, list | tuple) else (files,)

    @field_validator("released")
    @classmethod
    def _are_questions(cls, files: tuple[Path, ...], info: ValidationInfo) -> tuple[Path, ...]:
        for path in files if is_of_config(info) else ():
            try:
                read_questions(path)
            except ConfigError as error:
                raise ValueError(str(error)) from error
        return files

    def steps(self) -> tuple[Step, ...]:
        """The steps, in their order."""
        beside = (ReleasedQuestions(released=self.released),) if self.released else ()
        meets = QuestionEdgesBeside if self.released else QuestionEdges
        return *beside, meets(min_alike=self.min_alike, partitions=self.partitions), QuestionDoubles()


class QuestionDoubles(WholeStep):
    """From the first question to the last, each stays that no staying one before it asks the same as: released ones, then those of the
    older paper, then by doc_id and row_id. A released question of the document itself, word for word, is this question: it stays."""

    name: ClassVar[str] = "question_doubles"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {QUESTION_EDGES.name: QUESTION_EDGES.columns}
    provides: ClassVar[Table] = QUESTION_DOUBLES
    max_rows: ClassVar[int] = 10_000_000

    def run(self, inputs: Inputs) -> pa.Table:
        edges = inputs[QUESTION_EDGES.name].to_pylist()
        ends = [_ends(edge) for edge in edges]
        nodes = sorted({node for pair in ends for node in pair})
        number = {node: n for n, node in enumerate(nodes)}
        pairs = np.array([(number[a], number[b]) for a, b in ends], np.int64).reshape(-1, 2)
        exact = np.array([edge["exact"] for edge in edges], bool)
        own = {
            b for edge, (a, b) in zip(edges, ends, strict=True) if edge["exact"] and not a[0] and b[0] and a[2] == b[2]
        }
        groups = _Groups(nodes, components(len(nodes), *pairs[exact].T), own)
        near = zip(pairs[~exact].tolist(), (e["alike"] for e in edges if not e["exact"]), strict=True)
        return QUESTION_DOUBLES.rows(groups.dropped([(i, j, share) for (i, j), share in near]))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Questions that go, by reason, and how many of them for a released one."""
        rows = made[QUESTION_DOUBLES.name]
        left = {str(PairReason.DUPLICATE): rows.num_rows} if rows.num_rows else {}
        return {"left": left, "for_released": rows["released"].to_pylist().count(True)}


class _Groups:
    """Questions that are the same word for word are one group.

    Args:
        nodes: in their order.
        labels: group of each.
        own: those that a release asked of the same document.
    """

    def __init__(self, nodes: list[Node], labels: np.ndarray[Any, Any], own: set[Node]) -> None:
        self.nodes, self.own, self.labels = nodes, own, labels.tolist()
        self.members: dict[int, list[int]] = {}
        for n, label in enumerate(self.labels):
            self.members.setdefault(label, []).append(n)
        self.first = {label: min(mine, key=self._rank) for label, mine in self.members.items()}
        here = {self.labels[n]: n for n, node in reversed(list(enumerate(nodes))) if node in own}
        self.named = {**self.first, **here}  # of a released one its question in this run, where it has one

    def _rank(self, n: int) -> tuple[bool, Node]:
        node = self.nodes[n]
        return node[0] and node not in self.own, node

    def dropped(self, near: list[tuple[int, int, int]]) -> Iterator[dict[str, object]]:
        """Rows of the questions that go.

        Args:
            near: pairs of questions that ask the same in other words, and how alike they are, per mille.
        """
        ties: dict[int, list[tuple[int, int]]] = {}
        for i, j, share in near:
            if (
                self.nodes[i][0] or self.nodes[i][2] != self.nodes[j][2]
            ):  # no release takes a question from its own document
                ties.setdefault(self.labels[i], []).append((self.labels[j], share))
                ties.setdefault(self.labels[j], []).append((self.labels[i], share))
        stays: set[int] = set()
        for label in sorted(self.first, key=lambda label: self._rank(self.first[label])):
            first = self.first[label]
            better = [
                (self._rank(self.first[other]), -share, other) for other, share in ties.get(label, ()) if other in stays
            ]
            if not self._rank(first)[0] or not better:
                stays.add(label)
                kept, share = self.named[label], 1000
            else:
                _, less, other = min(better)
                kept, share = self.named[other], -less
            for n in self.members[label]:
                if n != kept and self._rank(n)[0]:
                    yield self._row(n, kept, share)

    def _row(self, n: int, kept: int, share: int) -> dict[str, object]:
        node, other = self.nodes[n], self.nodes[kept]
        return {
            "doc_id": node[2],
            "row_id": node[3],
            "reason": str(PairReason.DUPLICATE),
            "stays": other[2],
            "stays_row_id": other[3],
            "released": not other[0],
            "alike": share,
        }


def _ends(edge: Mapping[str, Any]) -> tuple[Node, Node]:
    return (
        (not edge["released"], edge["date"], edge["doc_id"], edge["row_id"]),
        (not edge["mate_released"], edge["mate_date"], edge["mate"], edge["mate_row_id"]),
    )
