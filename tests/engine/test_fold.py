"""Receipts folded into one file of a folder: what a run that goes on need not open, and what it must."""

from __future__ import annotations

from dataclasses import replace

from pipelines.engine.fold import FOLDED, fold, folded, unfold
from pipelines.engine.receipt import MANIFEST, Fault
from pipelines.engine.store import Store
from tests.engine.tasks import FOLDER, cut, do, manifest_of, receipts, say


def test_folded_receipts_are_found_unopened_and_what_they_lack_is_opened(tmp_path, monkeypatch):
    tasks = [say(tmp_path, "star", part=i) for i in range(3)]
    made = [do(task) for task in tasks]
    fold(Store(tmp_path), made[:2])
    opened = []
    read = Store.read_as
    monkeypatch.setattr(Store, "read_as", lambda self, name, make: opened.append(name) or read(self, name, make))
    there = receipts(tmp_path, *tasks)
    assert [there.find(task) for task in tasks] == made
    assert [name for name in opened if "part-" in name] == [f"{FOLDER}/part-00002.json"]


def test_receipts_are_folded_each_in_its_folder_and_unfolded_with_the_stage(tmp_path):
    store = Store(tmp_path)
    made = [do(say(tmp_path, "star", folder=folder)) for folder in ("a-1", "a-1/also-x")]
    fold(store, made)
    assert folded(store, "a-1") == {"a-1/part-00000.json": made[0]}
    assert folded(store, "a-1/also-x") == {"a-1/also-x/part-00000.json": made[1]}
    assert (tmp_path / "a-1" / FOLDED).exists()
    unfold(store, made)
    assert folded(store, "a-1") == folded(store, "a-1/also-x") == {}
    assert not list(tmp_path.rglob(FOLDED)) and len(list(tmp_path.rglob("part-*.json"))) == 2
    unfold(store, made)  # a stage that never folded


def test_the_manifest_is_folded_too_and_what_was_folded_later_counts_before_it(tmp_path):
    store, task = Store(tmp_path), say(tmp_path, "star")
    made = do(task)
    store.write_json(f"{FOLDER}/{MANIFEST}", manifest_of("words", [made]))
    assert folded(store, FOLDER) == {f"{task.target}.json": made}
    later = replace(made, rows=77)
    fold(store, [later])
    assert folded(store, FOLDER) == {f"{task.target}.json": later}


def test_a_part_with_failures_of_the_machine_is_told_by_its_own_receipt(tmp_path):
    store, task = Store(tmp_path), say(tmp_path, "star", faults={"id:p0": "stalled"})
    first = do(task)
    fold(store, [first])
    store.write_json(f"{FOLDER}/{MANIFEST}", manifest_of("words", [first]))
    assert folded(store, FOLDER) == {}
    second = do(replace(task, previous=first.file, doc_ids=frozenset(["id:p0"])))
    assert second.file == first.file and second.faults == {"id:p0": Fault("stalled", 2)}
    assert receipts(tmp_path, task).find(task) == second, "the run that was counted in place"


def test_a_folded_file_that_is_cut_is_no_part(tmp_path):
    store, task = Store(tmp_path), say(tmp_path, "star")
    fold(store, [do(task)])
    cut(tmp_path / f"{task.target}.parquet")
    assert receipts(tmp_path, task).find(task) is None
    assert receipts(tmp_path, task).fresh(task).target == task.target
