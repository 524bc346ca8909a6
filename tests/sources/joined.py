"""Papers of a source with what is known of them, as a run joins them, without an engine."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from curation.joins import Join
from curation.sources.joined import JOINED, Joined, join_of
from curation.sources.match_records import Records
from curation.sources.paper_metadata import Metadata
from curation.sources.snapshot import SNAPSHOT, Snapshot
from curation.sources.source import Source
from curation.sources.steps import metadata_steps
from curation.sources.unit import Unit
from curation.step import Inputs, Step


def tables_of(source: Source, papers: pa.Table | None = None) -> dict[str, pa.Table]:
    """papers, metadata, and where the source has a snapshot the tables between."""
    unit = Unit(source.source, tuple(source.entries()))
    made = {"papers": source.run(Inputs({}, {"unit": unit})) if papers is None else papers}
    for step in metadata_steps((source,)):
        made[step.provides.name] = step.provides.empty() if not made["papers"].num_rows else _made(step, made)
    return made


def _made(step: Step, made: dict[str, pa.Table]) -> pa.Table:
    if isinstance(step, Snapshot):
        stretches = [step.run(Inputs({}, {"stretch": stretch})) for stretch in step.stretches()]
        return pa.concat_tables([SNAPSHOT.empty(), *stretches])
    if isinstance(step, Records):
        sides = [step.split(Inputs({name: made[name]})) for name in ("papers", "snapshot")]
        rows = pa.concat_tables(sides, promote_options="default")
        parts = [rows.filter(pa.compute.equal(rows["partition"], p)) for p in range(step.partitions)]
        keys = [(name, "ascending") for name in step.order_by]
        return pa.concat_tables(step.merge(part.sort_by(keys)) for part in parts)
    if isinstance(step, Joined):
        return step.run(Inputs({}, {}, {name: (lambda n=name: iter([made[n]])) for name in step.streams}))
    assert isinstance(step, Metadata)
    return step.run(Inputs({name: made[name] for name in step.reads()}))


def rows_of(source: Source) -> dict[str, dict[str, Any]]:
    """Rows of papers and metadata as one, by member."""
    made = tables_of(source)
    known = {row["doc_id"]: row for row in made["metadata"].to_pylist()}
    return {row["member"]: {**row, **known[row["doc_id"]]} for row in made["papers"].to_pylist()}


def joins_of(source: Source) -> list[Join]:
    """What its snapshot matched; raises UserError as a run does where it matches nothing."""
    made = tables_of(source)
    joins = [join_of(row) for row in made.get("joined", JOINED.empty()).to_pylist()]
    for step in metadata_steps((source,)):
        if isinstance(step, Joined):
            step.guard({"joins": [join.to_json() for join in joins]})
    return joins
