"""Failures of the machine: no verdict on a paper. The next run asks again by itself; the end is that of an undisturbed run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar

import polars as pl
import pyarrow as pa
import pytest

from curation.errors import RunError, UserError
from curation.release.published import check_may_be_public
from curation.step import Execution, Inputs
from pipelines.engine.outage import stop_at_outage
from pipelines.engine.receipt import Fault, Receipt, open_failures
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from schemas.manifest import read_manifest
from tests.engine.runs import receipts, release_files
from tests.engine.steps import Texts, text_pipeline

INLINE = Options(executor="inline")


class Weather(Texts):
    """Papers fail as a JSON file says: {"p03": "stalled"}. Every paper that is asked is written down in another."""

    version: ClassVar[int] = 3
    sky: Annotated[str, Execution()]

    def row(self, paper: dict[str, Any], inputs: Inputs) -> dict[str, Any]:
        name = paper["doc_id"].removeprefix("id:")
        with Path(self.sky).with_suffix(".asked").open("a") as log:
            log.write(f"{name}\n")
        if reason := json.loads(Path(self.sky).read_text()).get(name):
            ids = {"doc_id": paper["doc_id"]}
            return {**ids, "status": "failed", "reason": reason, "detail": "the machine"}
        return super().row(paper, inputs)


class Sky:
    """A corpus of 12 papers in 3 parts, and the weather over it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.texts, self.run = folder, folder / "texts", folder / "run"
        self.texts.mkdir()
        for i in range(12):
            (self.texts / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
        self.becomes()

    def becomes(self, **reasons: str) -> None:
        (self.folder / "sky.json").write_text(json.dumps(reasons))

    def launch(self, options: Options = INLINE, run: str = "run") -> dict[str, Any]:
        (self.folder / "sky.asked").write_text("")
        step = Weather(sky=str(self.folder / "sky.json"))
        return dict(launch(text_pipeline(self.texts, documents=step), self.folder / run, options).report)

    def asked(self) -> list[str]:
        return (self.folder / "sky.asked").read_text().split()

    def tables(self) -> dict[Path, bytes]:
        return {p: p.read_bytes() for kind in ("parquet", "arrow") for p in self.run.rglob(f"*.{kind}")}

    def faults(self, part: str = "part-00000") -> dict[str, Any]:
        newest = sorted(self.run.glob(f"documents-*/{part}*.json"))[-1]
        return json.loads(newest.read_text())["faults"]


@pytest.fixture
def sky(tmp_path: Path) -> Sky:
    return Sky(tmp_path)


@pytest.fixture
def undisturbed(sky: Sky) -> dict[str, bytes]:
    sky.launch(run="undisturbed")
    return release_files(sky.folder / "undisturbed")


@pytest.mark.parametrize("reason", ["stalled", "killed", "io_error", "source_changed"])
def test_the_same_command_asks_again_and_ends_as_if_nothing_had_been(sky, undisturbed, reason):
    sky.becomes(p03=reason)
    assert sky.launch()["tiers"]["public"]["failed"] == 1
    old = next(sky.run.glob("documents-*/part-00000.parquet")).read_bytes()
    sky.becomes()
    report = sky.launch()
    assert report["tiers"]["public"]["failed"] == 0 and sky.asked() == ["p03"]
    assert [s["asked_again"] for s in report["stages"] if s["stage"] == "documents"] == [1]
    assert release_files(sky.run) == undisturbed
    folder = next(sky.run.glob("documents-*"))
    assert (folder / "part-00000.parquet").read_bytes() == old, "a reopened part is a revision beside the old one"
    assert (folder / "part-00000.r1.parquet").exists()
    before = receipts(sky.run)
    sky.launch()
    assert receipts(sky.run) == before and sky.asked() == []


@pytest.mark.parametrize("reason", ["timeout", "out_of_memory", "crashed", "bad_archive", "unreadable"])
def test_the_papers_own_failures_stay_until_somebody_asks(sky, reason):
    sky.becomes(p03=reason)
    sky.launch()
    sky.becomes()
    assert sky.launch()["tiers"]["public"]["failed"] == 1 and sky.asked() == []
    again = Options(executor="inline", retry_failed=True, retry_reasons=frozenset({reason}))
    assert sky.launch(again)["tiers"]["public"]["failed"] == 0 and sky.asked() == ["p03"]


@pytest.mark.parametrize("reason", ["stalled", "killed"])
def test_after_three_runs_it_is_the_papers_verdict(sky, reason):
    sky.becomes(p03=reason)
    open_ones = [sky.launch()["open_failures"]["count"] for _ in range(5)]
    assert open_ones == [1, 1, 0, 0, 0]
    assert sky.asked() == [] and sky.faults() == {"id:p03": {"reason": reason, "runs": 3}}
    sky.becomes()
    assert sky.launch()["tiers"]["public"]["failed"] == 1


def test_the_count_of_runs_is_that_of_the_part_not_of_an_older_manifest(sky):
    """A run that was killed had counted, and had written no manifest."""
    sky.becomes(p03="killed")
    sky.launch()
    [receipt] = sky.run.glob("documents-*/part-00000.json")
    told = json.loads(receipt.read_text())
    told["faults"]["id:p03"]["runs"] = 3
    receipt.write_text(json.dumps(told))
    sky.launch()
    assert sky.asked() == []


def test_what_cannot_be_read_is_asked_in_every_run(sky, undisturbed):
    sky.becomes(p03="io_error", p07="stalled")
    for runs in range(1, 6):
        assert sky.launch()["open_failures"]["count"] == (2 if runs < 3 else 1)
        assert sky.faults()["id:p03"]["runs"] == runs
    assert sky.asked() == ["p03"], "the stalled one has its verdict"
    sky.becomes()
    sky.launch(Options(executor="inline", retry_failed=True, retry_reasons=frozenset({"stalled"})))
    assert sorted(sky.asked()) == ["p03", "p07"] and release_files(sky.run) == undisturbed


def test_only_the_receipt_knows_of_attempts(sky):
    sky.becomes(p03="io_error", p08="killed")
    sky.launch()
    before = sky.tables()
    sky.launch()
    assert sky.tables() == before
    assert sky.faults("part-00001") == {"id:p08": {"reason": "killed", "runs": 2}}


def test_a_failure_that_becomes_the_papers_verdict_makes_a_release_of_its_own(sky):
    sky.becomes(p03="killed")
    found = [sky.launch()["release"] for _ in range(3)]
    assert found[0] == found[1] != found[2]
    failures = [read_manifest(sky.run / name).open_failures for name in found]
    assert failures == [1, 1, 0]


def test_a_release_with_open_failures_says_so_and_no_public_place_gets_it(sky, undisturbed):
    sky.becomes(p03="killed", p07="io_error")
    report = sky.launch()
    release = sky.run / report["release"]
    told = {"count": 2, "first": ["id:p03", "id:p07"]}
    assert json.loads((release / "manifest.json").read_text())["open_failures"] == told
    assert report["open_failures"] == {**told, "reasons": {"io_error": 1, "killed": 1}}
    parts = RunTables(open_store(sky.run)).manifest("documents").parts
    assert open_failures(parts) == {"id:p03": "killed", "id:p07": "io_error"}
    for page in ("card.html", "README.md"):
        assert "2 papers are missing by the fault of the machine" in (release / page).read_text()
    with pytest.raises(UserError, match=r"owner/name is public, and 2 papers.*id:p03"):
        check_may_be_public(read_manifest(release), "owner/name")
    assert b"open_failures" not in undisturbed["manifest"]
    whole = read_manifest(next((sky.folder / "undisturbed").glob("release-*")))
    assert not whole.open_failures
    assert "by the fault of the machine" not in whole.place.read("card.html").decode()


def test_an_outage_stops_the_run_and_writes_nothing_of_it(sky, undisturbed):
    sky.becomes(p01="io_error", p02="io_error")
    sky.launch()
    sky.becomes(p01="io_error", p02="io_error", p05="io_error", p06="io_error", p07="io_error")
    with pytest.raises(RunError, match=r"part 1: 3 of 5 papers cannot be read \(id:p05, id:p06, id:p07\)"):
        sky.launch(run="another")
    assert not list((sky.folder / "another").glob("documents-*/part-00001*"))
    sky.becomes()
    sky.launch(run="another")
    assert release_files(sky.folder / "another") == undisturbed


@pytest.mark.parametrize(
    ("unread", "rows", "stops"), [(2, 3, False), (3, 299, True), (3, 300, False), (10, 1000, False)]
)
def test_an_outage_is_more_than_a_hundredth_and_at_least_three(unread, rows, stops):
    faults = {f"id:{i}": Fault("io_error") for i in range(unread)} | {"id:x": Fault("stalled")}
    if stops:
        with pytest.raises(RunError, match=f"{unread} of {rows} papers"):
            stop_at_outage("documents", 0, faults, rows)
    else:
        stop_at_outage("documents", 0, faults, rows)


def test_papers_that_stall_or_die_are_no_outage(sky):
    sky.becomes(**{f"p{i:02d}": ("stalled", "killed")[i % 2] for i in range(11)})
    assert sky.launch()["open_failures"]["count"] == 11


def test_a_part_that_was_made_in_an_outage_stops_later_runs_too(sky):
    """Where an older guard, or another machine's, let it pass."""
    sky.launch()
    before = sorted(sky.run.glob("documents-*/part-00000.json"))[0]
    receipt = json.loads(before.read_text())
    receipt["faults"] = {f"id:p0{i}": {"reason": "io_error", "runs": 1} for i in range(3)}
    before.write_text(json.dumps(receipt))
    (before.parent / "_manifest.json").unlink()
    sky.becomes(p00="io_error", p01="io_error", p02="io_error")
    with pytest.raises(RunError, match="3 of 5 papers cannot be read"):
        sky.launch()
    dry = launch(
        text_pipeline(sky.texts, documents=Weather(sky=str(sky.folder / "sky.json"))),
        sky.run,
        Options(executor="inline", dry_run=True),
    )
    assert [r.asked_again for r in dry.reports if r.stage == "documents"] == [3]


def test_only_failures_with_a_bound_count_for_it():
    assert Fault("stalled").after(Fault("killed", 2)) == Fault("stalled", 3)
    assert Fault("stalled").after(Fault("io_error", 9)) == Fault("stalled", 1)
    assert Fault("io_error").after(Fault("source_changed", 9)) == Fault("io_error", 10)
    assert Fault("io_error").after(Fault("killed", 2)) == Fault("io_error", 1)
    assert Fault("killed").after(None) == Fault("killed", 1)


def test_receipts_of_earlier_versions_have_no_faults():
    value = Receipt(0, "a.parquet", 1, 1, "00").to_json()
    del value["faults"]
    assert Receipt.from_json(value).faults == {}


def test_a_row_that_failed_at_the_source_is_not_asked_again_below_it(sky, monkeypatch):
    """Failed papers keep their reason in documents; it is the source's to ask."""
    sky.becomes(p03="stalled")
    tables = RunTables(open_store(sky.run)) if sky.launch() else None
    assert tables is not None
    assert (
        pl.read_parquet(sky.run / tables.manifest("documents").parts[0].file)["reason"].to_list().count("stalled") == 1
    )
    task_inputs = {"papers": pa.table({"doc_id": ["id:p03"], "status": ["failed"]})}
    from pipelines.engine.map_task import MapTask

    table = pa.table({"doc_id": ["id:p03", "id:p04"], "status": ["failed"] * 2, "reason": ["stalled"] * 2})
    task = MapTask(step=Weather(sky="x"), root="", target="", part=0)
    assert task._faults(table, Inputs(task_inputs), {}) == {"id:p04": Fault("stalled", 1)}
