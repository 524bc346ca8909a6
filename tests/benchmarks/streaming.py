"""Samples per second of the reader beside `datasets` shuffled and plain decoding, in the same run.

    python -m tests.benchmarks.streaming [--rows 100000] [--chars 2000]

Prints a table: samples/s over the whole release, ms to the first sample, ms to resume at the middle, and what a
resume lost and repeated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.streaming import Reader

SHARDS = 16
ROW_GROUP_BYTES = 16 << 20


def build(folder: Path, rows: int, chars: int) -> None:
    """A release of seeded word salad, zstd 3, row groups of about 16 MiB."""
    rng = random.Random(0)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 10))) for _ in range(20_000)]
    entries = []
    (folder / "research").mkdir()
    per_group = min(rows // SHARDS, max(1, ROW_GROUP_BYTES // chars))
    for shard in range(SHARDS):
        texts = [" ".join(rng.choices(words, k=chars // 7)) for _ in range(rows // SHARDS)]
        ids = [f"{shard}-{i}" for i in range(len(texts))]
        path = folder / f"research/{shard:05d}.parquet"
        table = pa.table({"id": ids, "text": pa.array(texts, pa.large_string())})
        pq.write_table(table, path, compression="zstd", row_group_size=per_group)
        footer = pq.read_metadata(path)
        entries.append(
            {
                "tier": "research",
                "file": f"research/{path.name}",
                "rows": len(texts),
                "row_groups": [footer.row_group(i).num_rows for i in range(footer.num_row_groups)],
                "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
        )
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "name": "benchmark", "files": entries}))


def decode(folder: Path) -> Iterator[dict[str, Any]]:
    """The limit: row groups in file order to Python, one thread."""
    for path in sorted(folder.glob("research/*.parquet")):
        with pq.ParquetFile(path) as parquet:
            for group in range(parquet.num_row_groups):
                yield from parquet.read_row_group(group, use_threads=False).to_pylist()


def hub_shuffled(folder: Path) -> Any:
    """`datasets` streaming with its shuffle buffer."""
    import datasets

    files = sorted(map(str, folder.glob("research/*.parquet")))
    return datasets.load_dataset("parquet", data_files=files, split="train", streaming=True).shuffle(
        0, buffer_size=1000
    )


def timed(samples: Iterable[Any]) -> tuple[float, float]:
    """(samples per second, ms to the first)."""
    start = time.perf_counter()
    iterator = iter(samples)
    next(iterator)
    first = time.perf_counter() - start
    count = 1 + sum(1 for _ in iterator)
    return count / (time.perf_counter() - start), first * 1e3


def resumed(
    before: Iterable[Any], resume: Callable[[], Iterable[Any]], half: int, total: int
) -> tuple[float, int, int]:
    """(ms to the first sample after a resume at `half`, samples lost, samples repeated)."""
    seen = [s["id"] for s in islice(before, half)]
    start = time.perf_counter()
    iterator = iter(resume())
    rest = [next(iterator)["id"]]
    elapsed = time.perf_counter() - start
    rest += [s["id"] for s in iterator]
    return elapsed * 1e3, total - len(set(seen) | set(rest)), len(seen) + len(rest) - len(set(seen) | set(rest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--chars", type=int, default=2_000)
    parser.add_argument("--lanes", type=int, default=64)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, args.rows, args.chars)
        total = args.rows // SHARDS * SHARDS
        print(f"{total} rows of {args.chars} characters, {args.lanes} lanes")
        print("| reader | samples/s | first ms | resume ms | lost | repeated |\n|---|---|---|---|---|---|")
        rate, first = timed(decode(folder))
        print(f"| decode only | {rate:,.0f} | {first:.0f} | | | |")
        for prefetch in (0, 1):
            options: dict[str, Any] = {"lanes": args.lanes, "prefetch": prefetch}
            rate, first = timed(Reader(folder, **options))
            reader = Reader(folder, **options)
            ms, lost, repeated = resumed(
                reader, lambda r=reader, o=options: Reader(folder, state=r.state(), **o), total // 2, total
            )  # type: ignore[misc]
            print(f"| Reader, prefetch {prefetch} | {rate:,.0f} | {first:.0f} | {ms:.0f} | {lost} | {repeated} |")
        rate, first = timed(hub_shuffled(folder))
        stream, again = hub_shuffled(folder), hub_shuffled(folder)
        ms, lost, repeated = resumed(
            stream, lambda: again.load_state_dict(stream.state_dict()) or again, total // 2, total
        )
        print(f"| datasets, shuffled | {rate:,.0f} | {first:.0f} | {ms:.0f} | {lost} | {repeated} |")


if __name__ == "__main__":
    main()
