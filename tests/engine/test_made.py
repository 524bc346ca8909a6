"""Which files hold a table, and which ids two of them give to one row."""

from __future__ import annotations

import tempfile
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.hashes import hashes_of
from pipelines.engine import unique
from pipelines.engine.made import MadeTable, PartFile, files_digest, files_of
from pipelines.engine.receipt import Receipt, SideFile
from pipelines.engine.stage import Layout
from pipelines.engine.store import Store
from pipelines.engine.unique import doubled_ids
from tests.engine.tasks import put_table

FILES = (PartFile(1, "b/1", 3, "s1"), PartFile(0, "b/0", 4, "s0"))
MORE = (PartFile(1, "a/1", 5, "s2"),)


def test_a_table_that_several_stages_fill_has_several_files_a_part():
    made = MadeTable(Layout.PARTS, many=True, fillers={"b": FILES, "a": MORE})
    assert made.files() == ("b/1", "b/0", "a/1") and made.rows == 12 and not made.is_whole
    assert made.by_part() == {0: (FILES[1],), 1: (FILES[0], MORE[0])}
    assert list(made.by_part()) == [0, 1]


@pytest.mark.parametrize(("layout", "whole"), [(Layout.PARTS, False), (Layout.PARTITIONS, True), (Layout.WHOLE, True)])
def test_only_a_table_in_parts_is_co_partitioned(layout, whole):
    assert MadeTable(layout).is_whole is whole and MadeTable(layout).many is False


@given(st.lists(st.sampled_from("abc"), max_size=5), st.lists(st.sampled_from("abc"), max_size=5))
def test_the_digest_of_files_is_of_what_they_hold_and_not_of_their_order_or_names(one, two):
    first = files_digest(PartFile(i, f"x/{i}", 1, s) for i, s in enumerate(one))
    second = files_digest(PartFile(9 - i, f"y/{i}", 2, s) for i, s in enumerate(two))
    assert (first == second) == (sorted(one) == sorted(two))
    table = MadeTable(Layout.WHOLE, fillers={"t": tuple(PartFile(i, "f", 1, s) for i, s in enumerate(one))})
    assert table.digest == first


def test_the_digest_of_one_file_is_its_own():
    assert files_digest([FILES[0]]) == "s1"


def test_the_files_of_main_and_side_tables_are_told_by_part():
    side = {"more": SideFile("m/1", 7, 1, "t1")}
    receipts = [
        Receipt(2, "t/2", 3, 1, "s2", beside=side),
        Receipt(0, "t/0", 4, 1, "s0", beside={"more": SideFile("m/0", 8, 1, "t0")}),
    ]
    assert files_of("main", "main", receipts) == (PartFile(0, "t/0", 4, "s0", 1), PartFile(2, "t/2", 3, "s2", 1))
    assert files_of("more", "main", receipts) == (PartFile(0, "m/0", 8, "t0", 1), PartFile(2, "m/1", 7, "t1", 1))


IDS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=4), max_size=4)


@settings(max_examples=60)
@given(IDS, st.booleans())
def test_ids_that_occur_twice_are_found_and_named_whatever_their_hashes(files, weak):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if weak:
            patch.setattr(unique, "hashes_of", lambda values: hashes_of(values) % 2)
        store, put = Store(folder), []
        for i, ids in enumerate(files):
            table = pa.table(
                {"doc_id": pa.array(ids, pa.string()), "other": pa.array(["same"] * len(ids), pa.string())}
            )
            put_table(store, f"t/{i}.parquet", table)
            put.append(PartFile(i, f"t/{i}.parquet", len(ids), "s"))
        everything = [name for ids in files for name in ids]
        assert doubled_ids(store, put, "doc_id") == sorted({n for n in everything if everything.count(n) > 1})


def test_ids_of_a_table_without_files_are_unique(tmp_path):
    assert doubled_ids(Store(tmp_path), [], "doc_id") == []
    put_table(Store(tmp_path), "t.parquet", pa.table({"doc_id": ["a", "b"], "x": ["c", "c"]}))
    file = PartFile(0, "t.parquet", 2, "s")
    assert doubled_ids(Store(tmp_path), [file], "doc_id") == []
    assert doubled_ids(Store(tmp_path), [file, replace(file, part=1)], "doc_id") == ["a", "b"]
    assert doubled_ids(Store(tmp_path), [file], "x") == ["c"]
