"""The tables of astrocorpus: Arrow schemas with field docs and versions. `python -m schemas` prints them.

Words (reasons, kinds of sections) come at once; a table's module, which needs Arrow, is read when it is first asked for, so that
a process that reads one paper starts without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from schemas.reasons import FAILURES, MACHINE_REASONS, Reason, Status, Tier, Verdict, verdict_of
from schemas.words import BY_RULE, MODEL_TERMS, PAGE_MAKERS, PAGE_STATUSES, ROLES, ROUTES, SECTION_KINDS

if TYPE_CHECKING:
    from schemas._table import (
        Table,
        field,
    )
    from schemas.agreement import BOTH_ROUTES, ROUTE_AGREEMENT
    from schemas.duplicates import (
        BOILERPLATE,
        CONTAINED,
        EXACT_EDGES,
        IDENTITY_EDGES,
        NEAR_EDGES,
    )
    from schemas.pair_verdicts import (
        PAIR_JUDGEMENTS,
        PAIR_ORIGINS,
        PAIR_VERDICTS,
    )
    from schemas.sft import (
        ANSWERS,
        CHAINS,
        CHUNK_KINDS,
        CHUNKS,
        EVIDENCE,
        PICKS,
        QUESTION_DOUBLES,
        QUESTION_VERDICTS,
        QUESTIONS,
        REPHRASED_JUDGEMENTS,
        UNASKED,
        Left,
        PairReason,
        Unasked,
    )
    from schemas.tables import (
        DOC_ID,
        DOCUMENTS,
        EQUATIONS,
        METADATA,
        PAGES,
        PAIRS,
        PAPER_ID,
        PAPERS,
        RECORDS,
        RELEASE,
        ROW_ID,
        SECTIONS,
        SIGNALS,
    )
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

    TABLES: dict[str, Table]
    """Every table that people read, by name."""

_MODULES = {
    "schemas._table": (
        "Table",
        "field",
    ),
    "schemas.agreement": ("BOTH_ROUTES", "ROUTE_AGREEMENT"),
    "schemas.duplicates": (
        "BOILERPLATE",
        "CONTAINED",
        "EXACT_EDGES",
        "IDENTITY_EDGES",
        "NEAR_EDGES",
    ),
    "schemas.pair_verdicts": (
        "PAIR_JUDGEMENTS",
        "PAIR_ORIGINS",
        "PAIR_VERDICTS",
    ),
    "schemas.sft": (
        "ANSWERS",
        "CHAINS",
        "CHUNK_KINDS",
        "CHUNKS",
        "EVIDENCE",
        "PICKS",
        "QUESTION_DOUBLES",
        "QUESTION_VERDICTS",
        "QUESTIONS",
        "REPHRASED_JUDGEMENTS",
        "UNASKED",
        "Left",
        "PairReason",
        "Unasked",
    ),
    "schemas.tables": (
        "DOC_ID",
        "DOCUMENTS",
        "EQUATIONS",
        "METADATA",
        "PAGES",
        "PAIRS",
        "PAPER_ID",
        "PAPERS",
        "RECORDS",
        "RELEASE",
        "ROW_ID",
        "SECTIONS",
        "SIGNALS",
    ),
    "schemas.verdicts": (
        "BY_PAGE",
        "CLAIMS",
        "COMPONENTS",
        "COPIES",
        "DECISIONS",
        "FINDINGS",
        "HITS",
        "LAYERS",
        "PAIR_DECISIONS",
        "PAIR_HITS",
        "PAIR_SELF_TEST",
        "SELF_TEST",
        "SPREAD",
        "TEXT_LAYERS",
        "TEXTS",
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A table, or `TABLES`, at its first use."""
    if name == "TABLES":
        modules = [
            import_module(f"schemas.{part}")
            for part in ("tables", "agreement", "duplicates", "verdicts", "sft", "pair_verdicts")
        ]
        value: Any = {key: table for module in modules for key, table in module.TABLES.items()}
    elif name in _MODULE_OF:
        value = getattr(import_module(_MODULE_OF[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


__all__ = [
    "ANSWERS",
    "BOILERPLATE",
    "BOTH_ROUTES",
    "BY_PAGE",
    "BY_RULE",
    "CHAINS",
    "CHUNKS",
    "CHUNK_KINDS",
    "CLAIMS",
    "COMPONENTS",
    "CONTAINED",
    "COPIES",
    "DECISIONS",
    "DOCUMENTS",
    "DOC_ID",
    "EQUATIONS",
    "EVIDENCE",
    "EXACT_EDGES",
    "FAILURES",
    "FINDINGS",
    "HITS",
    "IDENTITY_EDGES",
    "LAYERS",
    "MACHINE_REASONS",
    "METADATA",
    "MODEL_TERMS",
    "NEAR_EDGES",
    "PAGES",
    "PAGE_MAKERS",
    "PAGE_STATUSES",
    "PAIRS",
    "PAIR_DECISIONS",
    "PAIR_HITS",
    "PAIR_JUDGEMENTS",
    "PAIR_ORIGINS",
    "PAIR_SELF_TEST",
    "PAIR_VERDICTS",
    "PAPERS",
    "PAPER_ID",
    "PICKS",
    "QUESTIONS",
    "QUESTION_DOUBLES",
    "QUESTION_VERDICTS",
    "RECORDS",
    "RELEASE",
    "REPHRASED_JUDGEMENTS",
    "ROLES",
    "ROUTES",
    "ROUTE_AGREEMENT",
    "ROW_ID",
    "SECTIONS",
    "SECTION_KINDS",
    "SELF_TEST",
    "SIGNALS",
    "SPREAD",
    "TABLES",
    "TEXTS",
    "TEXT_LAYERS",
    "UNASKED",
    "Left",
    "PairReason",
    "Reason",
    "Status",
    "Table",
    "Tier",
    "Unasked",
    "Verdict",
    "field",
    "verdict_of",
]
