"""Reading a metadata snapshot beside json.loads: lines a second of one process, and memory, in one run.

python -m tests.benchmarks.snapshot --lines 3200000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from curation.sources.choice import Choice
from curation.sources.folder import FolderSource
from curation.sources.select import Select
from curation.sources.snapshot import Snapshot, SnapshotFile
from curation.step import Inputs

CATEGORIES = ("astro-ph.CO", "astro-ph.GA gr-qc", "hep-th", "cs.LG stat.ML", "math.AG", "cond-mat.str-el", "quant-ph")
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
    "dust",
    "cloud",
    "mean",
    "error",
    "model",
    "fit",
    "light",
]


def write(path: Path, lines: int) -> None:
    """Lines in the form of arXiv's snapshot, about 1,500 bytes each as there."""
    drawn = random.Random(1)
    with path.open("w") as file:
        for number in range(lines):
            month, place = divmod(number, 20_000)
            record = {
                "id": f"{15 + month // 12:02}{month % 12 + 1:02}.{place + 1:05}",
                "submitter": "A. Writer",
                "authors": ", ".join(f"A. {word.title()}" for word in drawn.choices(WORDS, k=5)),
                "title": " ".join(drawn.choices(WORDS, k=9)),
                "comments": "12 pages, 5 figures",
                "journal-ref": None,
                "doi": f"10.1000/{number}",
                "report-no": None,
                "categories": drawn.choice(CATEGORIES),
                "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                "abstract": " ".join(drawn.choices(WORDS, k=170)),
                "versions": [{"version": f"v{n}", "created": "Mon, 2 Apr 2018 19:18:42 GMT"} for n in range(1, 3)],
                "update_date": "2018-11-26",
                "authors_parsed": [["Writer", "A.", ""]] * 5,
            }
            file.write(json.dumps(record) + "\n")


def loads(path: Path) -> None:
    """What any reader of the file does at least."""
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def rows(path: Path) -> None:
    """The table of records, a stretch at a time, as tasks of a run make it."""
    step = Snapshot(files=(SnapshotFile(source="s", path=str(path)),))
    for stretch in step.stretches():
        step.run(Inputs({}, {"stretch": stretch}))


def choose(path: Path) -> None:
    """What the driver reads for `select:`."""
    Choice(
        FolderSource(path=str(path.parent)), Select.model_validate({"categories": ["astro-ph.*", "gr-qc"]}), str(path)
    )


def measured(function: Callable[[Path], None], path: Path) -> tuple[float, int]:
    """CPU seconds and peak memory, MB, of a function in a process of its own."""
    receive, send = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(function, path, send))
    process.start()
    found: tuple[float, int] = receive.recv()
    process.join()
    return found


def _run(function: Callable[[Path], None], path: Path, send: multiprocessing.connection.Connection) -> None:
    start = time.process_time()
    function(path)
    send.send((time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=3_200_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.jsonl"
        write(path, given.lines)
        print(f"{given.lines:,} lines, {path.stat().st_size >> 20:,} MB")
        print(f"{'':14}{'CPU s':>8}{'lines/s':>10}{'of json.loads':>15}{'peak MB':>9}")
        plain = None
        for name, function in (("json.loads", loads), ("snapshot", rows), ("select", choose)):
            seconds, memory = measured(function, path)
            plain = plain or seconds
            print(f"{name:14}{seconds:8.1f}{given.lines / seconds:10,.0f}{plain / seconds:15.2f}{memory:9,}")


if __name__ == "__main__":
    main()
