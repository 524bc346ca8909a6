"""The tables from marks to decisions: hits, findings, copies with what lies beside them, decisions; and the texts that are edited after them."""

from __future__ import annotations

import pyarrow as pa

from schemas._table import Table, field
from schemas.tables import DOC_ID, ROW_ID, SECTIONS

_str = pa.string()
LAYERS = ("identity", "bibliographic", "copy", "text", "numbers", "rephrased")
"""How a hit was found: by an id or journal, by title and author, as a copy of a marked document, by words of it, by its numbers, or in
other words."""
TEXT_LAYERS = ("text", "numbers", "rephrased")
"""Those that look at what a text says: the document holds an item of the benchmark, it is none of its sources."""
BY_PAGE = "page"
"""The rule of layer identity by which a line of a document's own pages says what it is of."""
HITS = Table(
    name="hits",
    version=3,
    doc="One row a match between a document and a benchmark: why the document must not be trained on.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("mark", _str, "What it is withheld for: the name of the benchmark.", nullable=False),
        field(
            "layer",
            _str,
            f"How it was found: {', '.join(LAYERS)} (copy: it says what a marked document says).",
            nullable=False,
        ),
        field(
            "rule",
            _str,
            "What matched: doi, journal_ref, title, question, question+answer, passage ...; of a copy the tie: exact, identity, near, contained, claim, crowd or "
            "crowd_claim.",
            nullable=False,
        ),
        field("evidence", _str, "What matched, in words."),
        field(
            "entry",
            _str,
            "Entry of the benchmark that matched: file and line of a list, item of a question; null for a rule without a list. Of a copy "
            "the document that led to it, or in an index the withheld text.",
        ),
        field(
            "score",
            pa.int32(),
            "Strength of the match, per mille (0 to 1000); null where nothing is measured.",
        ),
        field(
            "spans",
            pa.list_(pa.struct([pa.field("start", pa.int64()), pa.field("end", pa.int64())])),
            "Bytes of text that match, end excluded; null for identity and copies.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
    union=True,
)

FINDINGS = Table(
    name="findings",
    version=1,
    doc="One row a verdict that a document's own rows allow. Marks only: decisions say which one counts.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("tier", _str, "Release tier (schemas.reasons.Tier); null: all."),
        field("verdict", _str, "drop, withhold or fail (schemas.reasons.Verdict).", nullable=False),
        field("stage", _str, "Stage whose measurement decided.", nullable=False),
        field("reason", _str, "schemas.reasons.Reason.", nullable=False),
        field("mark", _str, "Of withheld documents the benchmark; of removed ones who asked, where it is told."),
        field("evidence", _str, "What was measured, in words."),
        field(
            "score",
            pa.float64(),
            "The number behind the verdict, when there is one; of hits and what they spread to per mille.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
    union=True,
)

COPIES = Table(
    name="copies",
    version=1,
    doc="One row a verdict on a document for the sake of another one: its better copy stays, or it says what a withheld or removed one says.",
    fields=FINDINGS.fields,
    sort_by=FINDINGS.sort_by,
)

SPREAD = Table(
    name="spread",
    version=2,
    doc="One row a document and mark that reached it over copies, versions, near copies or texts that hold it.",
    fields=HITS.fields,
    sort_by=HITS.sort_by,
)

COMPONENTS = Table(
    name="components",
    version=1,
    doc="One row a document that edges tie to another: the component of these ties, and its place in it.",
    fields=(
        DOC_ID,
        field("component", _str, "doc_id of the best-ranked document of the component.", nullable=False),
        field("size", pa.int64(), "Documents of the component.", nullable=False),
        field("rank", pa.int64(), "Place in the component, 0 is best.", nullable=False),
        field(
            "split_key",
            pa.uint64(),
            "Largest xxh3-64 of the doc_ids of the component: it is validation where this is below the share of 2^64 that is, so "
            "only when each of its documents alone would be.",
            nullable=False,
        ),
    ),
    sort_by=("doc_id",),
)

CLAIMS = Table(
    name="claims",
    version=1,
    doc="One row a document that itself says that it is of another's work, would take that out if this were believed, and whose text "
    "does not bear it out. For the curator: nothing follows from it.",
    fields=(
        DOC_ID,
        field("mate", _str, "doc_id of the document that is called so by its place or its record.", nullable=False),
        field("tier", _str, "Release tier; null: all."),
        field("reason", _str, "schemas.reasons.Reason: why the mate would be out.", nullable=False),
        field("mark", _str, "Of a mark that would reach it, as in findings."),
    ),
    sort_by=("doc_id", "mate", "reason", "tier", "mark"),
)

DECISIONS = Table(
    name="decisions",
    version=2,
    doc="One row for every verdict that is not keep, a tier. Keep is derived: no row here.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("tier", _str, "Release tier (schemas.reasons.Tier); row_id is the same.", nullable=False),
        *FINDINGS.fields[3:6],
        *FINDINGS.fields[7:],
    ),
    sort_by=("doc_id", "row_id"),
)

TEXTS = Table(
    name="texts",
    version=1,
    doc="One row a released document whose text was edited after the decisions: passages that a benchmark masks are taken out.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("text", pa.large_string(), "The text as it is released.", nullable=False),
        field("text_sha256", _str, "sha256 of it, UTF-8.", nullable=False),
        SECTIONS,
        field("n_words", pa.int64(), "As documents.n_words.", nullable=False),
        field("of_sha256", _str, "text_sha256 of documents: the text that was edited.", nullable=False),
        field(
            "edits",
            pa.list_(
                pa.struct(
                    [pa.field("start", pa.int64()), pa.field("end", pa.int64()), pa.field("marks", pa.list_(_str))]
                )
            ),
            "Bytes of the text of documents in whose place a marker stands, end excluded, and the benchmarks for which.",
            nullable=False,
        ),
    ),
    sort_by=("doc_id", "row_id"),
)

PAIR_HITS = Table(
    name="pair_hits",
    version=1,
    doc="One row a match between a pair and an item of a benchmark, or a withheld text.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("pair_id", _str, "The pair.", nullable=False),
        *HITS.fields[2:-1],
        field(
            "spans",
            HITS.fields[-1].type,
            "Bytes that match, end excluded, of all that the pair says (`curation.sft.pair_hits.said_by`); null for copies.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
)

PAIR_DECISIONS = Table(
    name="pair_decisions",
    version=2,
    doc="One row a pair that tiers leave out, and why; row_id is its pair_id.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("tiers", pa.list_(_str), "Release tiers that leave it out, sorted; null: all."),
        *FINDINGS.fields[3:],
    ),
    sort_by=("doc_id", "row_id"),
)

SELF_TEST = Table(
    name="self_test",
    version=1,
    doc="One row a benchmark, layer and kind of plant: how many were planted, and which of them no step found.",
    fields=(
        field("mark", _str, "Name of the benchmark.", nullable=False),
        field(
            "layer",
            _str,
            "rule, ids, titles, item sources, copies, items, numbers or rephrased: what was planted.",
            nullable=False,
        ),
        field("plant", _str, "verbatim, noisy, split, reworded, part or spelling: how.", nullable=False),
        field("planted", pa.int64(), "Plants.", nullable=False),
        field("missed", pa.list_(_str), "Entries of those that were not found.", nullable=False),
    ),
    sort_by=("mark", "layer", "plant"),
)

PAIR_SELF_TEST = Table(
    name="pair_self_test",
    version=1,
    doc="As self_test, of plants in pairs.",
    fields=SELF_TEST.fields,
    sort_by=SELF_TEST.sort_by,
)

TABLES = {
    table.name: table
    for table in (
        HITS,
        FINDINGS,
        COPIES,
        SPREAD,
        COMPONENTS,
        CLAIMS,
        DECISIONS,
        TEXTS,
        PAIR_HITS,
        PAIR_DECISIONS,
        SELF_TEST,
        PAIR_SELF_TEST,
    )
}
