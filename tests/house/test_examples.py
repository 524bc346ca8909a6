"""The examples of README and CONTRIBUTING are run as they stand there."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from curation.dedup.paragraphs import PARAGRAPH_COUNTS
from curation.withhold.sources import read_sources
from pipelines.config import CorpusConfig, load_config
from pipelines.corpus import pipeline
from pipelines.engine.chain import check_chain
from pipelines.named_steps import SourceConfig, make_source

ROOT = Path(__file__).parents[2]


def example(page: str, first: str) -> str:
    """The indented block of a page that begins with a line."""
    lines = (ROOT / page).read_text(encoding="utf-8").split("\n")
    block = []
    for line in lines[lines.index(f"    {first}") :]:
        if line and not line.startswith("    "):
            break
        block.append(line)
    return textwrap.dedent("\n".join(block)).strip() + "\n"


@pytest.fixture
def mylab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the examples of CONTRIBUTING as modules of `mylab`."""
    (tmp_path / "mylab").mkdir()
    (tmp_path / "mylab" / "filters.py").write_text(example("CONTRIBUTING.md", "from typing import ClassVar"))
    (tmp_path / "mylab" / "sources.py").write_text(example("CONTRIBUTING.md", "import csv"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "mylab"]:
        del sys.modules[name]


def test_the_config_of_the_readme_is_understood_and_names_every_section(mylab: Path) -> None:
    text = example("README.md", "name: my-corpus")
    (mylab / "corpus.yaml").write_text(text)
    (mylab / "works.txt").write_text("# those of mine\n2301.00001\n")
    works = [line for line in (ROOT / "README.md").read_text().split("\n") if line.startswith('    {"')]
    (mylab / "works.jsonl").write_text("\n".join(works))
    pq.write_table(PARAGRAPH_COUNTS.empty(), mylab / "notices.parquet")
    made = pipeline(load_config(mylab / "corpus.yaml"))
    check_chain(made)
    assert set(yaml.safe_load(text)) == set(CorpusConfig.model_fields)
    assert "title_length" in [stage.name for stage in made.stages]
    assert [work.called for work in read_sources(mylab / "works.jsonl")] == [
        "works.jsonl:1: doi:10.1146/annurev-astro-081811-125615",
        "works.jsonl:2: The Chemical Enrichment of Small Galaxies in the Local Group",
    ]


def test_the_default_that_the_readme_names_is_the_default(mylab: Path) -> None:
    said = yaml.safe_load(example("README.md", "name: my-corpus"))["withhold"]["benchmarks"][0]
    [default] = CorpusConfig(name="x", sources=(SourceConfig(name="s"),)).withhold.benchmarks
    assert default.model_dump(exclude_unset=True) == said


def test_the_source_of_contributing_lists_and_opens(mylab: Path) -> None:
    (mylab / "papers.csv").write_text("name,licence,text\nfirst,CC0-1.0,Some words.\n")
    given = {"name": "mine", "step": "mylab.sources.Csv", "path": str(mylab / "papers.csv")}
    source = make_source(SourceConfig.model_validate(given))
    [entry] = source.entries()
    assert entry.member == "table.csv#first"
    content = source.open(vars(entry))
    assert (content.data, content.record) == (b"Some words.", {"license": "CC0-1.0"})
