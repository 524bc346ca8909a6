"""A part that takes long seals what it has: kill -9 loses a stretch, not the part."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from curation.errors import ConfigError, RunError
from curation.extract.router import Extract
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo.__main__ import HERE
from pipelines.engine.inline import InlineExecutor
from pipelines.engine.progress import Reporter
from pipelines.engine.runner import Runner
from pipelines.engine.store import Store
from pipelines.engine.task import close_steps
from pipelines.launch import Options, launch
from tests.engine.runs import release_files
from tests.engine.seal_steps import CountsBlindly, Hurried, Patient, patient_pipeline
from tests.engine.steps import Texts, text_pipeline
from tests.engine.tables import SplitWords

INLINE = Options(executor="inline")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"star dust number{i} of many")
    return folder


def asked(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def sealed(run: Path, part: int) -> list[str]:
    return sorted(file.name for file in run.glob(f"*/sealed/part-{part:05d}-*/*"))


def die(texts: Path, run: Path, log: Path, doc_id: str) -> None:
    command = [sys.executable, "-m", "tests.engine.seal_steps", str(texts), str(run), str(log), doc_id]
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL


def test_a_killed_part_goes_on_where_it_sealed_last(texts: Path, tmp_path: Path) -> None:
    run, log = tmp_path / "run", tmp_path / "log"
    die(texts, run, log, "id:p11")
    assert asked(log)[-6:] == [f"id:p{i:02d}" for i in (6, 7, 8, 9, 10, 11)]
    assert sealed(run, 1) == [f"0000000{i}-0000000{j}.documents.parquet" for i, j in ((0, 2), (2, 3), (3, 4), (4, 5))]
    log.unlink()
    die(texts, run, log, "id:p11")  # once more, before anything new is sealed
    launch(patient_pipeline(texts, Patient(log=str(log))), run, INLINE)
    assert asked(log) == ["id:p11", "id:p11"]
    assert not [*run.glob("*/sealed")]

    launch(patient_pipeline(texts, Patient(log=str(log))), tmp_path / "unbroken", INLINE)
    made = [
        sorted((f.relative_to(r), f.read_bytes()) for f in r.rglob("part-*.parquet"))
        for r in (run, tmp_path / "unbroken")
    ]
    assert made[0] == made[1] and release_files(run) == release_files(tmp_path / "unbroken")


def test_stretches_give_the_bytes_of_whole_parts(texts: Path, tmp_path: Path) -> None:
    launch(patient_pipeline(texts, Hurried(log=str(tmp_path / "log"))), tmp_path / "stretches", INLINE)
    launch(text_pipeline(texts, more=(SplitWords(),), part_papers=6), tmp_path / "whole", INLINE)
    for stage in ("documents-*/part-*.parquet", "words-*/part-*.parquet", "words-*/letters/part-*.parquet"):
        one, other = ([f.read_bytes() for f in sorted((tmp_path / r).glob(stage))] for r in ("stretches", "whole"))
        assert one == other and len(one) == 2, stage


def test_papers_that_were_replaced_meanwhile_are_made_anew(texts: Path, tmp_path: Path) -> None:
    run, log = tmp_path / "run", tmp_path / "log"
    die(texts, run, log, "id:p11")
    (texts / "p07.txt").write_text("another text")
    log.unlink()
    launch(patient_pipeline(texts, Patient(log=str(log))), run, INLINE)
    assert {f"id:p{i:02d}" for i in (6, 7, 8, 9, 10, 11)} <= set(asked(log))
    launch(patient_pipeline(texts, Patient(log=str(log))), tmp_path / "unbroken", INLINE)
    assert release_files(run) == release_files(tmp_path / "unbroken")


def test_what_the_machine_failed_at_is_not_sealed(texts: Path, tmp_path: Path) -> None:
    run, log = tmp_path / "run", tmp_path / "log"

    with pytest.raises(RunError, match="the mount is gone"):
        launch(patient_pipeline(texts, Patient(log=str(log), unread="id:p02", stops_with="id:p05")), run, INLINE)
    assert sealed(run, 0) == [f"0000000{i}-0000000{j}.documents.parquet" for i, j in ((0, 2), (3, 4), (4, 5))]
    log.unlink()
    launch(patient_pipeline(texts, Patient(log=str(log))), run, INLINE)
    assert asked(log)[:2] == ["id:p02", "id:p05"]


def test_a_step_that_seals_reads_whose_rows_it_is_given(texts: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="step counted seals stretches of a part, so it must read the doc_id of words"
    ):
        launch(patient_pipeline(texts, Texts(), CountsBlindly), tmp_path / "run", INLINE)


def test_papers_are_extracted_in_stretches_as_they_are_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = pipeline(load_config(HERE / "demo.yaml"))
    upto = next(i for i, stage in enumerate(demo.stages) if stage.name == "documents") + 1
    made = []
    for rows in (0, 2):
        monkeypatch.setattr(Extract, "seal_rows", rows)
        monkeypatch.setattr(Extract, "seal_s", 0.0)
        store = Store(tmp_path / str(rows))
        with store.lock():
            Runner(
                replace(demo, stages=demo.stages[:upto], release=None), store, InlineExecutor(), Reporter(quiet=True)
            ).run()
        made.append(
            {
                str(f.relative_to(tmp_path / str(rows))): f.read_bytes()
                for f in (tmp_path / str(rows)).rglob("part-*.parquet")
            }
        )
    close_steps()
    assert made[0] == made[1] and any("/pages/" in name for name in made[0])
