"""Samples per second of the reader beside `datasets` and plain decoding, in the same run.

    python -m tests.benchmarks.streaming [--rows 50000] [--chars 2000] [--group-mb 16] [--lanes 64] [--repeat 3]
    python -m tests.benchmarks.streaming --rows 3072 --chars 30000 --group-mb 1     # 96 row groups on 64 lanes

Prints a table: the median of samples/s over the whole release as a ratio to decode-only, ms to the first sample in a fresh process
(without imports), ms to resume at the middle, and what a resume lost and repeated; then the most memory of Arrow.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.streaming import Reader

SHARDS = 24
"""`datasets` needs 20 files and more for a fair shuffle (datasets #8669)."""


def build(folder: Path, rows: int, chars: int, group_bytes: int) -> None:
    """A release of seeded word salad, zstd 3."""
    rng = random.Random(0)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 10))) for _ in range(20_000)]
    entries = []
    (folder / "research").mkdir()
    per_group = min(rows // SHARDS, max(1, group_bytes // chars))
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


def hub(folder: Path, shuffle: bool = True) -> Any:
    """`datasets` streaming, with its shuffle buffer."""
    import datasets

    files = sorted(map(str, folder.glob("research/*.parquet")))
    stream = datasets.load_dataset("parquet", data_files=files, split="train", streaming=True)
    return stream.shuffle(0, buffer_size=1000) if shuffle else stream


COLD = """
import sys, time
from pathlib import Path
from tests.benchmarks.streaming import decode, hub
from curation.streaming import Reader
make = {"decode": decode, "hub": hub, "reader": lambda folder: Reader(folder, lanes=int(sys.argv[3]))}[sys.argv[1]]
start = time.perf_counter()
next(iter(make(Path(sys.argv[2]))))
print((time.perf_counter() - start) * 1e3)
"""


def cold(reader: str, folder: Path, lanes: int) -> float:
    """ms to the first sample in a fresh process, the least of three."""
    command = [sys.executable, "-c", COLD, reader, str(folder), str(lanes)]
    return min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(3))


def rate(samples: Iterable[Any]) -> float:
    """Samples per second."""
    start = time.perf_counter()
    count = sum(1 for _ in samples)
    return count / (time.perf_counter() - start)


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
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--chars", type=int, default=2_000)
    parser.add_argument("--group-mb", type=float, default=16)
    parser.add_argument("--lanes", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, args.rows, args.chars, int(args.group_mb * 2**20))
        report(folder, args.rows // SHARDS * SHARDS, args.lanes, args.repeat, f"{args.chars} characters")


def report(folder: Path, total: int, lanes: int, repeat: int, size: str) -> None:
    reader = Reader(folder, lanes=lanes)
    print(f"{total} rows of {size}, {len(reader.rows.groups)} row groups, {lanes} lanes, median of {repeat}")
    makers: dict[str, Callable[[], Iterable[Any]]] = {"decode only": lambda: decode(folder)}
    for shuffle in (True, False):
        for prefetch in (0, 1, 2):
            words = f"Reader, {'shuffled' if shuffle else 'in order'}, prefetch {prefetch}"
            makers[words] = lambda s=shuffle, p=prefetch: Reader(folder, lanes=lanes, shuffle=s, prefetch=p)  # type: ignore[misc]
        makers[f"datasets, {'shuffled' if shuffle else 'in order'}"] = lambda s=shuffle: hub(folder, s)  # type: ignore[misc]
    rates: dict[str, list[float]] = {words: [] for words in makers}
    for _ in range(repeat):
        for words, make in makers.items():
            rates[words].append(rate(make()))
    print("| reader | samples/s | x decode only |\n|---|---|---|")
    for words, found in rates.items():
        of_decoding = statistics.median(r / d for r, d in zip(found, rates["decode only"], strict=True))
        print(f"| {words} | {statistics.median(found):,.0f} | {of_decoding:.2f} |")
    print("first sample cold, ms:", {who: round(cold(who, folder, lanes)) for who in ("decode", "reader", "hub")})
    ms, lost, repeated = resumed(reader, lambda: Reader(folder, state=reader.state()), total // 2, total)
    print(f"Reader resumed at the middle: {ms:.0f} ms, {lost} lost, {repeated} repeated")
    stream, again = hub(folder), hub(folder)
    ms, lost, repeated = resumed(stream, lambda: again.load_state_dict(stream.state_dict()) or again, total // 2, total)
    print(f"datasets resumed at the middle: {ms:.0f} ms, {lost} lost, {repeated} repeated")
    print(f"Arrow held {pa.default_memory_pool().max_memory() >> 20} MiB at most")


if __name__ == "__main__":
    main()
