"""Questions of the whole corpus that ask the same: they meet by bands of what they are about, and each pair is compared.

Rows of an exchange hold no text: what `curation.sft.alike` compares are hashes. What must be equal goes into the key of every band, so
questions of one template with other numbers never meet, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from curation.arrays import numbers, to_arrow
from curation.dedup.bands import bucket_pairs, likeness, turned
from curation.sft.alike import MIN_ALIKE, MIN_TERMS, Asked, alike, asked_of
from curation.sft.released_questions import RELEASED_QUESTIONS
from curation.step import ExchangeStep, Inputs, Requires
from curation.text.shingles import Shingling, band_keys, sketch
from schemas import DOC_ID, QUESTION_VERDICTS, QUESTIONS, Table, field

BANDS = Shingling(shingle_words=1, bands=8, rows=3)
"""Two questions that share .8 of their terms meet in one of these with a chance of .997 (`Shingling.expected_recall`)."""
NO_DATE = "~"
"""Stands behind every date."""
_END = (
    ("released", pa.bool_(), "Whether an earlier release asked it."),
    ("date", pa.string(), f"ISO date of its paper; `{NO_DATE}` where none is known."),
)
QUESTION_EDGES = Table(
    name="question_edges",
    version=1,
    working=True,
    doc="One row two questions that ask the same, the first one before the second: released, then by date, doc_id and row_id.",
    fields=(
        DOC_ID,
        field("row_id", pa.string(), "That of the first question; of a released one its pair_id.", nullable=False),
        *(field(name, kind, doc, nullable=False) for name, kind, doc in _END),
        field("mate", pa.string(), "doc_id of the second question.", nullable=False),
        field("mate_row_id", pa.string(), "Its row_id.", nullable=False),
        *(field(f"mate_{name}", kind, doc, nullable=False) for name, kind, doc in _END),
        field("exact", pa.bool_(), "Whether they are the same word for word.", nullable=False),
        field("alike", pa.int32(), "The share of all terms that they share, per mille.", nullable=False),
    ),
    sort_by=("doc_id", "row_id", "mate", "mate_row_id"),
)


class QuestionEdges(ExchangeStep):
    """Finds pairs of questions that ask the same.

    Args:
        min_alike: share of the terms of both that they share at least.
    """

    name: ClassVar[str] = "question_edges"
    version: ClassVar[int] = 3
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("key", "is_exact", "late", "date", "doc_id", "row_id")
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "question", "options", "right"),
        QUESTION_VERDICTS.name: ("doc_id", "row_id", "reason"),
        "metadata": ("doc_id", "date"),
    }
    provides: ClassVar[Table] = QUESTION_EDGES

    min_alike: float = Field(default=MIN_ALIKE, gt=0, le=1)

    def split(self, inputs: Inputs) -> pa.Table:
        """A row for each question and band, and one for its words; columns as `order_by` says, and those of `Asked`."""
        if RELEASED_QUESTIONS.name in inputs:
            rows = [
                {**row, "date": "", "late": False, "asked": asked_of(row["question"], row["right"])}
                for row in inputs[RELEASED_QUESTIONS.name].to_pylist()
            ]
        else:
            rows = list(_of_part(inputs))
        return self._keyed(rows)

    def _keyed(self, rows: list[dict[str, Any]]) -> pa.Table:
        asked: list[Asked] = [row["asked"] for row in rows]
        exact = np.array([one.exact for one in asked], np.uint64)
        banded = np.flatnonzero([len(one.terms) >= MIN_TERMS for one in asked])
        said = pa.array([" ".join(f"{term:x}" for term in asked[n].terms) for n in banded], pa.large_string())
        signatures = sketch(said, BANDS).signatures
        marks = np.array([asked[n].marks for n in banded], np.uint64)
        keys, like = band_keys(signatures, BANDS) ^ marks[:, None], likeness(signatures)
        like = np.stack([turned(like, band) for band in range(BANDS.bands)], axis=1)
        which = np.r_[np.arange(len(rows)), np.repeat(banded, BANDS.bands)].astype(np.int64)
        key = np.r_[exact, keys.ravel()]
        lists = pa.list_(pa.uint64())
        table = pa.table(
            {
                **{name: pa.array([row[name] for row in rows], pa.string()) for name in ("doc_id", "row_id", "date")},
                "late": pa.array([row["late"] for row in rows], pa.bool_()),
                "exact": to_arrow(exact),
                "marks": pa.array([one.marks for one in asked], pa.uint64()),
                "form": pa.array([one.form for one in asked], pa.uint64()),
                "terms": pa.array([one.terms for one in asked], lists),
                "names": pa.array([one.names for one in asked], lists),
            }
        ).take(to_arrow(which))
        table = table.append_column("key", to_arrow(key)).append_column(
            "is_exact", to_arrow(np.arange(len(key)) < len(rows))
        )
        table = table.append_column("like", to_arrow(np.r_[np.zeros(len(rows), np.uint64), like.ravel()]))
        return table.append_column("partition", to_arrow((key % np.uint64(self.partitions)).astype(np.int32)))

    def merge(self, rows: pa.Table) -> pa.Table:
        rows = rows.combine_chunks()
        is_exact = np.array(rows["is_exact"].to_pylist(), bool)
        bands = rows.filter(to_arrow(~is_exact))
        return QUESTION_EDGES.rows([*_same_words(rows.filter(to_arrow(is_exact))), *self._near(bands)])

    def _near(self, rows: pa.Table) -> Iterator[dict[str, object]]:
        """Edges between questions of one band; of those that are the same word for word the first stands for all."""
        keys, exact = numbers(rows["key"]), numbers(rows["exact"])
        both = np.stack([keys, exact], axis=1)
        first = np.sort(np.unique(both, axis=0, return_index=True)[1]) if len(both) else np.zeros(0, np.int64)
        rows = rows.take(to_arrow(first)).combine_chunks()
        alone = ~np.array(rows["late"].to_pylist(), bool)
        found = bucket_pairs(keys[first], numbers(rows["like"]), np.arange(len(first)), alone)
        listed, asked = rows.select(["doc_id", "row_id", "date", "late"]).to_pylist(), _Asked(rows)
        for i, j in zip(found.a.tolist(), found.b.tolist(), strict=True):
            if (share := alike(asked[i], asked[j], self.min_alike)) is not None:
                yield _edge(listed[i], listed[j], exact=False, share=share)


class QuestionEdgesBeside(QuestionEdges):
    """The same, with the questions that earlier releases asked beside those of the run."""

    also: ClassVar[tuple[str, ...]] = (RELEASED_QUESTIONS.name,)
    requires: ClassVar[Requires] = {**QuestionEdges.requires, RELEASED_QUESTIONS.name: RELEASED_QUESTIONS.columns}


def _of_part(inputs: Inputs) -> Iterator[dict[str, Any]]:
    """The questions of a part that nothing has dropped."""
    metadata = inputs["metadata"]
    dates = dict(zip(metadata["doc_id"].to_pylist(), metadata["date"].to_pylist(), strict=True))
    verdicts = inputs[QUESTION_VERDICTS.name].to_pylist()
    kept = {(row["doc_id"], row["row_id"]) for row in verdicts if row["reason"] is None}
    for row in inputs[QUESTIONS.name].to_pylist():
        if (row["doc_id"], row["row_id"]) in kept:
            right = row["options"][row["right"]] if row["options"] else None
            told = {
                "date": dates.get(row["doc_id"]) or NO_DATE,
                "late": True,
                "asked": asked_of(row["question"], right),
            }
            yield {"doc_id": row["doc_id"], "row_id": row["row_id"], **told}


def _same_words(rows: pa.Table) -> Iterator[dict[str, object]]:
    """Edges from the first of those that are the same word for word; and from a released one to the same of its own document."""
    keys = numbers(rows["key"])
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    for start, size in zip(starts.tolist(), np.diff(np.r_[starts, len(keys)]).tolist(), strict=True):
        if size > 1:
            first, *others = rows.select(["doc_id", "row_id", "date", "late"]).slice(start, size).to_pylist()
            released = {row["doc_id"]: row for row in reversed(others) if not row["late"]}
            for row in others:
                yield _edge(first, row, exact=True, share=1.0)
                if row["late"] and (own := released.get(row["doc_id"])):
                    yield _edge(own, row, exact=True, share=1.0)


def _edge(one: Mapping[str, Any], other: Mapping[str, Any], *, exact: bool, share: float) -> dict[str, object]:
    first, second = sorted((one, other), key=lambda row: (row["late"], row["date"], row["doc_id"], row["row_id"]))
    return {
        "doc_id": first["doc_id"],
        "row_id": first["row_id"],
        "released": not first["late"],
        "date": first["date"],
        "mate": second["doc_id"],
        "mate_row_id": second["row_id"],
        "mate_released": not second["late"],
        "mate_date": second["date"],
        "exact": exact,
        "alike": int(1000 * share),
    }


class _Asked:
    """What is compared of rows, made of their columns when it is asked for."""

    def __init__(self, rows: pa.Table) -> None:
        self._columns = [numbers(rows[name]) for name in ("exact", "marks", "form")]
        self._lists = [
            (numbers(rows[n].combine_chunks().offsets), numbers(rows[n].combine_chunks().values))
            for n in ("terms", "names")
        ]
        self._made: dict[int, Asked] = {}

    def __getitem__(self, n: int) -> Asked:
        if n not in self._made:
            exact, marks, form = (int(column[n]) for column in self._columns)
            terms, names = (tuple(values[at[n] : at[n + 1]].tolist()) for at, values in self._lists)
            self._made[n] = Asked(exact, marks, form, terms, names)
        return self._made[n]
