"""The tables of astrocorpus: Arrow schemas with field docs and versions. `python -m schemas` prints them."""

from schemas._table import Table, field
from schemas.reasons import FAILURES, MACHINE_REASONS, Reason, Status, Tier, Verdict
from schemas.tables import (
    BENCHMARK,
    DECISIONS,
    DOC_ID,
    DOCUMENTS,
    DUPLICATES,
    EDGES,
    PAIRS,
    PAPER_ID,
    PAPERS,
    RELEASE,
    RELEASE_MANIFEST,
    ROUTES,
    SIGNALS,
    TABLES,
    WITHHELD,
)

__all__ = [
    "BENCHMARK",
    "DECISIONS",
    "DOCUMENTS",
    "DOC_ID",
    "DUPLICATES",
    "EDGES",
    "FAILURES",
    "MACHINE_REASONS",
    "PAIRS",
    "PAPERS",
    "PAPER_ID",
    "RELEASE",
    "RELEASE_MANIFEST",
    "ROUTES",
    "SIGNALS",
    "TABLES",
    "WITHHELD",
    "Reason",
    "Status",
    "Table",
    "Tier",
    "Verdict",
    "field",
]
