"""The parts of a stage: what is there is found, what is missing made, what failed by the machine's fault asked again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from curation.errors import ContractError, RunError
from pipelines.engine import parts
from pipelines.engine.fold import FOLDED, folded
from pipelines.engine.inline import InlineExecutor
from pipelines.engine.parts import PartRunner, StageReport
from pipelines.engine.progress import Reporter, StageProgress
from pipelines.engine.receipt import Cost, Fault, Receipt
from pipelines.engine.store import Store
from pipelines.engine.task import Task
from tests.engine.tables import LISTED, Judge
from tests.engine.tasks import FOLDER, Say, cut, put_table, say


class Backwards(InlineExecutor):
    """Parts come as they come: here the last first."""

    def run(self, tasks: Sequence[Task]) -> Iterable[Receipt]:  # type: ignore[override]
        return super().run(list(reversed(tasks)))


def runner(root: Path, *, dry: bool = False) -> PartRunner:
    return PartRunner(Store(root), Backwards(), Reporter(quiet=True), dry=dry)


def report(stage: str = "words") -> StageReport:
    return StageReport(stage, "words", 1, "f")


def tasks_of(root: Path, *words: str, **side: object) -> list[Say]:
    return [say(root, word, part=i, **side) for i, word in enumerate(words)]


def files(root: Path) -> dict[str, int]:
    return {p.relative_to(root).as_posix(): p.stat().st_ino for p in root.rglob("*") if p.is_file()}


def test_what_is_missing_is_made_and_told_in_the_order_of_the_tasks(tmp_path):
    tasks, told = tasks_of(tmp_path, "a", "b", "c"), report()
    made = runner(tmp_path).run(told, tasks)
    assert [receipt.part for receipt in made] == [0, 1, 2]
    assert (told.computed, told.cached, told.asked_again, told.followed, told.why) == (3, 0, 0, set(), "")
    assert told.cost.wall_s == pytest.approx(sum(r.cost.wall_s for r in made))
    before, told = files(tmp_path), report()
    assert runner(tmp_path).run(told, tasks) == made
    assert (told.computed, told.cached) == (0, 3) and files(tmp_path) == before
    assert told.cost.cpu_s == pytest.approx(sum(r.cost.cpu_s for r in made)), "of all parts, whoever made them"


def test_a_part_of_other_inputs_is_a_revision_that_follows_its_table(tmp_path):
    old = runner(tmp_path).run(report(), tasks_of(tmp_path, "a", "b"))
    told = report()
    new = runner(tmp_path).run(told, tasks_of(tmp_path, "a", "other"))
    assert new[0] == old[0] and new[1].file == f"{FOLDER}/part-00001.r1.parquet"
    assert (told.computed, told.cached, told.why) == (1, 1, "follows documents")
    assert Store(tmp_path).exists(old[1].file), "a part is never rewritten"
    told = report()
    assert runner(tmp_path).run(told, tasks_of(tmp_path, "a", "b")) == old and told.why == "", "an old one is there"


def test_why_says_the_steps_own_reasons_before_the_tables():
    told = report()
    assert (told.why, told.parts, told.rows) == ("", 0, 0)
    told.reasons += ["version: 1 -> 2", "2 added"]
    assert told.why == "version: 1 -> 2; 2 added"
    told.followed |= {"b", "a"}
    assert told.why == "version: 1 -> 2; 2 added; follows a, b"


def test_receipts_are_folded_every_so_many_parts_with_those_that_were_there(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "FOLD_EVERY", 2)
    tasks = tasks_of(tmp_path, "a", "b", "c", "d", "e", "f")
    there = runner(tmp_path).run(report(), tasks[:1])
    assert not (tmp_path / FOLDER / FOLDED).exists(), "one part, one receipt"
    made = runner(tmp_path).run(report(), tasks)
    found = folded(Store(tmp_path), FOLDER)
    assert {receipt.part for receipt in found.values()} == {0, 5, 4, 3, 2}, "the fold at four, and what was there"
    assert found[f"{FOLDER}/part-00000.json"] == there[0] == made[0]


def test_progress_counts_rows_where_they_are_known_and_parts_elsewhere(tmp_path, monkeypatch):
    shown: list[tuple[int, int]] = []
    stage = Reporter.stage
    monkeypatch.setattr(
        Reporter, "stage", lambda self, name, total, done: shown.append((total, done)) or stage(self, name, total, done)
    )
    advanced: list[int] = []
    monkeypatch.setattr(StageProgress, "advance", lambda self, rows: advanced.append(rows))
    tasks = tasks_of(tmp_path, "a", "b", "c")
    runner(tmp_path).run(report(), tasks[:1])
    runner(tmp_path).run(report(), tasks, {0: 10, 1: 20, 2: 30})
    assert shown == [(1, 0), (60, 10)] and advanced == [1, 30, 20]
    tasks = tasks_of(tmp_path, "a", "b", "c", "d")
    runner(tmp_path).run(report(), tasks, {0: 10})
    assert shown[-1] == (13, 12) and advanced[-1] == 1, "a part of unknown size is one"


# -- asked again ---------------------------------------------------------------------------------------------


def open_ones(receipt: Receipt) -> frozenset[str]:
    return frozenset(receipt.open_faults())


def test_a_part_asked_again_in_vain_is_there_and_counts_the_run(tmp_path):
    tasks = tasks_of(tmp_path, "a", "b", faults={"id:p0": "stalled"})
    old = runner(tmp_path).run(report(), tasks, asked=open_ones)
    assert [r.faults for r in old] == [{"id:p0": Fault("stalled")}] * 2, "what is made now is not asked at once"
    told, before = report(), set(tmp_path.rglob("*.parquet"))
    again = runner(tmp_path).run(told, tasks, asked=open_ones)
    assert (told.computed, told.cached, told.asked_again) == (0, 2, 2)
    assert [r.faults for r in again] == [{"id:p0": Fault("stalled", 2)}] * 2
    assert set(tmp_path.rglob("*.parquet")) == before and [r.file for r in again] == [r.file for r in old]
    runner(tmp_path).run(report(), tasks, asked=open_ones)
    told = report()
    last = runner(tmp_path).run(told, tasks, asked=open_ones)
    assert told.asked_again == 0 and last[0].faults == {"id:p0": Fault("stalled", 3)}, (
        "three runs, then it is a verdict"
    )


def test_a_part_that_heals_is_a_revision_made_now(tmp_path):
    sick = tasks_of(tmp_path, "a", "b", faults={"id:p0": "io_error"})
    old = runner(tmp_path).run(report(), sick)
    told = report()
    new = runner(tmp_path).run(
        told, tasks_of(tmp_path, "a", "b"), asked=lambda r: open_ones(r) if r.part else frozenset()
    )
    assert new[0] == old[0] and new[1].file.endswith("part-00001.r1.parquet") and not new[1].faults
    assert (told.computed, told.cached, told.asked_again, told.followed) == (1, 1, 1, set())


@pytest.mark.parametrize("there", [False, True])
def test_an_outage_stops_the_run_in_parts_made_and_in_those_that_were_there(tmp_path, there):
    faults = {f"id:p{i}": "io_error" for i in range(3)}
    tasks = tasks_of(tmp_path, "a", faults=faults)
    for _ in range(2 if there else 1):
        with pytest.raises(RunError, match=r"step words, part 0: 3 of 1 papers cannot be read .id:p0"):
            runner(tmp_path).run(report(), tasks)


def test_a_task_is_told_with_which_artefacts_the_run_began(tmp_path):
    made: list[Task] = []

    class Looks(InlineExecutor):
        def run(self, tasks: Sequence[Task]) -> Iterable[Receipt]:  # type: ignore[override]
            made.extend(tasks)
            return super().run(tasks)

    chosen = PartRunner(Store(tmp_path), Looks(), Reporter(quiet=True))
    assert chosen.artefacts == frozenset()
    chosen.artefacts = frozenset(["sha"])
    chosen.run(report(), tasks_of(tmp_path, "a"))
    assert [task.artefacts for task in made] == [frozenset(["sha"])]


# -- a dry run -----------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_its_parts_match_nothing(tmp_path):
    tasks = tasks_of(tmp_path, "a", "b", "c")
    [there] = runner(tmp_path).run(report(), tasks[:1])
    before, told = files(tmp_path), report()
    planned = runner(tmp_path, dry=True).run(told, tasks, {0: 4, 1: 7})
    assert files(tmp_path) == before and (told.computed, told.cached) == (2, 1) and planned[0] == there
    assert [(r.file, r.rows) for r in planned[1:]] == [
        (f"{FOLDER}/part-00001.parquet", 7),
        (f"{FOLDER}/part-00002.parquet", 0),
    ]
    digests = {r.sha256 for r in planned} | {r.beside["letters"].sha256 for r in planned}
    assert len(digests) == 6 and there.beside["letters"].file == f"{FOLDER}/letters/part-00000.parquet"
    assert planned[1].bytes == planned[1].beside["letters"].rows == planned[1].beside["letters"].bytes == 0


def test_a_dry_run_counts_a_revision_and_a_paper_asked_again_and_folds_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "FOLD_EVERY", 1)
    runner(tmp_path).run(report(), tasks_of(tmp_path, "a", "b", faults={"id:p0": "killed"}))
    (tmp_path / FOLDER / FOLDED).unlink()
    before, told = files(tmp_path), report()
    planned = runner(tmp_path, dry=True).run(told, tasks_of(tmp_path, "a", "other"), asked=open_ones)
    assert files(tmp_path) == before
    assert [r.file for r in planned] == [f"{FOLDER}/part-0000{i}.r1.parquet" for i in (0, 1)]
    assert (told.computed, told.cached, told.asked_again) == (2, 0, 1)


# -- tables that are cut for a step ----------------------------------------------------------------------------


def cut_task(root: Path, *, listed: str = "listed-1/part-00000.parquet") -> parts.CutTask:
    return parts.CutTask(
        step=Judge(),
        root=str(root),
        target="marked-1/cut-listed/part-00000",
        part=0,
        inputs={"listed": (listed,), "by": ("linked-1/part-00000.parquet",)},
        parts=(0,),
        digests={"listed": "1", "by": "1"},
        side={"keys": ("key",), "by": "links", "tells": True},
    )


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    put_table(store, "listed-1/part-00000.parquet", LISTED.rows([{"key": "a", "why": "?"}, {"key": "b", "why": "?"}]))
    links = pa.table({"doc_id": ["id:p0"], "links": [["a", "c"]]})
    put_table(store, "linked-1/part-00000.parquet", links)
    return tmp_path


def test_a_table_is_cut_once_and_what_it_cost_is_the_stages(listed):
    told = report()
    made = runner(listed).prepare(told, cut_task(listed))
    assert made.extra["groups"]["numbers"] == [0] and made.rows == 1 and Store(listed).exists(made.file)
    assert told.cost == made.cost and (told.computed, told.cached) == (0, 0), "no part of the stage"
    before, told = files(listed), report()
    assert runner(listed).prepare(told, cut_task(listed)) == made
    assert files(listed) == before and told.cost == made.cost


def test_a_cut_of_another_table_is_a_revision_and_a_broken_one_is_made_in_its_place(listed):
    made = runner(listed).prepare(report(), cut_task(listed))
    other = replace(cut_task(listed), digests={"listed": "2", "by": "1"})
    assert runner(listed).prepare(report(), other).file.endswith("part-00000.r1.arrow")
    cut(listed / made.file)
    assert runner(listed).prepare(report(), cut_task(listed)).file == made.file


def test_a_dry_run_cuts_what_is_there_without_writing(listed):
    before = files(listed)
    planned = runner(listed, dry=True).prepare(report(), cut_task(listed))
    assert files(listed) == before
    made = runner(listed).prepare(report(), cut_task(listed))
    assert planned.extra == made.extra and (planned.file, planned.part) == (made.file, 0)
    assert (planned.rows, planned.bytes, planned.sha256) == (0, 0, ""), "what it would depend on, and no more"
    absent = replace(cut_task(listed, listed="listed-1/part-00001.parquet"), target="marked-2/cut-listed/part-00000")
    stand_in = runner(listed, dry=True).prepare(report(), absent)
    assert "groups" not in stand_in.extra and stand_in.sha256 not in ("", made.sha256)


# -- what a report says ---------------------------------------------------------------------------------------


def test_seconds_of_a_report_are_those_of_all_parts_and_of_a_thousand_papers():
    told = report()
    told.add(Receipt(0, "f", 1, 1, "s", cost=Cost(1.5, 0.25, 300)), cached=True)
    told.spend(Cost(0.5, 0.75, 200))
    told.reasons.append("x")
    value = told.to_json(500)
    assert (value["wall_s"], value["cpu_s"]) == (2.0, 1.0)
    assert (value["wall_s_per_1k_papers"], value["cpu_s_per_1k_papers"]) == (4.0, 2.0)
    assert value["peak_mb"] == 300
    assert value["cached"] == 1 and value["computed"] == 0 and value["stage"] == "words"
    assert {"reasons", "followed", "cost"}.isdisjoint(value)
    assert told.to_json(600)["wall_s_per_1k_papers"] == 3.333


def test_a_task_that_does_nothing_is_an_error(tmp_path):
    task = say(tmp_path, "a")
    bare = Task(step=task.step, root=task.root, target=task.target, part=0)
    with pytest.raises(ContractError, match="Task does nothing"):
        runner(tmp_path).run(report(), [bare])
