"""Arrow batches and packed numpy are the same samples in the same order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.streaming import Reader
from curation.streaming.batches import packed
from tests.streaming.releases import write_release


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
@pytest.mark.parametrize("size", [1, 3])
def test_batches_are_the_rows_of_the_reader(tmp_path: Path, rows: int, size: int) -> None:
    write_release(tmp_path, [[30, 40], [50, 5]])
    for rank in range(size):
        options = {"lanes": 8, "dp_rank": rank, "dp_size": size}
        samples = Reader(tmp_path, **options)
        batches, arrays = Reader(tmp_path, **options), Reader(tmp_path, **options)
        for _ in range(2):
            expected = list(samples)
            tables = list(batches.batches(rows))
            assert [row for table in tables for row in table.to_pylist()] == expected
            assert {table.num_rows for table in tables[:-1]} <= {rows}
            texts = [
                bytes(column.values[start:stop]).decode()
                for batch in arrays.packed(rows)
                for column in [batch["text"]]
                for start, stop in zip(column.offsets, column.offsets[1:], strict=False)
            ]
            assert texts == [sample["text"] for sample in expected]
        assert batches.state() == arrays.state() == samples.state()


def test_a_state_between_batches_goes_on_with_the_next(tmp_path: Path) -> None:
    write_release(tmp_path, [[30, 40], [50, 5]])
    whole = [sample["id"] for sample in Reader(tmp_path)]
    reader = Reader(tmp_path)
    batches = reader.batches(10)
    got = [i for _ in range(3) for i in next(batches)["id"].to_pylist()]
    assert got + [sample["id"] for sample in Reader(tmp_path, state=reader.state())] == whole
    with pytest.raises(UserError, match="1 at least"):
        next(reader.batches(0))


def test_columns_are_packed_by_their_type() -> None:
    table = pa.table(
        {
            "text": pa.array(["é", None, "", "abc"], pa.string()),
            "tokens": pa.array([[1, 2], [], None, [3]], pa.list_(pa.int32())),
            "n": pa.array([1, 2, 3, 4], pa.int64()),
            "score": pa.array([0.5, 1.5, 2.5, 3.5]),
        }
    )
    for part, offset in [(table, 0), (table.slice(1), 1)]:
        got = packed(part)
        for name, empty in [("text", ""), ("tokens", [])]:
            column = got[name]
            cut = [column.values[a:b] for a, b in zip(column.offsets, column.offsets[1:], strict=False)]
            values = [bytes(c).decode() if name == "text" else c.tolist() for c in cut]
            assert values == [v or empty for v in table[name].to_pylist()[offset:]]
        assert got["n"].values.tolist() == [1, 2, 3, 4][offset:]
        assert got["score"].values.dtype == np.float64 and got["tokens"].values.dtype == np.int32
    with pytest.raises(UserError, match="column n has nulls"):
        packed(pa.table({"n": pa.array([1, None])}))
    with pytest.raises(UserError, match="only text, numbers and lists of numbers"):
        packed(pa.table({"m": pa.array([{"a": 1}])}))


def test_nulls_and_other_types_come_as_python_has_them(tmp_path: Path) -> None:
    from tests.streaming.releases import entry, write_manifest

    (tmp_path / "research").mkdir()
    file = tmp_path / "research/shard-00000.parquet"
    rows = [
        {"id": str(i), "title": None if i % 3 else f"é{i}", "n": i or None, "m": [{"a": i}] * (i % 2)}
        for i in range(20)
    ]
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=6)
    write_manifest(tmp_path, [entry(file, "research", [6, 6, 6, 2])])
    got = list(Reader(tmp_path, columns=["id", "title", "n", "m"]))
    assert sorted(got, key=lambda row: int(row["id"])) == rows
