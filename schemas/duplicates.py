"""Tables of what documents share: verified pairs, and the paragraphs that many repeat."""

from __future__ import annotations

import pyarrow as pa

from schemas._table import Table, field
from schemas.tables import DOC_ID

_EDGE = (
    DOC_ID,
    field("mate", pa.string(), "doc_id of the other document.", nullable=False),
    field("kind", pa.string(), "exact, near or identity.", nullable=False),
    field("jaccard", pa.float32(), "Jaccard index of their word 5-gram sets; 1 for exact; null for identity."),
    field("containment", pa.float32(), "Share of the shorter one's 5-grams found in the other; null for identity."),
)
_ORDER = ("doc_id", "mate", "kind")

EXACT_EDGES = Table(
    name="exact_edges",
    version=1,
    doc="One row a document and the copy of its words with the smallest doc_id, doc_id < mate.",
    fields=_EDGE,
    sort_by=_ORDER,
)
IDENTITY_EDGES = Table(
    name="identity_edges",
    version=2,
    doc="One row a pair of documents that have an arXiv id, DOI, bibcode or work_id in common. identity: they are of one work, "
    "doc_id < mate. claim: only doc_id itself says that the mate's id is its own. crowd: so many bear the id that only marks go "
    "between them. crowd_claim: both, and marks go to doc_id only.",
    fields=(
        *_EDGE[:2],
        field("kind", pa.string(), "identity, claim, crowd or crowd_claim.", nullable=False),
        *_EDGE[3:],
        field("key", pa.string(), "The id, with its prefix (arXiv:, doi:, bibcode:, work:).", nullable=False),
    ),
    sort_by=(*_ORDER, "key"),
)
NEAR_EDGES = Table(
    name="near_edges",
    version=1,
    doc="One row a pair of near duplicates, compared by exact Jaccard index, doc_id < mate.",
    fields=_EDGE,
    sort_by=_ORDER,
)
CONTAINED = Table(
    name="contained",
    version=1,
    doc="One row a document that lies in a longer one. A mark, no duplicate.",
    fields=(
        DOC_ID,
        field("mate", pa.string(), "doc_id of the longer document.", nullable=False),
        field("containment", pa.float32(), "Share of its word 5-grams found in the longer one.", nullable=False),
        field("jaccard", pa.float32(), "Jaccard index of the two.", nullable=False),
    ),
    sort_by=("doc_id", "mate"),
)
BOILERPLATE = Table(
    name="boilerplate",
    version=2,
    doc="One row a document: the spans of its text that are boilerplate.",
    fields=(
        DOC_ID,
        field("n_words", pa.int64(), "Words of boilerplate.", nullable=False),
        field("text_sha256", pa.string(), "sha256 of the text that the spans refer to; null when there is none."),
        field("span_starts", pa.list_(pa.int64()), "First byte of each span.", nullable=False),
        field("span_ends", pa.list_(pa.int64()), "Byte after each span.", nullable=False),
    ),
)

TABLES = {table.name: table for table in (EXACT_EDGES, IDENTITY_EDGES, NEAR_EDGES, CONTAINED, BOILERPLATE)}
