"""What metadata record the listing of a run gave to a paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.sources.place import row_of, utf8
from curation.sources.unit import Entry, Unit
from pipelines.engine.run_tables import RunTables


def entry_of(tables: RunTables, paper: Mapping[str, Any]) -> Entry | None:
    """The entry that a row of papers was made from; None where its unit does not say."""
    for part in tables.manifest("papers").parts:
        if (
            part.unit is None
            or paper["doc_id"] not in tables.store.read_table(part.file, ["doc_id"])["doc_id"].to_pylist()
        ):
            continue
        unit = tables.store.read_as(part.unit, Unit.from_json)
        return next((e for e in (unit.entries if unit else ()) if utf8(e.member) == paper["member"]), None)
    return None


def why_licence_is_unknown(tables: RunTables, paper: Mapping[str, Any]) -> str:
    """Why a paper has no licence, in words: no metadata record, one that is not understood, or one that names none."""
    if said := next((text for text in paper["unsure"] or () if text.startswith(("licence", "license"))), None):
        return f"not understood, or records disagree: {said}"
    entry = entry_of(tables, paper)
    if entry is not None and entry.metadata is None:
        return "no metadata record" + (", and the row names no licence" if row_of(entry.member) is not None else "")
    return "the metadata record names no licence of this version"
