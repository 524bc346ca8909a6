"""Rows that call themselves by another's name: they may go with it, and it never goes because of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import ledger
from tests.security.prose import paragraphs

OPEN = "http://creativecommons.org/licenses/by/4.0/"
DOI = "10.1093/mnras/abc123"
ARAA = "10.1146/annurev-astro-081710-102521"
Row = dict[str, Any]


def prose(name: str) -> str:
    return "\n\n".join(paragraphs(name, 4))


class Ended:
    """Where the rows of a run came to, and what was told."""

    def __init__(self, tmp_path: Path, rows: list[Row], records: list[Row], listed: str = "") -> None:
        lines = [{"license": OPEN, "text": prose(row["id"]), **row} for row in rows]
        (tmp_path / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        spoken = {"license": OPEN, "versions": [{"version": "v1", "created": "Mon, 2 Jan 2023 00:00:00 GMT"}]}
        (tmp_path / "m.jsonl").write_text("".join(json.dumps({**spoken, **record}) + "\n" for record in records))
        benchmarks: list[Row] = [{"name": "B", "rule": "araa"}]
        if listed:
            (tmp_path / "ids.txt").write_text(listed)
            benchmarks.append({"name": "L", "sources": "ids.txt"})
        source = {"name": "s", "path": "d.jsonl"} | ({"metadata": "m.jsonl"} if records else {})
        quality = {"min_words": 1, "min_stop_words": 0, "min_language_score": 2.0}
        config = {
            "name": "t",
            "sources": [source],
            "withhold": {"benchmarks": benchmarks},
            "decide": {"quality": quality, "tiers": {"public": {"licences": ["CC-BY-4.0"]}}},
        }
        launch(pipeline(parse_config(config, tmp_path)), tmp_path / "run", Options(executor="inline"))
        rows_of: pl.DataFrame = ledger(RunTables(open_store(tmp_path / "run")), "public")
        self.fates = {
            row["source_id"]: "released" if row["verdict"] == "keep" else row["reason"]
            for row in rows_of.iter_rows(named=True)
        }
        told = json.loads((tmp_path / "run" / "report.json").read_text())["summaries"]
        self.copies, self.ids = told["copies"], told["identity_edges"]
        self.released = pl.read_parquet(tmp_path / "run" / "release-*" / "public" / "*.parquet").rows(named=True)


@pytest.mark.parametrize(
    ("row", "record"),
    [
        ({"arxiv_id": "2301.00001v999"}, {}),
        ({"arxiv_id": "2301.00001", "version": 999}, {}),
        ({"doi": DOI, "is_journal": True}, {"doi": DOI}),
        ({"doi": DOI, "arxiv_id": "2301.00002", "is_journal": True}, {"doi": DOI}),
    ],
)
def test_a_claim_supersedes_nobody_and_is_told(tmp_path: Path, row: Row, record: Row) -> None:
    honest: list[Row] = [{"id": "2301.00001"}, {"id": "2301.00002"}]
    ended = Ended(tmp_path, [*honest, {"id": "evil", **row}], [{**record, "id": "2301.00001"}, {"id": "2301.00002"}])
    assert ended.fates == {"2301.00001": "released", "2301.00002": "released", "evil": "superseded_version"}
    told = ended.copies["claims"]
    if "is_journal" in row:  # which of two that it names would have gone: the better one
        assert told["superseded_version"]["claims"] >= 1
        assert any("evil~" in sample and "2301.0000" in sample for sample in told["superseded_version"]["samples"])


def test_a_version_of_the_same_name_above_the_record_supersedes_nobody(tmp_path: Path) -> None:
    rows: list[Row] = [{"id": "2301.00001v1"}, {"id": "2301.00001v999"}]
    ended = Ended(tmp_path, rows, [{"id": "2301.00001"}])
    assert ended.fates["2301.00001v1"] == "released"


@pytest.mark.parametrize("records", [[], [{"id": "2301.00002"}]])
def test_a_benchmark_source_withholds_nobody_by_a_claim_and_is_told(tmp_path: Path, records: list[Row]) -> None:
    rows: list[Row] = [{"id": "2301.00002"}, {"id": ARAA, "arxiv_id": "2301.00002", "text": "A few words of the sun."}]
    ended = Ended(tmp_path, rows, records)
    assert ended.fates == {"2301.00002": "released", ARAA: "benchmark_source"}
    [sample] = ended.copies["claims"]["benchmark_source"]["samples"]
    assert "annurev" in sample and "2301.00002~" in sample


def test_a_benchmark_source_withholds_by_a_claim_what_says_the_same(tmp_path: Path) -> None:
    text = prose("one text")
    rows: list[Row] = [
        {"id": "2301.00002", "text": text},
        {"id": ARAA, "arxiv_id": "2301.00002", "text": f"{text} Fin."},
    ]
    ended = Ended(tmp_path, [*rows, {"id": "other"}], [])
    assert ended.fates == {"2301.00002": "benchmark_source", ARAA: "benchmark_source", "other": "released"}
    assert ended.copies["claims"] == {}


def test_rows_beside_it_keep_no_mark_from_a_text_of_a_withheld_work(tmp_path: Path) -> None:
    rows: list[Row] = [{"id": "2202.00002", "doi": DOI}, {"id": "K", "doi": DOI}, {"id": "other"}]
    rows += [{"id": f"2105.0001{i}", "doi": DOI} for i in range(4)]
    ended = Ended(tmp_path, rows, [], "2202.00002\n")
    assert ended.fates == {row["id"]: "released" if row["id"] == "other" else "benchmark_source" for row in rows}
    assert ended.ids == {"crowded_ids": 1}
    assert ended.copies["marks_over_crowded_ids"] == {"ids": 1, "samples": [f"doi:{DOI}"]}


def test_rows_beside_it_keep_no_version_from_its_better_one(tmp_path: Path) -> None:
    rows: list[Row] = [{"id": "2202.00002"}, {"id": DOI, "is_journal": True}]
    rows += [{"id": f"2105.0001{i}", "doi": DOI} for i in range(4)]
    ended = Ended(tmp_path, rows, [{"id": "2202.00002", "doi": DOI}])
    assert ended.fates == {row["id"]: "released" for row in rows} | {"2202.00002": "superseded_version"}


@pytest.mark.parametrize("preprint", [{}, {"doi": DOI}])
def test_a_preprint_and_an_article_that_state_one_doi_are_one_work(tmp_path: Path, preprint: Row) -> None:
    """Where the DOI is the preprint's by its record, and the texts are not alike, the preprint stays; else the article does."""
    rows: list[Row] = [{"id": "2202.00002", **preprint}, {"id": "J", "doi": DOI, "is_journal": True}]
    ended = Ended(tmp_path, rows, [] if preprint else [{"id": "2202.00002", "doi": DOI}])
    stays, goes = ("J", "2202.00002") if preprint else ("2202.00002", "J")
    assert ended.fates == {stays: "released", goes: "superseded_version"}


def test_an_article_goes_before_its_preprint_where_the_texts_are_alike(tmp_path: Path) -> None:
    text = prose("one text")
    rows: list[Row] = [
        {"id": "2202.00002", "text": text},
        {"id": "J", "doi": DOI, "is_journal": True, "text": f"{text} Fin."},
    ]
    ended = Ended(tmp_path, rows, [{"id": "2202.00002", "doi": DOI}])
    assert ended.fates == {"2202.00002": "superseded_version", "J": "released"}
    assert ended.copies["claims"] == {}


def test_a_withdrawn_text_is_released_through_no_copy(tmp_path: Path) -> None:
    text = prose("withdrawn")
    rows: list[Row] = [
        {"id": "2301.00077", "text": text, "comments": "This paper has been withdrawn by the authors"},
        {"id": "copy", "text": text},
        {"id": "2301.00078", "text": text},
        {"id": "2301.00077v1"},
        {"id": "other"},
    ]
    fates = Ended(tmp_path, rows, []).fates
    gone = dict.fromkeys(["2301.00077", "2301.00077v1", "copy"], "withdrawn")
    assert fates == {**gone, "2301.00078": "released", "other": "released"}


def test_no_title_shows_other_names_or_another_licence_than_are_there(tmp_path: Path) -> None:
    forged = {"title": "T\u202ecba”, Real Name, CC0-1.0 (https://x)", "authors": "A\u2066. B\u2069\u200f", "doi": DOI}
    [row] = Ended(tmp_path, [{"id": "x", **forged}], []).released
    assert (row["title"], row["authors"]) == ("Tcba”, Real Name, CC0-1.0 (https://x)", "A. B")
    licence, page = "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)", f"https://doi.org/{DOI}"
    assert row["attribution"] == f"{licence}, {page}, “Tcba’, Real Name, CC0-1.0 (https://x)”, A. B"
