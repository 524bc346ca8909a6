"""The tables of astrocorpus: Arrow schemas with field docs and versions. `python -m schemas` prints them."""

from schemas._table import Table, field
from schemas.reasons import FAILURES, MACHINE_REASONS, Reason, Status, Tier, Verdict
from schemas.tables import (
    DOC_ID,
    DOCUMENTS,
    EDGES,
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
from schemas.verdicts import COMPONENTS, COPIES, DECISIONS, FINDINGS, HITS, LAYERS, SPREAD
from schemas.verdicts import TABLES as _VERDICTS

TABLES = {**_FIRST, **_VERDICTS}
"""Every table that people read, by name."""

__all__ = [
    "COMPONENTS",
    "COPIES",
    "DECISIONS",
    "DOCUMENTS",
    "DOC_ID",
    "EDGES",
    "FAILURES",
    "FINDINGS",
    "HITS",
    "LAYERS",
    "MACHINE_REASONS",
    "METADATA",
    "PAGES",
    "PAGE_MAKERS",
    "PAIRS",
    "PAPERS",
    "PAPER_ID",
    "RECORDS",
    "RELEASE",
    "ROUTES",
    "ROW_ID",
    "SECTIONS",
    "SECTION_KINDS",
    "SIGNALS",
    "SPREAD",
    "TABLES",
    "Reason",
    "Status",
    "Table",
    "Tier",
    "Verdict",
    "field",
]
