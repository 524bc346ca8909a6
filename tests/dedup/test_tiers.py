"""Planted truth through a whole run: what tiers release of near copies when the best one is closed, or withheld."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.dedup.test_near import jaccard, text_of
from tests.engine.runs import ledger

CLOSED, OPEN = "http://arxiv.org/licenses/nonexclusive-distrib/1.0/", "http://creativecommons.org/licenses/by/4.0/"
Fates = dict[tuple[str, str], str]


def fates(tmp_path: Path, papers: list[dict[str, object]]) -> Fates:
    """(id, tier) -> released or the reason why not, for JSONL documents."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "d.jsonl").write_text("".join(json.dumps(p) + "\n" for p in papers))
    quality = {"min_words": 1, "min_stop_words": 0, "min_language_score": 2.0}
    config = {"name": "t", "sources": [{"name": "s", "path": "docs"}], "decide": {"quality": quality}}
    launch(pipeline(parse_config(config, tmp_path)), tmp_path / "run", Options(executor="inline"))
    found = {}
    for tier in ("research", "public"):
        rows: pl.DataFrame = ledger(RunTables(open_store(tmp_path / "run")), tier)
        for row in rows.iter_rows(named=True):
            found[row["source_id"], tier] = "released" if row["verdict"] == "keep" else row["reason"]
    return found


def versions(rng: random.Random) -> tuple[str, str, str]:
    """A text; one with another beginning and one with another end, both near it and not near each other."""
    words = text_of(rng, 1000)
    texts = (words, text_of(rng, 110) + words[110:], words[:890] + text_of(rng, 110))
    middle, begun, ended = (" ".join(t) for t in texts)
    assert min(jaccard(middle, begun), jaccard(middle, ended)) > 0.79 and jaccard(begun, ended) < 0.65
    return middle, begun, ended


def test_copies_of_a_closed_paper_that_are_not_close_are_all_released(tmp_path: Path) -> None:
    head, b, c = versions(random.Random(5))
    got = fates(
        tmp_path,
        [
            {"id": "2303.00001", "text": head, "title": "One", "date": "2023-03-03", "license": CLOSED},
            {"id": "2203.00001", "text": b, "title": "Two", "date": "2022-03-03", "license": OPEN},
            {"id": "2103.00001", "text": c, "title": "Three", "date": "2021-03-03", "license": OPEN},
        ],
    )
    assert [got[i, "research"] for i in ("2303.00001", "2203.00001", "2103.00001")] == [
        "released",
        "near_duplicate",
        "near_duplicate",
    ]
    assert [got[i, "public"] for i in ("2303.00001", "2203.00001", "2103.00001")] == ["licence", "released", "released"]


def test_copies_of_a_closed_paper_that_are_close_are_not_both_released(tmp_path: Path) -> None:
    words = text_of(random.Random(2), 1000)
    texts = [" ".join(text_of(random.Random(k), 40) + words[40:]) for k in range(3)]
    got = fates(
        tmp_path,
        [
            {"id": f"2{3 - k}03.00001", "text": t, "title": f"T{k}", "date": f"202{3 - k}-03-03", "license": OPEN if k else CLOSED}
            for k, t in enumerate(texts)
        ],
    )  # fmt: skip
    assert [got[f"2{3 - k}03.00001", "public"] for k in range(3)] == ["licence", "released", "near_duplicate"]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
def test_what_is_near_a_benchmark_source_is_withheld_whatever_its_rank(tmp_path: Path, order: tuple[int, ...]) -> None:
    middle, alpha, source = versions(random.Random(3))
    papers = [
        {"id": "2303.00001", "text": alpha, "title": "Alpha", "license": CLOSED},
        {"id": "2203.00001", "text": middle, "title": "Beta", "license": OPEN},
        {"id": "2103.00001", "text": source, "title": "Gamma", "license": OPEN, "journal-ref": "ARA&A 50, 455"},
    ]
    got = fates(tmp_path, [{**papers[i], "date": f"202{k}-01-01"} for k, i in enumerate(order)])
    assert (
        got["2103.00001", "public"]
        == got["2203.00001", "public"]
        == got["2203.00001", "research"]
        == "benchmark_source"
    )
    assert got["2303.00001", "research"] == "released"


def test_two_papers_with_one_notice_stay_two_works(tmp_path: Path) -> None:
    rng = random.Random(4)
    notice = "This paper has been withdrawn by the author due to an error in section four which cannot be repaired now."
    rows: list[dict[str, object]] = []
    for work in ("2301.00001", "2301.00002"):
        rows.append({"id": f"{work}v3", "text": " ".join(text_of(rng, 300)), "license": OPEN})
        rows.append({"id": f"{work}v2", "text": notice, "comments": notice, "license": OPEN})
    got = fates(tmp_path, rows)
    assert got["2301.00001v2", "public"] == got["2301.00002v2", "public"] == "withdrawn"
    assert got["2301.00001v3", "public"] == got["2301.00002v3", "public"] == "released", (
        "versions behind a withdrawn one"
    )
