"""Which records speak of which papers, and what a row of metadata is made of."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import RunError, UserError
from curation.sources import snapshot
from curation.sources.folder import FolderSource
from curation.sources.joined import preview
from curation.sources.members import utf8
from curation.sources.merge_records import names_of, spelled
from curation.sources.paper_metadata import Metadata
from curation.sources.snapshot import Snapshot, SnapshotFile, names_of_record
from curation.step import Inputs
from schemas import PAPERS
from tests.sources.joined import joins_of, rows_of, tables_of

OPEN = "http://creativecommons.org/licenses/by/4.0/"
TEX = "\\documentclass{article}\\begin{document}Text\\end{document}"


def source(folder: Path, files: dict[str, str], records: list[dict[str, Any]], **config: Any) -> FolderSource:
    for name, text in files.items():
        (folder / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "p" / name).write_text(text)
    (folder / "m.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    return FolderSource(path=str(folder / "p"), metadata=str(folder / "m.jsonl"), **config)


def test_a_record_of_another_paper_is_unmatched_and_named(tmp_path: Path) -> None:
    files = {"2301.00001.txt": "One.", "own.txt": "Two."}
    made = source(tmp_path, files, [{"file": "2301.00001.txt", "id": "2301.00009"}, {"file": "own.txt", "title": "T"}])
    [join] = joins_of(made)
    assert (join.given.matched, join.given.samples) == (1, ("2301.00009",))
    assert (join.papers.matched, join.papers.samples) == (1, ("2301.00001.txt",))


def test_all_names_lead_to_records_and_the_surest_counts_first(tmp_path: Path) -> None:
    records = [{"id": "2301.00001", "title": "by id"}, {"file": "sub/2301.00001.txt", "title": "by place"}]
    made = source(tmp_path, {"sub/2301.00001.txt": "One.", "other.tex": "Two."}, records)
    ranks = {
        json.loads(r["record"])["title"]: r["rank"]
        for r in tables_of(made)["records"].to_pylist()
        if "title" in r["record"]
    }
    assert ranks == {"by place": 0, "by id": 1}
    assert rows_of(made)["sub/2301.00001.txt"]["title"] == "by place"


@pytest.mark.parametrize("name", ["source", "main.tex", "paper.pdf", "notes.txt", "notes"])
def test_a_part_of_a_path_that_several_papers_have_is_nobodys_name(tmp_path: Path, name: str) -> None:
    files = {f"obj{i}/{file}": f"{TEX} {i}" for i in range(3) for file in ("source/main.tex", "paper.pdf")}
    files |= {f"{i}/notes.txt": f"Some text {i}." for i in range(2)}
    hostile = {"id": name, "license": OPEN, "comments": "withdrawn", "update_date": "2029-01-05"}
    made = source(tmp_path, files, [hostile, {"slug": "obj1", "file": "paper.pdf", "title": "T"}])
    found = rows_of(made)
    assert len(found) == 5
    assert {place: row["n_records"] for place, row in found.items() if row["n_records"]} == {"obj1/source": 1}
    assert not any(row["licence"] or row["is_withdrawn"] for row in found.values())
    [join] = joins_of(made)
    assert (join.given.matched, join.given.samples, join.papers.matched) == (1, (name,), 1)
    assert list(preview(made, made.entries())) == [join]


@pytest.mark.parametrize("name", ["source", "paper.pdf"])
def test_what_files_and_folders_of_papers_are_called_names_not_even_the_only_one(tmp_path: Path, name: str) -> None:
    made = source(
        tmp_path, {"obj/source/main.tex": TEX, "obj/paper.pdf": "x"}, [{"file": name, "title": "A"}, {"slug": "obj"}]
    )
    assert {place: row["n_records"] for place, row in rows_of(made).items()} == {"obj/source": 1}
    assert list(preview(made, made.entries())) == joins_of(made)


def test_a_part_of_a_path_that_one_paper_has_is_its_name_and_a_place_always_is(tmp_path: Path) -> None:
    files = {"a/one.txt": "One.", "two.txt": "Two.", "b/two.txt": "Three.", "source/main.tex": TEX}
    records = [
        {"file": "one.txt", "title": "1"},
        {"file": "two.txt", "title": "2"},
        {"file": "b/two.txt", "title": "3"},
    ]
    made = source(tmp_path, files, [*records, {"id": "source", "title": "4"}])
    titles = {place: row["title"] for place, row in rows_of(made).items()}
    assert titles == {"a/one.txt": "1", "two.txt": "2", "b/two.txt": "3", "source": "4"}
    assert list(preview(made, made.entries())) == joins_of(made)


def test_a_record_of_an_arxiv_id_is_joined_to_all_its_versions_and_copies(tmp_path: Path) -> None:
    files = {name: f"Text {name}." for name in ("a/2301.00001v1.txt", "b/2301.00001v1.txt", "2301.00001v2.txt")}
    records = [{"id": "2301.00001", "title": "T"}, {"file": "2301.00001v1.txt", "title": "T"}]
    made = source(tmp_path, files, records)
    assert {place: row["n_records"] for place, row in rows_of(made).items()} == {
        "a/2301.00001v1.txt": 2,
        "b/2301.00001v1.txt": 2,
        "2301.00001v2.txt": 1,
    }


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x", "arxiv_id": "2301.00077v1"},
        {"id": "x", "bibcode": "2023arXiv230100077X"},
        {"id": "x", "doi": "10.48550/arXiv.2301.00077"},
        {"id": "2023arXiv230100077X"},
        {"id": "10.1086/518646", "arxiv_id": "2301.00077"},
    ],
)
def test_a_row_is_closed_by_the_record_of_every_arxiv_id_that_it_states(tmp_path: Path, row: dict[str, Any]) -> None:
    line = json.dumps({"text": "Some text.", "license": OPEN, **row})
    spoken = {"id": "2301.00077", "doi": "10.1086/519000"}
    for closing in (
        {"comments": "This paper has been withdrawn"},
        {"license": "http://arxiv.org/licenses/nonexclusive"},
    ):
        made = source(tmp_path, {"d.jsonl": line}, [{**spoken, **closing}])
        [found] = rows_of(made).values()
        assert "arXiv:2301.00077" in found["links"]
        assert found["is_withdrawn"] if "comments" in closing else found["licence"] is None
        assert list(preview(made, made.entries())) == joins_of(made)


def test_a_dry_run_stops_at_no_match_only_where_all_rows_were_read(tmp_path: Path) -> None:
    made = source(tmp_path, {"n.txt": "Some."}, [{"id": "2301.00077"}])
    with pytest.raises(UserError, match="none of the 1 records"):
        list(preview(made, made.entries()))
    pq.write_table(pa.table({"id": ["x"], "text": ["Some."], "arxiv_id": ["2301.00077"]}), tmp_path / "p/d.parquet")
    [told], [join] = preview(made, made.entries()), joins_of(made)
    assert (told.papers.matched, join.papers.matched) == (0, 1)


@pytest.mark.parametrize("row", [{"id": "x", "doi": "10.1086/518646"}, {"id": "2301.00078", "arxiv_id": "2301.00077"}])
def test_a_doi_and_an_arxiv_id_against_the_name_join_no_record(tmp_path: Path, row: dict[str, Any]) -> None:
    files = {"d.jsonl": json.dumps({"text": "Some text.", **row})}
    made = source(
        tmp_path, files, [{"id": "2301.00077", "doi": "10.1086/518646", "license": OPEN}], allow_unmatched=True
    )
    [found] = rows_of(made).values()
    assert (found["n_records"], found["licence"]) == (0, None)
    assert list(preview(made, made.entries())) == joins_of(made)


def test_links_are_all_ids_sorted_and_hold_the_paper_id(tmp_path: Path) -> None:
    record = {"id": "2301.00001", "doi": "10.1086/518646", "bibcode": "2012ARA&A..50..455K"}
    found = rows_of(source(tmp_path, {"2301.00001v3.txt": "One.", "x.tex": "\\input{y}"}, [record]))
    assert found["2301.00001v3.txt"]["links"] == [
        "arXiv:2301.00001",
        "bibcode:2012ARA&A..50..455K",
        "doi:10.1086/518646",
    ]
    assert found["x.tex"]["links"] == [found["x.tex"]["paper_id"]]
    assert found["x.tex"]["paper_id"] == f"sha256:{found['x.tex']['content_sha256']}"


@pytest.mark.parametrize(
    ("id_", "row", "record", "links"),
    [
        (
            "2012arXiv1204.4485R",
            {"doi": "10.1086/518646", "bibcode": "2012ApJ...750..455K"},
            {},
            {"arXiv:1204.4485", "bibcode:2012ApJ...750..455K", "doi:10.1086/518646"},
        ),
        (
            "10.1086/518646",
            {"doi": "10.48550/arXiv.1301.0002", "bibcode": "2013arXiv1301.0002K"},
            {},
            {"arXiv:1301.0002", "doi:10.1086/518646"},
        ),
        (
            "2012ARA&A..50..455K",
            {},
            {"bibcode": "2012arXiv1204.4485R"},
            {"bibcode:2012ARA&A..50..455K", "arXiv:1204.4485"},
        ),
        (
            "x",
            {},
            {"id": "10.1086/518646", "bibcode": "2012ApJ...750..455K"},
            {"doi:10.1086/518646", "bibcode:2012ApJ...750..455K"},
        ),
        ("x", {"doi": "10.1086/518646; 10.1086/9"}, {}, {"doi:10.1086/518646", "doi:10.1086/9"}),
        ("x", {"doi": "10.48550/arXiv.1204.4485 10.1086/9"}, {}, {"arXiv:1204.4485", "doi:10.1086/9"}),
        ("x", {"doi": ["10.1086/518646", "10.1086/9"]}, {}, {"doi:10.1086/518646", "doi:10.1086/9"}),
        (
            "x",
            {},
            {"doi": ["10.1086/9"], "bibcode": ["2012ApJ...750..455K", "2012ARA&A..50..455K"]},
            {"doi:10.1086/9", "bibcode:2012ApJ...750..455K", "bibcode:2012ARA&A..50..455K"},
        ),
        ("1204.4485", {}, {"arxiv_id": ["1204.4485"], "doi": []}, {"arXiv:1204.4485"}),
        ("1204.4485", {"arxiv_id": "1204.4486"}, {}, {"arXiv:1204.4485"}),
        ("x", {}, {"id": "1204.4485", "arxiv_id": "1204.4486", "doi": "10.1086/518646"}, set()),
        ("1204.4485", {}, {"id": "10.48550/arXiv.1204.4486"}, {"arXiv:1204.4485"}),
    ],
)
def test_links_are_the_ids_of_every_name(
    tmp_path: Path, id_: str, row: dict[str, Any], record: dict[str, Any], links: set[str]
) -> None:
    line = json.dumps({"id": id_, "text": "Some text.", **row})
    made = source(tmp_path, {"d.jsonl": line}, [{"file": f"d.jsonl#{id_}", **record}])
    [found] = rows_of(made).values()
    assert {link for link in found["links"] if not link.startswith("sha256:")} == links
    assert found["paper_id"] in found["links"] == sorted(found["links"])


def test_links_hold_the_id_in_a_files_name_beside_those_of_its_record(tmp_path: Path) -> None:
    name = "2012arXiv1204.4485R.txt"
    record = {"file": name, "doi": "10.1086/518646", "bibcode": "2012ApJ...750..455K"}
    [found] = rows_of(source(tmp_path, {name: "Some text."}, [record])).values()
    assert found["links"] == ["arXiv:1204.4485", "bibcode:2012ApJ...750..455K", "doi:10.1086/518646"]


@pytest.mark.parametrize(
    ("said", "links"), [("10.1086/b", []), ("2012ApJ...750..455K", ["bibcode:2012ApJ...750..455K"])]
)
def test_an_id_that_contradicts_the_name_is_no_link(said: str, links: list[str]) -> None:
    row = {
        "doc_id": "d~1",
        "source": "s",
        "source_id": "10.1086/a",
        "member": "m",
        "content_kind": "text",
        "status": "ok",
    }
    papers = PAPERS.rows([{**row, "content_sha256": "0", "said": json.dumps({"id": said})}])
    [found] = Metadata().run(Inputs({"papers": papers})).to_pylist()
    assert found["links"] == [*links, "doi:10.1086/a"]


@pytest.mark.parametrize(
    ("id_", "row", "record", "version", "licence", "spoken_of"),
    [
        ("2301.00001v1", {}, {"version": 2, "license": OPEN}, 1, None, 2),
        ("2301.00001", {"version": 1}, {"version": 2, "license": OPEN}, 1, None, 2),
        ("2301.00001", {"version": 1, "license": OPEN}, {"version": 2, "license": OPEN}, 1, "CC-BY-4.0", None),
        ("2301.00001", {}, {"version": 2, "license": OPEN}, 2, "CC-BY-4.0", None),
    ],
)
def test_the_version_at_hand_is_the_names_then_the_rows_then_the_records(
    tmp_path: Path,
    id_: str,
    row: dict[str, Any],
    record: dict[str, Any],
    version: int,
    licence: str | None,
    spoken_of: int | None,
) -> None:
    line = json.dumps({"id": id_, "text": "Some text.", **row})
    [found] = rows_of(source(tmp_path, {"d.jsonl": line}, [{"id": "2301.00001", **record}])).values()
    assert (found["version"], found["licence"], found["record_version"]) == (version, licence, spoken_of)


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
def test_a_snapshot_is_read_in_stretches_that_hold_every_record_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(snapshot, "STRETCH_BYTES", 500)
    text = "".join(json.dumps({"id": f"2301.{i:05d}", "title": "x" * (i % 90)}) + "\n" for i in range(1, 60)).encode()
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    step = Snapshot(files=(SnapshotFile(source="s", path=str(path)),))
    stretches = step.stretches()
    places = [stretch["place"] for stretch in stretches]
    assert [p["first"] for p in places] == [0, *(p["after"] for p in places[:-1])] and places[-1]["after"] == len(text)
    assert len(stretches) > 4 and str(tmp_path) not in json.dumps(stretches)
    names = [n for s in stretches for row in step.run(Inputs({}, {"stretch": s})).to_pylist() for n in row["names"]]
    assert sorted(names) == [f"2301.{i:05d}" for i in range(1, 60)]


def test_a_record_more_or_less_changes_the_stretches_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "STRETCH_BYTES", 2000)
    rng = random.Random(5)
    lines = [json.dumps({"id": f"2301.{i:05d}", "title": "x" * rng.randrange(90)}) + "\n" for i in range(1, 600)]
    path = tmp_path / "m.jsonl"

    def stretches(kept: list[str]) -> list[dict[str, Any]]:
        path.write_text("".join(kept))
        found = Snapshot(files=(SnapshotFile(source="s", path=str(path)),)).stretches()
        places = [stretch.pop("place") for stretch in found]
        sizes = [place["after"] - place["first"] for place in places]
        assert max(sizes) < 2000 + 200 and min(sizes[:-1]) >= 500
        return found

    before = stretches(lines)
    assert len(before) > 30
    for at in (0, 1, 150, 300, 598):
        for changed in ([*lines[:at], *lines[at + 1 :]], [*lines[:at], '{"id": "2401.00001"}\n', *lines[at:]]):
            new = [stretch for stretch in stretches(changed) if stretch not in before]
            assert len(new) <= 4, f"a record at {at}"


@pytest.mark.parametrize("now", ["{}\n", '{"id": "2301.00009", "title": "b"}\n' * 9, "{broken\n" * 9, ""])
def test_a_snapshot_that_changes_while_it_is_read_stops_the_run(tmp_path: Path, now: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text('{"id": "2301.00001", "title": "a"}\n' * 9)
    step = Snapshot(files=(SnapshotFile(source="s", path=str(path)),))
    [stretch] = step.stretches()
    assert step.run(Inputs({}, {"stretch": stretch})).num_rows == 9
    path.write_text(now)
    with pytest.raises(RunError, match=r"m\.jsonl changed while the run read it"):
        step.run(Inputs({}, {"stretch": stretch}))


def test_a_broken_line_of_a_snapshot_that_stays_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text('{"id": "2301.00001"}\n{broken\n')
    step = Snapshot(files=(SnapshotFile(source="s", path=str(path)),))
    with pytest.raises(UserError, match=r"line 2: .* one JSON object a line"):
        step.run(Inputs({}, {"stretch": step.stretches()[0]}))


def test_a_record_names_a_file_whose_name_is_no_utf8_as_the_listing_does() -> None:
    assert names_of_record({"id": "caf\udce9.tex"}) == [utf8("caf\udce9.tex")]
    called = {"names": names_of_record({"id": "\ud800"}), "ids": spelled(names_of({"doi": "10.1086/\ud800"}))}
    Snapshot.provides.rows([{"source": "s", "record_id": "r", **called, "record": "{}"}])


DOI, OTHER = "10.1086/518646", "10.1086/519000"


@pytest.mark.parametrize(
    ("row", "record", "claims"),
    [
        ({"id": "2301.00077", "doi": DOI}, {"id": "2301.00078"}, [f"doi:{DOI}"]),
        ({"id": "2301.00077", "doi": DOI}, {"id": "2301.00077", "doi": DOI}, None),
        ({"id": "2301.00077", "doi": DOI}, {"file": "d.jsonl#2301.00077", "doi": DOI}, None),
        ({"id": "2301.00077"}, {"id": "2301.00077", "doi": DOI}, None),
        ({"id": "x", "arxiv_id": "2301.00077"}, {"id": "2301.00077", "doi": DOI}, ["arXiv:2301.00077", f"doi:{DOI}"]),
        ({"id": DOI, "arxiv_id": "2301.00077"}, {"id": "2301.00077", "doi": DOI}, ["arXiv:2301.00077"]),
        ({"id": "x", "doi": OTHER}, {"id": "x", "bibcode": "2012ApJ...750..455K"}, [f"doi:{OTHER}"]),
    ],
)
def test_a_link_that_only_a_rows_fields_say_is_a_claim(
    tmp_path: Path, row: dict[str, Any], record: dict[str, Any], claims: list[str] | None
) -> None:
    made = source(tmp_path, {"d.jsonl": json.dumps({"text": "Some text.", **row})}, [record], allow_unmatched=True)
    [found] = rows_of(made).values()
    assert found["claims"] == claims and set(claims or ()) <= set(found["links"])


@pytest.mark.parametrize(
    "row",
    [
        {"id": "2301.00077v9", "license": OPEN},
        {"id": "x", "arxiv_id": "2301.00077v9"},
        {"id": "2301.00077", "version": 9},
    ],
)
def test_a_version_of_a_row_above_all_that_a_record_lists_is_not_believed(tmp_path: Path, row: dict[str, Any]) -> None:
    text = json.dumps({"text": "Some text.", **row})
    for last, version in ((9, 9), (2, None)):
        versions = [{"version": f"v{n}", "created": "Mon, 2 Jan 2023 00:00:00 GMT"} for n in range(1, last + 1)]
        made = source(tmp_path, {"d.jsonl": text}, [{"id": "2301.00077", "license": OPEN, "versions": versions}])
        [found] = tables_of(made)["metadata"].to_pylist()
        assert found["version"] == version
        told = Metadata(has_records=True).summary(Inputs({}), tables_of(made))["version_not_listed"]
        assert told == (version is None) == any("version not listed: 9" in text for text in found["unsure"] or ())
        if version is None and "license" not in row:
            assert found["licence"] is None, "the record speaks of another version"


@pytest.mark.parametrize(
    ("strange", "links", "licence"),
    [
        ({"doi": "10.48550/arXiv.2301.00002"}, [], "CC-BY-4.0"),
        ({"bibcode": "2023arXiv230100002K"}, [], "CC-BY-4.0"),
        ({"doi": ["10.1086/518646", "10.48550/arXiv.2301.00002"]}, ["doi:10.1086/518646"], "CC-BY-4.0"),
        ({"arxiv_id": "2301.00002"}, [], None),
    ],
)
def test_a_record_is_its_papers_whatever_other_paper_a_field_of_it_names(
    tmp_path: Path, strange: dict[str, Any], links: list[str], licence: str | None
) -> None:
    """What authors fill in must not keep away the journal reference and the withdrawal that stand beside it."""
    record = {"id": "2301.00001", "journal-ref": "ARA&A 55, 1 (2017)", "comments": "This paper has been withdrawn."}
    made = source(tmp_path, {"2301.00001.txt": "Some text."}, [{**record, **strange, "license": OPEN}])
    [found] = rows_of(made).values()
    assert found["journal_ref"] == "ARA&A 55, 1 (2017)" and found["is_withdrawn"]
    assert found["links"] == ["arXiv:2301.00001", *links] and found["licence"] == licence
    assert any("2301.00002" in text or "230100002" in text for text in found["unsure"])


def test_a_record_of_another_id_is_none_whatever_id_of_the_paper_a_field_of_it_names(tmp_path: Path) -> None:
    records = [{"id": "2301.00002", "file": "2301.00001.txt", "arxiv_id": "2301.00001", "license": OPEN}]
    made = source(tmp_path, {"2301.00001.txt": "Some text."}, records, allow_unmatched=True)
    [found] = rows_of(made).values()
    assert found["licence"] is None and found["n_records"] == 0
