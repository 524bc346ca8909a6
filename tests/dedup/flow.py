"""The chain of deduplication steps over parts in memory, as an engine runs it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.config import Dedup
from curation.parquet import conform, sort_rows
from curation.step import ExchangeStep, Inputs, MapStep, Step, WholeStep
from schemas import DOCUMENTS, PAPERS

PAPER = {"source": "s", "member": "m", "status": "ok"}


def part(rows: Sequence[dict[str, object]]) -> dict[str, pa.Table]:
    """Papers and documents of one part, from rows with doc_id, text and any of their columns."""
    base = [{**PAPER, "paper_id": f"sha256:{r['doc_id']}", **r} for r in rows]
    return {t.name: t.rows({k: v for k, v in r.items() if k in t.columns} for r in base) for t in (PAPERS, DOCUMENTS)}


def run_steps(parts: Sequence[dict[str, pa.Table]], steps: Sequence[Step]) -> dict[str, pa.Table]:
    """Every table that the steps make, whole; per-part tables are joined."""
    made: dict[str, list[pa.Table]] = {name: [p[name] for p in parts] for name in parts[0]}
    per_part = set(made)
    for step in steps:
        name = step.provides.name
        whole = {n: pa.concat_tables(made[n]).select(list(step.reads()[n])) for n in step.reads() if n not in per_part}
        inputs = [
            Inputs({n: made[n][k].select(list(step.reads()[n])) for n in step.reads() if n in per_part} | whole)
            for k in range(len(parts))
        ]
        if isinstance(step, MapStep):
            made[name] = [conform(step.run(i), step.provides.arrow, name) for i in inputs]
            per_part.add(name)
        elif isinstance(step, ExchangeStep):
            made[name] = _exchange(step, inputs)
        elif isinstance(step, WholeStep):
            tables = {n: pa.concat_tables(made[n]).select(list(step.reads()[n])) for n in step.reads()}
            tables = {n: sort_rows(t, ["doc_id"]).combine_chunks() for n, t in tables.items()}
            made[name] = [conform(step.run(Inputs(tables)), step.provides.arrow, name)]
    return {name: sort_rows(pa.concat_tables(tables), ["doc_id"]) for name, tables in made.items()}


def _exchange(step: ExchangeStep, inputs: Sequence[Inputs]) -> list[pa.Table]:
    rows = pa.concat_tables([step.split(i) for i in inputs])
    found = []
    for p in range(step.partitions):
        mine = rows.filter(pc.equal(rows["partition"], p)).drop_columns(["partition"])
        merged = step.merge(sort_rows(mine, step.order_by))
        found.append(sort_rows(conform(merged, step.provides.arrow, step.name), step.provides.sort_by))
    return found


def duplicates(parts: Sequence[Sequence[dict[str, object]]], config: Dedup | None = None) -> list[dict[str, object]]:
    """Rows of the table of duplicates."""
    config = config or Dedup(partitions=3)
    table = run_steps([part(rows) for rows in parts], config.steps())["duplicates"]
    found: list[dict[str, object]] = table.to_pylist()
    return found
