"""Questions that ask the same over many papers: recall by level, what is lost wrongly, and CPU, beside datasketch in the same run.

    python -m tests.benchmarks.questions_alike [--questions 100000] [--parts 8] [--partitions 4]

Questions are planted (`tests.sft.asked_twice`): most of one template differ in a number or a word. Of twenty subjects one is asked again in
a way that is to be found, one in words of its own, and one in a way that asks another thing. The peer is MinHash-LSH of datasketch over
the words of a question (128 permutations), as general tools do it, at the threshold that is given: its candidates go unless they are
the first.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from typing import Any

from datasketch import MinHash, MinHashLSH

from curation.text import words
from tests.sft.asked_twice import FURTHER, OTHERS, SAME, Planted, another
from tests.sft.exchange_questions import doubles_of, edges_of, part_of

EVERY = 20


def planted(count: int) -> list[dict[str, Any]]:
    """Questions, each with the kind that it was planted as, in a shuffled order."""
    rows: list[dict[str, Any]] = []

    def add(n: int, kind: str, question: str, date: str) -> None:
        rows.append({"doc_id": f"{kind}-{n:07d}", "row_id": "c0/00", "question": question, "date": date})

    subjects = list(Planted(seed=1).subjects(count * EVERY // (EVERY + 3)))
    asked = {subject.asked() for subject in subjects}
    for n, subject in enumerate(subjects):
        add(n, "first", subject.asked(), "2010-01-01")
        turn = n // EVERY
        if n % EVERY == 0:
            add(n, level := SAME[turn % len(SAME)], subject.asked(level), "2020-01-01")
        elif n % EVERY == 1:
            add(n, FURTHER, subject.asked(FURTHER), "2020-01-01")
        elif n % EVERY == 2:
            question = another(subject, kind := OTHERS[turn % len(OTHERS)])
            if question not in asked:  # it may be that of another subject
                add(n, kind, question, "2020-01-01")
    random.Random(1).shuffle(rows)
    return rows


def told(name: str, rows: list[dict[str, Any]], gone: set[str], seconds: float) -> None:
    """Print what went, by kind."""
    there, went = Counter(r["doc_id"].split("-")[0] for r in rows), Counter(d.split("-")[0] for d in gone)
    print(f"{name}: {seconds:.1f} CPU s, {1e6 * seconds / len(rows):.0f} us a question")
    print("  found: " + ", ".join(f"{level} {went[level] / max(there[level], 1):.3f}" for level in (*SAME, FURTHER)))
    wrong = [(kind, went[kind], there[kind]) for kind in ("first", *OTHERS)]
    print("  lost wrongly: " + ", ".join(f"{kind} {n:,} of {of:,}" for kind, n, of in wrong))
    right = sum(went[level] for level in (*SAME, FURTHER))
    print(
        f"  precision {right / max(len(gone), 1):.4f}, recall {sum(went[k] for k in SAME) / sum(there[k] for k in SAME):.4f}"
    )


def ours(rows: list[dict[str, Any]], parts: int, partitions: int) -> None:
    split = [part_of(rows[n::parts]) for n in range(parts)]
    doubles_of(split[:1])  # compiled
    began = time.process_time()
    gone = set(doubles_of(split, partitions)["doc_id"].to_pylist())
    told(f"{parts} parts, {partitions} partitions", rows, gone, time.process_time() - began)
    print(f"  edges: {edges_of(split, partitions).num_rows:,}")


def peer(rows: list[dict[str, Any]], threshold: float) -> None:
    began = time.process_time()
    index = MinHashLSH(threshold=threshold, num_perm=128)
    gone: set[str] = set()
    for row in sorted(rows, key=lambda row: (row["date"], row["doc_id"])):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([word.encode() for word in words(row["question"])])
        if index.query(sketch):
            gone.add(row["doc_id"])
        else:
            index.insert(row["doc_id"], sketch)
    told(f"datasketch at {threshold}", rows, gone, time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--partitions", type=int, default=4)
    given = parser.parse_args()
    rows = planted(given.questions)
    print(f"{len(rows):,} questions")
    ours(rows, given.parts, given.partitions)
    for threshold in (0.7, 0.9):
        peer(rows, threshold)


if __name__ == "__main__":
    main()
