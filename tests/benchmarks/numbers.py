"""The layer `numbers`: how many numeric questions are found in other words, how many papers are, and at what speed.

    python -m tests.benchmarks.numbers PAPERS [--items 12000]

PAPERS is a folder of .tex or .md files. Items are drawn (`tests/withhold/numeric_items.py`); each is written in other words in the
middle of a stretch of the papers.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from curation.withhold.number_match import NumberIndex
from tests.withhold.numeric_items import numeric_items


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--items", type=int, default=12_000, help="drawn to look for in the papers")
    parser.add_argument("--planted", type=int, default=100)
    asked = parser.parse_args()
    files = sorted(path for kind in ("*.tex", "*.md") for path in asked.papers.rglob(kind))
    papers = [path.read_text(errors="ignore") for path in files]
    index = NumberIndex({"drawn": [item for item, _ in numeric_items(asked.items, seed=1)]})
    start = time.process_time()
    flagged = [sum(1 for _ in index.held(text)) for text in papers]
    took = time.process_time() - start
    size = sum(len(text.encode()) for text in papers)
    print(
        f"{asked.items:,} items, {len(papers)} papers of {size / 1e6:.1f} MB: {sum(map(bool, flagged))} papers flagged"
    )
    print(f"{size / 1e6 / took:.1f} MB/s of one core")
    passages = [
        " ".join(words[n : n + 80]) for text in papers for words in [text.split()] for n in range(0, len(words), 40)
    ]
    found = sum(any(True for _ in index.held(passage)) for passage in passages)
    print(f"{len(passages):,} passages of 80 words: {found} flagged")
    rng, around = random.Random(0), max(papers, key=len)
    made = list(numeric_items(asked.planted))
    own = NumberIndex({"planted": [item for item, _ in made]})
    hits = 0
    for item, said in made:
        at = rng.randrange(max(1, len(around) - 5000))
        text = f"{around[at : at + 2500]}\n\n{said}\n\n{around[at + 2500 : at + 5000]}"
        hits += item.item_id in {held.item.item.item_id for held in own.held(text)}
    print(f"{hits} of {asked.planted} items in other words are found")


if __name__ == "__main__":
    main()
