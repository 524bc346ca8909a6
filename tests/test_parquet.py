"""What a step returns is brought to its schema, or told to be another."""

from __future__ import annotations

import pyarrow as pa
import pytest

from curation.errors import ContractError
from curation.parquet import conform, row_groups, sort_rows


def test_a_column_of_another_type_is_named() -> None:
    schema = pa.schema({"doc_id": pa.string(), "n": pa.int64()})
    table = pa.table({"doc_id": ["a"], "n": ["A made row 7"]})
    with pytest.raises(ContractError, match=r"step x, part 0: column n is of type string, not int64: .*A made row 7"):
        conform(table, schema, "step x, part 0")
    assert conform(table.set_column(1, "n", pa.array(["7"])), schema, "x")["n"].to_pylist() == [7]


def test_dictionaries_are_sorted_by_their_values() -> None:
    names = pa.chunked_array(
        [pa.array(part, pa.dictionary(pa.int32(), pa.string())) for part in (["b", None], ["c", "a"])]
    )
    table = pa.table({"name": names, "n": [1, 2, 3, 4]})
    assert sort_rows(table, ["name", "n"])["n"].to_pylist() == [4, 1, 3, 2]
    assert row_groups(table, 8) == [(0, 2), (2, 2)], "a value in a dictionary counts its index"
