"""The ledger: what became of every paper, tier by tier, part by part; and one paper's way through all tables.

It is a view over the tables of the run; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from curation.errors import UserError
from curation.identity import ids_of
from curation.joins import Join, Kind
from curation.sources.members import name_in_tar, path_of, utf8
from curation.sources.unit import Unit
from pipelines.engine.conservation import EDITS, sent_rows
from pipelines.engine.run_tables import RunTables
from pipelines.engine.units import unit_file

VERDICT = ("tier", "verdict", "stage", "reason", "evidence", "score")
"""Columns of a decision."""
MASKED = "masked"
"""What the ledger says of papers that are kept with an edited text."""


def ledger_parts(tables: RunTables, tier: str) -> Iterator[tuple[int, pl.DataFrame]]:
    """The papers of each part in one tier.

    Returns:
        the part's number, and doc_id, paper_id, source_id, verdict (keep, drop, withhold, fail), stage, reason, evidence,
        score; one row a paper. Of one that is kept with an edited text the reason is `masked`.
    """
    for part in dict.fromkeys(file.part for file in tables.files("papers")):
        rows = _names(tables, part).collect()
        mine = pl.col("tier") == tier
        verdicts = tables.scan_part("decisions", part).filter(mine).select("doc_id", *VERDICT[1:]).collect()
        told = rows.join(verdicts, on="doc_id", how="left").with_columns(pl.col("verdict").fill_null("keep"))
        yield part, _with_masked(tables, part, told)


def _with_masked(tables: RunTables, part: int, rows: pl.DataFrame) -> pl.DataFrame:
    said = masks(tables, part)
    mine = (pl.col("verdict") == "keep") & pl.col("doc_id").is_in(list(said))
    evidence = pl.col("doc_id").replace_strict(said, default=None, return_dtype=pl.String)
    told = {"stage": pl.lit(EDITS), "reason": pl.lit(MASKED), "evidence": evidence}
    return rows.with_columns(pl.when(mine).then(value).otherwise(pl.col(c)).alias(c) for c, value in told.items())


def masks(tables: RunTables, part: int) -> dict[str, str]:
    """Of papers of a part whose released text is edited: for which benchmarks and how many passages, in words."""
    if not tables.has(EDITS):
        return {}
    rows = tables.scan_part(EDITS, part).select("doc_id", "edits").collect().iter_rows()
    return {
        doc_id: f"{', '.join(sorted({mark for e in edits for mark in e['marks']}))}: {len(edits)} passages masked"
        for doc_id, edits in rows
    }


def _names(tables: RunTables, part: int) -> pl.LazyFrame:
    """doc_id, paper_id and source_id of a part's papers."""
    papers = tables.scan_part("papers", part)
    names = tables.scan_part("metadata", part).select("doc_id", "paper_id")
    return papers.select("doc_id", "source_id").join(names, on="doc_id").select("doc_id", "paper_id", "source_id")


def verdict(tables: RunTables, part: int, doc_id: str, tier: str) -> dict[str, Any] | None:
    """The decision on a paper in a tier; None when it is kept."""
    mine = (pl.col("tier") == tier) & (pl.col("doc_id") == doc_id)
    return next(tables.scan_part("decisions", part).filter(mine).collect().iter_rows(named=True), None)


def find(tables: RunTables, wanted: str) -> list[tuple[int, dict[str, Any]]]:
    """The papers that an id names, sorted by doc_id: the part and the row of papers of each.

    Args:
        wanted: doc_id or a prefix of it, any id of the paper (`metadata.links`) in any spelling, the source's own id, or the member.

    Raises:
        UserError: no paper of that id.
    """
    found: dict[str, int] = {}
    for table in ("papers", "metadata"):
        if tables.has(table):
            parts = {file.file: file.part for file in tables.files(table)}
            frame = tables.scan_files(list(parts), "_file")
            rows = frame.filter(_names_it(frame, wanted)).select("doc_id", "_file").collect()
            found |= {doc_id: parts[file] for doc_id, file in rows.iter_rows()}
    if not found:
        raise UserError(
            f"no paper {wanted!r} in {tables.store.uri} (ids look like {_example(tables)}){_selected(tables)}"
        )
    papers = []
    for doc_id, part in sorted(found.items()):
        row = tables.scan_part("papers", part).filter(pl.col("doc_id") == doc_id).collect().row(0, named=True)
        papers.append((part, row))
    return papers


def _selected(tables: RunTables) -> str:
    """What the selections of the sources left out, in words: such papers have no row. Empty where none left out any."""
    chosen: dict[str, str] = {}
    for value in (tables.store.read_json("report.json") or {}).get("joins", ()):
        join = Join.from_json(value)
        if join.kind is Kind.SELECTION and join.papers.matched < join.papers.count:
            words = f"{join.name} (took {join.papers.matched:,} of {join.papers.count:,} members)"
            chosen.setdefault(join.name.partition(": ")[0], words)
    return f"; what `select:` leaves out has no row: {', '.join(chosen.values())}" if chosen else ""


def _names_it(frame: pl.LazyFrame, wanted: str) -> pl.Expr:
    columns = frame.collect_schema().names()
    asked = [wanted, *sorted(ids_of(wanted))]
    match = pl.col("doc_id").str.starts_with(wanted)
    for name in ("source_id", "member"):
        if name in columns:
            match = match | pl.col(name).is_in(asked)
    if "links" in columns:
        match = match | pl.any_horizontal(pl.col("links").list.contains(name) for name in asked)
    return match


def way(tables: RunTables, part: int, paper: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A paper's way: (table, row) for every table that speaks of it. Reads its part, and what does not lie in parts.

    Args:
        part, paper: as `find` found it.
    """
    yield "papers", paper
    yield from _bytes_in_tar(tables, part, paper)
    for table in (table for table, working in tables.tables.items() if table != "papers" and not working):
        frame = tables.scan_part(table, part)
        columns = frame.collect_schema().names()
        if "doc_id" not in columns:
            continue
        mine = pl.col("doc_id") == paper["doc_id"]
        if "mate" in columns:
            mine = mine | (pl.col("mate") == paper["doc_id"])
        for row in frame.filter(mine).collect().iter_rows(named=True):
            yield table, row
    yield from _released_as(tables, part, paper["doc_id"])


def _bytes_in_tar(tables: RunTables, part: int, paper: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where the content of a member of a tar lies, as the listing saw it: its bytes have the row's content_sha256."""
    name = f"{tables.stages['papers']['folder']}/{unit_file(part)}"
    if name_in_tar(paper["member"]) is None or (unit := tables.store.read_as(name, Unit.from_json)) is None:
        return
    for entry in unit.entries:
        if utf8(entry.member) == paper["member"] and entry.where is not None:
            first, after = entry.where
            yield "bytes", {"tar": path_of(entry.member), "offset": first, "length": after - first}


def _released_as(tables: RunTables, part: int, doc_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    sent = [r for r in tables.sent().parts if r.part == part] if tables.has("release") else []
    for receipt in sent:
        for number, rows in sent_rows(tables.store, receipt):
            for [tiers] in rows.filter(pl.col("id") == doc_id).select("tiers").iter_rows():
                shards = [
                    s for tier in tables.tiers() if tier in tiers for s in tables.shards(tier) if s.part == number
                ]
                yield from (("release", {"tier": s.extra["tier"], "file": s.file}) for s in shards)


def _example(tables: RunTables) -> str:
    return str(tables.scan("papers").select("doc_id").head(1).collect()["doc_id"].first())
