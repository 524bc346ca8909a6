"""The tables explain themselves and build rows that fit them."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest

from schemas import DECISIONS, DOC_ID, TABLES, Table


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_field_is_documented(table):
    assert table.doc
    for field in table.fields:
        assert field.metadata[b"doc"].decode().endswith("."), field.name


def test_rows_with_an_unknown_key_are_refused():
    with pytest.raises(KeyError, match="no column"):
        DECISIONS.rows([{"doc_id": "x", "colour": "red"}])


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "Digits", "a-b", "9", "."])
def test_a_name_that_would_leave_the_run_folder_is_refused(name):
    with pytest.raises(ValueError, match="lower-case letters"):
        Table(name, 1, "Nothing.", (DOC_ID,))


def test_rows_fill_what_is_missing_with_null():
    table = DECISIONS.rows(
        [{"doc_id": "x", "row_id": "public", "tier": "public", "verdict": "drop", "stage": "s", "reason": "licence"}]
    )
    assert table.schema.equals(DECISIONS.arrow, check_metadata=True)
    assert table["score"].null_count == 1
    assert isinstance(table, pa.Table)


def test_the_tables_print_for_people():
    out = subprocess.run([sys.executable, "-m", "schemas", "papers"], capture_output=True, text=True, check=True)
    assert "| `doc_id` | string, never null |" in out.stdout
    assert subprocess.run([sys.executable, "-m", "schemas", "nothing"], capture_output=True).returncode == 2
