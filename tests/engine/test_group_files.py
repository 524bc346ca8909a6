"""Files of groups: each is read alone, the same bytes for the same rows, and damage is told."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.errors import ContractError, RunError
from pipelines.engine.groups import Groups, RowDigests, gather_group, grouped, read_group, read_groups
from pipelines.engine.store import Store

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.large_string()), ("spans", pa.list_(pa.int32()))])


def rows_of(numbers: list[int]) -> pa.Table:
    table = {
        "id": [f"p{i}" for i in range(len(numbers))],
        "text": [None if n == 3 else f"about star {n} " * (i % 4) for i, n in enumerate(numbers)],
        "spans": [list(range(n)) for n in numbers],
    }
    return pa.table(table, schema=SCHEMA)


def bytes_of(numbers: list[int]) -> bytes:
    table, found, groups = grouped(rows_of(numbers), pa.chunked_array([pa.array(numbers, pa.int32())]))
    sink = io.BytesIO()
    digests = [RowDigests(table).of(slice(start, start + count)) for start, count in groups]
    Groups(table, groups, found, digests).write(sink)
    return sink.getvalue()


@given(st.lists(st.integers(0, 9), max_size=60))
def test_every_group_is_read_alone(tmp_path_factory: pytest.TempPathFactory, numbers: list[int]) -> None:
    folder = tmp_path_factory.mktemp("groups")
    (folder / "a.arrow").write_bytes(bytes_of(numbers))
    store, rows = Store(folder), rows_of(numbers)
    for number in range(10):
        mine = [row for row, n in zip(rows.to_pylist(), numbers, strict=True) if n == number]
        found = read_group(store, "a.arrow", number)
        assert found.schema == SCHEMA and found.to_pylist() == mine
        assert read_group(store, "a.arrow", number, ("id",)).to_pylist() == [{"id": row["id"]} for row in mine]
    every = [(number, len(table)) for number, table in read_groups(store, "a.arrow", ("id", "text"))]
    assert every == [(n, numbers.count(n)) for n in sorted(set(numbers))]
    assert bytes_of(numbers) == (folder / "a.arrow").read_bytes()


def test_damage_is_told_or_does_no_harm(tmp_path: Path) -> None:
    numbers = [n % 7 for n in range(200)]
    whole, rows = bytes_of(numbers), rows_of(numbers).to_pylist()
    right = [[row for row, n in zip(rows, numbers, strict=True) if n == number] for number in range(7)]
    store, rng, told = Store(tmp_path), random.Random(5), 0
    for _ in range(1500):
        broken = bytearray(whole)
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        (tmp_path / "a.arrow").write_bytes(broken)
        try:
            found = [read_group(store, "a.arrow", number).to_pylist() for number in range(7)]
        except (RunError, ContractError):
            told += 1
        else:
            assert found == right
    assert told > 300
    for cut in (0, 4, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.arrow").write_bytes(whole[:cut])
        with pytest.raises(RunError, match=r"a\.arrow cannot be read.*run again"):
            read_group(store, "a.arrow", 1)


def test_a_file_that_says_nothing_of_groups_is_none(tmp_path: Path) -> None:
    with pa.ipc.new_file(str(tmp_path / "a.arrow"), SCHEMA) as writer:
        writer.write_table(rows_of([1, 2]))
    with pytest.raises(ContractError, match="no groups"):
        read_group(Store(tmp_path), "a.arrow", 1)


def test_of_many_files_the_damaged_one_is_named(tmp_path: Path) -> None:
    store, numbers = Store(tmp_path), [n % 3 for n in range(40)]
    for name in "abc":
        (tmp_path / f"{name}.arrow").write_bytes(bytes_of(numbers))
    (tmp_path / "other.arrow").write_bytes(bytes_of([4, 4]))
    files = ["a.arrow", "other.arrow", "b.arrow", "c.arrow"]
    assert [len(table) for table in gather_group(store, files, 1)] == [numbers.count(1), 0] + 2 * [numbers.count(1)]
    table, found, groups = grouped(rows_of(numbers), pa.chunked_array([pa.array(numbers, pa.int32())]))
    with (tmp_path / "b.arrow").open("wb") as sink:
        Groups(table, groups, found, ["0" * 16] * len(found)).write(sink)
    with pytest.raises(RunError, match=r"b\.arrow cannot be read \(the rows of group 1 are not those"):
        gather_group(store, files, 1)
