"""Licences of records that list no versions, beside tars, which stay as they were made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation.sources.folder import FolderSource
from curation.sources.paper_metadata import Metadata
from curation.step import Inputs
from tests.sources.joined import tables_of
from tests.sources.tars import entry, single

NOON = 1_675_252_800
DAY = "2023-02-01"
"""The tar is made at its noon."""
CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("mtime", "record", "licence"),
    [
        (NOON, {"version": "latest", "update_date": "2026-03-01"}, None),
        (NOON, {"update_date": "2026-03-01"}, None),
        (NOON, {"update_date": DAY}, None),  # of an hour that nobody tells
        (NOON, {}, None),
        (NOON, {"date": "2023-01-02"}, None),  # of whichever version
        (NOON, {"version": 1, "update_date": "2023-01-31"}, None),  # a second may be in the tar
        (NOON, {"version": "latest", "update_date": "2023-01-31", "date": "2023-02-02"}, None),
        (NOON, {"update_date": "2023-01-31", "date": "some day"}, None),
        (NOON, {"update_date": ["2023-01-31"]}, None),
        (0, {"update_date": "2023-01-31"}, None),
        (NOON, {"version": "latest", "update_date": "2023-01-31"}, "CC-BY-4.0"),
        (NOON, {"versions": [], "update_date": "2023-01-31", "date": "2023-01-02"}, "CC-BY-4.0"),
    ],
)
def test_a_licence_of_a_record_without_versions_counts_for_a_tar_that_is_younger(
    tmp_path: Path, mtime: int, record: dict[str, Any], licence: str | None
) -> None:
    (tmp_path / "tars").mkdir()
    (tmp_path / "tars" / "x.tar").write_bytes(entry("2301/2301.00001.gz", single("one"), mtime=mtime) + bytes(1024))
    (tmp_path / "m.jsonl").write_text(json.dumps({"id": "2301.00001", "license": CC_BY, **record}) + "\n")
    made = tables_of(FolderSource(path=str(tmp_path / "tars"), metadata=str(tmp_path / "m.jsonl")))
    [row] = made["metadata"].to_pylist()
    assert (row["licence"], row["version"]) == (licence, None)
    is_told = any("of a version that the record does not number" in text for text in row["unsure"] or ())
    counted = Metadata(has_records=True).summary(Inputs({}), made)["licence_of_unknown_version"]
    assert (is_told, counted) == (licence is None, int(licence is None))


V1 = {"version": "v1", "created": "Mon, 2 Jan 2023 10:00:00 GMT"}


@pytest.mark.parametrize("name", ["x.tar", "2301.00001v1.gz"])
@pytest.mark.parametrize("odd", [{"version": "V2", "created": "2025-01-01"}, {"created": "2025-01-01"}, "second"])
def test_no_licence_counts_where_a_listed_version_has_no_number(tmp_path: Path, name: str, odd: object) -> None:
    (tmp_path / "papers").mkdir()
    tar = entry("2301/2301.00001.gz", single("one"), mtime=NOON) + bytes(1024)
    (tmp_path / "papers" / name).write_bytes(tar if name == "x.tar" else single("one"))
    source = FolderSource(path=str(tmp_path / "papers"), metadata=str(tmp_path / "m.jsonl"))
    found = []
    for versions in ([V1], [V1, odd]):
        (tmp_path / "m.jsonl").write_text(json.dumps({"id": "2301.00001", "license": CC_BY, "versions": versions}))
        [row] = tables_of(source)["metadata"].to_pylist()
        found.append((row["licence"], any(text.startswith("versions: ") for text in row["unsure"] or ())))
    assert found == [("CC-BY-4.0", False), (None, True)]
