"""The text layer on real items and papers: what is planted is found, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.release.masking import masked
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_table, item_rows
from curation.withhold.index import TextIndex
from curation.withhold.items import Item
from curation.withhold.text_hits import hit_rows, index_of
from curation.withhold.tokens import SHORT, tokens
from tests.withhold.plants import misread

SETS = {
    "algebra": "abstract_algebra_test.csv",
    "sociology": "sociology_test.csv",
    "college": "mmlu_college_physics.jsonl",
    "conceptual": "mmlu_conceptual_physics.jsonl",
}
AROUND = 1200
"""Characters of a paper before a plant, and behind it."""


@lru_cache(maxsize=1)
def papers_of(shared: Path) -> tuple[str, ...]:
    folders = sorted(folder for folder in (shared / "papers").iterdir() if folder.is_dir())
    texts = ["".join(p.read_text(errors="ignore") for p in sorted(f.rglob("*.tex"))) for f in folders]
    return tuple(text for text in texts if len(text) > 4 * AROUND)


@pytest.fixture
def papers(shared: Path) -> tuple[str, ...]:
    made = papers_of(shared)
    assert len(made) >= 20
    return made


@pytest.fixture
def index(shared: Path) -> TextIndex:
    """All sets in one run."""
    files = {name: shared / "benchmarks" / file for name, file in SETS.items()}
    made = index_of([Benchmark(name=name, items=(path,), adapter="mmlu") for name, path in files.items()])
    assert len(made.entries) == 632 and not made.untold
    return made


def hits(index: TextIndex, texts: Sequence[str]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    ids = pa.array([str(n) for n in range(len(texts))])
    for row in hit_rows(index, ids, pa.array(texts, pa.large_string())):
        found.setdefault(int(row["doc_id"]), []).append(row)
    return found


def with_choices(item: Item) -> str:
    return "\n".join([item.question, *item.choices])


def with_answer(item: Item) -> str:
    return f"{item.question}\n{item.answer}"


def planted(papers: Sequence[str], plants: Sequence[str]) -> Iterator[str]:
    rng = random.Random(len(plants))
    for plant in plants:
        paper = papers[rng.randrange(len(papers))]
        at = rng.randrange(AROUND, len(paper) - AROUND)
        yield f"{paper[at - AROUND : at]}\n\n{plant}\n\n{paper[at : at + AROUND]}"


def missed(index: TextIndex, name: str, papers: Sequence[str], said: Callable[[Item, int], str]) -> list[str]:
    items = [entry.item for entry in index.entries if entry.benchmark == name]
    found = hits(index, list(planted(papers, [said(item, n) for n, item in enumerate(items)])))
    told = {(row["mark"], row["entry"], n) for n, rows in found.items() for row in rows}
    return [item.item_id for n, item in enumerate(items) if (name, item.item_id, n) not in told]


@pytest.mark.parametrize("form", [with_choices, with_answer])
@pytest.mark.parametrize("name", SETS)
def test_every_item_is_found_in_a_paper(
    index: TextIndex, papers: tuple[str, ...], name: str, form: Callable[[Item], str]
) -> None:
    assert missed(index, name, papers, lambda item, n: form(item)) == []


@pytest.mark.parametrize("form", [with_choices, with_answer])
@pytest.mark.parametrize("name", SETS)
def test_of_items_with_one_character_in_twenty_misread_at_most_one_in_twenty_is_missed(
    index: TextIndex, papers: tuple[str, ...], name: str, form: Callable[[Item], str]
) -> None:
    lost = [missed(index, name, papers, lambda item, n: misread(form(item), 1000 * seed + n)) for seed in range(2)]  # noqa: B023
    of_all = 2 * sum(entry.benchmark == name for entry in index.entries)
    assert sum(map(len, lost)) <= 0.05 * of_all, lost


def test_no_paper_and_no_passage_of_one_holds_an_item(index: TextIndex, papers: tuple[str, ...]) -> None:
    assert hits(index, papers) == {}
    rng, words = random.Random(3), [paper.split() for paper in papers]
    chosen = (words[rng.randrange(len(words))] for _ in range(5000))
    passages = [" ".join(w[at : at + 80]) for w in chosen for at in [rng.randrange(len(w) - 80)]]
    assert hits(index, passages) == {}


def test_a_chat_that_asks_a_short_question_and_says_the_right_choice_is_found_and_no_passage(
    index: TextIndex, papers: tuple[str, ...]
) -> None:
    items = {(e.benchmark, e.item.item_id): e.item for e in index.entries if len(e.question.tokens) <= SHORT}
    hashes = HashIndex(hashes_table(row for (name, _), item in items.items() for row in item_rows(name, item)))

    def finds(text: str) -> set[tuple[str, str]]:
        return {(m.benchmark, m.entry) for m in hashes.by_fields(Hashed(text), of_pair=True) if m.found}

    seen = sum(key in finds(f"{item.question}\n\n{item.answer}") for key, item in items.items())
    assert (len(items), seen) == (439, 404), (
        "others are of fewer than 5 tokens, or short with an answer of one token, or formulas"
    )
    rng, words = random.Random(4), [paper.split() for paper in papers]
    chosen = (words[rng.randrange(len(words))] for _ in range(5000))
    passages = [" ".join(w[at : at + 80]) for w in chosen for at in [rng.randrange(len(w) - 80)]]
    assert [passage for passage in passages if finds(passage)] == []


def formulas_of(papers: Sequence[str]) -> list[str]:
    return [piece for paper in papers for piece in paper.split("$") if 5 < len(piece) < 200 and "\\" in piece]


def coincidence(rng: random.Random, item: Item) -> str:
    """What a text may share with an item by chance: its choices, a run of its signs, its first words, or a third of it."""
    words = item.question.split()
    at = rng.randrange(len(words))
    return rng.choice(
        [
            "\n".join(item.choices),
            " ".join(word for word in words if len(word) <= 2),
            " ".join(words[at : at + 5]),
            f"{' '.join(words[:6])} of this work",
            " ".join(words[: len(words) // 3]),
            f"{item.answer}.",
        ]
    )


def test_documents_of_equations_with_coincidences_hold_no_item(index: TextIndex, papers: tuple[str, ...]) -> None:
    rng, formulas = random.Random(9), formulas_of(papers)
    assert len(formulas) > 5000
    able = (e.item for e in index.entries if len(e.question.tokens) >= 12)
    items = [item for item in able if all(len(tokens(choice)) <= SHORT for choice in item.choices)]
    texts = []
    for _ in range(200):
        lines = [f"${formula}$" for formula in rng.sample(formulas, 120)]
        lines[::10] = [coincidence(rng, item) for item in rng.sample(items, 12)]
        texts.append("\n\n".join(lines))
    assert {n: [(r["entry"], r["rule"], r["evidence"]) for r in rows] for n, rows in hits(index, texts).items()} == {}


def test_masks_leave_no_item_in_a_paper(index: TextIndex, papers: tuple[str, ...]) -> None:
    items = [entry.item for entry in index.entries][::4]
    texts = list(planted(papers, [with_choices(item) for item in items]))
    found = hits(index, texts)
    assert len(found) == len(items)
    places = {n: [(s["start"], s["end"]) for row in rows for s in row["spans"]] for n, rows in found.items()}
    left = [masked(texts[n], None, mine)[0] for n, mine in sorted(places.items())]
    assert hits(index, left) == {}
    assert [item.item_id for item, text in zip(items, left, strict=True) if item.question in text] == []
