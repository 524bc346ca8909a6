"""Licences beside tars, which stay as they were made, and beside files that say no version."""

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
CLOSED = "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
LATER = {"id": "2301.00099", "update_date": "2024-05-05"}
"""Tells that the snapshot is newer than the tar."""


def _source(folder: Path, papers: str, *records: dict[str, Any]) -> FolderSource:
    """Papers beside a snapshot; records are of 2301.00001 where they name no other."""
    lines = [json.dumps({"id": "2301.00001", **record}) for record in records]
    (folder / "m.jsonl").write_text("\n".join(lines) + "\n")
    return FolderSource(path=str(folder / papers), metadata=str(folder / "m.jsonl"))


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
    made = tables_of(_source(tmp_path, "tars", {"license": CC_BY, **record}, LATER))
    [row] = made["metadata"].to_pylist()
    assert (row["licence"], row["version"]) == (licence, None)
    is_told = any("license: of an unknown version: " in text for text in row["unsure"] or ())
    counted = Metadata(has_records=True).summary(Inputs({}), made)["licence_of_unknown_version"]
    assert (is_told, counted) == (licence is None, {} if licence else {"folder": 1})


V1 = {"version": "v1", "created": "Mon, 2 Jan 2023 10:00:00 GMT"}


@pytest.mark.parametrize("name", ["x.tar", "2301.00001v1.gz"])
@pytest.mark.parametrize("odd", [{"version": "V2", "created": "2025-01-01"}, {"created": "2025-01-01"}, "second"])
def test_no_licence_counts_where_a_listed_version_has_no_number(tmp_path: Path, name: str, odd: object) -> None:
    (tmp_path / "papers").mkdir()
    tar = entry("2301/2301.00001.gz", single("one"), mtime=NOON) + bytes(1024)
    (tmp_path / "papers" / name).write_bytes(tar if name == "x.tar" else single("one"))
    found = []
    for versions in ([V1], [V1, odd]):
        source = _source(tmp_path, "papers", {"license": CC_BY, "versions": versions}, LATER)
        [row] = tables_of(source)["metadata"].to_pylist()
        found.append((row["licence"], any(text.startswith("versions: ") for text in row["unsure"] or ())))
    assert found == [("CC-BY-4.0", False), (None, True)]


V2 = {"version": "v2", "created": "Fri, 20 Jan 2023 10:00:00 GMT"}
FEBRUARY = [{"version": "v1", "created": "Thu, 2 Feb 2023 10:00:00 GMT"}]


@pytest.mark.parametrize(
    ("beside", "is_known"),
    [
        ({"id": "2301.00098", "update_date": "2023-01-31"}, False),
        ({"id": "2301.00098", "update_date": "some day"}, False),
        ({"id": "2301.00098", "update_date": "2023-02-02"}, True),
        ({"id": "2301.00098", "versions": FEBRUARY}, True),
        ({"id": "2301.00098", "versions": FEBRUARY, "update_date": "some day"}, True),
    ],
)
@pytest.mark.parametrize("versions", [[V1], [V1, V2]])
def test_a_tar_that_is_newer_than_all_of_the_snapshot_is_told(
    tmp_path: Path, versions: list[Any], beside: dict[str, Any], is_known: bool
) -> None:
    (tmp_path / "tars").mkdir()
    times = {"2301.00001": NOON, "2301.00002": NOON - 10 * 86_400}
    tar = b"".join(entry(f"2301/{name}.gz", single(name), mtime=time) for name, time in times.items())
    (tmp_path / "tars" / "x.tar").write_bytes(tar + bytes(1024))
    other = {"id": "2301.00002", "license": CC_BY, "versions": [V1], "update_date": "2023-01-25"}
    source = _source(tmp_path, "tars", {"license": CC_BY, "versions": versions}, other, beside)
    new, old = sorted(tables_of(source)["metadata"].to_pylist(), key=lambda row: row["paper_id"])
    assert (new["version"], new["licence"]) == (len(versions), "CC-BY-4.0")
    assert any("no record of the metadata is so new" in text for text in new["unsure"] or ()) is not is_known
    assert (old["version"], old["licence"]) == (1, "CC-BY-4.0")


@pytest.mark.parametrize(("n", "is_told"), [(1, True), (2, False)])
def test_one_record_of_many_makes_no_snapshot_new(tmp_path: Path, n: int, is_told: bool) -> None:
    (tmp_path / "tars").mkdir()
    tar = entry("2301/2301.00001.gz", single("2301.00001"), mtime=NOON)
    (tmp_path / "tars" / "x.tar").write_bytes(tar + bytes(1024))
    others = [{"id": f"2301.{number:05d}", "update_date": "2023-01-25"} for number in range(100, 200)]
    odd = [{"id": f"2301.{number:05d}", "update_date": "2999-01-01"} for number in range(n)]
    source = _source(tmp_path, "tars", {"license": CC_BY, "versions": [V1]}, *others, *odd)
    [row] = tables_of(source)["metadata"].to_pylist()
    assert any("no record of the metadata is so new" in text for text in row["unsure"] or ()) is is_told


def test_a_record_that_is_no_arxiv_papers_has_no_versions_to_tell_of(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "report.gz").write_bytes(single("report"))
    [row] = tables_of(_source(tmp_path, "papers", {"id": "report", "license": CC_BY}))["metadata"].to_pylist()
    assert (row["licence"], row["unsure"]) == ("CC-BY-4.0", None)


OF_V1 = {"version": "v1", "versions": [V1], "update_date": "2023-01-02"}
OF_V2 = {"versions": [V1, V2], "update_date": "2023-01-20"}


@pytest.mark.parametrize(
    ("records", "licence"),
    [
        ([{"license": CC_BY, "versions": [V1]}], "CC-BY-4.0"),
        ([{"license": CC_BY, **OF_V2}], "CC-BY-4.0"),
        ([{"license": CC_BY, "version": 2}], "CC-BY-4.0"),
        ([{"license": CC_BY, **OF_V1}, {"license": CLOSED, **OF_V2}], None),
        ([{"license": CLOSED, **OF_V1}, {"license": CC_BY, **OF_V2}], None),
        ([{**OF_V1}, {"license": CC_BY, **OF_V2}], "CC-BY-4.0"),
        ([{"license": CC_BY, **OF_V1}, {"license": CC_BY, **OF_V2}], "CC-BY-4.0"),
        ([{"license": CC_BY}], "CC-BY-4.0"),
    ],
)
def test_the_licence_of_the_last_version_counts_for_a_file_that_says_none_unless_records_disagree(
    tmp_path: Path, records: list[dict[str, Any]], licence: str | None
) -> None:
    (tmp_path / "papers").mkdir()
    for name in ("2301.00001.gz", "2301.00001v2.gz"):
        (tmp_path / "papers" / name).write_bytes(single(name))
    made = tables_of(_source(tmp_path, "papers", *records))
    places = dict(zip(made["papers"]["doc_id"].to_pylist(), made["papers"]["member"].to_pylist(), strict=True))
    rows = {places[row["doc_id"]]: row for row in made["metadata"].to_pylist()}
    assert rows["2301.00001.gz"]["licence"] == licence
    summary = Metadata(has_records=True).summary(Inputs({}), made)
    is_taken = licence is not None and any(
        r.get("version") == 2 or r.get("versions") in ([V1, V2], None) for r in records
    )
    assert summary["licence_of_unknown_version"] == ({} if licence else {"folder": 1})
    assert summary["taken_for_the_last_version"] == ({"folder": 1} if is_taken else {})
    warnings = " ".join(Metadata(has_records=True).fold([summary])["warnings"])
    assert ("which of their versions is at hand" in warnings, "are taken for the last" in warnings) == (
        not licence,
        is_taken,
    )
    if any(record.get("versions") == [V1, V2] and record.get("license") == CC_BY for record in records):
        assert rows["2301.00001v2.gz"]["licence"] == "CC-BY-4.0", "its name says the version"


def test_a_row_that_states_its_own_licence_needs_no_version(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    row = {"id": "2301.00001", "text": "On a star. " * 50}
    for number, said in enumerate(({}, {"license": CC_BY})):
        (tmp_path / "papers" / "rows.jsonl").write_text(json.dumps({**row, **said}) + "\n")
        made = tables_of(_source(tmp_path, "papers", {"license": CLOSED, **OF_V1}, {"license": CC_BY, **OF_V2}))
        assert made["metadata"]["licence"].to_pylist() == ["CC-BY-4.0" if number else None]
