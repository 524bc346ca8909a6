"""Real lines of arXiv's snapshot: every value of every line, in each packing, and whose licence counts for which version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from curation.sources.folder import FolderSource
from tests.conftest import shared_folder
from tests.sources.joined import joins_of, rows_of
from tests.sources.tars import entry, single, write_tar

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
LICENCES = {
    None: None,
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/": "arXiv-nonexclusive-1.0",
    "http://creativecommons.org/licenses/by-nc-nd/4.0/": "CC-BY-NC-ND-4.0",
    "http://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
}
DOIS = {  # by hand: what is not the field in lower case
    "10.1364/JOSAA.23.002578 10.1364/JOSAA.32.002407": ["10.1364/josaa.23.002578", "10.1364/josaa.32.002407"],
    "10.1016/j.jqsrt.2007.01.034 10.1016/j.jqsrt.2015.11.025": [
        "10.1016/j.jqsrt.2007.01.034",
        "10.1016/j.jqsrt.2015.11.025",
    ],
}
WITHDRAWN = {"0704.0156"}


def folded(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def expected(record: dict[str, Any]) -> dict[str, Any]:
    """What each column holds, by rules of this file alone."""
    last = record["versions"][-1]
    dois = DOIS.get(record["doi"], [record["doi"].lower()] if record["doi"] else [])
    return {
        "paper_id": f"arXiv:{record['id']}",
        "links": sorted([f"arXiv:{record['id']}", *(f"doi:{doi}" for doi in dois)]),
        "version": int(last["version"][1:]),
        "title": folded(record["title"]),
        "authors": folded(record["authors"]),
        "abstract": record["abstract"].strip(),
        "categories": record["categories"].split(" "),
        "licence": LICENCES[record["license"]],
        "doi": dois[0] if dois else None,
        "journal_ref": folded(record["journal-ref"]),
        "bibcode": None,
        "comments": folded(record["comments"]),
        "date": datetime.strptime(last["created"], "%a, %d %b %Y %H:%M:%S GMT").date().isoformat(),
        "is_withdrawn": record["id"] in WITHDRAWN,
        "n_records": 1,
        "record_version": None,
        "unsure": None,
    }


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    folder = shared_folder()
    assert folder is not None
    files = [folder / "metadata" / "kaggle" / f"{name}.jsonl" for name in ("kaggle_odd_lines", "arxiv-metadata-sample")]
    odd, sample = (file.read_bytes().splitlines(keepends=True) for file in files)
    assert (len(odd), len(sample)) == (50, 2)
    known = {json.loads(line)["id"] for line in odd}
    return [*odd, *(line for line in sample if json.loads(line)["id"] not in known)]


@pytest.mark.needs_shared
@pytest.mark.parametrize("packing", PACKED)
def test_every_line_of_the_snapshot_is_a_row_of_its_values(tmp_path: Path, lines: list[bytes], packing: str) -> None:
    records = {record["id"]: record for record in map(json.loads, lines)}
    (tmp_path / "papers").mkdir()
    for id_ in records:
        name = f"{id_}v{len(records[id_]['versions'])}"
        (tmp_path / "papers" / f"{name}.gz").write_bytes(single(id_))
    (tmp_path / f"snapshot.jsonl{packing}").write_bytes(PACKED[packing](b"".join(lines)))
    source = FolderSource(path=str(tmp_path / "papers"), metadata=str(tmp_path / f"snapshot.jsonl{packing}"))
    rows = {row["source_id"].rpartition("v")[0]: row for row in rows_of(source).values()}
    assert len(rows) == 51
    for id_, record in records.items():
        wanted = expected(record)
        assert {name: rows[id_][name] for name in wanted} == wanted, id_
    [join] = joins_of(source)
    assert (join.given.count, join.given.matched, join.papers.matched) == (51, 51, 51)


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("member", "mtime", "licence"),
    [
        ("2101.11408v1.gz", 1_800_000_000, None),
        ("2101.11408v2.gz", 0, "CC-BY-4.0"),
        ("2101.11408v3.gz", 0, None),
        ("2101.11408.gz", 1_611_900_000, None),  # 29 January 2021, a day before v2
        ("2101.11408.gz", 1_612_137_600, "CC-BY-4.0"),  # 1 February 2021
        ("2101.11408.gz", 0, None),
    ],
)
def test_a_licence_of_one_version_opens_no_other(
    tmp_path: Path, lines: list[bytes], member: str, mtime: int, licence: str | None
) -> None:
    [line] = [line for line in lines if b'"2101.11408"' in line]
    (tmp_path / "tars").mkdir()
    (tmp_path / "tars" / "x.tar").write_bytes(entry(f"2101/{member}", single("x"), mtime=mtime) + bytes(1024))
    (tmp_path / "m.jsonl").write_bytes(line)
    [row] = rows_of(FolderSource(path=str(tmp_path / "tars"), metadata=str(tmp_path / "m.jsonl"))).values()
    assert row["licence"] == licence


def test_a_newer_snapshot_changes_rows_of_the_records_that_changed(tmp_path: Path) -> None:
    write_tar(tmp_path / "tars" / "x.tar", {f"2301/2301.0000{n}.gz": single(str(n)) for n in (1, 2)})
    found = []
    for comments in (None, "This paper has been withdrawn"):
        records = [{"id": "2301.00001", "comments": comments}, {"id": "2301.00002", "comments": "Five pages"}]
        (tmp_path / "m.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        found.append(rows_of(FolderSource(path=str(tmp_path / "tars"), metadata=str(tmp_path / "m.jsonl"))))
    first, second = (f"x.tar#2301/2301.0000{n}.gz" for n in (1, 2))
    assert found[0][second] == found[1][second]
    assert [rows[first]["is_withdrawn"] for rows in found] == [False, True]
