"""The tables of astrocorpus: Arrow schemas with field docs and versions. `python -m schemas` prints them."""

from schemas._table import Table, field
from schemas.duplicates import BOILERPLATE, CONTAINED, EXACT_EDGES, IDENTITY_EDGES, NEAR_EDGES
from schemas.duplicates import TABLES as _DUPLICATES
from schemas.reasons import FAILURES, MACHINE_REASONS, Reason, Status, Tier, Verdict, verdict_of
from schemas.sft import CHUNK_KINDS, CHUNKS, Left
from schemas.tables import (
    DOC_ID,
    DOCUMENTS,
    METADATA,
    PAGE_MAKERS,
    PAGES,
    PAIRS,
    PAPER_ID,
    PAPERS,
    RECORDS,
    RELEASE,
    ROUTES,
    ROW_ID,
    SECTION_KINDS,
    SECTIONS,
    SIGNALS,
)
from schemas.tables import TABLES as _FIRST
from schemas.verdicts import (
    BY_PAGE,
    CLAIMS,
    COMPONENTS,
    COPIES,
    DECISIONS,
    FINDINGS,
    HITS,
    LAYERS,
    PAIR_DECISIONS,
    PAIR_HITS,
    PAIR_SELF_TEST,
    SELF_TEST,
    SPREAD,
    TEXT_LAYERS,
    TEXTS,
)
from schemas.verdicts import TABLES as _VERDICTS

TABLES = {**_FIRST, **_DUPLICATES, **_VERDICTS}
"""Every table that people read, by name."""

__all__ = [
    "BOILERPLATE",
    "BY_PAGE",
    "CHUNKS",
    "CHUNK_KINDS",
    "CLAIMS",
    "COMPONENTS",
    "CONTAINED",
    "COPIES",
    "DECISIONS",
    "DOCUMENTS",
    "DOC_ID",
    "EXACT_EDGES",
    "FAILURES",
    "FINDINGS",
    "HITS",
    "IDENTITY_EDGES",
    "LAYERS",
    "MACHINE_REASONS",
    "METADATA",
    "NEAR_EDGES",
    "PAGES",
    "PAGE_MAKERS",
    "PAIRS",
    "PAIR_DECISIONS",
    "PAIR_HITS",
    "PAIR_SELF_TEST",
    "PAPERS",
    "PAPER_ID",
    "RECORDS",
    "RELEASE",
    "ROUTES",
    "ROW_ID",
    "SECTIONS",
    "SECTION_KINDS",
    "SELF_TEST",
    "SIGNALS",
    "SPREAD",
    "TABLES",
    "TEXTS",
    "TEXT_LAYERS",
    "Left",
    "Reason",
    "Status",
    "Table",
    "Tier",
    "Verdict",
    "field",
    "verdict_of",
]
