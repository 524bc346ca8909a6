"""What is wrong with a config is said with its key, what stands there and what to write; nothing is said that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.errors import ConfigError, NoPapersError
from pipelines.config import load_config, parse_config
from pipelines.config_errors import of_config
from pipelines.corpus import pipeline
from pipelines.engine.chain import check_chain
from pipelines.strict_yaml import YamlError, read_yaml

SOURCES = [{"name": "d", "path": "d"}]


def said(folder: Path, **sections: Any) -> str:
    """The error of a config with these sections, as `run` tells it, before anything is read."""
    with pytest.raises(ConfigError) as error, of_config("c.yaml"):
        check_chain(pipeline(parse_config({"name": "x", "sources": SOURCES} | sections, folder)))
    text = str(error.value)
    for word in ("Tuple", "validation", "instance", "Field required", "Input should", "pattern"):
        assert word not in text, "words of the library that checks"
    return text


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"sources": []}, "sources: is empty (where papers lie, one item a source: `- {name: arxiv, path: /data/papers}`); write"),
        ({"sources": {"a": 1}}, "{'a': 1} is no list; write each item behind `- `"),
        ({"sources": [{"path": "d"}]}, "sources.0.name is missing (part of every doc_id"),
        ({"sources": [{"name": "d"}]}, "c.yaml: source 'd': path is missing (the folder, or a single file"),
        ({"sources": [{"name": "d", "path": "d", "licence": "CCBY"}]}, "c.yaml: source 'd': licence: 'CCBY' is no licence"),
        ({"sources": [{"name": "d", "path": "d", "select": {"categores": ["a"]}}]}, "allowed here: categories, from, licences, to;"),
        ({"withhold": {"benchmarks": []}}, "withhold.benchmarks: is empty"),
        ({"withhold": {"benchmark": []}}, "unknown key 'withhold.benchmark'; allowed here: benchmarks, judge, rephrased; did you mean 'benchmarks'?"),
        ({"withhold": {}}, "withhold.benchmarks is missing"),
        ({"decide": {"tiers": {}}}, "decide.tiers: is empty"),
        ({"decide": {"tiers": {"public": {"licences": "CC0-1.0"}}}}, "'CC0-1.0' is no list; write `licences: [CC0-1.0]`"),
        ({"decide": {"tiers": {"a": {"licences": ["CC-BY"]}}}}, "decide.tiers.a.licences.0: 'CC-BY' is no licence as papers name it"),
        ({"pairs": {"engine": "gguf"}}, "pairs.engine: 'gguf' names no kind; write `engine: {kind: ...}` (there are: endpoint, gguf,"),
        ({"pairs": {"engine": None}}, "pairs.engine: None names no kind; write `engine: {kind: ...}`"),
        ({"pairs": {"engine": {"model": "m"}}}, "names no kind; write `engine: {kind: ...}` (there are: endpoint, gguf,"),
        ({"pairs": {"engine": {"kind": "gguf", "stream": True}}}, "unknown key 'pairs.engine.stream'; allowed here: connect_timeout_s, context_tokens, kind,"),
        ({"pairs": {"engine": {"kind": "ray_vllm", "model": "m"}}}, "pairs.engine.licence is missing (Of the model, as SPDX or the Hub write it)"),
        ({"pairs": {"judge": {"engine": {"kind": "gguf", "threads": 0}}}}, "pairs.judge.engine.threads: 0 is not a whole number from 1 to 1,024"),
        ({"pairs": {"engine": {"kind": "ggf"}}}, "pairs.engine: there is no kind 'ggf'; did you mean 'gguf'? (there are: endpoint,"),
        ({"extract": 3}, "extract: 3 is no section; write keys below it (allowed here: cite_style"),
        ({"extract": None}, "extract: nothing stands below it; remove the key"),
        ({"extract": {"ocr": "foo"}}, "extract.ocr: 'foo' is not 'rapidocr', 'tesseract' or 'none'"),
        ({"dedup": {"scope": 3}}, "dedup.scope: 3 is no section; write `NAME: VALUE` below it"),
        ({"dedup": {"containment": "maybe"}}, "dedup.containment: 'maybe' is neither true nor false"),
        ({"name": "x/y"}, "name: 'x/y' cannot name a folder; write letters"),
        ({"name": 3}, "name: 3 is no text; put it in quotes"),
        ({"steps": [{"step": "curation.quality.signals.Signals", "foo": 3}]}, "unknown key 'foo'; no key is allowed here"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_what_to_write(tmp_path: Path, sections: dict[str, Any], told: str) -> None:
    text = said(tmp_path, **sections)
    assert text.startswith("c.yaml: ")
    assert told in text


@pytest.mark.parametrize(
    "benchmark",
    [{"name": "b", "file": "q"}, {"name": "b", "rule": "arxa"}, {"name": "b"}, {"name": "b", "sources": "q.txt"}],
)
def test_an_error_brings_no_other_one_that_is_not_so(tmp_path: Path, benchmark: dict[str, str]) -> None:
    text = said(tmp_path, withhold={"benchmarks": [benchmark]})
    assert "benchmarks.0" in text
    assert "is empty" not in text
    assert ";" not in text.partition("; allowed here")[0].partition("; did you")[0].replace("cannot be read", "")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"table": "signal", "column": "n_words"}, "rule 'r': there is no table 'signal'; did you mean 'signals'?"),
        ({"table": "signals", "column": "n_wrds"}, "table signals has no column 'n_wrds'; did you mean 'n_words'?"),
        ({"column": "n_words"}, "decide.rules.0.table is missing (what to look at"),
    ],
)
def test_a_rule_of_no_column_is_told_by_its_name(tmp_path: Path, rule: dict[str, str], told: str) -> None:
    assert told in said(tmp_path, decide={"rules": [{"name": "r", "min": 1, **rule}]})


def test_a_place_that_is_not_there_is_told_with_source_and_config() -> None:
    with pytest.raises(NoPapersError, match=r"^c.yaml: source 'd': gone$"), of_config("c.yaml"):
        raise NoPapersError("source 'd': gone")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: x\nsources:\n- {name: d\n  path: d\n", "line 4, column 7: expected ',' or '}', but got ':' "
         "(while parsing a flow mapping, which begins in line 3)"),
        ("name: x: y\n", "line 1, column 8: mapping values are not allowed here; mend the indent, or put"),
        ("a:\n\tb: c\n", "line 2, column 1: found character '\\t' that cannot start any token; indent with spaces"),
        ("a: 1\n- b\n", "line 2, column 1: expected the end of this list or mapping, but found '-'"),
        ("a: *b\n", "line 1, column 4: found undefined alias 'b'"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(YamlError) as error:
        read_yaml(text)
    assert told in str(error.value)
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"c\.yaml cannot be read: line \d"):
        load_config(tmp_path / "c.yaml")
