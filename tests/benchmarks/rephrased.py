"""Rephrased questions: recall and false positives of the layer `rephrased`, and its speed.

    python -m tests.benchmarks.rephrased --texts TEXTS [--model model.onnx --tokenizer tokenizer.json]

TEXTS is a folder of Markdown (`astrocorpus extract PAPERS... --out-dir TEXTS`). Beside it `../shared` gives benchmarks whose questions were
rephrased, a line each, and titles, notices, chats and physics questions. 10,000 passages stand for what asks nothing of them:
questions of physics, strings of chats, notices, titles, passages of 80 and of 15 to 40 words.

Several meanings of a false positive are told, by which recall differs:

- pairs alone: a question and another question's rephrasing, of one benchmark (how FACTS measured it);
- pairs in the pool: a question and any text that is not its own, of all benchmarks and the passages;
- rows: a passage that any question of the benchmark reaches, as a run meets it, thresholds found on the passages themselves;
- rows, negatives that come with us: the threshold that a run has without any config, and what of the passages it lets through.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from curation.withhold.embedding import Embedder
from curation.withhold.rephrased import NEGATIVES, Finder, Question, Stretches, stretches_of, threshold_of

SHARED = Path(os.environ.get("ASTROCORPUS_SHARED", Path(__file__).parents[3] / "shared"))
POOL = 10_000
Scores = np.ndarray[Any, np.dtype[np.int64]]


def rephrased_sets() -> dict[str, list[tuple[str, str]]]:
    """Benchmark -> (question, its rephrasing); of questions without one nothing."""
    found = {}
    for path in sorted((SHARED / "benchmarks").glob("*_test.csv")):
        twin = path.with_name(f"{path.stem}_rephrase_english_filtered_question.jsonl")
        with path.open(encoding="utf-8", newline="") as file:
            questions = [record[0] for record in csv.reader(file)]
        said = [json.loads(line)["text"] for line in twin.read_text().splitlines()]
        found[path.stem.removesuffix("_test")] = [(q, r) for q, r in zip(questions, said, strict=True) if r.strip()]
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _rows(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def passages(texts: Path, count: int) -> list[str]:
    """Texts that ask nothing of the sets: the first of 10,000 in a fixed order."""
    rng = random.Random(1)
    long, short = [], []
    for path in sorted(texts.glob("*.md")):
        words = path.read_text().split()
        long += [" ".join(words[i : i + 80]) for i in range(0, len(words) - 79, 80)]
        at = 0
        while at < len(words) - 40:
            size = rng.randint(15, 40)
            short.append(" ".join(words[at : at + size]))
            at += size
    titles = [row["title"] for row in _rows(SHARED / "metadata" / "titles.jsonl.gz")]
    notices = [row["text"] for row in _rows(SHARED / "metadata" / "notices.jsonl.gz")]
    files = sorted((SHARED / "sft").glob("*.jsonl"))
    chats = [s for path in files for row in _rows(path) for s in _strings(row) if 5 <= len(s.split()) <= 200]
    physics = [row["question"] for path in (SHARED / "benchmarks").glob("mmlu_*.jsonl") for row in _rows(path)]
    for some in (long, short, titles, notices, chats):
        rng.shuffle(some)
    found = [*physics, *chats[:1000], *notices[:300], *long[:3000], *titles[:2500]]
    pool = [*found, *short][:POOL]
    rng.shuffle(pool)
    return pool[:count]


def row_scores(finder: Finder, stretches: Stretches, n_texts: int) -> Scores:
    """The best score of each text (row) with each question (column)."""
    best = np.zeros((n_texts, len(finder.questions) - 1), np.int64)
    for first, scores in finder.scores(stretches):
        np.maximum.at(best, stretches.rows[first : first + len(scores)], scores[:, :-1])
    return best


def at(negatives: Scores, share: float) -> int:
    """The lowest score that at most a share of some scores reaches."""
    return int(np.sort(negatives, axis=None)[-1 - int(share * negatives.size)]) + 1


def told(name: str, mine: Scores, of_set: slice, own: np.ndarray[Any, Any], flagged: Scores, finder: Finder) -> None:
    """The figures of a set.

    Args:
        mine: all rephrasings and passages with the set's questions. of_set: the rows of the set's own rephrasings.
        own: its own score of each. flagged: the best score of each passage.
    """
    alone = mine[of_set][~np.eye(len(own), dtype=bool)]
    mask = np.ones(mine.shape, bool)
    mask[range(of_set.start, of_set.stop), range(len(own))] = False
    for share in (0.005, 0.001):
        recall = [(own >= at(negatives, share)).mean() for negatives in (alone, mine[mask], flagged)]
        print(
            f"  {name}: at {share:.1%} recall {recall[0]:.3f} (pairs alone) {recall[1]:.3f} (pairs in the pool) {recall[2]:.3f} (rows)"
        )
    rank = (mine > own).sum(axis=0)
    print(
        f"  {name}: its rephrasing among the best 10 of {len(mine):,}: {(rank < 10).mean():.3f}, the best: {(rank < 1).mean():.3f}"
    )
    negatives = NEGATIVES.read_text().splitlines()
    threshold = threshold_of(finder, negatives, 0.005)
    print(
        f"  {name}: threshold of our negatives {threshold.score} ({threshold.flagged} of {threshold.negatives:,}): recall "
        f"{(own >= threshold.score).mean():.3f}, passages flagged {(flagged >= threshold.score).mean():.4%}"
    )


def measure(label: str, texts: Path, count: int, embedder: Embedder | None) -> None:
    """Print the figures of one way to score."""
    sets, others = rephrased_sets(), passages(texts, count)
    rephrasings = [said for pairs in sets.values() for _, said in pairs]
    rows = [*rephrasings, *others]
    print(f"{label}: {len(rephrasings)} rephrasings, {len(others):,} other passages")
    began = time.process_time()
    stretches = stretches_of(rows)
    print(f"  {len(stretches.rows):,} stretches: {time.process_time() - began:.1f} CPU s")
    first = 0
    for name, pairs in sets.items():
        began = time.process_time()
        questions = [Question(str(n), "question", question) for n, (question, _) in enumerate(pairs)]
        finder = Finder(questions, NEGATIVES.read_text().splitlines(), embedder)
        mine = row_scores(finder, stretches, len(rows))
        own = mine[np.arange(first, first + len(pairs)), np.arange(len(pairs))]
        flagged = mine[len(rephrasings) :].max(axis=1)
        told(name, mine, slice(first, first + len(pairs)), own, flagged, finder)
        print(f"  {name}: {(time.process_time() - began) / len(stretches.rows) * 1e3:.2f} CPU ms a stretch")
        first += len(pairs)


class Remembering(Embedder):
    """Embeds each text once for all sets."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        super().__init__(model, tokenizer)
        self._known: dict[str, Any] = {}

    def _vector(self, text: str) -> Any:
        if text not in self._known:
            self._known[text] = super()._vector(text)
        return self._known[text]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=POOL, help="fewer with a model, which takes 6 ms a stretch")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    given = parser.parse_args()
    measure("characters and words", given.texts, given.passages, None)
    if given.model and given.tokenizer:
        measure("with embeddings", given.texts, given.passages, Remembering(given.model, given.tokenizer))


if __name__ == "__main__":
    main()
