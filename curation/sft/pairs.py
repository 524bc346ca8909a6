"""Question-answer pairs of the documents that some tier releases: made once, looked at by their own layers, then released beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.release.findings import in_order
from curation.release.shards import title_of
from curation.release.texts import reads_edits, with_edits
from curation.sft.extractive import Extractive, ask
from curation.sft.released import released
from curation.step import Inputs, MapStep, Requires
from schemas import DECISIONS, DOC_ID, PAIRS, ROW_ID, UNASKED, Table

MADE_PAIRS = Table(
    name=PAIRS.name,
    version=PAIRS.version,
    working=True,
    doc=f"{PAIRS.doc} row_id is its pair_id.",
    fields=(
        DOC_ID,
        ROW_ID,
        *(field for field in PAIRS.fields if field.name not in ("pair_id", "doc_id", "prompt", "completion")),
    ),
    sort_by=("doc_id", "row_id"),
)
"""The pairs of a run, before any is left out. What their messages say twice in a release, in other columns, they say once."""


class Pairs(MapStep):
    """Extractive pairs of every document that some tier releases, of its text as it is released. Nothing is asked about others."""

    name: ClassVar[str] = "pairs"
    version: ClassVar[int] = 6
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "metadata": ("doc_id", "paper_id", "title"),
        "documents": ("doc_id", "status", "title", "text", "text_sha256", "sections"),
        DECISIONS.name: ("doc_id", "tier"),
    }
    provides: ClassVar[Table] = MADE_PAIRS
    beside: ClassVar[tuple[Table, ...]] = (UNASKED,)

    tiers: tuple[str, ...] = Field(min_length=1)
    extractive: Extractive = Extractive()
    edited: bool = False
    """Whether there are `texts`."""

    def reads(self) -> Requires:
        return reads_edits(self.requires, self.edited)

    def run(self, inputs: Inputs) -> dict[str, pa.Table]:
        metadata, documents = inputs["metadata"], with_edits(inputs["documents"], inputs)
        title = title_of(metadata, documents)
        documents = documents.drop_columns(["title"]).append_column("title", title)
        documents = documents.append_column("paper_id", metadata["paper_id"])
        kept = released(documents, inputs[DECISIONS.name], self.tiers)
        asked = [ask(row, self.extractive) for row in kept.to_pylist()]
        ids = documents["doc_id"].combine_chunks()
        return {
            MADE_PAIRS.name: in_order(MADE_PAIRS.rows(pair for one in asked for pair in one.pairs), ids),
            UNASKED.name: in_order(UNASKED.rows(left for one in asked for left in one.unasked), ids),
        }

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Pairs, and by reason the sentences that rules could have asked about."""
        reasons = Counter(made[UNASKED.name]["reason"].to_pylist())
        return {"kept": made[MADE_PAIRS.name].num_rows, "left": dict(sorted(reasons.items()))}
