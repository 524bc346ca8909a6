"""The account is a proof: each way in which a paper can be lost, doubled or counted twice is an error that names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from curation.errors import ConservationError, ContractError
from curation.step import Inputs
from pipelines.engine.conservation import check_conservation
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.steps import TextFiles, text_pipeline

INLINE = Options(executor="inline")


class Folded(TextFiles):
    """Takes p and P for one id."""

    def run(self, inputs: Inputs) -> pa.Table:
        table = super().run(inputs)
        ids = [doc_id.lower() for doc_id in table["doc_id"].to_pylist()]
        return table.set_column(0, table.schema.field("doc_id"), [ids])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    texts = tmp_path / "texts"
    texts.mkdir()
    for i in range(6):
        (texts / f"p{i}.txt").write_text(f"paper number {i} about stars")
    (texts / "broken.txt").write_text("FAIL")
    launch(text_pipeline(texts), tmp_path / "run", INLINE)
    return tmp_path / "run"


def test_what_a_manifest_says_names_its_folder_so_that_a_release_never_changes(run: Path) -> None:
    def release(**kw: object) -> tuple[str, bytes]:
        pipeline = text_pipeline(run.parent / "texts")
        if "licences" in kw:
            kw = {"release": replace(pipeline.release, **kw)}
        name = launch(replace(pipeline, **kw), run, INLINE).report["release"]
        return name, (run / name / "manifest.json").read_bytes()

    first = release()
    others = [release(name="other"), release(licences={"public": ("CC0-1.0",)})]
    assert len({first, *others}) == len({name for name, _ in (first, *others)}) == 3
    assert all((run / name / "manifest.json").read_bytes() == body for name, body in (first, *others))
    assert release() == first


def edit(run: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], *, only: str = "") -> None:
    """Change every part of a table, or those below a folder of it."""
    for part in RunTables(open_store(run)).manifest(table).parts:
        if only in part.file:
            change(pl.read_parquet(run / part.file)).write_parquet(run / part.file)


def without(column: str, *ids: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.filter(~pl.col(column).is_in(list(ids)))


def twice(column: str, doc_id: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: pl.concat([frame, frame.filter(pl.col(column) == doc_id)])


def renamed(column: str, old: str, new: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.col(column).replace(old, new))


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("papers", twice("doc_id", "id:p1"), "doubled in the papers: id:p1"),
        ("decisions", twice("doc_id", "id:broken"), "doubled in the decisions: id:broken"),
        ("decisions", without("doc_id", "id:broken"), "lost: id:broken"),
        ("decisions", renamed("doc_id", "id:broken", "id:p2"), "lost: id:broken; released and left out: id:p2"),
        ("papers", without("doc_id", "id:p3"), "from nowhere: id:p3"),
        ("release/public", twice("id", "id:p4"), "doubled in the release: id:p4"),
        ("release/public", without("id", "id:p4"), "lost: id:p4"),
    ],
)
def test_what_does_not_add_up_is_named(run, table, change, words):
    check_conservation(RunTables(open_store(run)), ["public"])
    name, _, tier = table.partition("/")
    edit(run, name, change, only=f"/{tier}/" if tier else "")
    with pytest.raises(ConservationError) as caught:
        check_conservation(RunTables(open_store(run)), ["public"])
    assert str(caught.value) == f"tier public: {words}"


def test_at_most_ten_ids_are_named(run):
    edit(run, "papers", lambda frame: frame.head(0))
    with pytest.raises(ConservationError) as caught:
        check_conservation(RunTables(open_store(run)), ["public"])
    assert str(caught.value).count("id:") == 7


def test_one_id_in_two_parts_stops_the_run_and_is_named(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("same", folder):
            (tmp_path / folder / f"{name}.txt").write_text(f"a star in {folder}")
    sources = tuple(TextFiles(source=name, path=str(tmp_path / name)) for name in ("one", "two"))
    with pytest.raises(ContractError, match=r"one id to two papers: id:same$"):
        launch(replace(text_pipeline(tmp_path / "one"), sources=sources), tmp_path / "run", INLINE)


def test_one_id_in_two_parts_of_a_source_is_found_too(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("P", "a", "b", "p"):
        (folder / f"{name}.txt").write_text(f"the star of {name}")
    sources = (Folded(path=str(folder), part_papers=1),)
    with pytest.raises(ContractError, match=r"one id to two papers: id:p$"):
        launch(replace(text_pipeline(folder), sources=sources), tmp_path / "run", INLINE)
