"""A listing during an outage retires no paper: what is gone, empty or half gone stops the run; the same command goes on."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from curation.errors import RunError, UserError
from curation.faults import cannot_be_read, is_io_error
from curation.sources.folder import FolderSource
from curation.sources.listing import list_folder
from curation.sources.steps import metadata_steps
from curation.sources.unit import Listing
from data_cards import read_card
from pipelines.engine.store import Store
from pipelines.engine.units import Selection, plan_units
from pipelines.launch import Options, launch
from tests.engine.runs import receipts, release_files
from tests.engine.steps import text_pipeline

INLINE = Options(executor="inline")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    return folder


def test_a_source_that_was_never_there_is_the_users_error(texts, tmp_path):
    with pytest.raises(UserError, match="nothing to read"):
        launch(text_pipeline(tmp_path / "wrong"), tmp_path / "run", INLINE)


@pytest.mark.parametrize("outage", ["gone", "empty", "half"])
def test_a_source_that_is_away_stops_the_run_and_comes_back(texts, tmp_path, outage):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    before, there = release_files(run), receipts(run)
    texts.rename(tmp_path / "away")
    if outage != "gone":
        texts.mkdir()
    for i in range(5 if outage == "half" else 0):
        shutil.copy2(tmp_path / "away" / f"p{i:02d}.txt", texts)
    with pytest.raises(RunError, match="12 papers of the last run") as caught:
        launch(text_pipeline(texts), run, INLINE)
    assert "run the same command when it is back" in str(caught.value)
    assert release_files(run) == before and receipts(run) == there
    shutil.rmtree(texts, ignore_errors=True)
    (tmp_path / "away").rename(texts)
    assert sum(s["computed"] for s in launch(text_pipeline(texts), run, INLINE).report["stages"]) == 0
    assert release_files(run) == before


def test_most_papers_may_go_when_the_user_says_so(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    for i in range(7):
        (texts / f"p{i:02d}.txt").unlink()
    with pytest.raises(RunError, match=r"7 of the 12 papers.*--accept-removed"):
        launch(text_pipeline(texts), run, INLINE)
    report = launch(text_pipeline(texts), run, Options(executor="inline", accept_removed=True)).report
    assert report["papers"]["in"] == 5
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 5


def test_half_of_the_papers_or_two_of_three_may_go(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    for i in range(6):
        (texts / f"p{i:02d}.txt").unlink()
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 6
    for i in range(6, 9):
        (texts / f"p{i:02d}.txt").unlink()
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 3
    for i in range(9, 11):
        (texts / f"p{i:02d}.txt").unlink()
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 1


def test_papers_that_are_gone_are_told_as_a_warning_in_the_report_and_on_the_card(texts, tmp_path):
    run = tmp_path / "run"
    assert not [w for w in launch(text_pipeline(texts), run, INLINE).report["warnings"] if "gone" in w]
    for i in range(6):
        (texts / f"p{i:02d}.txt").rename(tmp_path / f"p{i:02d}.txt")
    report = launch(text_pipeline(texts), run, INLINE).report
    [warning] = [w for w in report["warnings"] if "gone" in w]
    assert (
        "6 of the 12 papers of the last run are gone (p00.txt, p01.txt, p02.txt, p03.txt, p04.txt and 1 more)"
        in warning
    )
    assert json.loads((run / "report.json").read_text())["warnings"] == report["warnings"]
    assert warning in read_card(run / report["release"]).warnings
    for i in range(6):
        (tmp_path / f"p{i:02d}.txt").rename(texts / f"p{i:02d}.txt")
    report = launch(text_pipeline(texts), run, INLINE).report
    assert report["papers"]["in"] == 12 and not [w for w in report["warnings"] if "gone" in w]


def test_a_single_paper_that_is_gone_is_told_and_one_that_the_user_removed_is_not(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    (texts / "p00.txt").unlink()
    (texts / "new.txt").write_text("a new paper about stars")
    report = launch(text_pipeline(texts), run, INLINE).report
    assert any("1 of the 12 papers of the last run are gone (p00.txt)" in w for w in report["warnings"])
    (texts / "p01.txt").unlink()
    report = launch(text_pipeline(texts), run, Options(executor="inline", accept_removed=True)).report
    assert not [w for w in report["warnings"] if "gone" in w]


def test_a_wrong_config_is_no_outage(texts, tmp_path):
    """What the user can mend is said as on the first run."""
    store, folder = Store(tmp_path), "papers-00000000"
    source = FolderSource(source="s", path=str(texts))
    plan_units(store, folder, [source], Selection()).close()
    wrong = FolderSource(source="s", path=str(texts), metadata=str(tmp_path / "none.jsonl"))
    with pytest.raises(UserError, match=r"none\.jsonl"):
        metadata_steps((wrong,))[0].stretches()
    texts.rename(tmp_path / "away")
    with pytest.raises(RunError, match="12 papers of the last run"):
        plan_units(store, folder, [source], Selection())


def test_errors_of_the_machine_are_told_from_those_of_a_file():
    words = {
        5: "io_error",
        116: "io_error",
        2: "io_error",
        13: "io_error",
        110: "io_error",
        40: "unreadable",
        36: "unreadable",
    }
    for number, reason in words.items():
        assert cannot_be_read(OSError(number, os.strerror(number)), "a.tex").reason == reason
    assert not is_io_error(OSError("Couldn't deserialize thrift")), "libraries say so of damaged content"
    assert not is_io_error(ValueError("x"))


def test_what_cannot_be_listed_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "nowhere.txt").symlink_to("away.txt")
    assert Listing.whole(list_folder(tmp_path)).unreadable == {"nowhere.txt": "No such file or directory"}
