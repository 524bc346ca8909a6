"""Every key of a config is documented where it is checked, and what is printed of it is so."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from pipelines.cli import main
from pipelines.config import CorpusConfig, config_keys
from pipelines.config_keys import Key, keys_of


class Inner(BaseModel):
    """What lies inside.

    Args:
        low, high: bounds of both, told
            in two lines.
    """

    low: int = Field(default=2, ge=1, le=9)
    high: Annotated[float, Field(gt=0, lt=1)] | None = None


class Outer(Inner):
    """Holds others.

    Fields:
        word: a choice.
        items: a list of them.
    """

    word: Literal["a", "b"]
    items: tuple[Inner, ...] = ()


def test_keys_are_read_off_the_models() -> None:
    found = {key.path: key for key in keys_of(Outer)}
    assert list(found) == ["low", "high", "word", "items", "items[].low", "items[].high"]
    assert found["word"] == Key("word", "a | b", "", "a choice.", is_required=True)
    low = Key("low", "whole number from 1 to 9", "2", "bounds of both, told in two lines.", is_required=False)
    assert found["low"] == low
    assert found["high"].kind == "number above 0 to below 1"
    assert (found["items"].kind, found["items"].default) == ("list of sections", "[]")


def test_every_key_of_a_config_says_what_it_means() -> None:
    keys = list(config_keys())
    assert [key.path for key in keys if not key.doc] == []
    sections = {key.path.partition(".")[0].partition("[")[0] for key in keys}
    assert sections == set(CorpusConfig.model_fields)
    paths = {key.path for key in keys}
    assert {"sources[].licence", "withhold.benchmarks[].sources", "decide.rules[].any_of", "dedup.scope"} <= paths
    assert "sources[].source" not in paths, "its name is its key `name`"


def test_keys_of_an_engine_stand_once_with_their_kinds() -> None:
    found: dict[str, list[Key]] = {}
    for key in config_keys():
        found.setdefault(key.path, []).append(key)
    (kind,) = found["pairs.engine.kind"]
    assert (kind.kind, kind.is_required) == ("endpoint | gguf | ray_vllm | extractive", True)
    assert [key.doc.partition(")")[0] for key in found["pairs.engine.path"]] == ["(kind gguf"]
    assert [(key.default, key.doc.partition(")")[0]) for key in found["pairs.engine.max_in_flight"]] == [
        ("64", "(kind endpoint"),
        ("1", "(kind gguf"),
    ]
    assert found["pairs.engine.beside"][0].kind == "NAME: value"
    assert found["pairs.judge.engine"][0].doc.endswith("Its keys are those of pairs.engine.")
    assert not [path for path in found if path.startswith(("pairs.judge.engine.", "withhold.judge.engine."))]


def test_keys_are_printed_whole_or_below_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys"]) == 0
    printed = capsys.readouterr().out
    assert all(f"{key.path}: {key.kind}" in printed for key in config_keys())
    assert main(["keys", "decide.rules"]) == 0
    below = capsys.readouterr().out
    assert "decide.rules[].any_of" in below
    assert "extract" not in below
    assert main(["keys", "decide.rule"]) == 2
    assert "did you mean 'decide.rules'?" in " ".join(capsys.readouterr().err.split())
    assert main(["keys", "extract.remove_boilerplate"]) == 2
    assert "write `boilerplate: {artefact: FILE, use: remove}`" in " ".join(capsys.readouterr().err.split())
