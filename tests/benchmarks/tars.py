"""Bulk tars beside the same papers as files: listing, papers, extraction; wall and CPU seconds, in one run.

python -m tests.benchmarks.tars --mb 500

Figures and packed plots make up most of a real paper; here it is random bytes beside a TeX file of `--tex-kb`.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from curation.extract.router import Extract
from curation.sources.folder import FolderSource
from curation.sources.unit import Listing, Unit, cut_units
from curation.step import Inputs
from tests.sources.tars import document, entry, tar_of

STEPS = ("listing", "papers", "documents")
CHILDREN = "children"


def papers(mb: int, tex_kb: int, paper_kb: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of papers of one month, so many MB together."""
    drawn = random.Random(1)
    for number in range(1, mb * 1024 // paper_kb + 1):
        name = f"2301.{number:05}"
        tex = document(name).replace(b"\\end{document}", (document(name)[60:400] * (tex_kb * 3)) + b"\\end{document}")
        figure = drawn.randbytes(max(0, paper_kb * 1024 - len(tex) // 8))
        yield f"2301/{name}.gz", gzip.compress(tar_of({"ms.tex": tex, "fig.png": figure}, None), 1, mtime=1)


def write(folder: Path, mb: int, tex_kb: int, paper_kb: int) -> int:
    """The same papers as a tar and as files; their number."""
    (folder / "tars").mkdir()
    (folder / "files" / "2301").mkdir(parents=True)
    count = 0
    with (folder / "tars" / "arXiv_src_2301_001.tar").open("wb") as tar:
        for name, data in papers(mb, tex_kb, paper_kb):
            tar.write(entry(name, data))
            (folder / "files" / name).write_bytes(data)
            count += 1
        tar.write(bytes(1024))
    return count


def measure(path: Path, limit: int) -> tuple[dict[str, float], dict[str, float]]:
    """Wall and CPU seconds of each step; and the CPU seconds of the child that extracts and of that which looks, as `children`."""
    source, extract = FolderSource(path=str(path)), Extract(ocr="none")
    wall, cpu = dict.fromkeys(STEPS, 0.0), dict.fromkeys((*STEPS, CHILDREN), 0.0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    def timed(step: str, start: tuple[float, float]) -> None:
        wall[step] += time.perf_counter() - start[0]
        cpu[step] += time.process_time() - start[1]

    start = time.perf_counter(), time.process_time()
    listed = sorted(Listing.whole(source.listing()).entries, key=lambda e: e.order)
    timed("listing", start)
    done = 0
    for unit in cut_units("folder", listed, 128 << 20, 1000):
        start = time.perf_counter(), time.process_time()
        table = source.run(Inputs({}, {"unit": unit}))
        timed("papers", start)
        some = Unit(unit.source, unit.entries)
        start = time.perf_counter(), time.process_time()
        if done < limit:
            part = table.slice(0, limit - done)
            extract.run(Inputs({"papers": part}, {"unit": some, "sources": {"folder": source}}))
            done += part.num_rows
        timed("documents", start)
    extract.close()
    source.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu[CHILDREN] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=500)
    parser.add_argument("--tex-kb", type=int, default=60)
    parser.add_argument("--paper-kb", type=int, default=400)
    parser.add_argument("--extract", type=int, default=300, help="papers that are extracted")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        count = write(Path(folder), given.mb, given.tex_kb, given.paper_kb)
        print(f"{count} papers, {given.mb} MB; best of {given.rounds} rounds, in turn")
        best: dict[str, dict[str, float]] = {}
        for _ in range(given.rounds):
            for kind in ("tars", "files"):
                wall, cpu = measure(Path(folder) / kind, given.extract)
                for name, value in {**wall, **{f"{step}, cpu": cpu[step] for step in cpu}}.items():
                    found = best.setdefault(kind, {})
                    found[name] = min(found.get(name, value), value)
        print(f"{'':16}{'tar':>9}{'files':>9}{'files / tar':>13}")
        for name in best["tars"]:
            print(
                f"{name:16}{best['tars'][name]:9.2f}{best['files'][name]:9.2f}{best['files'][name] / best['tars'][name]:13.2f}"
            )
        for name, steps in (
            ("together", STEPS),
            ("together, cpu", tuple(f"{step}, cpu" for step in (*STEPS, CHILDREN))),
        ):
            tars, files = (sum(best[kind][step] for step in steps) for kind in ("tars", "files"))
            print(f"{name:16}{tars:9.2f}{files:9.2f}{files / tars:13.2f}")


if __name__ == "__main__":
    main()
