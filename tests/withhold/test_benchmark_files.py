"""The benchmarks that a command is given: configs of a corpus, sections of one, single benchmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.errors import ConfigError, UserError
from pipelines.benchmarks import read_withhold

BODIES = {
    "corpus.yaml": "name: c\nsources: [{name: a, path: .}]\n",
    "own.yaml": "name: c\nsources: [{name: a, path: .}]\nwithhold: {benchmarks: [{name: own, sources: works.txt}]}\n",
    "section.yaml": "benchmarks: [{name: first, rule: araa}, {name: second, sources: works.txt}]\nrephrased: {documents: true}\n",
    "single.yaml": "name: single\nsources: works.txt\n",
    "other.yaml": "benchmarks: [{name: third, rule: araa}]\nrephrased: {max_words: 7}\n",
    "empty.yaml": "name: empty\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "works.txt").write_text("2105.00001\n")
    for name, body in BODIES.items():
        (tmp_path / name).write_text(body)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["corpus.yaml"], ["AstroMLab-1"]),
        (["own.yaml"], ["own"]),
        (["section.yaml"], ["first", "second"]),
        (["single.yaml", "corpus.yaml", "section.yaml"], ["single", "AstroMLab-1", "first", "second"]),
    ],
)
def test_every_form_names_its_benchmarks(folder: Path, files: list[str], names: list[str]) -> None:
    found = read_withhold([folder / file for file in files])
    assert [benchmark.name for benchmark in found.benchmarks] == names
    assert found.rephrased.documents is ("section.yaml" in files), "one file says how to look"
    assert all(b.sources is None or b.sources == folder / "works.txt" for b in found.benchmarks)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["single.yaml", "single.yaml"], "two benchmarks are named single"),
        (["section.yaml", "other.yaml"], "say otherwise how benchmarks are looked for"),
        (["empty.yaml"], "give `rule: araa`"),
        (["works.txt"], "works.txt holds data; name it in a config: .*`sources:`"),
        (["."], "is a folder; name the config in it"),
    ],
)
def test_what_is_none_is_told(folder: Path, files: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_withhold([folder / file for file in files])
    with pytest.raises(UserError, match="does not exist"):
        read_withhold([folder / "absent.yaml"])
