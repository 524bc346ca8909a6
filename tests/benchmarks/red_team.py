"""What hostile papers cost the honest ones beside them: CPU seconds of a run with and without (tests/security).

    python -m tests.benchmarks.red_team --times 3

A run has costs of its own (children start, OCR loads its weights), and hostile papers have theirs, so honest papers beside
hostile ones take what a run of both takes more than one of the hostile alone; honest papers alone what their run takes more
than one of a paper for each route. One worker, so that these costs come once. CPU is that of the command and of every
process that it waited for.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.security import corpus
from tests.security.hostile import Hostile, write
from tests.security.planted import Planted, planted
from tests.security.prose import doubted, paper

ALLOWED = 1.1


def write_few(folder: Path) -> None:
    """A paper for each route."""
    corpus.write_honest_pdfs(folder)
    write(folder / "few.tex", paper("few").encode())
    write(folder / "few-doubted.tex", doubted("few doubted").encode())


def write_many(folder: Path, count: int) -> None:
    """Honest papers of every route, and more of LaTeX, some of which pandoc reads."""
    corpus.write_honest(folder)
    for i in range(count):
        text = doubted(f"many {i}") if i % 5 == 0 else paper(f"many {i}", "\n\n".join([r"\section{More} $a=b$"] * 20))
        write(folder / f"many-{i}.tex", text.encode())


def cpu_s(there: Planted, name: str, fill: Callable[[Path], None], time: int) -> float:
    """CPU seconds of one run over a folder of its own."""
    papers = there.work / f"papers-{name}"
    if not papers.exists():
        papers.mkdir()
        fill(papers)
    config = corpus.write_config(there, name, papers, {})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = corpus.command(
        there, "run", config, "--run", there.runs / f"{name}-{time}", "--executor", "local", "--workers", "1"
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"the run {name} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="runs of each kind; the best counts")
    parser.add_argument("--more", type=int, default=120, help="honest LaTeX papers beside those of every route")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, planted(Path(work)) as there:
        entries: list[Hostile] = corpus.hostile_papers(there)

        def both(folder: Path) -> None:
            write_many(folder, options.more)
            corpus.write_hostile(folder, entries)

        kinds: dict[str, Callable[[Path], None]] = {
            "few": write_few,
            "honest": lambda folder: write_many(folder, options.more),
            "hostile": lambda folder: corpus.write_hostile(folder, entries),
            "both": both,
        }
        best: dict[str, float] = {}
        for time in range(options.times):
            for name, fill in kinds.items():
                took = cpu_s(there, name, fill, time)
                best[name] = min(took, best.get(name, took))
                print(f"{name:10} {took:8.1f} CPU s", flush=True)
    alone, beside = best["honest"] - best["few"], best["both"] - best["hostile"]
    print(
        f"honest papers alone {alone:.1f} s, beside hostile ones {beside:.1f} s: {beside / alone:.2f} (allowed {ALLOWED})"
    )


if __name__ == "__main__":
    main()
