"""What masks leave of items: nothing that is found in a text again."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.release.masking import masked, passages_of
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_of_benchmark
from curation.withhold.items import Item
from curation.withhold.rephrased_hits import MAX_ITEMS, RephrasedHits, RephrasedThresholds
from curation.withhold.text_hits import TextHits
from tests.withhold.plants import CLEAN, ITEMS, LONG, PASSAGE, SHORT, SOLVED, as_exam, misread

WHOLE = Item("", LONG.question, LONG.choices, LONG.answer, SOLVED.answer, PASSAGE.passage)
"""One with all parts."""


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    path = tmp_path_factory.mktemp("masked") / "b.jsonl"
    keys = ("question", "choices", "answer", "explanation", "passage")
    path.write_text("".join(json.dumps({key: getattr(i, key) for key in keys}) + "\n" for i in [*ITEMS[1:], WHOLE]))
    return Benchmark(name="B", items=(path,), adapter="plain", mode="mask")


def hits(benchmark: Benchmark, text: str) -> pa.Table:
    documents = pa.table({"doc_id": ["d"], "text": pa.array([text], pa.large_string())})
    return TextHits(benchmarks=(benchmark,)).run(Inputs({"documents": documents}))


def left(benchmark: Benchmark, text: str) -> str:
    """What is released of a text, in which the run finds no item again."""
    places = passages_of(hits(benchmark, text), ["B"]).get("d", ())
    made = masked(text, None, places)[0] if places else text
    assert hits(benchmark, made).to_pylist() == []
    return made


NEXT = f"{CLEAN}\n\n{LONG.question}\n\nFew words are between.\n\n{LONG.question}\n\n{CLEAN}"
FAR = f"{LONG.question}\n\n{CLEAN * 8}\n\n{LONG.question}\n\n{CLEAN}"
LISTED = "\n".join(["1. " + c for c in LONG.choices])
PARTS = {
    "twice, near": (NEXT, [LONG.question]),
    "twice, far": (FAR, [LONG.question]),
    "a short one thrice": ("\n\n".join([as_exam(SHORT), CLEAN * 3] * 3), [SHORT.question, *SHORT.choices]),
    "twice with one answer between": (
        f"{CLEAN}\n\n{SHORT.question}\n\n{SHORT.answer}.\n\n{SHORT.question}\n\n{CLEAN}",
        [SHORT.question, str(SHORT.answer)],
    ),
    "answer before and behind": (
        f"{CLEAN}\n\n{SHORT.answer}.\n\n{SHORT.question}\n\n{SHORT.answer}.\n\n{CLEAN}",
        [SHORT.question, str(SHORT.answer)],
    ),
    "passage, then question": (
        f"{PASSAGE.passage}\n\n{LONG.question}\n\n{CLEAN}",
        [LONG.question, str(PASSAGE.passage)],
    ),
    "passage far from question": (
        f"{PASSAGE.passage}\n\n{CLEAN * 8}\n\n{LONG.question}\n\n{SOLVED.answer}",
        [LONG.question, str(PASSAGE.passage), str(SOLVED.answer)],
    ),
    "question with two choices": (
        f"{CLEAN}\n\n{LONG.question}\n\n{LONG.choices[0]}\n\n{LONG.choices[2]}\n\nAnother one.\n\n{CLEAN}",
        [LONG.question, LONG.choices[0], LONG.choices[2]],
    ),
    "brought together": (
        f"{SHORT.question}\n\n{LONG.question}\n\n{LONG.question}\n\n{SHORT.answer}\n\n{CLEAN}",
        [SHORT.question, LONG.question, str(SHORT.answer)],
    ),
    "choices before": (f"{CLEAN}\n\n{LISTED}\n\n{LONG.question}\n\n{CLEAN}", [LONG.question, *LONG.choices]),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_mask_takes_every_place_of_every_part_of_an_item(benchmark: Benchmark, case: str) -> None:
    text, parts = PARTS[case]
    made = left(benchmark, text)
    assert [part for part in parts if part in made] == []
    assert [m for m in HashIndex(hashes_of_benchmark(benchmark)).by_fields(Hashed(made)) if m.found] == []
    assert "We present spectroscopy of forty candidate members of the cluster" in made


def test_noise_leaves_nothing_that_is_found(benchmark: Benchmark) -> None:
    for seed in range(12):
        exam = misread(as_exam(LONG), seed, 0.03)
        made = left(benchmark, f"{CLEAN}\n\n{exam}\n\n{CLEAN}\n\n{exam}\n\n{as_exam(LONG)}\n\n{CLEAN}")
        assert LONG.question not in made


PIECES = [CLEAN, LONG.question, *LONG.choices, str(PASSAGE.passage), str(SOLVED.answer), SHORT.question, *SHORT.choices]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14), st.sampled_from(["\n\n", "\n", " "]))
def test_whatever_is_put_together_nothing_is_found_in_what_is_left(
    benchmark: Benchmark, pieces: list[str], between: str
) -> None:
    made = left(benchmark, between.join(pieces))
    if between == "\n\n":
        assert made.count(CLEAN.strip()) == pieces.count(CLEAN)


QUESTIONS = {
    "near": "Which gas makes the clouds of a distant warm giant planet look blue in pictures of it?",
    "far": "Why do the rings of old icy moons grow thinner with every year that passes by?",
}


def test_a_rephrased_question_that_stands_twice_goes_twice_and_with_it_all_items_past_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    asked = [f"A ball is thrown upwards at {n} m/s. How high does it rise?" for n in range(3, 40)]
    path.write_text("question,answer\n" + "\n".join(f'"{q}",1' for q in [*asked, *QUESTIONS.values()]))
    step = RephrasedHits(benchmarks=(Benchmark(name="B", items=(path,), adapter="plain", mode="mask"),))
    ball = "How high does a ball rise that is thrown upwards at 21 m/s?"
    other = "Why is it that around icy moons which are old the rings get thinner year by year?"
    text = f"{ball}\n\nIt was a fine day.\n\n{other}\n\nThe baker came.\n\n{ball}\n\n{other}\n\nWe went home."
    documents = pa.table({"doc_id": ["d"], "text": pa.array([text], pa.large_string())})
    thresholds = RephrasedThresholds(benchmarks=step.benchmarks).run(Inputs({}))
    found = step.run(Inputs({"documents": documents, "rephrased_thresholds": thresholds}))
    assert found["entry"].to_pylist()[MAX_ITEMS:] == ["items.csv:39"]
    made = masked(text, None, passages_of(found, ["B"])["d"])[0]
    assert made == "[withheld]\n\nIt was a fine day.\n\n[withheld]\n\nThe baker came.\n\n[withheld]\n\nWe went home."
