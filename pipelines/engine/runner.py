"""Runs a pipeline over a run folder: turns stages into tasks, has what is missing made, ends with the shards.

Stages run one after the other; the parts of a stage run side by side.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError
from curation.joins import Join, Kind, Side
from curation.release.shards import ShardPlan, Shards, ShardStep
from curation.step import ExchangeStep, MapStep, Step, WholeStep
from pipelines.engine.blame import blame
from pipelines.engine.executor import Executor
from pipelines.engine.fingerprint import SHORT, differences, digest, manifest_digest, stage_fingerprint
from pipelines.engine.parts import PartRunner, StageReport
from pipelines.engine.progress import Reporter
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.stage import Layout, Pipeline, Stage
from pipelines.engine.store import Store
from pipelines.engine.task import HomeTask, MapTask, MergeTask, ShardTask, SplitTask, Task, WholeTask
from pipelines.engine.units import PlannedUnit, Selection, UnitPlan, plan_units, source_root
from schemas import Status


@dataclass(frozen=True)
class Retry:
    """Which failed papers to open again: those with one of `reasons`, or all."""

    reasons: frozenset[str] | None = None

    def wants(self, reason: str) -> bool:
        return self.reasons is None or reason in self.reasons


@dataclass(frozen=True)
class Made:
    """A finished table, or in a dry run what is known of it."""

    stage: Stage
    folder: str
    manifest: Manifest

    def files(self) -> tuple[str, ...]:
        return tuple(p.file for p in self.manifest.parts)

    def by_part(self) -> dict[int, Receipt]:
        return {p.part: p for p in self.manifest.parts}

    @property
    def digest(self) -> str:
        return manifest_digest(p.sha256 for p in self.manifest.parts)


class Runner:
    """One run of a pipeline in a run folder.

    Args:
        pipeline: what to do.
        store: the run folder.
        executor: where tasks run.
        reporter: where progress goes.
        selection: part of the sources only.
        retry: failed papers to open again.
        accept_removed: take papers that a source no longer lists for removed, however many.
        dry: plan only: nothing is run, nothing is written; `reports` say what would be.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        executor: Executor,
        reporter: Reporter,
        selection: Selection | None = None,
        retry: Retry | None = None,
        *,
        accept_removed: bool = False,
        dry: bool = False,
    ) -> None:
        self.pipeline, self.store, self.reporter, self.dry = pipeline, store, reporter, dry
        self.selection, self.retry, self.accept_removed = selection or Selection(), retry, accept_removed
        self.parts = PartRunner(store, executor, reporter, dry=dry)
        self.made: dict[str, Made] = {}
        self.left_out: Mapping[str, tuple[str, ...]] = {}
        self.reports: list[StageReport] = []
        self.joins: list[Join] = []
        self.lost: tuple[str, ...] = ()
        self.near_families: Mapping[str, Any] | None = None
        self._identities: dict[str, Any] = {}
        self._before: dict[str, Any] = store.read_as("run.json", _stages_in_order) or {}
        self._roots: dict[str, str] = {}

    def run(self) -> None:
        """Run all stages and make the shards. The account is drawn by `pipelines.engine.account`."""
        self.run_stages()
        self._stage(Stage(ShardPlan(tiers=self.pipeline.tiers, shard_rows=self.pipeline.shard_rows)))
        if self.dry and self.reports[-1].computed:
            self.reports.append(
                StageReport("release", Shards.name, Shards.version, "", why="depends on the stages above")
            )
            return
        self._release((Shards(tiers=self.pipeline.tiers), *self.pipeline.beside))
        if not self.dry:
            self._name_stages({}, finished=True)

    def run_stages(self) -> None:
        """Run the stages without a release."""
        self.pipeline.check()
        if not self.dry and not self.store.exists("run.json"):
            self._name_stages({}, finished=False)  # before anything is listed: a source may hold the run folder
        self._papers()
        for stage in self.pipeline.stages:
            self._stage(stage)

    # -- papers: the first step of every source ----------------------------------------------------------

    def _papers(self) -> None:
        steps = self.pipeline.sources
        identities = sorted({json.dumps(s.identity(), sort_keys=True) for s in steps})
        identity = {"sources": [json.loads(i) for i in identities], "selection": self.selection.to_json()}
        report, folder = self._open("papers", steps[0], digest(identity), identity)
        self._roots = {step.model_dump()["source"]: source_root(step) for step in steps}
        plan = plan_units(self.store, folder, steps, self.selection, accept_removed=self.accept_removed)
        self.left_out, self.lost = plan.left_out, plan.lost
        self.joins = [*plan.joins, *self._scopes(plan)]
        report.why = "; ".join(filter(None, (report.why, plan.news)))
        for unit in plan.units:
            if unit.is_new and not self.dry:
                self.store.write_json(f"{folder}/{unit.file}", unit.unit.to_json())
        tasks = [self._paper_task(folder, unit) for unit in plan.units]
        receipts = self.parts.run(report, tasks, {u.part: len(u.unit.entries) for u in plan.units}, self._asked_again)
        retired = tuple(f"part-{n:05d}" for n in plan.retired)
        self._finish(Stage(steps[0]), folder, report, receipts, retired)
        if not self.dry:
            self._check_unique(self.made["papers"])

    def _scopes(self, plan: UnitPlan) -> Iterator[Join]:
        counts: Counter[str] = Counter()
        for unit in plan.units:
            counts[unit.unit.source] += len(unit.unit.entries)
        for source, scope in self.pipeline.scopes.items():
            given = Side("sources", 1, int(counts[source] > 0))
            yield Join(Kind.SCOPE, f"{source}: {scope}", given, Side("papers", counts.total(), counts[source]))

    def _paper_task(self, folder: str, unit: PlannedUnit) -> Task:
        return MapTask(
            step=unit.source,
            root=str(self.store.root),
            target=f"{folder}/part-{unit.part:05d}",
            part=unit.part,
            digests={"unit": digest(unit.unit.to_json())},
            side={"root": source_root(unit.source)},
            unit=f"{folder}/{unit.file}",
        )

    def _check_unique(self, papers: Made) -> None:
        seen: set[str] = set()
        for file in papers.files():
            ids = self.store.read_table(file, ["doc_id"])["doc_id"].to_pylist()
            if doubled := seen.intersection(ids):
                raise ContractError(f"the sources give one id to two papers: {', '.join(sorted(doubled)[:5])}")
            seen.update(ids)

    # -- every other stage --------------------------------------------------------------------------------

    def _stage(self, stage: Stage) -> None:
        step = stage.step
        # what a part of a map step depends on stands in its receipt; everything else depends on all parts
        per_part = isinstance(step, MapStep)
        digests = {n: self.made[n].digest for n in step.reads() if not per_part or self._is_whole(n)}
        report, folder = self._open_step(stage.table, step, digests)
        if isinstance(step, MapStep):
            receipts = self._map(step, folder, report)
        elif isinstance(step, ExchangeStep):
            receipts = self._exchange(stage, step, folder, report)
        else:
            inputs = {name: self.made[name].files() for name in step.reads()}
            receipts = self.parts.run(report, [self._task(WholeTask, step, f"{folder}/part-00000", 0, inputs, digests)])
        self._finish(stage, folder, report, receipts)
        if isinstance(step, WholeStep):
            self._take_summary(step, receipts[0].extra.get("summary", {}))

    def _take_summary(self, step: WholeStep, summary: Mapping[str, Any]) -> None:
        """Check what a table says of itself, made now or there before; in a dry run only the latter says anything."""
        with blame(f"step {step.name}, its summary"):
            step.guard(summary)
            self.joins += [Join.from_json(join) for join in summary.get("joins", ())]
        self.near_families = summary.get("near_families", self.near_families)

    def _map(self, step: MapStep, folder: str, report: StageReport) -> list[Receipt]:
        tasks = self._per_part(MapTask, step, lambda part: f"{folder}/part-{part:05d}")
        return self.parts.run(report, tasks, self._rows_by_part(step), self._asked_again)

    def _asked_again(self, part: Receipt) -> frozenset[str]:
        """The failed papers of a part that this run asks again: for the machine's failures, and as `retry` says."""
        wanted = set(part.open_faults())
        if self.retry is not None and part.failed:
            columns = ("doc_id", "status", "reason")
            for row in self.store.read_table(part.file, columns).to_pylist():
                if row["status"] == Status.FAILED and self.retry.wants(row["reason"]):
                    wanted.add(row["doc_id"])
        return frozenset(wanted)

    def _exchange(self, stage: Stage, step: ExchangeStep, folder: str, report: StageReport) -> list[Receipt]:
        splits = self._split(stage.table, step, report)
        home = stage.layout is Layout.PARTS
        target = f"{folder}/merged/part" if home else f"{folder}/part"
        with blame(f"step {step.name}"):
            wanted = range(step.count(self._whole_tables(step)))
        merged = self.parts.run(report, [self._merge(MergeTask, step, f"{target}-{p:05d}", p, splits) for p in wanted])
        if not home:
            return merged
        aligned, _ = self._aligned(step)
        tasks = []
        for part, base in sorted(self.made[aligned[0]].by_part().items()):
            inputs = {"merged": tuple(r.file for r in merged), "base": (base.file,)}
            digests = {"merged": manifest_digest(r.sha256 for r in merged), "base": base.sha256}
            tasks.append(self._task(HomeTask, step, f"{folder}/part-{part:05d}", part, inputs, digests))
        return self.parts.run(report, tasks, self._rows_by_part(step))

    def _split(
        self, stage: str, step: ExchangeStep, report: StageReport, given: Mapping[int, Mapping[str, str]] | None = None
    ) -> list[Receipt]:
        """The map side of an exchange. Its folder names the step, its receipts the part: new parts leave old ones be.

        Args:
            given: part -> digests of what its split is given of whole tables; by default those of the whole tables.
        """
        fingerprint = digest({"split": step.identity()})
        folder = f"split-{stage}-{fingerprint[:SHORT]}"
        aligned, whole = self._aligned(step)
        if aligned:
            tables = {name: self.made[name].digest for name in whole}
            tasks = [
                replace(task, digests={**task.digests, **(given[task.part] if given is not None else tables)})
                for task in self._per_part(SplitTask, step, lambda part: f"{folder}/part-{part:05d}")
            ]
        elif len(whole) > 1:
            raise ContractError(f"step {step.name} exchanges one partitioned table, not {', '.join(whole)}")
        else:
            name = next(iter(whole))
            tasks = [
                self._task(SplitTask, step, f"{folder}/part-{r.part:05d}", r.part, {name: (r.file,)}, {name: r.sha256})
                for r in self.made[name].manifest.parts
            ]
        receipts = self.parts.run(report, tasks)
        self._identities[stage]["splits"].append(folder)
        if not self.dry:
            manifest = Manifest(stage, step.name, step.version, fingerprint, "split", tuple(receipts))
            self.store.update_json(f"{folder}/{MANIFEST}", manifest.to_json())
        return receipts

    def _merge(self, kind: type[Task], step: ExchangeStep, target: str, part: int, splits: Sequence[Receipt]) -> Task:
        # rows that go home carry the number of their part
        digests = {"split": manifest_digest(f"{r.part} {r.sha256}" if step.home else r.sha256 for r in splits)}
        task = self._task(kind, step, target, part, {"split": tuple(r.file for r in splits)}, digests)
        return replace(task, parts=tuple(r.part for r in splits))

    # -- release ------------------------------------------------------------------------------------------

    def _release(self, steps: Sequence[ShardStep]) -> None:
        """Shards of every kind in one folder: `<tier>/shard-00000.parquet`, `<tier>-pairs/shard-00000.parquet`."""
        digests = {name: self.made[name].digest for step in steps for name in step.reads()}
        identity = {"kinds": {step.kind: step.identity() for step in steps}}
        upstream = {name: self.made[name].manifest.fingerprint for name in sorted(digests)}
        fingerprint = stage_fingerprint(identity, upstream, digests)
        report, folder = self._open(
            "release", steps[0], fingerprint, {**identity, "upstream": upstream, "inputs": digests}
        )
        plan = self._whole_tables(steps[0])["shard_plan"].select(["tiers", "partition"]).to_pylist()
        wanted = sorted({(tier, row["partition"]) for row in plan for tier in row["tiers"]})
        receipts: list[Receipt] = []
        for step in steps:
            splits = self._split("release", step, report, self._plan_by_part(step))
            suffix = "" if step.kind == Shards.kind else f"-{step.kind}"
            tasks = []
            for tier, partition in wanted:
                target = f"{folder}/{tier}{suffix}/shard-{partition:05d}"
                tasks.append(replace(self._merge(ShardTask, step, target, partition, splits), side={"tier": tier}))
            receipts += self.parts.run(report, tasks)
        self._finish(Stage(steps[0]), folder, report, receipts, table="release")

    def _plan_by_part(self, step: ShardStep) -> dict[int, dict[str, str]]:
        """Digest of what the shard plan says of each part's documents: where it says the same, the split is the same."""
        plan = self._whole_tables(step)["shard_plan"]
        parts = self.made[self._aligned(step)[0][0]].by_part()
        ids = pa.concat_tables(self.store.read_table(r.file, ["doc_id"]) for r in parts.values())["doc_id"]
        places = pc.index_in(ids, value_set=plan["doc_id"].combine_chunks()).combine_chunks()
        found, start = {}, 0
        for part, receipt in parts.items():
            rows = plan.take(places.slice(start, receipt.rows).drop_null()).to_pylist()
            found[part], start = {"shard_plan": digest(rows)}, start + receipt.rows
        return found

    # -- shared -------------------------------------------------------------------------------------------

    def _is_whole(self, table: str) -> bool:
        return self.made[table].stage.layout is not Layout.PARTS

    def _aligned(self, step: Step) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        """Tables of a step that are co-partitioned, and the files of those that it gets whole."""
        reads = sorted(step.reads())
        aligned = [name for name in reads if not self._is_whole(name)]
        return aligned, {name: self.made[name].files() for name in reads if self._is_whole(name)}

    def _whole_tables(self, step: Step) -> dict[str, pa.Table]:
        """The tables that a step gets whole, read here; not in a dry run when they are still to be made."""
        reads = step.reads()
        _, whole = self._aligned(step)
        return {
            name: pa.concat_tables(self.store.read_table(file, reads[name]) for file in files)
            for name, files in whole.items()
            if not self.dry or all(self.store.exists(file) for file in files)
        }

    def _per_part(self, kind: type[Task], step: Step, target: Callable[[int], str]) -> list[Task]:
        aligned, whole = self._aligned(step)
        tables = {name: self.made[name].by_part() for name in aligned}
        tasks = []
        for part in sorted(tables[aligned[0]]):
            inputs = {name: (receipts[part].file,) for name, receipts in tables.items()}
            digests = {name: receipts[part].sha256 for name, receipts in tables.items()}
            task = self._task(kind, step, target(part), part, inputs, digests)
            unit = tables["papers"][part].unit if kind is MapTask and "papers" in tables else None
            tasks.append(replace(task, whole=whole, side={"root": self._roots}, unit=unit))
        return tasks

    def _rows_by_part(self, step: Step) -> dict[int, int]:
        aligned, _ = self._aligned(step)
        return {part: r.rows for part, r in self.made[aligned[0]].by_part().items()}

    def _task(
        self,
        kind: type[Task],
        step: Step,
        target: str,
        part: int,
        inputs: Mapping[str, tuple[str, ...]],
        digests: Mapping[str, str],
    ) -> Task:
        return kind(step=step, root=str(self.store.root), target=target, part=part, inputs=inputs, digests=digests)

    def _open_step(self, stage: str, step: Step, digests: Mapping[str, str]) -> tuple[StageReport, str]:
        with blame(f"step {step.name}"):
            identity = step.identity()
        upstream = {name: self.made[name].manifest.fingerprint for name in sorted(step.reads())}
        fingerprint = stage_fingerprint(identity, upstream, digests)
        return self._open(stage, step, fingerprint, {**identity, "upstream": upstream, "inputs": dict(digests)})

    def _open(self, stage: str, step: Step, fingerprint: str, identity: Mapping[str, Any]) -> tuple[StageReport, str]:
        """Start the report of a stage; says what changed since the last run in this folder."""
        report = StageReport(stage, step.name, step.version, fingerprint)
        before = self._before.get(stage)
        if before is not None and before["fingerprint"] != fingerprint:
            report.why = "; ".join(differences(before["identity"], identity))
        folder = f"{stage}-{fingerprint[:SHORT]}"
        named = {
            "fingerprint": fingerprint,
            "folder": folder,
            "identity": identity,
            "working": step.provides.working,
            "splits": [],
        }
        self._identities[stage] = json.loads(json.dumps(named))  # as run.json gives it back
        self.reports.append(report)
        return report, folder

    def _finish(
        self,
        stage: Stage,
        folder: str,
        report: StageReport,
        receipts: Iterable[Receipt],
        retired: tuple[str, ...] = (),
        table: str = "",
    ) -> None:
        parts = tuple(receipts)
        report.parts, report.rows = len(parts), sum(r.rows for r in parts)
        name = table or stage.table
        step = stage.step
        manifest = Manifest(name, step.name, step.version, report.fingerprint, stage.layout.value, parts, retired)
        self.made[name] = Made(stage, folder, manifest)
        if self.dry:
            return
        because = f" ({report.why})" if report.why else ""
        done = f"{report.computed:,} files made, {report.cached:,} there" if report.computed else "nothing to do"
        done += f", {report.asked_again:,} papers asked again" if report.asked_again else ""
        self.reporter.finished(f"{report.stage:<18} {report.rows:>9,} rows, {done}{because}")
        is_new = self.store.update_json(f"{folder}/{MANIFEST}", manifest.to_json())
        if is_new or self._before.get(name) != self._identities[name]:
            self._name_stages(self._before, finished=False)

    def _name_stages(self, before: Mapping[str, Any], *, finished: bool) -> None:
        """Write run.json. A stage that this run has not reached keeps its name of `before`, the release among them."""
        made = {name: self._identities[name] for name in self.made}
        stages = {**before, **made}
        order = [*made, *(name for name in before if name not in made)]
        run = {"name": self.pipeline.name, "order": order, "stages": stages, "finished": finished}
        self.store.update_json("run.json", run)


def _stages_in_order(run: Mapping[str, Any]) -> dict[str, Any]:
    return {name: run["stages"][name] for name in run["order"]}
