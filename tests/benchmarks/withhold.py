"""What a scan of text without hits costs against 15,000 items, beside datatrove's n-gram decontamination in the same run.

    python -m tests.benchmarks.withhold --texts TEXTS --peer-python VENV/bin/python

TEXTS is a folder of Markdown (`astrocorpus extract PAPERS... --out-dir TEXTS`); the items are titles of `../shared` as questions, in the
words of the texts, which is the worst case. VENV is an environment with `datatrove[processing]`, `spacy` and `pyarrow`. MB per CPU second of one process,
without reading the items; print the load of the machine beside them, and quote ratios.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("ASTROCORPUS_SHARED", Path(__file__).parents[3] / "shared"))
Row = dict[str, Any]


def items(count: int) -> list[Row]:
    """Questions about titles, with halves of two others as choices."""
    with gzip.open(SHARED / "metadata" / "titles.jsonl.gz", "rt") as file:
        titles = [title for line in file if len(title := json.loads(line)["title"].split()) >= 5]
    random.Random(1).shuffle(titles)
    made = []
    for n in range(count):
        asked, *others = titles[3 * n : 3 * n + 3]
        choices = [" ".join(half) for t in others for half in (t[: len(t) // 2], t[len(t) // 2 :])]
        made.append({"question": f"What is known about {' '.join(asked)}?", "choices": choices, "answer": choices[0]})
    return made


def rate(name: str, texts: list[str], scan: Callable[[list[str]], int]) -> None:
    """Print the rate of a scan. The first, of one text, compiles and loads."""
    scan(texts[:1])
    began = time.process_time()
    found = scan(texts)
    spent, size = time.process_time() - began, sum(len(text.encode()) for text in texts) / 1e6
    print(f"{name}: {size / spent:.2f} MB per CPU second ({size:.1f} MB), {found} found", flush=True)


def ours(file: Path, texts: list[str]) -> None:
    """The steps of a run, and what the text layer consists of."""
    import pyarrow as pa

    from curation.step import Inputs
    from curation.withhold.benchmark import Benchmark
    from curation.withhold.hash_hits import HashHits
    from curation.withhold.text_hits import TextHits, index_of
    from curation.withhold.tokens import tokens_of

    began = time.process_time()
    benchmarks = (Benchmark(name="B", items=(file,), adapter="plain"),)
    index = index_of(benchmarks)
    print(f"index of {len(index.entries):,} items: {time.process_time() - began:.1f} CPU s", flush=True)

    def column(given: list[str]) -> pa.Array:
        return pa.array(given, pa.large_string())

    def step(which: Any) -> Callable[[list[str]], int]:
        def scan(given: list[str]) -> int:
            rows = {
                "doc_id": [str(n) for n in range(len(given))],
                "title": column([""] * len(given)),
                "text": column(given),
            }
            inputs = {name: pa.table(rows).select(list(columns)) for name, columns in which.requires.items()}
            return int(which.run(Inputs(inputs)).num_rows)

        return scan

    rate("tokens", texts, lambda given: len(tokens_of(column(given)).starts))
    rate("candidates", texts, lambda given: len(index.candidates(column(given))[0]))
    rate("TextHits", texts, step(TextHits(benchmarks=benchmarks)))
    rate("HashHits", texts, step(HashHits(benchmarks=benchmarks)))


def peer(file: Path, texts: list[str]) -> None:
    """datatrove's filter over hashes that its indexer makes; the indexer's own run asks for lighteval."""
    import numpy as np
    from datatrove.data import Document  # type: ignore[import-not-found,unused-ignore]
    from datatrove.pipeline.decont.n_grams import (  # type: ignore[import-not-found,unused-ignore]
        NGramsDecontConfig,
        NGramsDecontFilter,
        NGramsDecontIndexer,
    )

    with tempfile.TemporaryDirectory() as folder:
        step = NGramsDecontFilter(folder, NGramsDecontConfig(find_query_ngrams=True))
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        hashes = {h for r in rows for h in NGramsDecontIndexer.compute_hashes(step, r["answer"], r["question"])}
        np.array(sorted(hashes), step.config.hash_config.np_descr).tofile(str(Path(folder) / "items.index.hashes"))
        rate(
            "datatrove",
            texts,
            lambda given: sum(step.filter(Document(text, str(n))) is not True for n, text in enumerate(given)),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--times", type=int, default=1, help="how often the texts are scanned")
    parser.add_argument("--items", type=int, default=15_000)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    texts = [path.read_text() for path in sorted(given.texts.glob("*.md"))] * given.times
    if given.peer:
        peer(given.peer, texts)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "items.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in items(given.items)))
        print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        ours(file, texts)
        if given.peer_python:
            command = [
                given.peer_python,
                "-P",
                __file__,
                "--texts",
                given.texts,
                "--times",
                str(given.times),
                "--peer",
                file,
            ]
            subprocess.run(list(map(str, command)), check=True, stderr=sys.stderr)


if __name__ == "__main__":
    main()
