"""The account that ends a run: the release's `manifest.json`, and `report.json` with the funnel of every tier, what joins and
rules matched, and what nobody should overlook."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.artefact import artefacts_of
from curation.benchmarks_read import benchmarks_read
from curation.errors import RunError, first_names
from curation.joins import Join
from pipelines.engine.conservation import PAIRS, check_conservation
from pipelines.engine.parts import StageReport
from pipelines.engine.receipt import open_failures
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from schemas import Reason
from schemas.manifest import MANIFEST_NAME, told_failures

FAMILIES = "near_families"
"""The block of a summary that tells the large families of near duplicates (`curation.dedup.families`)."""
AGREEMENT = "route_agreement"
"""The block of summaries that tells how far LaTeX and PDF agree (`curation.quality.both_routes`)."""
LEFT_OUT_NAMED = 20
"""Paths of each source that report.json names of those that are no papers."""
ROWS_AT_ONCE = 8192
"""Of a table that is read through: a whole one may hold a row a paper."""
_KEY = re.compile(r"([^:]+): ")
PACKAGES = ("astrocorpus", "pyarrow", "polars", "pymupdf", "numpy")
"""Packages whose versions stand in report.json."""


def withheld_works(tables: RunTables) -> int:
    """Distinct works that findings withhold as a benchmark's source: rows of one paper (its versions) or of one component (its
    copies) are one.

    Documents whose text could not be made count too: what counts is that a source was recognised.
    """
    if not tables.has("findings"):
        return 0
    parts = sorted({file.part for file in tables.files("findings") if file.rows})
    papers = [pair for part in parts for pair in _withheld_papers(tables, part).items()]
    ids = pa.array([doc_id for doc_id, _ in papers], pa.string())
    files = [file.file for file in tables.files("components")] if tables.has("components") else []
    component = _among(tables, files, "component", ids)
    leader: dict[str, str] = {}

    def lead(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            leader[name] = name = leader[above]
        return name

    for doc_id, paper_id in papers:
        if doc_id in component:
            leader[lead(component[doc_id])] = lead(paper_id)
    return len({lead(paper_id) for _, paper_id in papers})


def _withheld_papers(tables: RunTables, part: int) -> dict[str, str]:
    """doc_id -> paper_id of the documents of a part that are a benchmark's source."""
    files = tables.of_part("findings", part)
    said = pa.concat_tables([tables.store.read_table(file, ["doc_id", "reason"]) for file in files])
    mine = said.filter(pc.equal(said["reason"], Reason.BENCHMARK_SOURCE.value))
    return _among(tables, tables.of_part("metadata", part), "paper_id", mine["doc_id"].combine_chunks())


def _among(tables: RunTables, files: Sequence[str], column: str, doc_ids: pa.Array) -> dict[str, str]:
    """doc_id -> a column, of those rows of some files that are about one of some documents. Files are read one by one, and some rows
    at a time: a whole table may lie in one file."""
    found: dict[str, str] = {}
    for file in files:
        with tables.store.parquet(file) as parquet:
            for rows in parquet.iter_batches(ROWS_AT_ONCE, columns=["doc_id", column]):
                mine = rows.filter(pc.is_in(rows["doc_id"], doc_ids))
                found |= dict(zip(*(mine[name].to_pylist() for name in ("doc_id", column)), strict=True))
    return found


def warnings_of(
    joins: Sequence[Join],
    tiers: Mapping[str, Mapping[str, Any]],
    failures: Mapping[str, str] | None = None,
    lost: Sequence[str] = (),
    *,
    pairs: bool = False,
) -> list[str]:
    """What nobody should overlook: what was told before (`lost`: papers that are gone since the last run, warnings of steps), joins
    and rules that match nothing, tiers that release nothing, or, where a run makes pairs (`pairs`), none, papers that are missing by
    the machine's fault (`failures`)."""
    found = [*lost]
    found += [warning for join in joins if (warning := join.warning())]
    for tier, account in tiers.items():
        if not account["released"]:
            why = ", ".join(f"{r['reason']} {r['count']:,}" for r in account["reasons"])
            found.append(f"tier {tier} releases no document ({why})")
        elif pairs and not account["pairs"]:
            found.append(f"tier {tier} releases no pair; the card tells what each stage left out of them, and why")
    if failures:
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(Counter(failures.values()).items()))
        first = first_names(list(failures))
        found.append(
            f"{len(failures):,} papers are missing by the fault of the machine, not their own ({why}: {first}); the same command "
            "asks them again"
        )
    return found


def close_run(
    store: Store,
    reports: list[StageReport],
    left_out: Mapping[str, Sequence[str]] | None = None,
    joins: Sequence[Join] = (),
    summaries: Mapping[str, Mapping[str, Any]] | None = None,
    lost: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the release's manifest.json and the run's report.json, and check conservation.

    Args:
        left_out: source -> paths that its listing left out; counted, and the first ones named.
        joins: what joins and rules of the config matched.
        summaries: stage -> what its step told of its tables.
        lost: warnings about papers that are gone since the last run, and those of steps.

    Returns:
        the report. Papers that failed by the machine's fault and are asked again by the next run (`open_failures`) stand in
        it; in the manifest they stand with all else that names its folder (`Runner`).

    Raises:
        ConservationError: a paper is not accounted for.
        RunError: no tier releases a single document; the report is written all the same.
    """
    tables = RunTables(store)
    folder = tables.stages["release"]["folder"]
    files = [
        {
            "tier": p.extra["tier"],
            "kind": p.extra["kind"],
            "file": p.file.removeprefix(f"{folder}/"),
            "rows": p.rows,
            "row_groups": list(p.extra["row_groups"]),
            "bytes": p.bytes,
            "sha256": p.sha256,
        }
        for p in tables.manifest("release").parts
    ]
    tiers = check_conservation(tables)
    head = tables.stages["release"]["identity"]["manifest"]
    manifest = {**head, "files": sorted(files, key=lambda f: (f["tier"], f["file"]))}
    store.update_json(f"{folder}/{MANIFEST_NAME}", manifest)
    stages = (tables.manifest(stage) for stage in tables.stages if stage != "release")
    failures = open_failures(part for stage in stages for part in stage.parts)
    papers = tables.manifest("papers").rows
    report = {
        "run": tables.name,
        "release": folder,
        "papers": {"in": papers},
        "left_out": {s: {"count": len(p), "first": list(p[:LEFT_OUT_NAMED])} for s, p in (left_out or {}).items() if p},
        "open_failures": {**told_failures(failures), "reasons": dict(sorted(Counter(failures.values()).items()))},
        "stages": [r.to_json(papers) for r in reports],
        "tiers": tiers,
        "joins": [join.to_json() for join in joins],
        **_blocks(summaries or {}),
        "warnings": warnings_of(joins, tiers, failures, lost, pairs=tables.has(PAIRS)),
        "unsure": _unsure(tables),
        "withheld_sources": withheld_works(tables),
        "artefacts": dict(
            pair for name, stage in tables.stages.items() for pair in artefacts_of(stage["identity"], name)
        ),
        "benchmarks": benchmarks_read(stage["identity"] for stage in tables.stages.values()),
        "versions": {"python": platform.python_version(), **_versions()},
    }
    store.update_json("report.json", report)
    if not any(t["released"] for t in tiers.values()):
        why = ", ".join(f"{r['reason']} {r['count']}" for r in next(iter(tiers.values()))["reasons"])
        idle = "".join(f"; {warning}" for join in joins if (warning := join.warning()))
        raise RunError(
            f"no paper is left to release ({why}){idle}; `astrocorpus trace {store.uri} ID` tells each one's way"
        )
    return report


def _blocks(summaries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What steps tell of their tables: the blocks that the card has words for by their names, all others by stage."""
    named = (FAMILIES, AGREEMENT)
    others = {stage: {k: v for k, v in told.items() if k not in named} for stage, told in summaries.items()}
    families = next((told[FAMILIES] for told in summaries.values() if FAMILIES in told), None)
    agreement = {key: value for told in summaries.values() for key, value in told.get(AGREEMENT, {}).items()}
    return {
        FAMILIES: families,
        AGREEMENT: agreement or None,
        "summaries": {stage: told for stage, told in others.items() if told},
    }


def _unsure(tables: RunTables) -> dict[str, int]:
    """Key -> papers of whose metadata it holds what is no identifier, licence or date, or on which records disagree."""
    found: Counter[str] = Counter()
    for file in tables.files("metadata"):  # one by one: the driver does not hold a row for each paper
        for said in tables.store.read_table(file.file, ["unsure"])["unsure"].drop_null().to_pylist():
            found.update({match[1] for text in said if (match := _KEY.match(text))})
    return dict(sorted(found.items()))


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):  # PyMuPDF may be left out for its licence
            found[name] = version(name)
    return found
