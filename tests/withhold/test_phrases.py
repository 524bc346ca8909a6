"""Phrases that many texts share are learned apart, set aside in run and audit, counted and told; items are not lost for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import ConfigError
from curation.step import Inputs
from curation.withhold import phrases
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_hits import HashHits
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hash_of, hashes_of_benchmark, set_aside
from curation.withhold.items import read_files
from curation.withhold.phrases import PHRASES, PhraseCounts, are_phrases, in_phrases, read_phrases
from curation.withhold.rephrased_hits import RephrasedThresholds
from curation.withhold.self_test import SelfTest
from curation.withhold.text_hits import TextHits
from curation.withhold.tokens import tokens
from pipelines.audit import audit_release
from pipelines.cli import main
from pipelines.config_errors import validated
from schemas import DOCUMENTS, METADATA
from schemas.files import LocalFiles, sha256_of
from tests.data_cards.card_release import released, write_release
from tests.withhold.plants import CLEAN, within

STOCK = (
    "the rest of this paper is organized as follows in the next section we describe the observations and the reduction of the data "
    "that are used throughout"
)
OWN = "which nebular emission line ratio distinguishes photoionized gas from shocks near protostellar jets"
ITEMS = [
    {"question": STOCK, "answer": "Spectra of forty hot subdwarfs"},
    {"question": f"{STOCK}, {OWN}?", "answer": "[S II] to hydrogen alpha"},
    {"question": "Given the rest of this paper is organized as follows, why?", "answer": "since editors ask for it"},
]


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    """Phrases of 30 documents, each with the stock sentence and words of its own, as the command learns them."""
    ways = [f"{CLEAN.replace('forty', f'n{k} forty')} Also {STOCK} in case {k}." for k in range(30)]
    rows = "".join(json.dumps({"id": f"d{k}", "text": text + f" only {k}" * 3}) + "\n" for k, text in enumerate(ways))
    (tmp_path / "docs.jsonl").write_text(rows)
    assert main(["artefact", "phrases", str(tmp_path / "docs.jsonl"), "--out", str(tmp_path / "p.parquet")]) == 0
    return tmp_path / "p.parquet"


def benchmark_of(folder: Path, learned: Path | None, *which: int) -> Benchmark:
    path = folder / f"items{''.join(map(str, which))}.jsonl"
    path.write_text("".join(json.dumps(ITEMS[k]) + "\n" for k in which))
    return Benchmark(name="B", items=(path,), adapter="plain", phrases=learned)


def inputs(*texts: str) -> Inputs:
    ids = [f"d{n}" for n in range(len(texts))]
    documents = DOCUMENTS.rows({"doc_id": i, "status": "ok", "text": t} for i, t in zip(ids, texts, strict=True))
    metadata = METADATA.rows(
        {"doc_id": i, "source": "s", "paper_id": f"sha256:{i}", "n_records": 0, "links": []} for i in ids
    )
    return Inputs({"documents": documents, "metadata": metadata})


def found(benchmark: Benchmark, text: str) -> dict[str, list[str]]:
    """The rules by which each layer, and the audit, finds the first item in a text."""
    steps = (TextHits(benchmarks=(benchmark,)), HashHits(benchmarks=(benchmark,)))
    told = {step.name: [row["rule"] for row in step.run(inputs(within(text))).to_pylist()] for step in steps}
    index = HashIndex(hashes_of_benchmark(benchmark))
    return {**told, "audit": [match.rule for match in index.by_fields(Hashed(within(text))) if match.found]}


def test_phrases_are_the_runs_of_five_tokens_that_enough_documents_hold_each_counted_once() -> None:
    texts = ["a b c d e f", "x a b c d e a b c d e", "a b c d", "e f", None]
    documents = pa.table({"doc_id": list("vwxyz"), "text": pa.array(texts, pa.large_string())})
    step = PhraseCounts(min_docs=2)
    rows = step.split(Inputs({"documents": documents}))
    made = step.merge(rows.drop_columns(["partition"]).sort_by([(c, "ascending") for c in step.order_by])).to_pylist()
    assert made == [{"doc_id": "v", "hash": hash_of(b"a b c d e"), "n_docs": 2, "span_start": 0, "span_end": 9}]


def test_a_text_that_says_a_phrase_alone_is_no_hit_and_one_with_the_answer_is(tmp_path: Path, learned: Path) -> None:
    known, without = benchmark_of(tmp_path, learned, 0), benchmark_of(tmp_path, None, 0)
    assert found(without, STOCK) == {"text_hits": ["question"], "hash_hits": ["question"], "audit": ["question"]}
    assert found(known, STOCK) == {"text_hits": [], "hash_hits": [], "audit": []}
    assert found(known, f"{STOCK} {ITEMS[0]['answer']}")["text_hits"] == ["question+answer"]


def test_what_is_left_of_a_question_beside_a_phrase_decides(tmp_path: Path, learned: Path) -> None:
    known, without = benchmark_of(tmp_path, learned, 1), benchmark_of(tmp_path, None, 1)
    assert found(without, STOCK)["audit"] == ["question"]
    assert not any(found(known, STOCK).values())
    assert found(known, str(ITEMS[1]["question"])) == found(without, str(ITEMS[1]["question"]))
    assert found(known, OWN)["text_hits"] == ["question"] and not found(without, OWN)["text_hits"]


def test_short_questions_count_with_their_answer_so_nothing_of_them_is_set_aside(tmp_path: Path, learned: Path) -> None:
    known = benchmark_of(tmp_path, learned, 2)
    said = f"{ITEMS[2]['question']} {ITEMS[2]['answer']}."
    assert found(known, said) == {
        "text_hits": ["question+answer"],
        "hash_hits": ["question+answer"],
        "audit": ["question+answer"],
    }


def test_what_was_set_aside_is_counted_and_items_of_phrases_are_told(tmp_path: Path, learned: Path) -> None:
    benchmark = benchmark_of(tmp_path, learned, 0, 1, 2)
    step = TextHits(benchmarks=(benchmark,))
    given = inputs(CLEAN)
    told = step.fold([step.summary(given, {"hits": step.run(given)})])
    aside = told["set_aside"]["B"]
    assert (aside["phrases"], aside["items_of_phrases"]) == (2 * (len(tokens(STOCK)) - 4), 1)
    [warning] = [w for w in told["warnings"] if "phrases" in w]
    assert (
        warning.startswith("benchmark 'B': 1 of 3 items are phrases that many texts share")
        and "items012.jsonl:1" in warning
    )
    items = read_files(benchmark.items, "plain")
    assert set_aside(items[:1], read_phrases(learned)) == 5
    assert 4 <= set_aside(items[1:2], read_phrases(learned)) <= 6
    assert set_aside(items[2:], read_phrases(learned)) == 0


def test_an_audit_tells_what_it_set_aside_and_left_out(tmp_path: Path, learned: Path) -> None:
    release = tmp_path / "release"
    write_release(release, {"public": [released(0, text=within(STOCK))]})
    benchmark = benchmark_of(tmp_path, learned, 0, 1)
    audit = audit_release(LocalFiles(release), [benchmark]).audit
    [told] = audit["benchmarks"]
    assert (told["layers"]["text"]["checked"], told["layers"]["text"]["left_out"]) == (1, 1)
    assert told["layers"]["text"]["set_aside"] == set_aside(read_files(benchmark.items, "plain"), read_phrases(learned))
    assert audit["passed"] and told["files"]["phrases"] == [sha256_of(learned)]
    assert not audit_release(LocalFiles(release), [benchmark_of(tmp_path, None, 0, 1)]).passed


def test_phrases_of_texts_that_hold_the_benchmark_are_an_error_that_names_its_items(tmp_path: Path) -> None:
    words = tokens(f"{OWN} and the winds of massive young stars in the outer disc of a spiral galaxy")

    def config_of(first: int, end: int, question: str = " ".join(words)) -> Benchmark:
        runs = [" ".join(words[k : k + phrases.PHRASE]) for k in range(first, end - phrases.PHRASE + 1)]
        rows = [
            {"doc_id": "d", "hash": hash_of(r.encode()), "n_docs": 25, "span_start": 0, "span_end": 1} for r in runs
        ]
        pq.write_table(PHRASES.rows(rows), tmp_path / "p.parquet")
        (tmp_path / "items.jsonl").write_text(
            "".join(json.dumps({"question": q, "answer": "yes, of all"}) + "\n" for q in (STOCK, question))
        )
        value = {"name": "B", "items": "items.jsonl", "adapter": "plain", "phrases": "p.parquet"}
        return validated(Benchmark, value, "b.yaml", tmp_path)

    assert config_of(3, 15).phrases == tmp_path / "p.parquet", "twelve words in a row are stock"
    assert config_of(0, 20, question=" ".join(words[:20])), "short questions lose nothing to phrases"
    for first, end in ((3, 16), (0, len(words)), (len(words) - 13, len(words))):
        with pytest.raises(ConfigError, match=r"out of 1 questions \(items\.jsonl:2\).*may hold the benchmark"):
            config_of(first, end)


def test_items_of_phrases_are_not_planted_by_the_self_test(tmp_path: Path, learned: Path) -> None:
    benchmarks = (benchmark_of(tmp_path, learned, 0, 1),)
    thresholds = {"rephrased_thresholds": RephrasedThresholds(benchmarks=benchmarks).run(Inputs({}))}
    planted = SelfTest(benchmarks=benchmarks).run(Inputs(thresholds)).to_pylist()
    assert {(row["plant"], row["planted"]) for row in planted if row["layer"] == "items"} == {
        ("verbatim", 1),
        ("split", 1),
        ("noisy", 1),
    }
    assert not any(row["missed"] for row in planted)


def test_other_phrases_are_another_step(tmp_path: Path, learned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def identities(**given: Any) -> list[Any]:
        benchmark = benchmark_of(tmp_path, None, 0).model_copy(update=given)
        return [step(benchmarks=(benchmark,)).identity() for step in (TextHits, HashHits)]

    ours = identities()
    assert all(a != b for a, b in zip(ours, identities(phrases=learned), strict=True))
    monkeypatch.setattr(phrases, "DEFAULT", learned)
    assert all(a != b for a, b in zip(ours, identities(), strict=True))


def test_those_that_come_with_us_are_of_papers() -> None:
    ours = read_phrases(None)
    assert 100 < len(ours) < 1000
    said = tokens("We show flux as a function of time, which lies far beyond the scope of this paper on dust.")
    shared = "".join("x" if is_in else "." for is_in in in_phrases(said, ours))
    assert shared == "...xxxxx...xxxxxx..."[: len(said)]
    assert not are_phrases(tokens(OWN), ours).any() and not len(are_phrases(["a"], ours))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"hash": ["x"]}), tmp_path / "x.parquet")
    for path in (tmp_path / "x.parquet", tmp_path / "none.parquet"):
        with pytest.raises(ConfigError, match=r"no file of phrases|cannot be read"):
            read_phrases(path)
    assert PHRASES.columns == ("doc_id", "hash", "n_docs", "span_start", "span_end")
