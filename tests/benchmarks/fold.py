"""Records folded into a snapshot of generated lines, beside reading its lines as JSON in the same run: time and memory.

python -m tests.benchmarks.fold --lines 3200000 --changed 32000
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from curation.sources.fold import fold, packed
from curation.sources.text_file import numbered_lines

WORDS = [
    "the",
    "of",
    "a",
    "galaxy",
    "redshift",
    "survey",
    "we",
    "find",
    "that",
    "mass",
    "stellar",
    "with",
    "emission",
    "in",
    "dark",
    "matter",
    "spectra",
    "cluster",
]


def record(number: int, day: str, chosen: random.Random) -> dict[str, object]:
    month, place = divmod(number, 15_000)
    return {
        "id": f"{15 + month // 12:02d}{month % 12 + 1:02d}.{place + 1:05d}",
        "submitter": "A. Submitter",
        "authors": "A. One, B. Two, C. Three",
        "title": " ".join(chosen.choices(WORDS, k=10)),
        "comments": None,
        "categories": "astro-ph.GA",
        "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "abstract": " ".join(chosen.choices(WORDS, k=150)),
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": day,
        "authors_parsed": [["One", "A.", ""], ["Two", "B.", ""], ["Three", "C.", ""]],
    }


def located(path: Path) -> Iterator[tuple[str, bytes]]:
    return ((f"line {number}", line) for number, line in numbered_lines(path))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--changed", type=int, default=2_000)
    given = parser.parse_args()
    chosen = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        path, made = Path(name) / "snapshot.jsonl.zst", Path(name) / "new.jsonl.zst"
        with path.open("wb") as file, packed(file, path.name) as sink:
            for number in range(given.lines):
                sink.write(json.dumps(record(number, "2020-01-01", chosen)).encode() + b"\n")
        numbers = chosen.sample(range(given.lines), given.changed)
        updates = [(f"{n}", json.dumps(record(n, "2024-01-01", chosen)).encode()) for n in numbers]
        began, before = time.perf_counter(), peak_mb()
        read = sum(bool(json.loads(line)) for _, line in numbered_lines(path))
        plain = time.perf_counter() - began
        began = time.perf_counter()
        with made.open("wb") as file, packed(file, made.name) as sink:
            counts = fold(located(path), updates, sink)
        folded = time.perf_counter() - began
        print(f"{read:,} lines, {path.stat().st_size / 2**20:,.0f} MiB packed; {dict(counts)}")
        print(f"json.loads of each line {plain:,.1f} s, fold {folded:,.1f} s ({folded / plain:.1f} times)")
        print(f"peak memory before {before:,.0f} MiB, at the end {peak_mb():,.0f} MiB")


if __name__ == "__main__":
    main()
