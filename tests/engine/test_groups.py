"""Groups: digests tell whether the rows of a partition changed, shelves keep footers small, each reader finds its rows."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.errors import ContractError
from pipelines.engine import groups
from pipelines.engine.groups import (
    GroupDigests,
    RowDigests,
    check_numbers,
    grouped,
    read_group,
    shelf_file,
    shelves,
    told,
)
from pipelines.engine.receipt import Receipt, SideFile
from pipelines.engine.store import Store
from pipelines.engine.task import Task
from tests.engine.tables import SplitWords

Rows = dict[int, str]
"""Number of a group -> what its digest is of."""


def receipt(of: Rows | None, part: int = 0, sha256: str = "s") -> Receipt:
    """A file of groups; None says nothing of its groups, as in a dry run."""
    bare = Receipt(part, f"part-{part:05d}.parquet", 0, 0, sha256)
    if of is None:
        return bare
    return replace(bare, extra=told(list(of), [f"{of[n].encode().hex():0>16}" for n in of]))


FILES = st.lists(st.dictionaries(st.integers(0, 4), st.sampled_from("abc"), max_size=4), max_size=4)


# -- digests of groups ----------------------------------------------------------------------------------------


@given(FILES, FILES, st.randoms())
def test_the_digest_of_a_number_tells_which_groups_have_it_whatever_the_order_of_files(one, two, rng):
    shuffled = rng.sample(one, len(one))
    first = GroupDigests(receipt(of) for of in one)
    again, other = GroupDigests(receipt(of) for of in shuffled), GroupDigests(receipt(of) for of in two)
    for number in range(6):
        mine = sorted(of[number] for of in one if number in of)
        theirs = sorted(of[number] for of in two if number in of)
        assert first.of(number) == again.of(number)
        assert (first.of(number) == other.of(number)) == (mine == theirs), "a multiset: how often counts"
        assert (first.of(number) == "none") == (not mine)


@given(FILES, st.integers(0, 3))
def test_the_part_of_a_file_counts_only_where_rows_carry_it(files, shift):
    plain = [receipt(of, part) for part, of in enumerate(files)]
    moved = [receipt(of, part + shift) for part, of in enumerate(files)]
    for number in range(5):
        assert GroupDigests(plain).of(number) == GroupDigests(moved).of(number)
        same = GroupDigests(plain, with_part=True).of(number) == GroupDigests(moved, with_part=True).of(number)
        assert same == (not shift or not any(number in of for of in files))


def test_two_parts_that_change_places_are_told():
    one = GroupDigests([receipt({0: "a"}, 1), receipt({0: "b"}, 2)], with_part=True)
    two = GroupDigests([receipt({0: "b"}, 1), receipt({0: "a"}, 2)], with_part=True)
    assert one.of(0) != two.of(0)


def test_a_file_that_says_nothing_of_its_groups_stands_for_all_of_them():
    known = receipt({0: "a"})
    plan = GroupDigests([known, receipt(None)])
    assert plan.of(0) != GroupDigests([known]).of(0) and plan.of(7) != "none"
    assert plan.of(7) != GroupDigests([receipt(None, sha256="other")]).of(7)
    assert (
        plan.of(7) == GroupDigests([receipt(None), known]).of(7) != GroupDigests([receipt(None), receipt(None)]).of(7)
    )
    parts = [GroupDigests([receipt(None, part)], with_part=True).of(7) for part in (0, 1)]
    assert parts[0] != parts[1] and GroupDigests([receipt(None, 1)]).of(7) == GroupDigests([receipt(None)]).of(7)


def test_a_digest_is_of_a_length_whatever_the_number_of_groups():
    many = GroupDigests(receipt({0: letter}) for letter in "abc" * 50)
    assert {len(many.of(0)), len(GroupDigests([receipt({0: "a"})]).of(0))} == {32}
    assert set(many.of(0)) <= set("0123456789abcdef")


# -- digests of rows ------------------------------------------------------------------------------------------

VALUES = st.lists(st.tuples(st.none() | st.text(max_size=2), st.lists(st.integers(0, 2), max_size=2)), max_size=6)


def table_of(rows: list[tuple[str | None, list[int]]], names: tuple[str, str] = ("a", "l")) -> pa.Table:
    kinds = (pa.string(), pa.list_(pa.int64()))
    return pa.table({n: pa.array([r[i] for r in rows], kinds[i]) for i, n in enumerate(names)})


@given(VALUES, VALUES)
def test_digests_of_rows_tell_the_rows_and_their_order(one, two):
    first, second = RowDigests(table_of(one)).of(slice(None)), RowDigests(table_of(two)).of(slice(None))
    assert (first == second) == (one == two)
    assert len(first) == 2 * groups.DIGEST_BYTES and set(first) <= set("0123456789abcdef")


@given(VALUES, st.data())
def test_digests_of_rows_are_the_same_in_any_chunks_and_by_slice_or_number(rows, data):
    at = data.draw(st.integers(0, len(rows)))
    table = table_of(rows)
    chunked = pa.concat_tables([table.slice(0, at), table.slice(at)])
    some = RowDigests(chunked).of(slice(at, None))
    assert RowDigests(table).of(slice(None)) == RowDigests(chunked).of(slice(None))
    assert some == RowDigests(table).of(np.arange(at, len(rows))) == RowDigests(table.slice(at)).of(slice(None))


def test_the_names_of_the_columns_count():
    rows = [("x", [1])]
    assert RowDigests(table_of(rows)).of(slice(None)) != RowDigests(table_of(rows, ("b", "l"))).of(slice(None))
    assert RowDigests(table_of([])).of(slice(None)) != RowDigests(table_of([], ("b", "l"))).of(slice(None))


# -- what a receipt says of groups ------------------------------------------------------------------------------


def test_what_a_receipt_says_of_groups_is_json():
    value = told([np.int64(3), 5], ["aa", "bb"])
    assert json.loads(json.dumps(value)) == value == {"groups": {"numbers": [3, 5], "digests": "aabb"}}


@pytest.mark.parametrize(("numbers", "wrong"), [((0, 2), None), ((), None), ((2, 3), 3), ((-1, 0), -1), ((0, 9, 7), 9)])
def test_a_split_that_sends_rows_to_no_partition_is_named(numbers, wrong):
    splits = [receipt({0: "a"}, 4), receipt(dict.fromkeys(numbers, "a"), 7), receipt(None)]
    if wrong is None:
        check_numbers("own", splits, 3)
        return
    with pytest.raises(
        ContractError, match=rf"step own, split of part 7: rows go to partition {wrong}, and there are 3"
    ):
        check_numbers("own", splits, 3)


# -- rows by group --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-3, 300), max_size=12))
def test_rows_are_grouped_by_number_each_group_in_the_order_in_which_they_came(numbers):
    rows = pa.table({"n": pa.array(numbers, pa.int64()), "i": pa.array(range(len(numbers)), pa.int64())})
    table, found, of = grouped(rows, rows["n"])
    assert found == sorted(set(numbers)) and len(of) == len(found)
    told_by = [[(r["n"], r["i"]) for r in table.slice(start, count).to_pylist()] for start, count in of]
    assert told_by == [[(n, i) for i, n in enumerate(numbers) if n == number] for number in found]
    assert table.num_rows == sum(count for _, count in of)


# -- shelves --------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(0, 40)), st.integers(1, 9))
def test_every_number_stands_on_the_shelf_of_its_number_and_the_first_is_always_there(numbers, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "SHELF", size)
        ascending = sorted(numbers)
        found = shelves(ascending)
        assert next(iter(found)) == "" and found[""][0] == 0
        by_shelf = {name: ascending[first:last] for name, (first, last) in found.items()}
        assert [n for some in by_shelf.values() for n in some] == ascending
        for name, some in by_shelf.items():
            number = int(name.partition("-")[2] or 0)
            assert all(n // size == number for n in some) and (some or name == "")


class Shelved(Task):
    """Writes rows in groups by part."""

    def run(self) -> Receipt:
        numbers = self.side["numbers"]
        rows = pa.table({"doc_id": [f"id:{i}" for i in range(len(numbers))]})
        return self.write_grouped(rows, pa.chunked_array([pa.array(numbers, pa.int64())]), shelved=True)


def shelved(root: Path, numbers: list[int]) -> Receipt:
    return Shelved(step=SplitWords(), root=str(root), target="m/part-00000", part=0, side={"numbers": numbers}).run()


@pytest.mark.parametrize("numbers", [[], [0, 255], [256], [700, 0, 255, 256, 511, 512, 700, 256]])
def test_a_part_finds_its_rows_on_its_shelf(tmp_path, numbers):
    random.Random(3).shuffle(numbers)
    made, store = shelved(tmp_path, numbers), Store(tmp_path)
    for part in (0, 1, 255, 256, 511, 512, 700, 5000):
        rows = read_group(store, shelf_file(made, part), part)
        assert rows["doc_id"].to_pylist() == [f"id:{i}" for i, n in enumerate(numbers) if n == part]
    assert sorted(made.beside) == sorted({f"shelf-{n // 256:05d}" for n in numbers if n >= 256})
    assert sum(rows.rows for rows in (made, *made.beside.values())) == len(numbers)
    assert all(store.size(file) == size for file, size in made.files())
    said = made.extra["groups"]
    assert said["numbers"] == sorted(set(numbers)) and len(said["digests"]) == 16 * len(said["numbers"])


def test_a_group_has_one_digest_wherever_it_stands(tmp_path):
    first = shelved(tmp_path, [300, 0, 300])
    rows = RowDigests(pa.table({"doc_id": ["id:0", "id:2"]}))
    assert first.extra["groups"]["digests"][16:] == rows.of(slice(None))
    assert GroupDigests([first]).of(300) == GroupDigests([shelved(tmp_path, [300, 5, 300])]).of(300)


def test_a_part_without_a_shelf_of_its_own_looks_into_the_first():
    made = Receipt(0, "m/part-00000.parquet", 0, 0, "s", beside={"shelf-00001": SideFile("m/shelf-00001/p", 0, 0, "s")})
    found = [shelf_file(made, part) for part in (0, 255, 256, 511, 512)]
    assert found == [made.file, made.file, "m/shelf-00001/p", "m/shelf-00001/p", made.file]
