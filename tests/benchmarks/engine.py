"""Engine overhead: a no-op chain of three steps beside plain pyarrow doing the same reads and writes.

python tests/benchmarks/engine.py [--rows 100000] [--bytes 8192] [--parts 16] [--executor local] [--workers 2]

The chain reads and writes the text in each of its three steps; plain pyarrow reads and writes the same files three times
with the same options, one file after the other. Ratios are what to quote.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import PaperError
from curation.parquet import write
from curation.sources.paper_content import Content
from curation.sources.source import Row, Source
from curation.sources.unit import FIRST_UNITS, Entry
from curation.step import Execution, Inputs, MapStep, Requires
from pipelines.engine.executor import make_executor
from pipelines.engine.progress import Reporter
from pipelines.engine.runner import Runner
from pipelines.engine.stage import Pipeline, Stage
from pipelines.engine.store import open_store
from schemas import DOC_ID, Reason, Table, field

TEXT = field("text", pa.large_string(), "Text.")
FIRST, SECOND, THIRD = (Table(name, 1, "Text passed on.", (DOC_ID, TEXT)) for name in ("papers", "second", "third"))


class Files(Source):
    """Parquet files with doc_id and text; one entry a row, one part a file."""

    version: ClassVar[int] = 1
    provides: ClassVar[Table] = FIRST
    source: Annotated[str, Execution()] = "files"
    part_bytes: Annotated[int, Execution()] = 2**40
    part_papers: Annotated[int, Execution()] = 1

    def entries(self) -> list[Entry]:
        entries = []
        for file in sorted(Path(self.path).glob("*.parquet")):
            rows = pq.read_metadata(file).num_rows
            entries += [Entry(f"{file.name}#{i}", 1, str(file.stat().st_mtime_ns)) for i in range(rows)]
        return entries

    def open(self, row: Row, *, beside: bool = False) -> Content:
        raise PaperError(Reason.UNREADABLE, "its texts stand in the papers table")

    def run(self, inputs: Inputs) -> pa.Table:
        file = inputs.side["unit"].entries[0].member.partition("#")[0]
        return pq.read_table(Path(self.path) / file)


class Second(MapStep):
    """Passes text on."""

    name: ClassVar[str] = "second"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id", "text")}
    provides: ClassVar[Table] = SECOND

    def run(self, inputs: Inputs) -> pa.Table:
        return inputs["papers"]


class Third(MapStep):
    """Passes text on."""

    name: ClassVar[str] = "third"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"second": ("doc_id", "text")}
    provides: ClassVar[Table] = THIRD

    def run(self, inputs: Inputs) -> pa.Table:
        return inputs["second"]


def make_files(folder: Path, rows: int, size: int, parts: int) -> int:
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 10))) for _ in range(20_000)]
    per_part = rows // parts
    for part in range(parts):
        texts = [" ".join(rng.choices(words, k=size // 7))[:size] for _ in range(per_part)]
        ids = [f"id:{part:03d}-{i:06d}" for i in range(per_part)]
        table = pa.table({"doc_id": ids, "text": pa.array(texts, pa.large_string())}, schema=FIRST.arrow)
        with (folder / f"{part:03d}.parquet").open("wb") as sink:
            write(table, sink)
    return per_part


def plain(folder: Path, out: Path) -> float:
    started = time.monotonic()
    for turn in range(3):
        for file in sorted(folder.glob("*.parquet")):
            table = pq.read_table(file)
            with (out / f"{turn}-{file.name}").open("wb") as sink:
                write(table, sink)
    return time.monotonic() - started


def chain(folder: Path, run: Path, rows_a_part: int, executor: str, workers: int) -> float:
    pipeline = Pipeline("noop", (Files(path=str(folder), part_papers=rows_a_part),), (Stage(Second()), Stage(Third())))
    started = time.monotonic()
    engine = make_executor(executor, workers)
    try:
        Runner(pipeline, open_store(run), engine, Reporter()).run_stages()
    finally:
        engine.close()
    return time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=8192)
    parser.add_argument("--parts", type=int, default=FIRST_UNITS, help=f"files, one a part: {FIRST_UNITS} and more")
    parser.add_argument("--executor", default="local")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    if args.parts < FIRST_UNITS:
        parser.error(f"the engine cuts a small source into {FIRST_UNITS} parts")
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "in", Path(name) / "plain"
        folder.mkdir()
        out.mkdir()
        per_part = make_files(folder, args.rows, args.bytes, args.parts)
        for turn in range(2):
            base = plain(folder, out)
            ours = chain(folder, Path(name) / f"run{turn}", per_part, args.executor, args.workers)
            single = chain(folder, Path(name) / f"inline{turn}", per_part, "inline", 1)
            print(
                f"plain pyarrow {base:.1f} s; {args.executor} x{args.workers} {ours:.1f} s = {ours / base:.2f}x; inline {single:.1f} s = {single / base:.2f}x"
            )


if __name__ == "__main__":
    main()
