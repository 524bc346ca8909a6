"""Rows of documents, pages and equations, from what extraction gave."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from curation.errors import PaperError
from curation.extract.pages import Displayed, PageRead, read_by
from curation.extract.result import TEXTS, Extracted
from curation.text.clean import clean_text
from curation.text.masks import masks
from curation.text.sections import Section, cut_out, sections_of
from curation.text.words import count_words
from schemas import DOCUMENTS, EQUATIONS, PAGES, Reason, Status

Row: TypeAlias = Mapping[str, Any]
"""A row of papers."""
Plain: TypeAlias = dict[str, Any]
BESIDE = (PAGES, EQUATIONS)
"""Tables beside documents."""
Beside: TypeAlias = dict[str, list[Plain]]
"""Rows of one document in the tables beside it, by their names."""
_COUNTS = ("route", "n_equations", "n_tables", "n_pages")


def failed_row(paper: Row, reason: str | None, detail: str | None) -> Plain:
    """The row of a paper without text."""
    detail = clean_text(detail) if detail else detail
    return {
        "doc_id": paper["doc_id"],
        "title": paper["title"],
        "status": Status.FAILED.value,
        "reason": reason,
        "detail": detail,
    }


def document_row(paper: Row, extracted: Extracted) -> Plain:
    """The row of a paper with text. Raises PaperError, NO_TEXT, when there is none."""
    row: Plain = {name: getattr(extracted, name) for name in (*_COUNTS, *TEXTS)}
    if not extracted.text.strip():
        raise PaperError(Reason.NO_TEXT, f"the {extracted.route} route gave no text")
    return row | {
        "doc_id": paper["doc_id"],
        "title": row["title"] or paper["title"],
        **_measures(row["text"], extracted.sections),
        "read_by": read_by(extracted.pages) or None,
        "undefined_macros": sorted(set(extracted.undefined_macros)),
        "warnings": [clean_text(warning) for warning in extracted.warnings],
        "status": Status.OK.value,
    }


def rows_beside(doc_id: str, pages: Iterable[PageRead], equations: Iterable[Displayed] = ()) -> Beside:
    """The rows of the pages of a PDF and of its display equations. A page of no size stands for a file of which none opens:
    number 0, if it is the only one.
    """
    pages = tuple(pages)
    first = 0 if len(pages) == 1 and not pages[0].n_chars and not pages[0].width else 1
    return {
        PAGES.name: [
            {"doc_id": doc_id, "row_id": f"{number:05d}", "page": number, **page._asdict()}
            for number, page in enumerate(pages, first)
        ],
        EQUATIONS.name: [
            {"doc_id": doc_id, "row_id": f"{number:05d}", **equation._asdict()}
            for number, equation in enumerate(equations, 1)
        ],
    }


def pages_told(pages: pa.Table) -> Plain:
    """Sums over pages for a step's summary: by the engine that read them, by status, and papers with pages that nobody read."""
    if not pages.num_rows:
        return {}
    engines = Counter(engine or "none" for engine in pages["engine"].to_pylist())
    statuses = Counter(pages["status"].to_pylist())
    unread = {
        doc_id
        for doc_id, status in zip(pages["doc_id"].to_pylist(), pages["status"].to_pylist(), strict=True)
        if status in ("failed", "timeout")
    }
    return {
        "pages": {
            "by_engine": dict(sorted(engines.items())),
            "by_status": dict(sorted(statuses.items())),
            "papers_with_unread": len(unread),
        }
    }


def tables_of(rows: list[Plain], beside: Mapping[str, Beside]) -> dict[str, pa.Table]:
    """Table documents, and the tables beside it, from rows of documents and what stands beside each."""
    own = [beside.get(row["doc_id"], {}) for row in rows]
    sides = {table.name: table.rows([row for side in own for row in side.get(table.name, ())]) for table in BESIDE}
    return {DOCUMENTS.name: DOCUMENTS.rows(rows), **sides}


def beside_of(tables: Mapping[str, pa.Table]) -> dict[str, Beside]:
    """What stands beside each document, by its id, of the tables beside documents."""
    found: dict[str, Beside] = {}
    for table in BESIDE:
        for row in tables[table.name].to_pylist():
            found.setdefault(row["doc_id"], {}).setdefault(table.name, []).append(row)
    return found


def without_boilerplate(rows: list[Plain], artefact: Path) -> list[Plain]:
    """The rows with boilerplate cut out of their texts: new texts, before anything refers to a span."""
    from curation.text.boilerplate import boilerplate_spans

    found = boilerplate_spans([row.get("text") for row in rows], artefact)
    return [_without(row, spans) if spans else row for row, spans in zip(rows, found, strict=True)]


def _without(row: Plain, spans: list[tuple[int, int]]) -> Plain:
    """A row without some spans of its text; one that holds nothing else stays as it is."""
    text, sections = cut_out(row["text"], sections_of(row["sections"]), spans)
    if not text.strip():
        return row
    before, after = _shown(row["text"]), _shown(text)
    left = {
        name: max(0, row[name] - before[name] + after[name]) for name in before
    }  # counted by the route, not in Markdown
    return {**row, **left, **_measures(text, sections)}


def _shown(text: str) -> dict[str, int]:
    """Display equations and tables in Markdown."""
    found = masks(text)
    n_equations = sum(mask.kind == "math" and text.startswith("$$", mask.start) for mask in found)
    return {"n_equations": n_equations, "n_tables": sum(mask.kind == "table" for mask in found)}


def _measures(text: str, sections: list[Section]) -> Plain:
    return {
        "text": text,
        "sections": [section._asdict() for section in sections],
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "n_words": count_words(text),
    }
