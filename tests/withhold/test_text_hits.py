from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.joins import Join, Kind
from curation.parquet import conform
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.hash_index import HashIndex
from curation.withhold.hashed import hashes_of_benchmark
from curation.withhold.items import Item
from curation.withhold.rephrased_hits import RephrasedHits, RephrasedThresholds
from curation.withhold.text_hits import TextHits
from schemas import HITS
from tests.withhold.plants import CLEAN, ITEMS, LONG, PASSAGE, SHORT, SOLVED, SUM, as_exam, misread, within


def written(path: Path, items: Sequence[Item] = ITEMS) -> Path:
    keys = ("question", "choices", "answer", "explanation", "passage")
    path.write_text("".join(json.dumps({key: getattr(i, key) for key in keys}) + "\n" for i in items), encoding="utf-8")
    return path


@pytest.fixture
def step(tmp_path: Path) -> TextHits:
    path = written(tmp_path / "b.jsonl")
    steps = Withhold(benchmarks=(Benchmark(name="B", items=(path,), adapter="plain"),)).steps()
    [made] = [step for step in steps if isinstance(step, TextHits)]
    return made


def hits(step: TextHits, *texts: str | None) -> list[dict[str, Any]]:
    ids = [f"d{n}" for n in range(len(texts))]
    documents = pa.table({"doc_id": ids, "text": pa.array(texts, pa.large_string())})
    rows: list[dict[str, Any]] = conform(step.run(Inputs({"documents": documents})), HITS.arrow, step.name).to_pylist()
    return rows


def rules(step: TextHits, *texts: str) -> list[tuple[str, str, str]]:
    return [(row["doc_id"], row["entry"], row["rule"]) for row in hits(step, *texts)]


PLANTS = {
    "question": (LONG.question, "b.jsonl:1"),
    "question+answer": (f"{SHORT.question} {SHORT.answer}.", "b.jsonl:2"),
    "question+choices": (as_exam(SHORT, (2, 0, 3, 1)), "b.jsonl:2"),
    "passage": (str(PASSAGE.passage), "b.jsonl:4"),
    "answer": (str(SOLVED.answer), "b.jsonl:5"),
}


@pytest.mark.parametrize("rule", PLANTS)
def test_what_is_planted_is_found_with_its_place_and_both_texts(step: TextHits, rule: str) -> None:
    plant, item = PLANTS[rule]
    text = within(plant)
    [row] = hits(step, CLEAN, text)
    assert (row["doc_id"], row["entry"], row["rule"], row["layer"], row["mark"]) == ("d1", item, rule, "text", "B")
    assert row["score"] == 1000
    said = [text.encode()[s["start"] : s["end"]].decode() for s in row["spans"]]
    assert all(piece in plant for piece in said)
    assert sum(map(len, said)) > 0.8 * len(plant) - 40
    assert said[0][:40] in row["evidence"].partition("| document: ")[2]
    assert row["evidence"].startswith("item: " + plant[:5]) or rule == "question+choices"


WORDS = LONG.question.split()
EDITS = {
    "start": LONG.question + " " + CLEAN,
    "middle": within(LONG.question),
    "end": CLEAN + LONG.question,
    "insertion": within(" ".join([*WORDS[:12], "quite", "surprisingly", *WORDS[12:]])),
    "deletion": within(" ".join([*WORDS[:12], *WORDS[13:]])),
    "edit": within(" ".join([*WORDS[:6], "dim", *WORDS[7:]])),
    "punctuation": within(LONG.question.replace(" ", "... ").upper().replace("FAINT", "**FAINT**")),
    "several": within(" ".join([*WORDS[:3], "very", *WORDS[3:10], *WORDS[11:20], "moreover", *WORDS[20:]])),
    "lines": within(LONG.question.replace(" ", "\n").replace("luminosity", "lumi-\nnosity")),
    "other marks": within(LONG.question.replace("fi", "ﬁ").replace("metallicity", r"\emph{metallicity}")),
}


@pytest.mark.parametrize("kind", EDITS)
def test_an_edited_question_is_found(step: TextHits, kind: str) -> None:
    assert rules(step, EDITS[kind]) == [("d0", "b.jsonl:1", "question")]


def test_several_items_in_one_document_are_a_row_each(step: TextHits) -> None:
    text = within(f"{LONG.question}\n{CLEAN}\n{as_exam(SHORT)}\n{PASSAGE.passage}")
    assert [entry for _, entry, _ in rules(step, text)] == ["b.jsonl:1", "b.jsonl:2", "b.jsonl:4"]


def test_ocr_noise_hides_little(step: TextHits) -> None:
    plants = [within(misread(as_exam(item), seed)) for seed in range(40) for item in (LONG, SHORT)]
    found = {row["doc_id"] for row in hits(step, *plants)}
    assert len(found) >= 0.95 * len(plants)


@pytest.mark.parametrize(
    "text",
    [
        SHORT.question,  # a short question without its answer
        f"Which mineral dominates the mantle of warm rocky planets? {SHORT.answer}.",  # another question with that answer
        f"{SHORT.question} A",  # a letter is no answer
        " ".join(SHORT.choices),  # choices alone
        " ".join(WORDS[:14]),  # less than half of a question
        "(Z_4 x Z_12)/(<2> x <2>) of 4, 3, 2, 12; f(x) = 4 x + 2, g(x) = 12",  # formulas
        "the direct product of the factor group",
        str(PASSAGE.passage)[:90],
        "Answer: B. " * 30,
        "",
    ],
)
def test_what_says_too_little_is_no_hit(step: TextHits, text: str) -> None:
    assert rules(step, text, within(text)) == []


def test_a_question_of_symbols_is_found_whole_with_its_answer(step: TextHits) -> None:
    [row] = hits(step, within(f"{SUM.question}\nAnswer: {SUM.answer}"))
    assert (row["entry"], row["rule"]) == ("b.jsonl:3", "question+answer")
    assert rules(step, within(SUM.question + " Nothing follows from it.")) == []


def test_texts_do_not_know_each_other_and_null_is_none(step: TextHits) -> None:
    plant = within(LONG.question)
    one, two = hits(step, plant, None, plant)
    assert {**one, "doc_id": "d2"} == two
    assert hits(step, None) == []


def test_a_benchmark_finds_the_same_beside_another(step: TextHits, tmp_path: Path) -> None:
    other = written(tmp_path / "c.jsonl", [LONG, PASSAGE])
    both = TextHits(benchmarks=(*step.benchmarks, Benchmark(name="A", items=(other,), adapter="plain")))
    text = within(misread(as_exam(LONG), 1))
    alone = hits(step, text)
    beside = [row for row in hits(both, text) if row["mark"] == "B"]
    assert [{**row, "row_id": ""} for row in alone] == [{**row, "row_id": ""} for row in beside]
    assert {row["mark"] for row in hits(both, text)} == {"A", "B"}


def test_a_run_tells_what_was_matched_and_what_cannot_be(tmp_path: Path) -> None:
    bare = [Item("", SHORT.question), Item("", SHORT.question, ("Water ice",))]
    path = written(tmp_path / "b.jsonl", [*ITEMS, Item("", "2 + 2 = ?", ("4", "5"), "4"), *bare])
    step = TextHits(benchmarks=(Benchmark(name="B", items=(path,), adapter="plain"),))
    documents = pa.table({"doc_id": ["a", "b"], "text": pa.array([within(LONG.question), CLEAN], pa.large_string())})
    inputs = Inputs({"documents": documents})
    summary = step.summary(inputs, {"hits": step.run(inputs)})
    told = step.fold([summary, summary])
    [join] = map(Join.from_json, told["joins"])
    assert (join.kind, join.given.count, join.given.matched) == (Kind.WITHHELD_ITEMS, 8, 1)
    assert (join.papers.count, join.papers.matched, join.warning()) == (4, 2, None)
    aside = {"common_pairs": 0, "items_without_words": 1, "items_too_short": 2, "phrases": 0, "items_of_phrases": 0}
    assert told["set_aside"] == {"B": aside}
    wordless, untold = told["warnings"]
    assert "1 of 8 items have no two words" in wordless and wordless.endswith(": b.jsonl:6")
    assert "2 of 8 items are a question of 20 words or fewer that says too little" in untold and untold.endswith(
        ": b.jsonl:7, b.jsonl:8"
    )
    assert hits(step, f"{SHORT.question} Water ice") == []


def of_items(tmp_path: Path, *items: Item) -> TextHits:
    return TextHits(benchmarks=(Benchmark(name="B", items=(written(tmp_path / "own.jsonl", items),), adapter="plain"),))


STOCK = Item("", "In this paper we", ("show", "find", "argue", "note"), "show")
NATURE = Item("", "What is the nature of dark matter?", (), "2")
FLAT = Item("", "Is the universe flat or open?", ("yes", "no"), "no")


def test_a_question_of_common_words_hits_nothing_and_is_told(tmp_path: Path) -> None:
    step = of_items(tmp_path, Item("", "In this paper we", (), "show"), STOCK, NATURE)
    assert hits(step, within("In this paper we show that the disc is warped."), "In this paper we show") == []
    told = step.fold([])
    assert told["set_aside"]["B"]["items_too_short"] == 1
    [warning] = told["warnings"]
    assert "1 of 3 items are a question of 20 words or fewer that says too little" in warning and warning.endswith(
        ": own.jsonl:1"
    )


@pytest.mark.parametrize(
    "said", ["{} 2", "{}\nAnswer: 2.", "{} The correct answer is (B) 2", "{} **2**", "Answer: 2. Question: {}"]
)
def test_an_answer_of_one_token_counts_next_to_its_question(tmp_path: Path, said: str) -> None:
    [row] = hits(of_items(tmp_path, NATURE), within(said.format(NATURE.question)))
    assert row["rule"] == "question+answer"


@pytest.mark.parametrize("said", ["{} In Section 2 we review it.", "As of 2 May. {}", "{} We ask. See Figure 2."])
def test_an_answer_of_one_token_elsewhere_says_nothing(tmp_path: Path, said: str) -> None:
    assert hits(of_items(tmp_path, NATURE), within(said.format(NATURE.question))) == []
    assert hits(of_items(tmp_path, FLAT), within(f"{FLAT.question} There is no consensus.")) == []


def test_an_answer_of_two_tokens_counts_near_its_question(tmp_path: Path) -> None:
    item = Item("", NATURE.question, (), "sterile neutrinos")
    assert hits(of_items(tmp_path, item), within(f"{item.question} We review it. They are sterile neutrinos.")) != []


@pytest.mark.parametrize(("holding", "of", "n"), [(5, 100, 1), (5, 499, 1), (5, 500, 0), (4, 4, 0)])
def test_an_item_that_many_documents_hold_is_told(tmp_path: Path, holding: int, of: int, n: int) -> None:
    step = of_items(tmp_path, LONG, SHORT)
    ids = [f"d{k}" for k in range(of)]
    texts = pa.array([LONG.question if k < holding else "Nothing." for k in range(of)], pa.large_string())
    documents = [pa.table({"doc_id": ids[a:b], "text": texts[a:b]}) for a, b in ((0, 2), (2, of))]
    parts = [Inputs({"documents": table}) for table in documents]
    warnings = step.fold([step.summary(part, {"hits": step.run(part)}) for part in parts])["warnings"]
    assert len(warnings) == n
    assert all(f"{holding} of {of} documents hold its item own.jsonl:1" in warning for warning in warnings)


def test_an_audit_leaves_out_what_it_can_never_find(tmp_path: Path) -> None:
    def checked(*items: Item) -> int:
        path = written(tmp_path / "b.jsonl", items)
        hashes = hashes_of_benchmark(Benchmark(name="B", items=(path,), adapter="plain"))
        return HashIndex(hashes).checked("B")["text"]

    assert checked(LONG, SHORT) == 2
    assert checked(LONG, SHORT, Item("", "Which mineral dominates the mantle of warm rocky planets?")) == 2


def test_a_dry_run_tells_what_the_items_cost(step: TextHits, tmp_path: Path) -> None:
    assert (
        f"looking for {len(ITEMS):,} items in all texts, by words and values, takes some 3 CPU minutes a GB"
        in step.costs()
    )
    many = [
        Item("", f"Which star number {n} is it of all that there are?", (), f"the star number {n}") for n in range(2000)
    ]
    assert (
        "looking for 2,000 items in all texts, by words and values, takes some 5 CPU minutes"
        in of_items(tmp_path, *many).costs()
    )


def test_only_items_count_for_the_identity(step: TextHits, tmp_path: Path) -> None:
    [benchmark] = step.benchmarks
    moved = written(tmp_path / "moved.jsonl")
    others = {"rule": "araa", "allow_unmatched": True, "mode": "mask", "sources": moved, "texts": (moved,)}
    same = benchmark.model_copy(update={"items": (moved,), **others})
    assert set(others) | {"name", "items", "adapter", "phrases"} == set(Benchmark.model_fields)
    for looks in (TextHits, RephrasedHits, RephrasedThresholds):
        assert looks(benchmarks=(same,)).identity() == looks(benchmarks=step.benchmarks).identity()
        named = benchmark.model_copy(update={"name": "C"})
        assert looks(benchmarks=(named,)).identity() != looks(benchmarks=step.benchmarks).identity()
    other = benchmark.model_copy(update={"items": (written(tmp_path / "other.jsonl", ITEMS[:4]),)})
    assert TextHits(benchmarks=(other,)).identity() != step.identity()
