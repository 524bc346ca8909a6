"""What cannot be opened between listing and reading is no fault of the paper; what lies in it is."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import PaperError, RunError
from curation.faults import cannot_be_read, describe_error, is_away, words_of
from curation.sources import folder
from curation.sources.content import locate
from curation.sources.folder import FolderSource
from curation.sources.unit import Unit
from curation.step import Inputs
from pipelines.engine.store import Store
from pipelines.engine.units import Selection, plan_units
from tests.failing import failing_reads

TEX = r"\documentclass{article}\begin{document}A star.\end{document}"


class Listed:
    """A source as it was listed; read when it may have changed."""

    def __init__(self, root: Path) -> None:
        self.source = FolderSource(path=str(root))
        self._side = {"unit": Unit("folder", tuple(self.source.entries()))}

    def read(self) -> pa.Table:
        return self.source.run(Inputs({}, self._side))

    def reasons(self) -> dict[str, str | None]:
        return {row["member"]: row["reason"] for row in self.read().to_pylist()}

    def again(self, previous: pa.Table) -> pa.Table:
        failed = frozenset(row["doc_id"] for row in previous.to_pylist() if row["status"] == "failed")
        return self.source.reopen(previous, Inputs({}, self._side), failed)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("one/ms.tex", "one/sections/more.tex", "two.tex", "three.tex", ".annex/content.tex"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(TEX)
    (root / "linked.tex").symlink_to(root / ".annex" / "content.tex")
    return root


def test_a_file_that_is_away_fails_alone_and_is_read_when_it_is_back(root: Path, tmp_path: Path) -> None:
    undisturbed = Listed(root).read()
    for away in ("two.tex", "one", "one/sections/more.tex", ".annex/content.tex"):
        listed = Listed(root)
        (root / away).rename(tmp_path / "away")
        found = listed.reasons()
        member = {"two.tex": "two.tex", ".annex/content.tex": "linked.tex"}.get(away, "one")
        assert {m for m, reason in found.items() if reason is not None} == {member}
        assert found[member] == ("source_changed" if away.endswith("more.tex") else "io_error")
        failed = listed.read()
        (tmp_path / "away").rename(root / away)
        assert listed.again(failed).equals(undisturbed)


def test_a_link_that_led_nowhere_when_it_was_listed_is_the_papers_own(root: Path) -> None:
    (root / "lost.tex").symlink_to(root / ".annex" / "never.tex")
    (root / "one" / "figure.tex").symlink_to("nowhere.tex")
    found = Listed(root).reasons()
    assert (found["lost.tex"], found["one"], found["linked.tex"]) == ("unreadable", "unreadable", None)
    with pytest.raises(PaperError, match=r"^io_error"):
        locate(root, "lost.tex", was_read=True)


def test_a_detail_names_no_path_of_the_machine(root: Path) -> None:
    (root / "loop.jsonl").symlink_to("loop.jsonl")
    (root / "loop.tex").symlink_to("loop.tex")
    (root / "two.tex").unlink()
    (root / "one" / "deep").symlink_to("deep")
    rows = {row["member"]: row["detail"] for row in Listed(root).read().to_pylist()}
    assert rows["loop.jsonl"] == "loop.jsonl cannot be read: a loop of links"
    assert rows["loop.tex"] == "loop.tex cannot be read: a loop of links"
    assert rows["one"] == "one/deep cannot be read: a loop of links"
    assert not [detail for detail in rows.values() if detail and str(root) in detail]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("Symlink loop from '/data/a b/e.jsonl'"), "a loop of links"),
        (OSError(errno.EIO, "Input/output error", "/data/a.tex"), "Input/output error"),
        (OSError("Failed to open local file '/data/a b/c.tex'"), "Failed to open local file its place"),
        (OSError(errno.EIO, "reading /data/a.tex: error"), "reading its place error"),
        (OSError("a ratio of 1/2 and ./ms.tex"), "a ratio of 1/2 and ./ms.tex"),
        (OSError(), "OSError"),
    ],
)
def test_words_of_an_error_are_without_its_path(error: OSError | RuntimeError, words: str) -> None:
    assert words_of(error) == words
    assert cannot_be_read(error, "a.tex").detail == f"a.tex cannot be read: {words}"
    if isinstance(error, OSError):
        assert "/data" not in describe_error(error)[1]


def test_content_that_was_read_before_and_is_gone_is_no_fault_of_the_paper(root: Path) -> None:
    rows = {row["member"]: row for row in Listed(root).read().to_pylist()}
    (root / ".annex" / "content.tex").unlink()
    (root / "two.tex").unlink()
    (root / "one" / "sections" / "more.tex").unlink()
    reasons = {}
    for member, row in rows.items():
        try:
            content = FolderSource(path=str(root)).open(row)
            if content.sha256 != row["content_sha256"]:
                reasons[member] = "another"
        except PaperError as error:
            reasons[member] = error.reason.value
    assert reasons == {"linked.tex": "io_error", "two.tex": "io_error", "one": "another"}


def failing(monkeypatch: pytest.MonkeyPatch, place: Path, number: int) -> None:
    """Listing a folder fails from now on."""
    for name in ("scandir", "listdir"):
        listing = getattr(os, name)

        def fail(path: Any = ".", listing: Callable[[Any], Any] = listing) -> Any:
            if Path(path) == place:
                raise OSError(number, os.strerror(number), str(path))
            return listing(path)

        monkeypatch.setattr(os, name, fail)


def plan(root: Path, run: Path) -> list[str]:
    """Members of the units; they are written down as a run does."""
    store, papers = Store(run), "papers-00000000"
    made = plan_units(store, papers, [FolderSource(path=str(root))], Selection())
    made.close()
    units = [store.read_as(f"{papers}/{unit.file}", Unit.from_json) for unit in made.units]
    return sorted(entry.member for unit in units if unit for entry in unit.entries)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.ENOENT])
def test_papers_of_a_folder_that_cannot_be_listed_are_not_taken_for_removed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (root / "sub").mkdir()
    for name in ("2301.00001.tex", "2301.00002.txt"):
        (root / "sub" / name).write_text(TEX)
    before = plan(root, tmp_path / "run")
    with monkeypatch.context() as patch:
        failing(patch, root / "sub", number)
        with pytest.raises(RunError, match=r"sub cannot be listed .*sub/2301\.00001\.tex of the last run"):
            plan(root, tmp_path / "run")
        assert "sub" in plan(root, tmp_path / "another"), "where nothing was known of it, it fails alone"
    assert plan(root, tmp_path / "run") == before


def test_a_file_that_cannot_be_looked_into_does_not_make_one_paper_of_many(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "sub").mkdir()
    for name in ("a.tex", "b.tex"):
        (root / "sub" / name).write_text(TEX)
    before = plan(root, tmp_path / "run")
    assert {"sub/a.tex", "sub/b.tex"} <= set(before)
    opened = Path.open

    def fail(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "a.tex":
            raise OSError(errno.EIO, "Input/output error")
        return opened(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fail)
        with pytest.raises(RunError, match=r"sub/a\.tex cannot be listed .*sub/a\.tex of the last run"):
            plan(root, tmp_path / "run")
    assert plan(root, tmp_path / "run") == before


def test_a_file_that_goes_while_its_folder_is_read_makes_no_other_paper(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, digest = Listed(root), folder.look_at

    def go_first(root: Path, member: str, **more: Any) -> Any:
        if member == "one":
            (Path(root) / "one" / "sections" / "more.tex").unlink(missing_ok=True)
        return digest(root, member, **more)

    monkeypatch.setattr(folder, "look_at", go_first)
    assert listed.reasons()["one"] == "source_changed"


def test_rows_of_a_data_file_that_cannot_be_read_are_not_taken_for_removed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "rows.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n')
    before = plan(root, tmp_path / "run")
    assert {"rows.jsonl#a", "rows.jsonl#b"} <= set(before)

    def fail(path: Path, relative: str, sandbox: object) -> list[Any]:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("curation.sources.row_entries.list_rows", fail)
        with pytest.raises(RunError, match=r"rows\.jsonl cannot be listed \(Input/output error\)"):
            plan(root, tmp_path / "run")
    assert plan(root, tmp_path / "run") == before


@pytest.mark.parametrize("method", ["open", "resolve"])
def test_one_error_of_a_data_file_costs_no_row(root: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["x", "y"]}), root / "rows.parquet")
    listed = Listed(root)
    undisturbed = listed.read()
    with monkeypatch.context() as patch:
        tries = failing_reads(patch, "rows.parquet", method, 1)
        assert listed.read().equals(undisturbed)
        assert tries == [False, True], "the second one runs alone"
    with monkeypatch.context() as patch:
        tries = failing_reads(patch, "rows.parquet", method, 100)
        failed = {member for member, reason in listed.reasons().items() if reason is not None}
        assert failed == {"rows.parquet#a", "rows.parquet#b"}
        assert tries == [False, True], "once more for the file, not for each row"


def test_a_root_that_is_gone_or_empty_is_away(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").touch()
    assert [is_away(tmp_path / name) for name in ("empty", "full", "gone", "full/.hidden")] == [True, False, True, True]
