"""Runs a pipeline over a run folder: plans stages, executes what is not there, ends with a release and its account.

Stages run one after the other; the parts of a stage run side by side. What is already there is found by receipts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import ContractError
from curation.release.shards import ShardPlan, Shards
from curation.step import ExchangeStep, MapStep, Step
from pipelines.engine.executor import Executor
from pipelines.engine.fingerprint import SHORT, digest, manifest_digest, stage_fingerprint
from pipelines.engine.progress import Reporter
from pipelines.engine.receipt import Cost, Manifest, Receipt
from pipelines.engine.stage import Layout, Pipeline, Stage
from pipelines.engine.store import Store
from pipelines.engine.task import HomeTask, MapTask, MergeTask, ShardTask, SplitTask, Task, WholeTask
from pipelines.engine.units import PlannedUnit, Selection, plan_units, source_root

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class Retry:
    """Which failed papers to open again: those with one of `reasons`, or all."""

    reasons: frozenset[str] | None = None


@dataclass
class StageReport:
    """What a stage did in this run."""

    stage: str
    step: str
    version: int
    fingerprint: str
    why: str = ""
    parts: int = 0
    computed: int = 0
    cached: int = 0
    rows: int = 0
    cost: Cost = field(default_factory=Cost)

    def add(self, receipt: Receipt, *, cached: bool) -> None:
        self.cached += cached
        self.computed += not cached
        self.cost = Cost(self.cost.wall_s + receipt.cost.wall_s, self.cost.cpu_s + receipt.cost.cpu_s)

    def to_json(self) -> dict[str, Any]:
        plain = {k: v for k, v in self.__dict__.items() if k not in ("cost", "why")}
        return {**plain, "wall_s": round(self.cost.wall_s, 3), "cpu_s": round(self.cost.cpu_s, 3)}


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
        dry: bool = False,
    ) -> None:
        self.dry = dry
        self.pipeline, self.store, self.executor, self.reporter = pipeline, store, executor, reporter
        self.selection, self.retry = selection or Selection(), retry
        self.made: dict[str, Made] = {}
        self.reports: list[StageReport] = []
        self.identities: dict[str, Any] = {}
        self._before: dict[str, Any] = (store.read_json("run.json") or {}).get("stages", {})
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
        self._shards(Stage(Shards(tiers=self.pipeline.tiers)))

    def run_stages(self) -> None:
        """Run the stages without a release."""
        self.pipeline.check()
        self._papers()
        for stage in self.pipeline.stages:
            self._stage(stage)

    def folder(self, stage: str, fingerprint: str) -> str:
        return f"{stage}-{fingerprint[:SHORT]}"

    # -- papers: the sources' first step --------------------------------------------------------------

    def _papers(self) -> None:
        steps = self.pipeline.sources
        identities = sorted({json.dumps(s.identity(), sort_keys=True) for s in steps})
        identity = {
            "step": steps[0].name,
            "sources": [json.loads(i) for i in identities],
            "selection": self.selection.to_json(),
        }
        fingerprint = digest(identity)
        folder = self.folder("papers", fingerprint)
        self._roots = {step.model_dump()["source"]: source_root(step) for step in steps}
        plan = plan_units(self.store, folder, steps, self.selection)
        for unit in plan.units:
            if unit.is_new and not self.dry:
                self.store.write_json(f"{folder}/{unit.file}", unit.unit.to_json())
        tasks = [self._paper_task(folder, unit) for unit in plan.units]
        report = self._report("papers", steps[0], fingerprint, identity)
        stage = Stage(steps[0])
        receipts = self._execute(report, tasks, {u.part: len(u.unit.entries) for u in plan.units})
        retired = tuple(f"part-{n:05d}" for n in plan.retired)
        self._finish(stage, folder, report, receipts, retired)
        if not self.dry:
            self._check_unique(self.made["papers"])

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
            ids = pq.read_table(self.store.path(file), columns=["doc_id"])["doc_id"].to_pylist()
            if doubled := seen.intersection(ids):
                raise ContractError(f"the sources give one id to two papers: {', '.join(sorted(doubled)[:5])}")
            seen.update(ids)

    # -- every other stage ----------------------------------------------------------------------------

    def _stage(self, stage: Stage) -> None:
        step = stage.step
        identity = step.identity()
        upstream = {name: self.made[name].manifest.fingerprint for name in sorted(step.reads())}
        is_map = isinstance(step, MapStep)
        digests = {name: self.made[name].digest for name in step.reads() if not is_map or self._is_whole(name)}
        fingerprint = stage_fingerprint(identity, upstream, digests)
        folder = self.folder(stage.table, fingerprint)
        report = self._report(stage.table, step, fingerprint, {**identity, "upstream": upstream, "inputs": digests})
        if isinstance(step, MapStep):
            receipts = self._map(step, folder, report)
        elif isinstance(step, ExchangeStep):
            receipts = self._exchange(stage, step, folder, report)
        else:
            task = self._task(
                WholeTask, step, f"{folder}/part-00000", 0, {n: self.made[n].files() for n in step.reads()}, digests
            )
            receipts = self._execute(report, [task])
        self._finish(stage, folder, report, receipts)

    def _is_whole(self, table: str) -> bool:
        return self.made[table].stage.layout is not Layout.PARTS

    def _aligned(self, step: Step) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        """Tables of a step that are co-partitioned, and the files of those that it gets whole."""
        reads = sorted(step.reads())
        aligned = [name for name in reads if not self._is_whole(name)]
        return aligned, {name: self.made[name].files() for name in reads if self._is_whole(name)}

    def _map(self, step: MapStep, folder: str, report: StageReport) -> list[Receipt]:
        tasks = self._per_part(MapTask, step, lambda part: f"{folder}/part-{part:05d}")
        if self.retry is not None and step.provides.name == "documents":
            tasks = [self._reopened(task) for task in tasks]
        return self._execute(report, tasks, self._rows_by_part(step))

    def _per_part(self, kind: type[Task], step: Step, target: Callable[[int], str]) -> list[Task]:
        aligned, whole = self._aligned(step)
        tables = {name: self.made[name].by_part() for name in aligned}
        tasks = []
        for part in sorted(tables[aligned[0]]):
            inputs = {name: (receipts[part].file,) for name, receipts in tables.items()}
            digests = {name: receipts[part].sha256 for name, receipts in tables.items()}
            task = self._task(kind, step, target(part), part, inputs, digests)
            tasks.append(kind(**{**task.__dict__, "whole": whole, "side": {"root": self._roots}}))
        return tasks

    def _rows_by_part(self, step: Step) -> dict[int, int]:
        aligned, _ = self._aligned(step)
        return {part: r.rows for part, r in self.made[aligned[0]].by_part().items()}

    def _reopened(self, task: Task) -> Task:
        """The task as a new revision of its part, if the newest one has failed papers of the wanted reasons."""
        current = self._receipt(task)
        if current is None or current.failed == 0 or self.retry is None:
            return task
        if self.retry.reasons is not None:
            reasons = pq.read_table(self.store.path(current.file), columns=["reason"])["reason"].to_pylist()
            if not self.retry.reasons.intersection(reasons):
                return task
        base = task.target.partition(".r")[0]
        revision = int(current.file.removesuffix(".parquet").partition(".r")[2] or 0) + 1
        side = {**task.side, "previous": (current.file, self.retry.reasons)}
        return type(task)(**{**task.__dict__, "target": f"{base}.r{revision}", "side": side})

    def _exchange(self, stage: Stage, step: ExchangeStep, folder: str, report: StageReport) -> list[Receipt]:
        splits = self._split(step, folder, report)
        _, whole = self._aligned(step)
        home = stage.layout is Layout.PARTS
        target = f"{folder}/merged/part" if home else f"{folder}/part"
        wanted = range(self._count(step, whole))
        merges = [self._merge_task(MergeTask, step, f"{target}-{p:05d}", p, splits) for p in wanted]
        merged = self._execute(report, merges)
        if not home:
            return merged
        aligned, _ = self._aligned(step)
        tasks = []
        for part, base in sorted(self.made[aligned[0]].by_part().items()):
            inputs = {"merged": tuple(r.file for r in merged), "base": (base.file,)}
            digests = {"merged": manifest_digest(r.sha256 for r in merged), "base": base.sha256}
            tasks.append(self._task(HomeTask, step, f"{folder}/part-{part:05d}", part, inputs, digests))
        return self._execute(report, tasks, self._rows_by_part(step))

    def _split(self, step: ExchangeStep, folder: str, report: StageReport) -> list[Receipt]:
        partitioned = [n for n in step.reads() if self.made[n].stage.layout is Layout.PARTITIONS]
        if partitioned and len(step.reads()) > 1:
            raise ContractError(f"step {step.name} exchanges table {partitioned[0]}, so it can read no other table")
        if not partitioned:
            return self._execute(
                report, self._per_part(SplitTask, step, lambda part: f"{folder}/split/part-{part:05d}")
            )
        name = partitioned[0]
        tasks = [
            self._task(
                SplitTask, step, f"{folder}/split/part-{r.part:05d}", r.part, {name: (r.file,)}, {name: r.sha256}
            )
            for r in self.made[name].manifest.parts
        ]
        return self._execute(report, tasks)

    def _merge_task(
        self, kind: type[Task], step: ExchangeStep, target: str, part: int, splits: Sequence[Receipt]
    ) -> Task:
        inputs = {"split": tuple(r.file for r in splits)}
        task = self._task(kind, step, target, part, inputs, {"split": manifest_digest(r.sha256 for r in splits)})
        return kind(**{**task.__dict__, "parts": tuple(r.part for r in splits)})

    def _count(self, step: ExchangeStep, whole: Mapping[str, tuple[str, ...]]) -> int:
        reads = step.reads()
        tables = {
            name: pa.concat_tables(pq.read_table(self.store.path(f), columns=list(reads[name])) for f in files)
            for name, files in whole.items()
        }
        return step.count(tables)

    # -- release --------------------------------------------------------------------------------------

    def _shards(self, stage: Stage) -> None:
        step = stage.step
        if not isinstance(step, Shards):
            raise ContractError("the release is made by Shards")
        identity = step.identity()
        upstream = {name: self.made[name].manifest.fingerprint for name in sorted(step.reads())}
        digests = {name: self.made[name].digest for name in sorted(step.reads())}
        fingerprint = stage_fingerprint(identity, upstream, digests)
        folder = self.folder("release", fingerprint)
        report = self._report("release", step, fingerprint, {**identity, "upstream": upstream, "inputs": digests})
        splits = self._split(step, folder, report)
        plan = pq.read_table(self.store.path(self.made["shard_plan"].files()[0]), columns=["partition", "tiers"])
        wanted = sorted(
            {(t, p) for p, ts in zip(*(plan[c].to_pylist() for c in ("partition", "tiers")), strict=True) for t in ts}
        )
        tasks = []
        for tier, p in wanted:
            task = self._merge_task(ShardTask, step, f"{folder}/{tier}/shard-{p:05d}", p, splits)
            tasks.append(ShardTask(**{**task.__dict__, "side": {"tier": tier}}))
        self._finish(stage, folder, report, self._execute(report, tasks), table="release")

    # -- shared ---------------------------------------------------------------------------------------

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

    def _report(self, stage: str, step: Step, fingerprint: str, identity: Mapping[str, Any]) -> StageReport:
        report = StageReport(stage, step.name, step.version, fingerprint)
        before = self._before.get(stage)
        if before is not None and before["fingerprint"] != fingerprint:
            report.why = "; ".join(differences(before["identity"], dict(identity)))
        self.identities[stage] = {
            "fingerprint": fingerprint,
            "folder": self.folder(stage, fingerprint),
            "identity": identity,
        }
        self.reports.append(report)
        return report

    def _receipt(self, task: Task) -> Receipt | None:
        """The newest receipt of a part that was made from the same inputs and whose file is whole."""
        folder, _, base = task.target.rpartition("/")
        names = [n for n in self.store.names(folder, ".json") if n.split(".")[0] == base.split(".")[0]]
        for name in sorted(names, key=lambda n: int(n.removesuffix(".json").partition(".r")[2] or 0), reverse=True):
            value = self.store.read_json(f"{folder}/{name}")
            receipt = Receipt.from_json(value)
            if dict(receipt.inputs) == dict(task.digests) and self.store.size(receipt.file) == receipt.bytes:
                return receipt
        return None

    def _execute(
        self, report: StageReport, tasks: Sequence[Task], rows: Mapping[int, int] | None = None
    ) -> list[Receipt]:
        """Run the tasks that have no valid receipt; returns the receipts of all, in the order of the tasks."""
        done: dict[str, Receipt] = {}
        missing: list[Task] = []
        for task in tasks:
            receipt = None if "previous" in task.side else self._receipt(task)
            if receipt is None:
                missing.append(self._next_revision(task))
            else:
                done[_slot(task.target)] = receipt
                report.add(receipt, cached=True)
        sizes = rows or dict.fromkeys((t.part for t in tasks), 1)
        if self.dry:
            for task in missing:
                stand_in = Receipt(
                    part=task.part,
                    file=f"{task.target}.parquet",
                    rows=sizes.get(task.part, 0),
                    bytes=0,
                    sha256=f"? {task.target}",
                )
                done[_slot(task.target)] = stand_in
                report.add(stand_in, cached=False)
            return [done[_slot(task.target)] for task in tasks]
        progress = self.reporter.stage(
            report.stage, sum(sizes.get(t.part, 1) for t in tasks), sum(sizes.get(r.part, 1) for r in done.values())
        )
        for receipt in self.executor.run(missing):
            done[_slot(receipt.file.removesuffix(".parquet"))] = receipt
            report.add(receipt, cached=False)
            progress.advance(sizes.get(receipt.part, 1))
        progress.finish(
            f"{report.stage}: {len(missing)} of {len(tasks)} parts computed{' (' + report.why + ')' if report.why else ''}"
        )
        return [done[_slot(task.target)] for task in tasks]

    def _next_revision(self, task: Task) -> Task:
        """A part is never rewritten: when a receipt of other inputs stands in the way, the task makes a revision."""
        if "previous" in task.side or not self.store.exists(f"{task.target}.json"):
            return task
        folder, _, base = task.target.rpartition("/")
        taken = [n for n in self.store.names(folder, ".json") if n.split(".")[0] == base]
        revision = max(int(n.removesuffix(".json").partition(".r")[2] or 0) for n in taken) + 1
        return type(task)(**{**task.__dict__, "target": f"{task.target}.r{revision}"})

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
        manifest = Manifest(
            name, stage.step.name, stage.step.version, report.fingerprint, stage.layout.value, parts, retired
        )
        self.made[name] = Made(stage, folder, manifest)
        if self.dry:
            return
        if self.store.read_json(f"{folder}/{MANIFEST}") != manifest.to_json():
            self.store.write_json(f"{folder}/{MANIFEST}", manifest.to_json())
        stages = {
            k: {**v, "layout": self.made[k].stage.layout.value} for k, v in self.identities.items() if k in self.made
        }
        self.store.write_json("run.json", {"name": self.pipeline.name, "stages": stages})


def _slot(target: str) -> str:
    """A part without its revision."""
    folder, _, base = target.rpartition("/")
    return f"{folder}/{base.split('.')[0]}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two identities, key by key, in words."""
    old, new = dict(_flat(before)), dict(_flat(after))
    changed = []
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            if key.startswith("upstream."):
                changed.append(f"{key.removeprefix('upstream.')} is made another way")
            elif key.startswith("inputs."):
                changed.append(f"the rows of {key.removeprefix('inputs.')} changed")
            else:
                changed.append(f"{key}: {old.get(key)} -> {new.get(key)}")
    return changed


def _flat(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and all(isinstance(v, Mapping) for v in value):
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{prefix}[{i}]")
    else:
        yield prefix, value
