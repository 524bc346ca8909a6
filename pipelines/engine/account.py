"""The account of a run: where every paper is, tier by tier, and the proof that none was lost.

The ledger is a view over the tables of the run; nothing of it is stored but `manifest.json` and `report.json`.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import polars as pl

from curation.artefact import artefacts_of
from curation.errors import ConservationError, RunError, UserError
from curation.joins import Join
from pipelines.engine.made import PartFile, files_of
from pipelines.engine.parts import StageReport
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.store import Store

FAILURES_NAMED = 20
"""Papers with open failures that manifest.json and report.json name."""
FAMILIES = "near_families"
"""The block of a summary that tells the large families of near duplicates (`curation.dedup.families`)."""
LEFT_OUT_NAMED = 20
"""Paths of each source that report.json names of those that are no papers."""
PACKAGES = ("astrocorpus", "pyarrow", "polars", "pymupdf", "numpy")
"""Packages whose versions stand in report.json."""


class RunTables:
    """The tables of a finished (or partly finished) run, read through its manifests.

    Args:
        store: the run folder.

    Raises:
        UserError: the folder holds no run.
    """

    def __init__(self, store: Store) -> None:
        self.store, self.name, self.finished = store, "", False
        self.stages: Mapping[str, Mapping[str, Any]] = {}
        if store.read_as("run.json", self._named) is None:
            raise UserError(f"{store.root} holds no run (there is no run.json)")

    def _named(self, run: Any) -> bool:
        """Take what run.json says; a run that stopped still names the later stages of the one before it."""
        self.name, self.finished = str(run["name"]), bool(run.get("finished"))
        self.stages = {k: run["stages"][k] for k in run["order"]}
        return True

    @property
    def tables(self) -> dict[str, bool]:
        """Table -> whether it is a step's notes for a later step; in the order of the data, without the release."""
        stages = [stage for name, stage in self.stages.items() if name != "release"]
        return {table["name"]: table["working"] for stage in stages for table in stage["tables"]}

    def manifest(self, stage: str) -> Manifest:
        """Raises UserError when the run did not get that far."""
        if stage not in self.stages:
            raise UserError(
                f"{self.store.root} has no finished stage {stage!r} (it has: {', '.join(self.stages) or 'none'})"
            )
        name = f"{self.stages[stage]['folder']}/{MANIFEST}"
        manifest = self.store.read_as(name, Manifest.from_json)
        if manifest is None:
            raise RunError(f"{self.store.path(name)} is gone; run again, it is written anew from what is there")
        return manifest

    def files(self, table: str) -> tuple[PartFile, ...]:
        """The files of a table, by part; of a union those of all stages that fill it. Not of the release, whose tiers
        overlap: use `shards`.

        Raises:
            UserError: no finished stage makes it.
        """
        names = {s: [t["name"] for t in stage["tables"]] for s, stage in self.stages.items() if s != "release"}
        if table not in self.tables:
            raise UserError(
                f"{self.store.root} has no finished table {table!r} (it has: {', '.join(self.tables) or 'none'})"
            )
        found = [
            file
            for stage, (main, *others) in names.items()
            if table in (main, *others)
            for file in files_of(table, main, self.manifest(stage).parts)
        ]
        return tuple(sorted(found, key=lambda file: file.part))

    def has(self, name: str) -> bool:
        """Whether there is such a stage or table."""
        return name in self.stages or name in self.tables

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a table, lazily."""
        return self._scan(self.files(table))

    def shards(self, tier: str, kind: str = "documents") -> list[Receipt]:
        parts = self.manifest("release").parts
        return [p for p in parts if p.extra["tier"] == tier and p.extra["kind"] == kind]

    def released(self, tier: str) -> pl.DataFrame:
        """Column `doc_id`: the ids that the tier's shards really hold."""
        shards = self.shards(tier)
        if not shards:
            return pl.DataFrame(schema={"doc_id": pl.String})
        return self._scan(shards).select(pl.col("id").alias("doc_id")).collect()

    def _scan(self, parts: Sequence[Receipt | PartFile]) -> pl.LazyFrame:
        """Raises RunError for a part that is missing or broken."""
        for part in parts:
            with self.store.parquet(part.file):
                pass
        # the paths are names, whatever brackets and stars they hold
        return pl.scan_parquet([self.store.path(p.file) for p in parts], glob=False)

    def tiers(self) -> tuple[str, ...]:
        return tuple(self.stages["release"]["identity"]["kinds"]["documents"]["config"]["tiers"])

    def licences(self) -> dict[str, list[str]]:
        """Tier -> the licences that its config names; a tier that takes any is left out."""
        rules = self.stages["decisions"]["identity"]["config"]["tiers"]
        return {tier: rule["licences"] for tier, rule in sorted(rules.items()) if rule["licences"] is not None}


def ledger(tables: RunTables, tier: str) -> pl.DataFrame:
    """Every paper of the run in one tier.

    Returns:
        doc_id, paper_id, source_id, verdict (keep, drop, withhold, fail), stage, reason, evidence, score;
        one row a paper, sorted by doc_id.
    """
    papers = tables.scan("papers").select("doc_id", "paper_id", "source_id").collect()
    verdicts = tables.scan("decisions").filter(pl.col("tier") == tier).drop("paper_id", "tier").collect()
    joined = papers.join(verdicts, on="doc_id", how="left").sort("doc_id")
    return joined.with_columns(pl.col("verdict").fill_null("keep"))


def check_conservation(tables: RunTables, tier: str) -> dict[str, Any]:
    """Prove for one tier that papers in = released + dropped + withheld + failed, id by id.

    Returns:
        the funnel: documents_in, released, dropped, withheld, failed, words, pairs and the count of every reason.

    Raises:
        ConservationError: names the ids that are lost, doubled, or both released and dropped.
    """
    papers = tables.scan("papers").select("doc_id").collect()["doc_id"]
    released = tables.released(tier)["doc_id"]
    decisions = tables.scan("decisions").filter(pl.col("tier") == tier).collect()
    decided = decisions["doc_id"]
    all_ids, out, kept = set(papers), set(decided), set(released)
    wrong = {
        "doubled in the papers": _doubled(papers),
        "doubled in the release": _doubled(released),
        "doubled in the decisions": _doubled(decided),
        "lost": sorted(all_ids - out - kept),
        "released and left out": sorted(out & kept),
        "from nowhere": sorted((out | kept) - all_ids),
    }
    if any(wrong.values()):
        named = "; ".join(f"{what}: {', '.join(ids[:10])}" for what, ids in wrong.items() if ids)
        raise ConservationError(f"tier {tier}: {named}")
    counts = {row["verdict"]: row["len"] for row in decisions.group_by("verdict").len().iter_rows(named=True)}
    reasons = (
        decisions.group_by("reason", "verdict", "stage")
        .len()
        .sort("len", "reason", "stage", descending=[True, False, False])
    )
    return {
        "documents_in": len(papers),
        "released": len(released),
        "dropped": counts.get("drop", 0),
        "withheld": counts.get("withhold", 0),
        "failed": counts.get("fail", 0),
        "words": sum(int(p.extra["words"]) for p in tables.shards(tier)),
        "pairs": sum(p.rows for p in tables.shards(tier, "pairs")),
        "reasons": [
            {"reason": r["reason"], "verdict": r["verdict"], "stage": r["stage"], "count": r["len"]}
            for r in reasons.iter_rows(named=True)
        ],
    }


def withheld_works(tables: RunTables) -> int:
    """Distinct works of the table `withheld`: rows of one paper (its versions) or of one cluster (its copies) are one.

    Documents whose text could not be made count too: what counts is that a benchmark's source was recognised.
    """
    if not tables.has("withheld"):
        return 0
    rows = tables.scan("withheld").select("doc_id", "paper_id").unique()
    if tables.has("duplicates"):
        rows = rows.join(tables.scan("duplicates").select("doc_id", "cluster"), on="doc_id", how="left")
    works: list[set[str]] = []
    for _, *names in rows.collect().iter_rows():
        work = {name for name in names if name is not None}
        same = [w for w in works if w & work]
        works = [w for w in works if w not in same] + [work.union(*same)]
    return len(works)


def open_failures(tables: RunTables) -> dict[str, str]:
    """Papers that failed by the machine's fault and are asked again by the next run: doc_id -> reason, sorted."""
    stages = [stage for stage in tables.stages if stage != "release"]
    parts = [part for stage in stages for part in tables.manifest(stage).parts]
    return dict(sorted((doc_id, fault.reason) for part in parts for doc_id, fault in part.open_faults().items()))


def warnings_of(
    joins: Sequence[Join],
    tiers: Mapping[str, Mapping[str, Any]],
    failures: Mapping[str, str] | None = None,
    lost: Sequence[str] = (),
) -> list[str]:
    """What nobody should overlook: papers that are gone since the last run (`lost`), joins and rules that match nothing, tiers
    that release nothing, papers that are missing by the machine's fault (`open_failures`)."""
    found = [*lost]
    found += [warning for join in joins if (warning := join.warning())]
    for tier, account in tiers.items():
        if not account["released"]:
            why = ", ".join(f"{r['reason']} {r['count']:,}" for r in account["reasons"])
            found.append(f"tier {tier} releases no document ({why})")
    if failures:
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(Counter(failures.values()).items()))
        first = ", ".join(list(failures)[:3]) + (", ..." if len(failures) > 3 else "")
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
        lost: warnings about papers that are gone since the last run.

    Returns:
        the report. Papers that failed by the machine's fault and are asked again by the next run (`open_failures`) stand in
        it, and in the manifest when there are any.

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
    tiers = {tier: check_conservation(tables, tier) for tier in tables.tiers()}
    manifest = {
        "format": 1,
        "name": tables.name,
        "licences": tables.licences(),
        "files": sorted(files, key=lambda f: (f["tier"], f["file"])),
    }
    failures = open_failures(tables)
    told = {"count": len(failures), "first": list(failures)[:FAILURES_NAMED]}
    if failures:
        manifest["open_failures"] = told
    store.update_json(f"{folder}/manifest.json", manifest)
    papers = tables.manifest("papers").rows
    report = {
        "run": tables.name,
        "release": folder,
        "papers": {"in": papers},
        "left_out": {s: {"count": len(p), "first": list(p[:LEFT_OUT_NAMED])} for s, p in (left_out or {}).items() if p},
        "open_failures": {**told, "reasons": dict(sorted(Counter(failures.values()).items()))},
        "stages": [r.to_json(papers) for r in reports],
        "tiers": tiers,
        "joins": [join.to_json() for join in joins],
        **_blocks(summaries or {}),
        "warnings": warnings_of(joins, tiers, failures, lost),
        "unsure": _unsure(tables),
        "withheld_sources": withheld_works(tables),
        "artefacts": dict(
            pair for name, stage in tables.stages.items() for pair in artefacts_of(stage["identity"], name)
        ),
        "versions": {"python": platform.python_version(), **_versions()},
    }
    store.write_json("report.json", report)
    if not any(t["released"] for t in tiers.values()):
        why = ", ".join(f"{r['reason']} {r['count']}" for r in next(iter(tiers.values()))["reasons"])
        idle = "".join(f"; {warning}" for join in joins if (warning := join.warning()))
        raise RunError(
            f"no paper is left to release ({why}){idle}; `astrocorpus trace {store.root} ID` tells each one's way"
        )
    return report


def _blocks(summaries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What steps tell of their tables: the blocks that the card has words for by their names, all others by stage."""
    others = {stage: {k: v for k, v in told.items() if k != FAMILIES} for stage, told in summaries.items()}
    families = next((told[FAMILIES] for told in summaries.values() if FAMILIES in told), None)
    return {FAMILIES: families, "summaries": {stage: told for stage, told in others.items() if told}}


def _unsure(tables: RunTables) -> dict[str, int]:
    """Key -> papers of whose metadata it holds what is no identifier, licence or date, or on which records disagree."""
    said = tables.scan("papers").select("doc_id", "unsure").explode("unsure").drop_nulls()
    keys = (
        said.select("doc_id", pl.col("unsure").str.extract(r"^([^:]+): ").alias("key")).drop_nulls().unique().collect()
    )
    return dict(keys.group_by("key").len().sort("key").iter_rows())


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):  # PyMuPDF may be left out for its licence
            found[name] = version(name)
    return found


def trace(tables: RunTables, wanted: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """One paper's way: (table, row) for every table that speaks of it.

    Args:
        wanted: doc_id or a prefix of it, paper_id, the source's own id, or the member.

    Raises:
        UserError: no paper of that id.
    """
    c = pl.col
    match = (
        (c("doc_id") == wanted)
        | c("doc_id").str.starts_with(wanted)
        | (c("paper_id") == wanted)
        | (c("paper_id") == f"arXiv:{wanted}")
        | (c("source_id") == wanted)
        | (c("member") == wanted)
    )
    found = tables.scan("papers").filter(match).sort("doc_id").collect()
    if found.is_empty():
        raise UserError(f"no paper {wanted!r} in {tables.store.root} (ids look like {_example(tables)})")
    shown = [table for table, working in tables.tables.items() if table != "papers" and not working]
    for paper in found.iter_rows(named=True):
        yield "papers", paper
        for table in shown:
            frame = tables.scan(table)
            columns = frame.collect_schema().names()
            if "doc_id" not in columns:
                continue
            mine = c("doc_id") == paper["doc_id"]
            if "mate" in columns:
                mine = mine | (c("mate") == paper["doc_id"])
            for row in frame.filter(mine).collect().iter_rows(named=True):
                yield table, row
        yield from _released_as(tables, paper["doc_id"])


def _released_as(tables: RunTables, doc_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not tables.has("release"):
        return
    for tier in tables.tiers():
        for shard in tables.shards(tier):
            if doc_id in tables.store.read_table(shard.file, ["id"])["id"].to_pylist():
                yield "release", {"tier": tier, "file": shard.file}


def _doubled(ids: pl.Series) -> list[str]:
    return sorted(ids.filter(ids.is_duplicated()).unique())


def _example(tables: RunTables) -> str:
    return str(tables.scan("papers").select("doc_id").head(1).collect()["doc_id"].first())
