"""What is there is told by receipts: the newest revision of the very inputs whose files are whole, opened or folded."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import RunError
from pipelines.engine.fold import fold
from pipelines.engine.parts import INTERNAL
from pipelines.engine.receipt import (
    MAX_RUNS,
    Cost,
    Fault,
    Manifest,
    Receipt,
    SideFile,
    open_failures,
    revision,
    slot,
)
from pipelines.engine.store import Store
from schemas import MACHINE_REASONS
from tests.engine.tasks import FOLDER, cut, do, receipts, say

BOUNDED = sorted(reason.value for reason in MAX_RUNS)
ASKED_FOR_EVER = sorted(reason.value for reason in MACHINE_REASONS if reason not in MAX_RUNS)

# -- failures of the machine ---------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", BOUNDED)
def test_a_bounded_failure_is_open_for_two_runs_and_closed_by_the_third(reason):
    fault = Fault(reason)
    told = []
    for _ in range(4):
        told.append((fault.runs, fault.is_open))
        fault = Fault(reason).after(fault)
    assert told == [(1, True), (2, True), (3, False), (4, False)]


@pytest.mark.parametrize("reason", ASKED_FOR_EVER)
def test_what_cannot_be_read_is_open_for_ever(reason):
    assert all(Fault(reason, runs).is_open for runs in (1, 3, 1000))


@given(st.lists(st.sampled_from([*BOUNDED, *ASKED_FOR_EVER]), min_size=1))
def test_runs_count_back_to_the_last_failure_of_the_other_sort(reasons):
    fault = None
    for reason in reasons:
        fault = Fault(reason).after(fault)
    assert fault is not None and fault.reason == reasons[-1]
    alike = [(reason in BOUNDED) == (reasons[-1] in BOUNDED) for reason in reversed(reasons)]
    assert fault.runs == ([*alike, False]).index(False)


def test_open_failures_are_those_of_all_parts_that_the_next_run_asks_sorted():
    faults = {"z": Fault("io_error", 9), "closed": Fault("stalled", 3), "y": Fault("stalled", 2)}
    parts = [Receipt(0, "a", 1, 1, "x", faults=faults), Receipt(1, "b", 1, 1, "x", faults={"a": Fault("killed")})]
    assert set(parts[0].open_faults()) == {"z", "y"}
    assert list(open_failures(parts).items()) == [("a", "killed"), ("y", "stalled"), ("z", "io_error")]


# -- receipts as JSON ----------------------------------------------------------------------------------------


@given(
    st.builds(
        Receipt,
        part=st.integers(0, 9),
        file=st.text(),
        rows=st.integers(0),
        bytes=st.integers(0),
        sha256=st.text(),
        beside=st.dictionaries(st.text(), st.builds(SideFile, st.text(), st.integers(), st.integers(), st.text())),
        failed=st.integers(0),
        faults=st.dictionaries(st.text(), st.builds(Fault, st.sampled_from(BOUNDED), st.integers(1))),
        inputs=st.dictionaries(st.text(), st.text()),
        unit=st.none() | st.text(),
        cost=st.builds(Cost, st.floats(0, 1e6), st.floats(0, 1e6)),
        extra=st.dictionaries(st.text(), st.integers()),
    )
)
def test_receipts_and_manifests_come_back_from_json_as_they_were(receipt):
    assert Receipt.from_json(json.loads(json.dumps(receipt.to_json()))) == receipt
    manifest = Manifest("s", "f", (receipt, replace(receipt, rows=5)), ("part-00001",))
    assert Manifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest
    assert manifest.rows == receipt.rows + 5
    assert list(receipt.files()) == [
        (receipt.file, receipt.bytes),
        *((side.file, side.bytes) for side in receipt.beside.values()),
    ]


def test_a_receipt_tells_no_more_than_was_put_into_it():
    plain = Receipt(3, "f", 1, 2, "s")
    assert (plain.failed, plain.unit, plain.cost, plain.open_faults()) == (0, None, Cost(0.0, 0.0), {})
    assert Receipt.from_json({"part": 3, "file": "f", "rows": 1, "bytes": 2, "sha256": "s", "cost": {}}) == plain


# -- names ---------------------------------------------------------------------------------------------------


def test_a_revision_has_the_slot_of_its_part():
    assert slot("f-1/part-00007.r12") == slot("f-1/part-00007") == "f-1/part-00007"
    assert [revision(f"f.r9/part-00007{r}") for r in ("", ".r1", ".r12")] == [0, 1, 12]


# -- what is there -------------------------------------------------------------------------------------------


def test_no_receipt_no_part(tmp_path):
    task = say(tmp_path, "star")
    there = receipts(tmp_path, task)
    assert there.find(task) is None and there.fresh(task) == task and there.changed(task) == set()


def test_a_part_is_found_by_the_very_inputs_that_it_was_made_from(tmp_path):
    task = say(tmp_path, "star")
    made = do(task)
    assert receipts(tmp_path, task).find(task) == made
    for digests in ({"documents": "dust"}, {}, {"documents": "star", "more": "x"}, {"words": "star"}):
        assert receipts(tmp_path, task).find(replace(task, digests=digests)) is None
    other = say(tmp_path, "star", part=1)
    assert receipts(tmp_path, other).find(other) is None, "of another part"


def test_a_part_without_a_receipt_is_none(tmp_path):
    task = say(tmp_path, "star")
    do(task)
    (tmp_path / f"{task.target}.json").unlink()
    there = receipts(tmp_path, task)
    assert there.find(task) is None and there.fresh(task).target == task.target


@pytest.mark.parametrize("harm", [cut, Path.unlink])
@pytest.mark.parametrize("which", ["part-00000.parquet", "letters/part-00000.parquet"])
def test_a_file_that_is_cut_or_gone_is_no_part_and_is_made_again_in_its_place(tmp_path, harm, which):
    task = say(tmp_path, "star")
    made = do(task)
    harm(tmp_path / FOLDER / which)
    there = receipts(tmp_path, task)
    assert there.find(task) is None
    again = there.fresh(task)
    assert again.target == task.target and do(again).sha256 == made.sha256
    found = receipts(tmp_path, task).find(task)
    assert found is not None and (found.file, found.sha256) == (made.file, made.sha256)


def test_a_broken_revision_falls_back_to_an_older_one_of_the_same_inputs(tmp_path):
    task = say(tmp_path, "star", faults={"id:p0": "stalled"})
    old = do(task)
    again = replace(task, previous=old.file, doc_ids=frozenset(["id:p0"]), side={"word": "star"})
    new = do(receipts(tmp_path, task).fresh(again))
    assert new.file.endswith(".r1.parquet") and receipts(tmp_path, task).find(task) == new
    cut(tmp_path / new.file)
    assert receipts(tmp_path, task).find(task) == old
    reopened = receipts(tmp_path, task).fresh(again)
    assert reopened.target.endswith(".r2"), "an earlier part is opened again, not made: nothing is rewritten"


def test_the_revisions_of_a_part_count_on_beyond_ten(tmp_path):
    for i in range(12):
        task = say(tmp_path, f"word {i}")
        fresh = receipts(tmp_path, task).fresh(task)
        assert fresh.target == f"{FOLDER}/part-00000{f'.r{i}' if i else ''}"
        do(fresh)
    task = say(tmp_path, "word 11")
    newest = receipts(tmp_path, task)
    assert newest.changed(say(tmp_path, "word 11")) == set(), "the newest is r11, not r9"
    assert newest.changed(say(tmp_path, "word 9")) == {"documents"}
    assert all(newest.find(say(tmp_path, f"word {i}")) is not None for i in range(12)), "old inputs find old revisions"


def test_a_part_follows_the_tables_that_came_out_otherwise_came_or_went(tmp_path):
    digests = {
        "same": "1",
        "changed": "1",
        "gone": "1",
        "unit": "1",
        "source": "1",
        "split": "1",
        "merged": "1",
        "by": "1",
    }
    do(replace(say(tmp_path, "star"), digests=digests))
    now = dict.fromkeys(digests, "2") | {"same": "1", "new": "1"}
    del now["gone"]
    task = replace(say(tmp_path, "star"), digests=now)
    assert receipts(tmp_path, task).changed(task) - INTERNAL == {"changed", "gone", "new"}


def test_files_of_other_names_are_no_receipts_and_shards_are_ones(tmp_path):
    task = say(tmp_path, "star")
    shard = replace(task, target=f"{FOLDER}/shard-00000")
    do(shard)
    body = (tmp_path / f"{shard.target}.json").read_text()
    for name in ("part-00000.rx.json", "xpart-00000.json", "part-00000.json.json", "unit-00000.json", "part-.json"):
        (tmp_path / FOLDER / name).write_text(body)
    assert receipts(tmp_path, task).find(task) is None and receipts(tmp_path, task).fresh(task) == task
    assert receipts(tmp_path, shard).find(shard) is not None


def test_parts_of_several_folders_are_found_each_in_its_own(tmp_path):
    one, two = say(tmp_path, "star", folder="a-1"), say(tmp_path, "dust", folder="b-1/also-x")
    made = [do(one), do(two)]
    there = receipts(tmp_path, one, two)
    assert [there.find(one), there.find(two)] == made
    assert there.find(replace(one, target=two.target)) is None


def test_a_receipt_that_holds_something_else_is_named(tmp_path):
    task = say(tmp_path, "star")
    do(task)
    (tmp_path / f"{task.target}.json").write_text("[]")
    with pytest.raises(RunError, match=r"part-00000\.json does not hold what a run writes there.*delete it"):
        receipts(tmp_path, task).find(task)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["make", "cut", "forget"]), st.sampled_from("abc")), max_size=12))
def test_whatever_is_made_cut_and_lost_the_newest_whole_revision_is_found_and_nothing_else_rewritten(steps):
    """Beside a model: revisions in the order in which they were made, [word, whole]."""
    with tempfile.TemporaryDirectory() as folder:
        root, model = Path(folder), dict[str, tuple[str, bool]]()
        for what, word in steps:
            task = say(root, word)
            there, mine = receipts(root, task), [f for f, (w, _) in model.items() if w == word]
            whole = [f for f in mine if model[f][1]]
            found = there.find(task)
            assert (found.file if found else None) == (whole[-1] if whole else None)
            if what == "make" and found is None:
                before = {p: p.read_bytes() for p in root.rglob("*.parquet")}
                made = do(there.fresh(task))
                expected = mine[-1] if mine else f"{FOLDER}/part-00000{f'.r{len(model)}' if model else ''}.parquet"
                assert made.file == expected
                model[made.file] = (word, True)
                rewritten = {p.relative_to(root).as_posix() for p, body in before.items() if p.read_bytes() != body}
                assert rewritten <= {made.file}
            elif what == "cut" and found is not None:
                cut(root / found.file)
                model[found.file] = (word, False)
            elif (
                what == "forget" and found is not None
            ):  # a kill may lose what has no receipt; the receipt stays for ever
                fold(Store(root), [found])
