"""Runs a pipeline over a run folder: has what is missing of each stage made, ends with the shards.

Stages run one after the other; the parts of a stage run side by side.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from curation.artefact import check_artefacts
from curation.driver_step import DriverStep
from curation.errors import ContractError
from curation.joins import Join, Kind, Side
from curation.sources.source import Reading
from curation.step import ExchangeStep, MapStep, Step, WholeStep
from pipelines.engine.blame import blame
from pipelines.engine.chain import check_chain
from pipelines.engine.driver import DriverTask
from pipelines.engine.exchange_task import NOWHERE, MergeTask, ShardTask, SplitTask
from pipelines.engine.executor import Executor
from pipelines.engine.fingerprint import digest, folder_name
from pipelines.engine.groups import check_numbers
from pipelines.engine.made import MadeTable, files_of
from pipelines.engine.map_task import MapTask
from pipelines.engine.named import Named
from pipelines.engine.parts import PartRunner, StageReport
from pipelines.engine.plan import PAPERS, Planner
from pipelines.engine.progress import Reporter
from pipelines.engine.receipt import Receipt, open_failures
from pipelines.engine.retry import Retry, asked_again
from pipelines.engine.stage import Layout, Pipeline, Release, Stage
from pipelines.engine.store import Store
from pipelines.engine.task import Task
from pipelines.engine.unique import doubled_ids
from pipelines.engine.units import PlannedUnit, Selection, UnitPlan, plan_units
from schemas.manifest import manifest_head


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
        self.plan = Planner(store.uri)
        self.named = Named(store, pipeline.name, dry=dry)
        self.left_out: Mapping[str, tuple[str, ...]] = {}
        self.reports: list[StageReport] = []
        self.joins: list[Join] = []
        self._planned: UnitPlan | None = None
        self._failed: set[str] = set()
        self.lost: tuple[str, ...] = ()
        self.told: dict[str, Mapping[str, Any]] = {}
        """Stage -> the folded summary of its step, without its joins and warnings."""
        self.readings: dict[str, Reading] = {}
        """Source -> what reading its new and changed papers asks of a server; of a dry run."""
        self.warnings: list[str] = [*pipeline.warnings]
        """What steps tell that nobody should overlook."""

    def run(self) -> None:
        """Run all stages and make the shards. The account is drawn by `pipelines.engine.account`."""
        self.run_stages()
        if (release := self.pipeline.release) is None:
            self.named.finish()
            return
        self._stage(Stage(release.plan))
        if self.dry and self.reports[-1].computed:
            depends = ["depends on the stages above"]
            first = release.steps[0]
            self.reports.append(StageReport("release", first.name, first.version, "", depends))
            return
        self._release(release)
        self.named.finish()

    def run_stages(self) -> None:
        """Run the stages without a release."""
        check_chain(self.pipeline)
        for warning in () if self.dry else self.pipeline.warnings:
            self.reporter.say(f"warning: {warning}")
        self._check_engines()
        self.parts.artefacts = self._pinned()
        self.named.begin()  # before anything is listed: a source may hold the run folder
        self._papers()
        for stage in self.pipeline.stages:
            self._stage(stage)
        if self._planned is not None:
            self._preview_joins(self._planned)

    def _check_engines(self) -> None:
        """Raises UserError where a stage that asks an engine could not: papers are read for hours before the first one does."""
        for step in (stage.step for stage in self.pipeline.stages):
            if isinstance(step, DriverStep) and not self.dry:
                with blame(f"step {step.name}"):
                    step.check_engine()

    def _pinned(self) -> frozenset[str]:
        """sha256 of every artefact that the run names, as it lies there now."""
        release = () if self.pipeline.release is None else self.pipeline.release.steps
        steps = (*self.pipeline.sources, *(stage.step for stage in self.pipeline.stages), *release)
        pinned = set[str]()
        for step in steps:
            with blame(f"step {step.name}"):
                pinned.update(step.artefacts().values())
        return frozenset(pinned)

    def _check_artefacts(self, step: Step) -> None:
        check_artefacts(f"step {step.name}", step.artefacts(), self.parts.artefacts)

    # -- papers: the first step of every source ----------------------------------------------------------

    def _papers(self) -> None:
        steps = self.pipeline.sources
        identities = sorted({json.dumps(s.identity(), sort_keys=True) for s in steps})
        selection = self.selection.to_json()
        identity = {"sources": [json.loads(i) for i in identities], "selection": selection}
        stage = Stage(steps[0])
        # parts keep their numbers whatever sources come and change: each receipt has the identity of its own source
        report, folder = self._open(PAPERS, stage, identity, steps, {"selection": selection})
        self.plan.sources.update({source.source: source for source in steps})
        plan = plan_units(self.store, folder, steps, self.selection, accept_removed=self.accept_removed, dry=self.dry)
        self.left_out, self.lost = plan.left_out, plan.lost
        self.joins = [*plan.joins, *self._scopes(plan)]
        report.reasons += [plan.news] if plan.news else []
        if self.dry:
            self._planned = plan
        else:
            plan.close()
        tasks = [self._paper_task(folder, unit) for unit in plan.units]
        receipts = self.parts.run(report, tasks, {u.part: u.count for u in plan.units}, self._asked_again)
        self.plan.units.update({receipt.part: receipt.unit for receipt in receipts})
        self._check_bounds(sum(receipt.rows for receipt in receipts))
        self._finish(stage, folder, report, receipts, tuple(f"part-{n:05d}" for n in plan.retired))
        for step in steps:
            mine = {unit.part for unit in plan.units if unit.source is step}
            self._take_summary(f"{PAPERS} of {step.source}", step, report, (r for r in receipts if r.part in mine))
        if not self.dry:
            self._check_unique()

    def _check_bounds(self, papers: int) -> None:
        """Raises LimitError, before anything is made of the papers, where they are more than a whole step can hold."""
        release = self.pipeline.release
        stages = (*self.pipeline.stages, *([] if release is None else [Stage(release.plan)]))
        of_each = {PAPERS} | {
            table.name
            for stage in stages
            for table in stage.step.tables()
            if stage.layout is Layout.PARTS and not stage.step.has_many(table)
        }
        for step in (stage.step for stage in stages):
            if isinstance(step, WholeStep):
                step.check_rows({name: papers if name in of_each else 0 for name in step.reads()})

    def _preview_joins(self, plan: UnitPlan) -> None:
        """What reading costs, and what the snapshots would match, where a dry run does not know it from tables that are there."""
        for source in self.pipeline.sources:
            if reading := source.reading(plan.listed[source.source].left()):
                self.readings[source.source] = reading
        known = {join.name for join in self.joins if join.kind is Kind.METADATA}
        for source in self.pipeline.sources:
            if source.source not in known:
                self.joins += self.pipeline.preview(source, plan.listed[source.source].entries())
        plan.close()

    def _scopes(self, plan: UnitPlan) -> Iterator[Join]:
        counts: Counter[str] = Counter()
        for unit in plan.units:
            counts[unit.source.source] += unit.count
        for source, scope in self.pipeline.scopes.items():
            given = Side("sources", 1, int(counts[source] > 0))
            yield Join(Kind.SCOPE, f"{source}: {scope}", given, Side("papers", counts.total(), counts[source]))

    def _paper_task(self, folder: str, unit: PlannedUnit) -> Task:
        return MapTask(
            step=unit.source,
            root=self.store.uri,
            target=f"{folder}/part-{unit.part:05d}",
            part=unit.part,
            digests={"unit": unit.digest, "source": digest(unit.source.identity())},
            unit=f"{folder}/{unit.file}",
        )

    def _check_unique(self) -> None:
        if doubled := doubled_ids(self.store, self.plan.made[PAPERS].all(), "doc_id"):
            raise ContractError(f"the sources give one id to two papers: {', '.join(doubled[:5])}")

    # -- every other stage --------------------------------------------------------------------------------

    def _stage(self, stage: Stage) -> None:
        step = stage.step
        with blame(f"step {step.name}"):
            identity = step.identity()
            self._check_artefacts(step)
        report, folder = self._open(stage.name, stage, identity, [step])
        if isinstance(step, MapStep):
            kind = DriverTask if step.where == "driver" else MapTask
            tasks = self.plan.per_part(kind, step, folder, self._cuts(step, folder, report))
            receipts = self.parts.run(report, tasks, self.plan.rows_by_part(), self._asked_again)
        elif isinstance(step, ExchangeStep):
            receipts = self._exchange(stage, step, folder, report)
        else:
            if isinstance(step, WholeStep) and not self.dry:
                step.check_rows({name: self.plan.made[name].rows for name in step.reads()})
            with blame(f"step {step.name}"):
                tasks = self.plan.whole(step, folder)
            receipts = self.parts.run(report, tasks)
        self._finish(stage, folder, report, receipts)
        self._take_summary(stage.name, step, report, receipts)

    def _take_summary(self, name: str, step: Step, report: StageReport, receipts: Iterable[Receipt]) -> None:
        """Check what a table, or a source's part of it, says of itself, made now or there before; a dry run knows only a table
        that is all there."""
        if self.dry and report.computed:
            self.warnings += filter(None, (step.costs(),))
            return
        with blame(f"step {step.name}, its summary"):
            summary = step.fold(r.extra["summary"] for r in receipts if "summary" in r.extra)
            self._check_artefacts(step)
            step.guard(summary)
            self.joins += [Join.from_json(join) for join in summary.get("joins", ())]
            self.warnings += (*summary.get("warnings", ()), *report.warnings)
        self.told[name] = {key: value for key, value in summary.items() if key not in ("joins", "warnings")}

    def _asked_again(self, part: Receipt) -> frozenset[str]:
        return asked_again(self.store, self.retry, part)

    def _cuts(self, step: Step, folder: str, report: StageReport) -> dict[str, Receipt]:
        """The tables that reach the parts of a step cut, each cut anew where it or the documents changed."""
        cuts = {}
        for name, task in self.plan.cuts(step, folder).items():
            cuts[name] = self.parts.prepare(report, task)
            self.named.keep(report.stage, f"{folder}/cut-{name}", [cuts[name]])
            if name not in self._working and (matched := cuts[name].extra.get("matched")):
                self.joins.append(self._join(step, name, matched))
        return cuts

    def _join(self, step: Step, table: str, matched: Mapping[str, Any]) -> Join:
        """What a table that reaches the parts of a step by keys matched."""
        rows, documents = matched["rows"], matched["documents"]
        given = Side("rows", rows["count"], rows["matched"], tuple(rows["samples"]))
        papers = Side("documents", self.plan.made[PAPERS].rows, documents["matched"], tuple(documents["samples"]))
        return Join(Kind.TABLE, f"{table} by {step.keys[table]} for {step.name}", given, papers)

    def _exchange(self, stage: Stage, step: ExchangeStep, folder: str, report: StageReport) -> list[Receipt]:
        splits = self._split(stage.name, step, report)
        home = stage.layout is Layout.PARTS
        target = f"{folder}/merged/part" if home else f"{folder}/part"
        with blame(f"step {step.name}"):
            wanted = range(step.count(self.told))
        tasks = self.plan.merges(MergeTask, step, {p: f"{target}-{p:05d}" for p in wanted}, splits)
        merged = self.parts.run(report, tasks)
        if not home:
            return merged
        self.named.keep(stage.name, f"{folder}/merged", merged)
        return self.parts.run(report, self.plan.homes(step, folder, merged), self.plan.rows_by_part())

    def _split(self, stage: str, step: ExchangeStep, report: StageReport) -> list[tuple[Receipt, int]]:
        """The map side of an exchange, each receipt with the part that its rows came from."""
        folder = folder_name(f"split-{stage}", step.identity())
        found: list[tuple[Receipt, int]] = []
        if self.plan.aligned(step):
            tasks = self.plan.per_part(SplitTask, step, folder, self._cuts(step, folder, report))
            receipts = self.parts.run(report, tasks, self.plan.rows_by_part())
            self.named.keep(stage, folder, receipts)
            found += [(receipt, receipt.part) for receipt in receipts]
        for name, tasks in self.plan.file_splits(step, folder).items():
            receipts = self.parts.run(report, tasks)
            self.named.keep(stage, f"{folder}/also-{name}", receipts)
            found += [(receipt, NOWHERE) for receipt in receipts]
        with blame(f"step {step.name}"):
            count = step.count(self.told)
        check_numbers(step.name, (receipt for receipt, _ in found), count)
        return found

    @property
    def summaries(self) -> dict[str, Mapping[str, Any]]:
        """What steps told of the tables that people read, for report.json; what is released in another form is read, too."""
        release = self.pipeline.release
        stages = (*self.pipeline.stages, *([] if release is None else [Stage(release.plan)]))
        kinds = () if release is None else tuple(step.kind for step in release.steps)
        working = {stage.name for stage in stages if stage.step.provides.working}.difference(kinds)
        return {name: told for name, told in self.told.items() if told and name not in working}

    @cached_property
    def _working(self) -> frozenset[str]:
        """Tables that are notes of one step for the next, which tells what is worth telling of them."""
        tables = (table for stage in self.pipeline.stages for table in stage.step.tables())
        return frozenset(table.name for table in tables if table.working)

    # -- release ------------------------------------------------------------------------------------------

    def _release(self, release: Release) -> None:
        """Shards of every kind in one folder: `<tier>/shard-00000.parquet`, `<tier>-pairs/shard-00000.parquet`.

        The folder is named by what it is made of, too, and by all that its manifest says beside: a release that somebody has
        read never changes.
        """
        steps = release.steps
        inputs = {name: self.plan.made[name].digest for step in steps for name in step.reads()}
        identity = {
            "kinds": {step.kind: step.identity() for step in steps},
            "inputs": inputs,
            "manifest": manifest_head(self.pipeline.name, release.licences, self._failed),
        }
        stage = Stage(steps[0])
        report, folder = self._open("release", stage, identity, steps)
        shards: Mapping[str, Sequence[int]] = self.told[release.plan.provides.name]["of_tier"]
        receipts: list[Receipt] = []
        for step in steps:
            splits = self._split("release", step, report)
            suffix = "" if step is steps[0] else f"-{step.kind}"
            for tier, numbers in sorted(shards.items()):
                targets = {p: f"{folder}/{tier}{suffix}/shard-{p:05d}" for p in numbers}
                tasks = self.plan.merges(ShardTask, step, targets, splits, {"tier": tier})
                receipts += self.parts.run(report, tasks)
        self._finish(stage, folder, report, receipts)

    # -- shared -------------------------------------------------------------------------------------------

    def _open(
        self,
        name: str,
        stage: Stage,
        identity: Mapping[str, Any],
        steps: Sequence[Step],
        place: Mapping[str, Any] | None = None,
    ) -> tuple[StageReport, str]:
        """Start the report of a stage; says what changed in the step since the last run in this folder."""
        step = stage.step
        folder, fingerprint, why, followed = self.named.open(name, stage, identity, steps, place)
        report = StageReport(name, step.name, step.version, fingerprint, why, followed)
        self.reports.append(report)
        return report, folder

    def _finish(
        self, stage: Stage, folder: str, report: StageReport, parts: Sequence[Receipt], retired: tuple[str, ...] = ()
    ) -> None:
        report.parts, report.rows = len(parts), sum(r.rows for r in parts)
        if report.stage != "release":
            self._failed |= open_failures(parts).keys()
            for table in stage.step.tables():
                many = stage.step.has_many(table)
                made = self.plan.made.setdefault(table.name, MadeTable(stage.layout, many))
                made.fillers[stage.name] = files_of(table.name, stage.step.provides.name, parts)
        if self.dry:
            return
        because = f" ({report.why})" if report.why else ""
        done = f"{report.computed:,} files made, {report.cached:,} there" if report.computed else "nothing to do"
        done += f", {report.asked_again:,} papers asked again" if report.asked_again else ""
        self.reporter.finished(f"{report.stage:<18} {report.rows:>9,} rows, {done}{because}")
        self.named.close(report.stage, folder, report, parts, retired)
