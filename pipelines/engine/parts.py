"""The parts of a stage: which are there by their receipts, which have to be made, and making them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from curation.driver_step import DriverStep
from curation.step import MapStep
from curation.summaries import added
from pipelines.engine.blame import blame
from pipelines.engine.driver import TAKEN, run_here
from pipelines.engine.engine_state import engine_state
from pipelines.engine.executor import Executor
from pipelines.engine.fingerprint import follows, stage_of
from pipelines.engine.fold import FOLD_EVERY, fold, folded
from pipelines.engine.needs import with_needs
from pipelines.engine.outage import stop_at_outage
from pipelines.engine.progress import Reporter, StageProgress
from pipelines.engine.receipt import Cost, Receipt, SideFile, revision, slot
from pipelines.engine.seal import sealed
from pipelines.engine.store import Store
from pipelines.engine.stretches import SEALED, sealed_folder
from pipelines.engine.task import Task
from pipelines.engine.whole_task import CutTask

EXCHANGED = frozenset({"split", "merged"})
"""Inputs that an exchange made itself on the way."""
INTERNAL = EXCHANGED | {"unit", "source", "by"}
"""Inputs that are no tables: what an exchange went through, the listing of a part."""
_RECEIPT = re.compile(r"(?:part|shard)-\d+(?:\.r\d+)?\.json")


@dataclass
class StageReport:
    """What a stage did in this run: parts computed and found, papers asked again, rows, seconds.

    Args:
        reasons: what changed in the step, or in what a source lists, in words.
        followed: tables that came out otherwise, so that parts were made anew.
        maybe: of a dry run how many of the `computed` parts may be there, since only tables that are not made yet can tell.
        missing: parts that are made in this run (of a dry run: would surely be), with their rows.
        perhaps: of a dry run the other ones of the `computed` parts, likewise.
        taken, paid: what all parts took of an engine, and what was asked of it in this run.
        engine: what the step says of these two.
        warnings: what nobody should overlook of it.
    """

    stage: str
    step: str
    version: int
    fingerprint: str
    reasons: list[str] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)
    parts: int = 0
    computed: int = 0
    cached: int = 0
    asked_again: int = 0
    maybe: int = 0
    rows: int = 0
    cost: Cost = field(default_factory=Cost)
    missing: dict[int, int] = field(default_factory=dict)
    perhaps: dict[int, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    paid: Mapping[str, int | float] = field(default_factory=dict)
    engine: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    @property
    def why(self) -> str:
        """Why parts were made anew, in words; empty when all are there, or only new papers came."""
        return "; ".join([*self.reasons, *([follows(self.followed)] if self.followed else [])])

    def add(self, receipt: Receipt, *, cached: bool) -> None:
        self.cached += cached
        self.computed += not cached
        self.spend(receipt.cost)
        self.taken = added(self.taken, receipt.extra.get(TAKEN, {}), self.step)

    def spend(self, cost: Cost) -> None:
        mine = self.cost
        peak, given = max(mine.peak_mb, cost.peak_mb), max(mine.input_bytes, cost.input_bytes)
        self.cost = Cost(mine.wall_s + cost.wall_s, mine.cpu_s + cost.cpu_s, peak, given)

    def to_json(self, papers: int) -> dict[str, Any]:
        """For report.json: seconds are those of all parts, whichever run computed them, in all and per 1,000 papers; memory is the
        most that a task took."""
        plain = {
            k: v
            for k, v in self.__dict__.items()
            if k
            not in ("cost", "reasons", "followed", "maybe", "missing", "perhaps", "taken", "paid", "engine", "warnings")
        }
        cost = {"wall_s": self.cost.wall_s, "cpu_s": self.cost.cpu_s}
        plain["peak_mb"] = self.cost.peak_mb
        per_1k = {f"{name}_per_1k_papers": 1000 * s / papers for name, s in cost.items()}
        plain |= {"engine": self.engine} if self.engine else {}
        return {**plain, **{name: round(s, 3) for name, s in {**cost, **per_1k}.items()}}


class Receipts:
    """Receipts of the folders that some tasks write to, newest revision first."""

    def __init__(self, store: Store, tasks: Iterable[Task]) -> None:
        self._store = store
        self._names: dict[str, list[tuple[int, str]]] = {}
        self._folded: dict[str, Receipt] = {}
        self._sizes: dict[str, dict[str, int]] = {}
        for folder in {task.target.rpartition("/")[0] for task in tasks}:
            self._folded |= folded(store, folder)
            for name in self._listed(folder):
                if _RECEIPT.fullmatch(name.removeprefix(f"{folder}/")):
                    target = name.removesuffix(".json")
                    self._names.setdefault(slot(target), []).append((revision(target), name))

    def find(self, task: Task) -> Receipt | None:
        """The newest receipt that was made from the task's inputs and whose file is whole."""
        return next((receipt for receipt in self._of(task) if self._is_whole(receipt)), None)

    def fresh(self, task: Task, *, dry: bool = False) -> Task:
        """The task with a target of its own: a part is never rewritten, a newer one is a revision (`.r1`).

        A file that is gone or cut is no part: it is made again in its place, so that a mended run has the bytes of any. What
        is left of it is removed, unless `dry`: the receipt first, so that none is without its files for longer.
        """
        if task.previous is None and (broken := next((r for r in self._of(task) if not self._is_whole(r)), None)):
            for name in () if dry else (f"{broken.target}.json", *(file for file, _ in broken.files())):
                self._store.remove(name)
            return replace(task, target=broken.target)
        taken = self._names.get(slot(task.target))
        return replace(task, target=f"{slot(task.target)}.r{max(taken)[0] + 1}") if taken else task

    def changed(self, task: Task) -> set[str]:
        """Inputs that the newest part there was made from in another state; none when there is no part."""
        newest = next(self._all(task), None)
        if newest is None:
            return set()
        names = newest.inputs.keys() | task.digests.keys()
        return {n for n in names if newest.inputs.get(n) != task.digests.get(n)}

    def costs(self) -> list[Cost]:
        """What tasks in these folders cost, as far as a manifest or a run that stopped has folded their receipts."""
        return [receipt.cost for receipt in self._folded.values()]

    def _of(self, task: Task) -> Iterator[Receipt]:
        """Receipts made from the task's inputs, newest revision first."""
        return (receipt for receipt in self._all(task) if dict(receipt.inputs) == dict(task.digests))

    def _all(self, task: Task) -> Iterator[Receipt]:
        for _, name in sorted(self._names.get(slot(task.target), []), reverse=True):
            receipt = self._folded.get(name) or self._store.read_as(name, Receipt.from_json)
            if receipt is not None:
                yield receipt

    def _is_whole(self, receipt: Receipt) -> bool:
        return all(self._listed(file.rpartition("/")[0]).get(file) == size for file, size in receipt.files())

    def _listed(self, folder: str) -> dict[str, int]:
        """Bytes of the files in a folder, which is listed once."""
        if folder not in self._sizes:
            self._sizes[folder] = self._store.sizes(folder)
        return self._sizes[folder]


class Earlier:
    """What tasks of a stage took before: in its own folder, or in the one that the last run had for it, when the step was another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._named: list[str] | None = None

    def costs(self, receipts: Receipts, tasks: Sequence[Task]) -> list[Cost]:
        """Costs of the kind of some tasks of one folder, which are not finished."""
        if not tasks or (found := receipts.costs()):
            return found if tasks else []
        folder = tasks[0].target.rpartition("/")[0]
        first, slash, inner = folder.partition("/")
        for name in self._folders():
            if name != first and stage_of(name) == stage_of(first):
                there = folded(self._store, f"{name}{slash}{inner}") or folded(self._store, name)
                found += [r.cost for r in there.values() if r.target.startswith(f"{name}{slash}{inner}")]
        return found

    def _folders(self) -> list[str]:
        """Folders of stages that the last run named."""
        if self._named is None:
            stages = (self._store.read_json("run.json") or {}).get("stages", {}).values()
            self._named = sorted({f.partition("/")[0] for s in stages for f in (s["folder"], *s["folders"])})
        return self._named


class PartRunner:
    """Runs the tasks of a stage that have no valid receipt.

    Args:
        dry: make nothing; missing parts get stand-in receipts whose digests match nothing.

    `artefacts` are those with which the run began, which every task is told; `batches` is given to engines (`curation.driver_step.State`).
    """

    artefacts: frozenset[str] = frozenset()
    batches: Callable[[Any], Any] | None = None

    def __init__(self, store: Store, executor: Executor, reporter: Reporter, *, dry: bool = False) -> None:
        self._store, self._executor, self._reporter, self._dry = store, executor, reporter, dry
        self._earlier, self._run_id = Earlier(store), secrets.token_hex(8)
        executor.say = reporter.say
        self._planned: set[str] = set()
        """Tables of which a dry run makes parts, so that their digests are not known."""

    def run(
        self,
        report: StageReport,
        tasks: Sequence[Task],
        rows: Mapping[int, int] | None = None,
        asked: Callable[[Receipt], frozenset[str]] | None = None,
    ) -> list[Receipt]:
        """Receipts of all tasks, in their order.

        Args:
            rows: rows of each part, for progress; without them parts are counted.
            asked: doc_ids of a part that is there whose rows are done again, in a new revision of it.

        Raises:
            RunError: a part, made now or found, tells of an outage.
        """
        receipts = Receipts(self._store, tasks)
        done: dict[str, Receipt] = {}
        missing: list[Task] = []
        unknown = self._planned | (EXCHANGED if self._dry and report.computed else frozenset())
        for task in tasks:
            found = receipts.find(task)
            again = asked(found) if found is not None and asked is not None else frozenset()
            if found is None:
                changed = receipts.changed(task)
                report.followed |= changed - INTERNAL
                if changed and changed <= unknown:
                    report.maybe += 1
                    report.perhaps[task.part] = 1
            if found is None or again:
                reopened = task if found is None else replace(task, previous=found.file, doc_ids=again)
                reopened = replace(reopened, artefacts=self.artefacts, run_id=self._run_id)
                missing.append(receipts.fresh(reopened, dry=self._dry))
            else:
                done[slot(task.target)] = found
                report.add(found, cached=True)
        sizes = rows or {task.part: 1 for task in tasks}
        report.perhaps = {part: sizes.get(part, 1) for part in report.perhaps}
        report.missing = {task.part: sizes.get(task.part, 1) for task in missing if task.part not in report.perhaps}
        if not self._dry:
            missing = with_needs(missing, self._earlier.costs(receipts, missing))
        made = self._plan(missing, sizes) if self._dry else self._make(report, missing, sizes, done.values())
        if self._dry and missing:
            self._planned |= {table.name for task in missing for table in task.step.tables()}
        opened = {task.previous for task in missing}
        report.asked_again += sum(len(task.doc_ids) for task in missing)
        with closing(made):  # whatever ends this ends what is in flight
            for count, receipt in enumerate(made, 1):
                done[slot(receipt.target)] = receipt
                report.add(receipt, cached=receipt.file in opened)
                if not self._dry and _seals(tasks):
                    self._store.remove_folder(sealed_folder(receipt.target, receipt.inputs))
                if count % FOLD_EVERY == 0 and not self._dry:
                    fold(self._store, done.values())
        if not self._dry and _seals(tasks):
            self._unseal(tasks)
        for receipt in done.values():
            stop_at_outage(report.step, receipt.part, receipt.faults, receipt.rows)
        if tasks and isinstance(step := tasks[0].step, DriverStep):
            with blame(f"step {step.name}, its account"):
                account = dict(step.account(report.taken, report.paid))
            report.warnings, report.engine = account.pop("warnings", ()), account
        return [done[slot(task.target)] for task in tasks]

    def prepare(self, report: StageReport, task: CutTask) -> Receipt:
        """The receipt of a table cut for a step: no part of the stage, but what its parts depend on. A dry run cuts without
        writing, where the table is there."""
        receipts = Receipts(self._store, [task])
        if (found := receipts.find(task)) is None:
            if not self._dry:
                fresh = with_needs([receipts.fresh(task)], self._earlier.costs(receipts, [task]))
                [found] = sealed(self._store, self._executor.run(fresh))
            elif all(self._store.exists(file) for files in task.inputs.values() for file in files):
                found = Receipt(task.part, f"{task.target}.arrow", 0, 0, "", extra=task.find().extra)
            else:
                [found] = self._plan([task], {})
        report.spend(found.cost)
        return found

    def _unseal(self, tasks: Sequence[Task]) -> None:
        """Remove what was sealed of parts that became others."""
        folder = tasks[0].target.rpartition("/")[0]
        if SEALED in self._store.folders(folder):
            self._store.remove_folder(f"{folder}/{SEALED}")

    def _make(
        self, report: StageReport, missing: Sequence[Task], sizes: Mapping[int, int], there: Iterable[Receipt]
    ) -> Generator[Receipt]:
        before = sum(sizes.get(r.part, 1) for r in there)
        total = before + sum(sizes.get(t.part, 1) for t in missing)
        progress = self._reporter.stage(report.stage, total, before)
        opened = {task.previous for task in missing}
        with closing(self._run(report, missing, progress)) as made:
            for receipt in sealed(self._store, made, opened):
                progress.advance(sizes.get(receipt.part, 1))
                yield receipt

    def _run(self, report: StageReport, missing: Sequence[Task], progress: StageProgress) -> Generator[Receipt]:
        """Run tasks where their step says."""

        def paid(told: Mapping[str, int | float]) -> None:
            report.paid = told

        step = missing[0].step if missing else None
        if isinstance(step, DriverStep):
            with self._executor.beside(step.engine_resources(), f"the engine of step {step.name}"):
                yield from run_here(
                    missing, lambda: engine_state(self._store, self.batches), progress.view, self._reporter.say, paid
                )
        else:
            yield from self._executor.run(missing)

    def _plan(self, missing: Sequence[Task], sizes: Mapping[int, int]) -> Generator[Receipt]:
        for task in missing:
            what = f"to be made: {task.target}"
            beside = {t.name: SideFile(f"{task.target}/{t.name}", 0, 0, f"{what}, {t.name}") for t in task.step.beside}
            yield Receipt(task.part, f"{task.target}.parquet", sizes.get(task.part, 0), 0, what, beside)


def _seals(tasks: Sequence[Task]) -> bool:
    """Whether the parts of a stage seal what they have before they are whole."""
    return bool(tasks) and isinstance(step := tasks[0].step, MapStep) and step.seal_rows > 0
