"""Reading a config: doubled keys, and numbers that have bounds."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import curation
from curation.errors import ConfigError
from curation.release.rules import SignalRule
from pipelines.cli import main
from pipelines.config import load_config
from pipelines.strict_yaml import YamlError, read_yaml
from schemas import FAILURES, Reason

PLAIN = "name: x\nsources:\n- {name: d, path: d}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN + "decide: {}\nextract: {}\ndecide:\n  tiers: {}\n", "key 'decide' stands twice, in lines 4 and 6"),
        ("name: x\nsources:\n- name: d\n  path: d\n  path: e\n", "key 'path' stands twice, in lines 4 and 5"),
        ('name: x\n"name": y\n', "key 'name' stands twice, in lines 1 and 2"),
    ],
)
def test_a_key_that_stands_twice_is_told_with_its_lines(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        load_config(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.jsonl", "", "holds no source: nothing would be withheld"),
        ("l.jsonl", '{"arxiv_id": "2301.00001"}\nno JSON\n', "line 2: Expecting value at character 1"),
        ("l.jsonl", '{"id": "2301.00001"}\n', "line 1: unknown key id; the keys are paper_id"),
        ("l.txt", "2301.1\n", "line 1: '2301.1' is no arXiv id, DOI, bibcode, journal reference or title"),
        ("gone.txt", None, "No such file"),
    ],
)
def test_a_list_that_is_not_understood_is_told_before_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str | None, said: str
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.tex").write_text("Text.")
    (tmp_path / "c.yaml").write_text(PLAIN + f"withhold: {{benchmarks: [{{name: mine, sources: {name}}}]}}\n")
    if content is not None:
        (tmp_path / name).write_text(content)
    assert main(["run", str(tmp_path / "c.yaml"), "--dry-run", "--run", str(tmp_path / "run")]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "c.yaml: withhold.benchmarks.0" in error
    assert said in error
    assert name in error
    assert "benchmark 'mine'" in error or name == "gone.txt"
    assert "at least 1" not in error, "there is a benchmark"


def test_what_a_merge_brings_may_be_said_anew() -> None:
    found = read_yaml("a: &a {q: 1, r: 1}\nb: &b\n  <<: *a\n  q: 2\nc: {<<: *b, q: 3}\nd: [*a, *a]\n")
    assert (found["b"], found["c"]) == ({"q": 2, "r": 1}, {"q": 3, "r": 1})


@pytest.mark.parametrize("text", ["d: 2024-13-45", "[" * 5000, "a: [", "a: 1\n---\nb: 2", "a: \x01"])
def test_what_is_no_yaml_is_one_error(text: str) -> None:
    with pytest.raises(YamlError):
        read_yaml(text)


def models() -> Iterator[type[BaseModel]]:
    """Every pydantic model of curation and of the config: what a YAML may fill."""
    for module in pkgutil.walk_packages(curation.__path__, "curation."):
        if not module.name.startswith("curation.streaming"):  # has no step, and needs torch
            importlib.import_module(module.name)
    waiting = [BaseModel]
    while waiting:
        for model in waiting.pop().__subclasses__():
            waiting.append(model)
            if model.__module__.startswith(("curation.", "pipelines.config")):
                yield model


def is_number(annotation: object) -> bool:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    plain = {get_args(part)[0] if get_origin(part) is Annotated else part for part in parts} - {NoneType}
    return bool(plain) and plain <= {int, float}


def has_bounds(field: FieldInfo) -> bool:
    names = {name for m in field.metadata for name in ("ge", "gt", "le", "lt") if getattr(m, name, None) is not None}
    return bool(names & {"ge", "gt"}) and bool(names & {"le", "lt"})


def test_every_number_of_a_config_has_bounds_on_both_sides() -> None:
    found = {
        f"{model.__name__}.{name}": has_bounds(field)
        for model in models()
        if model is not SignalRule  # no config; thresholds of any column
        if not model.__module__.endswith(".oai.state")  # what a harvest writes down itself
        for name, field in model.model_fields.items()
        if is_number(field.annotation)
    }
    assert {"Extract.max_wall_s", "FolderSource.part_papers", "ParagraphCounts.partitions"} <= set(found)
    assert [name for name, bounded in found.items() if not bounded] == []


def test_reasons_to_try_again_are_those_of_failures() -> None:
    decided = {Reason.DUPLICATE, Reason.WITHDRAWN, Reason.LICENCE_UNKNOWN, Reason.RULE, Reason.BENCHMARK_OVERLAP}
    assert not decided & set(FAILURES)
    assert {Reason.TIMEOUT, Reason.UNREADABLE, Reason.SOURCE_CHANGED, Reason.EXTRACT_ERROR} <= set(FAILURES)
