"""Deduplication in a run: the copies that stay and their components are the same for any parts, workers, executor, order and hash seed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tests.dedup.test_near import corpus

Docs = Callable[..., Path]


def run(tmp_path: Path, docs: Path, name: str, *options: str, part_papers: int = 1000, seed: str = "0") -> Path:
    config = tmp_path / f"{name}.yaml"
    source = {"name": "docs", "path": str(docs), "part_papers": part_papers}
    quality = {"min_stop_words": 0, "min_language_score": 2.0, "max_top_ngram_fraction": 1.0}
    value = {"name": "near", "sources": [source], "decide": {"quality": quality}}
    config.write_text(yaml.safe_dump(value))
    folder = tmp_path / name
    code = "import sys; from pipelines.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "run", str(config), "--run", str(folder), *options]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def table(run: Path, name: str) -> pa.Table:
    """A table of a run, sorted by doc_id."""
    (folder,) = run.glob(f"{name}-*" if name != "components" else f"copies-*/{name}")
    tables = [pq.read_table(p) for p in sorted(folder.glob("part-*.parquet"))]
    return pa.concat_tables(tables).sort_by("doc_id")


def duplicates(run: Path) -> bytes:
    files = [*run.glob("copies-*/part-00000.parquet"), *run.glob("copies-*/components/part-00000.parquet")]
    assert len(files) == 2
    return b"".join(file.read_bytes() for file in files)


@pytest.fixture
def texts() -> dict[str, str]:
    return {f"2301.{i:05d}": str(r["text"]) for i, r in enumerate(corpus(seed=12, works=20))}


def test_parts_workers_order_and_hash_seed_do_not_matter(
    tmp_path: Path, write_docs: Docs, texts: dict[str, str]
) -> None:
    docs = write_docs(texts)
    first = run(tmp_path, docs, "inline", "--executor", "inline")
    reference = duplicates(first)
    assert table(first, "copies").num_rows > 20
    mates = table(first, "near_edges")
    assert mates.num_rows and min(mates["jaccard"].to_pylist()) >= 0.7
    items = random.Random(2).sample(sorted(texts.items()), len(texts))
    shuffled = write_docs(dict(items), folder="shuffled")
    for size, workers, seed in ((-(-len(texts) // 2), 1, "1"), (-(-len(texts) // 7), 2, "2")):
        options = ("--executor", "local", "--workers", str(workers))
        other = run(tmp_path, shuffled, f"parts-{size}", *options, part_papers=size, seed=seed)
        assert table(other, "components").equals(table(first, "components"))
        assert duplicates(other) == reference


@pytest.mark.slow
def test_ray_gives_the_same_table(tmp_path: Path, write_docs: Docs, texts: dict[str, str]) -> None:
    docs = write_docs(texts)
    assert duplicates(run(tmp_path, docs, "ray", "--executor", "ray", part_papers=9)) == duplicates(
        run(tmp_path, docs, "inline", "--executor", "inline")
    )
