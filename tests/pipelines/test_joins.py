"""Joins and rules tell what they matched; what matches nothing stops a run, or is a warning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.errors import ConfigError, LimitError, UserError, first_names
from curation.joins import Join, Kind, Side, some
from curation.release.findings import Findings
from curation.release.rules import SignalRule
from curation.sources.folder import FolderSource
from curation.step import Inputs
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.progress import plain_console
from pipelines.launch import Options, launch
from pipelines.show_run import show_funnel, show_plan
from schemas import HITS
from tests.sources.joined import joins_of

INLINE = Options(executor="inline")
DRY = Options(executor="inline", dry_run=True)
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven")
TEXTS = {
    f"2301.{i:05d}": f"We observed the star of the {number} spectra for {number} nights in the north and in the south. "
    + f"The light curve of the {number} planets that orbit it shows no sign of a moon and is that of a quiet star. " * 3
    for i, number in enumerate(NUMBERS, 1)
}


@pytest.fixture
def docs(write_docs: Callable[..., Path]) -> Path:
    return write_docs(TEXTS)


def snapshot(path: Path, *ids: str) -> str:
    path.write_text("".join(json.dumps({"id": i, "update_date": "2020-01-01"}) + "\n" for i in ids))
    return str(path)


def config(docs: Path, *, source: dict[str, Any] | None = None, **sections: Any) -> Any:
    value = {"name": "c", "sources": [{"name": "s", "path": str(docs), **(source or {})}], "dedup": {"partitions": 1}}
    return pipeline(parse_config({**value, **sections}, docs))


def report_of(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "report.json").read_text())
    return found


def test_a_name_is_one_line_wherever_it_is_told() -> None:
    side = Side.of("records", 0, ["a\nFORGED"])
    assert side.samples == ("a%0AFORGED",)
    assert first_names(["a\nFORGED", "b"]) == "a%0AFORGED, b"


def test_a_snapshot_under_other_ids_stops_the_run_before_a_text_is_read(docs: Path, tmp_path: Path) -> None:
    metadata = snapshot(tmp_path / "meta.jsonl", "0704.0002", "0704.0001")
    chosen = config(docs, source={"metadata": metadata})
    for options in (INLINE, DRY):
        with pytest.raises(UserError) as caught:
            launch(chosen, tmp_path / "run", options)
        said = str(caught.value)
        assert "none of the 2 records" in said and "one of the 7 papers" in said
        assert "'0704.0001', '0704.0002'" in said and "2301.00001" in said and "allow_unmatched: true" in said
    assert not list((tmp_path / "run").glob("documents-*"))


def test_what_is_allowed_to_match_nothing_is_a_warning_in_report_card_and_console(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metadata = snapshot(tmp_path / "meta.jsonl", "0704.0001")
    chosen = config(docs, source={"metadata": metadata, "allow_unmatched": True})
    outcome = launch(chosen, tmp_path / "run", INLINE)
    warning = "metadata s: matches none of 7 papers"
    assert warning in outcome.report["warnings"]
    assert any("tier public releases no document (licence_unknown 7)" in w for w in outcome.report["warnings"])
    release = tmp_path / "run" / outcome.report["release"]
    for page in ("card.html", "README.md", "card.json"):
        assert "matches none of 7 papers" in (release / page).read_text()
    show_funnel(plain_console(), outcome.report, tmp_path / "run")
    lines = capsys.readouterr().out.splitlines()
    assert "metadata s: matched 0 of 1 records, 0 of 7 papers (not 0704.0001; docs.jsonl#2301.00001, " in "\n".join(
        lines
    )
    assert [line.startswith("WARNING: ") for line in lines[-3:]] == [False, True, True]


def test_an_empty_snapshot_stops_the_run_whatever_is_allowed(docs: Path, tmp_path: Path) -> None:
    source = FolderSource(source="s", path=str(docs), metadata=snapshot(tmp_path / "m.jsonl"), allow_unmatched=True)
    with pytest.raises(UserError, match="holds no record"):
        joins_of(source)


def test_a_snapshot_tells_both_sides_whatever_the_order_of_its_records(docs: Path, tmp_path: Path) -> None:
    others = [f"0704.{i:05d}" for i in range(9)]
    found = []
    for name, ids in (("a", ["2301.00003", *others]), ("b", [*reversed(others), "2301.00003v2"])):
        source = FolderSource(source="s", path=str(docs), metadata=snapshot(tmp_path / name, *ids))
        found += joins_of(source)
    without = tuple(f"docs.jsonl#{name}" for name in sorted(TEXTS) if name != "2301.00003")
    records = Side("records", 10, 1, tuple(others[:5]))
    assert found == [Join(Kind.METADATA, "s", records, Side("papers", 7, 1, without[:5]))] * 2
    assert some(["b", "a", "b", "x" * 200]) == ("a", "b", "x" * 120 + "...")


def test_a_list_of_no_work_of_the_corpus_stops_the_run_cached_or_not(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("arXiv:0704.0001\n10.1000/xyz123\n")
    benchmark = {"name": "b", "sources": str(tmp_path / "list.txt")}
    closed = config(docs, withhold={"benchmarks": [benchmark]})
    allowed = config(docs, withhold={"benchmarks": [{**benchmark, "allow_unmatched": True}]})
    for _ in range(2):
        with pytest.raises(ConfigError) as caught:
            launch(closed, tmp_path / "run", INLINE)
        assert "benchmark 'b': none of the 2 works of its list is one of the 7 documents" in str(caught.value)
        assert "list.txt:1: arXiv:0704.0001" in str(caught.value) and "arXiv:2301.00001" in str(caught.value)
    assert not list((tmp_path / "run").glob("release-*"))
    report = launch(allowed, tmp_path / "run", INLINE).report
    assert "withheld list b: matches none of 7 documents" in report["warnings"]
    for options in (INLINE, DRY):
        with pytest.raises(ConfigError):
            launch(closed, tmp_path / "run", options)


def test_a_list_tells_which_of_its_works_are_in_the_corpus(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("arXiv:2301.00002\narXiv:0704.0001\n2301.00002\n")
    benchmarks = [{"name": "b", "sources": str(tmp_path / "list.txt")}, {"name": "a", "rule": "araa"}]
    rules = [
        {"name": "dates", "table": "metadata", "column": "date", "min": "2000-01-01"},
        {"name": "words", "table": "documents", "column": "n_words", "min": 1},
        {"name": "long", "table": "documents", "column": "n_words", "max": 10, "tiers": ["public"]},
    ]
    sections = {"withhold": {"benchmarks": benchmarks}, "decide": {"rules": rules}}
    chosen = config(docs, **sections, dedup={"partitions": 1, "scope": {"s": "within"}})
    report = launch(chosen, tmp_path / "run", INLINE).report
    joins = {join["name"]: join for join in report["joins"]}
    assert joins["b"]["given"] == {
        **{"what": "works", "count": 3, "matched": 2, "unmatched": 1},
        "samples": ["list.txt:2: arXiv:0704.0001"],
    }
    assert (joins["b"]["papers"]["matched"], joins["b"]["papers"]["unmatched"]) == (1, 6)
    assert joins["a"]["papers"]["matched"] == 0
    assert joins["s: within"]["papers"]["matched"] == joins["s: within"]["papers"]["count"] == 7
    assert (joins["dates"]["given"]["matched"], joins["dates"]["given"]["unmatched"]) == (0, 7)
    assert (joins["long"]["given"]["matched"], joins["long"]["papers"]["matched"]) == (7, 7)
    assert report["warnings"][:2] == [
        "rule 'dates' found no value to look at in 7 documents, so it drops none",
        "rule 'words' drops none of 7 documents (7 have a value)",
    ]
    assert not any("long" in warning or "AstroMLab" in warning or " a:" in warning for warning in report["warnings"])
    again = launch(chosen, tmp_path / "run", INLINE).report
    assert sum(s["computed"] for s in again["stages"]) == 0
    assert [again[k] for k in ("joins", "warnings", "near_families")] == [
        report[k] for k in ("joins", "warnings", "near_families")
    ]


def test_a_dry_run_tells_what_metadata_matches(docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metadata = snapshot(tmp_path / "meta.jsonl", "2301.00001", "2301.00002", "0704.0001")
    outcome = launch(config(docs, source={"metadata": metadata}), tmp_path / "run", DRY)
    show_plan(plain_console(), outcome)
    assert "metadata s: matched 2 of 3 records, 2 of 7 papers (not 0704.0001; " in capsys.readouterr().out


def test_a_large_family_of_near_duplicates_is_named_by_run(tmp_path: Path, write_docs: Callable[..., Path]) -> None:
    template = "The notice of the burst was sent by the satellite to the observers of the network on the ground. " * 6
    notices = {f"n{i:02d}": f"Notice {i} of the burst. {template} The magnitude is {i}." for i in range(21)}
    folder = write_docs({**TEXTS, **notices})
    report = launch(config(folder), tmp_path / "run", INLINE).report
    family = {"documents": 21, "kept": "n00", "samples": ["n01", "n02"]}
    [found] = report["near_families"]["largest"]
    assert report["near_families"]["count"] == 1 and found["documents"] == family["documents"]
    page = (tmp_path / "run" / report["release"] / "card.html").read_text()
    assert found["kept"] in page and found["samples"][1] in page and len(found["samples"]) == 2


def test_a_run_that_releases_nothing_says_which_rules_do_nothing(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {
        "name": "c",
        "sources": [{"name": "s", "path": str(docs)}],
        "decide": {
            "tiers": {"public": {"licences": ["CC0-1.0"]}},
            "rules": [{"name": "d", "table": "metadata", "column": "date", "max": "1990-01-01"}],
        },
    }
    (tmp_path / "c.yaml").write_text(json.dumps(body))
    assert main(["run", str(tmp_path / "c.yaml"), "--run", str(tmp_path / "run"), "--executor", "inline"]) == 1
    assert "rule 'd' found no value to look at in 7 documents" in " ".join(capsys.readouterr().err.split())
    assert (
        "rule 'd' found no value to look at in 7 documents, so it drops none" in report_of(tmp_path / "run")["warnings"]
    )


def test_trace_says_where_no_record_is_why_a_licence_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name, text in TEXTS.items():
        (papers / f"{name}.txt").write_text(text)
    (papers / "rows.jsonl").write_text(json.dumps({"id": "row", "text": f"In a row. {TEXTS['2301.00007']}"}))
    records = [{"id": "2301.00001"}, {"id": "2301.00002", "license": "all rights reserved"}]
    (tmp_path / "meta.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    launch(config(papers, source={"metadata": str(tmp_path / "meta.jsonl")}), tmp_path / "run", INLINE)
    for name, why in {
        "2301.00001": "(the metadata record names no licence of this version)",
        "2301.00002": "all rights reserved",
        "2301.00003": "(no metadata record)",
        "row": "(no metadata record, and the row names no licence)",
    }.items():
        capsys.readouterr()
        assert main(["trace", str(tmp_path / "run"), name]) == 0
        [verdict] = [line for line in capsys.readouterr().out.splitlines() if "public: drop: licence_unknown" in line]
        assert why in verdict


def test_a_rule_counts_the_documents_that_were_read_and_are_of_its_sources() -> None:
    papers = {
        "doc_id": ["a", "b", "c", "d"],
        "source": ["s", "s", "s", "t"],
        "date": ["1999-01-01", None, None, "1999-01-01"],
    }
    documents = {"doc_id": ["a", "b", "c", "d"], "status": ["ok", "ok", "failed", "ok"], "text_sha256": ["0"] * 4}
    inputs = Inputs({"metadata": pa.table(papers), "documents": pa.table(documents), "hits": HITS.empty()})

    def sides(**rule: Any) -> tuple[int, ...]:
        made = SignalRule.model_validate(
            {"name": "r", "table": "metadata", "column": "date", "min": "2000-01-01", **rule}
        )
        [join] = map(Join.from_json, Findings(tiers={}, rules=(made,)).summary(inputs, {})["joins"])
        assert join.given.samples == (("b",) if join.given.count > join.given.matched else ())
        return join.given.count, join.given.matched, join.papers.count, join.papers.matched

    assert sides() == (3, 2, 3, 2)
    assert sides(sources=["s"]) == (2, 1, 2, 1)
    assert sides(sources=["t"]) == (1, 1, 1, 1)
    assert sides(sources=["none"]) == (0, 0, 0, 0)
    assert Join(Kind.RULE, "r", Side("values", 0, 0), Side("documents", 0, 0)).warning() == (
        "rule 'r' holds for no document: none is of its sources"
    )


def test_another_list_or_another_name_of_one_is_told_in_a_run_folder_that_is_there(docs: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.txt").write_text(f"2301.0000{number}\n")

    def withheld(run: str, **lists: int) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
        named = [{"name": name, "sources": str(tmp_path / f"{number}.txt")} for name, number in lists.items()]
        chosen = config(docs, source={"part_papers": 1}, withhold={"benchmarks": named})
        report = launch(chosen, tmp_path / run, INLINE).report
        joins = {join["name"]: join["papers"]["matched"] for join in report["joins"]}
        return joins, {stage["stage"]: (stage["computed"], stage["cached"]) for stage in report["stages"]}

    withheld("run", A=1)
    assert (made := withheld("run", A=1, B=2)) == ({"A": 1, "B": 1}, made[1])
    assert made[1]["list_hits"][1] > 0, "parts that no list names are there"
    assert withheld("run", Other=1, B=2)[0] == {"Other": 1, "B": 1}
    assert withheld("run", B=2)[0] == withheld("fresh", B=2)[0] == {"B": 1}


@pytest.mark.parametrize(
    ("limits", "said"),
    [({"max_cluster": 3}, r"larger than 3 \(max_cluster\)"), ({"max_removed_share": 0.03}, r"'s' would lose 4 of 104")],
)
def test_the_guards_of_copies_are_asked_of_tables_that_are_there(
    write_docs: Callable[..., Path], tmp_path: Path, limits: dict[str, Any], said: str
) -> None:
    words = [f"{a}{b}" for a in "bdfgk" for b in "aeiou"]
    texts = {f"x{i:03d}": " ".join(f"{word}{i}" for word in words) for i in range(100)}
    docs = write_docs({**texts, **{f"copy{i}": texts["x000"] for i in range(4)}})
    quality = {"decide": {"quality": {"min_language_score": 2.0, "min_words": 0, "min_stop_words": 0}}}
    launch(config(docs, **quality), tmp_path / "run", INLINE)
    for folder in ("run", "fresh"):
        with pytest.raises(LimitError, match=said):
            launch(config(docs, **quality, dedup={"partitions": 1, **limits}), tmp_path / folder, INLINE)
