"""Deduplication beside its peers, in one run: CPU from start to written result, polled memory, recall, removals.

    python tests/benchmarks/dedup.py --docs 20000 --docs 100000 --source /usr/share/doc \
        --yardsticks ../shared/yardsticks --peer-python /path/to/venv/bin/python --peers gaoya rensa_bulk datasketch

Corpora are made by the yardsticks' make_dedup_corpus.py; peers are run by its bench_dedup.py with a Python that has them. With
two sizes, the marginal rate is (documents) / (difference of CPU seconds): start-up and compilation cancel out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

COLUMNS = ("system", "docs", "cpu_s", "wall_s", "peak_rss_mb", "docs_per_cpu_s", "mb_per_cpu_s")
SCORES = ("recall_j80", "recall_j70", "removed", "removed_ok_70", "false_removed", "hard_neg_removed", "keep_policy")


def corpus(options: argparse.Namespace, docs: int) -> Path:
    """A corpus of the yardsticks, made once for its size and seed."""
    folder = Path(options.work) / f"docs-{docs}-seed-{options.seed}"
    if not (folder / "info.json").exists():
        command = [sys.executable, str(options.yardsticks / "make_dedup_corpus.py"), "--out", str(folder)]
        command += [
            "--docs",
            str(docs),
            "--seed",
            str(options.seed),
            "--sentences",
            str(options.work / "sentences.txt"),
        ]
        subprocess.run([*command, "--source", *map(str, options.source)], check=True)
    return folder


def measure(options: argparse.Namespace, folder: Path, python: str, arguments: list[str]) -> dict[str, Any]:
    """One line of bench_dedup.py."""
    command = [python, str(options.yardsticks / "bench_dedup.py"), "--data", str(folder), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"{arguments[0]} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    found: dict[str, Any] = json.loads(lines[-1])
    if found["rc"]:
        print(f"{arguments[0]} failed with {found['rc']}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    return found


def expected_recall(folder: Path, least: float = 0.8) -> tuple[float, float]:
    """Share of planted pairs with Jaccard from `least` on that the S-curve finds, and its standard deviation."""
    from curation.text.shingles import Shingling

    pairs = pq.read_table(folder / "truth_pairs.parquet").to_pylist()
    chances = np.array(
        [
            Shingling().expected_recall(p["j5"])
            for p in pairs
            if p["j5"] >= least and p["kind"] not in ("boiler", "contained")
        ]
    )
    return float(chances.mean()), float(np.sqrt((chances * (1 - chances)).sum()) / len(chances))


def kernel(folder: Path) -> None:
    """MB of text per second and core, sketch alone."""
    from curation.text.shingles import Shingling, sketch

    text = pq.read_table(folder / "docs.parquet", columns=["text"])["text"].slice(0, 5000).combine_chunks()
    size = text.nbytes / 1e6
    sketch(text, Shingling())
    rates = []
    for _ in range(5):
        start = time.process_time()
        sketch(text, Shingling())
        rates.append(size / (time.process_time() - start))
    print(f"kernel, one thread: {np.median(rates):.0f} MB/s (median of 5, {min(rates):.0f}-{max(rates):.0f})")


def table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(str(row.get(c, '')) for c in columns)} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yardsticks", type=Path, default=Path("../shared/yardsticks"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/astrocorpus-dedup"), help="folder for corpora")
    parser.add_argument("--docs", type=int, action="append")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--source", type=Path, nargs="*", default=[Path("/usr/share/doc")])
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--peers", nargs="*", default=["gaoya", "rensa_bulk", "datasketch"])
    parser.add_argument("--datatrove-docs", type=int, default=0, help="also run datatrove, on a corpus of this size")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    ours = f"{sys.executable} -c 'import sys; from pipelines.cli import main; sys.exit(main())' dedup {{docs}} --out {{result}}"
    rows: list[dict[str, Any]] = []
    sizes = [(n, options.peers) for n in sorted(options.docs or [2000])]
    if options.datatrove_docs:
        sizes.insert(0, (options.datatrove_docs, ["datatrove"]))
    for docs, peers in sizes:
        folder = corpus(options, docs)
        mean, sigma = expected_recall(folder)
        print(f"{docs:,} documents: expected recall at j >= .8: {mean:.4f}, 3 sigma below {mean - 3 * sigma:.4f}")
        rows.append(measure(options, folder, options.peer_python, ["--cmd", "astrocorpus", ours]))
        rows += [measure(options, folder, options.peer_python, [peer]) for peer in peers]
    kernel(folder)
    rows = [r for r in rows if r]
    table(rows, COLUMNS)
    table(rows, ("system", "docs", *SCORES))
    _marginal(rows)


def _marginal(rows: list[dict[str, Any]]) -> None:
    by_system: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_system.setdefault(row["system"], []).append(row)
    rates = {}
    for system, mine in by_system.items():
        small, large = min(mine, key=lambda r: r["docs"]), max(mine, key=lambda r: r["docs"])
        if large["docs"] > small["docs"]:
            added = large["docs"] - small["docs"]
            rates[system] = added / (large["cpu_s"] - small["cpu_s"])
            growth = (large["peak_rss_mb"] - small["peak_rss_mb"]) * 1024 / added
            print(
                f"{system}: {rates[system]:,.0f} documents per further CPU second, {growth:.2f} kB of memory a document"
            )
    for system, rate in rates.items():
        if system != "astrocorpus":
            print(f"astrocorpus is {rates['astrocorpus'] / rate:.1f} times {system}")


if __name__ == "__main__":
    main()
