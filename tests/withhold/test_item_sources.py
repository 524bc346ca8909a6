"""Works that items of a benchmark name are its sources, as those of a list are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from curation.errors import ConfigError
from curation.joins import Join, Kind
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.hashed import hash_of, hashes_of_benchmark
from curation.withhold.hits import ListHits
from curation.withhold.lists import WITHHOLD_IDS, WithholdLists
from curation.withhold.rephrased_hits import RephrasedThresholds
from curation.withhold.self_test import SelfTest
from tests.withhold.test_sources import Rows, part, withheld

ITEMS = [
    {"question": "Which kestrel ring glows?", "answer": "the outer one", "doi": "10.1088/0004-637X/750/1/45"},
    {"question": "Why does it glow at dusk?", "answer": "dust", "arxiv_id": "1203.0001v2"},
    {"question": "What colour has the ring?", "answer": "amber"},
    {"question": "When did the ring fade?", "answer": "in 1999", "bibcode": "2011ApJ...700...45W"},
    {"question": "Who saw it fade, then?", "answer": "nobody", "paper_id": "arXiv:1203.0001"},
]
PAPERS: Rows = [
    {"doi": "10.1088/0004-637x/750/1/45"},
    {"paper_id": "arXiv:1203.0001"},
    {"journal_ref": "ApJ 700, 45"},
    {"unsure": ["url: https://arxiv.org/abs/1203.0001"]},
    {"paper_id": "arXiv:1203.0002"},
]


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ITEMS))
    return path


def test_works_that_items_name_are_withheld_by_any_of_their_names(items: Path) -> None:
    found = withheld(PAPERS, [{"name": "B", "items": items, "adapter": "plain"}])
    assert {row["layer"] for row in found} == {"identity"}
    assert sorted((row["doc_id"], str(row["entry"])[-1], row["rule"]) for row in found) == [
        ("d00", "1", "doi"),
        ("d01", "2", "arxiv"),
        ("d01", "5", "arxiv"),
        ("d02", "4", "journal_ref"),
        ("d03", "2", "arxiv"),
        ("d03", "5", "arxiv"),
    ]


def test_the_run_looks_for_the_ids_that_the_audit_looks_for(items: Path, tmp_path: Path) -> None:
    (tmp_path / "works.txt").write_text("2012ApJ...750...46W\n")
    benchmark = Benchmark(name="B", items=(items,), adapter="plain", sources=tmp_path / "works.txt")
    rows = WithholdLists(lists=(benchmark,)).run(Inputs({}))[WITHHOLD_IDS.name].to_pylist()
    hashes = hashes_of_benchmark(benchmark)
    hashed = hashes.filter(pc.equal(hashes["layer"], "identity")).to_pylist()
    assert {(r["entry"], hash_of(r["key"].encode())) for r in rows} == {(r["entry"], r["hash"]) for r in hashed}
    assert {r["entry"] for r in rows} == {"works.txt:1", *(f"items.jsonl:{n}" for n in (1, 2, 4, 5))}


def _told(papers: Rows, benchmark: Benchmark) -> tuple[ListHits, dict[str, Any]]:
    steps = Withhold(benchmarks=(benchmark,)).steps()
    made = part(papers)
    for step in steps:
        made |= step.by_name(step.run(Inputs(made)), step.name)  # type: ignore[attr-defined]
        if isinstance(step, ListHits):
            return step, dict(step.fold([step.summary(Inputs(made), made)]))
    raise AssertionError("no step looks for works")


def test_what_items_name_and_no_document_is_is_told_and_stops_nothing(items: Path) -> None:
    step, told = _told(PAPERS[:1], Benchmark(name="B", items=(items,), adapter="plain"))
    [join] = map(Join.from_json, told["joins"])
    assert join.kind is Kind.WITHHELD_ITEM_SOURCES and (join.given.count, join.given.matched) == (4, 1)
    assert join.given.samples[0].startswith("items.jsonl:2: arXiv:1203.0001") and join.papers.matched == 1
    step.guard(told)
    step, told = _told(PAPERS[4:], Benchmark(name="B", items=(items,), adapter="plain"))
    step.guard(told)
    [join] = map(Join.from_json, told["joins"])
    assert join.warning() == "withheld item sources B: matches none of 1 documents"


def test_a_list_that_matches_nothing_stops_a_run_whose_items_name_a_paper(items: Path, tmp_path: Path) -> None:
    (tmp_path / "works.txt").write_text("2012ApJ...750...46W\n")
    step, told = _told(PAPERS, Benchmark(name="B", items=(items,), adapter="plain", sources=tmp_path / "works.txt"))
    by_kind = {join.kind: join for join in map(Join.from_json, told["joins"])}
    assert by_kind[Kind.WITHHELD_LIST].papers.matched == 0 and by_kind[Kind.WITHHELD_ITEM_SOURCES].given.matched == 4
    with pytest.raises(ConfigError, match="none of the 1 works of its list"):
        step.guard(told)


def test_items_that_name_no_work_need_no_list(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(json.dumps(ITEMS[2]) + "\n")
    steps = Withhold(benchmarks=(Benchmark(name="B", items=(path,), adapter="plain"),)).steps()
    assert not any(isinstance(step, ListHits | WithholdLists) for step in steps)


def test_works_of_items_are_planted_and_found(items: Path) -> None:
    benchmark = Benchmark(name="B", items=(items,), adapter="plain")
    thresholds = {"rephrased_thresholds": RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))}
    rows = SelfTest(benchmarks=(benchmark,)).run(Inputs(thresholds)).to_pylist()
    planted = {(row["layer"], row["plant"]): (row["planted"], row["missed"]) for row in rows}
    assert planted["item sources", "spelling"][0] >= 10 and not any(missed for _, missed in planted.values())
