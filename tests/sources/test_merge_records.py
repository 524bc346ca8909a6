"""Records that disagree, or speak of another paper, decide nothing by their order."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curation.sources.folder import FolderSource
from curation.sources.merge_records import names_of, one_record, with_row
from curation.sources.metadata import columns_of, kept
from curation.sources.record_values import iso_date
from pipelines.cli import main
from tests.sources.joined import rows_of
from tests.withhold.test_sources import withheld

OPEN, CLOSED = "http://creativecommons.org/licenses/by/4.0/", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
ID, OTHER = "2301.00001", "2301.00002"
FILE = f"{ID}.tex"
TEX = b"\\documentclass{article}\\begin{document}Text of the paper.\\end{document}"
Record = dict[str, Any]


def papers(
    folder: Path, records: list[Record], name: str = FILE, content: bytes = TEX, licence: str | None = None
) -> dict[str, Any]:
    """The only row of a source with these metadata records."""
    (folder / "papers").mkdir(exist_ok=True)
    (folder / "papers" / name).write_bytes(content)
    (folder / "meta.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    config: dict[str, Any] = {
        "path": str(folder / "papers"),
        "metadata": str(folder / "meta.jsonl"),
        "licence": licence,
    }
    source = FolderSource(**config, allow_unmatched=True)
    (row,) = rows_of(source).values()
    return row


def v(n: int) -> dict[str, Any]:
    return {"versions": [{"version": f"v{i}", "created": "Mon, 2 Jan 2023 10:00:00 GMT"} for i in range(1, n + 1)]}


UNKNOWN: dict[str, tuple[str, list[Record]]] = {
    "an earlier version beside a file that says none": (
        FILE,
        [
            {"id": ID, "license": CLOSED, "update_date": "2023-01-01", **v(1)},
            {"id": ID, "license": OPEN, "update_date": "2023-02-01", **v(2)},
        ],
    ),
    "two records": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": CLOSED}]),
    "two of one date": (
        FILE,
        [{"id": ID, "license": x, "update_date": "2023-02-01"} for x in (OPEN, CLOSED)],
    ),
    "three, one of which differs": (
        FILE,
        [{"id": ID, "license": x, "title": t} for x, t in ((OPEN, "a"), (OPEN, "b"), (CLOSED, "c"))],
    ),
    "two open ones": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": "CC0-1.0"}]),
    "one without a licence": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": None}]),
    "one with a licence nobody knows": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": "see text"}]),
    "one with a list": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": [OPEN]}]),
    "an older one of the same version": (
        FILE,
        [
            {"id": ID, "license": CLOSED, "update_date": "2023-01-01", **v(1)},
            {"id": ID, "license": OPEN, "update_date": "2023-02-01", **v(1)},
        ],
    ),
    "an older one of a later version": (
        FILE,
        [
            {"id": ID, "license": CLOSED, "update_date": "2023-01-01", **v(2)},
            {"id": ID, "license": OPEN, "update_date": "2023-02-01", **v(1)},
        ],
    ),
    "a date that never was": (
        FILE,
        [
            {"id": ID, "license": OPEN, "update_date": "2099-02-31"},
            {"id": ID, "license": CLOSED, "update_date": "2023-02-01"},
        ],
    ),
    "one bound by its file": (FILE, [{"file": FILE, "license": OPEN}, {"id": ID, "license": CLOSED}]),
    "one bound by its file, one by its slug": (
        "ms.tex",
        [{"file": "ms.tex", "license": OPEN}, {"slug": "ms", "license": CLOSED}],
    ),
    "one file bound twice": ("ms.tex", [{"file": "ms.tex", "license": x} for x in (OPEN, CLOSED)]),
    "one file bound to two papers": ("ms.tex", [{"file": "ms.tex", "id": x, "license": OPEN} for x in (ID, OTHER)]),
    "of another paper": (FILE, [{"file": FILE, "id": OTHER, "license": OPEN}]),
    "of another paper by its arxiv_id": (FILE, [{"file": FILE, "arxiv_id": OTHER, "license": OPEN}]),
    "of another paper by its DOI": (FILE, [{"file": FILE, "doi": f"10.48550/arXiv.{OTHER}", "license": OPEN}]),
    "of another paper by its bibcode": (FILE, [{"file": FILE, "bibcode": "2023arXiv230100002K", "license": OPEN}]),
    "of two papers": (FILE, [{"id": ID, "arxiv_id": OTHER, "license": OPEN}]),
    "of another paper beside its own": (
        FILE,
        [{"file": FILE, "id": OTHER, "license": OPEN}, {"id": ID, "license": CLOSED}],
    ),
    "of another version": (f"{ID}v1.tex", [{"id": ID, "license": OPEN, **v(2)}]),
    "two keys": (FILE, [{"id": ID, "license": OPEN, "licence": CLOSED}]),
    "two keys, both open": (FILE, [{"id": ID, "license": OPEN, "licence": "CC0-1.0"}]),
    "a list beside an open key": (FILE, [{"id": ID, "license": ["none"], "licence": OPEN}]),
    "a number beside an open key": (FILE, [{"id": ID, "license": 0, "licence": OPEN}]),
    "false beside an open key": (FILE, [{"id": ID, "license": False, "licence": OPEN}]),
    "an empty text beside an open key": (FILE, [{"id": ID, "license": "", "licence": OPEN}]),
    "a deep list beside an open key": (FILE, [{"id": ID, "license": [[[[["x"]]]]], "licence": OPEN}]),
    "a list of one": (FILE, [{"id": ID, "license": [OPEN]}]),
    "an object": (FILE, [{"id": ID, "license": {"url": OPEN}}]),
    "a control character": (FILE, [{"id": ID, "license": "CC-BY\x00-4.0"}]),
}
KNOWN: dict[str, tuple[str, list[Record]]] = {
    "one record": (FILE, [{"id": ID, "license": OPEN}]),
    "the same twice": (FILE, [{"id": ID, "license": OPEN}] * 2),
    "two spellings": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "license": "CC BY 4.0"}]),
    "two keys that agree": (FILE, [{"id": ID, "license": OPEN, "licence": "CC-BY-4.0"}]),
    "a null key beside an open one": (FILE, [{"id": ID, "license": None, "licence": OPEN}]),
    "one that says nothing of licences": (FILE, [{"id": ID, "license": OPEN}, {"id": ID, "title": "T"}]),
    "an older one of an earlier version": (
        f"{ID}v2.tex",
        [
            {"id": ID, "license": CLOSED, "update_date": "2023-01-01", **v(1)},
            {"id": ID, "license": OPEN, "update_date": "2023-02-01", **v(2)},
        ],
    ),
    "bound by its file under its own id": (FILE, [{"file": FILE, "id": f"{ID}v1", "license": OPEN}]),
    "another paper's beside its own": (
        FILE,
        [{"file": FILE, "id": OTHER, "license": CLOSED}, {"id": ID, "license": OPEN}],
    ),
}


@pytest.mark.parametrize(("name", "records"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_licence_on_which_records_disagree_is_unknown(tmp_path: Path, name: str, records: list[Record]) -> None:
    rows = [papers(tmp_path, list(order), name) for order in itertools.permutations(records)]
    assert {row["licence"] for row in rows} <= {None, "arXiv-nonexclusive-1.0"}
    assert all(row == rows[0] for row in rows)


SILENT = {
    "older ones state one": (
        FILE,
        [{"id": ID, "license": CLOSED, "update_date": "2023-01-01"}, {"id": ID, "update_date": "2023-02-01"}],
    ),
    "that of an earlier version states one": (
        FILE,
        [
            {"id": ID, "license": CLOSED, "update_date": "2023-01-01", **v(1)},
            {"id": ID, "update_date": "2023-02-01", **v(2)},
        ],
    ),
}
OF_OTHERS = ("of another paper", "of two papers")
STATED = SILENT | {name: case for name, case in UNKNOWN.items() if not name.startswith(OF_OTHERS)}


@pytest.mark.parametrize(("name", "records"), STATED.values(), ids=STATED)
def test_a_licence_of_the_source_takes_no_place_of_one_that_is_stated(
    tmp_path: Path, name: str, records: list[Record]
) -> None:
    assert papers(tmp_path, records, name, licence="CC-BY-SA-4.0")["licence"] is None


@pytest.mark.parametrize(("name", "records"), KNOWN.values(), ids=KNOWN)
def test_a_licence_on_which_records_agree_stays(tmp_path: Path, name: str, records: list[Record]) -> None:
    for order in itertools.permutations(records):
        assert papers(tmp_path, list(order), name)["licence"] == "CC-BY-4.0"


def test_a_record_of_another_paper_is_no_record(tmp_path: Path) -> None:
    row = papers(tmp_path, [{"file": FILE, "id": OTHER, "license": OPEN, "title": "Another", "doi": "10.1086/518646"}])
    assert (row["paper_id"], row["title"], row["doi"]) == (f"arXiv:{ID}", None, None)
    bound = papers(tmp_path, [{"file": FILE, "id": OTHER, "title": "Another"}, {"id": ID, "title": "Its own"}])
    assert (bound["paper_id"], bound["title"]) == (f"arXiv:{ID}", "Its own")


def test_a_file_bound_to_two_papers_is_neither(tmp_path: Path) -> None:
    row = papers(tmp_path, [{"file": "ms.tex", "id": x} for x in (ID, OTHER)], "ms.tex")
    assert row["paper_id"].startswith("sha256:")
    assert {f"id: {ID}", f"id: {OTHER}"} <= set(row["unsure"])


def test_what_withholding_reads_is_kept_of_every_record_that_counts(tmp_path: Path) -> None:
    records = [
        {"id": ID, "doi": "10.1086/518646", "comments": "12 pages", "journal-ref": "ApJ 1"},
        {"id": ID, "doi": "10.1146/annurev-astro-081309-130806", "comments": "to appear in ARA&A"},
    ]
    row = papers(tmp_path, records)
    assert row["doi"] is None and row["comments"] in ("12 pages; to appear in ARA&A", "to appear in ARA&A; 12 pages")
    found = withheld([{"unsure": row["unsure"], "comments": row["comments"]}], [{"name": "B", "rule": "araa"}])
    assert {r["rule"] for r in found} == {"doi", "comments"}


def test_a_paper_that_one_of_two_records_calls_withdrawn_is(tmp_path: Path) -> None:
    records = [{"id": ID, "title": "T"}, {"id": ID, "comments": "This paper has been withdrawn"}]
    for order in itertools.permutations(records):
        assert papers(tmp_path, list(order))["is_withdrawn"]


ROW = {"id": ID, "text": "Text of the row."}


@pytest.mark.parametrize(
    ("row", "record", "licence"),
    [
        ({"license": CLOSED}, {"id": ID, "license": OPEN}, None),
        ({"license": OPEN}, {"id": ID, "license": CLOSED}, None),
        ({"license": [OPEN]}, {"id": ID, "license": OPEN}, None),
        ({"licence": "see text"}, {"id": ID, "license": OPEN}, None),
        ({"license": OPEN, "licence": CLOSED}, {"id": ID, "title": "T"}, None),
        ({"license": OPEN}, {"id": ID, "license": None}, "CC-BY-4.0"),
        ({"license": OPEN}, {"id": ID, "title": "T"}, "CC-BY-4.0"),
        ({"license": None}, {"id": ID, "license": OPEN}, "CC-BY-4.0"),
        ({}, {"id": ID, "license": OPEN}, "CC-BY-4.0"),
        ({}, {"file": f"d.jsonl#{ID}", "id": OTHER, "license": OPEN}, None),
        ({"doi": "10.1086/518646"}, {"id": ID, "doi": "10.1086/519000", "license": OPEN}, None),
        ({"doi": "10.1086/518646", "license": OPEN}, {"id": ID, "doi": "10.1086/519000", "license": CLOSED}, None),
        ({"doi": "10.1086/518646", "license": OPEN}, {"id": ID, "doi": "10.1086/519000"}, None),
        ({"doi": "10.1086/518646", "license": OPEN}, {"id": ID, "doi": "10.1086/519000", "license": OPEN}, "CC-BY-4.0"),
        ({"bibcode": "2012ARA&A..50..455K", "license": OPEN}, {"id": ID, "bibcode": "2012ApJ...750..455K"}, None),
        ({"doi": "10.1086/518646", "license": OPEN}, {"id": ID, "doi": "https://doi.org/10.1086/518646"}, "CC-BY-4.0"),
        ({"doi": f"10.48550/arXiv.{ID}", "license": OPEN}, {"id": ID, "doi": "10.1086/518646"}, "CC-BY-4.0"),
        ({"arxiv_id": f"{ID}v1"}, {"id": ID, "license": OPEN, **v(2)}, None),
    ],
)
def test_a_row_and_its_record_must_state_one_licence(
    tmp_path: Path, row: Record, record: Record, licence: str | None
) -> None:
    content = json.dumps(ROW | row).encode()
    assert papers(tmp_path, [record], "d.jsonl", content)["licence"] == licence


@pytest.mark.parametrize(
    ("row", "record"),
    [
        ({"license": "CC-BY-NC-4.0"}, {"id": ID, "license": CLOSED}),
        ({"license": "All rights reserved"}, {"id": ID, "license": CLOSED}),
        ({"license": "CC-BY-SA-4.0"}, {"id": ID, "license": CLOSED}),
        ({"license": [OPEN]}, {"id": ID, "license": OPEN}),
        ({"license": OPEN, "licence": CLOSED}, {"id": ID, "title": "T"}),
        ({"doi": "10.1086/518646"}, {"id": ID, "doi": "10.1086/519000", "license": OPEN}),
        ({"doi": "10.1086/518646", "license": OPEN}, {"id": ID, "doi": "10.1086/519000"}),
        ({"version": 1}, {"id": ID, "license": CLOSED, **v(2)}),
        ({"license": ""}, {"id": ID}),
        ({"license": OPEN}, {"id": OTHER}),
    ],
)
def test_a_licence_of_the_source_settles_no_dispute(tmp_path: Path, row: Record, record: Record) -> None:
    found = papers(tmp_path, [record], "d.jsonl", json.dumps(ROW | row).encode(), "CC-BY-SA-4.0")
    assert found["licence"] is None
    is_of_another = row.get("version") == 1
    assert found["record_version"] == (2 if is_of_another else None)


@pytest.mark.parametrize(
    ("row", "record"),
    [
        ({}, {"id": ID}),
        ({"license": None}, {"id": ID, "licence": None}),
        ({}, {"id": OTHER, "license": CLOSED}),
        ({"licence": "CC BY-SA 4.0"}, {"id": ID}),
        ({"license": "CC BY-SA 4.0", "licence": "CC-BY-SA-4.0"}, {"id": ID, "license": "CC-BY-SA-4.0"}),
    ],
)
def test_a_source_gives_its_licence_where_none_is_stated(tmp_path: Path, row: Record, record: Record) -> None:
    content = json.dumps(ROW | row).encode()
    assert papers(tmp_path, [record], "d.jsonl", content, "CC-BY-SA-4.0")["licence"] == "CC-BY-SA-4.0"


def test_both_spellings_of_a_licence_are_one_key_of_a_record() -> None:
    assert kept({"licence": OPEN}) == {"license": OPEN}
    assert kept({"license": None, "licence": OPEN}) == {"license": OPEN}
    assert kept({"licence": None}) == {"license": None}
    for said in ({"license": OPEN, "licence": CLOSED}, {"license": [OPEN]}, {"license": "see text"}):
        assert kept(kept(said)) == kept(said)
        assert columns_of(said)["licence"] is None
        assert columns_of(said)["unsure"] == [f"license: {kept(said)['license']}"]


def joined_row(folder: Path, row: Record, *records: Record) -> dict[str, Any]:
    return papers(folder, list(records), "d.jsonl", json.dumps(ROW | row).encode())


def test_records_that_disagree_leave_no_licence_to_the_row(tmp_path: Path) -> None:
    row = joined_row(tmp_path, {"license": OPEN}, {"id": ID, "license": OPEN}, {"id": ID, "license": CLOSED})
    assert row["licence"] is None and any(said.startswith("license: ") for said in row["unsure"])


@pytest.mark.parametrize("of_record", [False, True])
def test_what_closes_is_kept_of_the_row_and_of_its_record(tmp_path: Path, of_record: bool) -> None:
    closing = {
        "is_withdrawn": True,
        "comments": "to appear in ARA&A",
        "journal_ref": "ARA&A 50, 1",
        "doi": "10.1146/annurev-astro-081309-130806",
        "bibcode": "2012ARA&A..50..455K",
    }
    other = {
        "is_withdrawn": False,
        "comments": "10 pages",
        "journal-ref": "ApJ 1",
        "doi": "10.1086/518646",
        "bibcode": "2012ApJ...750..455K",
    }
    row = joined_row(tmp_path, other if of_record else closing, {"id": ID} | (closing if of_record else other))
    assert row["is_withdrawn"] and (row["doi"], row["bibcode"]) == (None, None)
    assert set(row["comments"].split("; ")) == {"10 pages", "to appear in ARA&A"}
    assert set(row["journal_ref"].split("; ")) == {"ApJ 1", "ARA&A 50, 1"}
    assert set(row["unsure"]) == {f"{key}: {said[key]}" for said in (closing, other) for key in ("doi", "bibcode")}
    assert row["paper_id"] == f"arXiv:{ID}"


def test_a_row_that_is_called_withdrawn_only_in_words_stays_so_beside_a_record(tmp_path: Path) -> None:
    row = joined_row(tmp_path, {"comments": "This paper has been withdrawn"}, {"id": ID, "is_withdrawn": False})
    assert row["is_withdrawn"]


def test_ids_that_are_the_same_in_other_words_are_no_news(tmp_path: Path) -> None:
    row = joined_row(
        tmp_path, {"doi": "https://doi.org/10.1086/518646", "title": "Of the row"}, {"id": ID, "doi": "10.1086/518646"}
    )
    assert (row["doi"], row["title"], row["unsure"]) == ("10.1086/518646", "Of the row", None)
    journal = joined_row(tmp_path, {"doi": "10.1086/518646"}, {"id": ID, "doi": f"10.48550/arXiv.{ID}"})
    assert "doi: 10.1086/518646" in journal["unsure"], "what withholding reads stays"


def test_a_row_and_its_record_that_disagree_on_a_value_have_none(tmp_path: Path) -> None:
    row = joined_row(
        tmp_path,
        {"work_id": "w1", "date": "2023-01-02", "is_journal": True},
        {"id": ID, "work_id": "w2", "date": "2023-01-02T10:00:00Z", "is_journal": True},
    )
    assert (row["work_id"], row["date"], row["is_journal"]) == (None, "2023-01-02", True)
    assert set(row["unsure"]) == {"work_id: w1", "work_id: w2"}


def test_a_row_bound_to_a_record_of_another_paper_is_neither(tmp_path: Path) -> None:
    own = {"id": "r1", "arxiv_id": ID, "title": "Of the row", "license": OPEN}
    bound = {"file": "d.jsonl#r1", "id": OTHER, "title": "Another", "license": OPEN, "comments": "withdrawn"}
    row = joined_row(tmp_path, own, bound)
    assert (row["title"], row["is_withdrawn"]) == ("Of the row", True)
    assert row["paper_id"].startswith("sha256:")
    assert {f"arxiv_id: {ID}", f"id: {OTHER}"} <= set(row["unsure"])
    assert joined_row(tmp_path, own, bound | {"license": CLOSED})["licence"] is None


def test_a_rows_own_name_stands_against_its_fields(tmp_path: Path) -> None:
    row = papers(tmp_path, [{"id": ID}], "d.jsonl", json.dumps(ROW | {"arxiv_id": OTHER}).encode())
    assert (row["paper_id"], row["unsure"]) == (f"arXiv:{ID}", [f"arxiv_id: {OTHER}"])


def test_names_of_a_record_are_of_their_kind() -> None:
    record = {"id": f"{ID}v2", "doi": "10.48550/arXiv.2301.00001", "bibcode": "2012ARA&A..50..455K"}
    assert names_of(record) == {"arXiv": {ID}, "doi": frozenset(), "bibcode": {"2012ARA&A..50..455K"}}


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29T10:00:00Z", "2024-02-29"),
        ("2024-02-29 10:00:00.000+00:00", "2024-02-29"),
        ("Mon, 2 Apr 2007 19:41:34 GMT", "2007-04-02"),
        ("2024-02-31", None),
        ("2023-02-29", None),
        ("0000-01-01", None),
        ("99999-01-01", None),
        ("2024-13-01", None),
        ("1971-10-00", None),
        ("2024-02-29 or later", None),
        ("20240229", None),
        ("Mon, 31 Feb 2024 10:00:00 GMT", None),
        ("Mon, 2 Jan 0000 10:00:00 GMT", None),
        ("Mon, 2 Jan 99999 10:00:00 GMT", None),
        ("Mon, 2 Jan 2024 99:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
        (2024, None),
        (None, None),
    ],
)
def test_days_that_never_were_are_no_dates(value: object, iso: str | None) -> None:
    assert iso_date(value) == iso
    columns = columns_of({"id": ID, "date": value})
    assert columns["date"] == iso
    assert columns["unsure"] == (None if iso or value in (None, "") else [f"date: {value}"])


def test_an_impossible_date_does_not_give_way_to_another() -> None:
    record = {"id": ID, "update_date": "2024-03-01"}
    assert columns_of(record)["date"] == "2024-03-01"
    assert columns_of({**record, "date": "2024-02-31"})["date"] is None
    created = {"versions": [{"version": "v1", "created": "Sat, 31 Feb 2024 10:00:00 GMT"}]}
    assert columns_of({**record, **created})["date"] is None


def test_what_was_not_understood_is_counted_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A DOI with words behind it is no identity, and a benchmark's article under it is withheld all the same."""
    text = " ".join(
        f"The star number {i} of our list was seen to move by {i * i} mas in the year {i}." for i in range(30)
    )
    rows = [
        {"id": "a", "text": text, "doi": "10.1146/annurev-astro-081309-130806 (review)", "license": OPEN},
        {"id": "b", "text": text.replace("star", "galaxy"), "date": "2024-02-31", "license": f"{OPEN}not"},
    ]
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/d.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    config = {"name": "c", "sources": [{"name": "s", "path": "papers"}]}
    config["decide"] = {"quality": {"max_top_ngram_fraction": 1}}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    run = tmp_path / "run"
    assert main(["run", str(tmp_path / "c.yaml"), "--run", str(run), "--executor", "inline"]) == 0
    report = json.loads((run / "report.json").read_text())
    assert report["unsure"] == {"date": 1, "doi": 1, "license": 1}
    assert "date of 1, doi of 1, license of 1 papers" in " ".join(capsys.readouterr().out.split())
    metadata = pl.read_parquet(run / "metadata-*/*.parquet")
    assert metadata["paper_id"].str.starts_with("sha256:").all()
    assert pl.read_parquet(run / "rule_hits-*/*.parquet")["rule"].to_list() == ["doi"]


def test_venues_are_kept_of_all_records_that_count(tmp_path: Path) -> None:
    old = {"id": ID, "journal": "ARAA", "update_date": "2020-01-01"}
    new = {"id": ID, "journal": "Nature", "update_date": "2021-01-01"}
    assert papers(tmp_path, [old, new])["venue"] == ["journal: Nature"]
    assert papers(tmp_path, [old, {**new, "update_date": "2020-01-01"}])["venue"] == [
        "journal: Nature",
        "journal: ARAA",
    ]


THE_BENCHMARK: list[dict[str, object]] = [{"name": "B", "rule": "araa"}]


@pytest.mark.parametrize(
    "records",
    [
        [{"journal": "ApJ"}, {"journal": "The Astrophysical Journal"}],
        [{"journal": "ApJ"}, {"journal": "Icarus", "volume": 1, "page": "1"}],
        [{"journal": "Icarus " * 60}, {"journal": "ApJ"}],
        [{"journal": ["Icarus", "ApJ"]}, {"journal": True, "volume": False}],
        [{"journal_ref": "Icarus 1, 1"}, {"journal_ref": "ApJ 900, 12"}],
        [{"journal": "ApJ 900, 12", "volume": None, "page": None}],
    ],
)
def test_no_record_takes_the_place_away_that_another_says(tmp_path: Path, records: list[Record]) -> None:
    (tmp_path / "list.txt").write_text("ApJ 900, 12\n")
    lists: list[dict[str, object]] = [{"name": "B", "sources": tmp_path / "list.txt"}]
    for made in merged([{"id": ID, "volume": 900, "page": 12} | record for record in records]):
        assert [hit["rule"] for hit in withheld([made], lists)] == ["journal_ref"]


@pytest.mark.parametrize(
    "other",
    [
        {"journal": "Icarus"},
        {"volume": "x"},
        {"volume": 500},
        {"journal": "Icarus", "volume": "500", "journal_ref": "Icarus 500, 1"},
    ],
)
def test_no_record_takes_the_journal_of_another_away(other: Record) -> None:
    for made in merged([{"id": ID, "journal": "ARAA", "volume": 60, "journal_ref": "ARAA"}, {"id": ID, **other}]):
        assert {hit["rule"] for hit in withheld([made], THE_BENCHMARK)} == {"journal", "journal_ref"}


def merged(records: list[Record]) -> Iterator[dict[str, object]]:
    """What withholding reads of several records of a paper, in all their orders, and of rows beside them."""
    for mine in itertools.permutations(map(kept, records)):
        row, *joined = mine
        for record in (one_record([list(mine)]), with_row(row, one_record([joined]), names_of({}))):
            columns = columns_of(record)
            yield {key: columns[key] for key in ("journal_ref", "comments", "venue", "unsure", "date")}
