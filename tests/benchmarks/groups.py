"""What one group of a file costs its reader: Arrow IPC with a record batch a group, beside Parquet with a row group each.

python -m tests.benchmarks.groups [--rows 1000] [--groups 16 64 256]

Rows are those of a release (text, metadata, spans); CPU seconds of this process, best of three rounds in turn.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.parquet import write
from pipelines.engine.groups import Groups, RowDigests, gather_group
from pipelines.engine.store import Store
from tests.benchmarks.scale_corpus import text_of

READS = 200
MANY = 50
"""Files that a merge reads a group of at once."""
ROUNDS = 3


def rows(count: int) -> pa.Table:
    """A table as wide as a release."""
    texts = [text_of(i) for i in range(count)]
    plain = {f"column_{n}": pa.array([f"value {n} of {i}" for i in range(count)]) for n in range(16)}
    spans = pa.array([[{"kind": "body", "start": 0, "end": len(text)}] for text in texts])
    return pa.table({**plain, "text": pa.array(texts, pa.large_string()), "sections": spans})


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compared(folder: Path, table: pa.Table, count: int) -> str:
    """A line of the report: the table in so many groups."""
    ends = [table.num_rows * (i + 1) // count for i in range(count)]
    groups = [(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]
    digests = [RowDigests(table.slice(*group)).of(slice(None)) for group in groups]
    store, ipc, parquet = Store(folder), folder / "a.arrow", folder / "a.parquet"

    def read_parquet() -> None:
        for i in range(READS):
            with pq.ParquetFile(parquet) as file:
                file.read_row_groups([i % count])

    works: tuple[Callable[[], object], ...] = (
        lambda: store.write(ipc.name, Groups(table, groups, range(count), digests).write),
        lambda: store.write(parquet.name, lambda sink: write(table, sink, groups=groups)),
        lambda: [gather_group(store, [ipc.name] * MANY, i % count) for i in range(READS // MANY)],
        read_parquet,
    )
    best = [min(times) for times in zip(*([cpu(work) for work in works] for _ in range(ROUNDS)), strict=True)]
    size = ipc.stat().st_size / parquet.stat().st_size
    each = [1000 * seconds / READS for seconds in best[2:]]
    return f"{count:6} {best[0] / best[1]:18.2f} {size:6.2f} {each[1]:25.2f} {each[0]:7.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--groups", type=int, nargs="+", default=[16, 64, 256])
    asked = parser.parse_args()
    table = rows(asked.rows)
    print(f"{'groups':>6} {'write IPC/Parquet':>18} {'bytes':>6} {'read a group: Parquet ms':>25} {'IPC ms':>7}")
    with tempfile.TemporaryDirectory() as name:
        for count in asked.groups:
            print(compared(Path(name), table, count))


if __name__ == "__main__":
    main()
