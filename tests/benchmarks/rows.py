"""Rows of data files through the sandbox beside the same code in this process: rows a second and CPU, in one run.

python tests/benchmarks/rows.py --rows 20000 --kb 8
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.confine.sandbox import Sandbox
from curation.sources.data_file import read_rows
from curation.sources.row_entries import list_rows
from tests.sources.in_process import InProcess

WORDS = [
    "the",
    "of",
    "a",
    "disc",
    "star",
    "gas",
    "wind",
    "flux",
    "mass",
    "radius",
    "halo",
    "orbit",
    "spectrum",
    "λ",
    "é",
    "dust",
    "cloud",
    "mean",
    "error",
    "model",
    "fit",
]


def write(folder: Path, rows: int, size: int) -> list[Path]:
    draw = random.Random(1)
    records = [
        {"id": f"r{i}", "title": f"On {i}", "text": " ".join(draw.choices(WORDS, k=size // 5))} for i in range(rows)
    ]
    body = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    (folder / "d.jsonl").write_bytes(body)
    (folder / "d.jsonl.gz").write_bytes(gzip.compress(body, 5))
    pq.write_table(pa.Table.from_pylist(records), folder / "d.parquet", row_group_size=2000, compression="zstd")
    return [folder / name for name in ("d.jsonl", "d.jsonl.gz", "d.parquet")]


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds, children included, and seconds by the clock."""
    before, start = cpu(), time.perf_counter()
    work()
    return cpu() - before, time.perf_counter() - start


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def whole_way(path: Path, sandbox: Sandbox) -> None:
    """As a run does it: listed, then read for its metadata, then for its text."""
    where = {entry.member.partition("#")[2]: entry.where for entry in list_rows(path, path.name, sandbox)}
    read_rows(path, where, "record", sandbox)
    read_rows(path, where, "text", sandbox)
    sandbox.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kb", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(f"{'file':12} {'child: rows/s':>14} {'CPU s':>7} {'here: rows/s':>14} {'CPU s':>7} {'rate':>6}")
        for path in write(Path(name), asked.rows, asked.kb * 1000):
            best: dict[type[Sandbox], tuple[float, float]] = {}
            for _ in range(asked.repeat):
                for kind in (Sandbox, InProcess):
                    made = measured(lambda path=path, kind=kind: whole_way(path, kind()))  # type: ignore[misc]
                    best[kind] = min(best.get(kind, made), made, key=lambda m: m[1])
            (cpu_a, a), (cpu_b, b) = best[Sandbox], best[InProcess]
            rate = f"{b / a:6.2f}"
            print(f"{path.name:12} {asked.rows / a:14,.0f} {cpu_a:7.2f} {asked.rows / b:14,.0f} {cpu_b:7.2f} {rate}")


if __name__ == "__main__":
    main()
