"""What tasks take: as their step says, or their receipts; and that no more run at once than the machine has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from curation.errors import RunError
from curation.place.own import own_folder
from curation.resources import BASE_MB, Resources
from pipelines.engine import local, machine
from pipelines.engine.inline import InlineExecutor
from pipelines.engine.needs import IDLE_MB, MARGIN, at_once, held_here, memory_of
from pipelines.engine.progress import Reporter
from pipelines.engine.receipt import Cost, Manifest, Receipt
from pipelines.engine.runner import Runner
from pipelines.engine.store import Store
from pipelines.engine.task import Task
from pipelines.launch import Options, launch
from tests.engine.need_steps import Heavy, HeavyAnew
from tests.engine.steps import text_pipeline
from tests.engine.tables import SplitWords

GB = 2**30


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(20):
        (folder / f"p{i:02d}.txt").write_text(f"text number {i} of the corpus")
    return folder


def task(needs: Resources) -> Task:
    return Task(step=SplitWords(), root="", target="f/part-00000", part=0, needs=needs)


def width(free: int, *needs: Resources, workers: int = 8) -> tuple[int, list[str]]:
    said: list[str] = []
    return at_once([task(n) for n in needs], workers, free, said.append), said


def test_as_many_tasks_run_as_memory_cpus_and_gpus_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    gb, big = Resources(memory_mb=1024), Resources(memory_mb=5000)
    assert width(9 * GB, *[gb] * 20) == (8, [])
    assert width(9 * GB, gb, gb) == (2, [])  # no more tasks than that
    assert width(9 * GB, *[gb] * 5, big) == (
        5,
        ["step words: 5 tasks at once instead of 6: one may take 5,000 MB of memory, and 9,216 MB are free"],
    )
    alone, [said] = width(4 * GB, gb, big)
    assert (
        alone == 1
        and "a task may take 5,000 MB of memory, and 4,096 MB are free; it runs alone, and may be killed" in said
    )
    two, [said] = width(64 * GB, *[Resources(cpus=3)] * 9)
    assert two == 2 and "2 tasks at once instead of 8: one takes 3 CPUs" in said
    assert width(64 * GB, Resources(cpus=99))[0] == 1  # a machine with fewer is slower, no more

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert width(64 * GB, *[Resources(gpus=0.5)] * 9)[0] == 4
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(RunError, match=r"step words needs 0\.5 GPUs a task, and this machine shows 0"):
        width(64 * GB, Resources(gpus=0.5))


def test_memory_is_what_earlier_tasks_took_and_grows_with_the_inputs() -> None:
    assert memory_of(10**9, []) is None and memory_of(10**9, [Cost(1.0, 1.0)]) is None  # of a run that did not measure
    told = [Cost(peak_mb=700, input_bytes=10**8), Cost(peak_mb=500, input_bytes=10**6)]
    assert memory_of(10**7, told) == memory_of(10**8, told) == MARGIN * 700
    assert memory_of(3 * 10**8, told) == MARGIN * (700 + 2 * (700 - IDLE_MB))
    assert memory_of(10**12, [Cost(peak_mb=IDLE_MB - 1, input_bytes=1)]) == pytest.approx(MARGIN * IDLE_MB, abs=2)
    assert SplitWords().resources(2**30).memory_mb == BASE_MB + 16 * 1024


class Spy(InlineExecutor):
    """Remembers the tasks that it ran."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[Task] = []

    def run(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        self.tasks += tasks
        yield from super().run(tasks)

    def of(self, stage: str) -> list[Task]:
        return [task for task in self.tasks if task.target.startswith(stage)]


def run(texts: Path, folder: Path, step: Heavy) -> Spy:
    store, spy = Store(folder), Spy()
    with store.lock():
        Runner(text_pipeline(texts, documents=step), store, spy, Reporter(quiet=True)).run()
    return spy


def test_a_stage_asks_for_what_its_receipts_say(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    heavy = {"log": str(tmp_path / "log"), "lasts_s": 0.0}
    first = run(texts, tmp_path / "run", Heavy(holds_mb=300, **heavy))
    assert {task.needs.memory_mb for task in first.of("documents-")} == {64}  # its step's word, where nothing is known
    manifest = Store(tmp_path / "run").read_as(
        f"{first.of('documents-')[0].target.partition('/')[0]}/_manifest.json", Manifest.from_json
    )
    assert manifest is not None
    peaks = [part.cost.peak_mb for part in manifest.parts]
    assert min(peaks) > 300 and all(part.cost.input_bytes > 0 for part in manifest.parts)
    for kind in ("split-prefix", "prefix", "copies", "shard_plan", "release"):
        assert all(task.input_bytes > 0 and task.needs.memory_mb > BASE_MB for task in first.of(f"{kind}-")), kind

    (texts / "p99.txt").write_text("one more")
    second = run(texts, tmp_path / "run", HeavyAnew(**heavy))
    assert len(second.of("documents-")) == 5
    assert {task.needs.memory_mb for task in second.of("documents-")} == {-int(-MARGIN * max(peaks) // 1)}
    for kind in ("prefix", "copies", "shard_plan", "release"):  # merges and whole steps, too
        again = second.of(f"{kind}-")
        assert again and all(t.needs.memory_mb != t.step.resources(t.input_bytes).memory_mb for t in again), kind


def test_local_runs_no_more_at_once_than_memory_allows(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    log, free = tmp_path / "log", machine.free_bytes()
    monkeypatch.setattr(local, "free_bytes", lambda mine=(): free)  # others on the machine take and give back meanwhile
    step = Heavy(log=str(log), memory_mb=int(free * 0.6) >> 20)
    launch(text_pipeline(texts, documents=step), tmp_path / "run", Options(workers=2))
    words = log.read_text().split("\n")[:-1]
    assert [word for word in words if word != "set up"] == ["begin", "end"] * 4
    assert words.count("set up") == 1 and list((own_folder() / "set-up").iterdir())
    assert "step documents: 1 task at once instead of 2: one may take" in capsys.readouterr().err
    launch(text_pipeline(texts, documents=HeavyAnew(log=str(log))), tmp_path / "run", Options(workers=2))
    assert log.read_text().split("\n").count("set up") == 2  # once a run, by one of two processes


def test_limits_of_control_groups_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def group(path: str, limit: str, used: int, cache: int, names: Sequence[str] = machine._V2) -> None:
        folder = tmp_path / "fs" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / names[0]).write_text(limit)
        (folder / names[1]).write_text(str(used))
        (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {cache}\n")

    def told(lines: str) -> list[int]:
        (tmp_path / "cgroup").write_text(lines)
        return sorted(machine._free_of_groups())

    monkeypatch.setattr(machine, "SELF", tmp_path)
    monkeypatch.setattr(machine, "CGROUPS", tmp_path / "fs")
    group("batch.slice/job", "1000", 600, 150)
    group("batch.slice", "max", 600, 150)
    assert told("0::/batch.slice/job\n") == [550]
    group("", "900", 880, 5)
    assert told("0::/batch.slice/job\n") == [25, 550] and told("0::/not/here\n") == [25]
    assert machine.free_bytes() == 25
    group("memory/docker/1", "500", 700, 0, machine._V1)
    assert told("3:cpu,memory:/docker/1\n2:cpuset:/docker/1\n") == [0]


def test_a_process_beside_the_driver_is_told_where_the_machine_has_less_than_it_takes() -> None:
    said: list[str] = []
    with held_here(Resources(1, 0, 100), "the model", 100 * 2**20, said.append):
        assert said == []
    with held_here(Resources(10_000, 0, 101), "the model", 100 * 2**20, said.append):
        slow, killed = said
    assert slow.startswith("the model takes 10000 CPUs") and killed.startswith(
        "the model may take 101 MB of memory, and 100 MB are free"
    )
