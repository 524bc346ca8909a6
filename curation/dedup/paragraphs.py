"""Boilerplate: paragraphs that many documents repeat word for word (licences, author lists, data-release notices).

`ParagraphCounts` finds them; its table, kept as a file, is the artefact that `BoilerplateSpans` is given. So a later run marks
what the artefact says, not what that run happens to hold.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.artefact import Artefact
from curation.step import ExchangeStep, Inputs, MapStep, Requires
from curation.text.boilerplate import MIN_WORDS, find_boilerplate
from curation.text.paragraphs import paragraphs
from schemas import BOILERPLATE, DOC_ID, Table, field

PARAGRAPH_COUNTS = Table(
    name="paragraph_counts",
    version=1,
    working=True,
    doc="One row a paragraph that many documents hold; doc_id and span show it where the smallest doc_id has it.",
    fields=(
        DOC_ID,
        field("hash", pa.uint64(), "Hash of its words.", nullable=False),
        field("n_docs", pa.int64(), "Documents that hold it.", nullable=False),
        field("n_words", pa.int64(), "Its words.", nullable=False),
        field("span_start", pa.int64(), "First byte in the document's text.", nullable=False),
        field("span_end", pa.int64(), "Byte after the last.", nullable=False),
    ),
    sort_by=("hash",),
)


class ParagraphCounts(ExchangeStep):
    """Paragraphs that at least `min_docs` documents hold, each document counted once."""

    name: ClassVar[str] = "paragraph_counts"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("hash", "doc_id", "span_start")
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = PARAGRAPH_COUNTS

    min_docs: int = Field(default=20, ge=2, le=1_000_000_000)
    min_words: int = Field(default=MIN_WORDS, ge=1, le=100_000)

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, hash, doc_id, n_words, span_start, span_end; a row a paragraph."""
        documents = inputs["documents"]
        found = paragraphs(documents["text"], self.min_words)
        return pa.table(
            {
                "partition": pa.array((found.hash % np.uint64(self.partitions)).astype(np.int32)),
                "hash": pa.array(found.hash),
                "doc_id": documents["doc_id"].take(pa.array(found.document)),
                "n_words": pa.array(found.n_words),
                "span_start": pa.array(found.start),
                "span_end": pa.array(found.end),
            }
        )

    def merge(self, rows: pa.Table) -> pa.Table:
        counted = rows.group_by("hash", use_threads=False).aggregate(
            [("doc_id", "count_distinct"), *((c, "first") for c in ("doc_id", "n_words", "span_start", "span_end"))]
        )
        counted = counted.filter(pc.greater_equal(counted["doc_id_count_distinct"], self.min_docs))
        names = {"hash": "hash", "n_docs": "doc_id_count_distinct"}
        names |= {c: f"{c}_first" for c in ("doc_id", "n_words", "span_start", "span_end")}
        return pa.table({c: counted[names[c]] for c in PARAGRAPH_COUNTS.columns}).cast(PARAGRAPH_COUNTS.arrow)


class BoilerplateSpans(MapStep):
    """Marks the boilerplate of every document.

    Args:
        artefact: a Parquet file of `ParagraphCounts`.
    """

    name: ClassVar[str] = "boilerplate"
    version: ClassVar[int] = 3
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text", "text_sha256")}
    provides: ClassVar[Table] = BOILERPLATE

    artefact: Artefact

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        found, n = find_boilerplate(documents["text"], self.artefact), documents.num_rows
        counts = np.bincount(found.document, minlength=n)
        offsets = pa.array(np.r_[0, np.cumsum(counts)].astype(np.int32))
        columns = [
            documents["doc_id"],
            pa.array(np.bincount(found.document, weights=found.n_words, minlength=n).astype(np.int64)),
            documents["text_sha256"],
            pa.ListArray.from_arrays(offsets, pa.array(found.start)),
            pa.ListArray.from_arrays(offsets, pa.array(found.end)),
        ]
        return pa.Table.from_arrays(columns, schema=BOILERPLATE.arrow)
