"""What a step returns is brought to its schema, or told to be another."""

from __future__ import annotations

import pyarrow as pa
import pytest

from curation.errors import ContractError
from curation.parquet import conform


def test_a_column_of_another_type_is_named() -> None:
    schema = pa.schema({"doc_id": pa.string(), "n": pa.int64()})
    table = pa.table({"doc_id": ["a"], "n": ["A made row 7"]})
    with pytest.raises(ContractError, match=r"step x, part 0: column n is of type string, not int64: .*A made row 7"):
        conform(table, schema, "step x, part 0")
    assert conform(table.set_column(1, "n", pa.array(["7"])), schema, "x")["n"].to_pylist() == [7]
