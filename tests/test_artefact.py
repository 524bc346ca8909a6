"""Paths in a config: relative to it wherever they stand, an artefact by its content and never by its place."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa
import pytest
from pydantic import BaseModel, Field, RootModel

from curation.artefact import Artefact, Located, artefacts_of, content_sha256
from curation.errors import ConfigError
from curation.sources.folder import FolderSource
from curation.step import Execution, Inputs, MapStep, Requires
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.config_errors import validated
from pipelines.named_steps import make_source, make_step
from schemas import DOC_ID, Table


class Inner(BaseModel):
    words: Artefact | None = None
    cache: Annotated[Located | None, Execution()] = None
    workers: Annotated[int, Execution()] = 1


class Listed(MapStep):
    """A step with artefacts wherever a config can hold one."""

    name: ClassVar[str] = "listed"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id",)}
    provides: ClassVar[Table] = Table("listed", 1, "Nothing.", (DOC_ID,))

    own: Artefact
    several: tuple[Artefact, ...] = ()
    named: Mapping[str, Artefact] = Field(default={})
    inner: Inner = Inner()
    more: tuple[Inner, ...] = ()
    others: Mapping[str, RootModel[Inner]] = Field(default={})
    place: Annotated[Located | None, Execution()] = None
    other: Annotated[str, Field(min_length=1), Execution()] | None = None

    def run(self, inputs: Inputs) -> pa.Table:
        return inputs["documents"]


class Picky(FolderSource):
    """A folder of which a list names the papers."""

    wanted: Artefact


CONFIG = {"own": "a", "several": ["a", "b"], "named": {"x": "b"}, "inner": {"words": "b"}, "place": "there"}


def listed(folder: Path) -> Listed:
    return validated(Listed, CONFIG, "listed", folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one").mkdir()
    for name in ("a", "b"):
        (tmp_path / "one" / name).write_text(name)
    return tmp_path / "one"


def test_every_path_of_a_config_starts_at_it(folder: Path) -> None:
    step = listed(folder)
    found = (step.own, *step.several, step.named["x"], step.inner.words, step.place)
    assert found == tuple(folder / name for name in ("a", "a", "b", "b", "b", "there"))


def test_what_changes_no_output_counts_nowhere_in_a_config(folder: Path) -> None:
    def identity(workers: int, **words: str) -> dict[str, object]:
        inner = {"cache": f"cache{workers}", "workers": workers, **words}
        given = {
            "own": "a",
            "inner": inner,
            "more": [inner, {"words": "b"}],
            "others": {"x": inner},
            "other": f"o{workers}",
        }
        return validated(Listed, given, "listed", folder).identity()

    assert identity(1) == identity(2)
    assert {"words": None} == identity(1)["config"]["inner"] == identity(1)["config"]["more"][0]  # type: ignore[index]
    assert identity(1, words="a") != identity(1, words="b"), "all others do"


def test_an_identity_holds_contents_and_no_place(folder: Path) -> None:
    before = listed(folder).identity()
    assert str(folder) not in json.dumps(before) and "place" not in before["config"]
    moved = folder.rename(folder.parent / "two")
    assert listed(moved).identity() == before
    a, b = content_sha256(moved / "a"), content_sha256(moved / "b")
    keys = ("own", "several.0", "several.1", "named.x", "inner.words")
    assert dict(artefacts_of(before)) == {f"config.{k}": d for k, d in zip(keys, (a, a, b, b, b), strict=True)}


@pytest.mark.parametrize("name", ["a", "b"])
def test_another_content_is_another_identity(folder: Path, name: str) -> None:
    before = listed(folder).identity()
    (folder / name).write_text("else")
    assert listed(folder).identity() != before


def test_a_file_that_cannot_be_read_is_told_with_its_key(folder: Path) -> None:
    (folder / "b").unlink()
    with pytest.raises(ConfigError, match=r"several\.1: .*/one/b cannot be read: No such file"):
        listed(folder)
    with pytest.raises(ConfigError, match="gone cannot be read"):
        Listed(own=Path("gone")).identity()


def test_a_users_own_step_and_source_read_relative_to_the_config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    named = {"step": "tests.test_artefact.Listed", "own": "a"}
    config = parse_config({"name": "c", "sources": [{"name": "s", "path": "b"}], "steps": [named]}, Path("one"))
    step = make_step(config.steps[0])
    assert isinstance(step, Listed) and step.own == folder / "a"
    assert make_source(config.sources[0]).model_dump()["path"] == str(folder / "b")


def test_doctor_names_the_artefacts_of_steps_and_of_sources(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = {"name": "s", "step": "tests.test_artefact.Picky", "path": ".", "wanted": "a"}
    config = {"name": "c", "sources": [source], "steps": [{"step": "tests.test_artefact.Listed", "own": "b"}]}
    (folder / "c.yaml").write_text(json.dumps(config))
    assert main(["doctor", str(folder / "c.yaml")]) == 0
    shown = capsys.readouterr().out
    assert all(content_sha256(folder / name)[:16] in shown for name in ("a", "b"))


class Bare(BaseModel):
    where: Path | None = None


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("list: Path | None = None", "list"),
        ("list: tuple[Path, ...] = ()", "list"),
        ("list: Bare | None = None", "list.where"),
        ("list: dict[str, tuple[Bare, ...]] = Field(default={}, max_length=9)", "list.where"),
    ],
)
def test_a_bare_path_is_refused(field: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "from pathlib import Path\nfrom pydantic import Field\nfrom tests.test_artefact import Bare, Listed\n"
    (tmp_path / "lab_bare.py").write_text(f"{head}class Step(Listed):\n    {field}\n")
    monkeypatch.delitem(sys.modules, "lab_bare", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    steps = [{"step": "lab_bare.Step", "own": "lab_bare.py"}]
    config = parse_config({"name": "c", "sources": [{"name": "s", "path": "."}], "steps": steps}, tmp_path)
    with pytest.raises(ConfigError, match=f"'{named}' is a bare path"):
        make_step(config.steps[0])
