"""run.json names a stage when it is whole, keeps the name of one that this run has not reached, and is finished at the end only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.errors import RunError
from curation.step import Step
from pipelines.engine.fold import FOLDED, fold
from pipelines.engine.named import Named
from pipelines.engine.parts import StageReport
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.stage import Stage
from pipelines.engine.store import Store
from tests.engine.tables import Links, Mark, SplitWords

RECEIPT = Receipt(0, "words-1/part-00000.parquet", 1, 1, "s")


class Run:
    """One run over a folder: stages are opened and closed by hand."""

    def __init__(self, root: Path, *, dry: bool = False) -> None:
        self.store = Store(root)
        self.named = Named(self.store, "corpus", dry=dry)
        self.fingerprints: dict[str, str] = {}

    def open(self, name: str, step: Step, **kw: Any) -> tuple[str, str]:
        """Folder, and what changed."""
        folder, self.fingerprints[name], why, _ = self.named.open(name, Stage(step), step.identity(), [step], **kw)
        return folder, "; ".join(why)

    def close(self, name: str, folder: str, *receipts: Receipt, retired: tuple[str, ...] = ()) -> None:
        report = StageReport(name, name, 1, self.fingerprints[name])
        self.named.close(name, folder, report, receipts or (RECEIPT,), retired)

    def stage(self, name: str, step: Step, *receipts: Receipt) -> str:
        folder, _ = self.open(name, step)
        self.close(name, folder, *receipts)
        return folder

    def json(self) -> dict[str, Any]:
        return dict(self.store.read_json("run.json"))


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    return {p.relative_to(root).as_posix(): (p.stat().st_ino, p.read_bytes()) for p in root.rglob("*") if p.is_file()}


def whole(root: Path) -> Run:
    """A finished run of two stages."""
    run = Run(root)
    run.named.begin()
    run.stage("words", SplitWords())
    run.stage("mark", Mark())
    run.named.finish()
    return run


def test_a_run_says_what_made_each_stage_in_their_order(tmp_path):
    run = whole(tmp_path)
    told = run.json()
    assert (told["name"], told["order"], told["finished"]) == ("corpus", ["words", "mark"], True)
    words = told["stages"]["words"]
    assert words["folder"] == f"words-{words['fingerprint'][:8]}" and words["fingerprint"] == run.fingerprints["words"]
    assert words["tables"] == [
        {"name": "words", "working": False, "many": True},
        {"name": "letters", "working": False, "many": True},
    ], "the main one first"
    assert words["steps"] == [{"class": "tests.engine.tables.SplitWords", "config": {}}]
    assert (words["layout"], words["folders"], words["identity"]) == ("parts", [], SplitWords().identity())
    assert told["stages"]["mark"]["steps"][0]["config"] == {"word": "star"}
    manifest = run.store.read_as(f"{words['folder']}/{MANIFEST}", Manifest.from_json)
    assert manifest == Manifest("words", words["fingerprint"], (RECEIPT,))


def test_a_second_run_of_the_same_writes_nothing(tmp_path):
    whole(tmp_path)
    before = files(tmp_path)
    whole(tmp_path)
    assert files(tmp_path) == before


def test_a_folder_is_a_runs_before_its_first_stage_and_stays_what_it_was(tmp_path):
    Run(tmp_path).named.begin()
    assert Run(tmp_path).json() == {"name": "corpus", "order": [], "stages": {}, "finished": False}
    whole(tmp_path)
    before = files(tmp_path)
    Run(tmp_path).named.begin()
    assert files(tmp_path) == before, "a finished run that is asked again is finished until something changes"


def test_what_changed_in_a_step_is_said_once_and_not_of_the_first_run(tmp_path):
    assert Run(tmp_path).open("mark", Mark())[1] == ""
    whole(tmp_path)
    assert Run(tmp_path).open("mark", Mark()) == (Run(tmp_path).open("mark", Mark())[0], "")
    folder, why = Run(tmp_path).open("mark", Mark(word="dust"))
    assert why == "config.word: star -> dust" and folder != Run(tmp_path).open("mark", Mark())[0]


def test_a_folder_may_be_named_by_its_place_alone(tmp_path):
    one, two = (Run(tmp_path).open("mark", Mark(word=w), place={"selection": None})[0] for w in ("star", "dust"))
    assert one == two and Run(tmp_path).open("mark", Mark(), place={"selection": 4})[0] != one


def test_stages_that_a_run_has_not_reached_keep_their_names_behind_those_that_it_has(tmp_path):
    before = whole(tmp_path).json()
    run = Run(tmp_path)
    run.named.begin()
    run.stage("linked", Links())
    told = run.json()
    assert told["order"] == ["linked", "words", "mark"] and told["finished"] is False
    assert told["stages"]["words"] == before["stages"]["words"]
    folder = run.stage("mark", Mark(word="dust"))
    assert run.json()["order"] == ["linked", "mark", "words"] and run.json()["stages"]["mark"]["folder"] == folder
    run.named.finish()
    assert run.json()["order"] == ["linked", "mark"] and run.json()["finished"] is True, (
        "what the config has no more is gone"
    )


def test_a_stage_of_other_parts_makes_the_run_unfinished_before_its_manifest_changes(tmp_path, monkeypatch):
    whole(tmp_path)
    run, seen = Run(tmp_path), []
    write = Store.update_json

    def written(self: Store, name: str, value: Any) -> Any:
        if not self.holds_json(name, value):
            seen.append((name.rpartition("/")[2], self.read_json("run.json")["finished"]))
        return write(self, name, value)

    monkeypatch.setattr(Store, "update_json", written)
    run.stage("words", SplitWords())
    assert seen == [], "the same parts"
    other = Receipt(0, "words-1/part-00000.r1.parquet", 1, 1, "t")
    folder = run.stage("mark", Mark(), other)
    assert seen == [("run.json", True), (MANIFEST, False)]
    assert run.store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json).parts == (other,)
    run.named.finish()
    assert run.json()["finished"] is True and run.json()["order"] == ["words", "mark"]


def test_an_entry_that_changed_is_written_though_its_parts_are_the_same(tmp_path):
    whole(tmp_path)
    run = Run(tmp_path)
    folder, _ = run.open("mark", Mark())
    run.named.keep("mark", f"{folder}/cut-x", [RECEIPT])
    (tmp_path / f"{folder}/cut-x/{MANIFEST}").unlink()
    run = Run(tmp_path)
    folder, _ = run.open("mark", Mark())
    run.named.keep("mark", f"{folder}/cut-x", [RECEIPT])
    run.close("mark", folder)
    assert run.json()["stages"]["mark"]["folders"] == [f"{folder}/cut-x"] and run.json()["finished"] is False


def test_folders_beside_a_stage_are_kept_with_manifests_of_their_own_and_named_with_it(tmp_path):
    run = Run(tmp_path)
    run.named.begin()
    folder, _ = run.open("mark", Mark())
    for name in ("cut-x", "merged"):
        receipt = Receipt(0, f"{folder}/{name}/part-00000.parquet", 1, 1, "s")
        fold(run.store, [receipt])
        run.named.keep("mark", f"{folder}/{name}", [receipt])
        manifest = run.store.read_as(f"{folder}/{name}/{MANIFEST}", Manifest.from_json)
        assert manifest == Manifest("mark", run.fingerprints["mark"], (receipt,))
    assert not list(tmp_path.rglob(FOLDED)) and "mark" not in run.json()["stages"], "it is not whole"
    run.close("mark", folder, retired=("part-00007",))
    assert run.json()["stages"]["mark"]["folders"] == [f"{folder}/cut-x", f"{folder}/merged"]
    assert run.store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json).retired == ("part-00007",)


def test_a_stage_that_is_whole_needs_no_folded_receipts(tmp_path):
    run = Run(tmp_path)
    folder, _ = run.open("words", SplitWords())
    receipt = Receipt(0, f"{folder}/part-00000.parquet", 1, 1, "s")
    fold(run.store, [receipt])
    run.close("words", folder, receipt)
    assert not list(tmp_path.rglob(FOLDED))


def test_a_dry_run_names_nothing(tmp_path):
    run = Run(tmp_path, dry=True)
    run.named.begin()
    folder, _ = run.open("mark", Mark())
    run.named.keep("mark", f"{folder}/merged", [RECEIPT])
    run.named.finish()
    assert not list(tmp_path.iterdir())
    before = whole(tmp_path).json()
    run = Run(tmp_path, dry=True)
    run.named.begin()
    assert run.open("mark", Mark(word="dust"))[1] == "config.word: star -> dust"
    run.named.finish()
    assert run.json() == before


def test_a_run_json_of_something_else_is_named(tmp_path):
    Store(tmp_path).write_json("run.json", {"order": ["words"], "stages": {}})
    with pytest.raises(RunError, match=r"run\.json does not hold what a run writes there"):
        Run(tmp_path)
