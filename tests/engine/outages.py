"""Runs over a source that fails at random moments: python -m tests.engine.outages KIND FOLDER RUNS.

KIND: `root`, the source folder moves away; `paper`, one of its files or folders does; `eio`, reads fail with EIO (tests/engine/
outage.c, preloaded). Every second time the source is back before the run ends, else the run ends without. Then the same
command is given again: the release must have the bytes of an undisturbed run. Prints a line a run; exits with 1 when one differs.
"""

from __future__ import annotations

import ctypes
import gzip
import io
import json
import os
import random
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.dedup.config import Dedup
from curation.errors import RunError, UserError
from curation.extract.router import Extract
from curation.quality.signals import Signals
from curation.release.decide import Decide
from curation.sources.folder import FolderSource
from curation.sources.paper_metadata import Metadata
from pipelines.corpus import release_of
from pipelines.engine.account import close_run
from pipelines.engine.inline import InlineExecutor
from pipelines.engine.progress import Reporter
from pipelines.engine.runner import Runner
from pipelines.engine.stage import Pipeline, Stage
from pipelines.engine.store import open_store
from tests.engine.runs import release_files
from tests.engine.steps import ANY, Exact, NoIdentity, NoNear, NothingWithheld, Words


def write_papers(folder: Path) -> None:
    """One of each way in which a paper lies in a folder."""
    words = "The star of the disc is seen through the dust, and the light of number {} is that of the gas around it. "

    def tex(number: int) -> bytes:
        body = words.format(number) * 4
        return rf"\documentclass{{article}}\begin{{document}}\section{{One}}{body}\end{{document}}".encode()

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("ms.tex")
        member.size = len(tex(1))
        tar.addfile(member, io.BytesIO(tex(1)))
    files = {
        "2301.00001.tar.gz": archive.getvalue(),
        "2301.00002.gz": gzip.compress(tex(2)),
        "2301.00003.tex": tex(3),
        "2301.00004/source/ms.tex": tex(4).replace(b"One}", b"One}\\input{more}"),
        "2301.00004/source/more.tex": words.format("four and more").encode(),
        "2301.00005/ms.tex": tex(5),
        "2301.00005/figures/one.tex": words.format("a figure").encode(),
        "sub/2301.00006.tex": tex(6),
        "sub/2301.00007.txt": (words.format(7) * 3).encode(),
        "rows.jsonl": "".join(
            json.dumps({"id": f"r{i}", "text": words.format(f"row {i}") * 2}) + "\n" for i in range(4)
        ).encode(),
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    rows = [{"id": f"q{i}", "text": words.format(f"parquet {i}") * 2} for i in range(3)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")


def run_once(source: Path, run: Path) -> str:
    """Run the chain, as the command does, with its child kept; how it ended."""
    steps = (
        Metadata(),
        Extract(ocr="none"),
        Signals(),
        NothingWithheld(),
        Words(),
        Exact(),
        NoIdentity(),
        NoNear(),
        *Decide(quality=ANY).steps(Dedup(containment=False)),
    )
    papers = FolderSource(path=str(source), part_papers=4)
    pipeline = Pipeline("outages", (papers,), tuple(Stage(step) for step in steps), release_of(("research", "public")))
    store = open_store(run)
    runner = Runner(pipeline, store, InlineExecutor(), Reporter(quiet=True))
    try:
        runner.run()
        report = close_run(store, runner.reports, runner.left_out)
    except (RunError, UserError) as error:
        return f"{type(error).__name__}: {error}"
    return f"{report['papers']['in']} papers, {report['open_failures']['count']} open failures"


class Watched:
    """Counts what this process opens or lists below a folder, and acts at given numbers of it."""

    def __init__(self, root: Path) -> None:
        self._root, self.count, self._acts = str(root), 0, dict[int, Callable[[], object]]()
        sys.addaudithook(self._hear)

    def at(self, acts: dict[int, Callable[[], object]]) -> None:
        self.count, self._acts = 0, acts

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.scandir", "os.listdir") and str(arguments[0]).startswith(self._root):
            self.count += 1
            if act := self._acts.pop(self.count, None):
                act()


def main(kind: str, folder: Path, runs: int) -> int:
    source, away = folder / "source", folder / "away"
    write_papers(source)
    preloaded = ctypes.CDLL(None)
    watched = Watched(source)
    if kind == "eio":
        preloaded.outage_window(0, 0)
    print("undisturbed:", run_once(source, folder / "reference"), flush=True)
    reference = release_files(folder / "reference")
    events = preloaded.outage_count() if kind == "eio" else watched.count
    places = sorted(p for p in source.rglob("*") if kind == "paper")
    wrong = 0
    for seed in range(runs):
        rng = random.Random(seed)
        start = rng.randint(1, events)
        end = start + rng.randint(1, 12) if seed % 2 else 10**9
        place = rng.choice(places) if kind == "paper" else source

        def leave(place: Path = place) -> None:
            place.rename(away)

        def come_back(place: Path = place) -> None:
            if away.exists():
                away.rename(place)

        if kind == "eio":
            preloaded.outage_window(start, end)
        else:
            watched.at({start: leave, end: come_back})
        run = folder / f"run{seed}"
        first = run_once(source, run)
        watched.at({})
        come_back()
        if kind == "eio":
            preloaded.outage_window(0, 0)
        again = run_once(source, run)
        is_same = "open failures" in again and release_files(run) == reference
        wrong += not is_same
        print(
            f"{'same' if is_same else 'DIFFERS'}: from {start} to {end} of {events}, {place.name}: {first[:200]} | {again}",
            flush=True,
        )
    return int(wrong > 0)


if __name__ == "__main__":
    os.environ.pop("LD_PRELOAD", None)
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
