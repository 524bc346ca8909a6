"""Samples per second of the reader beside plain decoding, `datasets`, litdata and mosaicml-streaming, in the same run.

    python -m tests.benchmarks.streaming [--rows 50000] [--chars 2000] [--group-mb 16] [--lanes 64] [--repeat 3]
    python -m tests.benchmarks.streaming --rows 3072 --chars 30000 --group-mb 1     # 96 row groups on 64 lanes
    python -m tests.benchmarks.streaming --peers PYTHON     # a Python with litdata, mosaicml-streaming and pyarrow

Prints a table: the median and the best of samples/s over the whole release as ratios to decode-only of the same turn, and the least
CPU time a sample, of all threads, which a busy machine changes less; then ms to the first sample in a fresh process (without imports), ms to resume at several depths, and what a resume lost and repeated; then how far a
process grew that may hold just what its lanes need.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
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

from curation.errors import UserError
from curation.streaming import Reader

MAX_BYTES = 4 * 2**30
"""Enough for any lanes here."""
PEERS_ENV = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, "PYTHONSAFEPATH": "1"}
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
make = {"decode": decode, "hub": hub, "reader": lambda folder: Reader(folder, lanes=int(sys.argv[3]), max_bytes=2**32)}[sys.argv[1]]
start = time.perf_counter()
next(iter(make(Path(sys.argv[2]))))
print((time.perf_counter() - start) * 1e3)
"""


GROWN = """
import sys
from curation.streaming import Reader
def private():
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("RssAnon"))
reader = Reader(sys.argv[1], lanes=int(sys.argv[2]), max_bytes=int(sys.argv[3]))
before = most = private()
for number, _ in enumerate(reader):
    if number % 64 == 0:
        most = max(most, private())
print(most - before)
"""
OUTPUT: Any = {"capture_output": True, "text": True, "check": True}


def cold(reader: str, folder: Path, lanes: int) -> float:
    """ms to the first sample in a fresh process, the least of three."""
    command = [sys.executable, "-c", COLD, reader, str(folder), str(lanes)]
    return min(float(subprocess.run(command, **OUTPUT).stdout) for _ in range(3))


def run_peer(python: str, *words: str) -> str:
    # -P: the folder of this file has a streaming.py, as mosaicml-streaming is called.
    script = Path(__file__).with_name("streaming_peers.py")
    return str(subprocess.run([python, "-P", str(script), *words], **OUTPUT, env=PEERS_ENV).stdout)


def peer(python: str, name: str, state: str, out: Path, firsts: dict[str, float], key: str) -> tuple[float, float]:
    """`rate` of another library; the least ms to its first sample goes to `firsts`."""
    count, seconds, first, cpu = map(float, run_peer(python, "read", name, state, str(out)).splitlines()[-1].split())
    firsts[key] = min(first, firsts.get(key, first))
    return count / seconds, cpu / count


def rate(samples: Iterable[Any]) -> tuple[float, float]:
    """Samples per second, and CPU seconds a sample."""
    start, began = time.perf_counter(), time.process_time()
    count = sum(1 for _ in samples)
    return count / (time.perf_counter() - start), (time.process_time() - began) / count


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
    parser.add_argument("--peers", help="Python of an environment with litdata and mosaicml-streaming")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, args.rows, args.chars, int(args.group_mb * 2**20))
        report(folder, args.rows // SHARDS * SHARDS, args)


def report(folder: Path, total: int, args: argparse.Namespace) -> None:
    lanes, repeat = args.lanes, args.repeat
    reader = Reader(folder, lanes=lanes, max_bytes=MAX_BYTES)
    groups = len(reader.rows.groups)
    print(f"{total} rows of {args.chars} characters, {groups} row groups, {lanes} lanes, {repeat} turns")
    makers: dict[str, Callable[[], tuple[float, float]]] = {"decode only": lambda: rate(decode(folder))}
    for shuffle in (True, False):
        for prefetch in (0, 1, 2):
            words = f"Reader, {'shuffled' if shuffle else 'in order'}, prefetch {prefetch}"
            options = {"lanes": lanes, "shuffle": shuffle, "prefetch": prefetch, "max_bytes": MAX_BYTES}
            makers[words] = lambda o=options: rate(Reader(folder, **o))  # type: ignore[misc]
        makers[f"datasets, {'shuffled' if shuffle else 'in order'}"] = lambda s=shuffle: rate(hub(folder, s))  # type: ignore[misc]
    firsts = {who: cold(who, folder, lanes) for who in ("decode", "reader", "hub")}
    if args.peers:
        run_peer(args.peers, "build", str(folder), str(folder / "peers"))
        for name in ("litdata", "mosaic"):
            for state in ("cold", "warm"):
                key = f"{name}, shuffled, {state}"
                makers[key] = lambda n=name, s=state, k=key: peer(args.peers, n, s, folder / "peers", firsts, k)  # type: ignore[misc]
    measured: dict[str, list[tuple[float, float]]] = {words: [] for words in makers}
    for _ in range(repeat):
        for words, make in makers.items():
            measured[words].append(make())
    print("| reader | samples/s | x decode only, median | best | CPU us a sample |\n|---|---|---|---|---|")
    for words, found in measured.items():
        times = [r / d for (r, _), (d, _) in zip(found, measured["decode only"], strict=True)]
        rates, cpu = [r for r, _ in found], min(c for _, c in found) * 1e6
        print(
            f"| {words} | {statistics.median(rates):,.0f} | {statistics.median(times):.2f} | {max(times):.2f} | {cpu:.1f} |"
        )
    print("first sample cold, ms:", {who: round(ms) for who, ms in firsts.items()})
    for depth in (0.01, 0.5, 0.99):
        reader = Reader(folder, lanes=lanes, max_bytes=MAX_BYTES)
        ms, lost, repeated = resumed(reader, resume_of(folder, reader), int(total * depth), total)
        print(f"Reader resumed at {depth:.0%}: {ms:.0f} ms, {lost} lost, {repeated} repeated")
    stream, again = hub(folder), hub(folder)
    ms, lost, repeated = resumed(stream, lambda: again.load_state_dict(stream.state_dict()) or again, total // 2, total)
    print(f"datasets resumed at 50%: {ms:.0f} ms, {lost} lost, {repeated} repeated")
    need = least_bytes(folder, lanes)
    grown = int(subprocess.run([sys.executable, "-c", GROWN, str(folder), str(lanes), str(need)], **OUTPUT).stdout)
    print(f"a process that may hold {need >> 20} MiB, the least for these lanes, grew by {grown >> 20} MiB")


def resume_of(folder: Path, reader: Reader) -> Callable[[], Reader]:
    return lambda: Reader(folder, state=reader.state(), max_bytes=MAX_BYTES)


def least_bytes(folder: Path, lanes: int) -> int:
    try:
        Reader(folder, lanes=lanes, max_bytes=1)
    except UserError as error:
        return int(str(error).partition("or set max_bytes=")[2].split()[0])
    raise AssertionError("one byte is enough")


if __name__ == "__main__":
    main()
