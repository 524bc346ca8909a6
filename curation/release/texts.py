"""Texts that were edited after the decisions: what benchmarks of mode `mask` matched is taken out of what some tier releases.

Who trains on texts reads them here and `documents` elsewhere (`with_edits`); signals, hits and edges never do, so that no mask hides
what it was made for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.errors import ContractError
from curation.release.masking import MARKER, masked, passages_of
from curation.step import Inputs, MapStep, Requires
from curation.text import count_words, text_sha256
from curation.text.sections import sections_of
from schemas import DECISIONS, HITS, TEXTS, Table

EDITED = ("text", "text_sha256", "sections", "n_words")
"""Columns of documents that an edit changes."""


class Texts(MapStep):
    """Takes what hits of some benchmarks name out of the documents that a tier keeps.

    A hit that names no passage has withheld its document (`curation.release.masking.withholds`), and so have those that would take most
    of a text: all that is kept can be masked.
    """

    name: ClassVar[str] = "texts"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "documents": ("doc_id", "text", "text_sha256", "sections"),
        HITS.name: ("doc_id", "mark", "spans"),
        DECISIONS.name: ("doc_id", "tier"),
    }
    provides: ClassVar[Table] = TEXTS

    masks: tuple[str, ...] = Field(min_length=1)
    tiers: tuple[str, ...] = Field(min_length=1)

    def run(self, inputs: Inputs) -> pa.Table:
        out = Counter(inputs[DECISIONS.name]["doc_id"].to_pylist())
        passages = passages_of(inputs[HITS.name], self.masks)
        documents = inputs["documents"]
        mine = pa.array([d for d in sorted(passages) if out[d] < len(self.tiers)], pa.string())
        rows = documents.filter(pc.is_in(documents["doc_id"], value_set=mine))
        return TEXTS.rows([_edited(row, passages[row["doc_id"]]) for row in rows.to_pylist()])

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark how many documents were masked."""
        counts: Counter[str] = Counter()
        for edits in made[TEXTS.name]["edits"].to_pylist():
            counts.update({mark for edit in edits for mark in edit["marks"]})
        return {"masked": dict(sorted(counts.items())), "marker": MARKER}


def _edited(row: Mapping[str, Any], passages: Mapping[tuple[int, int], set[str]]) -> dict[str, Any]:
    sections = None if row["sections"] is None else sections_of(row["sections"])
    try:
        text, moved, gone = masked(row["text"], sections, passages)
    except ValueError as error:
        raise ContractError(f"step {Texts.name}: hits of {row['doc_id']} do not fit its text: {error}") from error
    return {
        "doc_id": row["doc_id"],
        "row_id": "text",
        "text": text,
        "text_sha256": text_sha256(text),
        "sections": None if moved is None else [section._asdict() for section in moved],
        "n_words": count_words(text),
        "of_sha256": row["text_sha256"],
        "edits": [{"start": a, "end": b, "marks": _marks(passages, a, b)} for a, b in gone],
    }


def _marks(passages: Mapping[tuple[int, int], set[str]], start: int, end: int) -> list[str]:
    """The benchmarks that have a passage in a piece that is gone; of a piece that only grew to be one, those of all."""
    found = {mark for (a, b), marks in passages.items() if a < end and start < b for mark in marks}
    return sorted(found or {mark for marks in passages.values() for mark in marks})


def reads_edits(requires: Requires, edited: bool) -> Requires:
    """What a step reads that makes something of texts, where some of them may be edited."""
    return {**requires, TEXTS.name: ("doc_id", *EDITED)} if edited else requires


def with_edits(documents: pa.Table, inputs: Inputs) -> pa.Table:
    """Documents with the texts that were edited in the place of their own."""
    if TEXTS.name not in inputs or not (edits := inputs[TEXTS.name]).num_rows:
        return documents
    place = pc.index_in(documents["doc_id"].combine_chunks(), value_set=edits["doc_id"].combine_chunks())
    own = pa.array(np.arange(documents.num_rows, dtype=np.int64))
    rows = pc.coalesce(pc.add(place.cast(pa.int64()), documents.num_rows), own)
    for name in (n for n in EDITED if n in documents.column_names):
        both = pa.chunked_array([*documents[name].chunks, *edits[name].cast(documents[name].type).chunks])
        documents = documents.set_column(documents.column_names.index(name), name, both.take(rows))
    return documents
