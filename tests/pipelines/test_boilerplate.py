"""Boilerplate: learned by one run, pinned as a file, cut out by another; nothing else is."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import polars as pl
import pytest

from curation.errors import ConfigError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch

NOTICE = "This work made use of data from the survey and its funding was provided by the agencies of many countries."
WORDS = [
    "the",
    "star",
    "of",
    "a",
    "galaxy",
    "and",
    "its",
    "dust",
    "have",
    "to",
    "be",
    "seen",
    "in",
    "that",
    "disc",
    "with",
    "gas",
    "while",
    "we",
    "measure",
    "light",
    "from",
    "halo",
]


def test_a_notice_of_many_papers_is_learned_pinned_and_cut(write_docs, tmp_path):
    rng = random.Random(3)
    own = {
        f"arXiv:2301.{i:05d}": [" ".join(rng.choices(WORDS, k=60)).capitalize() + "." for _ in range(3)]
        for i in range(1, 31)
    }
    folder = write_docs({d: "\n\n".join([p[0], NOTICE, *p[1:]]) for d, p in own.items()})
    value = {"name": "notices", "sources": [{"name": "docs", "path": str(folder)}]}
    learn = {**value, "steps": [{"step": "curation.dedup.paragraphs.ParagraphCounts", "partitions": 1}]}
    launch(pipeline(parse_config(learn, tmp_path)), tmp_path / "learn", Options(executor="inline"))
    (artefact,) = (tmp_path / "learn").glob("paragraph_counts-*/part-00000.parquet")
    assert pl.read_parquet(artefact)["n_docs"].to_list() == [30]
    shutil.copy(artefact, tmp_path / "notices.parquet")
    clean = {**value, "extract": {"remove_boilerplate": "notices.parquet"}}
    report = launch(pipeline(parse_config(clean, tmp_path)), tmp_path / "clean", Options(executor="inline")).report
    files = str(Path(tmp_path / "clean" / report["release"] / "research" / "*.parquet"))
    rows = pl.read_parquet(files)
    assert dict(zip(rows["paper_id"], rows["text"], strict=True)) == {d: "\n\n".join(p) for d, p in own.items()}


def test_documents_are_compared_without_the_notice(write_docs, tmp_path):
    rng = random.Random(4)
    notice = " ".join(rng.choices(WORDS, k=200))
    texts = {f"n{i:02d}": f"{notice}\n\n{' '.join(rng.choices(WORDS, k=20))}" for i in range(25)}
    folder = write_docs(texts)
    value = {"name": "short", "sources": [{"name": "docs", "path": str(folder)}]}
    learn = {**value, "steps": [{"step": "curation.dedup.paragraphs.ParagraphCounts", "partitions": 1}]}

    def duplicates(config: dict, run: str) -> int:
        launch(pipeline(parse_config(config, tmp_path)), tmp_path / run, Options(executor="inline"))
        return pl.read_parquet(*(tmp_path / run).glob("duplicates-*/part-00000.parquet")).height

    loose = {"max_removed_share": 1.0}
    assert duplicates({**learn, "dedup": loose}, "learn") == 25
    shutil.copy(*(tmp_path / "learn").glob("paragraph_counts-*/part-00000.parquet"), tmp_path / "notice.parquet")
    strict = {**loose, "shingling": {"strip_boilerplate": "notice.parquet"}}
    assert duplicates({**value, "dedup": strict}, "strict") == 0
    docs, result = next(folder.glob("*.jsonl")), tmp_path / "r.parquet"
    options = ["dedup", str(docs), "--out", str(result), "--max-removed-share", "1"]
    assert main(options) == 0 and pl.read_parquet(result)["keep"].sum() == 1
    assert main([*options, "--strip-boilerplate", str(tmp_path / "notice.parquet")]) == 0
    assert pl.read_parquet(result)["keep"].all()


@pytest.mark.parametrize(
    ("section", "key"),
    [("extract", "remove_boilerplate"), ("dedup", "boilerplate"), ("dedup", "shingling.strip_boilerplate")],
)
def test_an_artefact_that_is_missing_or_another_table_is_told_before_the_run(tmp_path, section, key):
    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "rows.parquet")
    for name, why in (("missing", "cannot be read"), ("rows.parquet", "is no table of paragraph counts")):
        outer, _, inner = key.partition(".")
        value = {
            "name": "c",
            "sources": [{"name": "s", "path": "."}],
            section: {outer: {inner: name} if inner else name},
        }
        with pytest.raises(ConfigError, match=rf"{section}\.{key}: .*{name} {why}"):
            parse_config(value, tmp_path)
