"""Driver stages: parts in flight over one engine, whatever the executor; what a kill, a failure and Ctrl-C leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from curation.errors import ContractError, RunError, UserError
from curation.place import open_place
from curation.sources.ours import RUN, ours
from curation.step import Inputs
from pipelines.cli import main
from pipelines.engine import driver
from pipelines.engine.engine_state import engine_state
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.driver_steps import Shouts, loud_pipeline
from tests.engine.runs import receipts, release_files, temp_files

PARTS = 4


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(3 * PARTS):
        (folder / f"p{i:02d}.txt").write_text(f"{'abcde'[i % 5]} text number {i} of the corpus" + " and more" * i)
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def run(texts: Path, folder: Path, log: Path, executor: str = "inline", **step: Any) -> None:
    launch(loud_pipeline(texts, Shouts(log=str(log), **step)), folder, Options(executor=executor, workers=2))


@contextmanager
def process(texts: Path, folder: Path, log: Path, **step: Any) -> Iterator[subprocess.Popen[str]]:
    said = Shouts(log=str(log), **step).model_dump_json()
    command = [sys.executable, "-m", "tests.engine.driver_steps", str(texts), str(folder), "inline", said]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        yield running


def lines(log: Path, word: str) -> list[str]:
    file = log / "log"
    found = file.read_text().splitlines() if file.exists() else []
    return [line.removeprefix(word).strip() for line in found if line.startswith(f"{word} ")]


def shouts(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("shouts-*/part-*.parquet"))}


def finished(folder: Path) -> dict[str, int]:
    return {file: at for file, at in receipts(folder).items() if file.startswith("shouts-")}


@pytest.mark.parametrize(("executor", "in_flight"), [("inline", 1), ("local", 256)])
def test_parts_have_the_same_bytes_however_many_are_in_flight(
    texts: Path, tmp_path: Path, log: Path, executor: str, in_flight: int
) -> None:
    run(texts, tmp_path / "one", log)
    run(texts, tmp_path / "other", log, executor, parts_in_flight=in_flight)
    assert shouts(tmp_path / "one") == shouts(tmp_path / "other") and len(shouts(tmp_path / "one")) == PARTS
    assert release_files(tmp_path / "one") == release_files(tmp_path / "other")
    told = RunTables(open_store(tmp_path / "one")).manifest("shouts")
    assert told.rows == 3 * PARTS and sum(part.cost.wall_s for part in told.parts) > 0


def test_as_many_parts_as_the_step_says_share_one_engine(texts: Path, tmp_path: Path, log: Path) -> None:
    run(texts, tmp_path / "run", log, parts_in_flight=2, together=2)  # with one at a time it would wait for ever
    assert len(lines(log, "opened")) == len(lines(log, "closed")) == 1
    assert max(lines(log, "in flight")) == "2" and len(lines(log, "in flight")) == PARTS


def test_a_run_that_has_all_parts_opens_no_engine(texts: Path, tmp_path: Path, log: Path) -> None:
    run(texts, tmp_path / "run", log)
    before = receipts(tmp_path / "run")
    run(texts, tmp_path / "run", log, parts_in_flight=7, no_engine=True)
    assert receipts(tmp_path / "run") == before and len(lines(log, "opened")) == 1


def test_what_an_engine_takes_beside_the_driver_is_held_while_a_stage_asks_it(
    texts: Path, tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Shouts(log=str(log), beside_cpus=10_000)
    assert step.resources(0).cpus == 10_001
    run(texts, tmp_path / "run", log, beside_cpus=10_000)
    assert capsys.readouterr().err.count("the engine of step shouts takes 10000 CPUs") == 1
    run(texts, tmp_path / "run", log, beside_cpus=10_000)
    assert "10000 CPUs" not in capsys.readouterr().err, "nothing is asked, so nothing is held"


def test_kill_9_loses_the_parts_in_flight_and_no_answer(texts: Path, tmp_path: Path, log: Path) -> None:
    run(texts, tmp_path / "unbroken", log)
    whole = release_files(tmp_path / "unbroken")
    (log / "log").unlink()
    with process(texts, tmp_path / "run", log, parts_in_flight=2, dies_with=["id:p11"]) as killed:
        assert killed.wait() == -signal.SIGKILL
    assert not lines(log, "closed")
    there = finished(tmp_path / "run")
    assert PARTS - 2 <= len(there) < PARTS
    answered, n_asked = set(lines(log, "answered")), len(lines(log, "asked"))
    run(texts, tmp_path / "run", log, parts_in_flight=2)
    after = receipts(tmp_path / "run")
    assert all(after[file] == at for file, at in there.items())
    assert not answered & set(lines(log, "asked")[n_asked:]) and answered < set(lines(log, "answered"))
    assert release_files(tmp_path / "run") == whole and not temp_files(tmp_path / "run")


def test_the_first_failure_stops_the_run_and_says_where(
    texts: Path, tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = {"waits_with": ["id:p00"], "parts_in_flight": 2, "together": 2}
    with pytest.raises(RunError, match=r"step shouts, part 1: ValueError: no answer for id:p04 \(driver_steps") as stop:
        run(texts, tmp_path / "run", log, fails_with=["id:p04"], **waits)
    trace = Path(str(stop.value).rpartition("trace: ")[2])
    assert "raise ValueError" in trace.read_text()
    assert lines(log, "cancelled") == [""] and lines(log, "closed") == [""]  # part 0, and then the engine
    said = " ".join(capsys.readouterr().err.split())
    answered = len(lines(log, "answered"))
    assert f"the engine of step shouts at the end: {answered} answers" in said
    run(texts, tmp_path / "run", log)
    assert len(shouts(tmp_path / "run")) == PARTS and "at the end" not in capsys.readouterr().err


def test_a_part_that_its_engine_cancels_is_not_lost(texts: Path, tmp_path: Path, log: Path) -> None:
    with pytest.raises(RunError, match="step shouts, part 2: its engine cancelled it"):
        run(texts, tmp_path / "run", log, cancels_with=["id:p07"])


def test_an_engine_that_cannot_be_opened_or_closed_stops_the_run(
    texts: Path, tmp_path: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match="does not answer; start the server"):
        run(texts, tmp_path / "run", log, no_engine=True)
    with pytest.raises(RunError, match="step shouts, part 1: ValueError: no answer"):
        run(texts, tmp_path / "run", log, fails_with=["id:p04"], does_not_close=True)
    said = " ".join(capsys.readouterr().err.split())
    assert "while the run stopped: step shouts, its engine: OSError: [Errno 28] No space left on device" in said
    with pytest.raises(RunError, match=r"step shouts, its engine: OSError: .* No space left on device"):
        run(texts, tmp_path / "run", log, does_not_close=True)


def test_an_engine_that_does_not_end_is_told_and_left(
    texts: Path, tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(driver, "STOP_S", 0.2)
    with pytest.raises(RunError, match="no answer for id:p04"):
        run(texts, tmp_path / "run", log, fails_with=["id:p04"], stays_open=True)
    assert "the engine of step shouts did not end within 0 s and is left as it is" in capsys.readouterr().err
    (log / "go").touch()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_cancel_parts_and_close_the_engine(
    texts: Path, tmp_path: Path, log: Path, number: signal.Signals
) -> None:
    with process(texts, tmp_path / "run", log, parts_in_flight=2, waits_with=["id:p03", "id:p10"]) as running:
        waiting = {"id:p03", "id:p10"}
        while not waiting <= set(lines(log, "asked")) or len(finished(tmp_path / "run")) < PARTS - 2:
            assert running.poll() is None
            time.sleep(0.02)
        os.kill(running.pid, number)
        said = running.communicate()[1]
    assert running.returncode == 1 and "RunError: stopped; finished parts are kept" in said and "Traceback" not in said
    assert lines(log, "cancelled") == ["", ""] and lines(log, "closed") == [""]
    assert (tmp_path / "run/engines/answers.json").exists() and not temp_files(tmp_path / "run")
    answered, n_asked = set(lines(log, "answered")), len(lines(log, "asked"))
    run(texts, tmp_path / "run", log)  # at once: the lease was given back
    assert waiting <= (asked := set(lines(log, "asked")[n_asked:])) and not answered & asked


def test_what_an_engine_keeps_hides_no_paper_and_goes_with_its_run(
    texts: Path, tmp_path: Path, log: Path, s3_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(texts, tmp_path / "run", log)
    assert main(["ledger", str(tmp_path / "run")]) == 0
    assert main(["step", str(tmp_path / "run"), "shouts", "p00"]) == 2
    assert ours(tmp_path / "run") == RUN
    (tmp_path / "run" / "run.json").unlink()
    run(texts, tmp_path / "run", log)  # a run.json that is gone makes no strange folder of it

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = open_place(s3_uri)
    first, again = (engine_state(open_store(s3_uri)) for _ in range(2))
    assert first.folder == again.folder and first.folder.is_relative_to(tmp_path / "state")
    place.remove_folder("engines")
    assert (
        engine_state(open_store(s3_uri)).folder != first.folder
    )  # a run that begins anew has no answers of the old one


def test_a_driver_step_makes_nothing_without_an_engine(log: Path) -> None:
    with pytest.raises(ContractError, match="step shouts asks an engine, in the driver of a run"):
        Shouts(log=str(log)).run(Inputs({}))
    assert Shouts(log=str(log), parts_in_flight=9).identity() == Shouts(log="elsewhere").identity()
