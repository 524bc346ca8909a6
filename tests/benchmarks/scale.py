"""What a run takes as a corpus grows: memory of every task and of the driver, CPU, and what one change costs.

python -m tests.benchmarks.scale [--sizes 50000 200000] [--changes 200000] [--workers 2]

Rows are made from their numbers (`tests.benchmarks.scale_corpus`); every stage but extraction is the product's. Each task runs
in a process of its own, whose memory above what it began with is read from the kernel. A line through the sizes says bytes a
row of the task (of its part or partition; of the corpus where one task sees all), and what it takes in the plan: 3.2 million
papers beside 50 million rows of replay text, parts of 1,000. A run at a small size names the line of code that holds most at the
peak of each kind of task.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import launch as launching
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.stage import Pipeline, Stage
from tests.benchmarks.scale_corpus import Typed, source_id, write_snapshot
from tests.benchmarks.scale_tasks import Measure, Measured, resident

PAPERS, REPLAY = 3_200_000, 50_000_000
PART_ROWS = 1000
"""Of a part, as a source cuts it by default."""
MOST_GB = 2.0
OF_A_PART = ("MapTask", "SplitTask", "FileSplitTask", "HomeTask")
OF_A_PARTITION = ("MergeTask", "ShardTask")
MADE = ("papers", "documents")
"""Stages that stand for extraction: no part of what lies between it and a release."""
CASES = ("changed", "listed", "removed", "more")
"""What happens to a finished corpus, one after the other: a snapshot with 1 % changed records, all of them in 5 % of the papers;
one more work on the list of benchmark sources; one paper whose removal was asked for; 5 % more papers."""
LISTED = 500
"""One paper of so many is on the list of benchmark sources."""


@dataclass
class Run:
    """What a run took."""

    rows: int
    case: str
    tasks: list[Measure] = field(default_factory=list)
    driver: dict[str, int] = field(default_factory=dict)
    driver_cpu_s: float = 0.0
    made: dict[str, list[int]] = field(default_factory=dict)
    """Stage -> files made and files there."""
    report: Mapping[str, Any] = field(default_factory=dict)

    def cpu_s(self, *, outside: Sequence[str] = MADE) -> float:
        return sum(t.cpu_s for t in self.tasks if t.stage not in outside)


# -- one run, in a process of its own ---------------------------------------------------------------------


def corpus(folder: Path, rows: int, replay: int, case: str, partitions: int) -> Pipeline:
    """The product's pipeline over made rows."""
    more = rows // 20 if case == "more" else 0
    numbers = [*range(0, rows, LISTED), *([rows - 7] if case in CASES[1:] else [])]
    listed = [source_id(i).removesuffix("v1") for i in numbers]
    (folder / "list.txt").write_text("\n".join(listed) + "\n")
    asked = [source_id(i) for i in (3, *([rows - 9] if case in CASES[2:] else []))]
    (folder / "asked.txt").write_text("\n".join(asked) + "\n")
    made_up = "tests.benchmarks.scale_corpus"
    step = f"{made_up}.Sky"
    arxiv = {"name": "arxiv", "step": step, "path": "seed", "count": rows + more, "metadata": "snapshot.jsonl"}
    sources = [arxiv, *([{"name": "replay", "step": step, "path": "seed", "count": replay}] if replay else [])]
    write_snapshot(folder / "snapshot.jsonl", rows + more, changed=rows if case in CASES else 0)
    config = {
        "name": "scale",
        "sources": sources,
        "withhold": {"benchmarks": [{"name": "list", "sources": "list.txt"}, {"name": "araa", "rule": "araa"}]},
        "steps": [{"step": f"{made_up}.Asked", "path": "asked.txt"}, {"step": f"{made_up}.Taken"}],
        "dedup": {"partitions": partitions, **({"scope": {"replay": "papers"}} if replay else {})},
    }
    (folder / "seed").mkdir(exist_ok=True)
    made = pipeline(parse_config(config, folder))
    stages = tuple(Stage(Typed()) if stage.step.name == "documents" else stage for stage in made.stages)
    return replace(made, stages=stages)


def one(folder: Path, rows: int, replay: int, case: str, *, asked: argparse.Namespace) -> Run:
    """Run the corpus in a folder, in this process."""
    run = Run(rows + replay, case)
    executor = Measured(asked.workers, run.tasks, trace=asked.trace)
    launching.make_executor = lambda *_: executor  # type: ignore[assignment]
    chosen = corpus(folder, rows, replay, case, asked.partitions)
    ended, start, cpu_s = threading.Event(), resident(), time.process_time()

    def watch() -> None:
        while not ended.wait(0.02):
            run.driver[executor.phase] = max(run.driver.get(executor.phase, 0), resident() - start)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    outcome = launching.launch(chosen, folder / "run", launching.Options(executor="inline"))
    ended.set()
    thread.join()
    run.driver_cpu_s = time.process_time() - cpu_s
    run.made = {r.stage: [r.computed, r.cached] for r in outcome.reports}
    run.report = {
        tier: {k: t[k] for k in ("released", "dropped", "withheld")} for tier, t in outcome.report["tiers"].items()
    }
    return run


def in_process(folder: Path, rows: int, case: str, asked: argparse.Namespace, *, trace: bool = False) -> Run:
    """`one` in a process of its own, so that the driver's memory is its own."""
    out = folder / "measured.json"
    # processes of a script import it again, which takes as long as a task
    start = [sys.executable, "-c", "from tests.benchmarks.scale import main; main()"]
    command = [*start, "--one", str(folder), case, str(rows), str(asked.replay * rows)]
    command += ["--workers", str(asked.workers), "--partitions", str(asked.partitions)]
    subprocess.run([*command, *(["--trace"] if trace else [])], check=True)
    value = json.loads(out.read_text())
    return Run(**{**value, "tasks": [Measure(**t) for t in value["tasks"]]})


# -- what it says ------------------------------------------------------------------------------------------


def largest(run: Run) -> dict[tuple[str, str], Measure]:
    """The task of each kind that took most."""
    found: dict[tuple[str, str], Measure] = {}
    for task in run.tasks:
        key = task.stage, task.kind
        if key not in found or task.peak > found[key].peak:
            found[key] = task
    return found


def line_through(sizes: Sequence[int], values: Sequence[float]) -> tuple[float, float]:
    """Bytes at nothing, and bytes a row."""
    if len(sizes) < 2:
        return 0.0, values[0] / sizes[0]
    slope, start = np.polyfit(np.array(sizes, float), np.array(values, float), 1)
    return float(start), float(slope)


def planned(kind: str, partitions: int, *, is_cut: bool) -> float:
    """Rows of a task of the plan: of a part, of a partition, or all.

    Args:
        is_cut: a whole step that has several tasks, a stretch of its file each: it grows no further.
    """
    if kind in OF_A_PART or is_cut:
        return PART_ROWS
    return (PAPERS + REPLAY) / (partitions if kind in OF_A_PARTITION else 1)


def show_tasks(runs: Sequence[Run], named: Run | None, partitions: int) -> None:
    tables = [largest(run) for run in runs]
    lines = {key: task.line for key, task in largest(named).items()} if named else {}
    tasks = [Counter((task.stage, task.kind) for task in run.tasks) for run in runs]
    cpu: list[Counter[tuple[str, str]]] = [Counter() for _ in runs]
    for run, total in zip(runs, cpu, strict=True):
        for task in run.tasks:
            total[task.stage, task.kind] += task.cpu_s  # type: ignore[assignment]
    heads = " ".join(f"{f'MiB {run.rows:,}':>14}" for run in runs)
    print(f"{'stage and task':34} {heads} {'arrow':>6} {'B a row':>8} {'GB plan':>8} {'us a row':>9} {'x':>5}  most in")
    for key in tables[-1]:
        there = [n for n, table in enumerate(tables) if key in table]
        sizes = [round(runs[n].rows / tasks[n][key]) for n in there]
        peaks = [tables[n][key].peak for n in there]
        start, slope = line_through(sizes, peaks)
        cut = key[1] == "WholeTask" and tasks[-1][key] > 1
        plan = max(start + slope * planned(key[1], partitions, is_cut=cut), peaks[-1]) / 1e9
        each = [1e6 * cpu[n][key] / runs[n].rows for n in there]
        shown = " ".join(f"{p / 2**20:14,.1f}" for p in [0] * (len(runs) - len(there)) + peaks)
        print(
            f"{key[0] + ' ' + key[1].removesuffix('Task').lower():34} {shown} {tables[-1][key].arrow / max(peaks[-1], 1):6.2f} "
            f"{slope:8.1f} {plan:7.2f}{'!' if plan > MOST_GB else ' '} {each[-1]:9.1f} {each[-1] / each[0] if each[0] else 0:5.2f}"
            f"  {lines.get(key, '')}"
        )


def show_driver(runs: Sequence[Run]) -> None:
    sizes = [run.rows for run in runs]
    print(
        f"\n{'driver in phase':34} "
        + " ".join(f"{f'MiB {s:,}':>14}" for s in sizes)
        + f" {'B a row':>8} {'GB plan':>8}"
    )
    for phase in runs[-1].driver:
        values = [run.driver.get(phase, 0) for run in runs]
        shown = " ".join(f"{v / 2**20:14,.1f}" for v in values)
        slope = line_through(sizes, values)[1]
        print(f"{phase:34} {shown} {slope:8.1f} {slope * (PAPERS + REPLAY) / 1e9:8.2f}")
    each = [(run.cpu_s(outside=()) + run.driver_cpu_s) / run.rows * 1e6 for run in runs]
    print(
        f"CPU a row, all tasks and driver: {', '.join(f'{e:,.0f} us' for e in each)}; last over first {each[-1] / each[0]:.2f}"
    )


def show_change(full: Run, run: Run, new_rows: int) -> None:
    documents = sum(t.rows for t in run.tasks if t.stage == "documents")
    share = run.cpu_s() / full.cpu_s()
    before = run.cpu_s(outside=(*MADE, "release")) / full.cpu_s(outside=(*MADE, "release"))
    merges = sum(t.cpu_s for t in run.tasks if t.kind in ("MergeTask", "HomeTask", "WholeTask", "CutTask"))
    made, there = (sum(pair[i] for pair in run.made.values()) for i in (0, 1))
    print(
        f"{run.case:10} {made:6,} files made, {there:6,} there; documents made again {max(documents - new_rows, 0):,}; CPU "
        f"{run.cpu_s():,.0f} s, {100 * share:.1f} % of the full run's {full.cpu_s():,.0f} s, {100 * before:.1f} % before the release (merges and whole steps "
        f"{100 * merges / max(run.cpu_s(), 1e-9):.0f} % of it); driver {run.driver_cpu_s:,.0f} s"
    )
    touched = {stage: pair for stage, pair in run.made.items() if pair[0]}
    print("           " + ", ".join(f"{stage} {made}/{made + there}" for stage, (made, there) in touched.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--replay", type=int, default=0, help="rows of replay text for each paper")
    parser.add_argument("--changes", type=int, help="papers of the corpus that is changed; default: the largest size")
    parser.add_argument("--names", type=int, default=20_000, help="rows of the run that names lines of code; 0: none")
    parser.add_argument("--partitions", type=int, default=16, help="of each exchange")
    parser.add_argument("--plan", type=int, default=256, help="partitions of each exchange in the plan")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where runs lie; default: a temporary folder")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--trace", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        folder, case, rows, replay = asked.one
        run = one(Path(folder), int(rows), int(replay), case, asked=asked)
        (Path(folder) / "measured.json").write_text(json.dumps(asdict(run)))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        base = Path(name)

        def run(rows: int, case: str = "full", *, trace: bool = False) -> Run:
            folder = base / f"{rows}{'-named' if trace else ''}"
            folder.mkdir(exist_ok=True)
            return in_process(folder, rows, case, asked, trace=trace)

        named = run(asked.names, trace=True) if asked.names else None
        runs = [run(rows) for rows in asked.sizes]
        show_tasks(runs, named, asked.plan)
        show_driver(runs)
        print(f"tiers: {runs[-1].report}\n")
        rows = asked.changes or asked.sizes[-1]
        full = next((r for r in runs if r.rows == rows * (1 + asked.replay)), None) or run(rows)
        for case in CASES:
            changed = run(rows, case)
            show_change(full, changed, rows // 20 if case == "more" else 0)


if __name__ == "__main__":
    main()
