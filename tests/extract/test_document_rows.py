from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.extract.document_rows import without_boilerplate
from curation.text.paragraphs import paragraphs

WORDS = "These words are those of a notice that very many papers of one survey repeat as they are"
EQUATION = f"{WORDS}\n$$\nE = m c^2\n$$"
TABLE = f"| {WORDS} | b |\n| --- | --- |\n| 1 | 2 |"
OWN = "The star is bright.\n\n$$\na = b\n$$\n\n| c | d |\n| --- | --- |\n| 3 | 4 |"


def artefact(folder: Path, *notices: str) -> Path:
    found = paragraphs(pa.chunked_array([pa.array(notices, pa.large_string())]), 12)
    assert len(found.hash) == len(notices)
    table = pa.table({name: getattr(found, name) for name in ("hash", "n_words")})
    pq.write_table(table, folder / "notices.parquet")
    return folder / "notices.parquet"


def row(text: str, n_equations: int, n_tables: int) -> dict[str, Any]:
    return {"text": text, "sections": [], "n_equations": n_equations, "n_tables": n_tables}


@pytest.mark.parametrize(("notice", "n_equations", "n_tables"), [(EQUATION, 1, 2), (TABLE, 2, 1), (WORDS, 2, 2)])
def test_what_stood_in_a_paragraph_that_is_cut_is_no_longer_counted(
    tmp_path: Path, notice: str, n_equations: int, n_tables: int
) -> None:
    counted, uncounted = row(f"{notice}\n\n{OWN}", 2, 2), row(f"{notice}\n\n{OWN}", 0, 0)
    [made, no_numbers] = without_boilerplate([counted, uncounted], artefact(tmp_path, notice))
    assert (made["text"], made["n_equations"], made["n_tables"]) == (OWN, n_equations, n_tables)
    assert (no_numbers["n_equations"], no_numbers["n_tables"]) == (0, 0)  # a route that tells none


def test_a_text_that_is_all_notice_stays_as_it_is(tmp_path: Path) -> None:
    [made] = without_boilerplate([row(EQUATION, 1, 0)], artefact(tmp_path, EQUATION))
    assert made == row(EQUATION, 1, 0)
