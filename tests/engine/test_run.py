"""A run: same bytes whatever the order, workers or executor; resume; conservation; nothing rewritten."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import psutil
import pytest

from curation.errors import ConfigError, ConservationError, ContractError, LimitError, RunError, UserError
from curation.release.shards import ShardPlan
from pipelines.engine import parts
from pipelines.engine.conservation import check_conservation
from pipelines.engine.gc import collect
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store, open_store
from pipelines.engine.units import Selection
from pipelines.launch import Options, launch
from tests.engine.runs import ledger, receipts, release_files, run_process, temp_files, trace
from tests.engine.steps import DoublesOne, LosesLast, LosesOne, OtherTexts, Texts, text_pipeline

WORDS = ["star", "galaxy", "dust", "gas", "disk", "halo", "pulsar", "quasar", "nebula", "comet"]
INLINE = Options(executor="inline")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    rng = random.Random(7)
    for i in range(23):
        (folder / f"p{i:03d}.txt").write_text(" ".join(rng.choices(WORDS, k=50)))
    (folder / "copy.txt").write_text((folder / "p003.txt").read_text())
    (folder / "broken.txt").write_text("FAIL")
    return folder


@pytest.fixture
def reference(texts: Path, tmp_path: Path) -> dict[str, bytes]:
    launch(text_pipeline(texts), tmp_path / "reference", INLINE)
    return release_files(tmp_path / "reference")


def test_funnel_adds_up(texts, tmp_path):
    report = launch(text_pipeline(texts), tmp_path / "run", INLINE).report
    for tier in report["tiers"].values():
        assert tier["documents_in"] == 25 == tier["released"] + tier["dropped"] + tier["withheld"] + tier["failed"]
        assert (tier["released"], tier["dropped"], tier["failed"]) == (23, 1, 1)
    assert [s["computed"] for s in report["stages"][:4]] == [5, 5, 5, 13]


def test_bytes_do_not_depend_on_executor_workers_order_parts_or_hash_seed(texts, tmp_path, reference):
    for name, args, seed in [("one", ("local", 1), "1"), ("three", ("local", 3), "2")]:
        assert run_process(texts, tmp_path / name, *args, seed=seed) == 0
        assert release_files(tmp_path / name) == reference
    shuffled = tmp_path / "shuffled"
    shuffled.mkdir()
    names = [p.name for p in texts.iterdir()]
    random.Random(3).shuffle(names)
    for name in names:
        shutil.copy(texts / name, shuffled / name)
    launch(text_pipeline(shuffled, part_papers=3), tmp_path / "small-parts", INLINE)
    assert release_files(tmp_path / "small-parts") == reference


def test_second_run_computes_nothing(texts, tmp_path):
    launch(text_pipeline(texts), tmp_path / "run", INLINE)
    before = receipts(tmp_path / "run")
    report = launch(text_pipeline(texts), tmp_path / "run", INLINE).report
    assert sum(s["computed"] for s in report["stages"]) == 0
    assert receipts(tmp_path / "run") == before


@pytest.mark.parametrize("moment", random.Random(11).sample(range(1, 90), 20))
def test_killed_at_any_write_then_rerun_gives_the_same_bytes(texts, tmp_path, reference, moment):
    run = tmp_path / "run"
    assert run_process(texts, run, "inline", 1, moment) == -9
    finished = receipts(run)
    launch(text_pipeline(texts), run, INLINE)
    assert release_files(run) == reference
    assert not temp_files(run)
    assert {k: receipts(run)[k] for k in finished} == finished


@pytest.mark.slow
def test_driver_of_a_pool_killed_at_random_moments(texts, tmp_path, reference):
    rng = random.Random(5)
    for i in range(4):
        run = tmp_path / f"run{i}"
        command = [sys.executable, "-m", "tests.engine.driver", str(texts), str(run), "local", "2"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.6, 3.0))
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        finished = receipts(run)
        launch(text_pipeline(texts), run, INLINE)
        assert release_files(run) == reference
        assert not psutil.wait_procs(workers, timeout=60)[1], "workers of the killed driver see its death"
        launch(text_pipeline(texts), run, INLINE)  # one may have died while it wrote, after the run before had swept
        assert not temp_files(run)
        assert {k: receipts(run)[k] for k in finished} == finished


def test_a_run_that_goes_on_opens_only_the_receipts_that_no_file_folds(texts, tmp_path, monkeypatch):
    run = tmp_path / "run"
    monkeypatch.setattr(parts, "FOLD_EVERY", 2)
    with pytest.raises(ContractError):
        launch(text_pipeline(texts, part_papers=3, documents=LosesLast()), run, INLINE)
    folder = next(run.glob("documents-*"))
    assert (folder / "_receipts.json").exists() and not (folder / "_manifest.json").exists()
    made = {p.name for p in folder.glob("part-*.json")}
    read: list[str] = []
    whole = Store.read_as
    monkeypatch.setattr(Store, "read_as", lambda self, name, make: read.append(name) or whole(self, name, make))
    launch(text_pipeline(texts, part_papers=3, documents=LosesLast(lose=False)), run, INLINE)
    opened = {name.rpartition("/")[2] for name in read if name.startswith(f"{folder.name}/part-")}
    assert len(made) == 7 and opened == {"part-00006.json"}, "six were folded"
    assert not list(run.rglob("_receipts.json")) and (folder / "_manifest.json").exists()
    read.clear()
    launch(text_pipeline(texts, part_papers=3, documents=LosesLast(lose=False)), run, INLINE)
    assert not [name for name in read if "/part-" in name]


def test_second_run_writes_nothing_but_its_report(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    before = {p: p.stat().st_ino for p in run.rglob("*.json") if p.name not in ("report.json", "card.json")}
    launch(text_pipeline(texts), run, INLINE)
    assert {p: p.stat().st_ino for p in before} == before


def test_a_rerun_that_stops_leaves_the_release_named_and_the_reasons_known(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    before = RunTables(open_store(run))
    (texts / "new.txt").write_text("a new star")
    changed = text_pipeline(texts, documents=LosesOne(), shard_rows=4)
    with pytest.raises(ContractError):
        launch(changed, run, INLINE)
    tables = RunTables(open_store(run))
    assert not tables.finished and list(tables.stages) == list(before.stages)
    assert tables.manifest("release") == before.manifest("release")
    with pytest.raises(UserError, match="did not finish"):
        collect(open_store(run), delete=True)
    planned = {r.stage: r for r in launch(changed, run, Options(executor="inline", dry_run=True)).reports}
    assert "config.shard_rows: 8 -> 4" in planned["shard_plan"].why
    launch(text_pipeline(texts), run, INLINE)
    assert RunTables(open_store(run)).finished and collect(open_store(run), delete=False)


def test_garbage_is_what_run_json_says_when_no_other_run_can_begin(texts, tmp_path, monkeypatch):
    run, lock = tmp_path / "run", Store.lock
    launch(text_pipeline(texts), run, INLINE)

    @contextmanager
    def after_another_run_began(self):
        self.write_json("run.json", {**self.read_json("run.json"), "finished": False})
        with lock(self):
            yield

    monkeypatch.setattr(Store, "lock", after_another_run_began)
    with pytest.raises(UserError, match="did not finish"):
        collect(open_store(run), delete=True)


def test_a_paper_of_a_run_that_stopped_has_a_way_as_far_as_it_came(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    for i in range(9):
        (texts / f"q{i}.txt").write_text(f"{i} new star")
    with pytest.raises(ContractError):
        launch(text_pipeline(texts, documents=LosesOne()), run, INLINE)
    tables = RunTables(open_store(run))
    assert [name for name, _ in trace(tables, "q8")] == ["papers", "metadata"]
    columns = tables.scan("decisions").collect_schema()
    assert tables.scan_part("decisions", 5).collect().schema == columns, "no file of the part: no rows"


def test_no_manifest_changes_under_a_run_that_is_called_finished(texts, tmp_path, monkeypatch):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    (texts / "new.txt").write_text("a new star")
    write, changed = Store.update_json, []

    def written(self, name, value):
        if name.endswith("_manifest.json") and not self.holds_json(name, value):
            changed.append(name)
            assert not RunTables(open_store(run)).finished, "a kill here leaves manifests of two runs"
        return write(self, name, value)

    monkeypatch.setattr(Store, "update_json", written)
    launch(text_pipeline(texts), run, INLINE)
    assert len(changed) > 10 and RunTables(open_store(run)).finished


def test_new_papers_compute_only_their_part_and_the_release(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    for i in range(3):
        (texts / f"new{i}.txt").write_text(f"{i} new star in an old galaxy")
    report = launch(text_pipeline(texts), run, INLINE).report
    did = {s["stage"]: (s["computed"], s["cached"]) for s in report["stages"]}
    assert did["papers"] == did["documents"] == (1, 5)
    assert report["papers"]["in"] == 28
    launch(text_pipeline(texts), tmp_path / "fresh", INLINE)
    assert release_files(run) == release_files(tmp_path / "fresh")


def test_new_papers_split_only_their_part_for_every_exchange(texts, tmp_path):
    run = tmp_path / "run"
    plenty = {"shard_rows": 10_000}
    launch(text_pipeline(texts, **plenty), run, INLINE)
    before = {k: v for k, v in receipts(run).items() if k.startswith("split-") and "/cut-" not in k}
    assert {k.split("-")[1] for k in before} == {"prefix", "release"} and len(before) == 2 * 5
    for i in range(3):
        (texts / f"new{i}.txt").write_text(f"{i} new star in an old galaxy")
    launch(text_pipeline(texts, **plenty), run, INLINE)
    after = {k: v for k, v in receipts(run).items() if k.startswith("split-") and "/cut-" not in k}
    assert {k: after[k] for k in before} == before and len(after) == 2 * 6
    launch(text_pipeline(texts, **plenty), tmp_path / "fresh", INLINE)
    assert release_files(run) == release_files(tmp_path / "fresh")


def test_one_changed_paper_rewrites_one_shard(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    before = release_files(run)
    (texts / "p007.txt").write_text("an edited paper about comets")
    launch(text_pipeline(texts), run, INLINE)
    after = release_files(run)
    changed = [f for f in after if f.startswith("research/") and before.get(f) != after[f]]
    assert len([f for f in before if f.startswith("research/")]) > 1
    assert len(changed) == 1


def test_a_touched_paper_moves_to_a_new_part_and_changes_no_byte(texts, tmp_path, reference):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    (texts / "p001.txt").touch()
    report = launch(text_pipeline(texts), run, INLINE).report
    assert "copies" not in {s["stage"] for s in report["stages"] if s["computed"]}
    assert release_files(run) == reference


def test_changed_and_removed_papers_retire_their_part(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    (texts / "p001.txt").unlink()
    report = launch(text_pipeline(texts), run, INLINE).report
    assert report["papers"]["in"] == 24
    (texts / "p001.txt").write_text("it is back, with other words")
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 25


@pytest.mark.parametrize(("step", "word"), [(LosesOne(), "lost"), (DoublesOne(), "doubled")])
def test_a_lost_or_doubled_row_stops_the_run_and_is_named(texts, tmp_path, step, word):
    with pytest.raises(ContractError, match=rf"{word}.*id:broken"):
        launch(text_pipeline(texts, documents=step), tmp_path / "run", INLINE)


def test_a_released_row_that_vanishes_is_named(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    tables = RunTables(open_store(run))
    part = tables.manifest("decisions").parts[0].file
    frame = pl.read_parquet(run / part)
    frame.filter(pl.col("doc_id") != "id:broken").write_parquet(run / part)
    with pytest.raises(ConservationError, match="lost: id:broken"):
        check_conservation(tables, ["public"])


def test_the_ledger_and_trace_speak_of_every_paper(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    tables = RunTables(open_store(run))
    rows = ledger(tables, "public")
    assert len(rows) == 25
    verdict = dict(zip(rows["source_id"], rows["verdict"], strict=True))
    assert verdict["broken"] == "fail" and sorted((verdict["copy"], verdict["p003"])) == ["drop", "keep"]
    told = [table for table, _ in trace(tables, "p005")]
    assert told[:4] == ["papers", "metadata", "documents", "prefix"] and told[-2:] == ["release", "release"]
    with pytest.raises(UserError, match="no paper 'nothing'"):
        list(trace(tables, "nothing"))


def test_retry_opens_only_failed_papers_again(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    healed = text_pipeline(texts, documents=Texts(fail=False))
    assert launch(healed, run, INLINE).report["tiers"]["public"]["failed"] == 1
    other = Options(executor="inline", retry_failed=True, retry_reasons=frozenset({"timeout"}))
    assert launch(healed, run, other).report["tiers"]["public"]["failed"] == 1
    report = launch(healed, run, Options(executor="inline", retry_failed=True)).report
    assert report["tiers"]["public"]["failed"] == 0
    assert {s["stage"]: s["computed"] for s in report["stages"]}["documents"] == 1
    assert launch(healed, run, INLINE).report["tiers"]["public"]["failed"] == 0


def test_retry_without_effect_writes_nothing(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    files = sorted(run.rglob("*"))
    report = launch(text_pipeline(texts), run, Options(executor="inline", retry_failed=True)).report
    assert sorted(run.rglob("*")) == files
    assert report["tiers"]["public"]["failed"] == 1 and sum(s["computed"] for s in report["stages"]) == 0


def test_dry_run_says_what_would_run_and_why(texts, tmp_path):
    run = tmp_path / "run"
    dry = Options(executor="inline", dry_run=True)
    assert all(r.cached == 0 for r in launch(text_pipeline(texts), run, dry).reports)
    assert not run.exists()
    launch(text_pipeline(texts), run, INLINE)
    assert sum(r.computed for r in launch(text_pipeline(texts), run, dry).reports) == 0
    (texts / "new.txt").write_text("new")
    planned = {r.stage: r for r in launch(text_pipeline(texts), run, dry).reports}
    assert (planned["papers"].computed, planned["documents"].cached) == (1, 5)
    assert planned["papers"].why == "1 added (new.txt)"
    (texts / "new.txt").unlink()
    for name in ("p000.txt", "p001.txt", "p002.txt", "p003.txt"):
        (texts / name).write_text("other words")
    (texts / "p004.txt").unlink()
    planned = {r.stage: r for r in launch(text_pipeline(texts), run, dry).reports}
    assert planned["papers"].why == "4 changed (p000.txt, p001.txt, p002.txt, p003.txt); 1 gone (p004.txt)"
    planned = {r.stage: r for r in launch(text_pipeline(texts, shard_rows=4), run, dry).reports}
    assert "config.shard_rows: 8 -> 4" in planned["shard_plan"].why


def test_a_source_of_another_kind_leaves_the_parts_of_others_be(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    (texts / "later.txt").write_text("a star that came later")
    launch(text_pipeline(texts), run, INLINE)
    other = tmp_path / "other"
    other.mkdir()
    for i in range(3):
        (other / f"q{i}.txt").write_text(f"{i} words of another kind")
    pipeline = text_pipeline(texts)
    sources = (OtherTexts(source="other", path=str(other)), *pipeline.sources)
    report = launch(replace(pipeline, sources=sources), run, INLINE).report
    did = {s["stage"]: (s["computed"], s["cached"]) for s in report["stages"]}
    assert did["papers"] == did["documents"] == (1, 6) and report["papers"]["in"] == 29


def test_limit_and_sample_are_runs_of_their_own(texts, tmp_path):
    run = tmp_path / "run"
    report = launch(text_pipeline(texts), run, Options(executor="inline", selection=Selection(limit=4))).report
    assert report["papers"]["in"] == 4
    assert launch(text_pipeline(texts), run, INLINE).report["papers"]["in"] == 25
    share = launch(text_pipeline(texts), run, Options(executor="inline", selection=Selection(sample=0.5))).report
    assert 4 < share["papers"]["in"] < 21
    with pytest.raises(UserError, match="--limit"):
        Selection(limit=0)


def test_gc_frees_old_fingerprints_only(texts, tmp_path):
    run = tmp_path / "run"
    launch(text_pipeline(texts), run, INLINE)
    before = release_files(run)
    (texts / "new.txt").write_text("something new")
    launch(text_pipeline(texts), run, INLINE)
    (texts / "p001.txt").write_text("an edited paper about comets")
    old = run / json.loads((run / "report.json").read_text())["release"]
    (old / "README.md").write_text("a card")
    report = launch(text_pipeline(texts), run, INLINE).report
    current = run / report["release"]
    mine = [run / "notes.txt", run / "notes-00000000" / "part.json", current / "card.json", current / "audit.json"]
    mine += [current / "reviews" / "1.json", current / "research" / "sample.parquet"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    assert collect(open_store(run), delete=False) and release_files(run) != before
    after = release_files(run)
    orphan = current / "research" / "shard-00000.r7.parquet"
    orphan.write_bytes(b"of a driver that was taken over")
    assert collect(open_store(run), delete=True)
    assert release_files(run) == after and not orphan.exists() and all(path.exists() for path in mine)
    assert not old.exists()
    assert not list(run.glob("papers-*/*-00000.*")), "the part of the edited paper is retired"
    assert collect(open_store(run), delete=True) == []
    report = launch(text_pipeline(texts), run, INLINE).report
    assert report["papers"]["in"] == 26 and sum(s["computed"] for s in report["stages"]) == 0


def test_nothing_left_to_release_is_an_error_with_an_account(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("FAIL")
    with pytest.raises(RunError, match="no paper is left to release"):
        launch(text_pipeline(folder), tmp_path / "run", INLINE)
    assert json.loads((tmp_path / "run" / "report.json").read_text())["tiers"]["public"]["failed"] == 1


def test_one_driver_a_run_folder(texts, tmp_path):
    with open_store(tmp_path / "run").lock(), pytest.raises(UserError, match="another run"):
        launch(text_pipeline(texts), tmp_path / "run", INLINE)


def test_papers_past_the_bound_of_a_later_step_stop_the_run_before_a_text_is_read(texts, tmp_path, monkeypatch):
    monkeypatch.setattr(ShardPlan, "max_rows", 24)
    with pytest.raises(LimitError, match=r"step shard_plan: documents has 25 rows, the limit is 24"):
        launch(text_pipeline(texts), tmp_path / "run", INLINE)
    assert not list((tmp_path / "run").glob("documents-*"))
    monkeypatch.setattr(ShardPlan, "max_rows", 25)
    assert launch(text_pipeline(texts), tmp_path / "run", INLINE).report["papers"]["in"] == 25


def test_columns_are_checked_before_data_is_read(texts, tmp_path):
    class NeedsMore(Texts):
        requires = {"papers": ("doc_id", "redshift")}  # noqa: RUF012

    with pytest.raises(ConfigError, match=r"papers\.redshift"):
        launch(text_pipeline(texts, documents=NeedsMore()), tmp_path / "run", INLINE)
    assert not (tmp_path / "run" / "run.json").exists()
