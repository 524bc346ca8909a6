"""Pairs of what is released, the layers that look at them, and their shards."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import RunError
from curation.joins import Join, Kind
from curation.release.shards import SHARD_PLAN, Shards
from curation.sft.pair_decisions import PairDecisions
from curation.sft.pair_hits import PairHits, said_by
from curation.sft.pair_self_test import PairSelfTest
from curation.sft.pairs import MADE_PAIRS, Pairs
from curation.sft.shards import PairShards
from curation.step import Inputs
from curation.text import text_sha256
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_of_benchmark, hashes_table, text_rows
from curation.withhold.rephrased_hits import RephrasedThresholds
from curation.withhold.text_hits import TextHits
from curation.withhold.tokens import tokens
from schemas import DECISIONS, DOCUMENTS, METADATA, PAIR_DECISIONS, PAPERS
from tests.withhold.test_copy_hits import prose

TEXT = "# On closed orbits of stars\n\n## Kinematics\n\n{} {}\n"
ASKED = (
    "We find that the epicyclic frequency equals twice the angular frequency at the guiding centre, so that the resulting figure "
    "returns to itself after a single revolution around the nucleus."
)
OTHER = "We find that the dispersion of forty candidate members is larger than expected for a cluster in virial equilibrium."


@pytest.mark.parametrize(
    ("known", "own", "title"),
    [
        ("A title of the record", "A title of the text", "A title of the record"),
        (None, "A title of the text", "A title of the text"),
    ],
)
def test_questions_name_a_paper_by_the_title_under_which_it_is_released(
    known: str | None, own: str | None, title: str
) -> None:
    made = _corpus({"d": f"{ASKED}"}, known=known, own=own)
    [released] = Shards(tiers=("a",)).split(Inputs(made)).to_pylist()
    [pair] = Pairs(tiers=("a",)).run(Inputs(made))["pairs"].to_pylist()
    assert released["title"] == title and f"“{title}”" in pair["question"]


def _corpus(texts: Mapping[str, str], known: str | None = None, own: str | None = "On closed orbits of stars") -> Any:
    rows = [{"doc_id": name, "source": "s"} for name in texts]
    papers = [
        {**row, "source_id": "d", "member": row["doc_id"], "content_kind": "text", "status": "ok"} for row in rows
    ]
    metadata = [{**row, "paper_id": "arXiv:2301.00001", "title": known, "n_records": 0, "links": []} for row in rows]
    documents = [{"doc_id": name, "status": "ok", "title": own, "text": text} for name, text in texts.items()]
    plan = [{"doc_id": name, "key": n, "partition": 0, "tiers": ["a"]} for n, name in enumerate(texts)]
    tables = zip((PAPERS, METADATA, DOCUMENTS, SHARD_PLAN), (papers, metadata, documents, plan), strict=True)
    return {**{table.name: table.rows(found) for table, found in tables}, DECISIONS.name: DECISIONS.empty()}


def test_pairs_are_made_of_what_some_tier_releases() -> None:
    made = _corpus({"z": ASKED, "both": OTHER, "a": OTHER})
    left_out = [("z", "a"), ("both", "a"), ("both", "b")]
    rows = [{"doc_id": d, "tier": t, "verdict": "drop", "stage": "s", "reason": "rule"} for d, t in left_out]
    made[DECISIONS.name] = DECISIONS.rows(rows)
    pairs = Pairs(tiers=("a", "b")).run(Inputs(made))["pairs"].to_pylist()
    assert [(pair["doc_id"], pair["answer"]) for pair in pairs] == [("z", ASKED), ("a", OTHER)]


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    path.write_text(json.dumps({"question": "Does the orbit close?", "answer": ASKED}) + "\n")
    return path


def _pair(**said: Any) -> dict[str, Any]:
    given = {"question": "What holds?", "answer": "Nothing of note.", "messages": [], **said}
    return {"doc_id": "d", "paper_id": "p", "engine": "e", **given}


def _looked(pairs: list[dict[str, Any]], *benchmarks: Benchmark) -> tuple[PairHits, dict[str, pa.Table]]:
    """The hits of some pairs, whose row_ids are their places, with the tables that the step reads."""
    rows = [{**pair, "row_id": f"{n:016d}"} for n, pair in enumerate(pairs)]
    asked = tuple(b for b in benchmarks if b.items)
    thresholds = RephrasedThresholds(benchmarks=asked).run(Inputs({})) if asked else pa.table({})
    made = {MADE_PAIRS.name: MADE_PAIRS.rows(rows), "rephrased_thresholds": thresholds}
    step = PairHits(benchmarks=benchmarks)
    assert set(step.reads()) <= made.keys()
    return step, {**made, "pair_hits": step.run(Inputs(made))}


def test_a_pair_that_holds_an_item_is_released_to_no_tier_and_told(items: Path) -> None:
    benchmark = Benchmark(name="B", items=(items,), adapter="plain")
    made = _corpus({"d": TEXT.format(ASKED, OTHER)})
    made |= Pairs(tiers=("a",)).run(Inputs(made))
    made["rephrased_thresholds"] = RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))
    hits, decided = PairHits(benchmarks=(benchmark,)), PairDecisions()
    for step in (hits, decided):
        made |= step.by_name(step.run(Inputs(made)), step.name)
    [hit] = made["pair_hits"].to_pylist()
    [pair] = [p for p in made[MADE_PAIRS.name].to_pylist() if p["answer"] == ASKED]
    assert (hit["doc_id"], hit["pair_id"], hit["row_id"]) == ("d", pair["row_id"], f"{pair['row_id']}/0000")
    assert (hit["mark"], hit["entry"], hit["layer"], hit["score"]) == ("B", "items.jsonl:1", "text", 1000)
    [span] = hit["spans"]
    assert said_by(pair).encode()[span["start"] : span["end"]].decode() == ASKED[:-1] and ASKED[:40] in hit["evidence"]
    [join] = map(Join.from_json, hits.fold([hits.summary(Inputs(made), made)])["joins"])
    assert join.kind is Kind.WITHHELD_PAIRS and (join.given.matched, join.papers.count, join.papers.matched) == (
        1,
        2,
        1,
    )
    assert join.warning() is None
    [out] = made[PAIR_DECISIONS.name].to_pylist()
    assert (out["row_id"], out["verdict"], out["reason"], out["mark"]) == (
        pair["row_id"],
        "withhold",
        "benchmark_overlap",
        "B",
    )
    released = {
        step: step.split(Inputs(made)) for step in (PairShards(tiers=("a",)), PairShards(tiers=("a",), decided=True))
    }
    assert [table["answer"].to_pylist() for table in map(pa.Table.combine_chunks, released.values())][1] == [OTHER]
    assert sorted(next(iter(released.values()))["answer"].to_pylist()) == sorted([ASKED, OTHER])


@pytest.mark.parametrize("column", ["question", "reasoning", "answer", "evidence", "messages"])
def test_all_that_a_pair_says_is_compared(column: str, items: Path) -> None:
    said = [{"role": "user", "content": ASKED}] if column == "messages" else ASKED
    _, made = _looked([_pair(), _pair(**{column: said})], Benchmark(name="B", items=(items,), adapter="plain"))
    assert [(hit["pair_id"][-1], hit["entry"]) for hit in made["pair_hits"].to_pylist()] == [("1", "items.jsonl:1")]


def test_a_question_and_its_answer_are_found_in_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    question = "Which mineral dominates the crust of cold icy moons?"
    path.write_text(json.dumps({"question": question, "answer": "Crystalline water ice"}) + "\n")
    pair = _pair(
        question=question, reasoning="We look at spectra of the ridges.", answer="It is crystalline water ice."
    )
    _, made = _looked([pair], Benchmark(name="B", items=(path,), adapter="plain"))
    assert ("text", "question+answer") in {(hit["layer"], hit["rule"]) for hit in made["pair_hits"].to_pylist()}


def test_a_question_in_other_words_is_found_however_long_the_reasoning(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    question = "Why does the rotation curve of a spiral galaxy stay flat far from its centre?"
    path.write_text(json.dumps({"question": question, "answer": "dark matter"}) + "\n")
    asked = "Far from the centre of a spiral galaxy, what keeps its rotation curve flat?"
    pair = _pair(question=asked, reasoning="Nothing of this helps us here at all. " * 100, answer="A halo.")
    _, made = _looked([_pair(), pair], Benchmark(name="B", items=(path,), adapter="plain"))
    assert {(hit["pair_id"][-1], hit["layer"]) for hit in made["pair_hits"].to_pylist()} == {("1", "rephrased")}


def test_a_pair_whose_evidence_a_withheld_text_says_is_left_out_as_of_a_source(tmp_path: Path) -> None:
    paper = [*prose(1, 600), *ASKED.split(), *prose(2, 600)]
    text = " ".join(paper)
    path = tmp_path / "withheld.parquet"
    pq.write_table(hashes_table(text_rows("B", "p~1", tokens(text), text_sha256(text))), path)
    benchmark = Benchmark(name="B", texts=(path,))
    by_evidence, by_text = _pair(evidence=ASKED), _pair(answer=" ".join(paper[100:300]))
    beside = _pair(answer=" ".join(paper[100:300]), reasoning=" ".join(prose(7, 600)))
    step, made = _looked([_pair(evidence=OTHER), by_evidence, by_text, beside], benchmark)
    hits = [(hit["pair_id"][-1], hit["layer"], hit["entry"], hit["spans"]) for hit in made["pair_hits"].to_pylist()]
    assert hits == [(n, "copy", "p~1", None) for n in "123"]
    assert {row["reason"] for row in PairDecisions().run(Inputs(made)).to_pylist()} == {"benchmark_source"}
    [join] = map(Join.from_json, step.fold([step.summary(Inputs(made), made)])["joins"])
    assert (join.given.what, join.given.count, join.given.matched, join.papers.matched) == ("items and texts", 1, 1, 3)
    before = step.identity()
    pq.write_table(hashes_table(text_rows("B", "p~2", tokens(text), text_sha256(text))), path)
    assert step.identity() != before


def test_what_an_audit_finds_in_a_pair_the_run_does(tmp_path: Path) -> None:
    rng, path = random.Random(5), tmp_path / "items.jsonl"
    questions = [prose(n, rng.choice((8, 15, 30, 60))) for n in range(60)]
    items = [{"question": " ".join(words), "answer": " ".join(prose(900 + n, 6))} for n, words in enumerate(questions)]
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    benchmark = Benchmark(name="B", items=(path,), adapter="plain")
    pairs = []
    for n, (words, item) in enumerate(zip(questions, items, strict=True)):
        share = rng.uniform(0.3, 1)  # some are quoted in part, and are near the thresholds
        asked, answer = " ".join(words[: int(share * len(words)) + 1]), item["answer"] if n % 3 else "Nobody knows."
        reasoning = "It is as before. " * rng.choice((0, 1, 70)) or None
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": f"<think>\n{answer}"}]
        told = {"question": asked, "answer": answer} if n % 2 else {"messages": messages}
        pairs.append(_pair(reasoning=reasoning, **told))
    _, made = _looked(pairs, benchmark)
    found = {int(hit["pair_id"]) for hit in made["pair_hits"].to_pylist() if hit["layer"] == "text"}
    index = HashIndex(hashes_of_benchmark(benchmark))
    spoken = ["\n\n".join(m["content"] for m in pair["messages"]) for pair in pairs]
    joined = ["\n\n".join(filter(None, (p["question"], p["reasoning"], p["answer"]))) for p in pairs]
    texts = zip(spoken, joined, strict=True)
    audited = {
        n
        for n, said in enumerate(texts)
        if any(m.found for t in said for m in index.by_fields(Hashed(t), of_pair=True))
    }
    assert audited <= found and 10 < len(audited) < 55


def _self_tested(benchmark: Benchmark) -> tuple[PairSelfTest, dict[str, Any]]:
    step = PairSelfTest(benchmarks=(benchmark,))
    asked = (
        {"rephrased_thresholds": RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))}
        if benchmark.items
        else {}
    )
    rows = step.run(Inputs(asked))
    return step, dict(step.summary(Inputs({}), {"pair_self_test": rows}))


def test_plants_in_every_column_of_a_pair_are_found_and_one_missed_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "items.jsonl"
    items = [{"question": " ".join(prose(n, 30)), "answer": " ".join(prose(900 + n, 6))} for n in range(6)]
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    benchmark = Benchmark(name="B", items=(path,), adapter="plain")
    step, summary = _self_tested(benchmark)
    kinds = {f"items, {kind}": 6 for kind in ("verbatim", "split", "noisy")}
    kinds |= {"rephrased, verbatim": 6, "rephrased, reworded": 6}
    assert summary == {"self_test": {"B": {"planted": kinds, "missed": []}}, "warnings": []}
    step.guard(summary)
    monkeypatch.setattr("curation.sft.pair_hits.said_by", lambda pair: pair["question"])
    _, summary = _self_tested(benchmark)
    assert any("noisy" in missed for missed in summary["self_test"]["B"]["missed"])
    with pytest.raises(RunError, match="self-test of benchmark 'B'"):
        step.guard(summary)


def test_a_copy_of_a_withheld_text_is_planted_in_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "withheld.parquet"
    pq.write_table(hashes_table(text_rows("B", "p~1", prose(1, 300), "0" * 64)), path)
    benchmark = Benchmark(name="B", texts=(path,))
    kinds = {f"copies, {kind}": 1 for kind in ("verbatim", "noisy", "part")}
    assert _self_tested(benchmark)[1]["self_test"] == {"B": {"planted": kinds, "missed": []}}
    monkeypatch.setattr(HashIndex, "by_copies", lambda *_: iter(()))
    assert len(_self_tested(benchmark)[1]["self_test"]["B"]["missed"]) == 3


def test_report_releases_a_pair_and_mask_leaves_it_out(items: Path) -> None:
    told = [Benchmark(name=mode, items=(items,), adapter="plain", mode=mode) for mode in ("report", "mask")]
    _, made = _looked([_pair(answer=ASKED)], *told)
    assert sorted(made["pair_hits"]["mark"].to_pylist()) == ["mask", "report"]
    both, one = (
        PairDecisions(modes={"report": "report", "mask": "mask"}),
        PairDecisions(modes=dict.fromkeys(("report", "mask"), "report")),
    )
    assert both.run(Inputs(made))["mark"].to_pylist() == ["mask"] and one.run(Inputs(made)).num_rows == 0
    out = {PAIR_DECISIONS.name: both.run(Inputs(made))}
    assert both.summary(Inputs(made), out) == {
        "benchmarks": {
            "mask": {"mode": "mask", "pairs": 1, "left_out": 1},
            "report": {"mode": "report", "pairs": 1, "left_out": 1},
        },
        "left": {"benchmark_overlap": 1},
    }
    idle = {PAIR_DECISIONS.name: one.run(Inputs(made))}
    assert one.summary(Inputs(made), idle)["benchmarks"]["report"] == {"mode": "report", "pairs": 1, "left_out": 0}


def test_pairs_are_looked_at_anew_when_a_layer_or_an_item_changes_and_not_for_a_mode(
    items: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identity(**given: Any) -> Any:
        return PairHits(benchmarks=(Benchmark(name="B", items=(items,), adapter="plain", **given),)).identity()

    before = identity()
    assert identity(mode="report") == before
    monkeypatch.setattr(TextHits, "version", TextHits.version + 1)
    changed = identity()
    assert changed != before
    items.write_text(json.dumps({"question": "Does it close, then?", "answer": ASKED}) + "\n")
    assert identity() != changed


def test_a_pair_that_gives_the_values_of_an_item_is_found_in_other_words(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    asked = "A star of mass 2.5 solar masses and radius 1.8 solar radii lies at a distance of 45 pc. What is its mean density?"
    path.write_text(json.dumps({"question": asked, "answer": "0.60 g/cm^3"}) + "\n")
    said = [rf"Let $M = 2.5\,M_\odot$ and $R = {r}\,R_\odot$ be given of what is 45 parsecs off." for r in (1.8, 1.9)]
    pairs = [_pair(question=text, answer=f"{answer} kg m^-3.") for text, answer in zip(said, (600, 611), strict=True)]
    _, made = _looked(pairs, Benchmark(name="B", items=(path,), adapter="plain"))
    assert [(h["pair_id"], h["layer"]) for h in made["pair_hits"].to_pylist()] == [(f"{0:016d}", "numbers")]
