"""Boilerplate: paragraphs that many documents repeat word for word (licences, author lists, data-release notices).

`ParagraphCounts` finds them; its table, kept as a file, is the artefact that `BoilerplateSpans` is given. So a later run marks
what the artefact says, not what that run happens to hold.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import Field

from curation.errors import ConfigError
from curation.step import ExchangeStep, Execution, Inputs, MapStep, Requires
from curation.text.paragraphs import Paragraphs, paragraphs, without_spans
from curation.text.shingles import unicode_version
from schemas import DOC_ID, PAPER_ID, Table, field

MIN_WORDS = 12
"""Shorter paragraphs (headings, captions, single lines) repeat by chance."""

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
BOILERPLATE = Table(
    name="boilerplate",
    version=2,
    doc="One row a document: the spans of its text that are boilerplate.",
    fields=(
        DOC_ID,
        PAPER_ID,
        field("n_words", pa.int64(), "Words of boilerplate.", nullable=False),
        field("text_sha256", pa.string(), "sha256 of the text that the spans refer to; null when there is none."),
        field("span_starts", pa.list_(pa.int64()), "First byte of each span.", nullable=False),
        field("span_ends", pa.list_(pa.int64()), "Byte after each span.", nullable=False),
    ),
)


class ParagraphCounts(ExchangeStep):
    """Paragraphs that at least `min_docs` documents hold, each document counted once."""

    name: ClassVar[str] = "paragraph_counts"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("hash", "doc_id", "span_start")
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = PARAGRAPH_COUNTS

    min_docs: int = Field(default=20, ge=2)
    min_words: int = Field(default=MIN_WORDS, ge=1)

    def backends(self) -> dict[str, str]:
        return {"unicode": unicode_version()}

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


def artefact_sha256(artefact: Path) -> str:
    """Digest of an artefact, for fingerprints. Raises ConfigError when it cannot be read."""
    try:
        return hashlib.sha256(artefact.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"boilerplate artefact {artefact} cannot be read: {error.strerror}") from error


def find_boilerplate(texts: pa.ChunkedArray, artefact: Path) -> Paragraphs:
    """The paragraphs of some texts that the artefact (a Parquet file of `ParagraphCounts`) names.

    Raises:
        ConfigError: the artefact cannot be read or is another table.
    """
    try:
        known = pq.read_table(artefact, columns=["hash", "n_words"])
    except (OSError, pa.ArrowException) as error:
        raise ConfigError(f"boilerplate artefact {artefact} cannot be read: {error}") from error
    if known.schema.names != ["hash", "n_words"]:
        raise ConfigError(
            f"boilerplate artefact {artefact} is no table of paragraph counts: it has no hash and n_words"
        )
    found = paragraphs(texts, min(known["n_words"].to_pylist(), default=MIN_WORDS))
    marked = np.isin(found.hash, known["hash"].to_numpy())
    return Paragraphs(*(getattr(found, f.name)[marked] for f in fields(Paragraphs)))


def without_boilerplate(texts: list[str | None], artefact: Path) -> list[str | None]:
    """Texts without the paragraphs that the artefact names; a text of nothing else stays as it is."""
    found = find_boilerplate(pa.chunked_array([pa.array(texts, pa.large_string())]), artefact)
    spans: dict[int, list[tuple[int, int]]] = {}
    for document, start, end in zip(found.document.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        spans.setdefault(document, []).append((start, end))
    made = list(texts)
    for i, cut in spans.items():
        rest = without_spans(texts[i] or "", cut)
        made[i] = rest if rest.strip() else texts[i]
    return made


class BoilerplateSpans(MapStep):
    """Marks the boilerplate of every document. To remove it, give the artefact to `extract.remove_boilerplate`.

    Args:
        artefact: a Parquet file of `ParagraphCounts`; the fingerprint holds its digest, not its place.
    """

    name: ClassVar[str] = "boilerplate"
    version: ClassVar[int] = 2
    requires: ClassVar[Requires] = {"documents": ("doc_id", "paper_id", "text", "text_sha256")}
    provides: ClassVar[Table] = BOILERPLATE

    artefact: Annotated[Path, Execution()]

    def backends(self) -> dict[str, str]:
        return {"unicode": unicode_version(), "artefact": artefact_sha256(self.artefact)}

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        found, n = find_boilerplate(documents["text"], self.artefact), documents.num_rows
        counts = np.bincount(found.document, minlength=n)
        offsets = pa.array(np.r_[0, np.cumsum(counts)].astype(np.int32))
        columns = [
            documents["doc_id"],
            documents["paper_id"],
            pa.array(np.bincount(found.document, weights=found.n_words, minlength=n).astype(np.int64)),
            documents["text_sha256"],
            pa.ListArray.from_arrays(offsets, pa.array(found.start)),
            pa.ListArray.from_arrays(offsets, pa.array(found.end)),
        ]
        return pa.Table.from_arrays(columns, schema=BOILERPLATE.arrow)
