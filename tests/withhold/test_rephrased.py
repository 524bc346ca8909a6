from __future__ import annotations

import random
from functools import lru_cache

import pyarrow as pa
import pytest

from curation.errors import ConfigError, RunError
from curation.joins import Join, Kind
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.items import Item, read_files
from curation.withhold.rephrased import (
    NEGATIVES,
    REPHRASED,
    Finder,
    Question,
    Rephrased,
    questions_of,
    stretches_of,
    threshold_of,
)
from curation.withhold.rephrased_hits import MAX_ITEMS, REPHRASED_THRESHOLDS, RephrasedHits, RephrasedThresholds
from schemas import DOCUMENTS, HITS

ITEMS = (
    ("Why does the rotation curve of a spiral galaxy stay flat far from its centre?", "dark matter", "a bar", "dust"),
    ("Which line of neutral hydrogen is used to map cold gas in galaxies?", "21 cm", "Lyman alpha", "H alpha"),
    ("Two stars of equal mass orbit each other in 12 days. What is their separation?", "0.1 au", "1 au", "10 au"),
)
ASKED = "What keeps the rotation curves of spiral galaxies flat at large distances from the centre?"
CHAT = (
    "user: Hello, I need help with my homework, it is due tomorrow. Please answer with one letter.\n\n"
    f"{ASKED}\n(a) dust (b) dark matter\n\nassistant: (b)"
)
OTHER = "user: Write a friendly mail to my landlord.\nassistant: Dear Mr Weber, the heating is broken again."


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    path = tmp_path_factory.mktemp("items") / "items.csv"
    path.write_text("question,A,B,C\n" + "\n".join(f'"{q}",{a},{b},{c}' for q, a, b, c in ITEMS))
    return Benchmark(name="B", items=(path,), adapter="plain")


@lru_cache
def thresholds(benchmark: Benchmark) -> pa.Table:
    return RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))


def documents(texts: list[str | None]) -> pa.Table:
    rows = ({"doc_id": f"d{n}", "status": "ok", "text": text} for n, text in enumerate(texts))
    return DOCUMENTS.rows(rows)


def run(benchmark: Benchmark, texts: list[str | None], **how: object) -> tuple[RephrasedHits, Inputs, pa.Table]:
    step = RephrasedHits(benchmarks=(benchmark,), rephrased=Rephrased(**how))
    inputs = Inputs({"documents": documents(texts), REPHRASED_THRESHOLDS.name: thresholds(benchmark)})
    return step, inputs, step.run(inputs)


def test_a_question_in_other_words_is_found_inside_a_chat(benchmark):
    _, _, hits = run(benchmark, [OTHER, CHAT, None, ""])
    (hit,) = hits.to_pylist()
    assert (hit["doc_id"], hit["mark"], hit["layer"], hit["rule"]) == ("d1", "B", "rephrased", "question")
    assert hit["entry"] == "items.csv:1" and hit["row_id"] == "rephrased/0000"
    (span,) = hit["spans"]
    assert CHAT[span["start"] : span["end"]].startswith(ASKED[:-1])
    assert ITEMS[0][0] in hit["evidence"] and ASKED[:-1] in hit["evidence"]
    assert hit["score"] == int(hit["score"]) and 250 <= hit["score"] <= 1000


def test_spans_count_bytes(benchmark):
    _, _, hits = run(benchmark, [f"Frage für Ähnliches: ÄÖÜ.\n{ASKED}"])
    (span,) = hits["spans"].to_pylist()[0]
    assert f"Frage für Ähnliches: ÄÖÜ.\n{ASKED}".encode()[span["start"] : span["end"]].decode() == ASKED


def test_long_rows_are_looked_into_when_that_is_asked_only(benchmark):
    long = f"{OTHER * 30} {ASKED} {OTHER * 30}"
    assert run(benchmark, [long])[2].num_rows == 0
    (hit,) = run(benchmark, [long], documents=True)[2].to_pylist()
    assert hit["entry"] == "items.csv:1"
    assert run(benchmark, [long], max_words=len(long.split()))[2].num_rows == 1
    assert run(benchmark, [long], max_words=len(long.split()) - 1)[2].num_rows == 0


def test_texts_that_are_cut_in_turns_have_the_same_hits(benchmark, monkeypatch):
    texts = [CHAT, OTHER, f"{OTHER} {CHAT}", OTHER * 3, CHAT]
    together = run(benchmark, texts)[2]
    assert together["doc_id"].to_pylist() == ["d0", "d2", "d4"]
    monkeypatch.setattr("curation.withhold.rephrased_hits._BATCH_BYTES", len(CHAT) + len(OTHER))
    assert run(benchmark, texts)[2].equals(together)


def test_a_text_of_one_endless_word_is_not_short(benchmark):
    step, inputs, hits = run(benchmark, ["A" * 40_000, OTHER])
    assert step.summary(inputs, {"hits": hits})["looked_at"] == 1


def test_hits_do_not_depend_on_what_else_is_in_the_part_or_named(benchmark, tmp_path):
    alone = run(benchmark, [CHAT])[2].drop_columns(["doc_id"])
    many = run(benchmark, [OTHER] * 600 + [CHAT])[2]
    assert many["doc_id"].to_pylist() == ["d600"]
    assert many.drop_columns(["doc_id"]).equals(alone)
    second = benchmark.model_copy(update={"name": "A"})
    step = RephrasedHits(benchmarks=(benchmark, second))
    both = RephrasedThresholds(benchmarks=(benchmark, second)).run(Inputs({}))
    found = step.run(Inputs({"documents": documents([CHAT]), REPHRASED_THRESHOLDS.name: both})).to_pylist()
    assert [(hit["mark"], hit["row_id"]) for hit in found] == [("A", "rephrased/0000"), ("B", "rephrased/0001")]
    assert {hit["score"] for hit in found} == set(alone["score"].to_pylist())


def test_a_text_tells_its_best_items_only(tmp_path):
    path = tmp_path / "items.csv"
    rows = (f'"A ball is thrown upwards at {n} m/s. How high does it rise?",{n}' for n in range(3, 40))
    path.write_text("question,answer\n" + "\n".join(rows))
    benchmark = Benchmark(name="B", items=(path,), adapter="plain")
    hits = run(benchmark, ["How high does a ball rise that is thrown upwards at 21 m/s?"])[2].to_pylist()
    assert len(hits) == MAX_ITEMS
    assert hits[0]["entry"] == "items.csv:19"
    assert [h["score"] for h in hits] == sorted((h["score"] for h in hits), reverse=True)


def test_a_run_says_what_was_looked_at_and_what_the_threshold_lets_through(benchmark):
    step, inputs, hits = run(benchmark, [OTHER, CHAT, "word " * 400, None])
    part = step.summary(inputs, {"hits": hits})
    (join,) = (Join.from_json(told) for told in step.fold([part, part])["joins"])
    assert (join.kind, join.name) == (Kind.REPHRASED, "B")
    assert (join.papers.count, join.papers.matched) == (4, 2)
    assert (join.given.count, join.given.matched) == (3, 1)
    row = inputs[REPHRASED_THRESHOLDS.name].to_pylist()[0]
    assert (
        f"from {row['threshold']} of 1,000 on, as {row['flagged']} of {row['negatives']:,} negatives" in join.given.what
    )
    assert step.fold([part, part])["thresholds"]["B"]["threshold"] == row["threshold"]
    assert join.warning() is None and Join.from_json(step.fold([part])["joins"][0]).papers.matched == 1


def test_at_most_the_stated_share_of_the_negatives_reaches_the_threshold():
    negatives = [line for line in NEGATIVES.read_text().splitlines() if line]
    finder = Finder([Question(f"{n}", "question", q) for n, (q, *_) in enumerate(ITEMS)], negatives, None)
    best = finder.best(stretches_of(negatives), len(negatives))
    strict, loose = (threshold_of(finder, negatives, share) for share in (0.001, 0.2))
    assert strict.flagged == (best >= strict.score).sum() <= 0.001 * len(negatives)
    assert strict.negatives == len(negatives)
    if strict.score > 250:  # and it is the lowest such score
        assert (best >= strict.score - 1).sum() > int(0.001 * len(negatives))
    assert loose.score == 250  # the floor
    hard = [*(q.replace("?", " in words?") for q, *_ in ITEMS), *negatives[:97]]
    one, three = (threshold_of(finder, hard, share) for share in (0.01, 0.03))
    assert (one.flagged, three.flagged) == (1, 3) and one.score > three.score


def test_negatives_that_cannot_tell_stop_the_run():
    finder = Finder([Question("1", "question", ITEMS[0][0])], [], None)
    with pytest.raises(ConfigError, match=r"100 texts cannot show a share of 0.005 .* give at least 200"):
        threshold_of(finder, ["x y z w"] * 100, 0.005)
    with pytest.raises(ConfigError, match="more than 1 of 200 ask a question of the benchmark word for word"):
        threshold_of(finder, [ITEMS[0][0]] * 2 + ["nothing of this kind"] * 198, 0.005)


def test_the_fixed_question_is_found_in_every_run_or_the_run_stops(benchmark, tmp_path):
    step = RephrasedThresholds(benchmarks=(benchmark,))
    made = step.run(Inputs({}))
    told = step.summary(Inputs({}), {REPHRASED_THRESHOLDS.name: made})
    assert told["rephrased"]["B"]["self_test"] >= told["rephrased"]["B"]["threshold"]
    step.guard(told)
    told["rephrased"]["B"]["self_test"] = told["rephrased"]["B"]["threshold"] - 1
    with pytest.raises(RunError, match="rephrased questions would pass"):
        step.guard(told)
    assert run(benchmark, [REPHRASED])[2].num_rows == 0  # it is no item of the benchmark


def test_questions_that_do_not_tell_their_item_are_taken_with_their_choices():
    items = [
        Item("f:1", "Which is true?", ("Stars are hot.", "Stars are cold.")),
        Item("f:2", "Which of these statements is true?", ("Comets have tails.", "Comets are stars.")),
        Item("f:3", "Which of these statements is TRUE?", (), "Moons orbit planets."),
        Item("f:4", "Which of these moons has an atmosphere?", ("Titan", "Io")),
        Item("f:5", "Why?", ()),
        Item("f:6", "Black is the combination of", ("all colours", "no light")),
        Item("f:7", "General relativity predicts that", ("light bends", "light stops")),
        Item("f:8", "Black holes evaporate by radiation of", ("photons", "stars")),
        Item("f:9", "Which one of these is a star?", ("Vega", "Io")),
    ]
    questions, aside = questions_of(items)
    assert [(q.entry, q.rule) for q in questions] == [
        ("f:1", "question+choices"),
        ("f:2", "question+choices"),
        ("f:3", "question+choices"),
        ("f:4", "question"),
        ("f:6", "question+choices"),
        ("f:7", "question+choices"),
        ("f:8", "question"),
        ("f:9", "question+choices"),
    ]
    assert aside == ["f:5"]
    assert questions[2].text == "Which of these statements is TRUE? Moons orbit planets."
    assert questions[3].text == items[3].question
    assert questions[4].text == "Black is the combination of all colours no light"


def test_stretches_are_lines_sentences_and_neighbours():
    one, two = "One two three four five six seven eight nine.", "Ten eleven twelve one two three four five six!"
    last = "four five six seven eight nine ten eleven twelve one"
    text = f"{one} {two} Three\n{last}"
    found = stretches_of([text])
    said = {found.said(n) for n in range(len(found.rows))}
    assert said == {
        one,
        two,
        f"{one} {two}",
        f"{two} Three",
        f"{one} {two} Three",
        f"Three\n{last}",
        last,
        text,
    }
    parts = stretches_of([text], whole=[False])
    assert {parts.said(n) for n in range(len(parts.rows))} == said - {text}


def test_of_a_short_text_the_whole_is_looked_at_and_of_a_shorter_one_nothing():
    found = stretches_of(
        ["Three stars. More here.", "So what?", "", "Why is light?", "One two three four. Five six seven eight."]
    )
    assert [(int(row), found.said(n)) for n, row in enumerate(found.rows)] == [
        (0, "Three stars. More here."),
        (3, "Why is light?"),
        (4, "One two three four. Five six seven eight."),
    ]


def test_a_stretch_without_a_word_of_a_subject_is_not_looked_at():
    found = stretches_of(["It follows from (2) and (3).\n(3) and (5) with (7, 2) x (1, 4).", "(3) and (5) of 2015."])
    said = [found.said(n) for n in range(len(found.rows))]
    assert said and all(one.startswith("It follows") for one in said)


def test_a_dry_run_tells_what_all_documents_cost(benchmark):
    def costs(**how: object) -> str | None:
        return RephrasedHits(benchmarks=(benchmark,), rephrased=Rephrased(**how)).costs()

    assert costs() is None
    assert "3 questions in every document takes some 0.5 CPU hours a GB" in str(costs(documents=True))


def test_both_files_of_a_model_go_together(tmp_path):
    with pytest.raises(ValueError, match="go together"):
        Rephrased(model=tmp_path / "m.onnx")


def test_identity_knows_what_counts_and_nothing_else(benchmark, tmp_path):
    def identity(**how: object) -> tuple[object, object]:
        given = {"benchmarks": (benchmark,), "rephrased": Rephrased(**how)}
        return RephrasedThresholds(**given).identity(), RephrasedHits(**given).identity()

    found, hits = identity()
    assert identity(max_words=10)[0] == found and identity(max_words=10)[1] != hits
    assert identity(max_false_positives=0.1)[0] != found and identity(max_false_positives=0.1)[1] == hits
    own = tmp_path / "own.txt"
    own.write_bytes(NEGATIVES.read_bytes() + b"One more.\n")
    assert identity(negatives=own)[0] != found and identity(negatives=own)[1] != hits


def test_benchmarks_with_items_are_looked_for(benchmark):
    withhold = Withhold(benchmarks=(benchmark, Benchmark(name="A", rule="araa")))
    steps = {step.name: step for step in withhold.steps()}
    assert steps["rephrased_hits"].benchmarks == (benchmark,)
    assert steps["rephrased_hits"].provides is HITS
    assert "rephrased_hits" not in {s.name for s in Withhold(benchmarks=(Benchmark(name="A", rule="araa"),)).steps()}


def test_few_passages_of_papers_ask_a_question_by_chance(shared) -> None:
    words = [path.read_text(errors="ignore").split() for path in sorted((shared / "papers").rglob("*.tex"))]
    rng = random.Random(3)
    long = [own for own in words if len(own) > 500]
    passages = [
        " ".join(own[at : at + 80]) for own in rng.choices(long, k=5000) for at in [rng.randrange(len(own) - 80)]
    ]
    items = read_files((shared / "benchmarks" / "mmlu_conceptual_physics.jsonl",), "mmlu")
    negatives = tuple(line for line in NEGATIVES.read_text().splitlines() if line.strip())
    finder = Finder(questions_of(items)[0], negatives, None)
    threshold = threshold_of(finder, negatives, Rephrased().max_false_positives).score
    assert (finder.best(stretches_of(passages), len(passages)) >= threshold).sum() <= 0.0005 * len(passages)
