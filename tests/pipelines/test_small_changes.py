"""What a small change makes anew: the parts that hold what it touches, and no others."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from tests.dedup.test_near import text_of

IDS = [f"2301.{i:05d}" for i in range(1, 13)]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., dict[str, set[str]]]:
    """Runs over a folder of texts, four a part; tells which main files of each stage are new."""
    folder = tmp_path / "docs"
    folder.mkdir()
    seen: set[str] = set()

    def go(texts: dict[str, str], listed: list[str]) -> dict[str, set[str]]:
        for name, text in texts.items():
            if not (folder / f"{name}.txt").exists():
                (folder / f"{name}.txt").write_text(text)
        (tmp_path / "list.txt").write_text("\n".join(listed))
        value: dict[str, Any] = {
            "name": "c",
            "sources": [{"name": "s", "path": "docs", "part_papers": 4}],
            "withhold": {"benchmarks": [{"name": "b", "sources": "list.txt"}]},
            "dedup": {"partitions": 2},
            "decide": {"quality": {"min_language_score": 2.0, "min_stop_words": 0, "max_top_ngram_fraction": 1.0}},
        }
        launch(pipeline(parse_config(value, tmp_path)), tmp_path / "run", Options(executor="inline"))
        made = (f for kind in ("parquet", "arrow") for f in (tmp_path / "run").rglob(f"part-*.{kind}"))
        files = {str(f.relative_to(tmp_path / "run")) for f in made}
        new = files - seen
        seen.update(files)
        found: dict[str, set[str]] = {}
        for file in new:
            folder_name, _, name = file.partition("/")
            if "/" not in name:  # not those that lie beside it
                found.setdefault(folder_name.rpartition("-")[0], set()).add(name)
        return found

    return go


def texts_of(seed: int, names: list[str]) -> dict[str, str]:
    """Texts, each two of them near copies."""
    rng = random.Random(seed)
    texts: dict[str, str] = {}
    for first, second in zip(names[::2], names[1::2], strict=True):
        words = text_of(rng, 400)
        texts[first], texts[second] = " ".join(words), " ".join(words[:-20] + text_of(rng, 20))
    return texts


def test_one_more_id_of_a_list_makes_anew_the_part_that_holds_it(run: Callable[..., dict[str, set[str]]]) -> None:
    texts = texts_of(1, IDS)
    assert len(run(texts, [IDS[0]])["list_hits"]) >= 3
    new = run(texts, [IDS[0], IDS[5]])
    assert not {"papers", "documents", "signals", "sketches", "near_edges", "withhold_names"} & set(new)
    for stage in ("list_hits", "document_findings", "decisions"):
        assert len(new[stage]) == 1, stage
    assert run(texts, [IDS[0], IDS[5]]) == {}


def test_unrelated_papers_make_no_split_anew(run: Callable[..., dict[str, set[str]]]) -> None:
    texts = texts_of(2, IDS)
    run(texts, [IDS[0]])
    more = [f"2302.{i:05d}" for i in range(1, 5)]
    new = run({**texts, **texts_of(3, more)}, [IDS[0]])
    for stage in ("split-near_edges", "split-exact_edges", "split-candidates", "split-identity_edges", "list_hits"):
        assert len(new[stage]) == 1, stage
    for stage in ("documents", "sketches", "document_findings", "decisions"):
        assert len(new[stage]) == 1, stage
