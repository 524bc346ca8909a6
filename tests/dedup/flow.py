"""The chain of deduplication steps over parts in memory, as an engine runs it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.config import Dedup
from curation.identity import ids_of
from curation.parquet import conform, sort_rows
from curation.release.copies import Copies
from curation.step import ExchangeStep, Inputs, MapStep, Step, WholeStep
from schemas import DOCUMENTS, FINDINGS, HITS, METADATA, PAPERS

PAPER = {"source": "s", "member": "m", "status": "ok", "n_records": 0}


def part(rows: Sequence[dict[str, object]]) -> dict[str, pa.Table]:
    """Papers and documents of one part, from rows with doc_id, text and any of their columns."""
    base = [{**PAPER, "paper_id": f"sha256:{r['doc_id']}", **r} for r in rows]
    for row in base:  # as the step metadata makes them
        names = [str(row[c]) for c in ("paper_id", "doi", "bibcode") if row.get(c)]
        row["links"] = sorted({names[0], *ids_of(*names), *row.get("links", ())})
    return {
        t.name: t.rows({k: v for k, v in r.items() if k in t.columns} for r in base)
        for t in (PAPERS, METADATA, DOCUMENTS)
    }


def run_steps(parts: Sequence[dict[str, pa.Table]], steps: Sequence[Step]) -> dict[str, pa.Table]:
    """Every table that the steps make, whole; per-part tables are joined."""
    made: dict[str, list[pa.Table]] = {name: [p[name] for p in parts] for name in parts[0]}
    per_part = set(made)
    for step in steps:
        name, reads = step.provides.name, step.reads()
        tables = {n: [t.select(list(columns)) for t in made[n]] for n, columns in reads.items()}
        if isinstance(step, WholeStep):
            streamed = {n: partial(iter, tables.pop(n)) for n in step.streams if n in reads}
            held = {n: sort_rows(pa.concat_tables(t), ["doc_id"]).combine_chunks() for n, t in tables.items()}
            found = step.by_name(step.run(Inputs(held, {}, streamed)), name)
            whole = {t.name: sort_rows(conform(found[t.name], t.arrow, t.name), t.sort_by) for t in step.tables()}
            step.guard(step.fold([step.summary(Inputs(held, {}, streamed), whole)]))
            made |= {name: [table] for name, table in whole.items()}
            continue
        inputs = [
            Inputs({n: t[k] if n in per_part else pa.concat_tables(t) for n, t in tables.items()})
            for k in range(len(parts))
        ]
        if isinstance(step, MapStep):
            made[name] = [conform(step.by_name(step.run(i), name)[name], step.provides.arrow, name) for i in inputs]
            per_part.add(name)
        elif isinstance(step, ExchangeStep):
            made[name] = _exchange(step, inputs)
    return {name: sort_rows(pa.concat_tables(tables), ["doc_id"]) for name, tables in made.items()}


def _exchange(step: ExchangeStep, inputs: Sequence[Inputs]) -> list[pa.Table]:
    rows = pa.concat_tables([step.split(i) for i in inputs])
    found = []
    for p in range(step.partitions):
        mine = rows.filter(pc.equal(rows["partition"], p)).drop_columns(["partition"])
        merged = step.merge(sort_rows(mine, step.order_by))
        found.append(sort_rows(conform(merged, step.provides.arrow, step.name), step.provides.sort_by))
    return found


KINDS = {"duplicate": "exact", "superseded_version": "identity", "near_duplicate": "near"}


def duplicates(parts: Sequence[Sequence[dict[str, object]]], config: Dedup | None = None) -> list[dict[str, object]]:
    """One row a document that edges tie to another: doc_id, cluster, rank, and kind, mate and jaccard of one that goes."""
    config = config or Dedup(partitions=3)
    tables = [{**part(rows), "findings": FINDINGS.empty(), "hits": HITS.empty()} for rows in parts]
    limits = config.model_dump(include={"max_edges", "max_removed_share", "max_cluster"})
    made = run_steps(tables, [*config.steps(), Copies(tiers=("all",), contained=config.containment, **limits)])
    gone = {row["doc_id"]: row for row in made["copies"].to_pylist()}
    found = []
    for row in made["components"].to_pylist():
        doc = {"doc_id": row["doc_id"], "cluster": row["component"], "rank": row["rank"]}
        mine = gone.pop(row["doc_id"], None)
        kind, mate = (KINDS[mine["reason"]], mine["evidence"].removeprefix("keeps ")) if mine else (None, None)
        found.append({**doc, "kind": kind, "mate": mate, "jaccard": mine["score"] if mine else None})
    assert not gone
    return found
