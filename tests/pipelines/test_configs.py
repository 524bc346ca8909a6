"""The configs that are shipped are understood, and plan a run on tars of arXiv's layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pipelines
from curation.sources.select import Select
from pipelines.cli import main
from pipelines.config import CorpusConfig, load_config
from pipelines.corpus import pipeline
from pipelines.engine.chain import check_chain
from pipelines.named_steps import make_source
from tests.sources.tars import single, write_tar

CONFIGS = sorted((Path(pipelines.__file__).parent / "configs").glob("*.yaml"))
CC_BY, ARXIV = "http://creativecommons.org/licenses/by/4.0/", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
RECORDS = [
    {"id": "2301.00001", "categories": "astro-ph.CO", "license": CC_BY, "update_date": "2023-01-02"},
    {"id": "2301.00002", "categories": "hep-ph gr-qc", "license": ARXIV, "update_date": "2023-01-02"},
    {"id": "2301.00003", "categories": "cs.LG", "license": ARXIV, "update_date": "2023-01-02"},
    {"id": "2301.00004", "categories": "math.AG", "license": CC_BY, "update_date": "2025-01-02"},
]
TAKEN = {
    "arxiv-astro": ["2301.00001", "2301.00002"],
    "astromlab4": ["2301.00001", "2301.00002"],
    "common-pile-arxiv": ["2301.00001", "2301.00004"],
    "redpajama-arxiv": ["2301.00001", "2301.00002", "2301.00003"],
}


def selection(config: CorpusConfig) -> Select:
    select = make_source(config.sources[0]).select
    assert select is not None
    return select


def test_each_is_told_what_it_takes():
    assert [file.stem for file in CONFIGS] == sorted(TAKEN)


@pytest.mark.parametrize("file", CONFIGS, ids=[file.stem for file in CONFIGS])
def test_a_config_is_understood_and_plans_a_run_of_tars(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / file.name).write_text(file.read_text())
    papers = {f"2301/{record['id']}.gz": single(str(record["id"])) for record in RECORDS}
    write_tar(tmp_path / "data" / "arxiv" / "src" / "arXiv_src_2301_001.tar", papers)
    snapshot = tmp_path / "data" / "arxiv-metadata-oai-snapshot.json"
    snapshot.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    config = load_config(tmp_path / file.name)
    for source in config.sources[1:]:
        (tmp_path / "data" / source.name).mkdir()
        rows = json.dumps({"id": f"{source.name}-1", "text": "A text about stars and what they are made of."})
        (tmp_path / "data" / source.name / "rows.jsonl").write_text(rows + "\n")
    check_chain(pipeline(config))
    takes = selection(config).takes
    assert [record["id"] for record in RECORDS if takes(record)] == TAKEN[file.stem]
    assert main(["run", str(tmp_path / file.name), "--run", str(tmp_path / "run"), "--dry-run"]) == 0
    assert f"{len(TAKEN[file.stem])} of 4 members" in " ".join(capsys.readouterr().out.split())


def test_public_tiers_name_licences_that_let_texts_be_passed_on():
    for file in CONFIGS:
        tiers = load_config(file).decide.tiers
        if "public" in tiers:
            assert tiers["public"].licences, file
    assert set(load_config(next(f for f in CONFIGS if f.stem == "redpajama-arxiv")).decide.tiers) == {"research"}


def test_categories_and_years_of_the_astromlab_mix():
    takes = selection(load_config(next(file for file in CONFIGS if file.stem == "astromlab4"))).takes
    good = {"update_date": "2015-06-01", "categories": "astro-ph.CO"}
    for wanted in (
        {"categories": "hep-ph astro-ph.HE"}, {"categories": "astro-ph"}, {"categories": "gr-qc"},
        {"update_date": "2007-01-01"}, {"update_date": "2024-12-31"}, {"update_date": None, "categories": None},
    ):  # fmt: skip
        assert takes({**good, **wanted}), wanted
    for other in (
        {"categories": "q-bio.PE stat.AP"}, {"categories": "astro-phd"}, {"update_date": "2006-12-31"}, {"update_date": "2025-01-01"},
    ):  # fmt: skip
        assert not takes({**good, **other}), other
